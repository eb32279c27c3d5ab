//! Anchor texts in their one form: runs of Unicode white space are one space, none at the ends, at most
//! [`ANCHOR_CHARS_MAX`] code points.

use openrefs_model::limits::ANCHOR_CHARS_MAX;

/// The anchor of an `a`: its text, or the alternative texts of its images if it has no text at all.
pub fn of(text: &str, image_alt: &str) -> Box<str> {
    let anchor = normal(text);
    if anchor.is_empty() {
        normal(image_alt).into()
    } else {
        anchor.into()
    }
}

fn normal(text: &str) -> String {
    let mut anchor = String::with_capacity(text.len().min(ANCHOR_CHARS_MAX));
    let mut room = ANCHOR_CHARS_MAX;
    for word in text.split_whitespace() {
        if !anchor.is_empty() {
            // A space is only kept if a character follows it: the cut text is trimmed again.
            if room < 2 {
                break;
            }
            anchor.push(' ');
            room -= 1;
        }
        for c in word.chars().take(room) {
            anchor.push(c);
            room -= 1;
        }
        if room == 0 {
            break;
        }
    }
    anchor
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn white_space_is_unicodes() {
        assert_eq!(&*of(" a\u{a0}\u{3000}b\n\tc\u{2003} ", "x"), "a b c");
        assert_eq!(&*of("\u{a0} \u{85}", " x  y "), "x y");
        assert_eq!(&*of("a\u{200b}b", ""), "a\u{200b}b");
        assert_eq!(&*of("", ""), "");
    }

    #[test]
    fn cut_at_256_code_points_and_trimmed_again() {
        assert_eq!(of(&"\u{fc}".repeat(300), "").chars().count(), 256);
        let cut_at_blank = "x".repeat(255) + " y";
        assert_eq!(&*of(&cut_at_blank, ""), "x".repeat(255));
        let just_fits = "x".repeat(254) + " y";
        assert_eq!(&*of(&just_fits, ""), just_fits);
    }

    proptest! {
        #[test]
        fn equal_to_the_rule_word_by_word(text in "([a\u{e9}\u{1f600} \n\u{a0}]|x{0,90}){0,60}") {
            let joined = text.split_whitespace().collect::<Vec<_>>().join(" ");
            let cut: String = joined.chars().take(ANCHOR_CHARS_MAX).collect();
            prop_assert_eq!(normal(&text), cut.trim());
        }
    }
}
