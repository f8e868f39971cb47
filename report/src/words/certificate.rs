//! Certificate faults as sentences; dates and pins as people write them.
//! Long because: it is the list of all of them.

use core::fmt::{self, Display, Formatter, Write as _};

use crate::{CertificateError, CertificateFault, CrlFault, Evidence, StapleFault};

impl Display for CertificateError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.evidence {
            Some(Evidence::Dates { limit, now }) => outside(f, self.fault, Date(limit), Date(now)),
            Some(Evidence::Pin(found)) => other_key(f, self.fault, Pin(&found)),
            _ => Display::fmt(&self.fault, f),
        }
    }
}

impl core::error::Error for CertificateError {}

/// A date that is past or not yet come.
fn outside(f: &mut Formatter<'_>, fault: CertificateFault, limit: Date, now: Date) -> fmt::Result {
    match fault {
        CertificateFault::Expired => {
            write!(f, "The peer's certificate expired: it was valid until {limit}; our clock shows {now}.")
        }
        CertificateFault::NotYetValid => {
            write!(f, "The peer's certificate is not yet valid, only from {limit}; our clock shows {now}.")
        }
        CertificateFault::Staple(StapleFault::NotYetValid) => {
            write!(f, "{STAPLE}is not yet valid: it is valid from {limit}; our clock shows {now}.")
        }
        CertificateFault::Staple(StapleFault::Outdated) => {
            write!(f, "{STAPLE}is outdated: it was valid until {limit}; our clock shows {now}.")
        }
        CertificateFault::Revoked => {
            write!(f, "The peer's certificate was revoked on {limit}.")
        }
        CertificateFault::Crl(CrlFault::NotYetValid) => {
            write!(f, "{CRL}is not yet valid: it is valid from {limit}; our clock shows {now}.")
        }
        CertificateFault::Crl(CrlFault::Outdated) => {
            write!(f, "{CRL}is outdated: the next one was due by {limit}; our clock shows {now}.")
        }
        other => Display::fmt(&other, f),
    }
}

fn other_key(f: &mut Formatter<'_>, fault: CertificateFault, found: Pin<'_>) -> fmt::Result {
    match fault {
        CertificateFault::PinMismatch => {
            write!(f, "The peer's key does not match any pin: its pin is {found}.")
        }
        CertificateFault::NotListed => {
            write!(f, "The client's key is not on the list of accepted clients: its pin is {found}.")
        }
        CertificateFault::NotKnown => write!(
            f,
            "The server's key was not found among the known keys, and it was not accepted as a new one: its pin is {found}."
        ),
        CertificateFault::PinIsFingerprint => write!(
            f,
            "The given pin is the fingerprint of the peer's certificate (SHA-256 of the whole \
             certificate); a pin is SHA-256 of the public key, which survives renewals: {found}."
        ),
        other => Display::fmt(&other, f),
    }
}

/// Without dates or pin: those are in [`CertificateError`].
impl Display for CertificateFault {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed { index: 0 } => f.write_str("The peer's certificate could not be parsed."),
            Self::Malformed { index } => {
                write!(f, "Certificate {index} above the peer's own could not be parsed.")
            }
            Self::Expired => f.write_str("The peer's certificate expired."),
            Self::NotYetValid => f.write_str("The peer's certificate is not yet valid."),
            Self::UnknownIssuer { self_signed: true } => {
                f.write_str("The peer's certificate is self-signed, and we do not trust it as a root.")
            }
            Self::UnknownIssuer { self_signed: false } => {
                f.write_str("The peer's certificate does not lead to a root that we trust.")
            }
            Self::NameMismatch { names } => other_names(f, *names),
            Self::SignatureInvalid => {
                f.write_str("A signature in the peer's certificate chain does not verify.")
            }
            Self::WeakSignature => {
                f.write_str("The peer's certificate chain uses a signature algorithm that we do not accept.")
            }
            Self::UnsupportedKey => {
                f.write_str("The peer's certificate has a key that is too small, or of an unsupported type.")
            }
            Self::WrongUsage => {
                f.write_str("The extended key usage of the peer's certificate does not permit this role.")
            }
            Self::ConstraintViolated => f.write_str(
                "The peer's certificate chain violates a constraint: an issuer that is not a CA, a path \
                 that is too long, or a name that its CA may not certify.",
            ),
            Self::CaUsedAsLeaf => {
                f.write_str("The peer's own certificate is a CA certificate, which is not permitted.")
            }
            Self::Revoked => f.write_str("The peer's certificate was revoked."),
            Self::PinMismatch => f.write_str("The peer's key does not match any pin."),
            Self::NotListed => f.write_str("The client's key is not on the list of accepted clients."),
            Self::NotKnown => f.write_str(
                "The server's key was not found among the known keys, and it was not accepted as a new one.",
            ),
            Self::PinIsFingerprint => f.write_str(
                "The given pin is the fingerprint of the peer's certificate (SHA-256 of the whole \
                 certificate); a pin is SHA-256 of the public key, which survives renewals.",
            ),
            Self::NeverValid { index } => never_valid(f, *index),
            Self::NoExpectedName => f.write_str(
                "Our program gave no server name to verify the certificate against, which web PKI requires.",
            ),
            Self::NotConfigured => f.write_str(
                "The peer sent a certificate, but we have no trust to verify it with (a pre-shared key is \
                 configured).",
            ),
            Self::Budget => f.write_str(
                "The peer's certificate chain is too long or too costly to verify: at most 10 certificates \
                 and 100 KiB are accepted.",
            ),
            Self::IssuerMayNotSign { index } => {
                write!(f, "Certificate {index} above the peer's own is an issuer without keyCertSign.")
            }
            Self::NoStaple => f.write_str(
                "The peer's certificate requires an OCSP response in every handshake (must-staple, RFC \
                 7633), and the peer sent none.",
            ),
            Self::Staple(fault) => write!(f, "{fault}"),
            Self::Crl(fault) => write!(f, "{fault}"),
            Self::PathTooLong { limit } => {
                write!(f, "The peer's certificate chain is too long: at most {limit} intermediates.")
            }
        }
    }
}

impl core::error::Error for CertificateFault {}

fn other_names(f: &mut Formatter<'_>, names: u8) -> fmt::Result {
    match names {
        0 => {
            f.write_str("The peer's certificate has no subjectAltName; a common name alone is not accepted.")
        }
        1 => f.write_str("The peer's certificate is for one other name."),
        more => write!(f, "The peer's certificate is for {more} other names."),
    }
}

fn never_valid(f: &mut Formatter<'_>, index: u8) -> fmt::Result {
    match index {
        0 => f.write_str("The peer's certificate")?,
        above => write!(f, "Certificate {above} above the peer's own")?,
    }
    f.write_str(" is never valid: notAfter is before notBefore.")
}

const STAPLE: &str = "The OCSP response about the peer's certificate ";

/// Without dates: those are in [`CertificateError`].
impl Display for StapleFault {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(STAPLE)?;
        match self {
            Self::Missing => f.write_str("is required, and the peer sent none."),
            Self::Malformed => f.write_str("could not be parsed."),
            Self::NotSuccessful => f.write_str("is an error from the responder, not a status."),
            Self::NotAuthentic => f.write_str(
                "is signed neither by the certificate's issuer nor by a responder that the issuer \
                 authorized.",
            ),
            Self::OtherCertificate => f.write_str("is about other certificates."),
            Self::Unknown => f.write_str("states that the responder does not know the certificate."),
            Self::NotYetValid => f.write_str("is not yet valid."),
            Self::Outdated => f.write_str("is outdated."),
        }
    }
}

const CRL: &str = "The revocation list (CRL) for the peer's certificate chain ";

/// Without dates: those are in [`CertificateError`].
impl Display for CrlFault {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if matches!(self, Self::Missing) {
            return f.write_str(
                "We have no revocation list (CRL) of an issuer in the peer's certificate chain, so that \
                 whether its certificate was revoked is unknown.",
            );
        }
        f.write_str(CRL)?;
        match self {
            Self::Missing => Ok(()),
            Self::NotAuthentic => f.write_str("is not signed by the issuer of the certificate."),
            Self::WeakSignature => f.write_str("is signed by an algorithm that we do not accept."),
            Self::IssuerMayNotSign => {
                f.write_str("is signed by an issuer whose keyUsage does not permit it (cRLSign).")
            }
            Self::NotYetValid => f.write_str("is not yet valid."),
            Self::Outdated => f.write_str("is outdated."),
        }
    }
}

/// Seconds since 1970 as a date in UTC.
#[derive(Clone, Copy, Debug)]
pub struct Date(pub u64);

impl Display for Date {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        const DAY: u64 = 86_400;
        // Years counted from March of year 0 put the leap day at the end, and 400 of them are
        // always 146097 days; 719468 days lie between that March and 1970.
        let days = (self.0 / DAY).saturating_add(719_468);
        let (era, day) = (days / 146_097, days % 146_097);
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        // Months from March have 30.6 days: (5 d + 2) / 153 is the month of a day.
        let month = (5 * day + 2) / 153;
        let day = day - (153 * month + 2) / 5 + 1;
        let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
        let year = era.saturating_mul(400) + year + next;
        let (hour, minute) = (self.0 % DAY / 3_600, self.0 % 3_600 / 60);
        write!(f, "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02} UTC")
    }
}

/// A pin as the program writes it: `sha256/` and the digest in base64 (RFC 4648 §4).
#[derive(Clone, Copy, Debug)]
pub struct Pin<'a>(pub &'a [u8; 32]);

impl Display for Pin<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        f.write_str("sha256/")?;
        for chunk in self.0.chunks(3) {
            let bits = (0..3).fold(0_u32, |bits, at| (bits << 8) | u32::from(*chunk.get(at).unwrap_or(&0)));
            for place in 0..4 {
                let digit = usize::try_from((bits >> (18 - 6 * place)) & 0x3f).unwrap_or_default();
                // n bytes fill n + 1 digits.
                let letter = if place <= chunk.len() { ALPHABET.get(digit).copied() } else { None };
                f.write_char(char::from(letter.unwrap_or(b'=')))?;
            }
        }
        Ok(())
    }
}
