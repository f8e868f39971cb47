//! Which of our identities to show a peer (RFC 8446 §4.4.2.2, §4.4.2.3): one that is of use to
//! it at all, and among those the one that fits best.
//!
//! Called by: `answer`.

use handclasp_codec::{CertificateType, DistinguishedName};
use handclasp_handshake::{Credential, Wanted};
use handclasp_identity::Identity;
use handclasp_report::NoneShown;
use handclasp_trust::{Name, shown};

/// Our identities, and what may be shown of them.
#[derive(Clone, Copy)]
pub(crate) struct Choice<'a> {
    pub(crate) identities: &'a [Identity],
    /// Whether the key of an identity with a certificate may be shown without it.
    pub(crate) raw_keys: bool,
}

/// What was chosen.
#[derive(Clone)]
pub(crate) struct Shown<'a> {
    pub(crate) identity: &'a Identity,
    certificate_type: CertificateType,
    /// The SubjectPublicKeyInfo where it is shown without a certificate.
    raw: Vec<Vec<u8>>,
    listed: bool,
}

/// How well an identity fits; what stands first counts most.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Fit {
    /// The peer can use it at all.
    usable: bool,
    /// It is for the name asked for.
    named: bool,
    /// All its signatures are of schemes that the peer verifies.
    verifiable: bool,
    /// It leads to an authority that the peer names.
    listed: bool,
}

impl<'a> Choice<'a> {
    /// The identity that fits best, the first of several, and with its certificate rather than
    /// without, unless the peer wants it the other way. On a client that has nothing usable:
    /// none, for it may go on without. On a server even what does not fit is better evidence
    /// than nothing: the machine then says which scheme or type was missing.
    pub(crate) fn choose(&self, wanted: &Wanted<'_>, is_server: bool) -> Option<Shown<'a>> {
        let mut best: Option<(Fit, Shown<'a>)> = None;
        for certificate_type in wanted.types.iter() {
            for identity in self.identities.iter().filter(|one| self.has(one, certificate_type)) {
                let fit = self.fit(identity, certificate_type, wanted);
                if best.as_ref().is_none_or(|(other, _)| fit > *other) {
                    let raw = match certificate_type {
                        CertificateType::RawPublicKey => vec![identity.spki().to_vec()],
                        _ => Vec::new(),
                    };
                    let listed = fit.listed;
                    best = Some((fit, Shown { identity, certificate_type, raw, listed }));
                }
            }
        }
        match best {
            Some((fit, shown)) => (fit.usable || is_server).then_some(shown),
            None if is_server => self.identities.first().map(Shown::of_another_type),
            None => None,
        }
    }

    /// Why a client that chose none has none to show.
    pub(crate) fn why_none(&self, wanted: &Wanted<'_>) -> NoneShown {
        let of_type = |identity| wanted.types.iter().any(|one| self.has(identity, one));
        match self.identities {
            [] => NoneShown::NotConfigured,
            all if all.iter().any(of_type) => NoneShown::NoCommonScheme,
            _ => NoneShown::NoCommonType,
        }
    }

    /// Where there is no choice, nothing is looked at but what the report wants to know.
    fn fit(&self, identity: &Identity, certificate_type: CertificateType, wanted: &Wanted<'_>) -> Fit {
        let alone = self.identities.len() == 1;
        let is_raw = certificate_type == CertificateType::RawPublicKey;
        Fit {
            usable: wanted.scheme(identity.key_kind(), identity.schemes()).is_some(),
            named: alone || is_named(identity, wanted),
            // A bare key has neither signature nor issuer.
            verifiable: alone || is_raw || is_verifiable(identity, wanted),
            listed: is_raw || is_listed(identity, wanted),
        }
    }

    fn has(&self, identity: &Identity, certificate_type: CertificateType) -> bool {
        match certificate_type {
            CertificateType::X509 => !identity.chain().is_empty(),
            CertificateType::RawPublicKey => self.raw_keys || identity.chain().is_empty(),
            // OpenPGP and IEEE 1609.2 are not done here.
            _ => false,
        }
    }

    /// Types that can be shown, in order of preference.
    pub(crate) fn types(&self) -> Vec<CertificateType> {
        let all = [CertificateType::RawPublicKey, CertificateType::X509];
        all.into_iter()
            .filter(|one| self.identities.iter().any(|identity| self.has(identity, *one)))
            .collect()
    }
}

impl<'a> Shown<'a> {
    fn of_another_type(identity: &'a Identity) -> Self {
        let certificate_type = match identity.chain() {
            [] => CertificateType::RawPublicKey,
            _ => CertificateType::X509,
        };
        Self { identity, certificate_type, raw: vec![identity.spki().to_vec()], listed: true }
    }

    /// As the handshake wants it.
    pub(crate) fn credential(&self) -> Credential<'_> {
        let chain = match self.certificate_type {
            CertificateType::RawPublicKey => &self.raw,
            _ => self.identity.chain(),
        };
        let plain = Credential::x509(chain, self.identity.key_kind(), self.identity.schemes());
        Credential {
            certificate_type: self.certificate_type,
            listed: self.listed,
            ocsp_response: self.identity.ocsp_response(),
            ..plain
        }
    }
}

/// Whether the certificate is for the name asked for, or nothing speaks against it.
fn is_named(identity: &Identity, wanted: &Wanted<'_>) -> bool {
    let name = wanted.server_name.and_then(|name| core::str::from_utf8(name).ok()).map(Name::parse);
    match (name, identity.chain()) {
        (Some(Ok(name)), [leaf, ..]) => shown::is_for(leaf, &name),
        _ => true,
    }
}

/// Whether every certificate of the chain is signed by a scheme that the peer lists; one that
/// signs itself is verified by nobody.
fn is_verifiable(identity: &Identity, wanted: &Wanted<'_>) -> bool {
    let listed = wanted.schemes_cert.unwrap_or(wanted.schemes);
    let is_root = |index: usize| index + 1 == identity.chain().len();
    identity.chain().iter().enumerate().all(|(index, certificate)| {
        let schemes = shown::signed_by(certificate);
        schemes.iter().any(|scheme| listed.contains(scheme)) || is_root(index) && index > 0
    })
}

/// Whether somebody in the chain was issued by an authority that the peer names.
fn is_listed(identity: &Identity, wanted: &Wanted<'_>) -> bool {
    let named = |issuer: &[u8]| wanted.authorities.iter().any(|DistinguishedName(name)| name == issuer);
    let mut issuers = identity.chain().iter().filter_map(|certificate| shown::issuer(certificate));
    wanted.authorities.is_empty() || issuers.any(named)
}
