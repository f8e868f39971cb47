//! [`Crls`]: several lists, and what they must prove.

use alloc::{
    string::{String, ToString as _},
    vec::Vec,
};
use core::fmt;

use handclasp_codec::Printable;
use handclasp_crypto::{Digest, Hash};
use rustls_pki_types::{
    CertificateRevocationListDer,
    pem::{self, PemObject},
};

use crate::{
    crl::{Crl, CrlError, Revocation, at},
    distinguished_name::distinguished_name,
    x509::Certificate,
};

#[cfg(feature = "std")]
mod files;

/// Certificate revocation lists for [`crate::Roots::with_crls`].
///
/// Each certificate of a path, except the root, must be covered by a list that its issuer signed and that is
/// current, and must not be on it. Where CAs publish less, [`Crls::leaf_only`], [`Crls::permit_unknown`] and
/// [`Crls::permit_outdated`] require less. Lists are not fetched; indirect and delta CRLs are refused.
#[derive(Clone, Default)]
pub struct Crls {
    lists: Vec<Crl>,
    #[cfg(feature = "std")]
    files: Option<std::sync::Arc<files::Files>>,
    policy: CrlPolicy,
}

/// What lists must prove.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct CrlPolicy {
    pub(crate) leaf_only: bool,
    pub(crate) permits_unknown: bool,
    pub(crate) permits_outdated: bool,
}

impl Crls {
    /// From lists in DER.
    ///
    /// # Errors
    /// An empty slice, or a list that cannot be used.
    pub fn from_der(lists: &[CertificateRevocationListDer<'_>]) -> Result<Self, CrlError> {
        let read = |(index, der): (usize, &CertificateRevocationListDer<'_>)| {
            Crl::from_der(der).map_err(|problem| CrlError::List { index, problem })
        };
        let lists: Vec<Crl> = lists.iter().enumerate().map(read).collect::<Result<_, _>>()?;
        match lists.is_empty() {
            true => Err(CrlError::Empty { found: None }),
            false => Ok(Self { lists, ..Self::default() }),
        }
    }

    /// From all lists of a PEM text, or from one list in DER.
    ///
    /// # Errors
    /// Invalid PEM, a text without a list, or a list that cannot be used.
    pub fn from_pem(pem: &[u8]) -> Result<Self, CrlError> {
        // DER begins with a SEQUENCE, whose tag is a printable '0' that no PEM begins with.
        if pem.first() == Some(&crate::der::SEQUENCE) {
            return Self::from_der(&[CertificateRevocationListDer::from(pem)]);
        }
        let lists: Result<Vec<CertificateRevocationListDer<'_>>, pem::Error> =
            CertificateRevocationListDer::pem_slice_iter(pem).collect();
        let lists = lists.map_err(|error| CrlError::Pem { reason: crate::roots::pem_reason(&error) })?;
        match lists.is_empty() {
            true => Err(CrlError::Empty { found: first_label(pem) }),
            false => Self::from_der(&lists),
        }
    }

    /// From a file with PEM or DER, as [`Crls::from_pem`].
    ///
    /// # Errors
    /// As [`Crls::from_pem`], or a file that cannot be read.
    #[cfg(feature = "std")]
    pub fn from_pem_file(path: impl AsRef<std::path::Path>) -> Result<Self, CrlError> {
        files::read(path.as_ref()).map(|lists| Self { lists, ..Self::default() })
    }

    /// From files that are read again whenever they change, so that a new list counts without a restart. A
    /// file that cannot be read any more leaves the lists of before, until they are outdated; see
    /// [`Crls::reload`]. Sessions are not resumed, since a list may name their peer meanwhile.
    ///
    /// # Errors
    /// As [`Crls::from_pem_file`].
    #[cfg(feature = "std")]
    pub fn follow_files<P: AsRef<std::path::Path>>(paths: &[P]) -> Result<Self, CrlError> {
        let files = files::Files::new(paths.iter().map(|path| path.as_ref().to_path_buf()).collect())?;
        Ok(Self { files: Some(std::sync::Arc::new(files)), ..Self::default() })
    }

    /// Reads followed files again if they have changed.
    ///
    /// # Errors
    /// Why the changed files do not load. The lists of before stay in use.
    #[cfg(feature = "std")]
    pub fn reload(&self) -> Result<(), CrlError> {
        self.files.as_ref().map_or(Ok(()), |files| files.refresh().1)
    }

    /// Whether [`Crls::follow_files`] made them.
    pub fn follows_files(&self) -> bool {
        #[cfg(feature = "std")]
        return self.files.is_some();
        #[cfg(not(feature = "std"))]
        false
    }

    /// These lists and those of `other`, with the requirements of these. Of two followed sets that of `other`
    /// is followed.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.lists.extend(other.lists);
        #[cfg(feature = "std")]
        {
            self.files = other.files.or(self.files);
        }
        self
    }

    /// Checks only the peer's own certificate, not those of intermediate CAs.
    #[must_use]
    pub fn leaf_only(mut self) -> Self {
        self.policy.leaf_only = true;
        self
    }

    /// Accepts certificates that no list covers.
    #[must_use]
    pub fn permit_unknown(mut self) -> Self {
        self.policy.permits_unknown = true;
        self
    }

    /// Uses lists whose nextUpdate has passed. An attacker who withholds the new list then hides what was
    /// revoked since.
    #[must_use]
    pub fn permit_outdated(mut self) -> Self {
        self.policy.permits_outdated = true;
        self
    }

    /// The lists as they are now.
    pub fn lists(&self) -> Vec<Crl> {
        self.with_lists(|lists| lists.iter().map(|one| (*one).clone()).collect())
    }

    pub(crate) fn policy(&self) -> CrlPolicy {
        self.policy
    }

    /// Calls `body` with the current lists.
    pub(crate) fn with_lists<R>(&self, body: impl FnOnce(&[&Crl]) -> R) -> R {
        #[cfg(feature = "std")]
        let followed = self.files.as_ref().map(|files| files.refresh().0);
        #[cfg(feature = "std")]
        let followed = followed.iter().flat_map(|lists| lists.iter());
        #[cfg(not(feature = "std"))]
        let followed = core::iter::empty();
        let all: Vec<&Crl> = self.lists.iter().chain(followed).collect();
        body(&all)
    }

    /// The first certificate of a chain that a list names, for people. Signatures are not verified here.
    pub(crate) fn find<C: AsRef<[u8]>>(&self, chain: &[C]) -> Option<Revocation> {
        let on_list = |(index, der): (u8, &C)| {
            let certificate = Certificate::read(der.as_ref()).ok()?;
            let of_issuer = |list: &&&Crl| list.issuer == certificate.issuer;
            let (date, reason) = self.with_lists(|lists| {
                lists.iter().filter(of_issuer).find_map(|list| list.find(certificate.serial))
            })?;
            let (serial, issuer) = (certificate.serial.to_vec(), distinguished_name(certificate.issuer));
            Some(Revocation { index, serial, issuer, date: at(date), reason })
        };
        (0u8..).zip(chain).find_map(on_list)
    }

    /// A hash of lists and requirements that does not depend on their order. Followed files count by
    /// being followed: their sessions are not resumed.
    pub(crate) fn digest(&self, hash: &dyn Hash) -> Digest {
        let mut digests: Vec<Digest> = self.lists.iter().map(|one| hash.hash(&[&one.signed])).collect();
        digests.sort_unstable();
        digests.dedup();
        let CrlPolicy { leaf_only, permits_unknown, permits_outdated } = self.policy;
        let policy = [leaf_only, permits_unknown, permits_outdated, self.follows_files()].map(u8::from);
        let mut all: Vec<&[u8]> = digests.iter().map(|digest| &**digest).collect();
        all.push(&policy);
        hash.hash(&all)
    }
}

/// The label of the first PEM section of a text.
fn first_label(text: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(text);
    let (_, after) = text.split_once("-----BEGIN ")?;
    let (label, _) = after.split_once("-----")?;
    let label: String = label.chars().take(64).collect();
    Some(Printable(&label).to_string())
}

impl fmt::Debug for Crls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Crls")
            .field("lists", &self.lists)
            .field("follows_files", &self.follows_files())
            .field("policy", &self.policy)
            .finish()
    }
}
