//! What one certificate of a chain has to permit by itself: version, dates, extensions (RFC 5280 §6.1.3 (a),
//! §6.1.4 (k) to (o), §6.1.5).

use handclasp_report::CertificateFault;

use super::{ChainTime, time};
use crate::{
    Role,
    der::{BOOLEAN, INTEGER, Malformed, whole_sequence},
    extension::{KeyUsage, has_purpose},
    x509::{self, Certificate, boolean},
};

const SERVER_AUTH: &[u8] = b"\x2b\x06\x01\x05\x05\x07\x03\x01";
const CLIENT_AUTH: &[u8] = b"\x2b\x06\x01\x05\x05\x07\x03\x02";
/// The bytes of a serial number: twenty (RFC 5280 §4.1.2.2), and a zero that some issuers write in front.
const SERIAL_MAX: usize = 21;

/// The values of the extensions that are known here.
#[derive(Default)]
pub(super) struct Extensions<'a> {
    key_usage: Option<&'a [u8]>,
    pub(super) subject_alt_name: Option<&'a [u8]>,
    basic_constraints: Option<&'a [u8]>,
    name_constraints: Option<&'a [u8]>,
    crl_distribution_points: Option<&'a [u8]>,
    extended_key_usage: Option<&'a [u8]>,
    /// Whether there is a critical extension that is not known.
    has_unknown_critical: bool,
}

impl<'a> Extensions<'a> {
    fn read(certificate: &Certificate<'a>) -> Result<Self, Malformed> {
        let mut known = Self::default();
        let mut all = certificate.extensions.clone();
        while let Some(extension) = all.next()? {
            let place = match extension.id {
                x509::KEY_USAGE => &mut known.key_usage,
                x509::SUBJECT_ALT_NAME => &mut known.subject_alt_name,
                x509::BASIC_CONSTRAINTS => &mut known.basic_constraints,
                x509::NAME_CONSTRAINTS => &mut known.name_constraints,
                x509::CRL_DISTRIBUTION_POINTS => &mut known.crl_distribution_points,
                x509::EXTENDED_KEY_USAGE => &mut known.extended_key_usage,
                _ => {
                    known.has_unknown_critical |= extension.is_critical;
                    continue;
                }
            };
            if place.replace(extension.value).is_some() {
                return Err(Malformed);
            }
        }
        // Not used, but refused where they do not parse, as on hosts.
        let lists = [known.subject_alt_name, known.name_constraints, known.crl_distribution_points];
        lists.into_iter().flatten().try_for_each(|value| whole_sequence(value).map(drop))?;
        Ok(known)
    }

    /// cA and pathLenConstraint (RFC 5280 §4.2.1.9).
    fn basic_constraints(&self) -> Result<(bool, Option<u8>), Malformed> {
        let Some(value) = self.basic_constraints else { return Ok((false, None)) };
        let mut fields = whole_sequence(value)?;
        let is_ca = boolean(fields.optional(BOOLEAN)?)?;
        let path_len = match fields.optional(INTEGER)?.map(|integer| integer.content) {
            None => None,
            Some([length @ ..=0x7f] | [0, length @ 0x80..=0xff]) => Some(*length),
            Some(_) => return Err(Malformed),
        };
        fields.end().map(|()| (is_ca, path_len))
    }
}

/// A certificate with its extensions, and notAfter.
pub(super) struct Checked<'a> {
    pub(super) extensions: Extensions<'a>,
    pub(super) not_after: u64,
    /// Whether it is a CA.
    pub(super) is_ca: bool,
}

/// What the checks depend on.
#[derive(Clone, Copy)]
pub(super) struct Rules {
    pub(super) role: Role,
    pub(super) time: ChainTime,
    /// Index of the certificate in the chain.
    pub(super) index: u8,
}

impl Rules {
    fn malformed(self, _: Malformed) -> CertificateFault {
        CertificateFault::Malformed { index: self.index }
    }

    /// Checks that leaf and issuers have in common. `limit` is set to the date that was missed.
    pub(super) fn check<'a>(
        self,
        certificate: &Certificate<'a>,
        limit: &mut u64,
    ) -> Result<Checked<'a>, CertificateFault> {
        let malformed = |error| self.malformed(error);
        if !(1..=SERIAL_MAX).contains(&certificate.serial.len()) {
            return Err(malformed(Malformed));
        }
        let extensions = Extensions::read(certificate).map_err(malformed)?;
        if extensions.has_unknown_critical {
            return Err(CertificateFault::ConstraintViolated);
        }
        let (not_before, not_after) = time::validity(certificate.validity).map_err(malformed)?;
        if not_before > not_after {
            return Err(CertificateFault::NeverValid { index: self.index });
        }
        let now = self.time.seconds();
        if not_after < now {
            *limit = not_after;
            return Err(CertificateFault::Expired);
        }
        if self.time.is_known() && now < not_before {
            *limit = not_before;
            return Err(CertificateFault::NotYetValid);
        }
        let (is_ca, _) = extensions.basic_constraints().map_err(malformed)?;
        Ok(Checked { extensions, not_after, is_ca })
    }

    /// Checks that the extended key usage permits the role of the peer; where there is none, it does. Issuers are
    /// checked, too, as everywhere in practice.
    pub(super) fn check_purpose(self, certificate: &Checked<'_>) -> Result<(), CertificateFault> {
        let purpose = match self.role {
            Role::Server => SERVER_AUTH,
            Role::Client => CLIENT_AUTH,
        };
        match certificate.extensions.extended_key_usage.map_or(Ok(true), |value| has_purpose(value, purpose))
        {
            Ok(true) => Ok(()),
            Ok(false) => Err(CertificateFault::WrongUsage),
            Err(error) => Err(self.malformed(error)),
        }
    }

    /// Checks that an issuer is a CA, with that many intermediates between it and the leaf.
    pub(super) fn check_issuer<'a>(
        self,
        certificate: &Certificate<'a>,
        below: u8,
        limit: &mut u64,
    ) -> Result<Checked<'a>, CertificateFault> {
        let checked = self.check(certificate, limit)?;
        let (is_ca, path_len) =
            checked.extensions.basic_constraints().map_err(|error| self.malformed(error))?;
        if !is_ca || path_len.is_some_and(|length| length < below) {
            return Err(CertificateFault::ConstraintViolated);
        }
        self.check_purpose(&checked)?;
        Ok(checked)
    }

    /// Checks what restricts an issuer: constraints on names and keyUsage.
    pub(super) fn check_issuing(self, issuer: &Checked<'_>) -> Result<(), CertificateFault> {
        // Constraints on names would apply to certificates that are no longer here, so that they are refused,
        // critical or not (RFC 5280 §4.2.1.10).
        if issuer.extensions.name_constraints.is_some() {
            return Err(CertificateFault::ConstraintViolated);
        }
        match issuer.extensions.key_usage.map(KeyUsage::read).transpose() {
            Ok(Some(usage)) if !usage.permits_issuing() => {
                Err(CertificateFault::IssuerMayNotSign { index: self.index })
            }
            Ok(_) => Ok(()),
            Err(error) => Err(self.malformed(error)),
        }
    }
}
