//! Loads evidence from files: certificates and keys in PEM (RFC 7468) or DER, times in RFC 3339. Of a
//! private key only the public half is kept.

use std::fmt;
use std::time::{Duration, SystemTime};

use handclasp_crypto::{KeyEncoding, KeyError};
use rustls_pki_types::pem::{PemObject as _, SectionKind};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use zeroize::Zeroizing;

use super::Evidence;
use crate::provider::KEYS;

/// Tag of an ASN.1 SEQUENCE, the first byte of all DER here.
const SEQUENCE: u8 = 0x30;

/// Why a file or text is not evidence of the expected kind.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct EvidenceError {
    /// The expected kind.
    pub expected: &'static str,
    /// What was found instead.
    pub found: String,
}

/// Formats as `Display`, so that `main` returning this error prints a sentence.
impl fmt::Debug for EvidenceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for EvidenceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {}, found {}", self.expected, self.found)
    }
}

impl std::error::Error for EvidenceError {}

impl Evidence {
    /// Loads all certificates of a file, in order.
    ///
    /// ```
    /// use handclasp_explain::Evidence;
    ///
    /// let error = Evidence::certificates_of(b"hello").unwrap_err();
    /// assert_eq!(error.found, "text without a PEM section");
    /// ```
    ///
    /// # Errors
    /// The file contains no certificate, or its PEM is damaged.
    pub fn certificates_of(bytes: &[u8]) -> Result<Vec<Vec<u8>>, EvidenceError> {
        let expected = "certificates, PEM or DER";
        if bytes.first() == Some(&SEQUENCE) {
            return Ok(vec![bytes.to_vec()]);
        }
        let mut found = Vec::new();
        let mut others = Vec::new();
        for section in sections(bytes) {
            match section {
                Ok((SectionKind::Certificate, der)) => found.push(der),
                Ok((other, der)) => {
                    drop(Zeroizing::new(der));
                    others.push(kind(other));
                }
                Err(problem) => return Err(EvidenceError { expected, found: problem }),
            }
        }
        if found.is_empty() {
            return Err(EvidenceError { expected, found: said(&others, bytes) });
        }
        Ok(found)
    }

    /// Loads the public half (SubjectPublicKeyInfo, DER) of the first private or public key of a file.
    ///
    /// ```
    /// use handclasp_explain::Evidence;
    ///
    /// assert!(Evidence::public_half_of(b"hello").is_err());
    /// ```
    ///
    /// # Errors
    /// The file contains no key, or one that is encrypted or of an unsupported kind.
    pub fn public_half_of(bytes: &[u8]) -> Result<Vec<u8>, EvidenceError> {
        let expected = "a private or public key, PEM or DER";
        let wrong = |found: &str| EvidenceError { expected, found: found.to_owned() };
        if bytes.first() == Some(&SEQUENCE) {
            let encodings = [KeyEncoding::Pkcs8, KeyEncoding::Sec1, KeyEncoding::Pkcs1];
            let loaded = encodings.into_iter().find_map(|encoding| KEYS.load(encoding, bytes).ok());
            return loaded.map(|key| key.public_key().to_vec()).ok_or_else(|| wrong("DER of another kind"));
        }
        let encrypted = |line: &[u8]| {
            line.starts_with(b"Proc-Type: 4,ENCRYPTED")
                || line.starts_with(b"-----BEGIN ENCRYPTED PRIVATE KEY")
        };
        if bytes.split(|byte| *byte == b'\n').any(encrypted) {
            return Err(wrong("an encrypted key; the public key is enough: `openssl pkey -in KEY -pubout`"));
        }
        let mut others = Vec::new();
        for section in sections(bytes) {
            let (of, der) = section.map_err(|problem| wrong(&problem))?;
            let der = Zeroizing::new(der);
            let encoding = match of {
                SectionKind::PublicKey => return Ok(der.to_vec()),
                SectionKind::PrivateKey => KeyEncoding::Pkcs8,
                SectionKind::EcPrivateKey => KeyEncoding::Sec1,
                SectionKind::RsaPrivateKey => KeyEncoding::Pkcs1,
                // The library may add kinds.
                other => {
                    others.push(kind(other));
                    continue;
                }
            };
            return match KEYS.load(encoding, &der) {
                Ok(key) => Ok(key.public_key().to_vec()),
                Err(KeyError::Malformed) => Err(wrong("a damaged private key")),
                Err(_) => Err(wrong(
                    "a key of an unsupported type or size; the public key is enough: `openssl pkey -in KEY \
                     -pubout`",
                )),
            };
        }
        Err(EvidenceError { expected, found: said(&others, bytes) })
    }

    /// Parses a host name or address.
    ///
    /// ```
    /// use handclasp_explain::Evidence;
    ///
    /// assert_eq!(Evidence::name_of("[::1]").as_deref(), Ok("::1"));
    /// ```
    ///
    /// # Errors
    /// The text is neither a host name nor an address.
    pub fn name_of(text: &str) -> Result<String, EvidenceError> {
        let expected = "a host name in ASCII (xn--… for internationalized names) or an address";
        match handclasp_trust::Name::parse(text) {
            Ok(name) => Ok(name.to_string()),
            Err(error) => Err(EvidenceError { expected, found: format!("{text:?}: {error}") }),
        }
    }

    /// Parses a time: RFC 3339, or `now`. Returns the time since 1970.
    ///
    /// ```
    /// use handclasp_explain::Evidence;
    /// use std::time::Duration;
    ///
    /// assert_eq!(Evidence::time_of("1970-01-01T00:01:00Z"), Ok(Duration::from_secs(60)));
    /// ```
    ///
    /// # Errors
    /// The text is not a time since 1970, or there is no clock for `now`.
    pub fn time_of(text: &str) -> Result<Duration, EvidenceError> {
        // WebAssembly without an operating system has no clock, and reading it would panic.
        if text == "now" && !cfg!(all(target_family = "wasm", target_os = "unknown")) {
            return Ok(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default());
        }
        let wrong = || EvidenceError {
            expected: "a time such as 2026-11-20T19:01:15Z, or now",
            found: format!("{text:?}"),
        };
        let time = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| wrong())?;
        u64::try_from(time.unix_timestamp()).map(Duration::from_secs).map_err(|_| wrong())
    }
}

/// The sections of a PEM file, without a byte order mark.
fn sections(bytes: &[u8]) -> impl Iterator<Item = Result<(SectionKind, Vec<u8>), String>> {
    <(SectionKind, Vec<u8>)>::pem_slice_iter(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes))
        .map(|section| section.map_err(|error| format!("damaged PEM ({error})")))
}

fn kind(of: SectionKind) -> &'static str {
    match of {
        SectionKind::Certificate => "a certificate",
        SectionKind::PublicKey => "a public key",
        SectionKind::RsaPrivateKey | SectionKind::PrivateKey | SectionKind::EcPrivateKey => "a private key",
        SectionKind::Crl => "a revocation list",
        SectionKind::Csr => "a certificate request",
        // The library may add kinds.
        _ => "another PEM section",
    }
}

fn said(others: &[&str], bytes: &[u8]) -> String {
    match others.first() {
        Some(first) => (*first).to_owned(),
        None if bytes.is_empty() => "an empty file".to_owned(),
        None if std::str::from_utf8(bytes).is_ok() => "text without a PEM section".to_owned(),
        None => "bytes that are neither PEM nor DER".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        assert_eq!(Evidence::time_of("1970-01-01T00:01:00Z"), Ok(Duration::from_secs(60)));
        assert_eq!(Evidence::time_of("1970-01-01T02:00:00+02:00"), Ok(Duration::ZERO));
        assert!(Evidence::time_of("now").unwrap() > Duration::from_secs(1_700_000_000));
        let error = Evidence::time_of("yesterday").unwrap_err().to_string();
        assert_eq!(error, "expected a time such as 2026-11-20T19:01:15Z, or now, found \"yesterday\"");
        assert!(Evidence::time_of("1969-12-31T23:59:59Z").is_err());
    }

    #[test]
    fn names() {
        for (text, name) in [("A.example.", "a.example"), ("[::1]", "::1"), ("192.0.2.1", "192.0.2.1")] {
            assert_eq!(Evidence::name_of(text).as_deref(), Ok(name));
        }
        for text in ["m\u{fc}nchen.example", "a b", "", "https://a.example/"] {
            assert!(Evidence::name_of(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_there_instead_is_told() {
        let found = |bytes: &[u8]| Evidence::certificates_of(bytes).unwrap_err().found;
        assert_eq!(found(b""), "an empty file");
        assert_eq!(found(b"hello"), "text without a PEM section");
        assert_eq!(found(b"\xff\xff"), "bytes that are neither PEM nor DER");
        let public = b"-----BEGIN PUBLIC KEY-----\nMAA=\n-----END PUBLIC KEY-----\n";
        assert_eq!(found(public), "a public key");
        assert_eq!(Evidence::public_half_of(public), Ok(vec![0x30, 0]));
        let encrypted = b"-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n";
        assert!(Evidence::public_half_of(encrypted).unwrap_err().found.starts_with("an encrypted key"));
        assert!(
            found(b"-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n")
                .starts_with("damaged PEM")
        );
    }

    #[test]
    fn of_a_private_key_the_public_half_stays() {
        let key = KEYS
            .generate(handclasp_crypto::KeyKind::P256, &mut handclasp_provider_aws_lc::SystemRandom)
            .unwrap();
        let spki = Evidence::public_half_of(&key).unwrap();
        assert_eq!((spki.len(), spki.first()), (91, Some(&0x30)));
        assert!(Evidence::public_half_of(&spki[..20]).is_err());
    }
}
