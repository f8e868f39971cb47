//! What is wrong, in sentences, and the fix.

use core::fmt::{self, Formatter};

use handclasp_crypto::KeyKind;
use handclasp_identity::Found;
use handclasp_lint::Finding;

use crate::{AuthorityError, AuthorityProblem, Issued, RequestProblem, time};

impl fmt::Display for AuthorityError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match &self.problem {
            AuthorityProblem::Missing => write!(f, "{path} holds no CA (no certificate.pem)"),
            AuthorityProblem::Exists => write!(f, "{path} holds a CA already; it stays as it is"),
            AuthorityProblem::NotEmpty(file) => {
                write!(f, "{path} is not empty (it has {file}); choose a new folder for the CA")
            }
            AuthorityProblem::Folder(reason) => write!(f, "the folder {path}: {reason}"),
            AuthorityProblem::Certificate(what) => write!(f, "{path}/certificate.pem: {what}"),
            AuthorityProblem::KeyElsewhere => write!(
                f,
                "{path} has neither key.pem nor key-location: name the key of the CA, which is in a token, an agent, another file or \
                 behind a command"
            ),
            AuthorityProblem::KeyLocation => write!(
                f,
                "{path}/key-location: expected one line, pkcs11:…, ssh-agent:FINGERPRINT or command:LINE"
            ),
            AuthorityProblem::OtherKey => write!(
                f,
                "the private key is not that of {path}/certificate.pem; was another CA's key given, or one of \
                 the two files replaced?"
            ),
            AuthorityProblem::Line(number) => write!(
                f,
                "{path}/issued: line {number} does not parse; correct it or restore the file from a backup: \
                 nothing is signed or revoked before, so that no record is lost"
            ),
            AuthorityProblem::CrlUrl(bad) => write!(f, "{path}/crl-url: {bad}"),
            problem => problem.fmt(f),
        }
    }
}

impl fmt::Display for AuthorityProblem {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(error) => error.fmt(f),
            Self::Key(error) => write!(f, "the key of the CA: {error}"),
            Self::NotOpened(error) => write!(f, "the key of the CA: {error}"),
            Self::CrlUrl(bad) => bad.fmt(f),
            Self::Name(name) => write!(
                f,
                "{name:?} cannot be a common name: expected 1 to 64 characters without control characters"
            ),
            Self::UnsupportedKey(kind) => write!(f, "{}", Unsupported(*kind)),
            Self::NoScheme(kind) => write!(
                f,
                "the signer of the CA's {} key lists no scheme by which certificates are signed",
                kind.name()
            ),
            Self::NotSigned(Some(reason)) => write!(f, "the key of the CA made no valid signature: {reason}"),
            Self::NotSigned(None) => f.write_str("the key of the CA made no signature"),
            Self::Expired { .. } | Self::NotYetValid { .. } | Self::ClockBehind { .. } => clock(f, self),
            Self::Request(problem) => problem.fmt(f),
            Self::Subject(_)
            | Self::NoName(_)
            | Self::ProfileRefuses { .. }
            | Self::NotPermitted { .. }
            | Self::Days { .. }
            | Self::CrlDays { .. }
            | Self::BeyondAuthority { .. } => refused(f, self),
            Self::KeyOfAuthority | Self::KnownKey(_) | Self::CompromisedKey(_) => key(f, self),
            Self::UnknownSerial(serial) => {
                write!(f, "the CA issued no certificate with the serial number {serial}")
            }
            Self::Revoked(revocation) => write!(
                f,
                "the certificate is revoked since {} ({})",
                time::text(revocation.time),
                revocation.reason
            ),
            Self::NotACertificate(found) => write!(f, "expected a certificate, found {found}"),
            Self::OtherIssuer(issuer) => {
                write!(f, "the certificate is not of this CA: its issuer is {issuer:?}")
            }
            // They name the folder.
            Self::Missing
            | Self::Exists
            | Self::NotEmpty(_)
            | Self::Folder(_)
            | Self::Certificate(_)
            | Self::KeyElsewhere
            | Self::KeyLocation
            | Self::OtherKey
            | Self::Line(_) => write!(f, "{self:?}"),
        }
    }
}

/// Names and dates that the CA or the profile does not permit.
fn refused(f: &mut Formatter<'_>, problem: &AuthorityProblem) -> fmt::Result {
    match problem {
        AuthorityProblem::Subject(reason) => write!(
            f,
            "the subject of the request is not copied: {reason}; give the certificate another common name"
        ),
        AuthorityProblem::NoName(profile) => write!(
            f,
            "the request has no name that a certificate for the profile {profile} needs: expected {}; add \
             it to the request (subjectAltName), or give the certificate one",
            if profile.needs_name() { "a DNS name or an address" } else { "a subject or a name" }
        ),
        AuthorityProblem::ProfileRefuses { profile, name, reason } => {
            write!(f, "the profile {profile} does not permit the name {name}: {reason}")
        }
        AuthorityProblem::NotPermitted { name, constraints } => write!(
            f,
            "the CA may not certify {name}: it is permitted {constraints}; peers refuse a certificate with \
             another name"
        ),
        AuthorityProblem::Days { days, most, profile } => {
            write!(f, "{days} days: expected 1 to {most} for the profile {profile}")
        }
        AuthorityProblem::CrlDays { days, most } => {
            write!(f, "{days} days: expected 1 to {most} until the next CRL")
        }
        AuthorityProblem::BeyondAuthority { days, not_after } => write!(
            f,
            "{days} days are beyond the end of the CA on {}: peers refuse a chain whose CA has expired; \
             ask for fewer days, or make a new CA",
            time::day(*not_after)
        ),
        _ => Ok(()),
    }
}

/// The CA's validity, and the clock.
fn clock(f: &mut Formatter<'_>, problem: &AuthorityProblem) -> fmt::Result {
    match problem {
        AuthorityProblem::Expired { not_after } => write!(
            f,
            "the CA expired on {}: peers refuse what it signs; make a new CA and give its certificate to the \
             peers",
            time::day(*not_after)
        ),
        AuthorityProblem::NotYetValid { not_before, now } => write!(
            f,
            "the clock says {}, and the CA is valid from {}: set the clock",
            time::text(*now),
            time::text(*not_before)
        ),
        AuthorityProblem::ClockBehind { now, issued } => write!(
            f,
            "the clock says {}, and the list has a certificate that is valid from {}: set the clock",
            time::text(*now),
            time::text(*issued)
        ),
        _ => Ok(()),
    }
}

/// A public key that gets no certificate.
fn key(f: &mut Formatter<'_>, problem: &AuthorityProblem) -> fmt::Result {
    match problem {
        AuthorityProblem::KeyOfAuthority => f.write_str(
            "the request is for the key of the CA itself; make a key for the device: with the device a thief \
             would have the CA",
        ),
        AuthorityProblem::KnownKey(issued) => write!(
            f,
            "the key of the request has a certificate: {}; if two devices have one key, make a new key for each; \
             if the same device asks again, sign it as a renewal",
            Known(issued)
        ),
        AuthorityProblem::CompromisedKey(issued) => write!(
            f,
            "the key of the request was revoked as compromised: {}; make a new key for the device",
            Known(issued)
        ),
        _ => Ok(()),
    }
}

/// A certificate of the list.
struct Known<'a>(&'a Issued);

impl fmt::Display for Known<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self(issued) = self;
        write!(
            f,
            "{}, {:?}, valid until {}",
            issued.serial_text(),
            issued.subject,
            time::day(issued.not_after)
        )
    }
}

/// A kind of key that gets no certificate.
struct Unsupported(Option<KeyKind>);

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(KeyKind::Rsa) => {
                f.write_str("an RSA key: expected 2048 to 8192 bits and an odd exponent above 1")
            }
            Some(kind) => write!(f, "a {} key: expected P-256, P-384, Ed25519 or RSA", kind.name()),
            None => f.write_str("a key of an unknown type: expected P-256, P-384, Ed25519 or RSA"),
        }
    }
}

impl fmt::Display for RequestProblem {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotARequest(found) => {
                write!(f, "expected a certificate signing request, found {found}")?;
                match found {
                    Found::Certificate | Found::PrivateKey | Found::EncryptedKey | Found::PublicKey => {
                        f.write_str("; make the request where the key of the device is")
                    }
                    _ => Ok(()),
                }
            }
            Self::Several(count) => write!(f, "expected one certificate signing request, found {count}"),
            Self::TooLong(length) => {
                write!(f, "expected a certificate signing request of at most 65536 bytes, found {length}")
            }
            Self::Wrong(findings) => {
                write!(f, "the request cannot be signed")?;
                findings.iter().try_for_each(|finding| lint(f, finding))
            }
            Self::SignatureNotVerified => f.write_str(
                "the signature of the request does not verify, or is by an algorithm that is not supported: the \
                 requester has not shown that it has the key",
            ),
            Self::Key(kind) => write!(f, "the public key of the request is {}", Unsupported(*kind)),
            Self::AsksForCa => f.write_str(
                "the request asks for a certificate of a CA (CA:TRUE or keyCertSign), which could sign others; \
                 make a request without it",
            ),
            Self::ManyNames(count) => {
                write!(f, "the request asks for {count} names: expected at most 100 in one certificate")
            }
            Self::Name(bad) => write!(f, "the request asks for a name: {bad}"),
            Self::Malformed(what) => write!(f, "the request does not parse: {what}"),
        }
    }
}

/// What `lint` found, with its fix.
fn lint(f: &mut Formatter<'_>, finding: &Finding) -> fmt::Result {
    write!(f, "\n  {finding}\n    fix: {}", finding.code.words().fix)
}
