//! The identity that is chosen through the index is the one that looking at all of them chooses.

use std::sync::Arc;

use handclasp_codec::{CertificateType, ProtocolVersion};
use handclasp_handshake::CredentialRequest;
use handclasp_identity::{Authority, CertificateParams, Usage, Validity};
use rustls_pki_types::CertificateDer;

use super::*;
use crate::{
    choose::Choice,
    provider::{KEYS, SystemRandom},
};

/// Identities of two authorities, three kinds of key, several names, and one bare key.
fn identities() -> (Vec<Identity>, Vec<Vec<u8>>) {
    let validity = Validity::starting_now();
    let authority = |name, kind| Authority::new(name, validity, kind).unwrap();
    let authorities = [authority("one", KeyKind::P256), authority("two", KeyKind::P384)];
    let mut identities = Vec::new();
    for names in [&["a.test"][..], &["*.b.test", "10.0.0.1"], &["c.test", "a.test"]] {
        for issuer in &authorities {
            for key in [KeyKind::P256, KeyKind::P384, KeyKind::Ed25519] {
                let issue = CertificateParams::new(names)
                    .with_validity(validity)
                    .with_key_kind(key)
                    .with_usage(Usage::Server);
                identities.push(issuer.issue(&issue).unwrap().identity().unwrap());
            }
        }
    }
    let der = handclasp_crypto::Keys::generate(KEYS, KeyKind::P256, &mut SystemRandom).unwrap();
    let signer = handclasp_crypto::Keys::load(KEYS, handclasp_crypto::KeyEncoding::Pkcs8, &der).unwrap();
    identities.insert(3, Identity::raw_key_from_signer(signer).unwrap());
    let names =
        authorities.iter().map(|one| certificate::issuer(one.certificate()).unwrap().to_vec()).collect();
    (identities, names)
}

/// The place of the best fit, by looking at every identity for every part of what is wanted.
fn by_looking_at_all(
    identities: &[Arc<Identity>],
    wanted: &CredentialRequest<'_>,
) -> Option<(usize, CertificateType)> {
    let name = wanted.server_name.map(|name| Name::parse(core::str::from_utf8(name).unwrap()).unwrap());
    let cert = wanted.schemes_cert.unwrap_or(wanted.schemes);
    let mut best = None;
    for certificate_type in wanted.types.iter() {
        for (place, identity) in identities.iter().enumerate() {
            let chain = identity.chain();
            let is_raw = certificate_type == CertificateType::RawPublicKey;
            if is_raw != chain.is_empty() {
                continue;
            }
            let is_root = |at: usize| at > 0 && at + 1 == chain.len();
            let signed =
                |der: &[u8]| certificate::signature_schemes(der).iter().any(|scheme| cert.contains(scheme));
            let listed = |der: &CertificateDer<'_>| {
                wanted.authorities.iter().any(|name| certificate::issuer(der) == Some(name.0))
            };
            let fit = (
                wanted.scheme(identity.key_kind(), identity.schemes()).is_some(),
                name.as_ref().is_none_or(|name| is_raw || certificate::is_valid_for(&chain[0], name)),
                is_raw || chain.iter().enumerate().all(|(at, der)| signed(der) || is_root(at)),
                is_raw || wanted.authorities.is_empty() || chain.iter().any(listed),
            );
            if best.as_ref().is_none_or(|(other, _)| fit > *other) {
                best = Some((fit, (place, certificate_type)));
            }
        }
    }
    best.map(|(_, found)| found)
}

#[test]
fn the_index_chooses_what_looking_at_all_chooses() {
    let (identities, authorities) = identities();
    let identities: Vec<Arc<Identity>> = identities.into_iter().map(Arc::new).collect();
    let index = Index::of(&identities);
    let choice = Choice { identities: &identities, index: &index, raw_keys: false };
    let both = [CertificateType::X509, CertificateType::RawPublicKey];
    let swapped = [both[1], both[0], both[1], both[0]];
    let (p256, p384) = (SignatureScheme::ecdsa_secp256r1_sha256, SignatureScheme::ecdsa_secp384r1_sha384);
    let schemes = [vec![p256], vec![p384], vec![SignatureScheme::ed25519, p256], vec![SignatureScheme(7)]];
    let names: [Option<&[u8]>; 8] = [
        None,
        Some(b"a.test"),
        Some(b"A.Test"),
        Some(b"x.b.test"),
        Some(b"b.test"),
        Some(b"c.test"),
        Some(b"10.0.0.1"),
        Some(b"nobody.test"),
    ];
    let lists: Vec<Vec<DistinguishedName<'_>>> = vec![
        vec![],
        vec![DistinguishedName(b"nobody"), DistinguishedName(&authorities[1])],
        vec![DistinguishedName(&authorities[0])],
        vec![DistinguishedName(b"nobody")],
    ];
    let mut seen = HashSet::new();
    for name in names {
        for own in &schemes {
            for cert in [None, Some(&schemes[0]), Some(&schemes[1])] {
                for list in &lists {
                    for types in [&both[..1], &both[..], &swapped[..], &both[1..]] {
                        let mut wanted = CredentialRequest::new(ProtocolVersion::TLS_1_3, List::of(own));
                        wanted.server_name = name;
                        wanted.schemes_cert = cert.map(|cert| List::of(cert));
                        wanted.authorities = List::of(list);
                        wanted.types = List::of(types);
                        let expected = by_looking_at_all(&identities, &wanted);
                        let shown = choice.choose(&wanted, true).unwrap();
                        let place = identities.iter().position(|one| Arc::ptr_eq(one, &shown.identity));
                        let found = (place.unwrap(), shown.credential(&[]).certificate_type);
                        assert_eq!(Some(found), expected, "{wanted:?}");
                        seen.insert(found.0);
                    }
                }
            }
        }
    }
    assert!(seen.len() > 8, "the test chooses among many: {seen:?}");
}

#[test]
fn what_is_looked_at_does_not_grow_with_what_there_is() {
    let (few, _) = identities();
    let many: Vec<Identity> = few
        .into_iter()
        .chain((0..200).map(|n| Identity::self_signed(&[&format!("x{n}.test")]).unwrap()))
        .collect();
    let index = Index::of(&many);
    // A class for each kind of key and of its issuer's, and one for the bare key.
    assert_eq!(index.firsts().len(), 7);
    assert_eq!(index.named(&Name::parse("x7.test").unwrap()).collect::<Vec<_>>(), [19 + 7]);
    assert_eq!(index.named(&Name::parse("nobody.test").unwrap()).count(), 0);
}
