//! A pre-shared key that the application looks up by the identity that a client names.

use std::fmt;

use handclasp_codec::ProtocolVersion;
use handclasp_handshake::{Need, PskIdentities};
use handclasp_report::Misuse;
use handclasp_trust::Psk;

use crate::{
    Connection, Error,
    answer::{IDENTITIES_MAX, Reply},
    misuse::Problem,
    psk::PskEntry,
};

/// Asks a server for the pre-shared key that the client names. The configured keys and tickets were
/// looked through before: none of them is named.
pub struct PskNeed<'c> {
    pub(super) connection: &'c mut Connection,
}

impl PskNeed<'_> {
    fn request(&self) -> Option<(PskIdentities<'_>, ProtocolVersion)> {
        match self.connection.engine.need() {
            Some(Need::Psk { identities, version }) => Some((identities, version)),
            _ => None,
        }
    }

    /// The identities, in the client's order of preference; of a long list the first 16. An imported
    /// key is named by its ImportedIdentity (RFC 9258 §3). Tickets of other servers may be among them.
    pub fn identities(&self) -> impl Iterator<Item = &[u8]> {
        let identities = self.request().map(|(identities, _)| identities);
        let all = identities.into_iter().flat_map(|identities| identities.iter().collect::<Vec<_>>());
        all.take(IDENTITIES_MAX).map(|(_, identity)| identity)
    }

    /// The version that the key is for (RFC 9257 §4.3: one key, one version).
    pub fn version(&self) -> ProtocolVersion {
        self.request().map_or(ProtocolVersion::default(), |(_, version)| version)
    }

    /// Goes on with this key.
    ///
    /// # Errors
    /// The client does not name this key, or not for this version: then the need still waits. Or the
    /// handshake fails as it goes on.
    pub fn answer(self, psk: &Psk) -> Result<(), Error> {
        let entry = self.request().and_then(|(identities, version)| {
            let mut named = identities.iter().take(IDENTITIES_MAX);
            named.find_map(|(index, identity)| Some((index, PskEntry::named(psk, identity, version)?)))
        });
        let Some(entry) = entry else {
            let sentence = "The client does not name this pre-shared key, or not for this version: answer with \
                            one of `PskNeed::identities`, or call `unknown`.";
            let problem = Problem::new(Misuse::WrongAnswer, sentence);
            return Err(Error::misuse(problem, self.connection.report()));
        };
        self.connection.answer_late(Reply::Psk(Some(entry)))
    }

    /// Goes on without a pre-shared key: with a certificate, where the server has one; otherwise the
    /// handshake ends (unknown_psk_identity, or decrypt_error where the hint is not given).
    ///
    /// # Errors
    /// The handshake fails as it goes on.
    pub fn unknown(self) -> Result<(), Error> {
        self.connection.answer_late(Reply::Psk(None))
    }

    /// Goes on without a pre-shared key, because what knows the keys did not answer: with a certificate, where the
    /// server has one and the version is TLS 1.3; otherwise the handshake ends with
    /// [`Fault::PskUnavailable`](handclasp_report::Fault::PskUnavailable) and the alert internal_error, so that
    /// neither side blames the client's key.
    ///
    /// # Errors
    /// The handshake fails as it goes on.
    pub fn unavailable(self) -> Result<(), Error> {
        self.connection.answer_late(Reply::PskUnavailable)
    }
}

impl fmt::Debug for PskNeed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PskNeed").field("version", &self.version()).finish_non_exhaustive()
    }
}
