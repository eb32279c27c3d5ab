//! A target and a mode give an error of one line or a scope that holds the target's own key, and of any other URL just
//! what the mode says in words. Hosts with a `,` in a label are the known exception.

#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use openrefs_fuzz::{canonicaliser, list};
use openrefs_model::scope::parse_target;
use openrefs_model::{Mode, Scope, Url, key};

#[derive(Arbitrary, Debug)]
struct Case<'a> {
    target: &'a str,
    other: &'a str,
    relative: bool,
}

fuzz_target!(|case: Case<'_>| {
    let target = match parse_target(case.target) {
        Ok(url) => url,
        Err(error) => return assert!(!error.to_string().contains('\n')),
    };
    let other = if case.relative {
        target.join(case.other).ok()
    } else {
        parse_target(case.other).ok()
    };
    let below = parse_target(&format!("{}{}", case.other, case.target)).ok();
    for mode in Mode::ALL {
        match Scope::new(list(), case.target, mode) {
            Err(error) => {
                assert!(!error.to_string().contains('\n'));
                assert!(canonicaliser().canonical(&target).is_err());
            }
            Ok(scope) => {
                assert!(scope.holds(&scope.key) && scope.key.is_ascii());
                assert!(scope.ranges.iter().all(|range| range.start < range.end));
                assert!(scope.ranges.windows(2).all(|w| w[0].end <= w[1].start));
                for other in [Some(&target), other.as_ref(), below.as_ref()]
                    .into_iter()
                    .flatten()
                {
                    holds_as_told(&scope, &target, other);
                }
            }
        }
    }
});

fn holds_as_told(scope: &Scope, target: &Url, other: &Url) {
    let Ok(canonical) = canonicaliser().canonical(other) else {
        return;
    };
    let (host, other_host) = (host(target), host(other));
    if host.contains(',') || other_host.contains(',') {
        return;
    }
    let same_host = host == other_host && port(target) == port(other);
    let below = other_host.ends_with(&format!(".{host}")) && !key::is_ip_literal(&host);
    let path = key::split(&scope.key).1;
    let other_path = key::split(&canonical.key).1;
    let told = match scope.mode {
        Mode::Exact => same_host && path == other_path,
        Mode::Domain => same_host,
        Mode::Subdomains => same_host || below && port(target) == port(other),
        Mode::Prefix => same_host && other_path.starts_with(path),
    };
    assert_eq!(scope.holds(&canonical.key), told, "{scope:?} {canonical:?}");
}

fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    host.strip_suffix('.').unwrap_or(host).to_owned()
}

fn port(url: &Url) -> Option<u16> {
    url.port()
}
