//! Trust in chains to a root, on devices: each certificate is verified as it arrives, and not kept.

use alloc::{boxed::Box, vec::Vec};
use core::time::Duration;

use handclasp_report::CertificateError;
use handclasp_trust::{
    Pin,
    chain::{Anchor, ChainOptions, ChainTime, ChainVerifier},
};
use rustls_pki_types::{CertificateDer, UnixTime};

use super::{Judge, PeerTrust, Subject, Verdict};
use crate::{
    certificates,
    codes::{HC_ORDER, HC_ROOTS},
    provider,
    refusal::Refusal,
    shared::Shared,
};

/// Roots, shared with the chains that are being judged.
pub(crate) struct Roots {
    roots: Shared<Vec<CertificateDer<'static>>>,
    /// Whether they are given one by one, so that more may follow.
    is_open: bool,
}

impl Roots {
    /// PEM, or one certificate as DER.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        let roots = certificates::read(bytes).map_err(|error| Refusal::new(HC_ROOTS, &error))?;
        if roots.is_empty() {
            return Err(HC_ROOTS.into());
        }
        for root in &roots {
            Anchor::from_certificate(root).map_err(|_| HC_ROOTS)?;
        }
        Ok(Self { roots: Shared::new(roots), is_open: false })
    }

    /// One root as DER; others are added.
    pub(crate) fn one(der: &[u8]) -> Result<Self, Refusal> {
        let mut roots = Self { roots: Shared::new(Vec::new()), is_open: true };
        roots.add_root(der)?;
        Ok(roots)
    }
}

impl PeerTrust for Roots {
    fn start(&self) -> Box<dyn Judge> {
        Box::new(ChainJudge { roots: Shared::clone(&self.roots), verifier: ChainVerifier::new() })
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
        if !self.is_open {
            return Err(HC_ORDER.into());
        }
        Anchor::from_certificate(der).map_err(|_| HC_ROOTS)?;
        Shared::make_mut(&mut self.roots).push(CertificateDer::from(der).into_owned());
        Ok(())
    }

    fn fingerprint(&self) -> Vec<Vec<u8>> {
        self.roots.iter().map(|root| provider::SHA256.hash(&[root]).to_vec()).collect()
    }
}

struct ChainJudge {
    roots: Shared<Vec<CertificateDer<'static>>>,
    verifier: ChainVerifier,
}

impl ChainJudge {
    /// Calls with the parameters of the verifier. Anchors borrow the roots, so they are made for each call.
    fn with_options<R>(
        &mut self,
        subject: &Subject<'_>,
        call: impl FnOnce(&mut ChainVerifier, &ChainOptions<'_>) -> R,
    ) -> R {
        let roots = self.roots.iter();
        let anchors: Vec<Anchor<'_>> = roots.filter_map(|root| Anchor::from_certificate(root).ok()).collect();
        let now = UnixTime::since_unix_epoch(Duration::from_secs(subject.now.seconds));
        let time = match subject.now.is_known {
            true => ChainTime::Now(now),
            false => ChainTime::AtLeast(now),
        };
        let role = subject.role();
        let options = ChainOptions::new(&anchors, role, time, subject.algorithms, provider::SHA256);
        call(&mut self.verifier, &options.with_name(subject.name))
    }
}

impl Judge for ChainJudge {
    fn certificate(&mut self, subject: &Subject<'_>, der: &[u8]) -> Result<(), CertificateError> {
        self.with_options(subject, |verifier, options| verifier.certificate(options, der))
    }

    fn verdict(&mut self, subject: &Subject<'_>) -> Verdict {
        self.with_options(subject, |verifier, options| verifier.finish(options)).map(Box::new)
    }
}

#[cfg(test)]
mod tests;
