//! What a decoder read, as a tree: every field with its bytes, value and name.

use std::ops::Range;

use handclasp_codec::{Field, Trace, Value};

/// A field, or a structure with fields inside.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Node {
    /// The RFC's name.
    pub name: &'static str,
    /// The same as a field of the codec, where it is one.
    pub field: Option<Field>,
    /// Its bytes in the input.
    pub range: Range<usize>,
    /// What stands there.
    pub value: Content,
    /// The fields inside.
    pub children: Vec<Node>,
    /// What a reader may want to know.
    pub note: Option<String>,
    /// What is wrong here.
    pub problem: Option<String>,
}

/// What stands in a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Content {
    /// Fields of its own.
    Structure,
    /// A number.
    Number(u32),
    /// So many bytes follow.
    Length(u32),
    /// A number of a registry, with its name where it is known.
    Name(u32, Option<&'static str>),
    /// Bytes.
    Bytes,
}

impl Node {
    /// A structure without fields so far.
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

    /// Opaque bytes.
    pub fn bytes(name: &'static str, range: Range<usize>) -> Self {
        Self { value: Content::Bytes, ..Self::structure(name, range) }
    }

    /// This field and all inside, each before those inside it.
    pub fn walk_mut(&mut self, visit: &mut impl FnMut(&mut Node)) {
        visit(self);
        for child in &mut self.children {
            child.walk_mut(visit);
        }
    }

    /// The first field of that name, this one or inside.
    pub fn find(&self, name: &str) -> Option<&Node> {
        if self.name == name {
            return Some(self);
        }
        self.children.iter().find_map(|child| child.find(name))
    }
}

/// Keeps what the decoder tells.
#[derive(Debug, Default)]
pub(crate) struct Recorder {
    /// Finished trees.
    pub nodes: Vec<Node>,
    open: Vec<Node>,
    end: usize,
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

    /// All that was read; structures left open by an error end where reading ended.
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
}
