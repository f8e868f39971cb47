//! What one certificate of a chain has to permit by itself: version, dates, extensions (RFC 5280 §6.1.3 (a),
//! §6.1.4 (k) to (o), §6.1.5).

use handclasp_report::CertificateFault;

use super::{ChainTime, time};
use crate::{
    Role,
    der::{BOOLEAN, Elements, INTEGER, Malformed},
    extension::{KeyUsage, has_purpose},
    x509::{Certificate, boolean},
};

const SERVER_AUTH: &[u8] = b"\x2b\x06\x01\x05\x05\x07\x03\x01";
const CLIENT_AUTH: &[u8] = b"\x2b\x06\x01\x05\x05\x07\x03\x02";
/// The bytes of a serial number: twenty (RFC 5280 §4.1.2.2), and a zero that some issuers write in front.
const SERIAL_MAX: usize = 21;

/// What a certificate says of itself: the values of the extensions that are known here, and its dates.
#[derive(Default)]
pub(super) struct Facts<'a> {
    key_usage: Option<&'a [u8]>,
    pub(super) subject_alt_name: Option<&'a [u8]>,
    basic_constraints: Option<&'a [u8]>,
    name_constraints: Option<&'a [u8]>,
    crl_distribution_points: Option<&'a [u8]>,
    extended_key_usage: Option<&'a [u8]>,
    /// Whether there is a critical extension that is not known.
    has_unknown_critical: bool,
    /// Whether it is a CA, and its pathLenConstraint.
    pub(super) is_ca: bool,
    pub(super) path_len: Option<u8>,
    /// Seconds since 1970-01-01 UTC.
    pub(super) not_after: u64,
}

impl<'a> Facts<'a> {
    /// Reads them, and checks what leaf and issuers have in common. `missed` is set to a date that is missed.
    pub(super) fn check(
        &mut self,
        certificate: &Certificate<'a>,
        time: ChainTime,
        index: u8,
        missed: &mut u64,
    ) -> Result<(), CertificateFault> {
        let malformed = |_| CertificateFault::Malformed { index };
        self.read_extensions(certificate).map_err(malformed)?;
        if self.has_unknown_critical {
            return Err(CertificateFault::ConstraintViolated);
        }
        let (not_before, not_after) = time::validity(certificate.validity).map_err(malformed)?;
        let now = time.seconds();
        if not_before > not_after {
            return Err(CertificateFault::NeverValid { index });
        }
        if not_after < now {
            *missed = not_after;
            return Err(CertificateFault::Expired);
        }
        if time.is_known() && now < not_before {
            *missed = not_before;
            return Err(CertificateFault::NotYetValid);
        }
        self.not_after = not_after;
        self.read_basic_constraints().map_err(malformed)
    }

    fn read_extensions(&mut self, certificate: &Certificate<'a>) -> Result<(), Malformed> {
        if !(1..=SERIAL_MAX).contains(&certificate.serial.len()) {
            return Err(Malformed);
        }
        let mut all = certificate.extensions.clone();
        while !all.is_empty() {
            let extension = all.take()?;
            // id-ce (RFC 5280 §4.2.1).
            let place = match extension.id {
                [0x55, 0x1d, 15] => &mut self.key_usage,
                [0x55, 0x1d, 17] => &mut self.subject_alt_name,
                [0x55, 0x1d, 19] => &mut self.basic_constraints,
                [0x55, 0x1d, 30] => &mut self.name_constraints,
                [0x55, 0x1d, 31] => &mut self.crl_distribution_points,
                [0x55, 0x1d, 37] => &mut self.extended_key_usage,
                _ => {
                    self.has_unknown_critical |= extension.is_critical;
                    continue;
                }
            };
            if place.replace(extension.value).is_some() {
                return Err(Malformed);
            }
        }
        // Not used, but refused where they do not parse, as on hosts.
        for value in [self.subject_alt_name, self.name_constraints, self.crl_distribution_points] {
            value.map(Elements::of_sequence).transpose()?;
        }
        Ok(())
    }

    /// cA and pathLenConstraint (RFC 5280 §4.2.1.9).
    fn read_basic_constraints(&mut self) -> Result<(), Malformed> {
        let Some(value) = self.basic_constraints else { return Ok(()) };
        let mut fields = Elements::of_sequence(value)?;
        self.is_ca = boolean(fields.optional(BOOLEAN)?)?;
        self.path_len = match fields.optional(INTEGER)? {
            None => None,
            Some([length @ ..=0x7f] | [0, length @ 0x80..=0xff]) => Some(*length),
            Some(_) => return Err(Malformed),
        };
        fields.end()
    }

    /// Checks that the extended key usage permits the role of the peer; where there is none, it does. Issuers are
    /// checked, too, as everywhere in practice.
    pub(super) fn check_purpose(&self, role: Role, index: u8) -> Result<(), CertificateFault> {
        let purpose = match role {
            Role::Server => SERVER_AUTH,
            Role::Client => CLIENT_AUTH,
        };
        match self.extended_key_usage.map_or(Ok(true), |value| has_purpose(value, purpose)) {
            Ok(true) => Ok(()),
            Ok(false) => Err(CertificateFault::WrongUsage),
            Err(Malformed) => Err(CertificateFault::Malformed { index }),
        }
    }

    /// Checks that the keyUsage, if there is one, permits this; `refused` is the fault if it does not.
    pub(super) fn check_usage(
        &self,
        permits: fn(KeyUsage) -> bool,
        refused: CertificateFault,
        index: u8,
    ) -> Result<(), CertificateFault> {
        match self.key_usage.map_or(Ok(true), |value| KeyUsage::read(value).map(permits)) {
            Ok(true) => Ok(()),
            Ok(false) => Err(refused),
            Err(Malformed) => Err(CertificateFault::Malformed { index }),
        }
    }

    /// Checks what restricts an issuer: constraints on names and keyUsage.
    pub(super) fn check_issuing(&self, index: u8) -> Result<(), CertificateFault> {
        // Constraints on names would apply to certificates that are no longer here, so that they are refused,
        // critical or not (RFC 5280 §4.2.1.10).
        if self.name_constraints.is_some() {
            return Err(CertificateFault::ConstraintViolated);
        }
        self.check_usage(KeyUsage::permits_issuing, CertificateFault::IssuerMayNotSign { index }, index)
    }
}
