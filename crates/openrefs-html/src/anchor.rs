//! The words of an anchor: gathers text piece by piece, collapses white space and keeps a bounded length.
//!
//! Both readers use it, and its result does not depend on how the text was cut into pieces. White space is Unicode
//! White_Space; a run of it becomes one space, and none is kept at the two ends. So megabytes of blanks cannot hide
//! the words behind them, and normalising the result once more changes nothing.

/// At most so many bytes of an anchor's text, and of its images' alternative texts, are kept: four times the bytes
/// of the 256 code points that the index shows.
pub const ANCHOR_TEXT_BYTES_MAX: usize = 4096;

/// Text being gathered.
#[derive(Clone, Debug, Default)]
pub(crate) struct Words {
    kept: String,
    blank_pending: bool,
    full: bool,
}

impl Words {
    /// Adds the next piece of text.
    pub(crate) fn push(&mut self, text: &str) {
        if self.full {
            return;
        }
        for word in text.split_inclusive(char::is_whitespace) {
            let solid = word.trim_end_matches(char::is_whitespace);
            if !solid.is_empty() {
                self.push_solid(solid);
            }
            self.blank_pending |= solid.len() < word.len();
        }
    }

    fn push_solid(&mut self, solid: &str) {
        if self.full {
            return;
        }
        if self.blank_pending && !self.kept.is_empty() {
            self.kept.push(' ');
        }
        self.blank_pending = false;
        let room = ANCHOR_TEXT_BYTES_MAX.saturating_sub(self.kept.len());
        if solid.len() <= room {
            self.kept.push_str(solid);
        } else {
            let end = (0..=room)
                .rev()
                .find(|&end| solid.is_char_boundary(end))
                .unwrap_or(0);
            self.kept.push_str(&solid[..end]);
            self.full = true;
        }
    }

    /// What was kept.
    pub(crate) fn finish(mut self) -> String {
        // Only a cut can leave a blank at the end: it was put before a word that then found no room.
        self.kept.truncate(self.kept.trim_end().len());
        self.kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(pieces: &[&str]) -> String {
        let mut words = Words::default();
        pieces.iter().for_each(|piece| words.push(piece));
        words.finish()
    }

    #[test]
    fn white_space_collapses_whatever_the_pieces() {
        assert_eq!(words(&["  a\u{a0}\n b", "c ", " d\u{3000}"]), "a bc d");
        assert_eq!(words(&[" ", "\t", ""]), "");
        assert_eq!(words(&["a", " ", "", "b"]), "a b");
    }

    #[test]
    fn the_length_is_bounded_after_collapsing() {
        let blanks = " ".repeat(1 << 20);
        assert_eq!(words(&[&blanks, "x", &blanks, "y"]), "x y");
        let long = "é".repeat(ANCHOR_TEXT_BYTES_MAX);
        assert_eq!(words(&["a", &long]).len(), ANCHOR_TEXT_BYTES_MAX - 1);
        let bytes: Vec<String> = "éa b".repeat(2000).chars().map(String::from).collect();
        let pieces: Vec<&str> = bytes.iter().map(String::as_str).collect();
        assert_eq!(words(&pieces), words(&[&pieces.concat()]));
    }
}
