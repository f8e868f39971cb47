//! Chains that deviate in one way each, made by another program (`vectors/chains.pem`).

use std::collections::HashMap;

use super::*;
use crate::diagnosis::compute::signature::{Bad, Verified};
use x509_parser::pem::Pem;

/// 2025-01-01.
const NOW: i64 = 1_735_689_600;

fn vectors() -> HashMap<String, Vec<u8>> {
    let text = include_str!("../../../../vectors/chains.pem");
    let names = text.lines().filter_map(|line| line.strip_prefix("# "));
    let blocks = Pem::iter_from_buffer(text.as_bytes()).map(|block| block.unwrap().contents);
    names.map(str::to_owned).zip(blocks).collect()
}

struct Case<'a> {
    sent: &'a [&'a str],
    roots: Option<&'a [&'a str]>,
    name: Option<&'a str>,
    purpose: Purpose,
    of: Side,
}

const USUAL: Case<'static> = Case {
    sent: &[],
    roots: Some(&["root"]),
    name: Some("localhost"),
    purpose: Purpose::Sign,
    of: Side::Server,
};

fn chain(case: &Case<'_>) -> Chain {
    let all = vectors();
    let sent: Vec<&[u8]> = case.sent.iter().map(|name| all[*name].as_slice()).collect();
    let roots: Option<Vec<Vec<u8>>> =
        case.roots.map(|roots| roots.iter().map(|name| all[*name].clone()).collect());
    let others = [all["inter"].clone()];
    let question = Question {
        roots: roots.as_deref(),
        others: &others,
        now: Some(NOW),
        name: case.name.map(|name| handclasp_trust::Name::parse(name).unwrap()),
        purpose: Some(case.purpose),
    };
    Chain::new(case.of, &sent, &question).unwrap()
}

fn deviations(case: &Case<'_>) -> Vec<Deviation> {
    chain(case).deviations
}

#[test]
fn good_chains_have_no_deviation() {
    assert_eq!(deviations(&Case { sent: &["direct"], ..USUAL }), []);
    for name in ["a.example.org", "x.b.example.org", "10.1.2.3"] {
        let case = Case { sent: &["good", "inter"], name: Some(name), ..USUAL };
        let found = chain(&case);
        assert_eq!(found.deviations, [], "{name}");
        assert_eq!(found.path, [Step::Sent(0), Step::Sent(1), Step::Anchor(0)]);
    }
    let with_root = Case { sent: &["direct", "root"], ..USUAL };
    assert_eq!(deviations(&with_root), [], "the root may come along");
    assert_eq!(deviations(&Case { sent: &["self"], roots: Some(&["self"]), ..USUAL }), []);
    assert_eq!(deviations(&Case { sent: &["bpleaf"], roots: Some(&["bpca"]), ..USUAL }), []);
    let client = Case { sent: &["client"], of: Side::Client, name: None, ..USUAL };
    assert_eq!(deviations(&client), []);
}

#[test]
fn each_deviation_alone() {
    let leaf = Step::Sent(0);
    let unknown = |at_hand| Deviation::UnknownIssuer { at: leaf, root_sent: false, namesake: false, at_hand };
    let mismatch = |expected: &str| Deviation::NameMismatch { expected: expected.to_owned() };
    let usual = |sent| Case { sent, ..USUAL };
    let cases: [(Case<'_>, Deviation); 14] = [
        (usual(&["expired"]), Deviation::Expired { at: leaf, not_after: 1_609_459_200 }),
        (usual(&["future"]), Deviation::NotYetValid { at: leaf, not_before: 2_177_452_800 }),
        (Case { name: Some("other.example"), ..usual(&["direct"]) }, mismatch("other.example")),
        (Case { name: Some("127.0.0.1"), ..usual(&["direct"]) }, mismatch("127.0.0.1")),
        (usual(&["nosan"]), Deviation::NoSan { common_name_fits: Some(true) }),
        (usual(&["self"]), Deviation::SelfSigned),
        (Case { roots: Some(&["bpca"]), ..usual(&["direct"]) }, unknown(None)),
        (
            Case { name: Some("a.example.org"), ..usual(&["good"]) },
            unknown(Some("CN=Intermediate, O=Test".to_owned())),
        ),
        (usual(&["client"]), Deviation::ExtendedKeyUsage { at: leaf, lists: "clientAuth".to_owned() }),
        (
            usual(&["under", "direct", "client"]),
            Deviation::IssuerNotCa { at: Step::Sent(2), why: NotCa::Denied },
        ),
        (
            Case { name: Some("a.example.org"), ..usual(&["deep", "sub", "inter"]) },
            Deviation::PathLength { at: Step::Sent(2), permitted: 0, found: 1 },
        ),
        (
            usual(&["outside", "inter"]),
            Deviation::NameConstraint { at: leaf, by: Step::Sent(1), name: "DNS:localhost".to_owned() },
        ),
        (usual(&["weak"]), Deviation::KeyUsage { lacks: "digitalSignature", purpose: Purpose::Sign }),
        (
            Case { name: Some("a.example.org"), ..usual(&["deep", "inter", "sub"]) },
            Deviation::Order { leaf_not_first: false },
        ),
    ];
    for (case, expected) in cases {
        let found = deviations(&case);
        assert!(found.contains(&expected), "{:?}: {found:?}", case.sent);
        let firm = found.iter().filter(|found| !matches!(found, Deviation::WeakKey { .. })).count();
        let more = [&["weak"][..], &["under", "direct", "client"], &["deep", "inter", "sub"]];
        assert!(firm == 1 || more.contains(&case.sent), "{:?}: {found:?}", case.sent);
    }
}

#[test]
fn weak_keys_and_hashes_are_deviations_of_their_own() {
    let found = deviations(&Case { sent: &["weak"], purpose: Purpose::Decrypt, ..USUAL });
    let at = Step::Sent(0);
    let hash = crate::diagnosis::compute::hash::Hash::Sha1;
    assert_eq!(found, [Deviation::WeakKey { at }, Deviation::WeakSignature { at, hash }]);
    let of_itself = Case { sent: &["md5"], roots: None, name: None, ..USUAL };
    let found = deviations(&of_itself);
    assert!(found.contains(&Deviation::SelfSigned), "MD5 under RSA-512 is verified: {found:?}");
    assert!(
        !found.iter().any(|found| matches!(found, Deviation::WeakSignature { .. })),
        "nobody verifies it"
    );
    let pss = deviations(&Case { sent: &["pss"], roots: None, name: None, ..USUAL });
    assert!(pss.contains(&Deviation::SelfSigned), "{pss:?}");
}

#[test]
fn an_issuer_whose_key_does_not_verify() {
    let all = vectors();
    let root = [all["root"].clone()];
    let mut damaged = all["direct"].clone();
    let last = damaged.len() - 1;
    damaged[last] ^= 1;
    let question = Question { roots: Some(&root), now: Some(NOW), ..Question::default() };
    let found = Chain::new(Side::Server, &[&damaged], &question).unwrap();
    let verified = Verified::Bad(Bad::Fails);
    let issuer = Step::Anchor(0);
    assert_eq!(found.end, End::BadSignature { issuer, verified: verified.clone() });
    assert_eq!(found.deviations, [Deviation::SignatureInvalid { at: Step::Sent(0), issuer, verified }]);
}

#[test]
fn another_ca_of_the_same_name_is_not_the_issuer() {
    let found = chain(&Case { sent: &["good"], roots: Some(&["renewed"]), name: None, ..USUAL });
    assert_eq!(found.end, End::IssuerAbsent { namesake: false });
    // It carries the key identifier of the true root, and the namesake has another.
    let found = chain(&Case { sent: &["inter"], roots: Some(&["namesake"]), name: None, ..USUAL });
    assert_eq!(found.end, End::IssuerAbsent { namesake: true });
}

#[test]
fn every_certificate_cut_and_flipped_is_still_answered() {
    let all = vectors();
    let root = [all["root"].clone()];
    let question = Question {
        roots: Some(&root),
        now: Some(NOW),
        name: Some(handclasp_trust::Name::parse("localhost").unwrap()),
        purpose: Some(Purpose::Sign),
        others: &[],
    };
    for name in ["good", "weak", "inter"] {
        let good = &all[name];
        for end in 0..good.len() {
            let found = Chain::new(Side::Server, &[&good[..end]], &question).unwrap();
            assert_eq!(found.deviations[0], Deviation::Error { at: Step::Sent(0) }, "cut to {end}");
        }
        for at in (0..good.len()).step_by(7) {
            let mut flipped = good.clone();
            flipped[at] ^= 0x20;
            let found = Chain::new(Side::Server, &[&flipped, good], &question).unwrap();
            // What the signature does not cover may change: the wrapping, not the content.
            let same = found.leaf().is_some_and(|leaf| leaf.tbs == Certificate::parse(good).unwrap().tbs);
            assert!(found.end != End::Anchored || same, "{name}: byte {at} was changed");
        }
    }
}
