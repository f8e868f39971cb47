//! DER as a tree, changed at one place and written again with lengths that fit.

use super::tlv;

/// An element: its tag, and its content as elements or as bytes.
#[derive(Clone, Debug)]
pub struct Node {
    pub tag: u8,
    pub content: Content,
}

#[derive(Clone, Debug)]
pub enum Content {
    Bytes(Vec<u8>),
    Nodes(Vec<Node>),
}

/// Deterministic numbers (xorshift64).
pub struct Numbers(pub u64);

impl Numbers {
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16).unwrap() % bound.max(1)
    }

    pub fn byte(&mut self) -> u8 {
        u8::try_from(self.below(256)).unwrap()
    }

    pub fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

/// Reads elements; OCTET STRINGs that hold DER are read, too, as extensions are.
pub fn parse(mut der: &[u8]) -> Option<Vec<Node>> {
    let mut nodes = Vec::new();
    while let [tag, length, rest @ ..] = der {
        let (length, rest) = match length {
            0..=0x7f => (usize::from(*length), rest),
            0x81 => (usize::from(*rest.first()?), &rest[1..]),
            0x82 => (usize::from(u16::from_be_bytes([*rest.first()?, *rest.get(1)?])), &rest[2..]),
            _ => return None,
        };
        let content = rest.get(..length)?;
        der = &rest[length..];
        let inner = (tag & 0x20 != 0 || *tag == 4).then(|| parse(content)).flatten();
        let content = inner.map_or_else(|| Content::Bytes(content.to_vec()), Content::Nodes);
        nodes.push(Node { tag: *tag, content });
    }
    der.is_empty().then_some(nodes)
}

pub fn write(nodes: &[Node]) -> Vec<u8> {
    let one = |node: &Node| match &node.content {
        Content::Bytes(bytes) => tlv(node.tag, bytes),
        Content::Nodes(nodes) => tlv(node.tag, write(nodes)),
    };
    nodes.iter().flat_map(one).collect()
}

fn count(nodes: &[Node]) -> usize {
    let below = |node: &Node| match &node.content {
        Content::Bytes(_) => 1,
        Content::Nodes(nodes) => 1 + count(nodes),
    };
    nodes.iter().map(below).sum()
}

/// Changes one element anywhere in the tree.
pub fn mutate(nodes: &mut Vec<Node>, numbers: &mut Numbers) {
    let mut left = numbers.below(count(nodes));
    at(nodes, &mut left, numbers);
}

/// Goes to the element of that number, in the order of writing, and changes it.
fn at(nodes: &mut Vec<Node>, left: &mut usize, numbers: &mut Numbers) -> bool {
    for index in 0..nodes.len() {
        if *left == 0 {
            change(nodes, index, numbers);
            return true;
        }
        *left -= 1;
        if let Content::Nodes(inner) = &mut nodes[index].content
            && at(inner, left, numbers)
        {
            return true;
        }
    }
    false
}

fn change(nodes: &mut Vec<Node>, index: usize, numbers: &mut Numbers) {
    const TAGS: [u8; 16] = [1, 2, 3, 4, 5, 6, 0x0c, 0x17, 0x18, 0x30, 0x31, 0x81, 0x82, 0x87, 0xa0, 0xa3];
    match numbers.below(8) {
        0 => {
            nodes.remove(index);
        }
        1 => {
            let copy = nodes[index].clone();
            nodes.insert(numbers.below(nodes.len() + 1), copy);
        }
        2 => {
            let other = numbers.below(nodes.len());
            nodes.swap(index, other);
        }
        3 => nodes[index].tag = *numbers.of(&TAGS),
        4 => {
            let bytes = std::iter::repeat_with(|| numbers.byte()).take(3).collect();
            let made = Node { tag: *numbers.of(&TAGS), content: Content::Bytes(bytes) };
            nodes.insert(index, made);
        }
        5 => nodes[index].content = Content::Bytes(Vec::new()),
        _ => match &mut nodes[index].content {
            Content::Bytes(bytes) => bytes_changed(bytes, numbers),
            Content::Nodes(inner) => inner.reverse(),
        },
    }
}

fn bytes_changed(bytes: &mut Vec<u8>, numbers: &mut Numbers) {
    let at = numbers.below(bytes.len());
    match (numbers.below(5), bytes.get_mut(at)) {
        (0, Some(byte)) => *byte ^= 1 << numbers.below(8),
        (1, Some(byte)) => *byte = numbers.byte(),
        (2, Some(byte)) => *byte = *numbers.of(&[0, 1, 0x7f, 0x80, 0xff, b'*', b'.', b'9', b'Z']),
        (3, Some(_)) => {
            bytes.remove(at);
        }
        _ => bytes.insert(at, numbers.byte()),
    }
}
