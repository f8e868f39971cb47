//! Evidence that a user supplies beside the input: keys, names, trust anchors, logs.

mod load;
mod server_now;

use std::{fmt, time::Duration};

use zeroize::Zeroizing;

pub use load::EvidenceError;
pub use server_now::{AnswerNow, ServerNow};

/// What is known beside the input. All of it is optional; each item can make a finding more certain.
///
/// ```
/// use handclasp_explain::{Evidence, evidence::TypedSecret};
///
/// let mut evidence = Evidence::default();
/// evidence.psks.push(TypedSecret::new("abc123"));
/// evidence.name = Some(Evidence::name_of("www.example").unwrap());
/// assert!(!format!("{evidence:?}").contains("abc123"), "secrets are not in Debug");
/// ```
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct Evidence {
    /// The text of a key log (RFC 9850).
    pub key_log: String,
    /// Pre-shared keys as they were typed into a configuration. Every encoding (text, hex, base64) is
    /// tried.
    pub psks: Vec<TypedSecret>,
    /// PSK identities that the server is configured with.
    pub psk_identities: Vec<Vec<u8>>,
    /// The host name or address that the client wants to reach.
    pub name: Option<String>,
    /// Trust anchors of both peers, or pinned certificates, DER. `None`: not supplied; empty: supplied,
    /// and nothing is trusted.
    pub roots: Option<Vec<Vec<u8>>>,
    /// Certificates that one peer is configured with, DER, leaf first.
    pub certificates: Vec<Vec<u8>>,
    /// The SubjectPublicKeyInfo (DER) of a private key that one peer is configured with.
    pub key: Option<Vec<u8>>,
    /// The time at which certificates are checked, since 1970. `None`: the time of the capture.
    pub at: Option<Duration>,
    /// The log output of the client.
    pub client_log: Option<String>,
    /// The log output of the server.
    pub server_log: Option<String>,
    /// The text of an `mbedtls_config.h`.
    pub config: Option<String>,
    /// What the server answers now, asked after the capture was made.
    pub server_now: Option<ServerNow>,
    /// Whether nothing in a log given alone shows which side wrote it.
    pub(crate) side_of_log_is_assumed: bool,
}

/// Names what is supplied; secrets are left out.
impl fmt::Debug for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Evidence")
            .field("key_log_lines", &self.key_log.lines().count())
            .field("psks", &self.psks)
            .field("psk_identities", &self.psk_identities.len())
            .field("name", &self.name)
            .field("roots", &self.roots.as_ref().map(Vec::len))
            .field("certificates", &self.certificates.len())
            .field("key", &self.key.is_some())
            .field("at", &self.at)
            .field("client_log", &self.client_log.is_some())
            .field("server_log", &self.server_log.is_some())
            .field("config", &self.config.is_some())
            .field("server_now", &self.server_now.as_ref().map(|now| &now.address))
            .finish()
    }
}

/// A secret as it was typed. `Debug` does not print it; dropping wipes it.
///
/// ```
/// use handclasp_explain::evidence::TypedSecret;
///
/// let secret = TypedSecret::new("abc123");
/// assert_eq!(format!("{secret:?}"), "TypedSecret(..)");
/// assert_eq!(secret.as_str(), "abc123");
/// ```
#[derive(Clone)]
pub struct TypedSecret(Zeroizing<String>);

impl TypedSecret {
    /// Copies or takes over a secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The secret itself.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl From<Zeroizing<String>> for TypedSecret {
    fn from(text: Zeroizing<String>) -> Self {
        Self(text)
    }
}

impl fmt::Debug for TypedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TypedSecret(..)")
    }
}

/// Which evidence was supplied, kept with an explanation: it decides which evidence is suggested, and
/// which keys are left out of a page.
#[derive(Clone, Debug, Default)]
pub(crate) struct Supplied {
    pub key_log: bool,
    pub psks: Vec<TypedSecret>,
    pub roots: bool,
    pub name: bool,
    pub client_log: bool,
    pub server_log: bool,
    pub server_now: bool,
}

impl Supplied {
    pub(crate) fn has_log(&self) -> bool {
        self.client_log || self.server_log
    }

    pub(crate) fn of(evidence: &Evidence) -> Self {
        Self {
            key_log: !evidence.key_log.is_empty(),
            psks: evidence.psks.clone(),
            roots: evidence.roots.is_some(),
            name: evidence.name.is_some(),
            client_log: evidence.client_log.is_some(),
            server_log: evidence.server_log.is_some(),
            server_now: evidence.server_now.is_some(),
        }
    }
}
