//! Large revocation lists: how often their signature is verified, and what a check costs.

mod common;

use std::{
    fs,
    sync::atomic::{AtomicUsize, Ordering},
    time::Instant,
};

use common::*;
use handclasp_codec::SignatureScheme;
use handclasp_crypto::{BadSignature, KeyKind, Verify};
use handclasp_identity::{Authority, Identity};
use handclasp_provider_aws_lc::{SHA256, SystemRandom, VERIFY};
use handclasp_report::{CertificateFault as Fault, CrlFault};
use handclasp_trust::{Crl, Crls, Name, Role, Roots, Trust, VerifyOptions};

/// An element of DER.
fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    let zeros = length.iter().take_while(|byte| **byte == 0).count();
    let header = match content.len() {
        0..=0x7f => vec![tag, length[3]],
        _ => [&[tag, 0x80 | (4 - zeros) as u8], &length[zeros..]].concat(),
    };
    [header, content].concat()
}

/// A list of these serial numbers that the CA signs, valid around [`NOW`].
fn list(authority: &Authority, name: &str, serials: impl Iterator<Item = Vec<u8>>) -> Vec<u8> {
    // ecdsa-with-SHA256; commonName.
    let algorithm = element(0x30, &[b"\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02"]);
    let common_name = element(0x30, &[b"\x06\x03\x55\x04\x03", &element(0x0c, &[name.as_bytes()])]);
    let issuer = element(0x30, &[&element(0x31, &[&common_name])]);
    let time = |text: &[u8]| element(0x17, &[text]);
    let date = time(b"260203040506Z");
    let entries: Vec<u8> =
        serials.flat_map(|serial| element(0x30, &[&element(0x02, &[&serial]), &date])).collect();
    let (begin, end) = (time(b"270101000000Z"), time(b"280101000000Z"));
    let fields =
        [&element(0x02, &[&[1]])[..], &algorithm, &issuer, &begin, &end, &element(0x30, &[&entries])];
    let signed = element(0x30, &fields);
    let (certificate, key) = (authority.certificate_pem(), authority.key_pem());
    let identity = Identity::from_pem(certificate.as_bytes(), key.as_bytes()).unwrap();
    let scheme = SignatureScheme::ecdsa_secp256r1_sha256;
    let signature = identity.sign(scheme, &signed, &mut SystemRandom).unwrap();
    element(0x30, &[&signed, &algorithm, &element(0x03, &[&[0], &signature])])
}

/// Serial numbers of 16 bytes that no certificate of the tests has.
fn serials(count: u32) -> impl Iterator<Item = Vec<u8>> {
    (0..count).map(|index| {
        let spread = index.wrapping_mul(2_654_435_761).to_be_bytes();
        [&[0x7f; 4][..], &spread, &index.to_be_bytes(), &[1; 4]].concat()
    })
}

/// What a check of a certificate costs beside the same without lists. Run it with optimization:
/// `cargo test --release -p handclasp-trust --test crl_cost -- --ignored --nocapture`.
#[test]
#[ignore = "prints figures, and checks nothing"]
fn figures_of_100000_entries() {
    let root = authority("root");
    let chain = issue(&root, &leaf_issue(&["a.example"])).chain;
    let der = list(&root, "root", serials(100_000));
    println!("list of {} bytes", der.len());
    let start = Instant::now();
    let crl = Crls::from_pem(&der).unwrap();
    println!("loaded in {:?}", start.elapsed());
    let roots = Roots::from_der(&[root.certificate().clone()]).unwrap();
    let name = Name::parse("a.example").unwrap();
    for (what, roots) in [("without a list", roots.clone()), ("with the list", roots.with_crls(crl))] {
        let trust = Trust::WebPki(roots);
        let verify = || trust.verify_chain(&chain, &options(Some(&name))).unwrap();
        let start = Instant::now();
        verify();
        let first = start.elapsed();
        let start = Instant::now();
        (0..200).for_each(|_| drop(verify()));
        println!("{what}: first {first:?}, then {:?}", start.elapsed() / 200);
    }
}

/// Signatures that were verified over messages as long as a list of [`serials`].
static VERIFIED: AtomicUsize = AtomicUsize::new(0);

/// Counts the lists that it verifies, and nothing else.
struct Counting(&'static dyn Verify);

impl Verify for Counting {
    fn scheme(&self) -> SignatureScheme {
        self.0.scheme()
    }

    fn key(&self) -> KeyKind {
        self.0.key()
    }

    fn verify(&self, key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
        if message.len() > LIST_MIN {
            VERIFIED.fetch_add(1, Ordering::Relaxed);
        }
        self.0.verify(key, message, signature)
    }
}

/// Bytes that only lists have.
const LIST_MIN: usize = 8000;

#[test]
fn a_list_is_verified_once_for_each_key() {
    let (root, namesake) = (authority("root"), authority("root"));
    let chain = issue(&root, &leaf_issue(&["a.example"])).chain;
    let other_chain = issue(&namesake, &leaf_issue(&["a.example"])).chain;
    let (own, of_namesake) = (list(&root, "root", serials(300)), list(&namesake, "root", serials(301)));
    let counting = |one: &&'static dyn Verify| -> &'static dyn Verify { Box::leak(Box::new(Counting(*one))) };
    let all: &'static [&dyn Verify] = VERIFY.iter().map(counting).collect::<Vec<_>>().leak();
    let name = Name::parse("a.example").unwrap();
    let roots = || Roots::from_der(&[root.certificate().clone(), namesake.certificate().clone()]).unwrap();
    let judge_by = |roots: &Roots, chain: &[_], all: &'static [&dyn Verify]| {
        let before = VERIFIED.load(Ordering::Relaxed);
        let options = VerifyOptions::new(Role::Server, time(NOW), all, SHA256).with_name(Some(&name));
        let judged = fault(Trust::WebPki(roots.clone()).verify_chain(chain, &options)).map(drop);
        (judged, VERIFIED.load(Ordering::Relaxed) - before)
    };
    let judge = |roots: &Roots, chain: &[_]| judge_by(roots, chain, all);
    let alone = roots().with_crls(Crls::from_pem(&own).unwrap());
    assert_eq!(judge(&alone, &chain), (Ok(()), 1));
    assert_eq!(judge(&alone, &chain), (Ok(()), 0));
    // The verdict is of that key: under another one of the same name the list is refused, at once and later.
    let refused = Err(Fault::Crl(CrlFault::NotAuthentic));
    assert_eq!(judge(&alone, &other_chain), (refused, 1));
    assert_eq!(judge(&alone, &other_chain), (refused, 0));
    assert_eq!(judge(&alone, &chain), (Ok(()), 0));
    // A caller without the algorithm of the list: its own answer, and no verdict for others.
    let ed25519 = all.iter().copied().filter(|one| one.key() == KeyKind::Ed25519).collect::<Vec<_>>().leak();
    assert!(judge_by(&alone, &chain, ed25519).0.is_err());
    assert_eq!(judge(&alone, &chain), (Ok(()), 0));

    // Followed files: the lists of a changed file are verified again, and a damaged signature is noticed.
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    let replace = |content: &[u8]| {
        fs::write(file("new"), content).unwrap();
        fs::rename(file("new"), file("crl")).unwrap();
    };
    replace(&own);
    let followed = roots().with_crls(Crls::follow_files(&[file("crl")]).unwrap());
    assert_eq!(judge(&followed, &chain), (Ok(()), 1));
    assert_eq!(judge(&followed, &chain), (Ok(()), 0));
    replace(&of_namesake);
    assert_eq!(judge(&followed, &chain), (refused, 1));
    let mut damaged = own.clone();
    *damaged.last_mut().unwrap() ^= 1;
    replace(&damaged);
    assert_eq!(judge(&followed, &chain), (refused, 1));
    replace(&own);
    assert_eq!(judge(&followed, &chain), (Ok(()), 1));
}

/// At the beginning, in the middle and at the end of a list, in any order, beside numbers like it.
#[test]
fn a_serial_number_is_found_wherever_it_stands() {
    let root = authority("root");
    let chain = issue(&root, &leaf_issue(&["a.example"])).chain;
    let name = Name::parse("a.example").unwrap();
    let serial = handclasp_trust::PeerCertificate::from_der(&chain[0]).unwrap().serial;
    let judge = |serials: Vec<Vec<u8>>| {
        let crls = Crls::from_pem(&list(&root, "root", serials.into_iter())).unwrap();
        let roots = Roots::from_der(&[root.certificate().clone()]).unwrap().with_crls(crls);
        fault(Trust::WebPki(roots).verify_chain(&chain, &options(Some(&name)))).map(drop)
    };
    let mut like: Vec<Vec<u8>> = serials(50).collect();
    like.extend((0..serial.len()).map(|end| [&serial[..end], &[0x55]].concat()));
    like.push([&serial[..], &[0]].concat());
    like.push(serial[..serial.len() - 1].to_vec());
    assert_eq!(judge(like.clone()), Ok(()));
    for at in 0..=like.len() {
        let mut serials = like.clone();
        serials.insert(at, serial.clone());
        assert_eq!(judge(serials), Err(Fault::Revoked), "at {at}");
    }
    // RFC 5280 §4.1.2.2 forbids zeros in front; a list that has them means the same number.
    assert_eq!(judge(vec![[&[0], &serial[..]].concat()]), Err(Fault::Revoked));
    assert_eq!(judge(Vec::new()), Ok(()));
    assert_eq!(Crl::from_der(&list(&root, "root", serials(7))).unwrap().len(), 7);
}
