//! X25519MLKEM768 (draft-ietf-tls-ecdhe-mlkem §4): ML-KEM-768 (FIPS 203) and X25519 combined, so that
//! the secret is safe as long as one of them is.

use aws_lc_rs::kem::{Ciphertext, DecapsulationKey, EncapsulationKey, ML_KEM_768};
use handclasp_codec::NamedGroup;
use handclasp_crypto::{Encapsulated, ExchangeError, KeyExchange, PrivateShare, Random, Secret};

use crate::X25519;

/// ML-KEM-768 and X25519. The library generates the keys of ML-KEM with its own generator and accepts no
/// other.
pub static X25519MLKEM768: &dyn KeyExchange = &Hybrid;

/// Groups for TLS 1.3 only; they need peers that accept a ClientHello of 1.5 KB.
pub static HYBRID_GROUPS: &[&dyn KeyExchange] = &[X25519MLKEM768];

/// Length of the client's encapsulation key in bytes.
const ENCAPSULATION_KEY: usize = 1184;

/// Length of the server's ciphertext in bytes.
const CIPHERTEXT: usize = 1088;

/// Length of an X25519 share in bytes; it comes last in both key shares.
const X25519_SHARE: usize = 32;

struct Hybrid;

impl KeyExchange for Hybrid {
    fn group(&self) -> NamedGroup {
        NamedGroup::X25519MLKEM768
    }

    fn start(&self, random: &mut dyn Random) -> Result<Box<dyn PrivateShare>, ExchangeError> {
        let x25519 = X25519.start(random)?;
        let decapsulation_key = DecapsulationKey::generate(&ML_KEM_768).map_err(|_| ExchangeError::Ours)?;
        let encapsulation_key = decapsulation_key.encapsulation_key().map_err(|_| ExchangeError::Ours)?;
        let encapsulation_key = encapsulation_key.key_bytes().map_err(|_| ExchangeError::Ours)?;
        let public = [encapsulation_key.as_ref(), x25519.public()].concat();
        Ok(Box::new(Share { decapsulation_key, x25519, public }))
    }

    fn encapsulate(&self, peer: &[u8], random: &mut dyn Random) -> Result<Encapsulated, ExchangeError> {
        let (encapsulation_key, x25519) = split(peer, ENCAPSULATION_KEY)?;
        let x25519 = X25519.encapsulate(x25519, random)?;
        // The library checks the coefficients of the key (FIPS 203 §7.2) in one of these two calls.
        let (ciphertext, mlkem) = EncapsulationKey::new(&ML_KEM_768, encapsulation_key)
            .ok()
            .and_then(|key| key.encapsulate().ok())
            .ok_or(ExchangeError::Refused)?;
        let public = [ciphertext.as_ref(), &x25519.public].concat();
        Ok(Encapsulated { public, shared: join(mlkem.as_ref(), &x25519.shared)? })
    }
}

/// The client's private keys; the library wipes the decapsulation key on drop.
struct Share {
    decapsulation_key: DecapsulationKey,
    x25519: Box<dyn PrivateShare>,
    public: Vec<u8>,
}

impl PrivateShare for Share {
    fn public(&self) -> &[u8] {
        &self.public
    }

    /// A ciphertext of the right length never fails: a wrong one yields an unpredictable secret (FIPS
    /// 203 §6.3), so that the Finished messages do not verify.
    fn agree(self: Box<Self>, peer: &[u8]) -> Result<Secret, ExchangeError> {
        let (ciphertext, x25519) = split(peer, CIPHERTEXT)?;
        let x25519 = self.x25519.agree(x25519)?;
        let mlkem = self.decapsulation_key.decapsulate(Ciphertext::from(ciphertext));
        join(mlkem.map_err(|_| ExchangeError::Ours)?.as_ref(), &x25519)
    }
}

/// Splits the peer's share into its ML-KEM and X25519 parts.
fn split(peer: &[u8], mlkem: usize) -> Result<(&[u8], &[u8]), ExchangeError> {
    let number = |length: usize| u16::try_from(length).unwrap_or(u16::MAX);
    let expected = mlkem + X25519_SHARE;
    peer.split_at_checked(mlkem)
        .filter(|_| peer.len() == expected)
        .ok_or(ExchangeError::Length { expected: number(expected), found: number(peer.len()) })
}

/// Concatenates the two secrets, ML-KEM's first.
fn join(mlkem: &[u8], x25519: &Secret) -> Result<Secret, ExchangeError> {
    let mut shared = Secret::zero(mlkem.len() + x25519.len());
    let (front, back) = shared.expose_mut().split_at_mut_checked(mlkem.len()).ok_or(ExchangeError::Ours)?;
    if back.len() != x25519.len() {
        return Err(ExchangeError::Ours);
    }
    front.copy_from_slice(mlkem);
    back.copy_from_slice(x25519.expose());
    Ok(shared)
}

#[cfg(test)]
mod tests {
    use handclasp_crypto::{RandomFailed, conformance::hex};

    use super::*;

    /// Secrets of NIST's test vectors with the X25519 example of RFC 7748 §6.1, in the order of the
    /// draft.
    #[test]
    fn decapsulation_known_answers() {
        const ALICE: &str = "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a";
        const BOB: &str = "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f";
        const SHARED: &str = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742";

        let lines = include_str!("../vectors/mlkem768.txt").lines();
        let mut values = lines.filter_map(|line| line.split_once(" = ")).map(|(_, value)| hex(value));
        let decapsulation_key = values.next().unwrap();
        let mut count = 0;
        while let (Some(ciphertext), Some(secret)) = (values.next(), values.next()) {
            let share = Box::new(Share {
                decapsulation_key: DecapsulationKey::new(&ML_KEM_768, &decapsulation_key).unwrap(),
                x25519: X25519.start(&mut Given(hex(ALICE))).unwrap(),
                public: Vec::new(),
            });
            let found = share.agree(&[ciphertext, hex(BOB)].concat()).unwrap();
            assert_eq!(found.expose(), [secret, hex(SHARED)].concat());
            count += 1;
        }
        assert_eq!(count, 4);
    }

    struct Given(Vec<u8>);

    impl Random for Given {
        fn fill(&mut self, out: &mut [u8]) -> Result<(), RandomFailed> {
            out.copy_from_slice(&self.0);
            Ok(())
        }
    }
}
