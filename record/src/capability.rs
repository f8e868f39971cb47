//! What a program may be built without, as in `handclasp-handshake`, whose `capability.rs` describes the
//! pattern.

/// Proof that a program is built with CBC and encrypt-then-MAC (RFC 7366). Without the feature `cbc` no
/// value of this type exists, and the compiler removes what would hold one.
#[cfg(feature = "cbc")]
#[derive(Clone, Copy)]
pub(crate) struct Cbc(());

#[cfg(not(feature = "cbc"))]
#[derive(Clone, Copy)]
pub(crate) enum Cbc {}

impl Cbc {
    /// The proof, where the program is built with it.
    pub(crate) const fn get() -> Option<Self> {
        #[cfg(feature = "cbc")]
        return Some(Self(()));
        #[cfg(not(feature = "cbc"))]
        return None;
    }
}
