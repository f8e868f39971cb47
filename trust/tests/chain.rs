//! The verifier of devices against web PKI on hosts, over the vectors of OpenSSL: every chain under every root.

mod common;

use common::*;
use handclasp_report::CertificateFault as Fault;
use handclasp_trust::{
    Name, Role, Trust,
    chain::{Anchor, ChainOptions, ChainTime, ChainVerifier},
};
use rustls_pki_types::CertificateDer;

/// Which provider verifies: with aws-lc messages are kept whole, with RustCrypto as their hash.
#[derive(Clone, Copy, Debug)]
enum By {
    Messages,
    Hashes,
}

/// The verdict of a device with these roots.
fn device(
    roots: &[CertificateDer<'_>],
    chain: &[CertificateDer<'_>],
    name: &str,
    role: Role,
    by: By,
) -> Judged {
    let anchors: Vec<_> =
        roots.iter().map(|root| Anchor::from_certificate(root)).collect::<Result<_, _>>()?;
    let (algorithms, sha256) = match by {
        By::Messages => (handclasp_provider_aws_lc::VERIFY, handclasp_provider_aws_lc::SHA256),
        By::Hashes => (handclasp_provider_rustcrypto::VERIFY, handclasp_provider_rustcrypto::SHA256),
    };
    let name = (role == Role::Server).then(|| Name::parse(name).unwrap());
    let options = ChainOptions::new(&anchors, role, ChainTime::Now(time(NOW)), algorithms, sha256);
    let options = options.with_name(name.as_ref());
    let mut verifier = ChainVerifier::new();
    for certificate in chain {
        fault(verifier.certificate(&options, certificate))?;
    }
    fault(verifier.finish(&options))
}

fn host(root: &str, chain: &[CertificateDer<'_>], name: &str, role: Role) -> Judged {
    let trust: Trust = roots(&[root]);
    match role {
        Role::Server => judge(&trust, chain, name),
        Role::Client => judge_client(&trust, chain),
    }
}

/// The names of the vectors, and whether each is a root.
fn vectors() -> impl Iterator<Item = String> {
    let mut names: Vec<_> = std::fs::read_dir(path("self").parent().unwrap())
        .unwrap()
        .filter_map(|entry| entry.unwrap().file_name().to_str()?.strip_suffix(".pem").map(str::to_owned))
        .collect();
    names.sort();
    names.into_iter()
}

/// Verdict, fault, key and notAfter are the same, with either provider where RustCrypto has the algorithms.
#[test]
fn every_chain_under_every_root_as_on_hosts() {
    let beyond = ["p521", "8192"];
    let (mut accepted, mut refused) = (0, 0);
    for root in vectors() {
        let anchors = vector(&root);
        if anchors.len() != 1 {
            continue;
        }
        for name in vectors() {
            let chain = vector(&name);
            for role in [Role::Server, Role::Client] {
                let expected = host(&root, &chain, "a.example", role);
                *if expected.is_ok() { &mut accepted } else { &mut refused } += 1;
                for by in [By::Messages, By::Hashes] {
                    let known = !beyond.iter().any(|one| root.contains(one) || name.contains(one));
                    let fault = expected.as_ref().err();
                    let verifies = matches!(fault, None | Some(Fault::SignatureInvalid));
                    if matches!(by, By::Messages) || known && verifies {
                        let verdict = device(&anchors, &chain, "a.example", role, by);
                        assert_eq!(verdict, expected, "{name} under {root} as {role:?} by {by:?}");
                    }
                }
            }
        }
    }
    assert!(accepted > 30 && refused > 1000, "{accepted} and {refused}");
}
