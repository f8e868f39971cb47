//! A key in a secure element.

mod pair;

use handclasp_codec::SignatureScheme;
use handclasp_crypto::{EcPrivateKey, KeyEncoding, KeyError, KeyKind, Keys, SigningKey};
use handclasp_device::{
    BootError, ClientAuthentication, Config, Fault, Identity, Next, Random, SignError, Signer, algorithms,
    profile,
};
use handclasp_report::SignerFault;
use p256::ecdsa::{SigningKey as Ecdsa, signature::hazmat::PrehashSigner as _};
use pair::{Credentials, Ends, fault, run};
use zeroize::Zeroizing;

/// A secure element that fails after so many signatures, and then in its own words.
struct Element {
    key: Ecdsa,
    left: usize,
}

impl Element {
    fn new(pkcs8: &[u8], left: usize) -> Self {
        let key = EcPrivateKey::read(KeyEncoding::Pkcs8, pkcs8).expect("an EC key");
        Self { key: Ecdsa::from_slice(key.scalar).expect("a scalar"), left }
    }
}

impl Signer for Element {
    fn sign(&mut self, hash: &[u8; 32]) -> Result<[u8; 64], SignError> {
        self.left = self.left.checked_sub(1).ok_or(SignError::Because("the bus does not answer"))?;
        let signature: p256::ecdsa::Signature = self.key.sign_prehash(hash).map_err(|_| SignError::Failed)?;
        Ok(signature.to_bytes().into())
    }
}

/// A chain that lives as long as a program, as that of a board does.
fn chain(issued: &handclasp_identity::IssuedCertificate) -> Vec<&'static [u8]> {
    issued.chain.iter().map(|der| &*Vec::leak(der.to_vec())).collect()
}

#[test]
fn an_element_signs_for_both_sides() {
    let credentials = Credentials::new();
    let (server_issued, client_issued) = (&credentials.server_issued, &credentials.client_issued);
    for (client, server) in [
        (profile::client::P256_TLS12, profile::server::P256_TLS12),
        (profile::client::P256_TLS13, profile::server::P256_TLS13),
    ] {
        let identity = |issued: &handclasp_identity::IssuedCertificate, left| {
            Identity::with_signer(&chain(issued), Element::new(&issued.key, left)).expect("an identity")
        };
        // One signature at the boot, and one for each handshake.
        let client =
            Config::new(client).with_pins([credentials.server_pin]).with_identity(identity(client_issued, 2));
        let server = Config::new(server)
            .with_pins([credentials.client_pin])
            .with_identity(identity(server_issued, 3))
            .with_client_authentication(ClientAuthentication::Required);
        let ends = Ends::boot(client, server);
        let (client, server) = run(&ends);
        assert_eq!((client.end, server.end), (Next::Closed, Next::Closed));
        // The client's element fails now.
        let (client, _) = run(&ends);
        let Some(Fault::SignerFailed(why)) = fault(&client) else { panic!("{:?}", client.end) };
        assert_eq!(why, SignerFault::Said);
    }
}

/// Keys whose signatures have a wrong bit.
struct Broken;

struct BrokenKey(Box<dyn SigningKey>);

impl Keys for Broken {
    fn load(&self, encoding: KeyEncoding, der: &[u8]) -> Result<Box<dyn SigningKey>, KeyError> {
        Ok(Box::new(BrokenKey(algorithms::KEYS_SHA256.load(encoding, der)?)))
    }

    fn generate(&self, _: KeyKind, _: &mut dyn Random) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        Err(KeyError::Failed)
    }
}

impl SigningKey for BrokenKey {
    fn public_key(&self) -> &[u8] {
        self.0.public_key()
    }

    fn schemes(&self) -> &[SignatureScheme] {
        self.0.schemes()
    }

    fn sign(
        &self,
        scheme: SignatureScheme,
        message: &[u8],
        random: &mut dyn Random,
    ) -> Result<Vec<u8>, SignError> {
        let mut signature = self.0.sign(scheme, message, random)?;
        *signature.last_mut().expect("a signature has bytes") ^= 1;
        Ok(signature)
    }
}

#[test]
fn a_key_of_another_provider_must_sign_what_its_certificate_verifies() {
    let credentials = Credentials::new();
    let issued = &credentials.server_issued;
    let boot = |keys: &dyn Keys| {
        let verify = algorithms::ECDSA_P256_SHA256;
        let identity = Identity::load(issued.chain.clone(), KeyEncoding::Pkcs8, &issued.key, keys, verify)
            .expect("it loads");
        let server = Config::new(profile::server::P256).with_identity(identity);
        Ends::try_boot(Config::new(profile::client::P256), server).err()
    };
    assert_eq!(boot(algorithms::KEYS_SHA256), None);
    assert_eq!(boot(&Broken), Some(BootError::Sign(SignError::DoesNotVerify)));
}

#[test]
fn the_key_of_another_certificate_or_a_dead_element_does_not_start() {
    let credentials = Credentials::new();
    let (server, client) = (&credentials.server_issued, &credentials.client_issued);
    let boot = |key: &[u8], left| {
        let identity = Identity::with_signer(&chain(server), Element::new(key, left)).expect("it parses");
        let server = Config::new(profile::server::P256).with_identity(identity);
        Ends::try_boot(Config::new(profile::client::P256), server).err()
    };
    assert_eq!(boot(&server.key, 1), None);
    assert_eq!(boot(&client.key, 1), Some(BootError::Sign(SignError::DoesNotVerify)));
    assert_eq!(boot(&server.key, 0), Some(BootError::Sign(SignError::Because("the bus does not answer"))));
}
