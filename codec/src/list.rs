//! A list of wire elements that needs no heap: either the bytes of a message, already
//! checked, or the caller's slice, about to be written.

use core::marker::PhantomData;

use crate::{Decode, Encode, EncodeError, Reader, Writer};

/// Elements of one vector.
#[derive(Clone, Copy, Debug)]
pub enum List<'a, E> {
    /// As they stood in a message, or will stand; every element was read or written once before.
    Wire(&'a [u8], PhantomData<E>),
    /// As the caller lists them.
    Items(&'a [E]),
}

impl<E> Default for List<'_, E> {
    fn default() -> Self {
        Self::Items(&[])
    }
}

impl<'a, E> List<'a, E> {
    /// Bytes of which each element has been read before.
    pub(crate) fn wire(bytes: &'a [u8]) -> Self {
        Self::Wire(bytes, PhantomData)
    }

    /// A list to be written.
    pub fn of(items: &'a [E]) -> Self {
        Self::Items(items)
    }

    /// Elements that were encoded before, one behind the other.
    pub fn encoded(bytes: &'a [u8]) -> Self {
        Self::wire(bytes)
    }

    /// Whether there is no element.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Wire(bytes, _) => bytes.is_empty(),
            Self::Items(items) => items.is_empty(),
        }
    }

    /// The bytes as they stood in the message; none for a list of items.
    pub fn wire_bytes(&self) -> Option<&'a [u8]> {
        match self {
            Self::Wire(bytes, _) => Some(bytes),
            Self::Items(_) => None,
        }
    }
}

impl<'a, E: Decode<'a> + Clone> List<'a, E> {
    /// Walks the elements.
    pub fn iter(&self) -> Iter<'a, E> {
        Iter { left: self.clone_shallow() }
    }

    fn clone_shallow(&self) -> List<'a, E> {
        match self {
            Self::Wire(bytes, _) => Self::Wire(bytes, PhantomData),
            Self::Items(items) => Self::Items(items),
        }
    }

    /// Whether `element` is among them.
    pub fn contains(&self, element: &E) -> bool
    where
        E: PartialEq,
    {
        self.iter().any(|found| found == *element)
    }
}

impl<E: Encode> List<'_, E> {
    /// Writes the elements, without a length.
    ///
    /// # Errors
    /// Those of an element.
    pub fn encode_elements(&self, writer: &mut Writer<'_>) -> Result<(), EncodeError> {
        match self {
            Self::Wire(bytes, _) => writer.bytes(bytes),
            Self::Items(items) => items.iter().try_for_each(|item| item.encode(writer)),
        }
    }
}

/// Walks a [`List`].
#[derive(Clone, Debug)]
pub struct Iter<'a, E> {
    left: List<'a, E>,
}

impl<'a, E: Decode<'a> + Clone> Iterator for Iter<'a, E> {
    type Item = E;

    fn next(&mut self) -> Option<E> {
        match &mut self.left {
            List::Wire(bytes, _) => {
                let mut silent = ();
                let mut reader = Reader::new(bytes, &mut silent);
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
