//! The key: the sort form of a URL, `com,example,blog)/a?b=1`, in which all pages of a host, and all hosts of a
//! domain, stand together.
//!
//! Shape: host labels reversed and joined by `,`, then `:port` unless it is the scheme's default, then `)`, then path
//! and query. IP literals are not reversed; IPv6 keeps its brackets. The scheme is not in the key. The path begins with
//! `/`, and no host holds a `/`, so the first `)/` ends the host.

/// The host part of a key in sort form: `blog.example.com` -> `com,example,blog`. IP literals stay as they are.
pub fn reverse_host(host: &str) -> String {
    if is_ip_literal(host) {
        return host.to_owned();
    }
    let mut reversed = String::with_capacity(host.len());
    for label in host.rsplit('.') {
        if !reversed.is_empty() {
            reversed.push(',');
        }
        reversed.push_str(label);
    }
    reversed
}

/// The host of a host part without port: the inverse of [`reverse_host`].
pub fn host_of(reversed: &str) -> String {
    if reversed.contains(',') {
        reversed.rsplit(',').collect::<Vec<_>>().join(".")
    } else {
        reversed.to_owned()
    }
}

/// Whether a canonical host is an IPv4 or a bracketed IPv6 literal. After URL parsing, a host whose last label is
/// numeric can only be an IPv4 address.
pub fn is_ip_literal(host: &str) -> bool {
    host.starts_with('[')
        || host
            .rsplit('.')
            .next()
            .is_some_and(|l| !l.is_empty() && l.bytes().all(|b| b.is_ascii_digit()))
}

/// Splits a key into its host part with port and its path with query. The second part is empty only for a text that
/// is no key.
pub fn split(key: &str) -> (&str, &str) {
    match key.find(")/") {
        Some(end) => (&key[..end], &key[end + 1..]),
        None => (key, ""),
    }
}

/// Splits a host part into reversed host and port, the port empty when it is the default.
pub fn split_port(host_part: &str) -> (&str, &str) {
    match host_part.rfind(':') {
        // The colons inside the brackets of an IPv6 literal are no port.
        Some(at) if !host_part[at..].contains(']') => (&host_part[..at], &host_part[at + 1..]),
        _ => (host_part, ""),
    }
}

/// The URL that a key and a scheme stand for.
pub fn to_url(key: &str, https: bool) -> String {
    let (host_part, path) = split(key);
    let (reversed, port) = split_port(host_part);
    let mut url = String::with_capacity(key.len() + 8);
    url.push_str(if https { "https://" } else { "http://" });
    url.push_str(&host_of(reversed));
    if !port.is_empty() {
        url.push(':');
        url.push_str(port);
    }
    url.push_str(path);
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        for (host, reversed) in [
            ("blog.example.com", "com,example,blog"),
            ("192.0.2.1", "192.0.2.1"),
            ("[2001:db8::1]", "[2001:db8::1]"),
        ] {
            assert_eq!(reverse_host(host), reversed);
            assert_eq!(host_of(reversed), host);
        }
    }

    #[test]
    fn urls() {
        assert_eq!(
            to_url("com,example,blog)/a?b=1", false),
            "http://blog.example.com/a?b=1"
        );
        assert_eq!(
            to_url("com,example:8080)/(x)/y", true),
            "https://example.com:8080/(x)/y"
        );
        assert_eq!(to_url("[2001:db8::1]:81)/", true), "https://[2001:db8::1]:81/");
        assert_eq!(to_url("192.0.2.1)/", false), "http://192.0.2.1/");
    }
}
