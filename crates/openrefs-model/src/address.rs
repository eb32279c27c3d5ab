//! IP addresses of visits in canonical text form, and the networks they count in.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A known IP address. IPv4-mapped IPv6 addresses are IPv4 addresses; the unspecified addresses are not addresses.
/// Held as its canonical text (RFC 5952 for IPv6), because that is what is stored, compared and shown.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Address {
    bytes: [u8; TEXT_BYTES_MAX],
    length: u8,
}

/// The longest canonical text: eight groups of four digits.
const TEXT_BYTES_MAX: usize = 39;

/// A network that `class_c` counts: an IPv4 /24 or an IPv6 /48.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Network {
    /// The first three bytes.
    V4([u8; 3]),
    /// The first six bytes.
    V6([u8; 6]),
}

impl Address {
    /// Reads an address as archives write it; None for anything unreadable or unspecified.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text
            .strip_prefix('[')
            .and_then(|t| t.strip_suffix(']'))
            .unwrap_or(text);
        let ip = text.parse::<IpAddr>().ok()?.to_canonical();
        let unspecified = ip == IpAddr::V4(Ipv4Addr::UNSPECIFIED) || ip == IpAddr::V6(Ipv6Addr::UNSPECIFIED);
        if unspecified {
            None
        } else {
            Self::from_canonical(&ip.to_string())
        }
    }

    /// Takes a text that an [`Address`] gave before; None if it cannot be one.
    pub fn from_canonical(text: &str) -> Option<Self> {
        let mut bytes = [0; TEXT_BYTES_MAX];
        bytes.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
        Some(Self {
            bytes,
            length: u8::try_from(text.len()).ok()?,
        })
    }

    /// Its canonical text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..usize::from(self.length)]).unwrap_or_default()
    }

    /// The network it counts in.
    pub fn network(&self) -> Option<Network> {
        Some(match self.as_str().parse::<IpAddr>().ok()? {
            IpAddr::V4(ip) => {
                let [a, b, c, _] = ip.octets();
                Network::V4([a, b, c])
            }
            IpAddr::V6(ip) => {
                let [a, b, c, d, e, f, ..] = ip.octets();
                Network::V6([a, b, c, d, e, f])
            }
        })
    }

    /// Of two sightings in the same second: a known address before none, then the bytewise smallest text.
    pub fn choose(a: Option<Self>, b: Option<Self>) -> Option<Self> {
        match (a, b) {
            (Some(x), Some(y)) => Some(if x.as_str() <= y.as_str() { x } else { y }),
            (a, b) => a.or(b),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_forms() {
        let text = |t: &str| Address::parse(t).map(|a| a.to_string());
        assert_eq!(text("192.0.2.1").as_deref(), Some("192.0.2.1"));
        assert_eq!(text("::ffff:192.0.2.1").as_deref(), Some("192.0.2.1"));
        assert_eq!(text("2001:DB8:0:0:0:0:0:1").as_deref(), Some("2001:db8::1"));
        for unknown in ["", "0.0.0.0", "::", "::ffff:0.0.0.0", "localhost", "1.2.3", "-"] {
            assert_eq!(text(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn networks() {
        let network = |t: &str| Address::parse(t).and_then(|a| a.network());
        assert_eq!(network("192.0.2.1"), network("192.0.2.254"));
        assert_ne!(network("192.0.2.1"), network("192.0.3.1"));
        assert_eq!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_ne!(network("2001:db8:1::1"), network("2001:db8:2::1"));
    }

    #[test]
    fn same_second_choice_is_by_text() {
        let (a, b) = (Address::parse("10.0.0.1"), Address::parse("9.0.0.1"));
        assert_eq!(Address::choose(a, b), a);
        assert_eq!(Address::choose(b, a), a);
        assert_eq!(Address::choose(None, b), b);
    }
}
