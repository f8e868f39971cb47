//! Keys in PKCS#11 tokens: smart cards, HSMs, TPMs with a PKCS#11 module, SoftHSM.
//!
//! | file | content | chapter |
//! |---|---|---|
//! | `uri` | which token and which key | RFC 7512 |
//! | `pin` | where the PIN comes from | – |
//! | `module` | loading a module, finding a token, logging in | PKCS#11 2.40 §5.4, §5.6 |
//! | `object` | finding a key, its public key and its attributes | §4.7 to §4.9 |
//! | `key` | signing; its session, also when the token comes back; the PIN for each signature | §2.1.6, §2.1.10, §2.3.6 of the mechanisms, §5.6 |
//! | `generate` | a key pair made in the token | §5.13 |
//! | `error` | what fails, in words | – |

mod error;
mod generate;
mod key;
mod module;
mod object;
mod pin;
mod uri;

use std::{boxed::Box, vec::Vec};

pub use error::{Pkcs11Error, Pkcs11Problem};
pub use generate::KeyAttributes;
pub use key::Pkcs11Key;
pub use pin::{PinPrompt, TokenPin};
pub use uri::{ObjectType, Pkcs11Uri, UriError};

use crate::Identity;
use rustls_pki_types::CertificateDer;

impl Identity {
    /// The identity whose private key is in a PKCS#11 token, with its certificate chain, leaf first. With
    /// an empty chain the certificate in the token is used that has the identifier of the key; without
    /// one it is a raw public key until [`Identity::with_chain`] gives it a chain.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use handclasp_identity::{
    ///     CertificateParams, Identity,
    ///     pkcs11::{Pkcs11Uri, TokenPin},
    /// };
    ///
    /// let uri: Pkcs11Uri = "pkcs11:token=lab;object=device?module-path=/usr/lib/softhsm/libsofthsm2.so".parse()?;
    /// let identity = Identity::from_pkcs11(&uri, &TokenPin::Environment("TOKEN_PIN".into()), Vec::new())?;
    /// let request = identity.certificate_request(&CertificateParams::new(&["device.example"]))?;
    /// println!("{}", request.pem());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// A module, token or key that is not found, a PIN that is refused, or a key that cannot sign.
    pub fn from_pkcs11(
        uri: &Pkcs11Uri,
        pin: &TokenPin,
        chain: Vec<CertificateDer<'static>>,
    ) -> Result<Self, Pkcs11Error> {
        Pkcs11Key::open(uri, pin)?.into_identity(chain)
    }
}

impl Pkcs11Key {
    /// The identity of this key, see [`Identity::from_pkcs11`].
    ///
    /// # Errors
    /// A chain that is not for the key, or a key that fails a test signature.
    pub fn into_identity(self, mut chain: Vec<CertificateDer<'static>>) -> Result<Identity, Pkcs11Error> {
        if chain.is_empty() {
            chain.extend(self.certificate().cloned());
        }
        Identity::from_external(chain, Box::new(self)).map_err(Pkcs11Error::from)
    }
}
