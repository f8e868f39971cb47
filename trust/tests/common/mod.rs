//! What the tests of this room share: asking, and reading vectors.

#![allow(dead_code, reason = "each test file uses its part")]

use handclasp_identity::{Authority, Issue, Issued, Usage, Validity};
use handclasp_provider_aws_lc::{KEYS, SHA256, SystemRandom, VERIFY};
use handclasp_report::CertificateFault;
use handclasp_trust::{Accepted, Name, Question, Role, Roots, Trust};
use rustls_pki_types::{CertificateDer, pem::PemObject};

/// 2027-01-15: within the validity of all vectors.
pub const NOW: u64 = 1_800_000_000;

/// Around [`NOW`].
pub const VALIDITY: Validity = Validity { not_before: NOW - 1000, not_after: NOW + 1000 };

pub type Judged = Result<Accepted, CertificateFault>;

pub fn question(name: Option<&Name>) -> Question<'_> {
    Question { role: Role::Server, name, now: NOW, verify: VERIFY, sha256: SHA256 }
}

/// As a client asks about a server of that name.
pub fn judge<C: AsRef<[u8]>>(trust: &Trust, chain: &[C], name: &str) -> Judged {
    trust.judge(chain, &question(Some(&Name::parse(name).unwrap())))
}

pub fn judge_at<C: AsRef<[u8]>>(trust: &Trust, chain: &[C], name: &str, now: u64) -> Judged {
    trust.judge(chain, &Question { now, ..question(Some(&Name::parse(name).unwrap())) })
}

/// As a server asks about a client.
pub fn judge_client<C: AsRef<[u8]>>(trust: &Trust, chain: &[C]) -> Judged {
    trust.judge(chain, &Question { role: Role::Client, ..question(None) })
}

pub fn path(name: &str) -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(format!("{name}.pem"))
}

/// The chain of a vector.
pub fn vector(name: &str) -> Vec<Vec<u8>> {
    let pem = std::fs::read(path(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    CertificateDer::pem_slice_iter(&pem).map(|one| one.unwrap().to_vec()).collect()
}

/// Web PKI with the roots of these files.
pub fn roots(names: &[&str]) -> Trust {
    let all = names.iter().map(|name| Roots::from_pem_file(path(name)).unwrap());
    Trust::WebPki(all.fold(Roots::default(), Roots::and))
}

pub fn authority(name: &str) -> Authority {
    Authority::new(name, VALIDITY, KEYS, &mut SystemRandom).unwrap()
}

pub fn trusting(authority: &Authority) -> Trust {
    Trust::WebPki(Roots::from_der(&[authority.certificate()]).unwrap())
}

pub fn leaf_issue<'a>(names: &'a [&'a str]) -> Issue<'a> {
    Issue { names, validity: VALIDITY, key: handclasp_crypto::KeyKind::P256, usage: Usage::Both }
}

pub fn issue(authority: &Authority, issue: &Issue<'_>) -> Issued {
    authority.issue(issue, KEYS, &mut SystemRandom).unwrap()
}
