//! Trust in chains to a root, on hosts: rustls-webpki, which looks for a path in the whole chain.

use alloc::{boxed::Box, vec::Vec};
use core::time::Duration;

use handclasp_report::CertificateError;
use handclasp_trust::{Pin, Roots as Certificates, Trust, VerifyOptions};
use rustls_pki_types::UnixTime;

use super::{Judge, PeerTrust, Subject, Verdict};
use crate::{codes::HC_ROOTS, provider, refusal::Refusal, shared::Shared};

/// Roots, shared with the chains that are being judged.
pub(crate) struct Roots(Shared<Trust>);

impl Roots {
    /// PEM, or one certificate as DER.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        let roots = Certificates::from_pem(bytes).map_err(|error| Refusal::new(HC_ROOTS, &error))?;
        Ok(Self(Shared::new(Trust::WebPki(roots))))
    }

    /// Those of the operating system.
    pub(crate) fn system() -> Result<Self, Refusal> {
        let roots = Certificates::system().map_err(|error| Refusal::new(HC_ROOTS, &error))?;
        Ok(Self(Shared::new(Trust::WebPki(roots))))
    }
}

impl PeerTrust for Roots {
    fn start(&self) -> Box<dyn Judge> {
        Box::new(PathJudge { trust: Shared::clone(&self.0), chain: Vec::new() })
    }

    fn needs_name(&self) -> bool {
        true
    }

    fn judges_dates(&self) -> bool {
        true
    }

    fn add_pin(&mut self, _: Pin) -> bool {
        false
    }

    fn fingerprint(&self) -> Vec<Vec<u8>> {
        self.0.fingerprint(provider::SHA256)
    }
}

struct PathJudge {
    trust: Shared<Trust>,
    chain: Vec<Vec<u8>>,
}

impl Judge for PathJudge {
    fn certificate(&mut self, _: &Subject<'_>, der: &[u8]) -> Result<(), CertificateError> {
        self.chain.push(Vec::from(der));
        Ok(())
    }

    fn verdict(&mut self, subject: &Subject<'_>) -> Verdict {
        let now = UnixTime::since_unix_epoch(Duration::from_secs(subject.now.seconds));
        let options = VerifyOptions::new(subject.role(), now, subject.algorithms, provider::SHA256);
        self.trust.verify_chain(&self.chain, &options.with_name(subject.name)).map(Box::new)
    }
}
