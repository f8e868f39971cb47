//! [`PeerCertificate`]: what a certificate says, for applications and people. Nothing is verified here.

use alloc::{borrow::ToOwned as _, format, string::String, vec::Vec};
use core::{fmt, net::IpAddr, time::Duration};

use handclasp_codec::{CertificateType, Printable};
use handclasp_crypto::{Hash, KeyKind, PublicKey};
use handclasp_report::{Date, Named};
use rustls_pki_types::UnixTime;

use crate::{
    Pin,
    certificate::common_name,
    chain::time,
    der::{DNS_NAME, Elements, IP_ADDRESS},
    distinguished_name::distinguished_name,
    x509::{Certificate, SUBJECT_ALT_NAME},
};

/// `[1]`, primitive: an rfc822Name of a GeneralName (RFC 5280 §4.2.1.6).
const EMAIL: u8 = 0x81;
/// `[6]`, primitive: a uniformResourceIdentifier.
const URI: u8 = 0x86;
/// Limit for the names that are read: certificates of content delivery networks have a hundred.
const NAMES_MAX: usize = 1_000;

/// A peer's certificate or raw public key, read once.
///
/// It prints as one line. Characters that do not print, move a cursor or change the direction of text are
/// escaped there, in `subject` and in `issuer`; other texts are as the certificate has them.
///
/// A certificate says who it was issued to. That the peer may be trusted is decided by [`crate::Trust`], and
/// that it has the key is proved by the handshake.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PeerCertificate {
    /// X509, or RawPublicKey (RFC 7250): then only the key is known, and the other fields are empty.
    pub certificate_type: CertificateType,
    /// The certificate or SubjectPublicKeyInfo in DER, as the peer sent it.
    pub der: Vec<u8>,
    /// The SubjectPublicKeyInfo, in DER.
    pub spki: Vec<u8>,
    /// SHA-256 of `spki`.
    pub pin: Pin,
    /// The kind of key. `None` if it is not supported.
    pub key: Option<KeyKind>,
    /// The subject: `CN=device 7, O=Example`.
    pub subject: String,
    /// The last common name of the subject.
    pub common_name: Option<String>,
    /// The names of the subjectAltName, in order.
    pub alt_names: Vec<AltName>,
    /// The issuer, written as the subject.
    pub issuer: String,
    /// The serial number: content of the INTEGER, big-endian.
    pub serial: Vec<u8>,
    /// Valid from. `None` for a raw public key.
    pub not_before: Option<UnixTime>,
    /// Valid until. `None` for a raw public key.
    pub not_after: Option<UnixTime>,
}

/// A name of a subjectAltName (RFC 5280 §4.2.1.6). It prints as `DNS:a.example`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AltName {
    /// A dNSName, such as `a.example` or `*.a.example`.
    Dns(String),
    /// An iPAddress.
    Address(IpAddr),
    /// An rfc822Name.
    Email(String),
    /// A uniformResourceIdentifier, such as a SPIFFE ID.
    Uri(String),
    /// Another name.
    Other {
        /// The tag of the GeneralName.
        tag: u8,
        /// Its content.
        content: Vec<u8>,
    },
}

impl PeerCertificate {
    /// Reads a certificate or a SubjectPublicKeyInfo (DER). `None` if it is neither. `sha256` must be SHA-256.
    pub fn from_der_with(der: &[u8], sha256: &dyn Hash) -> Option<Self> {
        match Certificate::read(der) {
            Ok(certificate) => Self::of_certificate(der, &certificate, sha256),
            Err(_) => Self::of_raw_key(der, sha256),
        }
    }

    fn of_certificate(der: &[u8], certificate: &Certificate<'_>, sha256: &dyn Hash) -> Option<Self> {
        let at = |seconds| UnixTime::since_unix_epoch(Duration::from_secs(seconds));
        let (not_before, not_after) = time::validity(certificate.validity).ok()?;
        Some(Self {
            certificate_type: CertificateType::X509,
            subject: distinguished_name(certificate.subject),
            common_name: common_name(certificate.subject),
            alt_names: alt_names(certificate),
            issuer: distinguished_name(certificate.issuer),
            serial: certificate.serial.to_vec(),
            not_before: Some(at(not_before)),
            not_after: Some(at(not_after)),
            ..Self::of_key(der, certificate.spki, sha256)
        })
    }

    fn of_raw_key(spki: &[u8], sha256: &dyn Hash) -> Option<Self> {
        PublicKey::from_spki(spki).ok()?;
        Some(Self { certificate_type: CertificateType::RawPublicKey, ..Self::of_key(spki, spki, sha256) })
    }

    /// Of a key alone.
    fn of_key(der: &[u8], spki: &[u8], sha256: &dyn Hash) -> Self {
        Self {
            certificate_type: CertificateType::X509,
            der: der.to_vec(),
            spki: spki.to_vec(),
            pin: Pin::of(spki, sha256),
            key: PublicKey::from_spki(spki).ok().map(|key| key.kind),
            subject: String::new(),
            common_name: None,
            alt_names: Vec::new(),
            issuer: String::new(),
            serial: Vec::new(),
            not_before: None,
            not_after: None,
        }
    }

    /// The dNSNames of the subjectAltName.
    pub fn dns_names(&self) -> impl Iterator<Item = &str> {
        self.alt_names.iter().filter_map(|name| match name {
            AltName::Dns(name) => Some(name.as_str()),
            _ => None,
        })
    }
}

fn alt_names(certificate: &Certificate<'_>) -> Vec<AltName> {
    let mut names = Vec::new();
    let Ok(Some(value)) = certificate.extensions.find(SUBJECT_ALT_NAME) else { return names };
    let Ok(mut list) = Elements::of_sequence(value) else { return names };
    while let (Some(tag), Ok(content)) = (list.tag(), list.take()) {
        if names.len() == NAMES_MAX {
            break;
        }
        names.push(AltName::read(tag, content));
    }
    names
}

impl AltName {
    fn read(tag: u8, content: &[u8]) -> Self {
        let text = || core::str::from_utf8(content).ok().map(str::to_owned);
        let address = || match (<[u8; 4]>::try_from(content), <[u8; 16]>::try_from(content)) {
            (Ok(four), _) => Some(IpAddr::from(four)),
            (_, Ok(sixteen)) => Some(IpAddr::from(sixteen)),
            _ => None,
        };
        let known = match tag {
            DNS_NAME => text().map(Self::Dns),
            IP_ADDRESS => address().map(Self::Address),
            EMAIL => text().map(Self::Email),
            URI => text().map(Self::Uri),
            _ => None,
        };
        known.unwrap_or_else(|| Self::Other { tag, content: content.to_vec() })
    }
}

impl fmt::Display for AltName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dns(name) => write!(f, "DNS:{}", Printable(name)),
            Self::Address(address) => write!(f, "IP:{address}"),
            Self::Email(name) => write!(f, "email:{}", Printable(name)),
            Self::Uri(name) => write!(f, "URI:{}", Printable(name)),
            Self::Other { tag, content } => write!(f, "a name of {} bytes (tag {tag:#04x})", content.len()),
        }
    }
}

/// Limits for one line: names, and characters of one.
const SHOWN: usize = 8;
const SHOWN_CHARACTERS: usize = 253;

impl fmt::Display for PeerCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((not_before, not_after)) = self.not_before.zip(self.not_after) else {
            f.write_str("raw public key")?;
            if let Some(key) = self.key {
                write!(f, " {}", Named(key))?;
            }
            return write!(f, ", {}", self.pin);
        };
        f.write_str(if self.subject.is_empty() { "(no subject)" } else { &self.subject })?;
        for name in self.alt_names.iter().take(SHOWN) {
            let name = format!("{name}");
            match name.char_indices().nth(SHOWN_CHARACTERS) {
                Some((end, _)) => write!(f, ", {}…", name.get(..end).unwrap_or_default())?,
                None => write!(f, ", {name}")?,
            }
        }
        if let more @ 1.. = self.alt_names.len().saturating_sub(SHOWN) {
            write!(f, " and {more} more")?;
        }
        f.write_str(", serial number ")?;
        self.serial.iter().take(SHOWN_CHARACTERS).try_for_each(|byte| write!(f, "{byte:02x}"))?;
        let (begin, end) = (Date(not_before.as_secs()), Date(not_after.as_secs()));
        write!(f, ", issued by {}, valid from {begin} to {end}, {}", self.issuer, self.pin)
    }
}

#[cfg(test)]
mod tests;
