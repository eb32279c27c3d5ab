//! A reader of graphs in the BV format of the WebGraph framework (Boldi and Vigna, "The WebGraph framework I:
//! compression techniques", 2004), default codes only: degrees, blocks and intervals in Elias' gamma, references in
//! unary, residuals in zeta. Bits are read from the most significant on. For tests: damaged files panic.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// The successors of every node, ascending.
pub fn read(base: &Path) -> Vec<Vec<u32>> {
    let properties = properties(&base.with_extension("properties"));
    let number = |name: &str| properties[name].parse::<u64>().unwrap();
    assert_eq!(
        (number("version"), &properties["compressionflags"][..]),
        (0, ""),
        "another format"
    );
    let bytes = fs::read(base.with_extension("graph")).unwrap();
    let mut lists = Lists {
        bits: Bits { bytes: &bytes, at: 0 },
        window: number("windowsize"),
        interval_min: number("minintervallength"),
        zeta: number("zetak") as u32,
        lists: Vec::new(),
    };
    (0..number("nodes")).for_each(|node| lists.next(node));
    let arcs: usize = lists.lists.iter().map(Vec::len).sum();
    assert_eq!(arcs as u64, number("arcs"));
    lists.lists
}

fn properties(path: &Path) -> BTreeMap<String, String> {
    let text = fs::read_to_string(path).unwrap();
    let pairs = text.lines().filter_map(|line| line.split_once('='));
    pairs
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

struct Lists<'a> {
    bits: Bits<'a>,
    window: u64,
    interval_min: u64,
    zeta: u32,
    lists: Vec<Vec<u32>>,
}

impl Lists<'_> {
    /// Reads the list of the next node: what it copies from an earlier one, intervals, and the rest one by one.
    fn next(&mut self, node: u64) {
        let degree = self.bits.gamma() as usize;
        let mut list = Vec::with_capacity(degree);
        if degree > 0 && self.window > 0 {
            self.copied(node, &mut list);
        }
        if list.len() < degree && self.interval_min > 0 {
            self.intervals(node, &mut list);
        }
        self.residuals(node, degree - list.len(), &mut list);
        list.sort_unstable();
        self.lists.push(list);
    }

    fn copied(&mut self, node: u64, list: &mut Vec<u32>) {
        let back = self.bits.unary();
        if back == 0 {
            return;
        }
        let mut rest = &self.lists[(node - back) as usize][..];
        let blocks = self.bits.gamma();
        for block in 0..blocks {
            let length = (self.bits.gamma() + u64::from(block > 0)) as usize;
            if block.is_multiple_of(2) {
                list.extend_from_slice(&rest[..length]);
            }
            rest = &rest[length..];
        }
        if blocks.is_multiple_of(2) {
            list.extend_from_slice(rest);
        }
    }

    fn intervals(&mut self, node: u64, list: &mut Vec<u32>) {
        let mut end = None;
        for _ in 0..self.bits.gamma() {
            let start = match end {
                None => signed(node, self.bits.gamma()),
                Some(end) => end + 1 + self.bits.gamma(),
            };
            let behind = start + self.bits.gamma() + self.interval_min;
            list.extend(start as u32..behind as u32);
            end = Some(behind);
        }
    }

    fn residuals(&mut self, node: u64, count: usize, list: &mut Vec<u32>) {
        let mut last = None;
        for _ in 0..count {
            let code = self.bits.zeta(self.zeta);
            let successor = last.map_or_else(|| signed(node, code), |last| last + 1 + code);
            list.push(successor as u32);
            last = Some(successor);
        }
    }
}

/// A node at a signed distance, which is coded as 0, -1, 1, -2, 2 and so on.
fn signed(node: u64, code: u64) -> u64 {
    if code.is_multiple_of(2) {
        node + code / 2
    } else {
        node - code / 2 - 1
    }
}

struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn bit(&mut self) -> u64 {
        let bit = self.bytes[self.at / 8] >> (7 - self.at % 8) & 1;
        self.at += 1;
        u64::from(bit)
    }

    fn bits(&mut self, count: u32) -> u64 {
        (0..count).fold(0, |value, _| value << 1 | self.bit())
    }

    fn unary(&mut self) -> u64 {
        let mut zeros = 0;
        while self.bit() == 0 {
            zeros += 1;
        }
        zeros
    }

    fn gamma(&mut self) -> u64 {
        let width = self.unary() as u32;
        (1 << width | self.bits(width)) - 1
    }

    fn zeta(&mut self, k: u32) -> u64 {
        let low = self.unary() as u32 * k;
        let value = self.bits(low + k - 1);
        if value < 1 << low {
            return value + (1 << low) - 1;
        }
        (value << 1 | self.bit()) - 1
    }
}
