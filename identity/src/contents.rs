//! Everything that a file holds for an identity: certificates, and private keys that a passphrase may protect, in
//! PEM, DER or PKCS#12.

use std::{string::String, vec::Vec};

use base64ct::{Base64, Encoding as _};
use handclasp_crypto::KeyEncoding;
use handclasp_passphrase::{Bag, Closed, Passphrases, Pkcs12, open_key};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use zeroize::Zeroizing;

use crate::{Cause, Found, Input, found::SEQUENCE, input::KeyInput};

/// Which of the contents are needed. Others are not decrypted, so that no needless passphrase is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Needed {
    Certificates,
    Keys,
    Both,
}

/// Certificates and keys in the order of the file.
#[derive(Default)]
pub(crate) struct Contents {
    pub(crate) certificates: Vec<CertificateDer<'static>>,
    pub(crate) keys: Vec<KeyInput>,
}

impl Contents {
    /// Reads a file.
    pub(crate) fn read(
        bytes: &[u8],
        needed: Needed,
        passphrases: &mut Passphrases<'_>,
    ) -> Result<Self, Cause> {
        let mut contents = Self::default();
        let input = if needed == Needed::Certificates { Input::Certificate } else { Input::Key };
        if bytes.first() == Some(&SEQUENCE) {
            contents.der(bytes, input, passphrases)?;
        } else {
            for section in sections(bytes) {
                let is_key = section.label.ends_with("PRIVATE KEY");
                if is_key && needed == Needed::Certificates {
                    continue;
                }
                if is_key && section.is_legacy_encrypted {
                    let algorithm =
                        String::from("the older PEM encryption of OpenSSL (Proc-Type: 4,ENCRYPTED)");
                    return Err(Cause::UnsupportedEncryption { input, found: Found::PrivateKey, algorithm });
                }
                let of = if is_key { Input::Key } else { Input::Certificate };
                let der = section.der().ok_or(Cause::BrokenPem { input: of })?;
                contents.section(section.label, der, input, passphrases)?;
            }
        }
        let missing = |input| Cause::NotExpected { input, found: Found::of(bytes) };
        match needed {
            Needed::Certificates if contents.certificates.is_empty() => Err(missing(Input::Certificate)),
            Needed::Keys if contents.keys.is_empty() => Err(missing(Input::Key)),
            Needed::Both if contents.certificates.is_empty() && contents.keys.is_empty() => {
                Err(missing(Input::Certificate))
            }
            Needed::Both if contents.certificates.is_empty() => {
                Err(Cause::Alone { lacks: Input::Certificate })
            }
            Needed::Both if contents.keys.is_empty() => Err(Cause::Alone { lacks: Input::Key }),
            _ => Ok(contents),
        }
    }

    /// One section of PEM.
    fn section(
        &mut self,
        label: &str,
        der: Zeroizing<Vec<u8>>,
        input: Input,
        passphrases: &mut Passphrases<'_>,
    ) -> Result<(), Cause> {
        let encoding = match label {
            "CERTIFICATE" | "X509 CERTIFICATE" => {
                self.certificates.push(CertificateDer::from(der.to_vec()));
                return Ok(());
            }
            "ENCRYPTED PRIVATE KEY" | "PKCS12" => return self.der(&der, input, passphrases),
            "PRIVATE KEY" => KeyEncoding::Pkcs8,
            "EC PRIVATE KEY" => KeyEncoding::Sec1,
            "RSA PRIVATE KEY" => KeyEncoding::Pkcs1,
            _ => return Ok(()),
        };
        self.keys.push(KeyInput { encoding, der });
        Ok(())
    }

    /// One structure in DER.
    fn der(&mut self, der: &[u8], input: Input, passphrases: &mut Passphrases<'_>) -> Result<(), Cause> {
        match Found::of(der) {
            Found::Pkcs12 => {
                let opened = Pkcs12::open(der, passphrases).map_err(|error| Cause::BrokenPkcs12 {
                    input,
                    offset: error.offset,
                    field: error.field,
                })?;
                if let Some(closed) = opened.closed() {
                    return Err(cause(closed, input, Found::Pkcs12));
                }
                for bag in opened.bags() {
                    match bag {
                        Bag::Certificate(der) => {
                            self.certificates.push(CertificateDer::from(der.clone()));
                        }
                        Bag::Key(der) => {
                            self.keys.push(KeyInput { encoding: KeyEncoding::Pkcs8, der: der.clone() });
                        }
                        _ => {}
                    }
                }
            }
            Found::EncryptedKey => {
                let opened = open_key(der, passphrases)
                    .map_err(|_| Cause::Key(handclasp_crypto::KeyError::Malformed))?;
                let der = opened.map_err(|closed| cause(&closed, Input::Key, Found::EncryptedKey))?;
                self.keys.push(KeyInput { encoding: KeyEncoding::Pkcs8, der });
            }
            Found::PrivateKey => {
                if let Ok(key) = PrivateKeyDer::try_from(der) {
                    self.keys.push(KeyInput::from(&key));
                }
            }
            // Unknown DER may be a damaged certificate: the parser reports it.
            Found::Certificate | Found::Der => {
                self.certificates.push(CertificateDer::from(der.to_vec()));
            }
            _ => {}
        }
        Ok(())
    }
}

/// Why encrypted bytes stay closed.
fn cause(closed: &Closed, input: Input, found: Found) -> Cause {
    match closed {
        Closed::NoPassphrase => Cause::Encrypted,
        Closed::Unsupported(algorithm) => {
            Cause::UnsupportedEncryption { input, found, algorithm: algorithm.clone() }
        }
        _ => Cause::WrongPassphrase { input },
    }
}

/// A section of PEM (RFC 7468).
struct Section<'a> {
    label: &'a str,
    /// Its lines, without those around it.
    lines: Vec<&'a str>,
    /// Whether the -----END line is there and has the same label.
    is_whole: bool,
    /// Whether it has the headers of OpenSSL's older encryption (RFC 1421 §4.6.1.1).
    is_legacy_encrypted: bool,
}

impl Section<'_> {
    /// Its bytes; `None` for base64 or boundaries that are damaged.
    fn der(&self) -> Option<Zeroizing<Vec<u8>>> {
        let length = self.lines.iter().map(|line| line.len()).sum();
        let mut text = Zeroizing::new(String::with_capacity(length));
        for part in self.lines.iter().flat_map(|line| line.split_ascii_whitespace()) {
            text.push_str(part);
        }
        let decoded = Base64::decode_vec(&text).ok().map(Zeroizing::new)?;
        (self.is_whole && !decoded.is_empty()).then_some(decoded)
    }
}

/// The sections of a text; text around them, and lines that are not UTF-8, are passed over.
fn sections(bytes: &[u8]) -> Vec<Section<'_>> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut sections: Vec<Section<'_>> = Vec::new();
    let mut is_open = false;
    let lines = bytes.split(|byte| matches!(byte, b'\n' | b'\r'));
    for line in lines.map(|line| core::str::from_utf8(line).unwrap_or("?").trim()) {
        let label = |boundary: &str| line.strip_prefix(boundary)?.strip_suffix("-----");
        if let Some(label) = label("-----BEGIN ") {
            sections.push(Section { label, lines: Vec::new(), is_whole: false, is_legacy_encrypted: false });
            is_open = true;
        } else if let Some(section) = sections.last_mut().filter(|_| is_open) {
            if line.starts_with("-----END ") {
                section.is_whole = label("-----END ") == Some(section.label);
                is_open = false;
            } else if line.contains(':') {
                section.is_legacy_encrypted |= line.starts_with("Proc-Type: 4,ENCRYPTED");
            } else {
                section.lines.push(line);
            }
        }
    }
    sections
}
