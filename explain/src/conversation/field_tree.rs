//! Decoded messages as a tree: each field with its bytes, value and name.

use std::ops::Range;

use handclasp_codec::{DecodeError, ErrorSlot, Field, Trace, Value};

/// A field, or a structure with fields.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Node {
    /// Name in the RFC.
    pub name: &'static str,
    /// The field of the codec; `None` for a node that is not a field of a structure.
    pub field: Option<Field>,
    /// Range of its bytes in the input.
    pub range: Range<usize>,
    /// The value.
    pub value: Content,
    /// The fields of a structure.
    pub children: Vec<Node>,
    /// An explanation of the value.
    pub note: Option<String>,
    /// What is wrong with the value.
    pub problem: Option<String>,
}

/// The value of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Content {
    /// A structure with fields.
    Structure,
    /// An integer.
    Number(u32),
    /// The length of what follows, in bytes.
    Length(u32),
    /// A code point of a registry, with its name if it is registered.
    Name(u32, Option<&'static str>),
    /// Opaque bytes.
    Bytes,
}

impl Node {
    /// A structure without fields.
    pub fn structure(name: &'static str, range: Range<usize>) -> Self {
        Self {
            name,
            field: None,
            range,
            value: Content::Structure,
            children: Vec::new(),
            note: None,
            problem: None,
        }
    }

    /// A field of opaque bytes.
    pub fn bytes(name: &'static str, range: Range<usize>) -> Self {
        Self { value: Content::Bytes, ..Self::structure(name, range) }
    }

    /// Calls `visit` on this node and all below it, each before its children.
    pub fn walk_mut(&mut self, visit: &mut impl FnMut(&mut Node)) {
        visit(self);
        for child in &mut self.children {
            child.walk_mut(visit);
        }
    }

    /// The first node with that name: this one, or one below it.
    pub fn find(&self, name: &str) -> Option<&Node> {
        if self.name == name {
            return Some(self);
        }
        self.children.iter().find_map(|child| child.find(name))
    }
}

/// Builds a tree from the trace of a decoder.
#[derive(Debug, Default)]
pub(crate) struct Recorder {
    /// Complete trees.
    pub nodes: Vec<Node>,
    open: Vec<Node>,
    end: usize,
    /// The error, if decoding fails.
    pub slot: ErrorSlot,
}

impl Recorder {
    fn add(&mut self, node: Node) {
        self.end = self.end.max(node.range.end);
        match self.open.last_mut() {
            Some(parent) => parent.children.push(node),
            None => self.nodes.push(node),
        }
    }

    fn shut(&mut self, end: usize) {
        if let Some(mut node) = self.open.pop() {
            node.range.end = end.max(node.range.start);
            self.add(node);
        }
    }

    /// All trees. A structure that was not complete ends where decoding ended.
    pub fn finish(mut self) -> Vec<Node> {
        while !self.open.is_empty() {
            self.shut(self.end);
        }
        self.nodes
    }
}

impl Trace for Recorder {
    fn field(&mut self, field: Field, bytes: Range<usize>, value: Value<'_>) {
        let value = match value {
            Value::Number(number) => Content::Number(number),
            Value::Length(length) => Content::Length(length),
            Value::Name(number, name) => Content::Name(number, name),
            Value::Bytes(_) => Content::Bytes,
        };
        let node = Node { field: Some(field), value, ..Node::structure(field.name(), bytes) };
        self.add(node);
    }

    fn open(&mut self, field: Field, offset: usize) {
        self.end = self.end.max(offset);
        let node = Node { field: Some(field), ..Node::structure(field.name(), offset..offset) };
        self.open.push(node);
    }

    fn close(&mut self, offset: usize) {
        self.shut(offset);
    }

    fn failed(&mut self, error: DecodeError, numbers: [u32; 3]) {
        self.slot.failed(error, numbers);
    }
}
