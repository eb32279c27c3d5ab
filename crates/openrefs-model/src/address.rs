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

/// An address as bytes in whose order the addresses of a network stand together.
#[derive(Clone, Copy, Debug)]
pub struct SortForm {
    bytes: [u8; 17],
    length: usize,
}

/// The sort form of an address in canonical text form; None if it is none.
pub fn sort_form(text: &str) -> Option<SortForm> {
    let mut bytes = [0; 17];
    let length = match text.parse::<IpAddr>().ok()? {
        IpAddr::V4(ip) => {
            bytes[0] = 4;
            bytes[1..5].copy_from_slice(&ip.octets());
            5
        }
        IpAddr::V6(ip) => {
            bytes[0] = 6;
            bytes[1..].copy_from_slice(&ip.octets());
            17
        }
    };
    Some(SortForm { bytes, length })
}

impl AsRef<[u8]> for SortForm {
    fn as_ref(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

/// The part of a sort form that is the same for all addresses of a network.
pub fn network_of(sort_form: &[u8]) -> &[u8] {
    // The family, and three bytes of an IPv4 or six of an IPv6 address.
    let length = if sort_form.first() == Some(&4) { 4 } else { 7 };
    sort_form.get(..length).unwrap_or(sort_form)
}

/// Counts distinct addresses and their networks, given in sort form, ascending, each once.
#[derive(Clone, Debug, Default)]
pub struct NetworkCount {
    addresses: u64,
    networks: u64,
    last: [u8; 7],
}

impl NetworkCount {
    /// Counts the next address.
    pub fn add(&mut self, sort_form: &[u8]) {
        self.addresses += 1;
        let mut network = [0; 7];
        for (to, from) in network.iter_mut().zip(network_of(sort_form)) {
            *to = *from;
        }
        if self.networks == 0 || network != self.last {
            self.networks += 1;
            self.last = network;
        }
    }

    /// Addresses so far.
    pub fn addresses(&self) -> u64 {
        self.addresses
    }

    /// Networks so far.
    pub fn networks(&self) -> u64 {
        self.networks
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
    fn counting_networks_of_sorted_addresses() {
        let mut forms: Vec<Vec<u8>> = [
            "192.0.2.1",
            "192.0.3.1",
            "2001:db8:1:2::1",
            "192.0.2.9",
            "2001:db8:1:3::1",
            "2001:db8:2::",
        ]
        .map(|text| sort_form(text).unwrap().as_ref().to_vec())
        .into();
        forms.sort();
        let mut count = NetworkCount::default();
        forms.iter().for_each(|form| count.add(form));
        assert_eq!((count.addresses(), count.networks()), (6, 4));
    }

    #[test]
    fn same_second_choice_is_by_text() {
        let (a, b) = (Address::parse("10.0.0.1"), Address::parse("9.0.0.1"));
        assert_eq!(Address::choose(a, b), a);
        assert_eq!(Address::choose(b, a), a);
        assert_eq!(Address::choose(None, b), b);
    }
}
