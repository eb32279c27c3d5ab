//! What became of the links of one visit, counted without names; names are given once per visit.

use openrefs_model::Dropped;

use crate::report::Report;

/// Reasons to drop a link, in the order of their counts here.
const REASONS: [(Dropped, &str, &str); 7] = [
    (
        Dropped::Unparsable,
        "link: dropped: unparsable",
        "skipped: url: unparsable",
    ),
    (Dropped::Scheme, "link: dropped: scheme", "skipped: url: scheme"),
    (
        Dropped::HostEmptyLabel,
        "link: dropped: host_empty_label",
        "skipped: url: host_empty_label",
    ),
    (
        Dropped::HostWithoutDot,
        "link: dropped: host_without_dot",
        "skipped: url: host_without_dot",
    ),
    (
        Dropped::HostBareSuffix,
        "link: dropped: host_bare_suffix",
        "skipped: url: host_bare_suffix",
    ),
    (
        Dropped::HostUnknownTld,
        "link: dropped: host_unknown_tld",
        "skipped: url: host_unknown_tld",
    ),
    (
        Dropped::TooLong,
        "link: dropped: too_long",
        "skipped: url: too_long",
    ),
];

/// Counts of one visit. A page has at most 32 Mi bytes, so 32 bits hold them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Links to other registrable domains, each occurrence.
    pub external: u32,
    /// Links within the registrable domain, each occurrence.
    pub internal: u32,
    /// External links that were not kept, because the visit had its full number.
    pub beyond_limit: u32,
    dropped: [u32; REASONS.len()],
}

impl Tally {
    /// Counts a dropped link.
    pub fn dropped(&mut self, reason: Dropped) {
        if let Some(at) = REASONS.iter().position(|&(known, ..)| known == reason) {
            self.dropped[at] += 1;
        }
    }

    /// Adds these counts to a report.
    pub fn report(&self, report: &mut Report) {
        report.add("link: external", self.external.into());
        report.add("link: internal", self.internal.into());
        report.add("link: beyond the limit", self.beyond_limit.into());
        for ((_, name, _), count) in REASONS.iter().zip(self.dropped) {
            report.add(name, count.into());
        }
    }
}

/// The name under which a visit is counted that is skipped because of its own URL.
pub fn skipped_url(reason: Dropped) -> &'static str {
    REASONS
        .iter()
        .find(|&&(known, ..)| known == reason)
        .map_or("skipped: url", |&(_, _, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_reasons() {
        for (reason, link, visit) in REASONS {
            assert_eq!(link, format!("link: dropped: {}", reason.name()));
            assert_eq!(visit, format!("skipped: url: {}", reason.name()));
            assert_eq!(skipped_url(reason), visit);
            let mut tally = Tally::default();
            tally.dropped(reason);
            let mut report = Report::default();
            tally.report(&mut report);
            assert_eq!(report.iter().collect::<Vec<_>>(), [(link, 1)]);
        }
    }
}
