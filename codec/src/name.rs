//! Numbers from IANA registries. A code point type holds any number of its width; registered ones have a
//! name. Unknown values and GREASE (RFC 8701) therefore decode everywhere.

mod alert;
mod certificate;
mod cipher_suite;
mod extension_type;
mod handshake;
mod key_exchange;
mod named_group;
mod negotiation;
mod record;
mod signature_scheme;
mod suite_facts;
pub use alert::*;
pub use certificate::*;
pub use cipher_suite::*;
pub use extension_type::*;
pub use handshake::*;
pub use key_exchange::*;
pub use named_group::*;
pub use negotiation::*;
pub use record::*;
pub use signature_scheme::*;
pub use suite_facts::*;

use crate::{Decode, Encode, Field, Malformed, Reader, Trace, Writer};

/// A registered number of one or two bytes.
pub trait CodePoint: Copy {
    /// Size on the wire in bytes: 1 or 2.
    const SIZE: usize;
    /// Field name of one such value in a list.
    const FIELD: Field;
    /// Converts from the number on the wire, whose higher bytes are ignored.
    fn from_number(number: u32) -> Self;
    /// Returns the number on the wire.
    fn number(self) -> u32;
    /// Returns the registered name, if the number is known.
    fn known_name(self) -> Option<&'static str>;
}

impl<'a, W: CodePoint> Decode<'a> for W {
    fn decode<T: Trace>(reader: &mut Reader<'a, '_, T>) -> Result<Self, Malformed> {
        reader.word(W::FIELD)
    }
}

impl<W: CodePoint> Encode for W {
    fn encode(&self, writer: &mut Writer<'_>) {
        writer.word(*self);
    }
}

/// Declares a registry: `registry! { /// doc  Name(u16, field_name) { NAME = 0x0001, … } }`.
macro_rules! registry {
    ($(#[$doc:meta])* $type:ident($int:ident, $field:ident) { $($name:ident = $number:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $type(pub $int);

        #[allow(missing_docs, non_upper_case_globals, reason = "the names are the RFCs' own")]
        impl $type {
            $(pub const $name: Self = Self($number);)+

            /// Every value with a registered name.
            pub const ALL: &'static [Self] = &[$(Self($number)),+];

            /// Returns the registered name, if the number is known.
            pub fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($number => Some(stringify!($name)),)+
                    _ => None,
                }
            }

            /// Returns the value registered as `name`, if there is one.
            pub fn from_name(name: &str) -> Option<Self> {
                match name {
                    $(stringify!($name) => Some(Self($number)),)+
                    _ => None,
                }
            }
        }

        $crate::name::grease!($int, $type);

        impl $crate::name::CodePoint for $type {
            const SIZE: usize = size_of::<$int>();
            const FIELD: $crate::Field = $crate::Field::$field;
            fn from_number(number: u32) -> Self {
                let bytes = number.to_be_bytes();
                Self(<$int>::from_be_bytes(bytes.last_chunk().copied().unwrap_or_default()))
            }
            fn number(self) -> u32 {
                u32::from(self.0)
            }
            fn known_name(self) -> Option<&'static str> {
                self.name()
            }
        }

        /// Shows the registered name, or the number in hexadecimal.
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
pub(crate) use registry;

/// RFC 8701 §2 reserves GREASE numbers in registries of two bytes. PskKeyExchangeMode, the only one-byte
/// registry with GREASE, has its own function.
macro_rules! grease {
    (u16, $type:ident) => {
        impl $type {
            /// Returns whether the number is one of 0x0A0A, 0x1A1A … 0xFAFA, which peers send to verify
            /// that unknown values are ignored.
            pub fn is_grease(self) -> bool {
                let [high, low] = self.0.to_be_bytes();
                high == low && high & 0x0f == 0x0a
            }
        }
    };
    (u8, $type:ident) => {};
}
pub(crate) use grease;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::*;

    #[test]
    fn names_both_ways() {
        let suite = CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256;
        assert_eq!((suite.0, suite.name()), (0xc02b, Some("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256")));
        assert_eq!(CipherSuite::from_name("TLS_AES_128_CCM_8_SHA256"), Some(CipherSuite(0x1305)));
        assert_eq!(CipherSuite::from_name("TLS_NO_SUCH_SUITE"), None);
        assert_eq!(alloc::format!("{} {:?}", CipherSuite(0x0a0a), NamedGroup::x25519), "0x0a0a x25519");
        assert_eq!(alloc::format!("{}", AlertLevel(9)), "0x09");
    }

    #[test]
    fn values_with_a_name_in_the_order_of_their_numbers() {
        assert!(SignatureScheme::ALL.is_sorted() && NamedGroup::ALL.is_sorted());
        assert!(NamedGroup::ALL.iter().all(|group| group.name().is_some()));
    }

    #[test]
    fn grease() {
        for high in 0..=0xff_u16 {
            for low in 0..=0xff_u16 {
                let reserved = high == low && high & 0x0f == 0x0a;
                assert_eq!(ExtensionType(high << 8 | low).is_grease(), reserved);
            }
        }
        let modes = (0..=u8::MAX).filter(|mode| PskKeyExchangeMode(*mode).is_grease());
        assert!(modes.eq([0x0b, 0x2a, 0x49, 0x68, 0x87, 0xa6, 0xc5, 0xe4]));
    }
}
