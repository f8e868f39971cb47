//! Chains made by OpenSSL (`vectors/make.sh`): what it makes, we judge as it was meant.

mod common;

use common::*;
use handclasp_crypto::{KeyKind, PublicKey};
use handclasp_provider_aws_lc::{ECDSA_P256_SHA256, ECDSA_P384_SHA384};
use handclasp_report::CertificateFault as Fault;
use handclasp_report::Evidence;
use handclasp_trust::{Name, Pin, Role, Roots, RootsError, Trust};

/// The chain of a vector, to be changed.
fn bytes(name: &str) -> Vec<Vec<u8>> {
    vector(name).iter().map(|der| der.to_vec()).collect()
}

#[test]
fn every_kind_of_key() {
    for (leaf, root, kind) in [
        ("ec", "root-p256", KeyKind::P256),
        ("leaf-p384", "root-p384", KeyKind::P384),
        ("leaf-p521", "root-p521", KeyKind::P521),
        ("leaf-ed25519", "root-ed25519", KeyKind::Ed25519),
        ("leaf-rsa", "root-rsa", KeyKind::Rsa),
        ("leaf-rsa-pss", "root-rsa", KeyKind::Rsa),
    ] {
        let accepted = judge(&roots(&[root]), &vector(leaf), "a.example");
        let accepted = accepted.unwrap_or_else(|fault| panic!("{leaf}: {fault:?}"));
        assert_eq!(PublicKey::from_spki(&accepted.spki).unwrap().kind, kind);
        assert_eq!(accepted.pin, Pin::of_spki(&accepted.spki));
        assert!(accepted.not_after.unwrap().as_secs() > NOW + 98 * 365 * 86_400, "a century");
    }
}

#[test]
fn names() {
    let trust = roots(&["root-p256"]);
    let chain = vector("ec");
    for name in ["a.example", "A.EXAMPLE.", "x.wild.example", "192.0.2.1", "2001:db8::1", "[2001:db8::1]"] {
        assert!(judge(&trust, &chain, name).is_ok(), "{name}");
    }
    for name in ["b.example", "x.y.wild.example", "wild.example", "192.0.2.2", "2001:db8::2"] {
        assert_eq!(judge(&trust, &chain, name), Err(Fault::NameMismatch { names: 4 }), "{name}");
    }
    // The common name does not count (RFC 9525 §2), and version 1 has no other.
    assert_eq!(judge(&trust, &vector("common-name"), "common-name"), Err(Fault::NameMismatch { names: 0 }));
    assert_eq!(judge(&trust, &vector("version1"), "version1"), Err(Fault::NameMismatch { names: 0 }));
    assert_eq!(judge_client(&trust, &vector("version1")), Err(Fault::Malformed { index: 0 }));
    // No name to look for: no peer is trusted. A client has none.
    assert_eq!(fault(trust.verify_chain(&chain, &options(None))), Err(Fault::NoExpectedName));
    assert!(judge_client(&trust, &chain).is_ok());
    assert!(judge_client(&trust, &vector("common-name")).is_ok());
    // Where a server does expect a name of a client, it counts.
    let name = Name::parse("b.example").unwrap();
    let mut options = options(Some(&name));
    options.role = Role::Client;
    assert_eq!(fault(trust.verify_chain(&chain, &options)), Err(Fault::NameMismatch { names: 4 }));
}

#[test]
fn dates() {
    let trust = roots(&["root-p256"]);
    let chain = vector("ec");
    let not_after = judge(&trust, &chain, "a.example").unwrap().not_after.unwrap().as_secs();
    assert!(judge_at(&trust, &chain, "a.example", not_after).is_ok());
    let now = not_after + 100;
    assert_eq!(judge_at(&trust, &chain, "a.example", now), Err(Fault::Expired));
    let Some(Evidence::Dates { limit, now: told }) = evidence_at(&trust, &chain, "a.example", now) else {
        panic!()
    };
    assert!(limit >= not_after && told == now);
    // A device without a clock.
    assert_eq!(judge_at(&trust, &chain, "a.example", 0), Err(Fault::NotYetValid));
    let evidence = evidence_at(&trust, &chain, "a.example", 0);
    assert!(matches!(evidence, Some(Evidence::Dates { limit: 1_700_000_000.., now: 0 })), "{evidence:?}");
}

#[test]
fn issuers() {
    let chain = vector("ec");
    let unknown = Fault::UnknownIssuer { self_signed: false };
    assert_eq!(judge(&roots(&["root-rsa"]), &chain, "a.example"), Err(unknown));
    // Without the intermediate; with the root sent along; out of order.
    let trust = roots(&["root-p256"]);
    assert_eq!(judge(&trust, &chain[..1], "a.example"), Err(unknown));
    let with = |others: &[&str]| {
        let mut all = chain.clone();
        others.iter().for_each(|name| all.extend(vector(name)));
        all
    };
    assert!(judge(&trust, &with(&["root-p256"]), "a.example").is_ok());
    assert!(judge(&trust, &with(&["root-rsa", "root-version1", "critical"]), "a.example").is_ok());
    let mixed = [chain[0].clone(), vector("root-rsa")[0].clone(), chain[1].clone()];
    assert!(judge(&trust, &mixed, "a.example").is_ok());
    // The intermediate itself given as a root is enough, as with other stacks.
    let intermediate = Trust::WebPki(Roots::from_der(&chain[1..]).unwrap());
    assert!(judge(&intermediate, &chain[..1], "a.example").is_ok());
    // A root of version 1, sent along or not, trusted or not.
    let chain = vector("under-version1");
    assert_eq!(chain.len(), 2);
    let version1 = roots(&["root-version1"]);
    assert!(judge(&version1, &chain, "a.example").is_ok());
    assert!(judge(&version1, &chain[..1], "a.example").is_ok());
    assert_eq!(judge(&trust, &chain, "a.example"), Err(unknown));
    // A root of the same name with another key, of the same kind or not.
    let chain = vector("usage-server");
    assert_eq!(judge(&roots(&["root-p256-other"]), &chain, "a.example"), Err(Fault::SignatureInvalid));
    assert_eq!(judge(&roots(&["root-p256-rsa"]), &chain, "a.example"), Err(Fault::SignatureInvalid));
    assert!(judge(&roots(&["root-p256-rsa", "root-p256-other", "root-p256"]), &chain, "a.example").is_ok());
    // A leaf given as a root, but signed by another: its issuer stays unknown.
    assert_eq!(judge(&roots(&["usage-server"]), &chain, "a.example"), Err(unknown));
}

#[test]
fn usage() {
    let trust = roots(&["root-p256"]);
    let both = |name| {
        let chain = vector(name);
        (judge(&trust, &chain, "a.example").err(), judge_client(&trust, &chain).err())
    };
    let wrong = Some(Fault::WrongUsage);
    assert_eq!(both("usage-server"), (None, wrong));
    assert_eq!(both("usage-client"), (wrong, None));
    assert_eq!(both("usage-code"), (wrong, wrong));
    // An issuer that is for clients only.
    assert_eq!(both("under-usage"), (wrong, None));
}

#[test]
fn constraints() {
    let trust = roots(&["root-p256"]);
    for name in ["length", "no-ca", "names", "critical", "under-critical"] {
        assert_eq!(judge(&trust, &vector(name), "a.example"), Err(Fault::ConstraintViolated), "{name}");
    }
    assert_eq!(judge(&trust, &vector("leaf-is-ca"), "a.example"), Err(Fault::CaUsedAsLeaf));
    // Given whole as a root it may be one, not the peer itself: it is another's.
    assert_eq!(judge(&roots(&["leaf-is-ca"]), &vector("leaf-is-ca"), "a.example"), Err(Fault::CaUsedAsLeaf));
}

#[test]
fn keys_and_signatures() {
    for (leaf, root, fault) in [
        ("leaf-rsa1024", "root-p256", Fault::UnsupportedKey),
        ("leaf-secp256k1", "root-p256", Fault::UnsupportedKey),
        ("under-rsa1024", "root-rsa1024", Fault::UnsupportedKey),
        ("under-secp256k1", "root-secp256k1", Fault::UnsupportedKey),
        ("under-ed448", "root-ed448", Fault::WeakSignature),
        ("sha1", "root-rsa", Fault::WeakSignature),
    ] {
        assert_eq!(judge(&roots(&[root]), &vector(leaf), "a.example"), Err(fault), "{leaf}");
    }
    // Verifications that a policy leaves out.
    let name = Name::parse("a.example").unwrap();
    let with = |leaf: &str, root: &str, verify: &[&'static dyn handclasp_crypto::Verify]| {
        let mut options = options(Some(&name));
        options.algorithms = verify;
        fault(roots(&[root]).verify_chain(&vector(leaf), &options)).err()
    };
    // SHA-256 under P-384, where only the pairs of TLS 1.3 are accepted.
    let pairs = [ECDSA_P256_SHA256, ECDSA_P384_SHA384];
    assert_eq!(with("leaf-p384", "root-p384", &pairs), Some(Fault::WeakSignature));
    assert_eq!(with("leaf-p384", "root-p384", &[ECDSA_P256_SHA256]), Some(Fault::UnsupportedKey));
    assert_eq!(with("leaf-rsa", "root-rsa", &pairs), Some(Fault::WeakSignature));
    assert_eq!(with("usage-server", "root-p256", &pairs), None);
    assert_eq!(with("usage-server", "root-p256", &[]), Some(Fault::WeakSignature));
}

#[test]
fn damage_is_found_wherever_it_is() {
    let trust = roots(&["root-p256"]);
    let chain = bytes("ec");
    for place in 0..chain.len() {
        for index in 0..chain[place].len() {
            let mut damaged = chain.clone();
            damaged[place][index] ^= 0x01;
            assert!(judge(&trust, &damaged, "a.example").is_err(), "{place}, {index}");
        }
        for length in 0..chain[place].len() {
            let mut cut = chain.clone();
            cut[place].truncate(length);
            let fault = judge(&trust, &cut, "a.example").unwrap_err();
            assert_eq!(fault, Fault::Malformed { index: u8::try_from(place).unwrap() }, "{place}, {length}");
        }
    }
    // The last byte belongs to the signature.
    let mut tampered = bytes("usage-server");
    *tampered[0].last_mut().unwrap() ^= 1;
    assert_eq!(judge(&trust, &tampered, "a.example"), Err(Fault::SignatureInvalid));
    assert_eq!(judge::<&[u8]>(&trust, &[], "a.example"), Err(Fault::Malformed { index: 0 }));
    assert_eq!(judge(&trust, &[b"hello"], "a.example"), Err(Fault::Malformed { index: 0 }));
}

#[test]
fn self_signed_and_given() {
    for name in ["self", "self-leaf", "self-critical-usage"] {
        let (trust, chain) = (roots(&[name]), vector(name));
        let accepted = judge(&trust, &chain, "a.example").unwrap_or_else(|fault| panic!("{name}: {fault:?}"));
        assert!(accepted.not_after.is_some());
        assert!(judge(&trust, &chain, "192.0.2.1").is_ok());
        assert!(judge_client(&trust, &chain).is_ok());
        // All the rest still counts.
        assert_eq!(judge(&trust, &chain, "b.example"), Err(Fault::NameMismatch { names: 4 }));
        let not_after = accepted.not_after.unwrap().as_secs();
        assert!(matches!(judge_at(&trust, &chain, "a.example", not_after + 1), Err(Fault::Expired)));
        assert!(matches!(judge_at(&trust, &chain, "a.example", 0), Err(Fault::NotYetValid)));
        // Not given, it is unknown.
        assert_eq!(
            judge(&roots(&["root-p256"]), &chain, "a.example"),
            Err(Fault::UnknownIssuer { self_signed: true })
        );
    }
    let (trust, chain) = (roots(&["self-client"]), vector("self-client"));
    assert_eq!(judge(&trust, &chain, "a.example"), Err(Fault::WrongUsage));
    assert!(judge_client(&trust, &chain).is_ok());
    assert_eq!(judge(&roots(&["self-sha1"]), &vector("self-sha1"), "a.example"), Err(Fault::WeakSignature));

    // Another certificate of the same key and name as a root: a CA in daily use.
    let mut renewed = bytes("self");
    let index = renewed[0].len() - 1;
    renewed[0][index] ^= 1;
    assert_eq!(judge(&roots(&["self"]), &renewed, "a.example"), Err(Fault::CaUsedAsLeaf));

    // Damaged on both sides: the signature tells.
    for name in ["self", "self-leaf"] {
        let mut damaged = bytes(name).remove(0);
        *damaged.last_mut().unwrap() ^= 1;
        let damaged = [damaged.into()];
        let trust = Trust::WebPki(Roots::from_der(&damaged).unwrap());
        assert_eq!(judge(&trust, &damaged, "a.example"), Err(Fault::SignatureInvalid), "{name}");
    }
    // One byte different from the given one: not it, whatever the byte.
    let given = roots(&["self"]);
    let sound = bytes("self");
    for index in 0..sound[0].len() {
        let mut other = sound.clone();
        other[0][index] ^= 1;
        assert!(judge(&given, &other, "a.example").is_err(), "{index}");
    }
}

#[test]
fn pins_ask_for_nothing_else() {
    // Wrong name, wrong time, no issuer, wrong usage, a CA, version 1: only the key counts.
    for name in
        ["self", "usage-code", "version1", "common-name", "leaf-is-ca", "leaf-rsa", "leaf-p521", "sha1"]
    {
        let chain = vector(name);
        let accepted = Trust::DangerNobody.verify_chain(&chain, &options(None)).unwrap();
        let trust = Trust::Pins(vec![Pin([0; 32]), accepted.pin]);
        let by_pin = judge_at(&trust, &chain, "elsewhere.example", 0).unwrap();
        assert_eq!((&by_pin, by_pin.not_after), (&accepted, None), "{name}");
    }
    let trust = Trust::Pins(vec![Pin([0; 32])]);
    let found = Trust::DangerNobody.verify_chain(&vector("self"), &options(None)).unwrap().pin;
    for trust in [trust, Trust::Pins(vec![])] {
        assert_eq!(judge(&trust, &vector("self"), "a.example"), Err(Fault::PinMismatch));
        let evidence = evidence_at(&trust, &vector("self"), "a.example", NOW);
        assert_eq!(evidence, Some(Evidence::Pin(found.0)));
    }
    // The pin is the leaf's, not that of one behind it.
    let chain = vector("ec");
    let intermediate = Trust::DangerNobody.verify_chain(&chain[1..], &options(None)).unwrap().pin;
    let trust = Trust::Pins(vec![intermediate]);
    assert_eq!(judge(&trust, &chain, "a.example"), Err(Fault::PinMismatch));
    // A key that cannot prove anything to us.
    for name in ["leaf-secp256k1", "leaf-rsa1024"] {
        assert_eq!(judge(&trust, &vector(name), "a.example"), Err(Fault::UnsupportedKey), "{name}");
        assert_eq!(
            fault(Trust::DangerNobody.verify_chain(&vector(name), &options(None))),
            Err(Fault::UnsupportedKey)
        );
    }
    let mut cut = bytes("self");
    cut[0].truncate(100);
    assert_eq!(judge(&trust, &cut, "a.example"), Err(Fault::Malformed { index: 0 }));
}

#[test]
fn the_pin_is_what_openssl_computes() {
    let computed = std::fs::read_to_string(path("self").with_extension("pin")).unwrap();
    let trust = Trust::Pins(vec![Pin::parse(&computed).unwrap()]);
    assert!(judge(&trust, &vector("self"), "a.example").is_ok());
}

#[test]
fn files_of_roots() {
    assert_eq!(Roots::from_pem_file(path("root-p256")).unwrap().len(), 1);
    assert_eq!(Roots::from_pem_file(path("ec")).unwrap().len(), 2);
    // DER is taken too.
    assert_eq!(Roots::from_pem(&vector("root-rsa")[0]).unwrap().len(), 1);
    let missing = Roots::from_pem_file(path("nothing")).unwrap_err();
    assert!(missing.to_string().contains("nothing.pem"), "{missing}");

    assert_eq!(Roots::from_pem(b"").unwrap_err(), RootsError::Empty);
    assert_eq!(Roots::from_pem(b"hello").unwrap_err(), RootsError::Empty);
    assert_eq!(Roots::from_der(&[]).unwrap_err(), RootsError::Empty);
    assert_eq!(Roots::from_pem(b"\x30\x00").unwrap_err(), RootsError::Malformed { index: 0 });
    let second = [vector("root-rsa")[0].clone(), vec![1, 2, 3].into()];
    assert_eq!(Roots::from_der(&second).unwrap_err(), RootsError::Malformed { index: 1 });
    let pem = std::fs::read(path("root-p256")).unwrap();
    for damaged in [
        &pem[..pem.len() - 30],
        b"-----BEGIN CERTIFICATE----\n",
        b"-----BEGIN CERTIFICATE-----\n*\n-----END CERTIFICATE-----\n",
    ] {
        let error = Roots::from_pem(damaged).unwrap_err();
        assert!(matches!(error, RootsError::Pem { .. }), "{error}");
        assert!(error.to_string().len() > 30);
    }
    let some = Roots::from_pem_file(path("root-rsa")).unwrap();
    assert!(!some.is_empty() && Roots::default().is_empty());
    assert_eq!(format!("{some:?}"), "Roots { len: 1, crls: None }");
    assert!(RootsError::System { reason: "none".into() }.to_string().contains("operating system"));
}

/// Whether the system has roots is not ours to say, only that both answers work.
#[test]
fn roots_of_the_system() {
    match Roots::system() {
        Ok(roots) => {
            assert!(!roots.is_empty());
            let trust = Trust::WebPki(roots);
            assert_eq!(
                judge(&trust, &vector("ec"), "a.example"),
                Err(Fault::UnknownIssuer { self_signed: false })
            );
        }
        Err(error) => assert!(error.to_string().len() > 30, "{error}"),
    }
}
