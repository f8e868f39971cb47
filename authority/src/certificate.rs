//! The certificate of the CA: made once, and what is read of it on each later use.

use handclasp_crypto::{PublicKey, Random as _};
use handclasp_identity::Identity;
use handclasp_provider_aws_lc::{SHA256, SystemRandom};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, KeyIdMethod, KeyUsagePurpose,
    SerialNumber, date_time_ymd,
};
use rustls_pki_types::{CertificateDer, pem::PemObject};
use x509_cert::{
    Certificate,
    der::{Decode, Encode},
    ext::pkix::{self, SubjectKeyIdentifier},
};

use crate::{AuthorityParams, AuthorityProblem, NameConstraints, signer::Signer, subject, time};

/// The certificate of the CA, and what signing needs of it.
#[derive(Clone, Debug)]
pub(crate) struct AuthorityCertificate {
    /// Its own certificate first, then those of the CAs above it.
    pub(crate) chain: Vec<CertificateDer<'static>>,
    pub(crate) subject: x509_cert::name::Name,
    pub(crate) name: DistinguishedName,
    pub(crate) spki: Vec<u8>,
    pub(crate) key_identifier: Vec<u8>,
    pub(crate) constraints: NameConstraints,
    pub(crate) not_before: u64,
    pub(crate) not_after: u64,
    is_self_issued: bool,
}

/// Makes the certificate of a new CA, signed by its own key.
pub(crate) fn make(
    params: &AuthorityParams,
    key: &Identity,
    now: u64,
) -> Result<CertificateDer<'static>, AuthorityProblem> {
    // ub-common-name (RFC 5280 §A.1); an issuer is not empty (§4.1.2.4).
    let is_name = !params.name.trim().is_empty()
        && params.name.chars().count() <= 64
        && !params.name.chars().any(char::is_control);
    if !is_name {
        return Err(AuthorityProblem::Name(params.name.clone()));
    }
    let spki = key.spki();
    let signer = Signer::new(key, &spki)?;
    // From a day before now, since clocks differ.
    let not_after = now.saturating_add(u64::from(params.days).saturating_mul(time::DAY));
    let mut certificate = base(&spki, now.saturating_sub(time::DAY), not_after)?;
    certificate.distinguished_name.push(DnType::CommonName, params.name.as_str());
    // Its certificates are of devices, not of further CAs.
    certificate.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    certificate.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    certificate.name_constraints = params.constraints.to_rcgen();
    // Its own identifier: the default of rcgen leaves the extension out, and RFC 5280 §4.2.1.1 permits that.
    certificate.use_authority_key_identifier_extension = false;
    let made = certificate.self_signed(&signer).map_err(|_| signer.failure())?;
    Ok(made.der().clone())
}

/// Serial number, dates and key identifier: what all certificates have.
pub(crate) fn base(
    spki: &[u8],
    not_before: u64,
    not_after: u64,
) -> Result<CertificateParams, AuthorityProblem> {
    let mut params = CertificateParams::default();
    params.not_before = time::date_time(not_before, date_time_ymd);
    params.not_after = time::date_time(not_after, date_time_ymd);
    params.distinguished_name = DistinguishedName::new();
    // 126 random bits: unpredictable and positive, within 20 bytes (RFC 5280 §4.1.2.2).
    let mut serial = [0; 16];
    SystemRandom.fill(&mut serial).map_err(|_| AuthorityProblem::NotSigned(None))?;
    serial.iter_mut().take(1).for_each(|first| *first = *first & 0x3f | 0x40);
    params.serial_number = Some(SerialNumber::from(serial.to_vec()));
    params.key_identifier_method = KeyIdMethod::PreSpecified(key_identifier(spki));
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}

/// The leftmost 160 bits of the SHA-256 of the public key (RFC 7093 §2, method 1).
fn key_identifier(spki: &[u8]) -> Vec<u8> {
    let bits = PublicKey::from_spki(spki).map_or(spki, |key| key.bits);
    SHA256.hash(&[bits]).iter().take(20).copied().collect()
}

impl AuthorityCertificate {
    /// Reads the file: PEM of the certificate, followed by those of the CAs above it, if any.
    pub(crate) fn parse(pem: &[u8]) -> Result<Self, AuthorityProblem> {
        let damaged = AuthorityProblem::Certificate;
        let chain = CertificateDer::pem_slice_iter(pem)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|_| damaged("a PEM section does not parse"))?;
        let own = chain.first().ok_or(damaged("expected a PEM section named CERTIFICATE"))?;
        let read = Certificate::from_der(own)
            .map_err(|_| damaged("the certificate does not parse"))?
            .tbs_certificate;
        let constraints = read.get::<pkix::BasicConstraints>().ok().flatten();
        if !constraints.is_some_and(|(_, constraints)| constraints.ca) {
            return Err(damaged("expected a certificate of a CA (basicConstraints with CA:TRUE)"));
        }
        let names =
            read.get::<pkix::NameConstraints>().map_err(|_| damaged("nameConstraints do not parse"))?;
        let names = names.map(|(_, names)| NameConstraints::from_extension(&names));
        let constraints = match names {
            None => NameConstraints::default(),
            Some(Some(names)) => names,
            Some(None) => {
                return Err(damaged("nameConstraints of another kind than DNS names and addresses"));
            }
        };
        let spki =
            read.subject_public_key_info.to_der().map_err(|_| damaged("its public key does not parse"))?;
        let identifier = read.get::<SubjectKeyIdentifier>().ok().flatten();
        let key_identifier =
            identifier.map_or_else(|| key_identifier(&spki), |(_, id)| id.0.as_bytes().to_vec());
        Ok(Self {
            name: subject::to_rcgen(&read.subject)
                .map_err(|_| damaged("its subject is of an unsupported form"))?,
            is_self_issued: read.issuer == read.subject,
            not_before: read.validity.not_before.to_unix_duration().as_secs(),
            not_after: read.validity.not_after.to_unix_duration().as_secs(),
            subject: read.subject,
            spki,
            key_identifier,
            constraints,
            chain,
        })
    }

    /// What follows a leaf in a chain: the certificates up to the root, without the root.
    pub(crate) fn above_leaf(&self) -> &[CertificateDer<'static>] {
        // A root that is sent is ignored by peers (RFC 8446 §4.4.2).
        if self.is_self_issued { &[] } else { &self.chain }
    }

    /// The parameters that rcgen takes an issuer from.
    pub(crate) fn issuer(&self) -> CertificateParams {
        let mut params = CertificateParams::default();
        params.distinguished_name = self.name.clone();
        params.key_identifier_method = KeyIdMethod::PreSpecified(self.key_identifier.clone());
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params
    }

    /// Checks that the CA can sign at this time.
    pub(crate) fn check_time(&self, now: u64) -> Result<(), AuthorityProblem> {
        if now > self.not_after {
            return Err(AuthorityProblem::Expired { not_after: self.not_after });
        }
        if now < self.not_before {
            return Err(AuthorityProblem::NotYetValid { not_before: self.not_before, now });
        }
        Ok(())
    }
}
