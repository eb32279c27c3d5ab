//! The list of active formatting elements: reconstruction and the adoption agency.

use super::stack::{NONE, Space};
use super::{Builder, Label};
use crate::names::{Name, class};

/// More entries than this, and the reader gives up: its searches of the list would cost too much.
const ENTRIES_MAX: usize = 512;

/// An entry of the list.
#[derive(Clone, Copy, Debug)]
pub(super) enum Entry {
    /// Entries before it are out of reach until it goes.
    Marker,
    /// A formatting element.
    Formatting(Formatting),
}

/// A formatting element and what is needed to make it once more.
#[derive(Clone, Copy, Debug)]
pub(super) struct Formatting {
    id: u32,
    label: Label,
    fingerprint: u64,
    /// Its place in the page if it is an `a` that may be a link.
    anchor: u32,
}

impl Builder<'_> {
    pub(super) fn push_marker(&mut self) {
        self.push_entry(Entry::Marker);
    }

    fn push_entry(&mut self, entry: Entry) {
        self.list.push(entry);
        if self.list.len() > ENTRIES_MAX {
            self.give_up("too many formatting elements");
        }
    }

    pub(super) fn clear_to_marker(&mut self) {
        while let Some(entry) = self.list.pop() {
            if matches!(entry, Entry::Marker) {
                return;
            }
        }
    }

    /// The last entry after the last marker that `wanted` holds for.
    fn find(&self, wanted: impl Fn(&Formatting) -> bool) -> Option<(usize, Formatting)> {
        for (index, entry) in self.list.iter().enumerate().rev() {
            match entry {
                Entry::Marker => return None,
                Entry::Formatting(found) if wanted(found) => return Some((index, *found)),
                Entry::Formatting(_) => {}
            }
        }
        None
    }

    /// Where an element is in the whole list.
    fn entry_of(&self, id: u32) -> Option<usize> {
        self.list
            .iter()
            .rposition(|entry| matches!(entry, Entry::Formatting(found) if found.id == id))
    }

    /// Whether reconstruction has to begin after this entry.
    fn is_settled(&self, entry: &Entry) -> bool {
        match entry {
            Entry::Marker => true,
            Entry::Formatting(found) => self.position(found.id).is_some(),
        }
    }

    /// "Reconstruct the active formatting elements": makes those once more that are no longer open.
    #[inline]
    pub(super) fn reconstruct(&mut self) {
        if self.list.last().is_some_and(|last| !self.is_settled(last)) {
            self.reconstruct_unsettled();
        }
    }

    #[cold]
    fn reconstruct_unsettled(&mut self) {
        let settled = self.list.iter().rposition(|entry| self.is_settled(entry));
        for index in settled.map_or(0, |index| index + 1)..self.list.len() {
            let Entry::Formatting(mut entry) = self.list[index] else {
                return;
            };
            if self.is_fostered() {
                self.check_fostering(entry.label.name, true);
            }
            if entry.anchor != NONE {
                entry.anchor = self.found_again(entry.anchor);
            }
            entry.id = self.open(entry.label, Space::Html, entry.anchor);
            self.list[index] = Entry::Formatting(entry);
            if self.gave_up.is_some() {
                return;
            }
        }
    }

    /// Inserts a formatting element for the start tag just read, and puts it on the list. A fourth one with the
    /// same attributes takes the earliest off.
    #[inline]
    pub(super) fn push_formatting(&mut self, label: Label) {
        // There is one `a` at most between markers, and none to compare it with.
        let fingerprint = if label.name == Name::A {
            0
        } else {
            self.fingerprint()
        };
        if label.name != Name::A {
            self.bound_equals(label.name, fingerprint);
        }
        let id = self.push_html(label);
        let anchor = self.stack.last().map_or(NONE, |open| open.anchor);
        self.push_entry(Entry::Formatting(Formatting {
            id,
            label,
            fingerprint,
            anchor,
        }));
    }

    fn fingerprint(&self) -> u64 {
        if self.scanner.attributes().is_empty() {
            0
        } else {
            self.scanner.fingerprint()
        }
    }

    fn bound_equals(&mut self, name: Name, fingerprint: u64) {
        let mut equals = 0;
        let mut earliest = 0;
        for (index, entry) in self.list.iter().enumerate().rev() {
            match entry {
                Entry::Marker => break,
                Entry::Formatting(f) if f.label.name == name && f.fingerprint == fingerprint => {
                    (equals, earliest) = (equals + 1, index);
                }
                Entry::Formatting(_) => {}
            }
        }
        if equals >= 3 {
            self.list.remove(earliest);
        }
    }

    /// An `a` start tag while another `a` is on the list ends that one.
    pub(super) fn end_open_a(&mut self, label: Label) {
        let Some((_, open)) = self.find(|entry| entry.label.name == Name::A) else {
            return;
        };
        self.adoption_agency(label);
        if let Some(index) = self.entry_of(open.id) {
            self.list.remove(index);
        }
        if let Some(index) = self.position(open.id) {
            self.remove_at(index);
        }
    }

    /// The end tag of a formatting element.
    pub(super) fn adoption_agency(&mut self, label: Label) {
        if let Some(top) = self.stack.last()
            && top.is(label.name)
            && self.entry_of(top.id).is_none()
        {
            return self.pop();
        }
        for _ in 0..8 {
            if !self.adopt_once(label) || self.gave_up.is_some() {
                return;
            }
        }
    }

    /// One round of the adoption agency's outer loop; whether there is another.
    fn adopt_once(&mut self, label: Label) -> bool {
        let Some((entry, element)) = self.find(|entry| entry.label.name == label.name) else {
            self.any_other_end(label);
            return false;
        };
        let Some(index) = self.position(element.id) else {
            self.list.remove(entry);
            return false;
        };
        if !self.in_scope_by(class::SCOPE, |open| open.id == element.id) {
            return false;
        }
        let mut above = self.stack[index..].iter();
        let Some(block) = above
            .position(|open| open.is_in(class::SPECIAL))
            .map(|at| index + at)
        else {
            self.pop_to(index);
            self.list.remove(entry);
            return false;
        };
        if self.stack[index..block].iter().any(|open| open.anchor != NONE) {
            self.give_up("a split by a block");
            return false;
        }
        self.move_block(element, index, block);
        true
    }

    /// Puts copies of the formatting elements between `index` and `block` around the block, and one of the element
    /// itself inside it. Here that is nothing but new ids in other places.
    fn move_block(&mut self, element: Formatting, index: usize, block: usize) {
        let block_id = self.stack[block].id;
        let mut insert_after = None;
        for (count, at) in (index + 1..block).rev().enumerate() {
            let id = self.stack[at].id;
            let entry = self.entry_of(id);
            match entry {
                Some(entry) if count < 3 => {
                    let copy = self.new_id();
                    self.stack[at].id = copy;
                    if let Entry::Formatting(formatting) = &mut self.list[entry] {
                        formatting.id = copy;
                    }
                    // The first copy, next to the block, is where the new entry goes.
                    insert_after = insert_after.or(Some(copy));
                }
                entry => {
                    if let Some(entry) = entry {
                        self.list.remove(entry);
                    }
                    self.stack.remove(at);
                }
            }
        }
        let copy = Formatting {
            id: self.new_id(),
            ..element
        };
        self.replace_entry(element.id, copy, insert_after);
        let mut open = self.stack[index];
        open.id = copy.id;
        self.stack.remove(index);
        let block = self.block_at(block_id);
        self.stack.insert(block + 1, open);
    }

    fn block_at(&self, id: u32) -> usize {
        self.position(id).unwrap_or(0)
    }

    fn replace_entry(&mut self, old: u32, copy: Formatting, insert_after: Option<u32>) {
        let copy = Entry::Formatting(copy);
        match insert_after.and_then(|id| self.entry_of(id)) {
            None => {
                if let Some(index) = self.entry_of(old) {
                    self.list[index] = copy;
                }
            }
            Some(after) => {
                self.list.insert(after + 1, copy);
                if let Some(index) = self.entry_of(old) {
                    self.list.remove(index);
                }
            }
        }
    }
}
