//! Tokens: made from random numbers of the system, kept as a hash.
//!
//! The hash is a plain SHA-256. Slow, salted hashes protect what people choose, because that can be guessed; 160 random
//! bits cannot, so a fast hash gives away nothing and costs a request no time. Being the same for the same token, it
//! also finds the token by an index, with nothing to compare byte by byte.

use std::fmt::{self, Write};

use sha2::{Digest, Sha256};

const RANDOM_BYTES: usize = 20;

/// The hash of a token, as it is kept.
pub type Hash = [u8; 32];

/// What a client shows. It does not print itself.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// What was sent; empty if nothing was.
    pub fn given(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Makes a new one: 40 hexadecimal digits, since clients check the length. One of them at least is a letter other
    /// than `e`, since some clients refuse what could be read as a number.
    ///
    /// # Errors
    /// When the system has no random numbers.
    pub fn new() -> Result<Self, getrandom::Error> {
        loop {
            let mut bytes = [0; RANDOM_BYTES];
            getrandom::fill(&mut bytes)?;
            let mut text = String::with_capacity(RANDOM_BYTES * 2);
            for byte in bytes {
                // Writing to a string does not fail.
                let _ = write!(text, "{byte:02x}");
            }
            if text.contains(['a', 'b', 'c', 'd', 'f']) {
                return Ok(Self(text));
            }
        }
    }

    /// Its hash.
    pub fn hash(&self) -> Hash {
        Sha256::digest(self.0.as_bytes()).into()
    }

    /// The token itself, for the one who is to have it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forty_digits_with_a_letter_never_the_same() {
        let (one, other) = (Token::new().unwrap(), Token::new().unwrap());
        assert_ne!(one, other);
        for token in [one, other] {
            let text = token.reveal();
            assert_eq!(text.len(), 40);
            assert!(text.bytes().all(|b| b.is_ascii_hexdigit()) && text.parse::<f64>().is_err());
            assert!(!format!("{token:?}").contains(text));
        }
    }

    #[test]
    fn the_hash_is_sha_256() {
        let hex: String = Token::given("abc")
            .hash()
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect();
        assert_eq!(
            hex,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
