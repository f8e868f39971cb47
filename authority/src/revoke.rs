//! Revoking certificates, and CRLs (RFC 5280 §5).

use handclasp_identity::{Found, to_pem};
use rcgen::{CertificateRevocationListParams, Issuer, RevokedCertParams, SerialNumber, date_time_ymd};
use rustls_pki_types::{CertificateDer, CertificateRevocationListDer, pem::PemObject};
use x509_cert::{Certificate, der::Decode};

use crate::{
    AuthorityError, AuthorityFolder, AuthorityProblem, Issued, Revocation, RevocationReason, list::unhex,
    signer::Signer, time,
};

/// A CRL of a CA.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Crl {
    /// The CRL in DER.
    pub der: CertificateRevocationListDer<'static>,
    /// Its number (crlNumber), 1 for the first.
    pub number: u64,
    /// nextUpdate in seconds since 1970: peers refuse certificates when they have no CRL that is newer.
    pub next_update: u64,
    /// How many certificates it lists.
    pub revoked: usize,
}

impl Crl {
    /// The CRL in PEM (`X509 CRL`).
    pub fn pem(&self) -> String {
        to_pem("X509 CRL", &self.der).to_string()
    }
}

impl AuthorityFolder {
    /// Revokes a certificate by its serial number in hexadecimal digits, with or without colons. Peers learn of
    /// it from the next [`AuthorityFolder::crl`].
    ///
    /// # Errors
    /// A serial number that is not in the list, or a certificate that is revoked already.
    pub fn revoke(&self, serial: &str, reason: RevocationReason) -> Result<Issued, AuthorityError> {
        let unknown = || AuthorityProblem::UnknownSerial(serial.to_owned());
        let found = unhex(serial).ok_or_else(unknown);
        found
            .and_then(|number| self.revoke_number(&number, serial, reason))
            .map_err(|problem| self.failed(problem))
    }

    /// As [`AuthorityFolder::revoke`], by the certificate (PEM or DER); of a chain, the first.
    ///
    /// # Errors
    /// As [`AuthorityFolder::revoke`]; a file that is not a certificate, or one of another CA.
    pub fn revoke_certificate(
        &self,
        file: &[u8],
        reason: RevocationReason,
    ) -> Result<Issued, AuthorityError> {
        let revoke = || {
            let certificate = match file {
                [0x30, ..] => Certificate::from_der(file).ok(),
                _ => {
                    CertificateDer::from_pem_slice(file).ok().and_then(|der| Certificate::from_der(&der).ok())
                }
            };
            let found = certificate.ok_or_else(|| AuthorityProblem::NotACertificate(Found::of(file)))?;
            let found = found.tbs_certificate;
            if found.issuer != self.certificate.subject {
                return Err(AuthorityProblem::OtherIssuer(found.issuer.to_string()));
            }
            let serial = found.serial_number.as_bytes();
            self.revoke_number(serial, &crate::list::hex(serial), reason)
        };
        revoke().map_err(|problem| self.failed(problem))
    }

    fn revoke_number(
        &self,
        number: &[u8],
        shown: &str,
        reason: RevocationReason,
    ) -> Result<Issued, AuthorityProblem> {
        let now = time::now();
        self.change(|list| {
            let issued =
                list.by_serial(number).ok_or_else(|| AuthorityProblem::UnknownSerial(shown.to_owned()))?;
            match issued.revocation {
                Some(revocation) => Err(AuthorityProblem::Revoked(revocation)),
                None => {
                    issued.revocation = Some(Revocation { time: now, reason });
                    Ok(issued.clone())
                }
            }
        })
    }

    /// Makes a CRL of everything that was revoked, valid for `days`: nextUpdate is then, and never beyond the
    /// end of the CA. Its number is recorded before the key is asked, so that two CRLs never have the same.
    ///
    /// # Errors
    /// 0 days, a CA that has expired, a signer that fails, or a list that cannot be written.
    pub fn crl(&self, days: u32) -> Result<Crl, AuthorityError> {
        self.try_crl(days).map_err(|problem| self.failed(problem))
    }

    fn try_crl(&self, days: u32) -> Result<Crl, AuthorityProblem> {
        let now = time::now();
        self.certificate.check_time(now)?;
        if days == 0 || days > CRL_DAYS_MAX {
            return Err(AuthorityProblem::CrlDays { days, most: CRL_DAYS_MAX });
        }
        let next_update = now.saturating_add(u64::from(days).saturating_mul(time::DAY));
        let next_update = next_update.min(self.certificate.not_after);
        // A key that is missing takes no number.
        self.with_signer(|_| Ok(()))?;
        let (number, revoked_certs) = self.change(|list| {
            let revoked: Vec<_> = list.issued().filter_map(revoked).collect();
            Ok((list.next_crl_number(), revoked))
        })?;
        let revoked = revoked_certs.len();
        let params = CertificateRevocationListParams {
            this_update: time::date_time(now, date_time_ymd),
            next_update: time::date_time(next_update, date_time_ymd),
            crl_number: SerialNumber::from(number),
            issuing_distribution_point: None,
            revoked_certs,
            key_identifier_method: rcgen::KeyIdMethod::PreSpecified(self.certificate.key_identifier.clone()),
        };
        let der = self.with_signer(|identity| {
            let spki = identity.spki();
            let issuer = self.certificate.issuer();
            let issuer = Issuer::from_params(&issuer, Signer::new(identity, &spki)?);
            let made = params.signed_by(&issuer).map_err(|_| issuer.key().failure())?;
            Ok(CertificateRevocationListDer::from(made))
        })?;
        Ok(Crl { der, number, next_update, revoked })
    }
}

/// The most days until nextUpdate: a year. Peers that read a list later than this would accept a revoked key for too long.
const CRL_DAYS_MAX: u32 = 366;

/// As a line of a CRL.
fn revoked(issued: &Issued) -> Option<RevokedCertParams> {
    issued.revocation.map(|revocation| RevokedCertParams {
        serial_number: SerialNumber::from(issued.serial.clone()),
        revocation_time: time::date_time(revocation.time, date_time_ymd),
        reason_code: Some(revocation.reason.to_rcgen()),
        invalidity_date: None,
    })
}
