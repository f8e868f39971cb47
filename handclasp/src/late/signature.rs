//! A signature that comes from outside: a remote signer, a hardware token, an agent.

use std::fmt;

use handclasp_codec::SignatureScheme;
use handclasp_crypto::SignError;
use handclasp_handshake::Need;
use handclasp_identity::Identity;

use super::read;
use crate::{Connection, Error, answer::Reply, provider};

/// Asks for a signature by the key of the certificate that this side sends
/// (CertificateVerify of RFC 8446 §4.4.3, ServerKeyExchange and CertificateVerify of RFC 5246).
///
/// ```
/// use handclasp::{
///     Client, ClientConnection, Error, Identity, LateNeed, NeedKind, Server, ServerConnection, Trust,
/// };
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let identity = Identity::self_signed(&["device.example"])?;
/// # let client = ClientConnection::new(&Client::new(Trust::DangerNobody), "device.example")?;
/// // For a key that is elsewhere: `Identity::from_signer` with a `SigningKey` that knows the public key.
/// let server = Server::new(identity).late_needs(&[NeedKind::Signature]);
/// let mut connection = ServerConnection::new(&server)?;
/// connection.receive(client.transmit())?;
/// if let Some(LateNeed::Signature(need)) = connection.need() {
///     let (scheme, message) = (need.scheme(), need.message().to_vec());
///     // … ask the remote signer; once its signature is there: need.answer(&signature)
///     need.sign_now()?;
/// }
/// assert!(connection.may().transmit && !connection.may().answer);
/// # Ok(())
/// # }
/// ```
pub struct SignatureNeed<'c> {
    pub(super) connection: &'c mut Connection,
}

impl SignatureNeed<'_> {
    /// The signature scheme that was negotiated.
    pub fn scheme(&self) -> SignatureScheme {
        let scheme = |need: Need<'_>| match need {
            Need::Signature { scheme, .. } => Some(scheme),
            _ => None,
        };
        read(&self.connection.engine, scheme, SignatureScheme::default())
    }

    /// The message to sign, before hashing: the scheme names the hash.
    pub fn message(&self) -> &[u8] {
        let message = |need| match need {
            Need::Signature { message, .. } => Some(message),
            _ => None,
        };
        read(&self.connection.engine, message, &[])
    }

    /// The identity whose key must sign.
    pub fn identity(&self) -> Option<&Identity> {
        self.connection.state.signer.as_deref()
    }

    /// Sends this signature. It is verified against the certificate first; ECDSA signatures are in
    /// DER (ECDSA-Sig-Value).
    ///
    /// # Errors
    /// The signature does not verify, or the handshake fails as it goes on.
    pub fn answer(self, signature: &[u8]) -> Result<(), Error> {
        let verified = match self.identity() {
            Some(identity) => identity.verify(self.scheme(), self.message(), signature, provider::VERIFY),
            None => Err(SignError::Failed),
        };
        let signature = verified.map(|()| signature.to_vec());
        self.connection.answer_late(Reply::Signature(signature))
    }

    /// Signs with the identity's own signer, as without [`crate::NeedKind::Signature`]. Blocks as long
    /// as that signer does.
    ///
    /// # Errors
    /// The signer fails, or the handshake fails as it goes on.
    pub fn sign_now(self) -> Result<(), Error> {
        let signature = match self.identity() {
            Some(identity) => identity.sign_verified(
                self.scheme(),
                self.message(),
                provider::VERIFY,
                &mut provider::SystemRandom,
            ),
            None => Err(SignError::Failed),
        };
        self.connection.answer_late(Reply::Signature(signature))
    }

    /// Ends the handshake: the signer failed, and [`Error`] says why. The peer gets internal_error.
    ///
    /// # Errors
    /// Always: the error of the connection.
    pub fn fail(self, why: SignError) -> Result<(), Error> {
        self.connection.answer_late(Reply::Signature(Err(why)))
    }
}

/// Shows the scheme; the message is not secret, but long.
impl fmt::Debug for SignatureNeed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignatureNeed").field("scheme", &self.scheme()).finish_non_exhaustive()
    }
}
