//! The functions that use the default provider: aws-lc (feature `aws-lc`), else RustCrypto (feature
//! `rustcrypto`). With both features it is aws-lc.

use alloc::string::String;

#[cfg(feature = "aws-lc")]
use handclasp_provider_aws_lc as provider;
#[cfg(not(feature = "aws-lc"))]
use handclasp_provider_rustcrypto as provider;
use provider::SHA256;
use rustls_pki_types::SubjectPublicKeyInfoDer;

use crate::{Pin, Psk};

impl Pin {
    /// The pin of a public key.
    ///
    /// ```
    /// use handclasp_trust::{Pin, Trust};
    /// # let spki = rustls_pki_types::SubjectPublicKeyInfoDer::from(&[][..]);
    ///
    /// let trust = Trust::Pins(vec![Pin::of_spki(&spki)]);
    /// ```
    pub fn of_spki(spki: &SubjectPublicKeyInfoDer<'_>) -> Self {
        Self::of_spki_with(spki, SHA256)
    }
}

impl Psk {
    /// A check value that both ends can compare: eight hex digits, the same for every encoding of the
    /// key.
    ///
    /// It is 32 bits of a hash: enough to tell keys apart, and enough to test guesses of a weak key. Show
    /// it on the two screens, and do not log it.
    ///
    /// ```
    /// use handclasp_trust::{Psk, PskUse};
    ///
    /// # fn main() -> Result<(), handclasp_trust::PskError> {
    /// let hex = Psk::from_hex("device", PskUse::Tls13Sha256, "000102030405060708090a0b0c0d0e0f")?;
    /// let base64 = Psk::from_base64("device", PskUse::Tls13Sha256, "AAECAwQFBgcICQoLDA0ODw==")?;
    /// assert_eq!(hex.check_value(), base64.check_value());
    /// # Ok(())
    /// # }
    /// ```
    pub fn check_value(&self) -> String {
        self.check_value_with(SHA256)
    }

    /// The check value of these bytes, such as those of a [`crate::KeyInterpretation`].
    pub fn check_value_of(secret: &[u8]) -> String {
        Self::check_value_of_with(secret, SHA256)
    }
}

#[cfg(feature = "web-pki")]
impl crate::PeerCertificate {
    /// Reads a certificate or a SubjectPublicKeyInfo (DER). `None` if it is neither.
    pub fn from_der(der: &[u8]) -> Option<Self> {
        Self::from_der_with(der, SHA256)
    }
}

#[cfg(feature = "web-pki")]
impl crate::VerifyOptions<'static> {
    /// For a peer of that role, without a name, with every signature algorithm of the default provider.
    pub fn with_default_provider(role: crate::Role, now: rustls_pki_types::UnixTime) -> Self {
        Self::new(role, now, provider::VERIFY, SHA256)
    }
}

#[cfg(feature = "std")]
impl crate::KnownPeers {
    /// Accepts peers whose new key follows a known one by these statements. The file has the new key after
    /// the first handshake with it, and the old one is revoked.
    #[must_use]
    pub fn with_rotations(self, rotations: &[crate::rotation::KeyRotation]) -> Self {
        self.with_rotations_with(rotations, SHA256)
    }

    /// Replaces the old key of a statement by the new one wherever the file has it, and revokes the old one.
    ///
    /// # Errors
    /// The file does not have the old key, one of the two is revoked, or the file cannot be changed.
    pub fn accept_rotation(
        &self,
        rotation: &crate::rotation::KeyRotation,
        now: rustls_pki_types::UnixTime,
    ) -> Result<usize, crate::KnownPeersError> {
        self.accept_rotation_with(rotation, now, SHA256)
    }
}
