//! A list of wire elements without heap memory: either the bytes of a message, already validated, or a
//! slice that the caller wants to encode.

use core::marker::PhantomData;

use crate::{Decode, Encode, ErrorSlot, Reader, Writer, has_number, name::CodePoint};

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

impl<W: CodePoint> List<'_, W> {
    /// As [`List::contains`], by the numbers: no element is decoded.
    pub fn has(&self, word: W) -> bool {
        let number = word.number();
        match (self, W::SIZE) {
            (Self::Wire(bytes, _), 1) => bytes.iter().any(|byte| u32::from(*byte) == number),
            (Self::Wire(bytes, _), _) => u16::try_from(number).is_ok_and(|number| has_number(bytes, number)),
            (Self::Items(items), _) => items.iter().any(|item| item.number() == number),
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CertificateType, NamedGroup};

    #[test]
    fn a_number_is_found_as_the_element_is() {
        for wire in [&[][..], &[0, 29], &[0, 29, 0, 23], &[29, 0, 23, 0], &[2, 0, 29, 1]] {
            let list = List::<NamedGroup>::encoded(wire);
            for group in [NamedGroup::x25519, NamedGroup::secp256r1, NamedGroup(0x1d00)] {
                assert_eq!(list.has(group), list.contains(&group), "{wire:?} {group:?}");
            }
            let types = List::<CertificateType>::encoded(wire);
            assert_eq!(types.has(CertificateType::RawPublicKey), wire.contains(&2), "{wire:?}");
        }
        let items = [NamedGroup::x25519];
        assert!(List::of(&items).has(NamedGroup::x25519) && !List::of(&items).has(NamedGroup::secp256r1));
    }
}
