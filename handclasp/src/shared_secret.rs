//! The secrets that servers may share: those of tickets and of cookies. A type each, so that neither
//! is given for the other, and so that one that was never filled in is refused.

use std::{fmt, io, path::Path};

use handclasp_crypto::{SharedSecret, WeakSecret};
use handclasp_identity::private_file::read_secret;

use crate::provider::SystemRandom;

/// The longest file of a secret.
const FILE_MAX: usize = 4096;

/// Declares such a type.
macro_rules! secret {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        ///
        /// At least 32 bytes that are not all the same; wiped when dropped, never printed.
        #[derive(Clone)]
        pub struct $name(pub(crate) SharedSecret);

        impl $name {
            /// A copy of these bytes; the caller's are the caller's to wipe.
            ///
            /// # Errors
            /// Fewer than 32 bytes, or all of them the same: such are known to everybody.
            pub fn from_bytes(bytes: &[u8]) -> Result<Self, SecretError> {
                SharedSecret::from_bytes(bytes).map(Self).map_err(SecretError::Weak)
            }

            /// Random bytes, which no other server has.
            ///
            /// # Errors
            /// The operating system gives no randomness.
            pub fn random() -> Result<Self, SecretError> {
                SharedSecret::random(&mut SystemRandom).map(Self).map_err(|_| SecretError::Random)
            }

            /// The bytes of a file as they are, such as `head -c 32 /dev/urandom` writes them.
            ///
            /// # Errors
            /// A file that cannot be read, that others can read, or whose content is refused.
            pub fn from_file(path: impl AsRef<Path>) -> Result<Self, SecretError> {
                let bytes = read_secret(path.as_ref(), FILE_MAX).map_err(io::Error::from);
                Self::from_bytes(&bytes.map_err(SecretError::File)?)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($name))
            }
        }
    };
}

secret! {
    /// The secret from which the keys of session tickets are derived ([`crate::Server::ticket_secret`]).
    /// With it all resumed sessions can be read, and any client's session resumed.
    TicketSecret
}

secret! {
    /// The secret that authenticates the cookies of a stateless retry ([`crate::Server::stateless_retry`]).
    CookieSecret
}

/// Why a secret was not made.
#[derive(Debug)]
#[non_exhaustive]
pub enum SecretError {
    /// Too short, or the same byte again and again.
    Weak(WeakSecret),
    /// The file cannot be read, or others can read it.
    File(io::Error),
    /// The operating system gives no randomness.
    Random,
}

impl fmt::Display for SecretError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Weak(weak) => fmt::Display::fmt(weak, f),
            Self::File(error) => fmt::Display::fmt(error, f),
            Self::Random => f.write_str("the operating system's random number generator failed"),
        }
    }
}

impl std::error::Error for SecretError {}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    /// With such a secret a stranger opens tickets, writes any client's pin into them and resumes.
    #[test]
    fn a_secret_that_was_never_filled_in_is_refused() {
        for bytes in [&[0; 32][..], &[0xff; 32], &[b'x'; 64], &[], &[1, 2, 3]] {
            let (tickets, cookies) = (TicketSecret::from_bytes(bytes), CookieSecret::from_bytes(bytes));
            let (Err(SecretError::Weak(one)), Err(SecretError::Weak(other))) = (tickets, cookies) else {
                panic!("taken: {bytes:?}")
            };
            assert_eq!(one, other);
        }
        let error = TicketSecret::from_bytes(&[0; 32]).expect_err("refused").to_string();
        assert_eq!(error, "every byte of this secret is 0x00: it was never filled in");
        assert_eq!(format!("{:?}", TicketSecret::random()), "Ok(TicketSecret)");
    }

    #[test]
    fn a_file_is_read_as_it_is_and_must_be_private() {
        let folder = std::env::temp_dir().join(format!("handclasp-secret-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let path = folder.join("tickets");
        let bytes: Vec<u8> = (0..48).collect();
        let written = |bytes: &[u8], mode: u32| {
            std::fs::write(&path, bytes).expect("written");
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("set");
            TicketSecret::from_file(&path)
        };
        let secret = written(&bytes, 0o600).expect("a secret");
        assert_eq!(secret.0.expose(), bytes);
        assert!(matches!(written(&bytes, 0o644), Err(SecretError::File(_))));
        assert!(matches!(written(&[0; 48], 0o600), Err(SecretError::Weak(WeakSecret::Constant { byte: 0 }))));
        std::fs::remove_dir_all(&folder).expect("removed");
        assert!(matches!(TicketSecret::from_file(&path), Err(SecretError::File(_))));
    }
}
