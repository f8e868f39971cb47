//! A ClientHello read where it stands. A server keeps the message as it came, and its states look up in
//! it what they need: nothing is copied out of it, and a list costs memory only once.

use crate::{ExtensionType, HandshakeHeader, NamedGroup, ProtocolVersion};

/// Fields of a ClientHello that was decoded before. Other bytes lead to empty answers.
#[derive(Clone, Copy, Debug)]
pub struct ClientHelloView<'a> {
    message: &'a [u8],
}

/// Where the random stands, behind the header and legacy_version.
const RANDOM: usize = HandshakeHeader::SIZE + 2;

impl<'a> ClientHelloView<'a> {
    /// Returns a view of a whole message, header included.
    pub fn new(message: &'a [u8]) -> Self {
        Self { message }
    }

    /// Returns the message, header included.
    pub fn message(self) -> &'a [u8] {
        self.message
    }

    /// legacy_version.
    pub fn legacy_version(self) -> ProtocolVersion {
        let number = self.message.get(HandshakeHeader::SIZE..).and_then(|body| body.first_chunk());
        ProtocolVersion(number.copied().map_or(0, u16::from_be_bytes))
    }

    /// The client's random.
    pub fn random(self) -> &'a [u8; 32] {
        self.message.get(RANDOM..).and_then(|rest| rest.first_chunk()).unwrap_or(&[0; 32])
    }

    /// legacy_session_id.
    pub fn session_id(self) -> &'a [u8] {
        self.vector(0)
    }

    /// The numbers of the cipher suites, two bytes each.
    pub fn cipher_suites(self) -> &'a [u8] {
        self.vector(1)
    }

    /// legacy_compression_methods.
    pub fn compression_methods(self) -> &'a [u8] {
        self.vector(2)
    }

    /// The extensions in order, each with its content.
    pub fn extensions(self) -> impl Iterator<Item = (ExtensionType, &'a [u8])> {
        Entries { left: self.vector(3) }.map(|(number, content)| (ExtensionType(number), content))
    }

    /// The content of an extension.
    pub fn extension(self, wanted: ExtensionType) -> Option<&'a [u8]> {
        let mut entries = Entries { left: self.vector(3) };
        entries.find(|(number, _)| *number == wanted.0).map(|(_, content)| content)
    }

    /// Returns whether the hello has an extension of that type.
    pub fn offers(self, extension_type: ExtensionType) -> bool {
        self.extension(extension_type).is_some()
    }

    /// The content of an extension that is one vector, without its length of `prefix` bytes.
    pub fn list(self, extension_type: ExtensionType, prefix: usize) -> Option<&'a [u8]> {
        self.extension(extension_type).map(|content| split(content, prefix).0)
    }

    /// The key shares in order.
    pub fn key_shares(self) -> impl Iterator<Item = (NamedGroup, &'a [u8])> + Clone {
        let left = self.list(ExtensionType::key_share, 2).unwrap_or_default();
        Entries { left }.map(|(number, key_exchange)| (NamedGroup(number), key_exchange))
    }

    /// The identities and the binders of pre_shared_key, each without the length of the list.
    pub fn pre_shared_keys(self) -> Option<(&'a [u8], &'a [u8])> {
        let (identities, binders) = split(self.extension(ExtensionType::pre_shared_key)?, 2);
        Some((identities, split(binders, 2).0))
    }

    /// The message up to the list of binders, which cover it (RFC 8446 §4.2.11.2). Binders are last.
    pub fn before_binders(self) -> &'a [u8] {
        let binders = self.pre_shared_keys().map_or(0, |(_, binders)| binders.len().saturating_add(2));
        self.message.get(..self.message.len().saturating_sub(binders)).unwrap_or_default()
    }

    /// One of the four vectors behind the random.
    fn vector(self, place: usize) -> &'a [u8] {
        const PREFIXES: [usize; 4] = [1, 2, 1, 2];
        let mut left = self.message.get(RANDOM + 32..).unwrap_or_default();
        let mut content = left;
        for prefix in PREFIXES.iter().take(place.saturating_add(1)) {
            (content, left) = split(left, *prefix);
        }
        content
    }
}

/// Returns whether a list of numbers of two bytes has this one.
pub fn has_number(list: &[u8], number: u16) -> bool {
    list.as_chunks().0.contains(&number.to_be_bytes())
}

/// A list of numbers of two bytes, each followed by a vector with a length of two: extensions, key shares.
#[derive(Clone)]
struct Entries<'a> {
    left: &'a [u8],
}

impl<'a> Iterator for Entries<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (number, rest) = self.left.split_first_chunk()?;
        let (content, rest) = split(rest, 2);
        self.left = rest;
        Some((u16::from_be_bytes(*number), content))
    }
}

/// The content of a vector whose length has `prefix` bytes, and what follows it.
fn split(bytes: &[u8], prefix: usize) -> (&[u8], &[u8]) {
    let (length, rest) = bytes.split_at_checked(prefix).unwrap_or_default();
    let length = length.iter().fold(0_usize, |length, byte| (length << 8) | usize::from(*byte));
    rest.split_at_checked(length).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::*;

    /// A message whose extensions are of all shapes that the view knows.
    fn message() -> alloc::vec::Vec<u8> {
        let shares = [
            KeyShareEntry { group: NamedGroup::x25519, key_exchange: &[9; 32] },
            KeyShareEntry { group: NamedGroup(0x0a0a), key_exchange: &[7] },
        ];
        let hello = ClientHello {
            legacy_version: ProtocolVersion::TLS_1_2,
            random: &[0x52; 32],
            legacy_session_id: &[1; 32],
            cipher_suites: List::of(&[
                CipherSuite::TLS_AES_128_GCM_SHA256,
                CipherSuite::TLS_AES_256_GCM_SHA384,
            ]),
            legacy_compression_methods: &[0],
            extensions: ClientHelloExtensions {
                supported_groups: Some(NamedGroupList { named_group_list: List::of(&[NamedGroup::x25519]) }),
                extended_master_secret: Some(Empty),
                cookie: Some(Cookie { cookie: b"c" }),
                psk_key_exchange_modes: Some(PskKeyExchangeModes {
                    ke_modes: List::of(&[PskKeyExchangeMode::psk_dhe_ke]),
                }),
                key_share: Some(KeyShareClientHello { client_shares: List::of(&shares) }),
                pre_shared_key: Some(OfferedPsks {
                    identities: List::of(&[PskIdentity { identity: b"id", obfuscated_ticket_age: 5 }]),
                    binders: List::of(&[PskBinderEntry(&[3; 32])]),
                }),
                ..Default::default()
            },
        };
        let mut message = alloc::vec::Vec::new();
        encode_handshake(&mut message, HandshakeType::client_hello, |writer| hello.encode(writer)).unwrap();
        message
    }

    #[test]
    fn a_view_shows_what_decoding_finds() {
        let message = message();
        let view = ClientHelloView::new(&message);
        let hello = ClientHello::from_bytes(&message[4..], Field::client_hello).unwrap();
        assert_eq!((view.legacy_version(), view.random()), (hello.legacy_version, hello.random));
        assert_eq!(view.session_id(), hello.legacy_session_id);
        assert_eq!(Some(view.cipher_suites()), hello.cipher_suites.wire_bytes());
        assert_eq!(view.compression_methods(), hello.legacy_compression_methods);
        assert!(view.extensions().map(|(found, _)| found).eq(hello.extensions.received_types()));
        let list = |extension_type, prefix| view.list(extension_type, prefix);
        let groups = hello.extensions.supported_groups.unwrap().named_group_list.wire_bytes();
        assert_eq!(list(ExtensionType::supported_groups, 2), groups);
        let modes = hello.extensions.psk_key_exchange_modes.unwrap().ke_modes.wire_bytes();
        assert_eq!(list(ExtensionType::psk_key_exchange_modes, 1), modes);
        assert_eq!(view.extension(ExtensionType::extended_master_secret), Some(&[][..]));
        assert!(!view.offers(ExtensionType::encrypt_then_mac) && view.offers(ExtensionType::cookie));
        let shares = hello.extensions.key_share.unwrap().client_shares;
        assert!(view.key_shares().eq(shares.iter().map(|share| (share.group, share.key_exchange))));
        let psks = hello.extensions.pre_shared_key.unwrap();
        let lists = (psks.identities.wire_bytes().unwrap(), psks.binders.wire_bytes().unwrap());
        assert_eq!(view.pre_shared_keys(), Some(lists));
        let covered = message.len() - psks.binders_wire_len();
        assert_eq!(view.before_binders(), &message[..covered]);
    }

    #[test]
    fn bytes_that_end_early_lead_to_nothing() {
        let message = message();
        let whole = ClientHelloView::new(&message).extensions().count();
        for length in 0..message.len() {
            let view = ClientHelloView::new(&message[..length]);
            assert!(view.extensions().count() <= whole);
            assert!(view.session_id().len() <= 32 && view.random().len() == 32);
            assert!(view.key_shares().count() <= 2);
        }
    }

    #[test]
    fn numbers_stand_at_even_places() {
        assert!(has_number(&[0, 1, 0x13, 0x01], 0x1301) && has_number(&[0x13, 0x01], 0x1301));
        assert!(!has_number(&[0, 0x13, 0x01, 0], 0x1301) && !has_number(&[], 0));
    }
}
