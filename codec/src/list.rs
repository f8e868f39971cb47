//! A list of wire elements without heap memory: either the bytes of a message, already validated, or a
//! slice that the caller wants to encode.

use core::marker::PhantomData;

use crate::{Decode, Encode, ErrorSlot, Reader, Writer};

/// The elements of one vector.
#[derive(Clone, Copy, Debug)]
pub enum List<'a, E> {
    /// Encoded elements; each was decoded or encoded successfully before.
    Wire(&'a [u8], PhantomData<E>),
    /// Elements that the caller lists.
    Items(&'a [E]),
}

impl<E> Default for List<'_, E> {
    fn default() -> Self {
        Self::Items(&[])
    }
}

impl<'a, E> List<'a, E> {
    /// A list over bytes whose elements were all decoded before.
    pub(crate) fn wire(bytes: &'a [u8]) -> Self {
        Self::Wire(bytes, PhantomData)
    }

    /// Returns a list over `items`, to be encoded.
    pub fn of(items: &'a [E]) -> Self {
        Self::Items(items)
    }

    /// Returns a list over elements that were encoded before, one after the other.
    pub fn encoded(bytes: &'a [u8]) -> Self {
        Self::wire(bytes)
    }

    /// Returns whether the list has no elements.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Wire(bytes, _) => bytes.is_empty(),
            Self::Items(items) => items.is_empty(),
        }
    }

    /// Returns the bytes as received; `None` for a list made by [`List::of`].
    pub fn wire_bytes(&self) -> Option<&'a [u8]> {
        match self {
            Self::Wire(bytes, _) => Some(bytes),
            Self::Items(_) => None,
        }
    }
}

impl<'a, E: Decode<'a> + Clone> List<'a, E> {
    /// Iterates over the elements.
    pub fn iter(&self) -> Iter<'a, E> {
        Iter { left: self.clone_shallow() }
    }

    fn clone_shallow(&self) -> List<'a, E> {
        match self {
            Self::Wire(bytes, _) => Self::Wire(bytes, PhantomData),
            Self::Items(items) => Self::Items(items),
        }
    }

    /// Returns whether `element` is in the list.
    pub fn contains(&self, element: &E) -> bool
    where
        E: PartialEq,
    {
        self.iter().any(|found| found == *element)
    }
}

impl<E: Encode> List<'_, E> {
    /// Encodes the elements, without a length prefix.
    pub fn encode_elements(&self, writer: &mut Writer<'_>) {
        match self {
            Self::Wire(bytes, _) => writer.bytes(bytes),
            Self::Items(items) => items.iter().for_each(|item| item.encode(writer)),
        }
    }
}

/// Iterator over the elements of a [`List`].
#[derive(Clone, Debug)]
pub struct Iter<'a, E> {
    left: List<'a, E>,
}

impl<'a, E: Decode<'a> + Clone> Iterator for Iter<'a, E> {
    type Item = E;

    fn next(&mut self) -> Option<E> {
        match &mut self.left {
            List::Wire(bytes, _) => {
                let mut slot = ErrorSlot::default();
                let mut reader = Reader::new(bytes, &mut slot);
                if reader.is_empty() {
                    return None;
                }
                let element = E::decode(&mut reader).ok()?;
                *bytes = reader.remaining();
                Some(element)
            }
            List::Items(items) => {
                let (first, rest) = items.split_first()?;
                *items = rest;
                Some(first.clone())
            }
        }
    }
}
