//! Who there is: sites, their popularity as targets, their hosts, addresses and pages.
//!
//! A crawl of `N` rows is cut into files; the site numbered `i` of file `f` is crawled in that file. The first
//! [`Universe::targets_per_file`] sites of each file are the targets, ranked across files by popularity (Zipf). A few
//! big sites, the giant first, stand outside of the files: pages of theirs are crawled in every file, and they are the
//! most popular targets. The links to the giant are drawn apart, so that it has far more than its rank would give it.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::chance::Chance;
use crate::names::{Domain, Names};

/// Rows of a file at the most.
pub const FILE_ROWS_MAX: u64 = 1_000_000;
/// Sites that are crawled in every file.
pub const BIG_SITES: u64 = 500;
/// The number of the first big site, the giant.
pub const GIANT: u64 = 1 << 40;
/// Numbers of sites in one file.
const SITES_PER_FILE_MAX: u64 = 1 << 24;
/// How the popularity of targets falls with their rank.
const TARGET_EXPONENT: f64 = 0.85;
/// Of 1,000 rows; about 90 sites are crawled for as many.
const TARGETS_PER_1000_ROWS: u64 = 50;

/// All sites of a seed and size.
pub struct Universe {
    /// Where all chance begins.
    pub seed: u64,
    /// What things are called.
    pub names: Names,
    /// Rows of the first crawl.
    pub rows: u64,
    /// Files of the first crawl.
    pub files: u64,
}

impl Universe {
    /// The sites of a seed, for a first crawl of so many rows.
    pub fn new(seed: u64, rows: u64) -> Self {
        Self {
            seed,
            names: Names::new(seed),
            rows,
            files: rows.div_ceil(FILE_ROWS_MAX).max(1),
        }
    }

    /// Sites of each file that are targets. All of them are surely crawled in that file.
    pub fn targets_per_file(&self) -> u64 {
        (self.rows / self.files * TARGETS_PER_1000_ROWS / 1_000).max(1)
    }

    /// The number of a site of a file.
    pub fn site(file: u64, index: u64) -> u64 {
        file * SITES_PER_FILE_MAX + index
    }

    /// Some site of the first crawl.
    pub fn some_site(&self, chance: &mut Chance) -> u64 {
        let file = chance.below(self.files);
        Self::site(file, chance.below(self.targets_per_file()))
    }

    /// A target by popularity: the number of its site, and how many of its pages are linked.
    pub fn target(&self, chance: &mut Chance) -> (u64, u64) {
        let all = self.files * self.targets_per_file();
        let rank = chance.rank(all, TARGET_EXPONENT);
        let pages = 2 + 400_000 / (rank + 20);
        if rank < BIG_SITES {
            return (GIANT + rank, pages);
        }
        // Popular sites are crawled neither first nor in one file.
        let index = (rank / self.files).wrapping_mul(48_271) % self.targets_per_file();
        (Self::site(rank % self.files, index), pages)
    }

    /// A page of a target: 0 is its home page.
    pub fn target_page(chance: &mut Chance, pages: u64) -> u64 {
        if chance.holds(0.3) {
            0
        } else {
            1 + chance.rank(pages, 1.1)
        }
    }

    /// Writes the host part of the keys of a site's pages: of its usual host, or now and then of another one.
    pub fn write_host(
        &self,
        number: u64,
        domain: &Domain,
        usual: bool,
        chance: &mut Chance,
        out: &mut String,
    ) {
        domain.write_reversed(out);
        if domain.is_private() {
            return;
        }
        let mut own = Chance::of(&[self.seed, number, 21]);
        let (kind, port) = (own.unit(), own.holds(0.002));
        let another = !usual && chance.holds(0.12);
        if (kind < 0.55) != another {
            out.push_str(",www");
        } else if kind > 0.85 || (another && chance.holds(0.3)) {
            out.push(',');
            Names::write_subdomain(own.index(8), out);
        }
        if port {
            out.push_str(":8080");
        }
    }

    /// Writes the key of a page of the giant.
    pub fn write_giant_key(&self, chance: &mut Chance, out: &mut String) {
        self.names.domain(GIANT).write_reversed(out);
        let host = chance.unit();
        if host < 0.7 {
            out.push_str(",www");
        } else if host > 0.82 {
            out.push(',');
            Names::write_subdomain(usize::try_from(chance.rank(8, 0.8)).unwrap_or(0), out);
        }
        out.push(')');
        let kind = chance.unit();
        let (folder, pages, exponent) = match kind {
            _ if kind < 0.2 => return out.push('/'),
            _ if kind < 0.47 => ("/share", 40_000, 0.8),
            _ if kind < 0.85 => ("", 60_000, 0.9),
            _ => ("/groups", 20_000, 0.9),
        };
        out.push_str(folder);
        let page = 1 + chance.rank(pages, exponent);
        self.names
            .write_path(GIANT + 1_000 + folder.len() as u64, page, out);
    }

    /// The address a site is fetched from; `moved` = not its first one. None for the few that are not known.
    pub fn address(&self, site: u64, moved: bool) -> Option<String> {
        let mut chance = Chance::of(&[self.seed, site, 19, u64::from(moved)]);
        let kind = chance.unit();
        if kind < 0.02 {
            return None;
        }
        // Two of three sites share a host with others; some hosts serve very many.
        let shared = chance.holds(0.67);
        let machine = if shared {
            chance.rank(self.files * self.targets_per_file() / 8 + 8, 0.9)
        } else {
            site.wrapping_add(1 << 50)
        };
        Some(if kind < 0.07 {
            self.address_v6(machine)
        } else {
            self.address_v4(machine)
        })
    }

    /// Machines stand in networks, eight or so in a /24.
    fn address_v4(&self, machine: u64) -> String {
        let mut network = Chance::of(&[self.seed, machine / 8, 22]);
        let mut place = |from: u64, count: u64| u8::try_from(from + network.below(count)).unwrap_or(1);
        let (a, b, c) = (place(11, 200), place(0, 256), place(0, 256));
        let d = u8::try_from(1 + Chance::of(&[self.seed, machine, 23]).below(254)).unwrap_or(1);
        Ipv4Addr::new(a, b, c, d).to_string()
    }

    /// The first three groups are not zero, so the text up to the third colon is the /48.
    fn address_v6(&self, machine: u64) -> String {
        let mut network = Chance::of(&[self.seed, machine / 8, 24]);
        let mut group = |from: u64, count: u64| u16::try_from(from + network.below(count)).unwrap_or(1);
        let (b, c) = (group(1, 65_535), group(1, 65_535));
        let mut host = Chance::of(&[self.seed, machine, 25]);
        let (d, last) = (host.below(4), 1 + host.below(65_535));
        let small = |n: u64| u16::try_from(n).unwrap_or(1);
        Ipv6Addr::new(0x2a01, b, c, small(d), 0, 0, 0, small(last)).to_string()
    }
}
