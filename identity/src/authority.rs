//! A small CA, for demonstrations, tests, and device fleets with a root of their own.

use alloc::{string::String, vec::Vec};
use core::fmt;

use handclasp_crypto::{KeyKind, Keys, Random};
use rcgen::{BasicConstraints, CertificateParams as Params, IsCa, Issuer, KeyUsagePurpose};
use rustls_pki_types::CertificateDer;
use zeroize::Zeroizing;

use crate::{
    CertificateParams, IssueError, IssuedCertificate, Validity,
    issue::{NewKey, base, leaf},
    signer::self_signed,
    signer::{Signer, Subject},
    to_pem,
};

/// A certification authority: its certificate and private key.
pub struct Authority {
    certificate: CertificateDer<'static>,
    /// The certificates between an issued leaf and the root: that of this authority unless it is the
    /// root, and those of the authorities above it.
    intermediates: Vec<CertificateDer<'static>>,
    params: Params,
    key: NewKey,
}

impl Authority {
    /// As [`Authority::new`], with the provider of the caller.
    ///
    /// # Errors
    /// As [`Authority::new`].
    pub fn new_with(
        name: &str,
        validity: Validity,
        kind: KeyKind,
        keys: &dyn Keys,
        random: &mut dyn Random,
    ) -> Result<Self, IssueError> {
        let params = authority(name, validity, random)?;
        let key = NewKey::make(kind, keys, random)?;
        let certificate = self_signed(&params, &*key.signer, &[], random)?;
        Ok(Self { certificate, intermediates: Vec::new(), params, key })
    }

    /// As [`Authority::subordinate`], with the provider of the caller.
    ///
    /// # Errors
    /// As [`Authority::subordinate`].
    pub fn subordinate_with(
        &self,
        name: &str,
        validity: Validity,
        kind: KeyKind,
        keys: &dyn Keys,
        random: &mut dyn Random,
    ) -> Result<Self, IssueError> {
        let params = authority(name, validity, random)?;
        let key = NewKey::make(kind, keys, random)?;
        let certificate = self.sign(&params, key.signer.public_key(), random)?;
        let mut intermediates = Vec::from([certificate.clone()]);
        intermediates.extend(self.intermediates.iter().cloned());
        Ok(Self { certificate, intermediates, params, key })
    }

    /// As [`Authority::issue`], with the provider of the caller.
    ///
    /// # Errors
    /// As [`Authority::issue`].
    pub fn issue_with(
        &self,
        params: &CertificateParams<'_>,
        keys: &dyn Keys,
        random: &mut dyn Random,
    ) -> Result<IssuedCertificate, IssueError> {
        let certificate = leaf(params, random)?;
        let key = NewKey::make(params.key, keys, random)?;
        let mut chain = Vec::from([self.sign(&certificate, key.signer.public_key(), random)?]);
        chain.extend(self.intermediates.iter().cloned());
        Ok(IssuedCertificate { chain, key: key.pkcs8 })
    }

    /// The certificate of this authority.
    pub fn certificate(&self) -> &CertificateDer<'static> {
        &self.certificate
    }

    /// The certificate of this authority as PEM.
    pub fn certificate_pem(&self) -> String {
        String::from(to_pem("CERTIFICATE", &self.certificate).as_str())
    }

    /// The private key of this authority as PEM (PKCS#8).
    pub fn key_pem(&self) -> Zeroizing<String> {
        to_pem("PRIVATE KEY", &self.key.pkcs8)
    }

    fn sign(
        &self,
        params: &Params,
        spki: &[u8],
        random: &mut dyn Random,
    ) -> Result<CertificateDer<'static>, IssueError> {
        let subject = Subject::new(spki)?;
        let issuer = Issuer::from_params(&self.params, Signer::new(&*self.key.signer, &[], random)?);
        let certificate = params.signed_by(&subject, &issuer).map_err(|_| IssueError::Failed)?;
        Ok(certificate.der().clone())
    }
}

/// The fields of a CA certificate (RFC 5280 §4.2.1.3, §4.2.1.9).
fn authority(name: &str, validity: Validity, random: &mut dyn Random) -> Result<Params, IssueError> {
    // Leaf certificates name it as their issuer, which must not be empty (RFC 5280 §4.1.2.4).
    if name.is_empty() || name.len() > 64 {
        return Err(IssueError::Name(String::from(name)));
    }
    let mut params = base(Some(name), validity, random)?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = Vec::from([KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign]);
    Ok(params)
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority").field("depth", &self.intermediates.len()).finish_non_exhaustive()
    }
}
