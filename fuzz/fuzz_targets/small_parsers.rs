//! Instants, addresses and suffix lists: what is written is read as the same, and a registrable domain is its own.

#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use openrefs_fuzz::list;
use openrefs_model::suffix::Registrable;
use openrefs_model::{Address, SuffixList, time};

#[derive(Arbitrary, Debug)]
struct Case<'a> {
    text: &'a str,
    host: &'a str,
    rules: &'a str,
}

fuzz_target!(|case: Case<'_>| {
    if let Some(instant) = time::parse(case.text) {
        let written = time::format(instant);
        assert_eq!(written.len(), 20, "{written:?}");
        assert_eq!(time::parse(&written), Some(instant), "{written}");
    }
    if let Some(address) = Address::parse(case.text) {
        assert_eq!(Address::parse(address.as_str()), Some(address));
        assert_eq!(Address::from_canonical(address.as_str()), Some(address));
        assert!(address.network().is_some());
        assert_eq!(Address::choose(Some(address), None), Some(address));
    }
    registrable(list(), case.host);
    let rules = format!("// ===BEGIN ICANN DOMAINS===\ncom\n{}", case.rules);
    let list = SuffixList::from_text(&rules).expect("one rule of the ICANN section");
    registrable(&list, case.host);
    let again = SuffixList::from_text(list.text()).expect("its own text");
    assert_eq!(list.registrable(case.host), again.registrable(case.host));
    let _ = SuffixList::from_text(case.rules);
});

fn registrable(list: &SuffixList, host: &str) {
    for read in [SuffixList::registrable, SuffixList::icann_registrable] {
        if let Registrable::Domain(domain) = read(list, host) {
            let above = host.strip_suffix(domain).expect("an end of the host");
            assert!(above.is_empty() || above.ends_with('.'), "{domain} of {host}");
            assert_eq!(read(list, domain), Registrable::Domain(domain), "of {host}");
        }
    }
}
