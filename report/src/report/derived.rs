//! The notes that follow from a kept message: what it offers or chooses.

use handclasp_codec::{ExtensionType, NameType};

use super::{
    Item, Side, Tag,
    kept::{Kept, Part},
    whole_elements,
};

impl<'a> Kept<'a> {
    /// What the message offers or chooses.
    pub fn items(self) -> impl Iterator<Item = Item<'a>> {
        let list = match self.tag {
            Tag::ClientHello => self.offers(),
            _ => self.choices(),
        };
        let names = self.identities().filter(|identity| !identity.bytes.is_empty());
        let named = names.map(move |name| self.item(Tag::PskIdentity, name.bytes, name.is_cut()));
        let named = (self.tag == Tag::ClientHello).then_some(named);
        list.into_iter().flatten().chain(named.into_iter().flatten())
    }

    fn item(&self, tag: Tag, bytes: &'a [u8], cut: bool) -> Item<'a> {
        Item { from: self.from, tag, bytes: whole_elements(tag, bytes, cut), cut }
    }

    /// An extension's list behind its `head` bytes of length.
    fn list(&self, tag: Tag, extension: ExtensionType, head: usize) -> Option<Item<'a>> {
        let part = self.extension(extension)?;
        Some(self.item(tag, part.bytes.get(head..).unwrap_or_default(), part.is_cut()))
    }

    /// The types of the extensions, if there is a block of them.
    fn types_item(&self, tag: Tag) -> Option<Item<'a>> {
        Some(self.item(tag, self.types(), !self.is_whole))
    }

    fn field(&self, tag: Tag, part: Part<'a>) -> Option<Item<'a>> {
        Some(self.item(tag, part.bytes, part.is_cut()))
    }

    fn offers(&self) -> [Option<Item<'a>>; 8] {
        let has_versions = self.extension(ExtensionType::supported_versions).is_some();
        [
            match has_versions {
                true => self.list(Tag::Versions, ExtensionType::supported_versions, 1),
                false => Some(self.item(Tag::Versions, self.legacy_version, false)),
            },
            self.field(Tag::Suites, self.cipher_suites),
            self.types_item(Tag::Extensions),
            self.list(Tag::Groups, ExtensionType::supported_groups, 2),
            self.extension(ExtensionType::key_share)
                .map(|shares| self.item(Tag::KeyShares, shares.bytes, false)),
            self.list(Tag::Schemes, ExtensionType::signature_algorithms, 2),
            self.list(Tag::Alpn, ExtensionType::application_layer_protocol_negotiation, 2),
            self.host_name(),
        ]
    }

    /// The first host_name of server_name.
    fn host_name(&self) -> Option<Item<'a>> {
        let part = self.extension(ExtensionType::server_name)?;
        let [_, _, name_type, high, low, name @ ..] = part.bytes else { return None };
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let kept = name.get(..length).unwrap_or(name);
        let is_host = NameType(*name_type) == NameType::host_name && !kept.is_empty();
        is_host.then(|| self.item(Tag::ServerName, kept, kept.len() < length))
    }

    fn choices(&self) -> [Option<Item<'a>>; 8] {
        let choice = |tag, extension, head| {
            let part = self.extension(extension)?;
            Some(self.item(tag, part.bytes.get(head..)?, false))
        };
        let retried = self.is_retry();
        let version = choice(Tag::ChosenVersion, ExtensionType::supported_versions, 0);
        let hello = self.tag == Tag::ServerHello;
        let group = choice(Tag::ChosenGroup, ExtensionType::key_share, 0);
        let group = group.and_then(|item| Some(Item { bytes: item.bytes.get(..2)?, ..item }));
        let types =
            |from, extension| choice(Tag::CertificateType, extension, 0).map(|item| Item { from, ..item });
        [
            match (hello, version) {
                (true, None) => Some(self.item(Tag::ChosenVersion, self.legacy_version, false)),
                (_, version) => version,
            },
            hello.then(|| self.item(Tag::ChosenSuite, self.cipher_suites.bytes, false)),
            match retried {
                true => Some(group.map_or(self.item(Tag::HelloRetry, &[], false), |group| Item {
                    tag: Tag::HelloRetry,
                    ..group
                })),
                false => group,
            },
            match retried {
                true => {
                    self.extension(ExtensionType::cookie).map(|_| self.item(Tag::RetryCookie, &[], false))
                }
                false => self.types_item(Tag::ChosenExtensions),
            },
            self.protocol(),
            choice(Tag::ChosenPsk, ExtensionType::pre_shared_key, 0),
            types(Side::Server, ExtensionType::server_certificate_type),
            types(Side::Client, ExtensionType::client_certificate_type),
        ]
    }

    /// The protocol chosen.
    fn protocol(&self) -> Option<Item<'a>> {
        let part = self.extension(ExtensionType::application_layer_protocol_negotiation)?;
        let [_, _, length, name @ ..] = part.bytes else { return None };
        let kept = name.get(..usize::from(*length)).unwrap_or(name);
        Some(self.item(Tag::ChosenAlpn, kept, kept.len() < usize::from(*length)))
    }
}
