//! Where passphrases come from.

use std::fmt;

use zeroize::Zeroizing;

/// Passphrases that are tried.
pub(crate) const ATTEMPTS: u8 = 3;

/// Iterations of key derivations that one file may take: ten of the most expensive, which are half a minute. A file
/// of a stranger may have thousands of parts, and no passphrase, so that nobody is asked before.
const ITERATIONS_OF_FILE: u64 = 100_000_000;

/// Returns passphrases of encrypted private keys. Closures are passphrases: a prompt, for example.
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

/// One passphrase, which is tried once.
#[derive(Clone)]
pub struct KnownPassphrase(Zeroizing<String>);

impl KnownPassphrase {
    /// This one.
    pub fn new(passphrase: impl Into<String>) -> Self {
        Self(Zeroizing::new(passphrase.into()))
    }
}

impl Passphrase for KnownPassphrase {
    fn ask(&mut self, attempt: u8) -> Option<Zeroizing<String>> {
        (attempt == 0).then(|| self.0.clone())
    }
}

/// Without the passphrase.
impl fmt::Debug for KnownPassphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KnownPassphrase")
    }
}

/// The passphrases of one file: the last one is tried first, since the parts of a PKCS#12 have the same one.
pub struct Passphrases<'a> {
    passphrase: &'a mut dyn Passphrase,
    last: Option<Zeroizing<String>>,
    /// The passphrase of a file was not found: its parts do not ask for it again.
    has_given_up: bool,
    /// Iterations that are left.
    pub(crate) left: u64,
}

impl<'a> Passphrases<'a> {
    /// From this source.
    pub fn new(passphrase: &'a mut dyn Passphrase) -> Self {
        Self { passphrase, last: None, has_given_up: false, left: ITERATIONS_OF_FILE }
    }

    /// This passphrase is tried first.
    pub(crate) fn remember(&mut self, passphrase: &str) {
        self.last = Some(Zeroizing::new(passphrase.to_owned()));
    }

    /// Takes so many iterations; `false` where fewer are left, and from then on.
    pub(crate) fn spend(&mut self, iterations: u64) -> bool {
        let left = self.left.checked_sub(iterations);
        self.left = left.unwrap_or(0);
        left.is_some()
    }

    /// Whether nobody is asked from here on.
    pub(crate) fn give_up(&mut self, has_given_up: bool) {
        self.has_given_up = has_given_up;
    }
}

impl Passphrase for Passphrases<'_> {
    fn ask(&mut self, attempt: u8) -> Option<Zeroizing<String>> {
        if self.has_given_up {
            return self.last.clone().filter(|_| attempt == 0);
        }
        if attempt > 0 || self.last.is_none() {
            self.last = Some(self.passphrase.ask(attempt)?);
        }
        self.last.clone()
    }
}

/// Without the passphrase.
impl fmt::Debug for Passphrases<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrases")
    }
}
