//! What is wrong with an identity, in words, and what to do about it.
//! Linked only where somebody prints.

use core::fmt::{self, Formatter};

use handclasp_codec::SignatureScheme;
use handclasp_crypto::{KeyError, KeyKind, SignError};

use crate::{Cause, Found, IdentityError, Input, ProbeFault};

impl fmt::Display for IdentityError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let certificate = Subject("certificate", self.certificate_file.as_deref());
        let key = Subject("private key", self.key_file.as_deref());
        let subject = |input: Input| match input {
            Input::Certificate => &certificate,
            Input::Key => &key,
        };
        match &self.cause {
            Cause::Unreadable { input, reason } => {
                write!(f, "{} cannot be read: {reason}", subject(*input))
            }
            Cause::NotExpected { input, found } => {
                write!(f, "{}: expected {}, found {found}", subject(*input), expected(*input))?;
                advice(f, *input, found)
            }
            Cause::BrokenPem { input } => write!(
                f,
                "{}: a PEM section is damaged (its base64, or a BEGIN or END line); was it truncated when \
                 copied?",
                subject(*input)
            ),
            Cause::BrokenCertificate { index } => {
                write!(f, "{certificate}: certificate {} could not be parsed", index.saturating_add(1))
            }
            Cause::CertificateKey => write!(
                f,
                "{certificate}: its public key is of an unsupported type; supported are P-256, P-384, \
                 P-521, Ed25519 and RSA"
            ),
            Cause::SignerScheme { .. }
            | Cause::NoScheme { .. }
            | Cause::WrappedPoint
            | Cause::NeedsMessage { .. } => signer(f, &self.cause),
            Cause::Probe { scheme, fault, words } => probe(f, *scheme, *fault, words.as_deref()),
            Cause::Encrypted => under_passphrase(f, &key, &self.cause, self.key_file.as_deref()),
            Cause::WrongPassphrase { input }
            | Cause::UnsupportedEncryption { input, .. }
            | Cause::BrokenPkcs12 { input, .. } => {
                under_passphrase(f, subject(*input), &self.cause, self.key_file.as_deref())
            }
            Cause::Alone { lacks } => alone(f, *lacks, self.key_file.as_deref()),
            Cause::Key(error) => write!(f, "{key} {}", key_words(*error)),
            Cause::OtherKind { certificate: expected, key: found } => {
                other_kind(f, (&certificate, *expected), (&key, *found))
            }
            Cause::OtherKey { kind } => write!(
                f,
                "{key} does not match {certificate}: both are {}, but the public keys differ; is it \
                 another certificate, such as that of the CA, or was it renewed with a new key?",
                kind.name()
            ),
            Cause::Order { index } => write!(
                f,
                "{key} matches certificate {} of {certificate}, not the first; put that certificate first, \
                 followed by its issuers",
                index.saturating_add(1)
            ),
        }
    }
}

/// What is wrong with bytes under a passphrase.
fn under_passphrase(
    f: &mut Formatter<'_>,
    subject: &Subject<'_>,
    cause: &Cause,
    file: Option<&str>,
) -> fmt::Result {
    write!(f, "{subject}")?;
    match cause {
        Cause::Encrypted => write!(
            f,
            " is encrypted, and no passphrase was given; give it, or decrypt a copy: openssl pkey -in {} -out \
             plain.pem",
            file.unwrap_or("key.pem")
        ),
        Cause::UnsupportedEncryption { found, algorithm, .. } => {
            write!(f, " is encrypted by {algorithm}, which is not read here; convert it: ")?;
            conversion(f, file.unwrap_or("FILE"), found)
        }
        Cause::BrokenPkcs12 { offset, field, .. } => {
            write!(f, ": PKCS#12 is damaged or not DER: expected {field} at byte {offset}")
        }
        _ => f.write_str(
            ": the passphrase is wrong, or the file is damaged; a line end may be part of what was given, or missing \
             from it",
        ),
    }
}

/// A file for both holds one of the two.
fn alone(f: &mut Formatter<'_>, lacks: Input, file: Option<&str>) -> fmt::Result {
    if let Some(file) = file {
        write!(f, "{file}: ")?;
    }
    let found = if lacks == Input::Key { "certificate" } else { "private key" };
    write!(
        f,
        "expected a certificate and its private key in one file, found the {found} alone; pass the other one as a \
         file of its own"
    )
}

/// The command that makes a file readable whose encryption is not read here.
fn conversion(f: &mut Formatter<'_>, file: &str, found: &Found) -> fmt::Result {
    match found {
        // The key in it stays encrypted.
        Found::Pkcs12 => write!(f, "openssl pkcs12 -legacy -in {file} -out NEW.pem"),
        Found::EncryptedKey => {
            write!(f, "openssl pkey -provider legacy -provider default -in {file} -aes256 -out NEW")
        }
        _ => write!(f, "openssl pkey -in {file} -aes256 -out NEW"),
    }
}

/// The key is of another kind than its certificate.
fn other_kind(
    f: &mut Formatter<'_>,
    (certificate, expected): (&Subject<'_>, KeyKind),
    (key, found): (&Subject<'_>, KeyKind),
) -> fmt::Result {
    write!(
        f,
        "{certificate} is for a key of type {}, but {key} is {}; use the key that the certificate was issued for",
        expected.name(),
        found.name()
    )
}

/// What is wrong with a signer that holds its key outside of this process.
fn signer(f: &mut Formatter<'_>, cause: &Cause) -> fmt::Result {
    match cause {
        Cause::SignerScheme { key, scheme } => write!(
            f,
            "the signer has a key of type {} but lists the signature scheme {scheme}, which is for another \
             key type; list only schemes for its own key",
            key.name()
        ),
        Cause::NoScheme { key } => write!(
            f,
            "the signer has a key of type {} but lists no signature scheme to sign with",
            key.name()
        ),
        Cause::NeedsMessage { scheme } => write!(
            f,
            "the signer takes only hash values, but lists the signature scheme {scheme}, which signs the \
             message itself; leave it out, or have the signer take messages"
        ),
        _ => f.write_str(
            "the signer's public key has the EC point inside an extra OCTET STRING, as PKCS#11 returns it \
             in CKA_EC_POINT; remove that tag and length, so that the content of the BIT STRING begins with \
             04",
        ),
    }
}

/// What is wrong with the signature of a probe, and what to do about it.
fn probe(
    f: &mut Formatter<'_>,
    scheme: SignatureScheme,
    fault: ProbeFault,
    words: Option<&str>,
) -> fmt::Result {
    write!(f, "the signer fails a test signature by {scheme}: ")?;
    match fault {
        ProbeFault::Refused(why) => match (words, why) {
            (Some(words), _) | (None, SignError::Because(words)) => f.write_str(words),
            (None, SignError::Scheme(_)) => {
                f.write_str("it cannot sign by this scheme; list only schemes that it can sign by")
            }
            (None, _) => f.write_str("it failed without a reason"),
        },
        ProbeFault::RawEcdsa => f.write_str(
            "the signature is r and s concatenated, as PKCS#11 returns it; encode it as ECDSA-Sig-Value in DER \
             (RFC 3279 §2.2.3)",
        ),
        ProbeFault::OtherForm { length } => write!(
            f,
            "what it returns ({length} bytes) is not a signature of a key of this type; does the signer hold a \
             key of another type, or return text instead of bytes?"
        ),
        ProbeFault::OtherScheme(found) => write!(
            f,
            "it signs by {found} instead; pass the scheme on to the signer, or list only {found}"
        ),
        ProbeFault::HashedTwice => f.write_str(
            "it hashes what was hashed already; declare that it takes messages, or have it sign the hash value \
             as it is",
        ),
        ProbeFault::OtherKey => {
            f.write_str(
                "the signature is of another private key than that of its public key, or over something else \
                 than it was given",
            )?;
            match is_pss(scheme) {
                true => f.write_str(
                    ", or has a salt that is not as long as the hash, as that of some TPMs: if so, leave \
                     RSASSA-PSS out of its schemes; the key then works in TLS 1.2",
                ),
                false => Ok(()),
            }
        }
        ProbeFault::Unverifiable => f.write_str(
            "no signature by this scheme can be verified here; leave the scheme out",
        ),
    }
}

fn is_pss(scheme: SignatureScheme) -> bool {
    matches!(
        scheme,
        SignatureScheme::rsa_pss_rsae_sha256
            | SignatureScheme::rsa_pss_rsae_sha384
            | SignatureScheme::rsa_pss_rsae_sha512
    )
}

/// Why a signer made no signature that can be used.
#[cfg(feature = "std")]
pub(crate) fn sign_error(why: SignError) -> alloc::string::String {
    match why {
        SignError::Scheme(scheme) => alloc::format!("it cannot sign by the scheme {scheme}"),
        SignError::Failed => "it failed without a reason".into(),
        SignError::Because(reason) => reason.into(),
        SignError::DoesNotVerify => {
            "its signature does not verify under its public key; either it holds another private key, or it \
             hashes what was hashed already"
                .into()
        }
        SignError::RawEcdsa => {
            "its signature is r and s concatenated, as PKCS#11 returns it; expected DER (ECDSA-Sig-Value, \
             RFC 3279 §2.2.3)"
                .into()
        }
    }
}

/// What is wrong with a private key.
fn key_words(error: KeyError) -> &'static str {
    match error {
        KeyError::Malformed => "is damaged, or its private and public part do not match",
        KeyError::Unsupported => {
            "is of an unsupported type or size; supported are P-256, P-384, P-521, Ed25519 and RSA of 2048 \
             to 8192 bits"
        }
        KeyError::Failed => "could not be loaded: the cryptographic library failed",
    }
}

/// "the certificate", with its file where there is one.
struct Subject<'a>(&'a str, Option<&'a str>);

impl fmt::Display for Subject<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.1 {
            Some(file) => write!(f, "the {} in {file}", self.0),
            None => write!(f, "the {}", self.0),
        }
    }
}

fn expected(input: Input) -> &'static str {
    match input {
        Input::Certificate => "a certificate (-----BEGIN CERTIFICATE-----, or DER)",
        Input::Key => "a private key (-----BEGIN PRIVATE KEY-----, or DER)",
    }
}

/// What to do, where what came tells it.
fn advice(f: &mut Formatter<'_>, input: Input, found: &Found) -> fmt::Result {
    match (input, found) {
        (Input::Certificate, Found::PrivateKey | Found::EncryptedKey) | (Input::Key, Found::Certificate) => {
            write!(f, "; are certificate and key swapped?")
        }
        (Input::Certificate, Found::Request) => {
            write!(f, "; a CA issues a certificate from it")
        }
        (Input::Key, Found::Parameters) => write!(f, "; these are only key parameters"),
        (_, Found::JavaKeyStore) => write!(
            f,
            "; convert it: keytool -importkeystore -srckeystore FILE -destkeystore NEW.p12 -deststoretype pkcs12"
        ),
        (Input::Key, Found::PuttyKey) => write!(
            f,
            "; convert it: puttygen FILE -O private-openssh -o COPY, then \
             ssh-keygen -p -m PKCS8 -f COPY"
        ),
        (_, Found::Pkcs12) => write!(f, "; split it with: openssl pkcs12 -in FILE -noenc -out both.pem"),
        (Input::Certificate, Found::Pkcs7) => {
            write!(f, "; split it with: openssl pkcs7 -in FILE -print_certs -out chain.pem")
        }
        (Input::Key, Found::OpenSsh) => {
            write!(f, "; convert a copy of it with: ssh-keygen -p -m PKCS8 -f COPY")
        }
        (_, Found::Utf16) => write!(f, "; save it as ASCII or UTF-8: iconv -f UTF-16 -t UTF-8 FILE > NEW"),
        _ => Ok(()),
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nothing => "an empty file",
            Self::Certificate => "a certificate",
            Self::PrivateKey => "a private key",
            Self::EncryptedKey => "an encrypted private key",
            Self::PublicKey => "a public key",
            Self::Request => "a certificate signing request",
            Self::Parameters => "parameters without a key",
            Self::Crl => "a certificate revocation list",
            Self::Pkcs12 => "PKCS#12 (.p12, .pfx)",
            Self::JavaKeyStore => "a Java keystore (.jks)",
            Self::PuttyKey => "a key in PuTTY's format (.ppk)",
            Self::Pkcs7 => "PKCS#7 (.p7b)",
            Self::OpenSsh => "a key in OpenSSH format",
            Self::Utf16 => "text in UTF-16",
            Self::Pem(label) => return write!(f, "a PEM section named {label:?}"),
            Self::Der => "DER of another kind",
            Self::Text => "text without a PEM section",
            Self::Binary => "bytes that are neither PEM nor DER",
        })
    }
}
