//! What a file is that was something else than expected: by its PEM labels (RFC 7468) or by the
//! first tags of its DER. For messages only; nothing is loaded by this.

use alloc::string::String;

/// What a file is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Found {
    /// No bytes, or only white space.
    Nothing,
    /// A certificate.
    Certificate,
    /// A private key that is not encrypted.
    PrivateKey,
    /// A private key under a passphrase.
    EncryptedKey,
    /// A public key.
    PublicKey,
    /// A request for a certificate (RFC 2986).
    Request,
    /// Parameters of EC or DH.
    Parameters,
    /// A certificate revocation list.
    Crl,
    /// PKCS#12 (RFC 7292).
    Pkcs12,
    /// A keystore in the older formats of Java (JKS, JCEKS).
    JavaKeyStore,
    /// PuTTY's own format of keys.
    PuttyKey,
    /// PKCS#7 or CMS.
    Pkcs7,
    /// OpenSSH's own format of keys.
    OpenSsh,
    /// Text in UTF-16, as some Windows programs save it.
    Utf16,
    /// A PEM section that we do not know, by its label.
    Pem(String),
    /// DER, but nothing of these.
    Der,
    /// Text without a PEM section.
    Text,
    /// Neither text nor DER.
    Binary,
}

/// The first byte of DER of every kind here.
pub(crate) const SEQUENCE: u8 = 0x30;

impl Found {
    /// By the first telling thing in the bytes.
    pub fn of(bytes: &[u8]) -> Self {
        let mut of_labels = labels(bytes).map(Self::of_label);
        match (bytes, of_labels.next()) {
            // `openssl ecparam -genkey` writes parameters and key: the key tells more.
            (_, Some(Self::Parameters)) => of_labels.next().unwrap_or(Self::Parameters),
            (_, Some(found)) if legacy_encrypted(bytes) && found == Self::PrivateKey => Self::EncryptedKey,
            (_, Some(found)) => found,
            ([0xff, 0xfe, ..] | [0xfe, 0xff, ..], None) => Self::Utf16,
            ([SEQUENCE, ..], None) => Self::of_der(bytes),
            ([0xfe, 0xed, 0xfe, 0xed, ..] | [0xce, 0xce, 0xce, 0xce, ..], None) => Self::JavaKeyStore,
            (bytes, None) if bytes.starts_with(b"PuTTY-User-Key-File-") => Self::PuttyKey,
            (bytes, None) if bytes.trim_ascii().is_empty() => Self::Nothing,
            (bytes, None) if core::str::from_utf8(bytes).is_ok() => Self::Text,
            _ => Self::Binary,
        }
    }

    /// By the label of a PEM section (RFC 7468 §4, and the older ones of OpenSSL).
    fn of_label(label: &str) -> Self {
        match label {
            "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => Self::Certificate,
            "PRIVATE KEY" | "EC PRIVATE KEY" | "RSA PRIVATE KEY" => Self::PrivateKey,
            "ENCRYPTED PRIVATE KEY" => Self::EncryptedKey,
            "PUBLIC KEY" | "RSA PUBLIC KEY" => Self::PublicKey,
            "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST" => Self::Request,
            "EC PARAMETERS" | "DH PARAMETERS" => Self::Parameters,
            "X509 CRL" => Self::Crl,
            // GnuTLS writes PKCS#12 in PEM.
            "PKCS12" => Self::Pkcs12,
            "PKCS7" | "CMS" => Self::Pkcs7,
            "OPENSSH PRIVATE KEY" => Self::OpenSsh,
            other => Self::Pem(String::from(other)),
        }
    }

    /// By what stands inside of the outer SEQUENCE.
    fn of_der(der: &[u8]) -> Self {
        const INTEGER: u8 = 0x02;
        const OCTET_STRING: u8 = 0x04;
        const OBJECT_IDENTIFIER: u8 = 0x06;
        let Some((first, second)) = elements(der).and_then(|(_, content, _)| {
            let (tag, first, rest) = elements(content)?;
            Some(((tag, first), elements(rest).map_or(0, |(tag, _, _)| tag)))
        }) else {
            return Self::Der;
        };
        match (first, second) {
            ((INTEGER, [0 | 1]), SEQUENCE | INTEGER | OCTET_STRING) => Self::PrivateKey,
            ((INTEGER, [3]), SEQUENCE) => Self::Pkcs12,
            // signedData
            ((OBJECT_IDENTIFIER, b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"), _) => Self::Pkcs7,
            ((SEQUENCE, _), OCTET_STRING) => Self::EncryptedKey,
            ((SEQUENCE, _), 0x03) => Self::PublicKey,
            // To be signed, algorithm, signature: the first field tells which.
            ((SEQUENCE, signed), SEQUENCE) => match elements(signed) {
                Some((INTEGER, [0], _)) => Self::Request,
                // The version, explicit in a certificate but of version 1.
                Some((0xa0, _, _)) => Self::Certificate,
                Some((INTEGER, [1], rest)) if elements(rest).is_some_and(|(_, oid, _)| oid.len() < 20) => {
                    Self::Crl
                }
                Some((INTEGER, _, _)) => Self::Certificate,
                _ => Self::Der,
            },
            _ => Self::Der,
        }
    }
}

/// Whether a section carries the headers of OpenSSL's older encryption (RFC 1421 §4.6.1.1).
pub(crate) fn legacy_encrypted(pem: &[u8]) -> bool {
    pem.split(|byte| *byte == b'\n').any(|line| line.starts_with(b"Proc-Type: 4,ENCRYPTED"))
}

/// The labels of the PEM sections, in order.
fn labels(pem: &[u8]) -> impl Iterator<Item = &str> {
    pem.split(|byte| matches!(byte, b'\n' | b'\r')).filter_map(|line| {
        let label = line.trim_ascii().strip_prefix(b"-----BEGIN ")?.strip_suffix(b"-----")?;
        core::str::from_utf8(label).ok()
    })
}

/// One DER element: its tag, its content, and what follows; lengths below 64 KiB.
fn elements(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (length, rest) = match der.get(1..)? {
        [0x81, length, rest @ ..] => (usize::from(*length), rest),
        [0x82, high, low, rest @ ..] => (usize::from(u16::from_be_bytes([*high, *low])), rest),
        [length @ 0..=0x7f, rest @ ..] => (usize::from(*length), rest),
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((*der.first()?, content, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_content() {
        for (bytes, expected) in [
            (b"".as_slice(), Found::Nothing),
            (b" \r\n\t", Found::Nothing),
            (b"hello", Found::Text),
            (b"\xff\xfe-\0-\0", Found::Utf16),
            (b"\x00\xff\x00", Found::Binary),
            (b"-----BEGIN OPENSSH PRIVATE KEY-----\n", Found::OpenSsh),
            (b"-----BEGIN PGP MESSAGE-----", Found::Pem(String::from("PGP MESSAGE"))),
            (b"-----BEGIN EC PARAMETERS-----\n-----END EC PARAMETERS-----\n", Found::Parameters),
            (b"-----BEGIN EC PARAMETERS-----\n-----BEGIN EC PRIVATE KEY-----\n", Found::PrivateKey),
            (b"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n", Found::EncryptedKey),
            (b"-----BEGIN PKCS7-----\r\n", Found::Pkcs7),
            (b"-----BEGIN PKCS12-----\n", Found::Pkcs12),
            (b"\xfe\xed\xfe\xed\0\0\0\x02", Found::JavaKeyStore),
            (b"PuTTY-User-Key-File-3: ssh-ed25519\n", Found::PuttyKey),
            (b"-----BEGIN X509 CRL-----\r\n", Found::Crl),
            (b"-----BEGIN PUBLIC KEY-----", Found::PublicKey),
            (b"-----BEGIN CERTIFICATE REQUEST-----", Found::Request),
            // Tags alone decide.
            (b"\x30\x05\x02\x01\x03\x30\x00", Found::Pkcs12),
            (b"\x30\x04\x30\x00\x04\x00", Found::EncryptedKey),
            (b"\x30\x04\x30\x00\x03\x00", Found::PublicKey),
            (b"\x30\x07\x30\x03\x02\x01\x00\x30\x00", Found::Request),
            (b"\x30\x06\x30\x02\xa0\x00\x30\x00", Found::Certificate),
            (b"\x30\x07\x30\x03\x02\x01\x07\x30\x00", Found::Certificate),
            (b"\x30\x80\x00\x00", Found::Der),
            (b"\x30\x00", Found::Der),
            (b"0", Found::Der),
        ] {
            assert_eq!(Found::of(bytes), expected, "{bytes:x?}");
        }
    }
}
