//! Numbers from IANA's registries. A word is any number of its width; the known ones have
//! names. Unknown values and GREASE (RFC 8701) are therefore tolerated everywhere.

mod alert;
pub use alert::*;

use crate::{Decode, DecodeError, Encode, EncodeError, Field, Reader, Trace, Writer};

/// A registered number of one or two bytes.
pub trait Word: Copy {
    /// Bytes on the wire, 1 or 2.
    const SIZE: usize;
    /// The field name of one such value in a list.
    const FIELD: Field;
    /// From the wire.
    fn from_number(number: u32) -> Self;
    /// To the wire.
    fn number(self) -> u32;
    /// The registered name, if it is known.
    fn known_name(self) -> Option<&'static str>;
}

impl<'a, W: Word> Decode<'a> for W {
    fn decode<T: Trace>(reader: &mut Reader<'a, '_, T>) -> Result<Self, DecodeError> {
        reader.word(W::FIELD)
    }
}

impl<W: Word> Encode for W {
    fn encode(&self, writer: &mut Writer<'_>) -> Result<(), EncodeError> {
        writer.word(*self)
    }
}

/// Declares a registry: `words! { /// doc  Name(u16, field_name) { NAME = 0x0001, … } }`.
macro_rules! words {
    ($(#[$doc:meta])* $type:ident($int:ty, $field:ident) { $($name:ident = $number:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $type(pub $int);

        #[allow(missing_docs, non_upper_case_globals, reason = "the names are the RFCs' own")]
        impl $type {
            $(pub const $name: Self = Self($number);)+

            /// The registered name, if it is known.
            pub fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($number => Some(stringify!($name)),)+
                    _ => None,
                }
            }

            /// The value registered under `name`.
            pub fn from_name(name: &str) -> Option<Self> {
                match name {
                    $(stringify!($name) => Some(Self($number)),)+
                    _ => None,
                }
            }
        }

        impl $crate::name::Word for $type {
            const SIZE: usize = size_of::<$int>();
            const FIELD: $crate::Field = $crate::Field::$field;
            fn from_number(number: u32) -> Self {
                Self(<$int>::try_from(number).unwrap_or(<$int>::MAX))
            }
            fn number(self) -> u32 {
                u32::from(self.0)
            }
            fn known_name(self) -> Option<&'static str> {
                self.name()
            }
        }

        /// The registered name, or the number in hexadecimal.
        impl core::fmt::Display for $type {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                match self.name() {
                    Some(name) => f.write_str(name),
                    None if size_of::<$int>() == 1 => write!(f, "0x{:02x}", self.0),
                    None => write!(f, "0x{:04x}", self.0),
                }
            }
        }

        impl core::fmt::Debug for $type {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                core::fmt::Display::fmt(self, f)
            }
        }
    };
}
pub(crate) use words;
