//! The tree that html5ever builds into: nodes in one vector, linked by numbers, with a budget of work.
//!
//! An element keeps its name and, if it means something for the page, its [`Meaning`]; comments are not kept. Text
//! lies in one buffer. Template contents hang on no parent, so the walk does not meet them.

use crate::ELEMENTS_MAX;
use crate::meaning::{Meaning, may_mean, meaning};
use crate::names::Name;
use crate::page::Page;
use html5ever::interface::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::StrTendril;
use html5ever::{Attribute, LocalName, QualName, ns};
use std::borrow::Cow;
use std::cell::{Cell, Ref, RefCell};

/// No node.
pub(super) const NONE: u32 = u32::MAX;

/// Steps of the tree builder before a page is cut. A step is some nanoseconds; a real page of 32 MiB needs a
/// fraction.
const WORK_MAX: u64 = 400_000_000;

/// Nodes before a page is cut.
const NODES_MAX: usize = 3_000_000;

/// Levels below the document before a page is cut.
const DEPTH_MAX: u32 = 50_000;

/// Bytes of attribute values kept before a page is cut: copies of an unclosed `a` each keep their own.
const VALUE_BYTES_MAX: usize = 128 << 20;

/// What a node is.
pub(super) enum Kind {
    /// The document, a comment, or the contents of a template.
    Other,
    /// Text: a piece of the buffer.
    Text { start: u32, end: u32 },
    /// An element without meaning.
    Element,
    /// An element with meaning: its place in `meanings`.
    Meant(u32),
    /// An `img`: where its alternative text lies in the buffer.
    Image { start: u32, end: u32 },
    /// Script, style and foreign template, whose text is nobody's anchor.
    Mute,
    /// An HTML template: the node that holds its contents, which are another tree.
    Template(u32),
}

/// A node and its place in the tree.
pub(super) struct Node {
    pub(super) kind: Kind,
    name: u32,
    pub(super) parent: u32,
    pub(super) first: u32,
    last: u32,
    previous: u32,
    pub(super) next: u32,
    depth: u32,
    is_integration_point: bool,
}

impl Node {
    fn new(kind: Kind) -> Self {
        Node {
            kind,
            name: 0,
            parent: NONE,
            first: NONE,
            last: NONE,
            previous: NONE,
            next: NONE,
            depth: 0,
            is_integration_point: false,
        }
    }
}

/// What the tree holds.
pub(super) struct Content {
    pub(super) nodes: Vec<Node>,
    names: Vec<QualName>,
    value_bytes: usize,
    pub(super) meanings: Vec<Meaning>,
    pub(super) text: String,
}

/// The tree, and the work spent on it.
pub(super) struct Tree {
    content: RefCell<Content>,
    work: Cell<u64>,
    depth_now: Cell<u32>,
    depth_ever: Cell<u32>,
}

impl Default for Tree {
    fn default() -> Self {
        let content = Content {
            nodes: vec![Node::new(Kind::Other)],
            names: vec![QualName::new(None, ns!(), LocalName::from(""))],
            value_bytes: 0,
            meanings: Vec::new(),
            text: String::new(),
        };
        Tree {
            content: RefCell::new(content),
            work: Cell::new(0),
            depth_now: Cell::new(0),
            depth_ever: Cell::new(0),
        }
    }
}

impl Tree {
    /// Whether the page has used up its budget.
    pub(super) fn is_exhausted(&self) -> bool {
        let content = self.content.borrow();
        self.work.get() > WORK_MAX
            || content.nodes.len() > NODES_MAX
            || content.meanings.len() > ELEMENTS_MAX
            || content.value_bytes > VALUE_BYTES_MAX
    }

    /// Counts the searches of the list of active formatting elements, which the tree builder makes without asking
    /// the tree. After a start tag all of the list up to the last marker is open, so it is no longer than the tree is
    /// deep; before an end tag it was so once. An entry is compared with a new one by its attributes, which costs
    /// some steps.
    pub(super) fn charge_for_formatting(&self, is_start: bool) {
        let depth = if is_start {
            16 * self.depth_now.get()
        } else {
            self.depth_ever.get() / 4
        };
        self.charge(u64::from(depth));
    }

    /// What the page says, and whether it was cut.
    pub(super) fn page(self) -> (Page, bool) {
        let cut = self.is_exhausted();
        let (page, walk_cut) = super::walk::page(self.content.into_inner());
        (page, cut || walk_cut)
    }

    fn charge(&self, steps: u64) {
        self.work.set(self.work.get() + steps);
    }

    fn create(&self, kind: Kind) -> u32 {
        let mut content = self.content.borrow_mut();
        content.nodes.push(Node::new(kind));
        (content.nodes.len() - 1) as u32
    }

    /// Puts `child` under `parent`, before `next` (none: last).
    fn insert(&self, parent: u32, child: NodeOrText<u32>, next: u32) {
        let mut content = self.content.borrow_mut();
        let child = match child {
            NodeOrText::AppendNode(node) => node,
            NodeOrText::AppendText(text) => match content.add_text(parent, &text, next) {
                Some(node) => node,
                None => return,
            },
        };
        content.link(parent, child, next);
        let depth = content.nodes[child as usize].depth;
        self.depth_now.set(depth);
        self.depth_ever.set(self.depth_ever.get().max(depth));
        if depth > DEPTH_MAX {
            self.charge(WORK_MAX);
        }
    }
}

impl Content {
    fn at(&mut self, node: u32) -> &mut Node {
        &mut self.nodes[node as usize]
    }

    /// Adds text; none if it went to the text node before, or is nobody's.
    fn add_text(&mut self, parent: u32, text: &str, next: u32) -> Option<u32> {
        if matches!(self.at(parent).kind, Kind::Mute) {
            return None;
        }
        let start = self.text.len() as u32;
        self.text.push_str(text);
        let end = self.text.len() as u32;
        let before = if next == NONE {
            self.at(parent).last
        } else {
            self.at(next).previous
        };
        if before != NONE
            && let Kind::Text { end: last_end, .. } = &mut self.at(before).kind
            && *last_end == start
        {
            *last_end = end;
            return None;
        }
        self.nodes.push(Node::new(Kind::Text { start, end }));
        Some((self.nodes.len() - 1) as u32)
    }

    fn link(&mut self, parent: u32, child: u32, next: u32) {
        self.unlink(child);
        let previous = if next == NONE {
            self.at(parent).last
        } else {
            self.at(next).previous
        };
        let depth = self.at(parent).depth + 1;
        let node = self.at(child);
        (node.parent, node.previous, node.next, node.depth) = (parent, previous, next, depth);
        match previous {
            NONE => self.at(parent).first = child,
            previous => self.at(previous).next = child,
        }
        match next {
            NONE => self.at(parent).last = child,
            next => self.at(next).previous = child,
        }
    }

    fn unlink(&mut self, child: u32) {
        let Node {
            parent,
            previous,
            next,
            ..
        } = *self.at(child);
        if parent == NONE {
            return;
        }
        match previous {
            NONE => self.at(parent).first = next,
            previous => self.at(previous).next = next,
        }
        match next {
            NONE => self.at(parent).last = previous,
            next => self.at(next).previous = previous,
        }
        let node = self.at(child);
        (node.parent, node.previous, node.next) = (NONE, NONE, NONE);
    }

    /// The kind of a new element.
    fn kind(&mut self, name: &QualName, attrs: &[Attribute]) -> Kind {
        let code = Name::of(name.local.as_bytes());
        match code {
            Name::Script | Name::Style | Name::Template => return Kind::Mute,
            Name::Img => {
                let start = self.text.len() as u32;
                self.text.push_str(&value(attrs, "alt").unwrap_or_default());
                return Kind::Image {
                    start,
                    end: self.text.len() as u32,
                };
            }
            _ if !may_mean(code) => return Kind::Element,
            _ => {}
        }
        let meaning = meaning(code, name.ns == ns!(html), |name| value(attrs, name));
        if meaning.is_nothing() {
            return Kind::Element;
        }
        self.value_bytes += meaning.bytes();
        self.meanings.push(meaning);
        Kind::Meant((self.meanings.len() - 1) as u32)
    }
}

fn value(attrs: &[Attribute], name: &str) -> Option<String> {
    let found = attrs
        .iter()
        .find(|attr| attr.name.ns == ns!() && *attr.name.local == *name);
    found.map(|attr| attr.value.to_string())
}

impl TreeSink for Tree {
    type Handle = u32;
    type Output = Self;
    type ElemName<'a> = Ref<'a, QualName>;

    fn finish(self) -> Self {
        self
    }

    fn parse_error(&self, _message: Cow<'static, str>) {}

    fn get_document(&self) -> u32 {
        0
    }

    fn elem_name<'a>(&'a self, target: &'a u32) -> Ref<'a, QualName> {
        self.charge(1);
        Ref::map(self.content.borrow(), |content| {
            &content.names[content.nodes[*target as usize].name as usize]
        })
    }

    fn create_element(&self, name: QualName, attrs: Vec<Attribute>, flags: ElementFlags) -> u32 {
        self.charge(10);
        let kind = match flags.template {
            true => Kind::Template(self.create(Kind::Other)),
            false => self.content.borrow_mut().kind(&name, &attrs),
        };
        let handle = self.create(kind);
        let mut content = self.content.borrow_mut();
        content.names.push(name);
        let name = (content.names.len() - 1) as u32;
        let node = content.at(handle);
        node.name = name;
        node.is_integration_point = flags.mathml_annotation_xml_integration_point;
        handle
    }

    fn create_comment(&self, _text: StrTendril) -> u32 {
        self.create(Kind::Other)
    }

    fn create_pi(&self, _target: StrTendril, _data: StrTendril) -> u32 {
        self.create(Kind::Other)
    }

    fn append(&self, parent: &u32, child: NodeOrText<u32>) {
        self.insert(*parent, child, NONE);
    }

    fn append_based_on_parent_node(&self, element: &u32, previous: &u32, child: NodeOrText<u32>) {
        let parent = self.content.borrow_mut().at(*element).parent;
        if parent == NONE {
            self.insert(*previous, child, NONE);
        } else {
            self.insert(parent, child, *element);
        }
    }

    fn append_before_sibling(&self, sibling: &u32, child: NodeOrText<u32>) {
        let parent = self.content.borrow_mut().at(*sibling).parent;
        self.insert(parent, child, *sibling);
    }

    fn append_doctype_to_document(&self, _name: StrTendril, _public: StrTendril, _system: StrTendril) {}

    fn get_template_contents(&self, target: &u32) -> u32 {
        let mut content = self.content.borrow_mut();
        let depth = content.at(*target).depth;
        let Kind::Template(inside) = content.at(*target).kind else {
            return *target;
        };
        content.at(inside).depth = depth;
        inside
    }

    fn same_node(&self, x: &u32, y: &u32) -> bool {
        self.charge(1);
        x == y
    }

    fn set_quirks_mode(&self, _mode: QuirksMode) {}

    fn add_attrs_if_missing(&self, _target: &u32, _attrs: Vec<Attribute>) {}

    fn remove_from_parent(&self, target: &u32) {
        self.content.borrow_mut().unlink(*target);
    }

    fn reparent_children(&self, node: &u32, new_parent: &u32) {
        let mut content = self.content.borrow_mut();
        loop {
            let child = content.at(*node).first;
            if child == NONE {
                return;
            }
            self.charge(2);
            content.link(*new_parent, child, NONE);
        }
    }

    fn is_mathml_annotation_xml_integration_point(&self, handle: &u32) -> bool {
        self.charge(1);
        self.content.borrow().nodes[*handle as usize].is_integration_point
    }

    fn allow_declarative_shadow_roots(&self, _intended_parent: &u32) -> bool {
        false
    }
}
