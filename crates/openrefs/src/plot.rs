//! How the ratings of an index are spread, as an SVG picture: a bar for each rating from 0 to 100, as high as the logarithm of
//! the number of domains that have it.
//!
//! Invariants: well-formed as a file and inside a page; every text is escaped; no style and no script, which the pages
//! would not allow: colours are attributes, and a page's style sheet may replace them.

use std::fmt::Write;

use quick_xml::escape::escape;

use crate::value::grouped;

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 320.0;
/// Edges of the field with the bars.
const LEFT: f64 = 80.0;
const RIGHT: f64 = 744.0;
const TOP: f64 = 36.0;
const BOTTOM: f64 = 264.0;
/// A bar and the gap after it.
const STEP: f64 = (RIGHT - LEFT) / 101.0;
const GAP: f64 = 1.0;
/// The logarithm at the bottom: a single domain is still a bar.
const LOWEST: f64 = -0.4;
/// A longer name is cut; the picture's title has all of it.
const NAME_CHARS_MAX: usize = 48;

/// A domain to be marked.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// Its name.
    pub domain: &'a str,
    /// Where it stands, 0 to 100.
    pub rating: u8,
}

/// The picture.
pub fn distribution(counts: &[u64; 101], place: Option<Place<'_>>) -> String {
    let mut svg = String::new();
    // Writing to a string does not fail.
    let _ = write(&mut svg, counts, place);
    svg
}

fn write(svg: &mut String, counts: &[u64; 101], place: Option<Place<'_>>) -> std::fmt::Result {
    let domains = grouped(counts.iter().sum());
    write!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"plot\" width=\"{WIDTH}\" height=\"{HEIGHT}\" \
         viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"system-ui, sans-serif\" font-size=\"12\" fill=\"#596273\" \
         role=\"img\"><title>Ratings of {domains} domains"
    )?;
    if let Some(Place { domain, rating }) = place {
        write!(svg, "; {} has {rating}", escape(domain))?;
    }
    svg.push_str("</title>");
    let scale = Scale::of(counts);
    scale.axis(svg)?;
    for (rating, &count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
        let marked = place.is_some_and(|place| usize::from(place.rating) == rating);
        scale.bar(svg, rating, count, marked)?;
    }
    ratings_axis(svg)?;
    if let Some(place) = place {
        mark(svg, place)?;
    }
    svg.push_str("</svg>");
    Ok(())
}

/// The logarithmic axis.
struct Scale {
    /// The power of ten at the top.
    decades: i32,
}

impl Scale {
    fn of(counts: &[u64; 101]) -> Self {
        let most = counts.iter().copied().max().unwrap_or(0).max(1);
        let decades = (most - 1).checked_ilog10().map_or(1, |digits| digits + 1);
        Self {
            decades: i32::try_from(decades).unwrap_or(i32::MAX),
        }
    }

    fn y(&self, count: f64) -> f64 {
        let part = (count.log10() - LOWEST) / (f64::from(self.decades) - LOWEST);
        BOTTOM - part * (BOTTOM - TOP)
    }

    fn axis(&self, svg: &mut String) -> std::fmt::Result {
        let middle = f64::midpoint(TOP, BOTTOM);
        write!(
            svg,
            "<text x=\"14\" y=\"{middle}\" text-anchor=\"middle\" transform=\"rotate(-90 14 {middle})\">Domains (logarithmic)</text>"
        )?;
        for decade in 0..=self.decades {
            let y = self.y(10_f64.powi(decade));
            let label = grouped(10_u64.pow(decade.unsigned_abs()));
            write!(
                svg,
                "<line class=\"rule\" x1=\"{LEFT}\" x2=\"{RIGHT}\" y1=\"{y:.1}\" y2=\"{y:.1}\" stroke=\"#dfe3e9\"/>\
                 <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>",
                LEFT - 8.0,
                y + 4.0
            )?;
        }
        Ok(())
    }

    fn bar(&self, svg: &mut String, rating: usize, count: u64, marked: bool) -> std::fmt::Result {
        let y = self.y(count as f64);
        let (class, colour) = if marked {
            ("bar marked", "#a3180f")
        } else {
            ("bar", "#0b57c4")
        };
        let domains = if count == 1 { "domain" } else { "domains" };
        write!(
            svg,
            "<rect class=\"{class}\" x=\"{:.2}\" y=\"{y:.1}\" width=\"{:.2}\" height=\"{:.1}\" fill=\"{colour}\">\
             <title>rating {rating}: {} {domains}</title></rect>",
            LEFT + STEP * rating as f64 + GAP / 2.0,
            STEP - GAP,
            BOTTOM - y,
            grouped(count)
        )
    }
}

/// The middle of a bar.
fn x(rating: f64) -> f64 {
    LEFT + STEP * (rating + 0.5)
}

fn ratings_axis(svg: &mut String) -> std::fmt::Result {
    write!(
        svg,
        "<line x1=\"{LEFT}\" x2=\"{RIGHT}\" y1=\"{BOTTOM}\" y2=\"{BOTTOM}\" stroke=\"#596273\"/>\
         <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">Domain rating</text>",
        f64::midpoint(LEFT, RIGHT),
        BOTTOM + 40.0
    )?;
    for rating in (0..=100).step_by(10) {
        let x = x(f64::from(rating));
        write!(
            svg,
            "<text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{rating}</text>",
            BOTTOM + 18.0
        )?;
    }
    Ok(())
}

/// A line at the place of a domain, its name above.
fn mark(svg: &mut String, place: Place<'_>) -> std::fmt::Result {
    let x = x(place.rating.into());
    let anchor = match place.rating {
        0..30 => "start",
        30..70 => "middle",
        70.. => "end",
    };
    let mut name: String = place.domain.chars().take(NAME_CHARS_MAX).collect();
    if name.len() < place.domain.len() {
        name.push('…');
    }
    write!(
        svg,
        "<line class=\"mark\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{:.1}\" y2=\"{BOTTOM}\" stroke=\"#a3180f\" stroke-dasharray=\"3 3\"/>\
         <text class=\"mark\" x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\" font-weight=\"600\" fill=\"#a3180f\">{}: {}</text>",
        TOP - 8.0,
        TOP - 14.0,
        escape(&name),
        place.rating
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts() -> [u64; 101] {
        let mut counts = [0; 101];
        counts[0] = 1_234_567;
        counts[41] = 10;
        counts[100] = 1;
        counts
    }

    #[test]
    fn a_bar_for_each_rating_that_somebody_has() {
        let svg = distribution(&counts(), None);
        let document = roxmltree::Document::parse(&svg).unwrap();
        let heights: Vec<f64> = document
            .descendants()
            .filter(|node| node.has_tag_name("rect"))
            .map(|bar| bar.attribute("height").unwrap().parse().unwrap())
            .collect();
        assert_eq!(heights.len(), 3);
        assert!(heights[0] > heights[1] && heights[1] > heights[2] && heights[2] > 5.0);
        assert!(heights[0] < BOTTOM - TOP);
        let texts: Vec<&str> = document.descendants().filter_map(|node| node.text()).collect();
        for text in [
            "Ratings of 1,234,578 domains",
            "rating 0: 1,234,567 domains",
            "rating 100: 1 domain",
            "1",
            "10,000,000",
            "Domain rating",
            "50",
        ] {
            assert!(texts.contains(&text), "{text} in {texts:?}");
        }
    }

    #[test]
    fn a_domain_is_marked_and_no_name_is_markup() {
        for (rating, anchor) in [(0, "start"), (41, "middle"), (100, "end")] {
            let domain = format!("<i>&\"'{}.com", "x".repeat(100));
            let place = Place {
                domain: &domain,
                rating,
            };
            let svg = distribution(&counts(), Some(place));
            let document = roxmltree::Document::parse(&svg).unwrap();
            assert!(!document.descendants().any(|node| node.has_tag_name("i")));
            let label = document
                .descendants()
                .find(|node| node.has_tag_name("text") && node.attribute("class") == Some("mark"))
                .unwrap();
            assert_eq!(label.attribute("text-anchor"), Some(anchor));
            assert!(label.text().unwrap().starts_with("<i>&\"'xxx"));
            assert_eq!(svg.matches("bar marked").count(), 1);
        }
    }

    #[test]
    fn an_index_without_domains_has_axes() {
        let svg = distribution(&[0; 101], None);
        assert!(roxmltree::Document::parse(&svg).is_ok());
        assert!(!svg.contains("<rect") && svg.contains(">10</text>"));
    }
}
