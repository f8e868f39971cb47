//! A small CA: for demonstrations, tests, and fleets whose owner wants its own root.

use alloc::{string::String, vec::Vec};
use core::fmt;

use handclasp_crypto::{KeyKind, Keys, Random};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyUsagePurpose};
use zeroize::Zeroizing;

use crate::{
    Issue, IssueError, Issued, Validity,
    issue::{NewKey, base, leaf},
    signer::{Signer, Subject},
    to_pem,
};

/// A CA with its key.
pub struct Authority {
    certificate: Vec<u8>,
    /// What stands between its leafs and the root: its own certificate, unless it is the root,
    /// and those of the authorities above.
    between: Vec<Vec<u8>>,
    params: CertificateParams,
    key: NewKey,
}

impl Authority {
    /// A root of that name with a new P-256 key.
    ///
    /// # Errors
    /// Randomness or library failed.
    pub fn new(
        name: &str,
        validity: Validity,
        keys: &dyn Keys,
        random: &mut dyn Random,
    ) -> Result<Self, IssueError> {
        Self::with_key(name, validity, KeyKind::P256, keys, random)
    }

    /// A root of that name with a new key of that kind.
    ///
    /// # Errors
    /// A kind of key that cannot be had, or randomness or library failed.
    pub fn with_key(
        name: &str,
        validity: Validity,
        kind: KeyKind,
        keys: &dyn Keys,
        random: &mut dyn Random,
    ) -> Result<Self, IssueError> {
        let params = authority(name, validity, random)?;
        let key = NewKey::make(kind, keys, random)?;
        let certificate = params.self_signed(&Signer::new(&*key.signer, random)?);
        let certificate = certificate.map_err(|_| IssueError::Failed)?.der().to_vec();
        Ok(Self { certificate, between: Vec::new(), params, key })
    }

    /// An authority below this one, whose leafs come with its certificate.
    ///
    /// # Errors
    /// As [`Authority::with_key`].
    pub fn subordinate(
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
        let mut between = Vec::from([certificate.clone()]);
        between.extend(self.between.iter().cloned());
        Ok(Self { certificate, between, params, key })
    }

    /// A new key and a certificate for it, with the chain up to the root.
    ///
    /// # Errors
    /// A name that is none, a kind of key that cannot be had, or randomness or library failed.
    pub fn issue(
        &self,
        issue: &Issue<'_>,
        keys: &dyn Keys,
        random: &mut dyn Random,
    ) -> Result<Issued, IssueError> {
        let params = leaf(issue, random)?;
        let key = NewKey::make(issue.key, keys, random)?;
        let mut chain = Vec::from([self.sign(&params, key.signer.public_key(), random)?]);
        chain.extend(self.between.iter().cloned());
        Ok(Issued { chain, key: key.pkcs8 })
    }

    /// Its own certificate (DER).
    pub fn certificate(&self) -> &[u8] {
        &self.certificate
    }

    /// Its own certificate as PEM.
    pub fn certificate_pem(&self) -> String {
        String::from(to_pem("CERTIFICATE", &self.certificate).as_str())
    }

    /// Its private key as PEM (PKCS#8).
    pub fn key_pem(&self) -> Zeroizing<String> {
        to_pem("PRIVATE KEY", &self.key.pkcs8)
    }

    fn sign(
        &self,
        params: &CertificateParams,
        spki: &[u8],
        random: &mut dyn Random,
    ) -> Result<Vec<u8>, IssueError> {
        let subject = Subject::new(spki)?;
        let issuer = Issuer::from_params(&self.params, Signer::new(&*self.key.signer, random)?);
        let certificate = params.signed_by(&subject, &issuer).map_err(|_| IssueError::Failed)?;
        Ok(certificate.der().to_vec())
    }
}

/// What the certificate of a CA says (RFC 5280 §4.2.1.3, §4.2.1.9).
fn authority(
    name: &str,
    validity: Validity,
    random: &mut dyn Random,
) -> Result<CertificateParams, IssueError> {
    // Its name is what leafs point to: an empty one is not permitted (§4.1.2.4).
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
        f.debug_struct("Authority").field("depth", &self.between.len()).finish_non_exhaustive()
    }
}
