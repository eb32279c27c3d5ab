//! Which of the B parts of every table a row lives in.
//!
//! A bucket is the hash of the ICANN registrable domain of a host, so a request touches one bucket, also a request for all
//! hosts below a suffix of the private section. The one exception is a request for all hosts below a domain that has ICANN
//! suffixes below it, such as `kobe.jp`: it touches all. The hash is XXH64 with seed 0 (its published specification),
//! because it is stored: files of one index are written by many builds and machines.

use twox_hash::XxHash64;

use crate::key;
use crate::suffix::{Registrable, SuffixList};

/// The bucket of a domain, from 0 to `buckets - 1`.
pub fn of_domain(domain: &str, buckets: u32) -> u32 {
    u32::try_from(XxHash64::oneshot(0, domain.as_bytes()) % u64::from(buckets.max(1))).unwrap_or(0)
}

/// The domain whose hash decides over a canonical host: its ICANN registrable domain.
pub fn domain_of_host<'a>(list: &SuffixList, host: &'a str) -> &'a str {
    match list.icann_registrable(host) {
        Registrable::Domain(domain) => domain,
        Registrable::BareSuffix | Registrable::Unknown => host,
    }
}

/// The bucket of a key.
pub fn of_key(list: &SuffixList, key: &str, buckets: u32) -> u32 {
    let host = key::host_of(key::split_port(key::split(key).0).0);
    of_domain(domain_of_host(list, &host), buckets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_hosts_of_a_domain_share_a_bucket() {
        let list = SuffixList::bundled();
        for buckets in [1, 7, 64] {
            let of = |key| of_key(&list, key, buckets);
            assert_eq!(of("com,example)/"), of("com,example,www:81)/a"));
            assert_eq!(of("io,github,a)/"), of("io,github)/"));
            assert!(of("com,example)/") < buckets);
        }
    }

    #[test]
    fn the_hash_is_fixed() {
        // An index on disk depends on it.
        assert_eq!(of_domain("example.com", 64), 9);
    }
}
