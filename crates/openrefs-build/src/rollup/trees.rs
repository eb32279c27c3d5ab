//! The scopes that are open while the pass goes on: trees and the domains of pairs.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};

use openrefs_model::suffix::Registrable;
use openrefs_model::{SuffixList, key};
use openrefs_sort::{Overflow, Sorter, Space};
use openrefs_store::targets::tree_scope;

use super::emit::{Emitted, Rows};
use super::fold::{Links, Pair};
use super::gather::Gathered;
use crate::error::Result;

/// What a host belongs to.
pub struct Belongs {
    /// Its registrable domain, which pairs are about.
    pub domain: String,
    /// Reversed names of the domains whose trees it is in, innermost first.
    pub trees: Vec<String>,
}

/// Finds out what a host, given reversed, belongs to.
pub fn belongs(list: &SuffixList, reversed: &str) -> Belongs {
    let host = key::host_of(reversed);
    let domain = match list.registrable(&host) {
        Registrable::Domain(domain) => domain,
        Registrable::BareSuffix | Registrable::Unknown => &host,
    };
    let mut trees = Vec::new();
    let mut name = host.as_str();
    loop {
        if list.is_tree(name) {
            trees.push(key::reverse_host(name));
        }
        match name.split_once('.') {
            Some((_, parent)) if !key::is_ip_literal(&host) => name = parent,
            _ => break,
        }
    }
    Belongs {
        domain: domain.to_owned(),
        trees,
    }
}

/// A tree whose keys the pass has not left yet.
struct Tree {
    scope: String,
    reversed: String,
    /// The tree around it.
    parent: Option<String>,
    gathered: Gathered,
    /// The rows of its one contributor; None when there are several.
    rows: Option<Rows>,
}

/// A scope by its name.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Scope {
    Tree(String),
    Domain(String),
}

/// All open scopes. Those of a domain's ports stay open together, and there may be thousands.
pub struct Open {
    space: Space,
    trees: HashMap<String, Tree>,
    /// The backlinks of target domains by referring domain.
    domains: HashMap<String, Sorter<Pair>>,
    /// The first key behind all keys of a scope, for each.
    ends: BTreeSet<(String, Scope)>,
    /// Memory of all trees, bytes.
    trees_bytes: usize,
    /// What does not fit there.
    pages: Overflow<Links>,
    addresses: Overflow<()>,
}

impl Open {
    pub fn new(space: &Space) -> Self {
        Self {
            space: space.clone(),
            trees: HashMap::new(),
            domains: HashMap::new(),
            ends: BTreeSet::new(),
            trees_bytes: 0,
            pages: Overflow::new(space),
            addresses: Overflow::new(space),
        }
    }

    /// A host begins; the scopes it belongs to are open from now on.
    pub fn host(&mut self, belongs: &Belongs, port: &str) {
        let scopes: Vec<String> = belongs.trees.iter().map(|tree| tree_scope(tree, port)).collect();
        for (place, (scope, reversed)) in scopes.iter().zip(&belongs.trees).enumerate() {
            if self.trees.contains_key(scope) {
                continue;
            }
            let tree = Tree {
                scope: scope.clone(),
                reversed: reversed.clone(),
                parent: scopes.get(place + 1).cloned(),
                gathered: Gathered::new(&self.space),
                rows: None,
            };
            self.ends
                .insert((end_of_tree(reversed, port), Scope::Tree(scope.clone())));
            self.trees.insert(scope.clone(), tree);
        }
        if !self.domains.contains_key(&belongs.domain) {
            // Ports stand behind names below: `:` is greater than `,`.
            let end = format!("{};", key::reverse_host(&belongs.domain));
            self.ends.insert((end, Scope::Domain(belongs.domain.clone())));
            self.domains
                .insert(belongs.domain.clone(), Sorter::new(&self.space));
        }
    }

    /// Adds the backlinks of a referring domain to a target domain.
    pub fn pair(&mut self, domain: &str, refdomain: &str, pair: Pair) -> Result<()> {
        match self.domains.get_mut(domain) {
            Some(pairs) => Ok(pairs.push(&[refdomain], pair)?),
            None => Ok(()),
        }
    }

    /// A scope within a tree has ended: the tree takes over what it gathered.
    pub fn hand_over(&mut self, tree: &str, gathered: &mut Gathered, rows: Rows) -> Result<()> {
        let Some(tree) = self.trees.get_mut(tree) else {
            return Ok(());
        };
        self.trees_bytes -= tree.gathered.memory_bytes();
        if tree.gathered.is_empty() {
            std::mem::swap(&mut tree.gathered, gathered);
            tree.rows = Some(rows);
        } else {
            tree.rows = None;
            tree.gathered.absorb(gathered)?;
        }
        self.trees_bytes += tree.gathered.memory_bytes();
        self.bound()
    }

    /// Keeps what all trees hold within the memory of one.
    fn bound(&mut self) -> Result<()> {
        if self.trees_bytes <= 2 * self.space.memory_bytes {
            return Ok(());
        }
        let pages = self.trees.values_mut().map(|tree| &mut tree.gathered.pages);
        self.pages.spill(pages)?;
        let addresses = self.trees.values_mut().map(|tree| &mut tree.gathered.addresses);
        self.addresses.spill(addresses)?;
        self.trees_bytes = 0;
        Ok(())
    }

    /// Ends the scopes whose keys all lie before a key; all of them for None.
    pub fn end_before(&mut self, key: Option<&str>, emitted: &mut Emitted) -> Result<()> {
        let (mut trees, mut domains) = (Vec::new(), Vec::new());
        while let Some((end, _)) = self.ends.first()
            && key.is_none_or(|key| end.as_str() <= key)
        {
            match self.ends.pop_first() {
                Some((_, Scope::Tree(scope))) => trees.push(scope),
                Some((_, Scope::Domain(name))) => domains.push(name),
                None => break,
            }
        }
        // Inner trees end before those around them, whose names are shorter.
        trees.sort_by_cached_key(|scope| {
            let length = self.trees.get(scope).map(|tree| tree.reversed.len());
            (Reverse(length), scope.clone())
        });
        for scope in trees {
            if let Some(tree) = self.trees.remove(&scope) {
                self.trees_bytes -= tree.gathered.memory_bytes();
                self.end_tree(tree, emitted)?;
            }
        }
        if self.trees.is_empty() {
            self.pages.clear();
            self.addresses.clear();
        }
        domains.sort_unstable();
        for name in domains {
            if let Some(pairs) = self.domains.remove(&name) {
                end_domain(&name, pairs, emitted)?;
            }
        }
        Ok(())
    }

    fn end_tree(&mut self, mut tree: Tree, emitted: &mut Emitted) -> Result<()> {
        let rows = match tree.rows.take() {
            Some(rows) => {
                emitted.target(&tree.scope, &rows)?;
                rows
            }
            None => emitted.scope(&tree.scope, &mut tree.gathered, |_, _| Ok(()))?,
        };
        match tree.parent {
            Some(parent) => self.hand_over(&parent, &mut tree.gathered, rows),
            None => Ok(()),
        }
    }
}

/// `com,example)` and `com,example,www)` lie before `com,example-`; `com,example:81)` and `com,example,www:81)` before
/// `com,example:81*`: the characters behind `,` and `)`.
fn end_of_tree(reversed: &str, port: &str) -> String {
    if port.is_empty() {
        format!("{reversed}-")
    } else {
        format!("{reversed}:{port}*")
    }
}

fn end_domain(name: &str, mut pairs: Sorter<Pair>, emitted: &mut Emitted) -> Result<()> {
    let mut pairs = pairs.sorted()?;
    while let Some((refdomain, pair)) = pairs.next()? {
        let refdomain = String::from_utf8_lossy(refdomain);
        emitted
            .pairs
            .push(name, &refdomain, pair.backlinks, pair.followed)?;
    }
    Ok(())
}
