//! Trust in public keys, whatever their certificates say.

use alloc::{boxed::Box, vec::Vec};

use handclasp_report::{CertificateError, CertificateFault};
use handclasp_trust::{Pin, VerifiedKey, pinned};

use super::{Judge, PeerTrust, Subject, Verdict};
use crate::{provider, shared::Shared};

/// Keys, shared with the chains that are being judged.
pub(crate) struct Pins(Shared<Vec<Pin>>);

impl Pins {
    pub(crate) fn new(pin: Pin) -> Self {
        Self(Shared::new(Vec::from([pin])))
    }
}

impl PeerTrust for Pins {
    fn start(&self) -> Box<dyn Judge> {
        Box::new(PinJudge { pins: Shared::clone(&self.0), key: None })
    }

    fn needs_name(&self) -> bool {
        false
    }

    fn judges_dates(&self) -> bool {
        false
    }

    fn add_pin(&mut self, pin: Pin) -> bool {
        Shared::make_mut(&mut self.0).push(pin);
        true
    }

    fn fingerprint(&self) -> Vec<Vec<u8>> {
        self.0.iter().map(|pin| Vec::from(pin.0)).collect()
    }
}

/// Only the end-entity certificate counts.
struct PinJudge {
    pins: Shared<Vec<Pin>>,
    key: Option<Box<VerifiedKey>>,
}

impl Judge for PinJudge {
    fn certificate(&mut self, subject: &Subject<'_>, der: &[u8]) -> Result<(), CertificateError> {
        if self.key.is_none() {
            let key = pinned::verify_certificate(der, &self.pins, provider::SHA256);
            self.key = Some(Box::new(key.map_err(|error| pinned::of_role(error, subject.role()))?));
        }
        Ok(())
    }

    fn verdict(&mut self, _: &Subject<'_>) -> Verdict {
        self.key.take().ok_or(CertificateFault::Malformed { index: 0 }.into())
    }
}
