//! The arcs at rest: for each target its sources, ascending, each once and never the target itself.
//!
//! Nodes are cut into parts of [`PART_NODES`]. A part owns the lists of its nodes, one after the other, and their
//! lengths; parts are what threads work on, and what sums are made of. An offset for every node would cost as much as
//! a vector of scores; whoever walks a part adds up the lengths, and whoever looks one node up adds up a part's.

/// Nodes in one part; the last one may have fewer.
pub const PART_NODES: usize = 4096;

/// A directed graph without parallel arcs and without arcs from a node to itself. Made by a
/// [`GraphBuilder`](crate::GraphBuilder); its size is at the head of the crate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Graph {
    pub(crate) parts: Vec<Part>,
    pub(crate) out_degrees: Vec<u32>,
}

/// The lists of consecutive nodes, one after the other, and their lengths.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Part {
    pub sources: Box<[u32]>,
    pub in_degrees: Box<[u32]>,
}

impl Graph {
    /// Number of nodes.
    pub fn nodes(&self) -> u32 {
        // The builder counts nodes in 32 bits.
        self.out_degrees.len() as u32
    }

    /// Number of arcs. Adds up the parts.
    pub fn arcs(&self) -> u64 {
        self.parts.iter().map(|part| part.sources.len() as u64).sum()
    }

    /// How many nodes the node links to. Panics if there is no such node.
    pub fn out_degree(&self, node: u32) -> u32 {
        self.out_degrees[node as usize]
    }

    /// How many nodes link to the node. Panics if there is no such node.
    pub fn in_degree(&self, node: u32) -> u32 {
        self.parts[node as usize / PART_NODES].in_degrees[node as usize % PART_NODES]
    }

    /// The nodes that link to the node, ascending. Adds up to [`PART_NODES`] lengths. Panics if there is no such node.
    pub fn sources(&self, node: u32) -> &[u32] {
        let part = &self.parts[node as usize / PART_NODES];
        let (before, rest) = part.in_degrees.split_at(node as usize % PART_NODES);
        let start: usize = before.iter().map(|&degree| degree as usize).sum();
        &part.sources[start..start + rest[0] as usize]
    }

    /// Bytes on the heap.
    pub fn memory_bytes(&self) -> u64 {
        let parts = self.parts.len() * size_of::<Part>();
        let nodes = self.out_degrees.len() * 2 * size_of::<u32>();
        self.arcs() * size_of::<u32>() as u64 + (parts + nodes) as u64
    }
}

impl Part {
    /// The lists, node by node.
    pub fn lists(&self) -> impl Iterator<Item = &[u32]> {
        let mut rest = &self.sources[..];
        self.in_degrees.iter().map(move |&degree| {
            let (list, behind) = rest.split_at(degree as usize);
            rest = behind;
            list
        })
    }
}
