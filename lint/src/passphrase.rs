//! Where passphrases come from.

use zeroize::Zeroizing;

/// Returns passphrases of encrypted private keys.
pub trait Passphrase {
    /// The passphrase; `None` where there is none, or no further one. `attempt` is 0, then 1 and 2 after wrong
    /// ones.
    fn ask(&mut self, attempt: u8) -> Option<Zeroizing<String>>;
}

/// Encrypted keys stay closed.
#[derive(Clone, Copy, Debug)]
pub struct NoPassphrase;

impl Passphrase for NoPassphrase {
    fn ask(&mut self, _attempt: u8) -> Option<Zeroizing<String>> {
        None
    }
}

impl<F: FnMut(u8) -> Option<Zeroizing<String>>> Passphrase for F {
    fn ask(&mut self, attempt: u8) -> Option<Zeroizing<String>> {
        self(attempt)
    }
}

/// Tries the last passphrase first: the parts of a PKCS#12 have the same one.
pub(crate) struct Remembered<'a> {
    passphrase: &'a mut dyn Passphrase,
    last: Option<Zeroizing<String>>,
}

impl<'a> Remembered<'a> {
    pub(crate) fn new(passphrase: &'a mut dyn Passphrase) -> Self {
        Self { passphrase, last: None }
    }
}

impl Passphrase for Remembered<'_> {
    fn ask(&mut self, attempt: u8) -> Option<Zeroizing<String>> {
        if attempt > 0 || self.last.is_none() {
            self.last = Some(self.passphrase.ask(attempt)?);
        }
        self.last.clone()
    }
}
