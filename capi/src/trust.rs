//! Which peers' certificates are trusted. What a program does not configure is not linked: a device with
//! pins has no code for chains.

use alloc::{boxed::Box, vec::Vec};

use handclasp_codec::CertificateType;
use handclasp_report::{CertificateError, CertificateFault, Evidence};
use handclasp_trust::{Name, Pin, VerifiedKey, pinned};

use crate::{provider, settings::Settings};

/// What a peer's certificates are verified for.
pub(crate) struct Subject<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) name: Option<&'a Name>,
    pub(crate) now: u64,
}

/// The peer's key, or why it is not trusted.
pub(crate) type Verdict = Result<Box<VerifiedKey>, CertificateError>;

/// A kind of trust.
pub(crate) trait PeerTrust: Send + Sync {
    /// Verifies a chain, end-entity certificate first.
    fn verify(&self, chain: &[Vec<u8>], subject: &Subject<'_>) -> Verdict;
    /// Whether servers must be asked for by a name.
    fn needs_name(&self) -> bool;
    /// Adds a pin; whether that is possible.
    fn add_pin(&mut self, pin: Pin) -> bool;
    /// Byte strings that differ for any two lists.
    fn fingerprint(&self) -> Vec<Vec<u8>>;
}

/// Trust in public keys.
pub(crate) struct Pins(pub(crate) Vec<Pin>);

impl PeerTrust for Pins {
    fn verify(&self, chain: &[Vec<u8>], _: &Subject<'_>) -> Verdict {
        let leaf = chain.first().ok_or(CertificateFault::Malformed { index: 0 })?;
        pinned::verify_certificate(leaf, &self.0, provider::SHA256).map(Box::new)
    }

    fn needs_name(&self) -> bool {
        false
    }

    fn add_pin(&mut self, pin: Pin) -> bool {
        self.0.push(pin);
        true
    }

    fn fingerprint(&self) -> Vec<Vec<u8>> {
        self.0.iter().map(|pin| Vec::from(pin.0)).collect()
    }
}

/// The key of a certificate that someone else judges, or that is our own.
pub(crate) fn key_of(leaf: &[u8]) -> Verdict {
    match pinned::verify_certificate(leaf, &[], provider::SHA256) {
        Err(CertificateError { evidence: Some(Evidence::Pin(found)), .. }) => {
            pinned::verify_certificate(leaf, &[Pin(found)], provider::SHA256).map(Box::new)
        }
        other => other.map(Box::new),
    }
}

/// Verifies a peer's certificates as the configuration says.
pub(crate) fn judge(
    settings: &Settings,
    chain: &[Vec<u8>],
    certificate_type: CertificateType,
    name: Option<&Name>,
    now: u64,
) -> Verdict {
    // Raw public keys are not offered.
    match (&settings.trust, certificate_type) {
        (Some(trust), CertificateType::X509) => trust.verify(chain, &Subject { settings, name, now }),
        _ => Err(CertificateFault::NotConfigured.into()),
    }
}

#[cfg(feature = "roots")]
pub(crate) use roots::Rooted;

#[cfg(feature = "roots")]
mod roots {
    use core::time::Duration;

    use handclasp_report::Side;
    use handclasp_trust::{Role, Trust, VerifyOptions};
    use rustls_pki_types::UnixTime;

    use super::*;

    /// Trust in chains to a root.
    pub(crate) struct Rooted(pub(crate) Trust);

    impl PeerTrust for Rooted {
        fn verify(&self, chain: &[Vec<u8>], subject: &Subject<'_>) -> Verdict {
            let role = match subject.settings.side {
                Side::Client => Role::Server,
                Side::Server => Role::Client,
            };
            let now = UnixTime::since_unix_epoch(Duration::from_secs(subject.now));
            let algorithms = &subject.settings.engine.handshake.verify;
            let options = VerifyOptions::new(role, now, algorithms, provider::SHA256);
            self.0.verify_chain(chain, &options.with_name(subject.name)).map(Box::new)
        }

        fn needs_name(&self) -> bool {
            true
        }

        fn add_pin(&mut self, _: Pin) -> bool {
            false
        }

        fn fingerprint(&self) -> Vec<Vec<u8>> {
            self.0.fingerprint(provider::SHA256)
        }
    }
}
