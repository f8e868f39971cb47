//! Helpers of the tests: verification with the usual options, and reading vectors.

#![allow(dead_code, reason = "each test file uses its part")]

use handclasp_crypto::KeyKind;
use handclasp_identity::{Authority, CertificateParams, IssuedCertificate, Validity};
use handclasp_provider_aws_lc::{SHA256, VERIFY};
use handclasp_report::{CertificateError, CertificateFault, Evidence};
use handclasp_trust::{Name, Role, Roots, Trust, VerifiedKey, VerifyOptions};
use rustls_pki_types::{CertificateDer, UnixTime, pem::PemObject};

pub const fn time(seconds: u64) -> UnixTime {
    UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds))
}

/// 2027-01-15: within the validity of all vectors.
pub const NOW: u64 = 1_800_000_000;

/// Around [`NOW`].
pub const VALIDITY: Validity = Validity::new(time(NOW - 1000), time(NOW + 1000));

pub type Judged = Result<VerifiedKey, CertificateFault>;

pub fn options(name: Option<&Name>) -> VerifyOptions<'_> {
    VerifyOptions::new(Role::Server, time(NOW), VERIFY, SHA256).with_name(name)
}

/// Verifies the chain of a server of that name.
pub fn judge<C: AsRef<[u8]>>(trust: &Trust, chain: &[C], name: &str) -> Judged {
    judge_at(trust, chain, name, NOW)
}

/// The result without the evidence of its fault.
pub fn fault<T>(result: Result<T, CertificateError>) -> Result<T, CertificateFault> {
    result.map_err(|error| error.fault)
}

/// The evidence of the fault for which a server's chain is not trusted at that time.
pub fn evidence_at<C: AsRef<[u8]>>(trust: &Trust, chain: &[C], name: &str, now: u64) -> Option<Evidence> {
    let name = Name::parse(name).unwrap();
    let mut options = options(Some(&name));
    options.now = time(now);
    trust.verify_chain(chain, &options).unwrap_err().evidence
}

pub fn judge_at<C: AsRef<[u8]>>(trust: &Trust, chain: &[C], name: &str, now: u64) -> Judged {
    let name = Name::parse(name).unwrap();
    let mut options = options(Some(&name));
    options.now = time(now);
    fault(trust.verify_chain(chain, &options))
}

/// Verifies the chain of a client.
pub fn judge_client<C: AsRef<[u8]>>(trust: &Trust, chain: &[C]) -> Judged {
    let mut options = options(None);
    options.role = Role::Client;
    fault(trust.verify_chain(chain, &options))
}

pub fn path(name: &str) -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(format!("{name}.pem"))
}

/// The chain of a vector.
pub fn vector(name: &str) -> Vec<CertificateDer<'static>> {
    let pem = std::fs::read(path(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    CertificateDer::pem_slice_iter(&pem).map(Result::unwrap).collect()
}

/// Web PKI with the roots of these files.
pub fn roots(names: &[&str]) -> Trust {
    let all = names.iter().map(|name| Roots::from_pem_file(path(name)).unwrap());
    Trust::WebPki(all.fold(Roots::default(), Roots::and))
}

pub fn authority(name: &str) -> Authority {
    Authority::new(name, VALIDITY, KeyKind::P256).unwrap()
}

pub fn trusting(authority: &Authority) -> Trust {
    Trust::WebPki(Roots::from_der(&[authority.certificate().clone()]).unwrap())
}

pub fn leaf_issue<'a>(names: &'a [&'a str]) -> CertificateParams<'a> {
    CertificateParams::new(names).with_validity(VALIDITY)
}

pub fn issue(authority: &Authority, issue: &CertificateParams<'_>) -> IssuedCertificate {
    authority.issue(issue).unwrap()
}
