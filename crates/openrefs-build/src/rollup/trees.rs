//! The scopes that are open while the pass goes on: trees and the domains of pairs.

use std::collections::HashMap;

use openrefs_model::suffix::Registrable;
use openrefs_model::{SuffixList, key};
use openrefs_sort::{Sorter, Space};
use openrefs_store::targets::tree_scope;

use super::emit::{Emitted, Rows};
use super::fold::Pair;
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
    /// The first key behind all of its own.
    end: String,
    /// The tree around it.
    parent: Option<String>,
    gathered: Gathered,
    /// The rows of its one contributor; None when there are several.
    rows: Option<Rows>,
}

/// The backlinks of one target domain by referring domain.
struct Domain {
    end: String,
    pairs: Sorter<Pair>,
}

/// All open scopes.
pub struct Open {
    space: Space,
    trees: HashMap<String, Tree>,
    domains: HashMap<String, Domain>,
    /// The least end of any of them.
    next_end: Option<String>,
}

impl Open {
    pub fn new(space: &Space) -> Self {
        Self {
            space: space.clone(),
            trees: HashMap::new(),
            domains: HashMap::new(),
            next_end: None,
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
                end: end_of_tree(reversed, port),
                parent: scopes.get(place + 1).cloned(),
                gathered: Gathered::new(&self.space),
                rows: None,
            };
            self.note_end(&tree.end);
            self.trees.insert(scope.clone(), tree);
        }
        if !self.domains.contains_key(&belongs.domain) {
            // Ports stand behind names below: `:` is greater than `,`.
            let end = format!("{};", key::reverse_host(&belongs.domain));
            self.note_end(&end);
            let pairs = Sorter::new(&self.space);
            self.domains.insert(belongs.domain.clone(), Domain { end, pairs });
        }
    }

    fn note_end(&mut self, end: &str) {
        if self.next_end.as_deref().is_none_or(|next| end < next) {
            self.next_end = Some(end.to_owned());
        }
    }

    /// Adds the backlinks of a referring domain to a target domain.
    pub fn pair(&mut self, domain: &str, refdomain: &str, pair: Pair) -> Result<()> {
        match self.domains.get_mut(domain) {
            Some(domain) => Ok(domain.pairs.push(&[refdomain], pair)?),
            None => Ok(()),
        }
    }

    /// A scope within a tree has ended: the tree takes over what it gathered.
    pub fn hand_over(&mut self, tree: &str, gathered: &mut Gathered, rows: Rows) -> Result<()> {
        let Some(tree) = self.trees.get_mut(tree) else {
            return Ok(());
        };
        if tree.gathered.is_empty() {
            std::mem::swap(&mut tree.gathered, gathered);
            tree.rows = Some(rows);
        } else {
            tree.rows = None;
            tree.gathered.absorb(gathered)?;
        }
        Ok(())
    }

    /// Ends the scopes whose keys all lie before a key; all of them for None.
    pub fn end_before(&mut self, key: Option<&str>, emitted: &mut Emitted) -> Result<()> {
        let is_over = |end: &str| key.is_none_or(|key| end <= key);
        if !self.next_end.as_deref().is_some_and(is_over) {
            return Ok(());
        }
        let over = self.trees.values().filter(|tree| is_over(&tree.end));
        let mut scopes: Vec<(usize, String)> = over
            .map(|tree| (tree.reversed.len(), tree.scope.clone()))
            .collect();
        // Inner trees end before those around them, whose names are shorter.
        scopes.sort_unstable_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        for (_, scope) in scopes {
            if let Some(tree) = self.trees.remove(&scope) {
                self.end_tree(tree, emitted)?;
            }
        }
        let mut domains: Vec<String> = self
            .domains
            .iter()
            .filter(|(_, domain)| is_over(&domain.end))
            .map(|(name, _)| name.clone())
            .collect();
        domains.sort_unstable();
        for name in domains {
            if let Some(domain) = self.domains.remove(&name) {
                end_domain(&name, domain, emitted)?;
            }
        }
        let trees = self.trees.values().map(|tree| &tree.end);
        self.next_end = trees
            .chain(self.domains.values().map(|domain| &domain.end))
            .min()
            .cloned();
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

fn end_domain(name: &str, mut domain: Domain, emitted: &mut Emitted) -> Result<()> {
    let mut pairs = domain.pairs.sorted()?;
    while let Some((refdomain, pair)) = pairs.next()? {
        let refdomain = String::from_utf8_lossy(refdomain);
        emitted
            .pairs
            .push(name, &refdomain, pair.backlinks, pair.followed)?;
    }
    Ok(())
}
