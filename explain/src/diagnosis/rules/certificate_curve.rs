//! A certificate of TLS 1.2 on a curve that the client does not list in supported_groups, which is
//! also the list of the curves that certificates may be on (RFC 8422 §5.1). The server then has no
//! certificate for this client, and says so by a general alert.

use handclasp_codec::{NamedGroup, SuiteAuthentication};

use super::Case;
use super::offer::{Offer, names};
use crate::diagnosis::cause::Cause;
use crate::diagnosis::compute::certificate::Certificate;
use crate::diagnosis::compute::curve::Curve;
use crate::diagnosis::compute::key::KeyKind;
use crate::diagnosis::finding::{Confidence, Finding};

/// Curves of certificates that TLS stacks take.
const CURVES: [NamedGroup; 3] = [NamedGroup::secp256r1, NamedGroup::secp384r1, NamedGroup::secp521r1];

/// What is to be said of a refused hello, and how sure: inferred where the certificate is known, or
/// where every suite needs an EC key and no curve for one is offered; else possible.
pub(super) fn finding(case: &Case<'_>, offer: &Offer) -> Option<Finding> {
    let groups = offer.groups.as_deref().filter(|_| !offer.tls13())?;
    let listed = names(groups);
    if let Some(curve) = given(case) {
        let summary = format!(
            "The given certificate has a key on the curve {curve}, but the client lists {listed}: TLS 1.2 \
             then cannot use the certificate (RFC 8422 §5.1)."
        );
        let fix = format!(
            "offer {curve} on the client, or configure a certificate on a curve that the client lists, or \
             an RSA certificate with matching cipher suites"
        );
        let finding = Finding::failure(Cause::CertCurveNotOffered, Confidence::Inferred, summary).fix(fix);
        return (!groups.contains(&curve)).then(|| finding.evidence(case.ended()));
    }
    let none = !CURVES.iter().any(|curve| groups.contains(curve));
    let (confidence, summary) = if none && offer.one_authentication() == Some(SuiteAuthentication::Ecdsa) {
        let summary = format!(
            "Every cipher suite offered needs an EC certificate, but the client lists {listed} and none of \
             the curves used by certificates: in TLS 1.2 the list also applies to certificates (RFC 8422 \
             §5.1)."
        );
        (Confidence::Inferred, summary)
    } else if offer.lacks_certificate_curves() {
        let summary = format!(
            "The client accepts only the curves {listed}: a server whose certificate is on another curve \
             cannot use it."
        );
        (Confidence::Possible, summary)
    } else {
        return None;
    };
    Some(Finding::failure(Cause::CertCurveNotOffered, confidence, summary).evidence(case.ended()))
}

/// The curve of the certificate that the user gave.
fn given(case: &Case<'_>) -> Option<NamedGroup> {
    let leaf = Certificate::parse(case.evidence.certificates.first()?)?;
    match leaf.key.kind {
        KeyKind::Ec { curve: Curve::P256, .. } => Some(NamedGroup::secp256r1),
        KeyKind::Ec { curve: Curve::P384, .. } => Some(NamedGroup::secp384r1),
        KeyKind::Ec { curve: Curve::P521, .. } => Some(NamedGroup::secp521r1),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use handclasp_codec::{AlertDescription as Alert, HandshakeType};

    use super::*;
    use crate::conversation::Side;
    use crate::diagnosis::finding::Finding;
    use crate::diagnosis::rules::test_support::{
        alert, certificate, conversation, evidence, failures, message,
    };
    use crate::input::evidence::Evidence;

    /// A client of TLS 1.2 with these suites, groups and ecdsa_secp256r1_sha256, refused.
    fn refused(suites: &[u8], groups: &[u8], given: Option<&str>) -> Vec<Finding> {
        let two = |length: usize| u16::try_from(length).unwrap().to_be_bytes();
        let list = |id: u8, content: &[u8]| {
            [&[0, id][..], &two(content.len() + 2), &two(content.len()), content].concat()
        };
        let extensions = [list(10, groups), list(13, &[4, 3, 8, 4])].concat();
        let body = [
            &[3, 3][..],
            &[0x5a; 32],
            &[0],
            &two(suites.len()),
            suites,
            &[1, 0],
            &two(extensions.len()),
            &extensions,
        ];
        let hello = message(Side::Client, HandshakeType::client_hello, &body.concat());
        let conversation = conversation(vec![hello, alert(Side::Server, Alert::handshake_failure)]);
        let certificates = given.map(certificate).into_iter().collect();
        failures(&conversation, &Evidence { certificates, ..evidence(None) })
    }

    const ECDSA: &[u8] = &[0xc0, 0x2b];
    const BOTH: &[u8] = &[0xc0, 0x2b, 0xc0, 0x2f];
    const X25519: &[u8] = &[0, 0x1d];
    const AND_P384: &[u8] = &[0, 0x1d, 0, 0x18];

    fn first(found: &[Finding]) -> (Cause, Confidence) {
        (found[0].cause, found[0].confidence)
    }

    #[test]
    fn no_curve_for_a_certificate_is_offered() {
        let found = refused(ECDSA, X25519, None);
        assert_eq!(first(&found), (Cause::CertCurveNotOffered, Confidence::Inferred));
        assert!(found[0].summary.contains("x25519"), "{}", found[0].summary);
        let group = found.iter().find(|one| one.cause == Cause::GroupNoneInCommon).unwrap();
        assert_eq!(group.confidence, Confidence::Possible);
        // An RSA certificate would do.
        assert_ne!(first(&refused(BOTH, X25519, None)).0, Cause::CertCurveNotOffered);
    }

    #[test]
    fn a_certificate_that_is_known_is_named() {
        for suites in [ECDSA, BOTH] {
            let found = refused(suites, AND_P384, Some("good"));
            let named = found.iter().find(|one| one.cause == Cause::CertCurveNotOffered).unwrap();
            assert_eq!(named.confidence, Confidence::Inferred);
            assert!(named.summary.contains("secp256r1") && named.summary.contains("x25519, secp384r1"));
        }
        let found = refused(ECDSA, &[0, 0x1d, 0, 0x17], Some("good"));
        assert!(found.iter().all(|one| one.cause != Cause::CertCurveNotOffered));
    }
}
