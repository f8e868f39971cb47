//! The algorithms of the device's profiles in a hundredth of the time, for tests of thousands of handshakes: those of
//! the host's provider, and key agreement that computes nothing twice.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use handclasp_codec::{NamedGroup, SignatureScheme};
use handclasp_crypto::{BadSignature, ExchangeError, KeyKind, KnownSignature, PrivateShare, Secret};
use handclasp_device::{KeyExchange, Profile, Random, RandomFailed, Verify};
use handclasp_provider_aws_lc as host;
pub use host::KEYS;

/// The profile with other providers of its algorithms.
pub fn profile(profile: Profile) -> Profile {
    let all = [host::ALL_SUITES, host::CCM_8_SUITES].concat();
    let suites =
        profile.suites.iter().map(|one| *all.iter().find(|other| other.id == one.id).expect("a suite"));
    let groups =
        profile.groups.iter().map(|one| &*Box::leak(Box::new(Remembered::new(*one))) as &dyn KeyExchange);
    let verify = profile.verify.iter().map(|one| &*Box::leak(Box::new(Quick(*one))) as &dyn Verify);
    profile
        .with_suites(suites.collect::<Vec<_>>().leak())
        .with_groups(groups.collect::<Vec<_>>().leak())
        .with_verify(verify.collect::<Vec<_>>().leak())
}

/// Verification by the host's provider, which has no known signature for the self-test.
struct Quick(&'static dyn Verify);

impl Verify for Quick {
    fn scheme(&self) -> SignatureScheme {
        self.0.scheme()
    }

    fn key(&self) -> KeyKind {
        self.0.key()
    }

    fn verify(&self, public_key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
        let is_same = |one: &&&dyn Verify| one.scheme() == self.scheme() && one.key() == self.key();
        let verify = host::VERIFY.iter().find(is_same).expect("a signature");
        verify.verify(public_key, message, signature)
    }

    fn known_signature(&self) -> Option<KnownSignature> {
        self.0.known_signature()
    }
}

/// A group whose public keys and secrets are kept: tests draw the same numbers in each handshake. The host's provider
/// would not do, as it draws its own.
#[derive(Clone)]
struct Remembered {
    group: &'static dyn KeyExchange,
    /// By private key and the peer's public key; the own public key without one.
    kept: Arc<Mutex<HashMap<Keys, Vec<u8>>>>,
}

type Keys = ([u8; 32], Vec<u8>);

impl Remembered {
    fn new(group: &'static dyn KeyExchange) -> Self {
        Self { group, kept: Arc::default() }
    }

    /// What is kept, or what `compute` makes of the key pair.
    fn recall(
        &self,
        private: [u8; 32],
        peer: &[u8],
        compute: impl FnOnce(Box<dyn PrivateShare>) -> Result<Vec<u8>, ExchangeError>,
    ) -> Result<Vec<u8>, ExchangeError> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let place = (private, peer.to_vec());
        if let Some(known) = kept.get(&place) {
            return Ok(known.clone());
        }
        let computed = compute(self.group.start(&mut Fixed(private))?)?;
        kept.insert(place, computed.clone());
        Ok(computed)
    }
}

impl KeyExchange for Remembered {
    fn group(&self) -> NamedGroup {
        self.group.group()
    }

    fn start(&self, random: &mut dyn Random) -> Result<Box<dyn PrivateShare>, ExchangeError> {
        let mut private = [0; 32];
        random.fill(&mut private).map_err(|_| ExchangeError::Ours)?;
        let public = self.recall(private, &[], |pair| Ok(pair.public().to_vec()))?;
        Ok(Box::new(Share { of: self.clone(), private, public }))
    }
}

struct Share {
    of: Remembered,
    private: [u8; 32],
    public: Vec<u8>,
}

impl PrivateShare for Share {
    fn public(&self) -> &[u8] {
        &self.public
    }

    fn agree(self: Box<Self>, peer: &[u8]) -> Result<Secret, ExchangeError> {
        let secret = self.of.recall(self.private, peer, |pair| Ok(pair.agree(peer)?.expose().to_vec()))?;
        Secret::copy_from(&secret).ok_or(ExchangeError::Ours)
    }
}

/// Gives the same number again and again.
struct Fixed([u8; 32]);

impl Random for Fixed {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), RandomFailed> {
        out.copy_from_slice(&self.0[..out.len()]);
        Ok(())
    }
}
