//! Trust in chains to a root, on hosts: rustls-webpki, which looks for a path in the whole chain.

use alloc::{boxed::Box, vec::Vec};
use core::time::Duration;

use handclasp_report::CertificateError;
use handclasp_trust::{Pin, Roots as Certificates, Trust, VerifyOptions};
use rustls_pki_types::{CertificateDer, UnixTime};

use super::{Judge, PeerTrust, Subject, Verdict};
use crate::{
    codes::{HC_ORDER, HC_ROOTS},
    provider,
    refusal::Refusal,
    shared::Shared,
};

/// Roots, shared with the chains that are being judged.
pub(crate) struct Roots {
    trust: Shared<Trust>,
    /// Those that were given one by one.
    given: Vec<CertificateDer<'static>>,
}

impl Roots {
    /// PEM, or one certificate as DER.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        let roots = Certificates::from_pem(bytes).map_err(|error| Refusal::new(HC_ROOTS, &error))?;
        Ok(Self::of(roots))
    }

    /// One root as DER; others are added.
    pub(crate) fn one(der: &[u8]) -> Result<Self, Refusal> {
        let mut roots = Self {
            given: Vec::from([CertificateDer::from(der).into_owned()]),
            ..Self::of(Certificates::default())
        };
        roots.trust = roots.of_given()?;
        Ok(roots)
    }

    fn of(roots: Certificates) -> Self {
        Self { trust: Shared::new(Trust::WebPki(roots)), given: Vec::new() }
    }

    fn of_given(&self) -> Result<Shared<Trust>, Refusal> {
        let roots = Certificates::from_der(&self.given).map_err(|error| Refusal::new(HC_ROOTS, &error))?;
        Ok(Shared::new(Trust::WebPki(roots)))
    }

    /// Those of the operating system.
    pub(crate) fn system() -> Result<Self, Refusal> {
        let roots = Certificates::system().map_err(|error| Refusal::new(HC_ROOTS, &error))?;
        Ok(Self::of(roots))
    }
}

impl PeerTrust for Roots {
    fn start(&self) -> Box<dyn Judge> {
        Box::new(PathJudge { trust: Shared::clone(&self.trust), chain: Vec::new() })
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

    fn add_root(&mut self, der: &[u8]) -> Result<(), Refusal> {
        if self.given.is_empty() {
            return Err(HC_ORDER.into());
        }
        self.given.push(CertificateDer::from(der).into_owned());
        match self.of_given() {
            Ok(trust) => self.trust = trust,
            Err(refusal) => {
                self.given.pop();
                return Err(refusal);
            }
        }
        Ok(())
    }

    fn fingerprint(&self) -> Vec<Vec<u8>> {
        self.trust.fingerprint(provider::SHA256)
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
