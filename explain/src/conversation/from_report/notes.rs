//! Questions about the notes of a report.

use handclasp_codec::{CipherSuite, CodePoint, ExtensionType, ProtocolVersion};
use handclasp_report::{Item, Report, Side, Tag};

use super::text;

/// Questions about the notes of a report.
#[derive(Clone, Copy)]
pub(crate) struct Notes<'r> {
    /// The report.
    pub report: &'r Report,
}

impl<'r> Notes<'r> {
    /// The side that keeps the report.
    pub fn own(self) -> Side {
        self.report.own()
    }

    /// The other side.
    pub fn peer(self) -> Side {
        self.own().other()
    }

    /// Whether our side is the client.
    pub fn is_client(self) -> bool {
        self.own() == Side::Client
    }

    /// All notes of a side and kind.
    pub fn all(self, from: Side, tag: Tag) -> impl Iterator<Item = Item<'r>> {
        self.report.items().filter(move |item| item.from == from && item.tag == tag)
    }

    /// The numbers in all notes of a kind, each once.
    pub fn numbers<W: CodePoint + PartialEq + 'r>(self, from: Side, tag: Tag) -> Vec<W> {
        let mut all = Vec::new();
        for number in self.all(from, tag).flat_map(|item| item.words::<W>()) {
            if !all.contains(&number) {
                all.push(number);
            }
        }
        all
    }

    /// The bytes of the first note of a kind, from either side.
    pub fn bytes(self, tag: Tag) -> Option<&'r [u8]> {
        self.report.items().find(|item| item.tag == tag).map(|item| item.bytes)
    }

    /// Whether there is a note of that kind.
    pub fn has(self, tag: Tag) -> bool {
        self.bytes(tag).is_some()
    }

    /// The same as text that moves no cursor of a terminal.
    pub fn text(self, tag: Tag) -> Option<String> {
        self.bytes(tag).map(text)
    }

    /// The version chosen.
    pub fn version(self) -> Option<ProtocolVersion> {
        self.numbers(Side::Server, Tag::ChosenVersion).pop()
    }

    /// Whether TLS 1.3 was chosen.
    pub fn is_tls13(self) -> bool {
        self.version() == Some(ProtocolVersion::TLS_1_3)
    }

    /// Whether our HelloRetryRequest carried a cookie, and no second ClientHello was accepted.
    pub fn retried_with_cookie(self) -> bool {
        !self.is_client() && self.has(Tag::RetryCookie) && !self.has(Tag::ChosenGroup)
    }

    /// Whether what the report of the first ClientHello lacks was absent from it: no list was cut, no
    /// note dropped.
    pub fn has_whole_offer(self) -> bool {
        let offers = [Tag::Versions, Tag::Suites, Tag::Groups, Tag::Schemes, Tag::Extensions];
        if let Some(hello) = self.report.messages().find(|kept| kept.tag == Tag::ClientHello) {
            return !hello.items().any(|item| offers.contains(&item.tag) && item.cut);
        }
        let cut = self.report.items().any(|item| offers.contains(&item.tag) && item.cut);
        let listed = |tag| self.all(Side::Client, tag).next().is_some();
        self.report.dropped() == 0 && !cut && listed(Tag::Extensions)
    }

    /// The same of the ServerHello.
    pub fn has_whole_answer(self) -> bool {
        let whole = self.all(Side::Server, Tag::ChosenExtensions).all(|item| !item.cut);
        self.report.dropped() == 0 && whole && self.has(Tag::ChosenExtensions)
    }

    /// Suites that the client offered, without signalling values.
    pub fn suites(self) -> Vec<CipherSuite> {
        let mut suites: Vec<CipherSuite> = self.numbers(Side::Client, Tag::Suites);
        suites.retain(|suite| !suite.is_signalling());
        suites
    }

    /// Versions that the client offered.
    pub fn versions(self) -> Vec<ProtocolVersion> {
        self.numbers(Side::Client, Tag::Versions)
    }

    /// Whether the client sent that extension.
    pub fn sent(self, extension: ExtensionType) -> bool {
        self.numbers::<ExtensionType>(Side::Client, Tag::Extensions).contains(&extension)
    }

    /// Whether a pre-shared key was offered, in either version.
    pub fn offers_psk(self) -> bool {
        self.sent(ExtensionType::pre_shared_key)
            || self.has(Tag::PskIdentity)
            || self.suites().into_iter().any(CipherSuite::is_psk)
    }

    /// Whether nothing but pre-shared keys was offered.
    pub fn offers_only_psk(self) -> bool {
        let tls13_by_psk = self.sent(ExtensionType::pre_shared_key);
        let by_psk = |suite: &CipherSuite| suite.is_psk() || suite.is_tls13() && tls13_by_psk;
        self.offers_psk() && self.suites().iter().all(by_psk)
    }

    /// Whether a pre-shared key was chosen.
    pub fn uses_psk(self) -> bool {
        let chosen: Vec<CipherSuite> = self.numbers(Side::Server, Tag::ChosenSuite);
        self.has(Tag::ChosenPsk) || chosen.into_iter().any(CipherSuite::is_psk)
    }
}
