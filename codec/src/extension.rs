//! Extensions: RFC 8446 §4.2, RFC 6066 and others, one per file. [`blocks`] lists which extensions each
//! message may carry. This file has what all blocks share: the macro that declares one, and the iterator
//! over its wire bytes.

mod blocks;
mod certificate_authorities;
mod certificate_type;
mod compress_certificate;
mod cookie;
mod early_data;
mod ec_point_formats;
mod empty;
mod imported_identity;
mod key_share;
mod oid_filters;
mod opaque;
mod padding;
mod pre_shared_key;
mod protocol_name_list;
mod psk_key_exchange_modes;
mod record_size_limit;
mod renegotiation_info;
mod seen;
mod server_name;
mod signature_algorithms;
mod status_request;
mod supported_groups;
mod supported_versions;

pub use blocks::*;
pub use certificate_authorities::*;
pub use certificate_type::*;
pub use compress_certificate::*;
pub use cookie::*;
pub use early_data::*;
pub use ec_point_formats::*;
pub use empty::*;
pub use imported_identity::*;
pub use key_share::*;
pub use oid_filters::*;
pub use opaque::*;
pub use padding::*;
pub use pre_shared_key::*;
pub use protocol_name_list::*;
pub use psk_key_exchange_modes::*;
pub use record_size_limit::*;
pub use renegotiation_info::*;
pub use server_name::*;
pub use signature_algorithms::*;
pub use status_request::*;
pub use supported_groups::*;
pub use supported_versions::*;

use seen::Seen;

use crate::{ErrorSlot, ExtensionType, Field, Malformed, Problem, Reader, Trace};

/// Declares a block: one `Option` per extension that the message may carry, in the order of encoding.
/// `last` names a type that must end the block.
macro_rules! extension_block {
    ($(#[$doc:meta])* $block:ident<$life:lifetime>, last: $last:expr; {
        $($name:ident: $content:ty),+ $(,)?
    }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default)]
        pub struct $block<$life> {
            $(#[doc = concat!("The extension `", stringify!($name), "`.")] pub $name: Option<$content>,)+
            /// Whether the message has an extensions block at all; a TLS 1.2 hello may end before it.
            pub present: bool,
            /// Content of the block as received, which includes extensions without a field here. Ignored
            /// when encoding; leave it empty in a block built for that.
            pub wire: &$life [u8],
        }

        impl<$life> $block<$life> {
            /// Extension types in wire order, unknown ones included. For a block that was built and not
            /// decoded: the types that encoding will write.
            pub fn types(&self) -> impl Iterator<Item = $crate::ExtensionType> + use<$life> {
                let built = !self.present;
                let fields = [$((built && self.$name.is_some()).then_some($crate::ExtensionType::$name)),+];
                $crate::extension::WireTypes { left: self.wire }.chain(fields.into_iter().flatten())
            }

            /// The types in a block that was decoded, in wire order, unknown ones included: as
            /// [`Self::types`], with a third of the code.
            pub fn received_types(&self) -> impl Iterator<Item = $crate::ExtensionType> + use<$life> {
                $crate::extension::WireTypes { left: self.wire }
            }

            /// Returns whether none of the extensions with a field here is present.
            pub fn is_empty(&self) -> bool {
                $(self.$name.is_none())&&+
            }
        }

        impl<$life> $crate::Decode<$life> for $block<$life> {
            fn decode<T: $crate::Trace>(
                reader: &mut $crate::Reader<$life, '_, T>,
            ) -> Result<Self, $crate::Malformed> {
                let mut block = Self::default();
                block.read(reader, |_| true)?;
                Ok(block)
            }
        }

        impl<$life> $block<$life> {
            /// Decodes into a block that is empty so far, so that a large block is not copied. The content
            /// of types that are not `known` stays opaque, as that of types without a field here, and the
            /// compiler leaves their decoders out.
            ///
            /// # Errors
            /// As [`Decode::decode`]($crate::Decode::decode).
            pub fn read<T: $crate::Trace>(
                &mut self,
                reader: &mut $crate::Reader<$life, '_, T>,
                known: impl Fn($crate::ExtensionType) -> bool,
            ) -> Result<(), $crate::Malformed> {
                self.present = true;
                self.wire = $crate::extension::read_block(reader, $last, &mut |extension_type, data| {
                    Self::read_content(Some(&mut *self), extension_type, data, &known)
                })?;
                Ok(())
            }

            /// As [`Self::read`], and keeps nothing: for a block that is read where it stands.
            ///
            /// # Errors
            /// As [`Decode::decode`]($crate::Decode::decode).
            pub fn check<T: $crate::Trace>(
                reader: &mut $crate::Reader<$life, '_, T>,
                known: impl Fn($crate::ExtensionType) -> bool,
            ) -> Result<(), $crate::Malformed> {
                let wire = $crate::extension::read_block(reader, $last, &mut |extension_type, data| {
                    Self::read_content(None, extension_type, data, &known)
                });
                wire.map(|_| ())
            }

            /// Decodes the content of one extension into a block, where there is one; returns its name.
            fn read_content<T: $crate::Trace>(
                block: Option<&mut Self>,
                extension_type: $crate::ExtensionType,
                data: &mut $crate::Reader<$life, '_, T>,
                known: &impl Fn($crate::ExtensionType) -> bool,
            ) -> Result<$crate::Field, $crate::Malformed> {
                Ok(match extension_type {
                    $($crate::ExtensionType::$name if known($crate::ExtensionType::$name) => {
                        let content = data.structure($crate::Field::$name, $crate::Decode::decode)?;
                        if let Some(block) = block {
                            block.$name = Some(content);
                        }
                        $crate::Field::$name
                    })+
                    _ => {
                        data.rest($crate::Field::opaque);
                        $crate::Field::extension_data
                    }
                })
            }
        }

        impl $crate::Encode for $block<'_> {
            fn encode(&self, writer: &mut $crate::Writer<'_>) {
                writer.vector16($crate::Field::extensions, |writer| {
                    $(if let Some(content) = &self.$name {
                        writer.word($crate::ExtensionType::$name);
                        writer.vector16($crate::Field::$name, |inner| $crate::Encode::encode(content, inner));
                    })+
                });
            }
        }
    };
}
use extension_block;

/// Reads the content of an extension of that type, all of it, and returns its name.
type ReadContent<'e, 'a, T> =
    dyn FnMut(ExtensionType, &mut Reader<'a, '_, T>) -> Result<Field, Malformed> + 'e;

/// Reads a block. All blocks share this function: the content is read by a reference, and not by a type
/// parameter.
fn read_block<'a, T: Trace>(
    reader: &mut Reader<'a, '_, T>,
    last: Option<ExtensionType>,
    read_content: &mut ReadContent<'_, 'a, T>,
) -> Result<&'a [u8], Malformed> {
    reader.vector16(Field::extensions, 0..=0xffff, |block| {
        let wire = block.remaining();
        let mut seen = Seen::default();
        while !block.is_empty() {
            let start = block.offset();
            block.structure(Field::extension, |extension| {
                let extension_type = extension.word(Field::extension_type)?;
                if let Some(problem) = seen.add(wire, extension_type, last) {
                    let repeated =
                        if problem == Problem::Duplicate { u32::from(extension_type.0) } else { 0 };
                    return Err(extension.error_at(start, Field::extension_type, problem, [repeated, 0, 0]));
                }
                extension.vector16(Field::extension_data, 0..=0xffff, |data| {
                    let name = read_content(extension_type, data)?;
                    data.finish(name)
                })
            })?;
        }
        Ok(wire)
    })
}

/// Iterates over the types in a block's content and skips their data.
#[derive(Clone, Debug)]
pub(crate) struct WireTypes<'a> {
    pub(crate) left: &'a [u8],
}

impl Iterator for WireTypes<'_> {
    type Item = ExtensionType;

    fn next(&mut self) -> Option<ExtensionType> {
        let mut slot = ErrorSlot::default();
        let mut reader = Reader::new(self.left, &mut slot);
        let extension_type = reader.word(Field::extension_type).ok()?;
        reader.opaque16(Field::extension_data, 0..=0xffff).ok()?;
        self.left = reader.remaining();
        Some(extension_type)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::{bytes, encoded, known, outcome, sound};
    use crate::*;

    fn block(content: &str) -> alloc::vec::Vec<u8> {
        let content = bytes(content);
        [&(content.len() as u16).to_be_bytes()[..], &content].concat()
    }

    fn error(content: &str) -> DecodeError {
        ClientHelloExtensions::from_bytes(&block(content), Field::body).unwrap_err()
    }

    fn problem(wire: &[u8]) -> (Problem, [u32; 3]) {
        let (error, numbers) = outcome::<ClientHelloExtensions<'_>>(wire).unwrap_err();
        (error.problem, numbers)
    }

    #[test]
    fn repetitions() {
        let known = error("0017 0000 0017 0000");
        assert_eq!((known.field, known.offset), (Field::extension_type, 6));
        assert_eq!(problem(&block("0017 0000 0017 0000")), (Problem::Duplicate, [23, 0, 0]));
        // A type that is known but not permitted in a ClientHello; unknown types below and above 64;
        // renegotiation_info.
        for twice in ["0030", "003f", "0040", "07ff", "0800", "eeee", "ffff"] {
            let found = problem(&block(&alloc::format!("{twice} 0001 00 0016 0000 {twice} 0000")));
            let value = u32::from_str_radix(twice, 16).unwrap();
            assert_eq!(found, (Problem::Duplicate, [value, 0, 0]));
        }
        let found = problem(&block("ff01 0001 00 ff01 0001 00"));
        assert_eq!(found, (Problem::Duplicate, [0xff01, 0, 0]));
    }

    #[test]
    fn pre_shared_key_ends_a_client_hello() {
        let binder = "00".repeat(32);
        let psk = alloc::format!("0029 002c 0007 0001 78 00000000 0021 20 {binder}");
        let last = block(&alloc::format!("0017 0000 {psk}"));
        assert!(ClientHelloExtensions::from_bytes(&last, Field::body).is_ok());
        let found = error(&alloc::format!("{psk} 0017 0000"));
        assert_eq!((found.problem, found.offset), (Problem::NotLast, 2 + 48));
        // In a ServerHello it may be anywhere.
        let server = block("0029 0002 0000 002b 0002 0304");
        assert!(ServerHelloExtensions::from_bytes(&server, Field::body).is_ok());
    }

    #[test]
    fn what_does_not_belong_stays_opaque_and_listed() {
        // key_share and an unknown type in EncryptedExtensions.
        let wire = block("0033 0001 ff 0000 0000 abcd 0002 0102");
        let found = EncryptedExtensionsBlock::from_bytes(&wire, Field::body).unwrap();
        let types: alloc::vec::Vec<_> = found.types().map(|found| found.0).collect();
        assert_eq!(types, [51, 0, 0xabcd]);
        assert!(found.server_name.is_some() && found.present);
        assert_eq!(found.wire, &wire[2..]);
        assert_eq!(encoded(&found), block("0000 0000"));
    }

    #[test]
    fn types_that_are_not_known_stay_opaque() {
        // supported_groups with a list of odd length, record_size_limit.
        let wire = block("000a 0003 0001 ff 001c 0002 0200");
        let decode = |wire: &[u8], known: fn(ExtensionType) -> bool| {
            let mut slot = ErrorSlot::default();
            let mut found = ClientHelloExtensions::default();
            let decoded = found.read(&mut Reader::new(wire, &mut slot), known);
            decoded.map_err(|malformed| slot.error(malformed))?;
            let limit = found.record_size_limit.map(|limit| limit.record_size_limit);
            Ok::<_, DecodeError>((
                found.supported_groups.is_some(),
                limit,
                found.types().map(|found| found.0).sum::<u16>(),
            ))
        };
        let groups_unknown = |found| found != ExtensionType::supported_groups;
        assert_eq!(decode(&wire, groups_unknown), Ok((false, Some(512), 10 + 28)));
        assert_eq!(decode(&wire, |_| false), Ok((false, None, 10 + 28)));
        let error = decode(&wire, |_| true).unwrap_err();
        assert_eq!((error.field, error.problem), (Field::named_group_list, Problem::OutOfRange));
        // Rules for types hold for all of them.
        let error = decode(&block("000a 0000 000a 0000"), |_| false).unwrap_err();
        assert_eq!((error.problem, error.offset), (Problem::Duplicate, 6));
        let error = decode(&block("0029 0000 000a 0000"), |_| false).unwrap_err();
        assert_eq!((error.problem, error.offset), (Problem::NotLast, 6));
    }

    #[test]
    fn contents_must_end_where_they_say() {
        assert_eq!(problem(&block("0017 0001 00")), (Problem::Trailing, [1, 0, 0]));
        assert_eq!(error("0017 0001 00").field, Field::extended_master_secret);
        assert_eq!(error("002d 0002 02 00").field, Field::ke_modes);
        assert_eq!(problem(&block("0017 0001")), (Problem::Truncated, [1, 0, 0]));
        assert_eq!(problem(&block("00")), (Problem::Truncated, [2, 1, 0]));
    }

    /// A block of empty extensions of these types.
    fn empty(types: impl IntoIterator<Item = u16>) -> alloc::vec::Vec<u8> {
        let content: alloc::vec::Vec<u8> =
            types.into_iter().flat_map(|n| n.to_be_bytes().into_iter().chain([0, 0])).collect();
        [&(content.len() as u16).to_be_bytes()[..], &content].concat()
    }

    #[test]
    fn any_number_of_extensions() {
        for count in [64, 65, 128, 129, 16_000] {
            let types = || (0..count).map(|n| 0x4000 + n);
            let wire = empty(types());
            let found = ClientHelloExtensions::from_bytes(&wire, Field::body).unwrap();
            assert_eq!(found.types().count(), usize::from(count));
            // Repeats the last type at the end; repeats the first type in the middle and another one
            // later.
            for (again, places) in [(0x4000 + count - 1, [count, u16::MAX]), (0x4000, [count / 2, count - 1])]
            {
                let repeating = types().enumerate().flat_map(|(place, found)| {
                    let here = places.contains(&(place as u16));
                    here.then_some(again).into_iter().chain([found])
                });
                let end = (places[0] == count).then_some(again);
                let wire = empty(repeating.chain(end));
                let (error, numbers) = outcome::<ClientHelloExtensions<'_>>(&wire).unwrap_err();
                assert_eq!((error.problem, numbers), (Problem::Duplicate, [u32::from(again), 0, 0]));
                assert_eq!(error.offset, 2 + 4 * u32::from(places[0]), "{count}");
            }
        }
    }

    #[test]
    fn every_block_empty() {
        known!(ClientHelloExtensions<'_>, ClientHelloExtensions::default(), "0000");
        known!(ServerHelloExtensions<'_>, ServerHelloExtensions::default(), "0000");
        known!(HelloRetryRequestExtensions<'_>, HelloRetryRequestExtensions::default(), "0000");
        known!(EncryptedExtensionsBlock<'_>, EncryptedExtensionsBlock::default(), "0000");
        known!(CertificateEntryExtensions<'_>, CertificateEntryExtensions::default(), "0000");
        known!(CertificateRequestExtensions<'_>, CertificateRequestExtensions::default(), "0000");
        known!(NewSessionTicketExtensions<'_>, NewSessionTicketExtensions::default(), "0000");
    }

    #[test]
    fn certificate_request_in_full() {
        let schemes =
            SignatureSchemeList { supported_signature_algorithms: List::of(&[SignatureScheme::ed25519]) };
        let filters = [OidFilter { certificate_extension_oid: &[1], certificate_extension_values: b"" }];
        let wire = encoded(&CertificateRequestExtensions {
            status_request: Some(Opaque { opaque: b"" }),
            signature_algorithms: Some(schemes),
            signature_algorithms_cert: Some(schemes),
            signed_certificate_timestamp: Some(Empty),
            compress_certificate: Some(CertificateCompressionAlgorithms {
                algorithms: List::of(&[CertificateCompressionAlgorithm::zlib]),
            }),
            delegated_credential: Some(Opaque { opaque: b"d" }),
            certificate_authorities: Some(CertificateAuthorities {
                authorities: List::of(&[DistinguishedName(b"ca")]),
            }),
            oid_filters: Some(OidFilters { filters: List::of(&filters) }),
            ..Default::default()
        });
        sound::<CertificateRequestExtensions<'_>>(&wire);
    }
}
