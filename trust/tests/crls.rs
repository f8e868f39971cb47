//! Revocation lists made by `openssl ca` and GnuTLS's certtool (`vectors/make-crls.sh`): what they cover, who may
//! sign them, when they count, and which kinds are refused.

mod common;

use common::*;
use handclasp_provider_aws_lc::SHA256;
use handclasp_report::{CertificateError, CertificateFault as Fault, CrlFault, Evidence};
use handclasp_trust::{Crl, CrlError, CrlProblem, Crls, Name, RevocationReason, Roots, Trust};

fn bytes(name: &str) -> Vec<u8> {
    let file = path("crls/any").with_file_name(name);
    std::fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn list(name: &str) -> Crls {
    Crls::from_pem(&bytes(&format!("{name}.crl"))).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn lists(names: &[&str]) -> Crls {
    names.iter().map(|name| list(name)).reduce(Crls::and).unwrap()
}

fn trusting(crls: Crls) -> Trust {
    Trust::WebPki(Roots::from_pem_file(path("crls/root")).unwrap().with_crls(crls))
}

fn judge(certificate: &str, crls: Crls) -> Result<(), CertificateError> {
    let name = Name::parse("a.example").unwrap();
    let chain = vector(&format!("crls/{certificate}"));
    trusting(crls).verify_chain(&chain, &options(Some(&name))).map(drop)
}

fn refused(certificate: &str, crls: Crls) -> Fault {
    judge(certificate, crls).unwrap_err().fault
}

fn dates(limit: u64) -> Evidence {
    Evidence::Dates { limit, now: NOW }
}

/// 2026-02-03 04:05:06 UTC.
const REVOKED_ON: u64 = 1_770_091_506;

#[test]
fn a_list_tells_revoked_certificates_from_good_ones() {
    for by in ["issuer", "version1", "gnutls"] {
        let crls = || lists(&["root", by]);
        assert_eq!(judge("good", crls()), Ok(()), "{by}");
        assert_eq!(refused("revoked", crls()), Fault::Revoked, "{by}");
    }
    let revoked = Err(Fault::Revoked.with(dates(REVOKED_ON)));
    assert_eq!(judge("revoked", lists(&["root", "issuer"])), revoked);
    assert_eq!(refused("held", lists(&["root", "issuer"])), Fault::Revoked);
    // Both lists in one text with words around, as PEM.
    let text = Crls::from_pem(&bytes("both.crls.pem")).unwrap();
    assert_eq!(text.lists().len(), 2);
    assert_eq!(judge("good", text.clone()), Ok(()));
    assert_eq!(judge("revoked", text), revoked);
    // Directly below the root.
    assert_eq!(judge("direct", list("root")), Ok(()));
}

#[test]
fn a_refusal_names_the_certificate() {
    let trust = trusting(lists(&["root", "issuer"]));
    let found = trust.revocation(&vector("crls/revoked"), None).unwrap();
    assert_eq!((found.index, found.issuer.as_str()), (0, "CN=issuer"));
    assert_eq!((found.date, found.reason), (time(REVOKED_ON), RevocationReason(1)));
    let serial: String = found.serial.iter().map(|byte| format!("{byte:02x}")).collect();
    let words =
        format!("serial number {serial} of CN=issuer, revoked on 2026-02-03 04:05 UTC, reason keyCompromise");
    assert_eq!(found.to_string(), words);
    assert_eq!(trust.revocation(&vector("crls/good"), None), None);
    // The intermediate is the revoked one.
    let trust = trusting(lists(&["root-revokes-issuer", "issuer"]));
    let found = trust.revocation(&vector("crls/good"), None).unwrap();
    assert_eq!((found.index, found.issuer.as_str()), (1, "CN=root of lists"));
    assert_eq!(found.reason.to_string(), "cACompromise");
}

#[test]
fn every_issuer_needs_a_list_unless_the_caller_says_otherwise() {
    let missing = Fault::Crl(CrlFault::Missing);
    assert_eq!(refused("good", list("issuer")), missing, "the root's is missing");
    assert_eq!(refused("good", list("root")), missing, "the issuer's is missing");
    assert_eq!(judge("good", list("issuer").leaf_only()), Ok(()));
    assert_eq!(refused("good", list("root").leaf_only()), missing);
    assert_eq!(judge("good", list("root").permit_unknown()), Ok(()));
    assert_eq!(refused("revoked", list("issuer").permit_unknown()), Fault::Revoked);
    // A revoked intermediate.
    let crls = || lists(&["root-revokes-issuer", "issuer"]);
    assert_eq!(judge("good", crls()), Err(Fault::Revoked.with(dates(REVOKED_ON))));
    assert_eq!(judge("good", crls().leaf_only()), Ok(()));
    assert_eq!(judge("direct", crls()), Ok(()));
}

#[test]
fn only_the_issuer_signs_a_list() {
    // The list of a CA of the same name, by another key: alone, and beside the right one.
    let other = Fault::Crl(CrlFault::NotAuthentic);
    assert_eq!(refused("good", lists(&["root", "namesake"])), other);
    assert_eq!(judge("good", lists(&["root", "namesake", "issuer"])), Ok(()));
    assert_eq!(refused("revoked", lists(&["root", "namesake", "issuer"])), Fault::Revoked);
    assert_eq!(refused("of-mute", lists(&["root", "mute"])), Fault::Crl(CrlFault::IssuerMayNotSign));
    // Each damaged bit of what is signed, of the signature and of its algorithm.
    let whole = bytes("issuer.crl");
    for index in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[index] ^= 1 << (index % 8);
        let Ok(crls) = Crls::from_pem(&damaged) else { continue };
        let crls = list("root").and(crls);
        assert!(judge("good", crls).is_err(), "byte {index}");
    }
}

#[test]
fn a_list_counts_from_this_update_to_next_update() {
    let end = 1_767_225_600; // 2026-01-01
    let outdated = Fault::Crl(CrlFault::Outdated);
    let crls = || lists(&["root", "outdated"]);
    assert_eq!(judge("good", crls()), Err(outdated.with(dates(end))));
    assert_eq!(judge("good", crls().permit_outdated()), Ok(()));
    // What was revoked stays revoked.
    assert_eq!(refused("revoked", crls()), Fault::Revoked);
    let begin = 1_830_297_600; // 2028-01-01
    let early = Err(Fault::Crl(CrlFault::NotYetValid).with(dates(begin)));
    assert_eq!(judge("good", lists(&["root", "early"])), early);
    // A program that does not know the time only knows that it is not earlier.
    let chain = vector("crls/good");
    let name = Name::parse("a.example").unwrap();
    let verify = |crls| trusting(crls).verify_chain(&chain, &options(Some(&name)).with_unknown_time());
    assert!(verify(lists(&["root", "early"])).is_ok());
    assert_eq!(fault(verify(crls())).map(drop), Err(outdated));
}

#[test]
fn the_newest_list_of_an_issuer_counts() {
    for names in [["root", "before", "issuer"], ["root", "issuer", "before"]] {
        assert_eq!(refused("revoked", lists(&names)), Fault::Revoked, "{names:?}");
    }
    assert_eq!(judge("revoked", lists(&["root", "before"])), Ok(()), "it was not on the list then");
}

#[test]
fn sessions_end_with_the_list_and_with_another_list() {
    let name = Name::parse("a.example").unwrap();
    let not_after = |crls| {
        let verified = trusting(crls).verify_chain(&vector("crls/good"), &options(Some(&name)));
        verified.unwrap().not_after
    };
    // The certificate is valid until after 2126, the list until 2125-01-01.
    assert_eq!(not_after(lists(&["root", "issuer"])), Some(time(4_891_363_200)));
    assert!(not_after(lists(&["root", "issuer"]).permit_outdated()) > Some(time(4_891_363_200)));
    let fingerprint = |crls| trusting(crls).fingerprint(SHA256);
    let one = fingerprint(lists(&["root", "issuer"]));
    assert_eq!(fingerprint(lists(&["issuer", "root"])), one);
    assert_ne!(fingerprint(lists(&["root", "before"])), one);
    assert_ne!(fingerprint(lists(&["root", "issuer"]).leaf_only()), one);
    assert_ne!(fingerprint(lists(&["root", "issuer"]).permit_unknown()), one);
    assert_ne!(fingerprint(lists(&["root", "issuer"]).permit_outdated()), one);
}

/// RFC 5280 §5.2.5.
#[test]
fn a_list_of_some_certificates_covers_those() {
    assert_eq!(judge("good", lists(&["root", "user-only"])), Ok(()));
    assert_eq!(refused("revoked", lists(&["root", "user-only"])), Fault::Revoked);
    let missing = Fault::Crl(CrlFault::Missing);
    assert_eq!(refused("good", lists(&["root", "ca-only"])), missing);
    assert_eq!(judge("pointed", lists(&["root", "point"])), Ok(()));
    assert_eq!(refused("pointed", lists(&["root", "other-point"])), missing);
    assert_eq!(refused("good", lists(&["root", "point"])), missing, "it names no distribution point");
}

#[test]
fn lists_that_cannot_be_used_are_refused_with_words() {
    for (name, problem, word) in [
        ("delta", CrlProblem::Delta, "delta CRL"),
        ("indirect", CrlProblem::Indirect, "indirect CRL"),
        ("some-reasons", CrlProblem::SomeReasons, "onlySomeReasons"),
        ("attributes-only", CrlProblem::AttributeCertificates, "attribute certificates"),
        ("critical", CrlProblem::CriticalExtension { id: "1.2.3.4".into() }, "1.2.3.4"),
    ] {
        let error = Crls::from_pem(&bytes(&format!("{name}.crl"))).unwrap_err();
        assert_eq!(error, CrlError::List { index: 0, problem }, "{name}");
        assert!(error.to_string().contains(word), "{error}");
    }
    let error = Crls::from_pem(&bytes("root.pem")).unwrap_err();
    assert_eq!(error, CrlError::Empty { found: Some("CERTIFICATE".into()) });
    assert!(error.to_string().contains("X509 CRL"), "{error}");
    let error = Crls::from_pem(&vector("crls/root")[0]).unwrap_err();
    assert_eq!(error, CrlError::List { index: 0, problem: CrlProblem::Certificate });
    for odd in [&b""[..], b"text", b"-----BEGIN X509 CRL-----\n!\n", &[0x30, 0]] {
        assert!(Crls::from_pem(odd).is_err());
    }
    let error = Crls::from_pem_file("/nowhere/ca.crl").unwrap_err();
    assert!(error.to_string().starts_with("/nowhere/ca.crl: "), "{error}");
}

fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    [&[tag, u8::try_from(content.len()).expect("short")], content].concat()
}

/// Lists written by hand (RFC 5280 §5.1), since OpenSSL and certtool do not make them.
#[test]
fn what_a_list_must_have_and_must_not_have() {
    const TIME: &[u8] = b"\x17\x0d260101000000Z";
    let ecdsa = |hash: u8| element(0x30, &element(6, &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, hash]));
    let read = |outer: &[u8], next_update: &[u8], extensions: &[u8]| {
        let entry = element(0x30, &[b"\x02\x01\x07", TIME, extensions].concat());
        let (issuer, entries) = (element(0x30, b""), element(0x30, &entry));
        let fields = [b"\x02\x01\x01", &ecdsa(2)[..], &issuer, TIME, next_update, &entries].concat();
        let signature = element(3, b"\0signature");
        Crl::from_der(&element(0x30, &[&element(0x30, &fields)[..], outer, &signature].concat())).map(drop)
    };
    let extension = |id: &[u8], is_critical: bool| {
        let critical: &[u8] = if is_critical { b"\x01\x01\xff" } else { b"" };
        let fields = [&element(6, id), critical, &element(4, &element(0x30, b""))].concat();
        element(0x30, &element(0x30, &fields))
    };
    assert_eq!(read(&ecdsa(2), TIME, b""), Ok(()));
    // The algorithm of the signature is not the signed one.
    assert_eq!(read(&ecdsa(3), TIME, b""), Err(CrlProblem::Malformed));
    assert_eq!(read(&ecdsa(2), b"", b""), Err(CrlProblem::NoNextUpdate));
    // An entry of another issuer's certificate; one with an extension 1.2.3 that is not known.
    let issuer = |is_critical| extension(b"\x55\x1d\x1d", is_critical);
    assert_eq!(read(&ecdsa(2), TIME, &issuer(true)), Err(CrlProblem::Indirect));
    assert_eq!(read(&ecdsa(2), TIME, &issuer(false)), Err(CrlProblem::Indirect));
    let unknown = CrlProblem::CriticalExtension { id: "1.2.3".into() };
    assert_eq!(read(&ecdsa(2), TIME, &extension(b"\x2a\x03", true)), Err(unknown));
    assert_eq!(read(&ecdsa(2), TIME, &extension(b"\x2a\x03", false)), Ok(()));
}

#[test]
fn cut_anywhere_or_changed_anywhere_a_list_ends_in_an_error_or_a_list() {
    let whole = bytes("issuer.crl");
    assert!(Crl::from_der(&whole).is_ok());
    assert!((0..whole.len()).all(|end| Crl::from_der(&whole[..end]).is_err()));
    for index in 0..whole.len() {
        for value in [0, 1, 0x30, 0x7f, 0x80, 0x84, 0xff] {
            let mut changed = whole.clone();
            changed[index] = value;
            // Whatever it reads as, it prints.
            let _ = Crl::from_der(&changed).map(|one| format!("{one:?} {} {:?}", one.issuer(), one.len()));
        }
    }
}

#[test]
fn files_are_read_again_when_they_change() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    std::fs::write(file("ca.crl"), bytes("before.crl")).unwrap();
    std::fs::write(file("root.crl"), bytes("root.crl")).unwrap();
    let crls = Crls::follow_files(&[file("ca.crl"), file("root.crl")]).unwrap();
    let name = Name::parse("a.example").unwrap();
    let trust = trusting(crls.clone());
    let judge = || fault(trust.verify_chain(&vector("crls/revoked"), &options(Some(&name)))).map(drop);
    assert_eq!(judge(), Ok(()));
    // As an atomic writer does it.
    std::fs::write(file("new"), bytes("issuer.crl")).unwrap();
    std::fs::rename(file("new"), file("ca.crl")).unwrap();
    assert_eq!(judge(), Err(Fault::Revoked));
    assert_eq!(crls.reload(), Ok(()));
    // A file that is damaged, or gone, leaves the lists of before, and says why.
    std::fs::write(file("ca.crl"), b"half a li").unwrap();
    assert_eq!(judge(), Err(Fault::Revoked));
    assert!(crls.reload().unwrap_err().to_string().contains("ca.crl"));
    std::fs::remove_file(file("ca.crl")).unwrap();
    assert_eq!(judge(), Err(Fault::Revoked));
    assert!(crls.reload().is_err());
    std::fs::write(file("ca.crl"), bytes("before.crl")).unwrap();
    assert_eq!((judge(), crls.reload()), (Ok(()), Ok(())));
    assert!(Crls::follow_files(&[file("absent")]).is_err());
}
