//! A report read as a story: what was offered, chosen and reached.

use handclasp_codec::{CipherSuite, CodePoint, ExtensionType, ProtocolVersion};
use handclasp_report::{Report, Side, Tag};

/// A report, and what its reader knows beside it.
pub(super) struct Conversation<'r> {
    report: &'r Report,
    /// The pre-shared key as it was typed.
    pub typed: Option<&'r str>,
}

impl<'r> Conversation<'r> {
    pub fn new(report: &'r Report, typed: Option<&'r str>) -> Self {
        Self { report, typed }
    }

    pub fn report(&self) -> &'r Report {
        self.report
    }

    pub fn own(&self) -> Side {
        self.report.own()
    }

    pub fn peer(&self) -> Side {
        self.own().other()
    }

    pub fn is_client(&self) -> bool {
        self.own() == Side::Client
    }

    /// The words of all notes of a kind, each once, without GREASE-like repetitions.
    pub fn words<W: CodePoint + PartialEq + 'r>(&self, from: Side, tag: Tag) -> Vec<W> {
        let mut all = Vec::new();
        for item in self.report.items().filter(|item| item.from == from && item.tag == tag) {
            for word in item.words::<W>() {
                if !all.contains(&word) {
                    all.push(word);
                }
            }
        }
        all
    }

    /// The bytes of the first note of a kind, whoever made it.
    pub fn bytes(&self, tag: Tag) -> Option<&'r [u8]> {
        self.report.items().find(|item| item.tag == tag).map(|item| item.bytes)
    }

    pub fn has(&self, tag: Tag) -> bool {
        self.bytes(tag).is_some()
    }

    /// Whether our HelloRetryRequest carried a cookie, and no second ClientHello came that we took.
    pub fn retried_with_cookie(&self) -> bool {
        !self.is_client() && self.has(Tag::RetryCookie) && !self.has(Tag::ChosenGroup)
    }

    pub fn connected(&self) -> bool {
        self.has(Tag::Connected)
    }

    /// Whether the ClientHello was answered with a ServerHello, as far as the report tells.
    pub fn answered(&self) -> bool {
        self.has(Tag::ChosenVersion)
    }

    pub fn version(&self) -> Option<ProtocolVersion> {
        self.words(Side::Server, Tag::ChosenVersion).pop()
    }

    pub fn is_tls13(&self) -> bool {
        self.version() == Some(ProtocolVersion::TLS_1_3)
    }

    pub fn suite(&self) -> Option<CipherSuite> {
        self.words(Side::Server, Tag::ChosenSuite).pop()
    }

    /// What the client offered.
    pub fn suites(&self) -> Vec<CipherSuite> {
        self.words(Side::Client, Tag::Suites)
    }

    /// Versions that the client offered.
    pub fn versions(&self) -> Vec<ProtocolVersion> {
        self.words(Side::Client, Tag::Versions)
    }

    /// Whether the client sent that extension.
    pub fn sent(&self, extension: ExtensionType) -> bool {
        self.words::<ExtensionType>(Side::Client, Tag::Extensions).contains(&extension)
    }

    pub fn server_name(&self) -> Option<String> {
        self.bytes(Tag::ServerName).map(text)
    }

    pub fn identity(&self) -> Option<String> {
        self.bytes(Tag::PskIdentity).map(text)
    }

    /// Whether a pre-shared key was offered, in either version.
    pub fn offers_psk(&self) -> bool {
        self.sent(ExtensionType::pre_shared_key)
            || self.has(Tag::PskIdentity)
            || self.suites().into_iter().any(CipherSuite::is_psk)
    }

    /// Whether nothing but pre-shared keys was offered.
    pub fn offers_only_psk(&self) -> bool {
        let others = |suite: CipherSuite| !suite.is_psk() && !suite.is_signalling();
        let certificates = if self.sent(ExtensionType::pre_shared_key) {
            self.suites().into_iter().any(|suite| others(suite) && !suite.is_tls13())
        } else {
            self.suites().into_iter().any(others)
        };
        self.offers_psk() && !certificates
    }

    /// Whether the connection stands on a pre-shared key.
    pub fn uses_psk(&self) -> bool {
        self.has(Tag::ChosenPsk) || self.suite().is_some_and(CipherSuite::is_psk)
    }
}

/// A peer's bytes as text that cannot move a terminal's cursor.
pub(super) fn text(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.chars().flat_map(char::escape_debug).collect()
}
