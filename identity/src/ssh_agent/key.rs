//! Public keys and signatures of SSH (RFC 4253 §6.6, RFC 5656, RFC 8709), as TLS has them.

use core::fmt;
use std::{
    string::{String, ToString},
    vec::Vec,
};

use base64ct::{Base64, Base64Unpadded, Encoding as _};
use handclasp_codec::SignatureScheme as Scheme;
use handclasp_crypto::{EcdsaSignature, KeyKind, PublicKey};
use ssh_encoding::Decode;

use super::{AgentError, AgentProblem};
use crate::{default_provider::SHA256, spki};

/// Has RSA keys sign with SHA-256, and with SHA-512 (RFC 8332).
const RSA_SHA2_256: u32 = 2;
const RSA_SHA2_512: u32 = 4;

/// A key that an ssh-agent holds.
#[derive(Clone, PartialEq, Eq)]
pub struct AgentKey {
    blob: Vec<u8>,
    comment: String,
}

impl AgentKey {
    pub(super) fn new(blob: Vec<u8>, comment: String) -> Self {
        Self { blob, comment }
    }

    /// The public key in the encoding of SSH.
    pub fn blob(&self) -> &[u8] {
        &self.blob
    }

    /// The comment, often an address.
    pub fn comment(&self) -> &str {
        &self.comment
    }

    /// The type, such as `ssh-ed25519`.
    pub fn key_type(&self) -> String {
        let name = Vec::<u8>::decode(&mut self.blob.as_slice()).unwrap_or_default();
        String::from_utf8_lossy(&name).into_owned()
    }

    /// The fingerprint as `ssh-add -l` prints it: `SHA256:` and base64.
    pub fn fingerprint(&self) -> String {
        std::format!("SHA256:{}", Base64Unpadded::encode_string(&SHA256.hash(&[&self.blob])))
    }

    /// Whether a fingerprint, a comment or a line of a public key file names this key.
    pub(super) fn is(&self, name: &str) -> bool {
        let mut words = name.split_ascii_whitespace();
        let of_line = (words.next(), words.next().and_then(|word| Base64::decode_vec(word).ok()));
        name == self.comment
            || name == self.fingerprint()
            || matches!(of_line, (Some(kind), Some(blob)) if kind == self.key_type() && blob == self.blob)
    }

    /// The SubjectPublicKeyInfo, and by what schemes the agent signs with the key.
    pub(super) fn usable(&self) -> Result<(Vec<u8>, &'static [Scheme]), AgentError> {
        let unusable = |reason: &str| {
            AgentError::new(AgentProblem::UnusableKey, std::format!("the key {self} {reason}"))
        };
        let name = self.key_type();
        let schemes: &[Scheme] = match name.as_str() {
            "ssh-ed25519" => &[Scheme::ed25519],
            "ecdsa-sha2-nistp256" => &[Scheme::ecdsa_secp256r1_sha256],
            "ecdsa-sha2-nistp384" => &[Scheme::ecdsa_secp384r1_sha384],
            "ecdsa-sha2-nistp521" => &[Scheme::ecdsa_secp521r1_sha512],
            "ssh-rsa" => &[Scheme::rsa_pkcs1_sha256, Scheme::rsa_pkcs1_sha512],
            sk if sk.starts_with("sk-") => {
                return Err(unusable(
                    "is one of a security key, which signs a structure of its own and not the message of TLS",
                ));
            }
            certificate if certificate.contains("-cert-") => {
                return Err(unusable("is a certificate of SSH: name the plain key beside it"));
            }
            _ => {
                return Err(unusable(
                    "is of an unsupported type; supported are Ed25519, ECDSA and, for TLS 1.2, RSA",
                ));
            }
        };
        let spki = spki_of(&self.blob).ok_or_else(|| unusable("does not parse"))?;
        Ok((spki, schemes))
    }
}

/// The SubjectPublicKeyInfo of a public key of SSH.
fn spki_of(blob: &[u8]) -> Option<Vec<u8>> {
    let mut rest = blob;
    let mut field = || Vec::<u8>::decode(&mut rest).ok();
    let name = field()?;
    match name.as_slice() {
        b"ssh-ed25519" => {
            let bits = field().filter(|bits| bits.len() == 32)?;
            Some(PublicKey { kind: KeyKind::Ed25519, bits: &bits }.to_spki())
        }
        b"ssh-rsa" => {
            let (exponent, modulus) = (field()?, field()?);
            Some(spki::rsa(&modulus, &exponent))
        }
        _ => {
            let (curve, bits) = (field()?, field()?);
            let (kind, length) = match curve.as_slice() {
                b"nistp256" => (KeyKind::P256, 65),
                b"nistp384" => (KeyKind::P384, 97),
                b"nistp521" => (KeyKind::P521, 133),
                _ => return None,
            };
            let is_point = bits.len() == length && bits.first() == Some(&0x04);
            is_point.then(|| PublicKey { kind, bits: &bits }.to_spki())
        }
    }
}

/// The flags of a request for a signature by that scheme.
pub(super) fn flags(scheme: Scheme) -> u32 {
    match scheme {
        Scheme::rsa_pkcs1_sha256 => RSA_SHA2_256,
        Scheme::rsa_pkcs1_sha512 => RSA_SHA2_512,
        _ => 0,
    }
}

/// A signature of SSH as TLS has it. `None` if it has another form.
pub(super) fn signature(ssh: &[u8]) -> Option<Vec<u8>> {
    let mut rest = ssh;
    let name = Vec::<u8>::decode(&mut rest).ok()?;
    let content = Vec::<u8>::decode(&mut rest).ok()?;
    if !name.starts_with(b"ecdsa-") {
        return Some(content);
    }
    let mut rest = content.as_slice();
    let (r, s) = (Vec::<u8>::decode(&mut rest).ok()?, Vec::<u8>::decode(&mut rest).ok()?);
    Some(EcdsaSignature { r: &r, s: &s }.to_der())
}

/// Comment and fingerprint, for a message.
impl fmt::Display for AgentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} ({}, {})", self.comment, self.key_type(), self.fingerprint())
    }
}

impl fmt::Debug for AgentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_string())
    }
}
