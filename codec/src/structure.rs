//! Declares plain structures. The fields are listed once, in wire order; `decode` and `encode` both
//! follow from that list and so cannot disagree.
//!
//! `structure! { /// doc  Name<'a> in field { /// doc  field: type => kind, … } }`, where `in field` is
//! the structure's name in the trace (omitted if the caller reports it), and a kind is a method of
//! [`crate::Reader`] with the RFC's bounds: `word`, `u16`, `u24`, `u32`, `array`, `rest`,
//! `opaque8(1..=255)`, `words16(2..=0xfffe)`, `list16(…)`, or `nested` for a structure of its own.
//!
//! Two shorter forms: `Name<'a>(opaque16(1..=0xffff) in field)` is a single opaque vector, used as an
//! element of a list; `Name in field;` has no content.

macro_rules! structure {
    ($(#[$doc:meta])* $type:ident<$life:lifetime> $(in $outer:ident)? {
        $($(#[$field_doc:meta])* $field:ident: $content:ty => $kind:ident $(($range:expr))?),+ $(,)?
    }) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $type<$life> { $($(#[$field_doc])* pub $field: $content),+ }

        impl<$life> $crate::Decode<$life> for $type<$life> {
            fn decode<T: $crate::Trace>(
                reader: &mut $crate::Reader<$life, '_, T>,
            ) -> Result<Self, $crate::Malformed> {
                $crate::structure::named!(reader, $($outer,)? |inner| {
                    Ok(Self {
                        $($field: $crate::structure::read_field!(inner, $field, $kind $(, $range)?)),+
                    })
                })
            }
        }
        impl $crate::Encode for $type<'_> {
            $crate::structure::encode_fields!($($field: $kind),+);
        }
    };
    ($(#[$doc:meta])* $type:ident $(in $outer:ident)? {
        $($(#[$field_doc:meta])* $field:ident: $content:ty => $kind:ident $(($range:expr))?),+ $(,)?
    }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $type { $($(#[$field_doc])* pub $field: $content),+ }

        impl<'a> $crate::Decode<'a> for $type {
            fn decode<T: $crate::Trace>(
                reader: &mut $crate::Reader<'a, '_, T>,
            ) -> Result<Self, $crate::Malformed> {
                $crate::structure::named!(reader, $($outer,)? |inner| {
                    Ok(Self {
                        $($field: $crate::structure::read_field!(inner, $field, $kind $(, $range)?)),+
                    })
                })
            }
        }
        impl $crate::Encode for $type {
            $crate::structure::encode_fields!($($field: $kind),+);
        }
    };
    ($(#[$doc:meta])* $type:ident<$life:lifetime>($kind:ident($range:expr) in $field:ident)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $type<$life>(pub &$life [u8]);

        impl<$life> $crate::Decode<$life> for $type<$life> {
            fn decode<T: $crate::Trace>(
                reader: &mut $crate::Reader<$life, '_, T>,
            ) -> Result<Self, $crate::Malformed> {
                Ok(Self($crate::structure::read_field!(reader, $field, $kind, $range)))
            }
        }
        impl $crate::Encode for $type<'_> {
            fn encode(&self, writer: &mut $crate::Writer<'_>) {
                $crate::structure::write_field!(writer, $field, $kind, self.0);
            }
        }
    };
    ($(#[$doc:meta])* $type:ident in $outer:ident;) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $type;

        impl<'a> $crate::Decode<'a> for $type {
            fn decode<T: $crate::Trace>(
                reader: &mut $crate::Reader<'a, '_, T>,
            ) -> Result<Self, $crate::Malformed> {
                reader.structure($crate::Field::$outer, |_| Ok(Self))
            }
        }
        impl $crate::Encode for $type {
            fn encode(&self, _: &mut $crate::Writer<'_>) {}
        }
    };
}
pub(crate) use structure;

/// Reports the structure's name to the trace around its fields, if it has a name of its own.
macro_rules! named {
    ($reader:ident, $outer:ident, |$inner:ident| $body:block) => {
        $reader.structure($crate::Field::$outer, |$inner| $body)
    };
    ($reader:ident, |$inner:ident| $body:block) => {{
        let $inner = $reader;
        $body
    }};
}
pub(crate) use named;

/// Decodes one field of a kind.
macro_rules! read_field {
    ($reader:ident, $field:ident, nested) => {
        $crate::Decode::decode($reader)?
    };
    ($reader:ident, $field:ident, rest) => {
        $reader.rest($crate::Field::$field)
    };
    ($reader:ident, $field:ident, $kind:ident $(, $range:expr)?) => {
        $reader.$kind($crate::Field::$field $(, $range)?)?
    };
}
pub(crate) use read_field;

/// `fn encode`: encodes the fields in order.
macro_rules! encode_fields {
    ($($field:ident: $kind:ident),+) => {
        fn encode(&self, writer: &mut $crate::Writer<'_>) {
            $($crate::structure::write_field!(writer, $field, $kind, self.$field);)+
        }
    };
}
pub(crate) use encode_fields;

/// Encodes one field of a kind.
macro_rules! write_field {
    ($writer:ident, $field:ident, nested, $value:expr) => {
        $crate::Encode::encode(&$value, $writer)
    };
    ($writer:ident, $field:ident, rest, $value:expr) => {
        $writer.bytes($value)
    };
    ($writer:ident, $field:ident, array, $value:expr) => {
        $writer.bytes($value)
    };
    ($writer:ident, $field:ident, words8, $value:expr) => {
        $crate::structure::write_field!($writer, $field, list8, $value)
    };
    ($writer:ident, $field:ident, words16, $value:expr) => {
        $crate::structure::write_field!($writer, $field, list16, $value)
    };
    ($writer:ident, $field:ident, list8, $value:expr) => {
        $writer.vector8($crate::Field::$field, |inner| $value.encode_elements(inner))
    };
    ($writer:ident, $field:ident, list16, $value:expr) => {
        $writer.vector16($crate::Field::$field, |inner| $value.encode_elements(inner))
    };
    ($writer:ident, $field:ident, list24, $value:expr) => {
        $writer.vector24($crate::Field::$field, |inner| $value.encode_elements(inner))
    };
    ($writer:ident, $field:ident, opaque8, $value:expr) => {
        $writer.opaque8($crate::Field::$field, $value)
    };
    ($writer:ident, $field:ident, opaque16, $value:expr) => {
        $writer.opaque16($crate::Field::$field, $value)
    };
    ($writer:ident, $field:ident, opaque24, $value:expr) => {
        $writer.opaque24($crate::Field::$field, $value)
    };
    ($writer:ident, $field:ident, $kind:ident, $value:expr) => {
        $writer.$kind($value)
    };
}
pub(crate) use write_field;
