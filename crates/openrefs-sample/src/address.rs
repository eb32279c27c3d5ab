//! IP addresses of the sample: shared hosting with many domains on one IP and in one /24, servers of their own, IPv6,
//! and records that know none. All from ranges that are reserved for tests, documentation and inside use
//! (198.18.0.0/15, 100.64.0.0/10, 2001:db8::/32), so that no real machine is named.

use std::net::Ipv6Addr;

use crate::random::{Purpose, Stream};

/// The networks (/24) of shared hosting.
const SHARED_NETWORKS: u64 = 512;

/// The text of `WARC-IP-Address` for a visit of a domain in one of the crawls, if it has one.
pub fn text(seed: u64, rank: u64, crawl: u64, visit: &mut Stream) -> Option<String> {
    if visit.per_mille(40) {
        return visit.per_mille(150).then(|| "0.0.0.0".to_owned());
    }
    let mut stream = Stream::new(seed, Purpose::Address, rank);
    let moves = stream.per_mille(120);
    let moved_at = stream.between(1, 5);
    let before = machine(&mut stream.branch());
    let after = machine(&mut stream.branch());
    let address = if moves && crawl >= moved_at { after } else { before };
    Some(if address.contains('.') && visit.per_mille(5) {
        format!("::ffff:{address}")
    } else {
        address
    })
}

fn machine(stream: &mut Stream) -> String {
    match stream.below(100) {
        0..65 => {
            let network = stream.skewed(SHARED_NETWORKS);
            format!(
                "198.{}.{}.{}",
                18 + network / 256,
                network % 256,
                1 + stream.skewed(200)
            )
        }
        65..90 => {
            let (high, mid, low) = (64 + stream.below(64), stream.below(256), 1 + stream.below(254));
            format!("100.{high}.{mid}.{low}")
        }
        _ => {
            let network = stream.skewed(60_000) as u16;
            let machine = 1 + stream.skewed(4000) as u16;
            Ipv6Addr::new(0x2001, 0xdb8, network, stream.below(4) as u16, 0, 0, 0, machine).to_string()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use std::net::IpAddr;

    #[test]
    fn shared_machines_and_all_kinds_of_text() {
        let mut domains_by_ip = BTreeMap::new();
        let (mut none, mut v6) = (0, 0);
        for rank in 0..3000 {
            match text(1, rank, rank % 6, &mut Stream::new(1, Purpose::Visit, rank)) {
                None => none += 1,
                Some(text) => {
                    let address: IpAddr = text.parse().unwrap();
                    v6 += u32::from(address.is_ipv6());
                    *domains_by_ip.entry(address).or_insert(0) += 1;
                }
            }
        }
        assert!(none > 50 && v6 > 100, "{none} {v6}");
        assert!(domains_by_ip.values().max() > Some(&20));
    }
}
