//! Requests (PKCS#10, RFC 2986) as a CA reads them: linted, decoded, and their signature verified before
//! anything else.

use base64ct::{Base64, Encoding as _};
use handclasp_crypto::{
    KeyKind, PublicKey, RsaPublicKey,
    der::{Elements, SEQUENCE},
    signature_algorithms, verify_signature,
};
use handclasp_identity::Found;
use handclasp_lint::{Code, Finding, Linter, NoPassphrase, Severity};
use handclasp_provider_aws_lc::VERIFY;
use x509_cert::{
    der::{Decode, Encode, asn1::Any},
    ext::{
        Extension,
        pkix::{BasicConstraints, KeyUsage, SubjectAltName},
    },
    name::Name,
    request::CertReq,
};

use crate::{AltName, BadName};

/// The most bytes of the file of a request.
const REQUEST_MAX: usize = 1 << 16;

/// The most names of one certificate.
const NAMES_MAX: usize = 100;

/// A request whose signature verifies: subject, public key and the extensions asked for.
#[derive(Clone, Debug)]
pub struct Request {
    pub(crate) subject: Name,
    pub(crate) spki: Vec<u8>,
    pub(crate) names: Vec<AltName>,
    /// Extensions that were asked for and that no certificate of this CA has from a request, by their
    /// object identifiers.
    pub(crate) ignored: Vec<String>,
}

/// Why a request is not signed, whatever the profile is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RequestProblem {
    /// The file is something else.
    NotARequest(Found),
    /// The file has several requests.
    Several(usize),
    /// More bytes than a request has.
    TooLong(usize),
    /// What `lint` finds.
    Wrong(Vec<Finding>),
    /// The signature was not verified: an algorithm that is not supported.
    SignatureNotVerified,
    /// The public key is of a kind that certificates are not issued for.
    Key(Option<KeyKind>),
    /// The request asks for a certificate of a CA.
    AsksForCa,
    /// More names than a certificate of this CA has.
    ManyNames(usize),
    /// A name of another kind, or one that does not parse.
    Name(BadName),
    /// A part that cannot be decoded.
    Malformed(&'static str),
}

impl Request {
    /// Reads PEM, base64 or DER.
    ///
    /// # Errors
    /// Everything that [`RequestProblem`] has.
    pub fn parse(file: &[u8]) -> Result<Self, RequestProblem> {
        if file.len() > REQUEST_MAX {
            return Err(RequestProblem::TooLong(file.len()));
        }
        lint(file)?;
        let der = der_of(file).ok_or(RequestProblem::Malformed("base64"))?;
        verify(&der)?;
        let request =
            CertReq::from_der(&der).map_err(|_| RequestProblem::Malformed("CertificationRequest"))?;
        let spki = request.info.public_key.to_der().map_err(|_| RequestProblem::Malformed("public key"))?;
        check_key(&spki)?;
        let mut read =
            Self { subject: request.info.subject.clone(), spki, names: Vec::new(), ignored: Vec::new() };
        for attribute in request.info.attributes.iter() {
            // extensionRequest (RFC 2985 §5.4.2)
            if attribute.oid.to_string() == "1.2.840.113549.1.9.14" {
                attribute.values.iter().try_for_each(|list| read.extensions(list))?;
            }
        }
        Ok(read)
    }

    /// The subject, as RFC 4514 writes it.
    pub fn subject(&self) -> String {
        self.subject.to_string()
    }

    /// The names asked for.
    pub fn names(&self) -> &[AltName] {
        &self.names
    }

    /// SubjectPublicKeyInfo (DER).
    pub fn spki(&self) -> &[u8] {
        &self.spki
    }

    /// The extensions asked for.
    fn extensions(&mut self, list: &Any) -> Result<(), RequestProblem> {
        let list: Vec<Extension> =
            list.decode_as().map_err(|_| RequestProblem::Malformed("extensions asked for"))?;
        for extension in list {
            let value = extension.extn_value.as_bytes();
            match extension.extn_id.to_string().as_str() {
                "2.5.29.17" => {
                    let names = SubjectAltName::from_der(value)
                        .map_err(|_| RequestProblem::Malformed("subjectAltName"))?;
                    self.add_names(&names)?;
                }
                "2.5.29.19" => {
                    let constraints = BasicConstraints::from_der(value)
                        .map_err(|_| RequestProblem::Malformed("basicConstraints"))?;
                    if constraints.ca {
                        return Err(RequestProblem::AsksForCa);
                    }
                }
                "2.5.29.15" => {
                    let usage =
                        KeyUsage::from_der(value).map_err(|_| RequestProblem::Malformed("keyUsage"))?;
                    if usage.key_cert_sign() || usage.crl_sign() {
                        return Err(RequestProblem::AsksForCa);
                    }
                }
                // extKeyUsage and subjectKeyIdentifier: the profile and the CA have their own.
                "2.5.29.37" | "2.5.29.14" => {}
                other => self.ignored.push(other.to_owned()),
            }
        }
        Ok(())
    }

    fn add_names(&mut self, names: &SubjectAltName) -> Result<(), RequestProblem> {
        if self.names.len().saturating_add(names.0.len()) > NAMES_MAX {
            return Err(RequestProblem::ManyNames(names.0.len()));
        }
        for name in &names.0 {
            let name = AltName::from_general(name).map_err(RequestProblem::Name)?;
            if !self.names.contains(&name) {
                self.names.push(name);
            }
        }
        Ok(())
    }
}

/// Whether a certificate of this CA can have so many names.
pub(crate) fn check_count(names: &[AltName]) -> Result<(), RequestProblem> {
    match names.len() {
        0..=NAMES_MAX => Ok(()),
        many => Err(RequestProblem::ManyNames(many)),
    }
}

/// What `lint` says about the file. A missing subjectAltName or subject is left to the profile.
fn lint(file: &[u8]) -> Result<(), RequestProblem> {
    let report = Linter::without_clock().lint(file, &mut NoPassphrase);
    let requests = report.items.iter().filter(|item| item.kind == Found::Request).count();
    match (requests, report.items.first()) {
        (0, Some(item)) if !matches!(item.kind, Found::Der | Found::Binary | Found::Text) => {
            return Err(RequestProblem::NotARequest(item.kind.clone()));
        }
        (0, None) => return Err(RequestProblem::NotARequest(Found::of(file))),
        (0 | 1, _) => {}
        (several, _) => return Err(RequestProblem::Several(several)),
    }
    let is_wrong = |finding: &&Finding| match finding.code {
        Code::RequestSanMissing | Code::SubjectEmpty | Code::PemHeaderMissing => false,
        Code::SignatureNotChecked => true,
        _ => finding.severity() >= Severity::Warning,
    };
    let wrong: Vec<Finding> = report.findings().filter(is_wrong).cloned().collect();
    match (wrong.is_empty(), requests) {
        (false, _) => Err(RequestProblem::Wrong(wrong)),
        (true, 0) => Err(RequestProblem::NotARequest(Found::of(file))),
        (true, _) => Ok(()),
    }
}

/// The DER of the request in the file. `keytool` and `certtool` write NEW in front of the label.
fn der_of(file: &[u8]) -> Option<Vec<u8>> {
    if file.first() == Some(&SEQUENCE) {
        return Some(file.to_vec());
    }
    let text = core::str::from_utf8(file).ok()?;
    let body = ["CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"].iter().find_map(|label| {
        let (_, behind) = text.split_once(&format!("-----BEGIN {label}-----"))?;
        Some(behind.split_once(&format!("-----END {label}-----"))?.0)
    });
    let compact: String = body.unwrap_or(text).split_whitespace().collect();
    Base64::decode_vec(&compact).ok()
}

/// Verifies the signature of a request by its own key, which proves that the requester has it.
fn verify(der: &[u8]) -> Result<(), RequestProblem> {
    let malformed = |_| RequestProblem::Malformed("CertificationRequest");
    let mut fields = Elements::of_sequence(der).map_err(malformed)?;
    let signed = fields.expect_whole(SEQUENCE).map_err(malformed)?;
    let algorithm = fields.expect(SEQUENCE).map_err(malformed)?;
    let signature = fields.expect_bytes().map_err(malformed)?;
    let mut info = Elements::of_sequence(signed).map_err(malformed)?;
    // Version and subject.
    info.take().map_err(malformed)?;
    info.take().map_err(malformed)?;
    let spki = info.expect_whole(SEQUENCE).map_err(malformed)?;
    let is_verified = VERIFY.iter().any(|verify| {
        signature_algorithms(verify.scheme()).contains(&algorithm)
            && verify_signature(spki, verify.scheme(), signed, signature, VERIFY).is_ok()
    });
    if is_verified { Ok(()) } else { Err(RequestProblem::SignatureNotVerified) }
}

/// Keys that rcgen writes, and that peers of TLS take: RSA from 2048 to 8192 bits (RFC 9325 §4.4).
fn check_key(spki: &[u8]) -> Result<(), RequestProblem> {
    let key = PublicKey::from_spki(spki).map_err(|_| RequestProblem::Key(None))?;
    let refused = Err(RequestProblem::Key(Some(key.kind)));
    match key.kind {
        KeyKind::P256 | KeyKind::P384 | KeyKind::Ed25519 => Ok(()),
        KeyKind::Rsa => match RsaPublicKey::read(key.bits) {
            Some(RsaPublicKey { modulus, exponent }) => {
                let is_weak = !(256..=1024).contains(&modulus.len())
                    || modulus.first().is_none_or(|first| *first < 0x80 && modulus.len() == 256)
                    || modulus.last().is_none_or(|last| last & 1 == 0)
                    || exponent.last().is_none_or(|last| last & 1 == 0)
                    || exponent == [1];
                if is_weak { refused } else { Ok(()) }
            }
            None => refused,
        },
        KeyKind::P521 | KeyKind::RsaPss => refused,
    }
}

#[cfg(test)]
mod tests {
    use handclasp_identity::{CertificateParams, Identity};

    use super::*;

    /// `lint` finds such a request too; this does not rely on it.
    #[test]
    fn a_signature_of_another_key_is_not_verified() {
        let request = || {
            let identity = Identity::self_signed(&["a"]).unwrap();
            identity.certificate_request(&CertificateParams::new(&["a"])).unwrap().der().to_vec()
        };
        let (first, second) = (request(), request());
        assert_eq!((verify(&first), verify(&second)), (Ok(()), Ok(())));
        // The content of the one under the signature of the other.
        let content =
            |der: &[u8]| Elements::of_sequence(der).unwrap().expect_whole(SEQUENCE).unwrap().to_vec();
        let (of_first, of_second) = (content(&first), content(&second));
        let at = first.windows(of_first.len()).position(|bytes| bytes == of_first).unwrap();
        let mut mixed = first.clone();
        mixed.splice(at..at + of_first.len(), of_second);
        assert_eq!(verify(&mixed), Err(RequestProblem::SignatureNotVerified));
    }
}
