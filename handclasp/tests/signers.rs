//! Signers outside of the provider: what they say about themselves is checked when they are given,
//! what they sign before it is sent, and what they say when they fail is told.

use std::{os::unix::net::UnixStream, thread};

use handclasp::{
    Client, Error, Fault, Identity, KEYS, KeyEncoding, KeyKind, Pin, Policy, ProtocolVersion, Random, SHA256,
    Server, SignError, SignatureScheme, SignerFault, SigningKey, SystemRandom, Trust,
};
use handclasp_identity::{CertificateParams, IssuedCertificate};
use rustls_pki_types::CertificateDer;

type Sign = fn(&dyn SigningKey, SignatureScheme, &[u8]) -> Result<Vec<u8>, SignError>;

/// A signer with a key of its own and whatever faults it is given.
struct Outside {
    key: Box<dyn SigningKey>,
    spki: Vec<u8>,
    schemes: Vec<SignatureScheme>,
    sign: Sign,
}

impl SigningKey for Outside {
    fn public_key(&self) -> &[u8] {
        &self.spki
    }
    fn schemes(&self) -> &[SignatureScheme] {
        &self.schemes
    }
    fn sign(
        &self,
        scheme: SignatureScheme,
        message: &[u8],
        _: &mut dyn Random,
    ) -> Result<Vec<u8>, SignError> {
        (self.sign)(&*self.key, scheme, message)
    }
}

fn good(key: &dyn SigningKey, scheme: SignatureScheme, message: &[u8]) -> Result<Vec<u8>, SignError> {
    key.sign(scheme, message, &mut SystemRandom)
}

/// r and s side by side, as PKCS#11 gives them, out of DER.
fn raw(key: &dyn SigningKey, scheme: SignatureScheme, message: &[u8]) -> Result<Vec<u8>, SignError> {
    let der = good(key, scheme, message)?;
    let integer = |at: usize| {
        let length = usize::from(der[at + 1]);
        let bytes = &der[at + 2..at + 2 + length];
        let digits: Vec<u8> = bytes.iter().copied().skip_while(|byte| *byte == 0).collect();
        ([vec![0; 32 - digits.len()], digits].concat(), at + 2 + length)
    };
    let (r, behind) = integer(2);
    Ok([r, integer(behind).0].concat())
}

/// Over a hash in place of the message, as a signer that hashes twice does.
fn hashed_twice(key: &dyn SigningKey, scheme: SignatureScheme, message: &[u8]) -> Result<Vec<u8>, SignError> {
    good(key, scheme, &SHA256.hash(&[message]))
}

fn locked(_: &dyn SigningKey, _: SignatureScheme, _: &[u8]) -> Result<Vec<u8>, SignError> {
    Err(SignError::Because("the PIN of the token is locked"))
}

/// A certificate, and an outside signer that holds its key.
fn outside(sign: Sign) -> (Vec<CertificateDer<'static>>, Outside) {
    let issued = IssuedCertificate::self_signed(&CertificateParams::new(&["a.test"])).expect("made");
    let key = KEYS.load(KeyEncoding::Pkcs8, &issued.key).expect("loads");
    let (spki, schemes) = (key.public_key().to_vec(), key.schemes().to_vec());
    (issued.chain, Outside { key, spki, schemes, sign })
}

fn refused(change: impl FnOnce(&mut Outside)) -> String {
    let (chain, mut signer) = outside(good);
    change(&mut signer);
    Identity::from_signer(chain, Box::new(signer)).expect_err("refused").to_string()
}

#[test]
fn schemes_must_fit_the_key() {
    let rsa = refused(|signer| signer.schemes = vec![SignatureScheme::rsa_pkcs1_sha256]);
    assert_eq!(
        rsa,
        "the signer has a key of type P-256 but lists the signature scheme rsa_pkcs1_sha256, which is for \
         another key type; list only schemes for its own key"
    );
    let mixed = refused(|signer| signer.schemes.push(SignatureScheme::ed25519));
    assert!(mixed.contains("P-256") && mixed.contains("ed25519"), "{mixed}");
    let none = refused(|signer| signer.schemes.clear());
    assert!(none.contains("lists no signature scheme"), "{none}");
    // As raw keys too.
    let (_, mut signer) = outside(good);
    signer.schemes = vec![SignatureScheme::rsa_pkcs1_sha256];
    assert!(
        Identity::raw_key_from_signer(Box::new(signer))
            .expect_err("refused")
            .to_string()
            .contains("rsa_pkcs1_sha256")
    );
}

#[test]
fn a_point_in_an_octet_string_is_named() {
    let wrap = |spki: &mut Vec<u8>| {
        // The outer lengths grow by the two bytes of tag and length.
        let at = spki.len() - 65;
        spki.splice(at..at, [0x04, 0x41]);
        spki[1] += 2;
        spki[at - 2] += 2;
    };
    let told = refused(|signer| wrap(&mut signer.spki));
    assert!(told.contains("extra OCTET STRING") && told.contains("CKA_EC_POINT"), "{told}");
    let (_, mut signer) = outside(good);
    wrap(&mut signer.spki);
    let told = Identity::raw_key_from_signer(Box::new(signer)).expect_err("refused").to_string();
    assert!(told.contains("CKA_EC_POINT"), "{told}");
    assert!(Identity::raw_key_from_signer(Box::new(outside(good).1)).is_ok());
}

/// A server with that signer: how it ends, and how the client hears of it.
fn meet(version: ProtocolVersion, sign: Sign) -> (Result<(), Error>, Result<(), Error>) {
    let (chain, signer) = outside(sign);
    let identity = Identity::from_signer(chain, Box::new(signer)).expect("fits");
    assert_eq!(identity.key_kind(), KeyKind::P256);
    let pin = Pin::of_spki(&identity.spki());
    let policy = || Policy::modern().only_version(version).expect("has it");
    let server = Server::with_policy(identity, policy());
    let client = Client::with_policy(Trust::Pins(vec![pin]), policy());
    let (near, far) = UnixStream::pair().expect("a pair");
    thread::scope(|scope| {
        let serving = scope.spawn(|| server.accept(far).map(drop));
        let client = client.connect_over(near, Some("a.test"));
        // The client's end stays open until the server has said all.
        (serving.join().expect("ends"), client.map(drop))
    })
}

#[test]
fn a_signature_that_does_not_verify_is_not_sent() {
    for version in [ProtocolVersion::TLS_1_3, ProtocolVersion::TLS_1_2] {
        let (server, client) = meet(version, good);
        server.expect("a good signer serves");
        client.expect("and is accepted");
        for (sign, why, words) in [
            (hashed_twice as Sign, SignerFault::DoesNotVerify, "does not verify"),
            (raw, SignerFault::RawEcdsa, "ECDSA-Sig-Value"),
            (locked, SignerFault::Said, "the PIN of the token is locked."),
        ] {
            let (server, client) = meet(version, sign);
            let error = server.expect_err("it is ours");
            assert_eq!(error.fault(), Some(&Fault::SignerFailed(why)));
            assert_eq!(error.blame(), handclasp::Blame::Ours);
            assert!(error.to_string().contains(words), "{error}");
            let told = client.expect_err("told");
            let Some(Fault::PeerAlert(alert)) = told.fault() else { panic!("{told}") };
            assert_eq!(alert.to_string(), "internal_error");
        }
    }
}

/// An RSA key whose signer lacks RSASSA-PSS, as tokens may.
fn without_pss() -> Identity {
    let params = CertificateParams::new(&["a.test"]).with_key_kind(KeyKind::Rsa);
    let issued = IssuedCertificate::self_signed(&params).expect("made");
    let key = KEYS.load(KeyEncoding::Pkcs8, &issued.key).expect("loads");
    let (spki, schemes) = (key.public_key().to_vec(), vec![SignatureScheme::rsa_pkcs1_sha256]);
    Identity::from_signer(issued.chain, Box::new(Outside { key, spki, schemes, sign: good })).expect("fits")
}

#[test]
fn a_key_that_cannot_sign_in_tls_1_3_is_refused_before_connecting() {
    let told = |error: Error| {
        assert_eq!(error.blame(), handclasp::Blame::Ours, "{error}");
        let told = error.to_string();
        assert!(told.contains("cannot sign in TLS 1.3") && told.contains("only rsa_pkcs1_sha256"), "{told}");
        assert!(told.contains("--tls 1.2"), "{told}");
    };
    let trust = || Trust::Pins(vec![Pin::of_spki(&without_pss().spki())]);
    told(Server::new(without_pss()).check().expect_err("refused"));
    told(Client::new(trust()).identity(without_pss()).check().expect_err("refused"));
    // Nothing is sent.
    let (near, far) = UnixStream::pair().expect("a pair");
    let client = Client::new(trust()).identity(without_pss());
    told(client.connect_over(near, Some("a.test")).map(drop).expect_err("refused"));
    let mut sent = Vec::new();
    std::io::Read::read_to_end(&mut { far }, &mut sent).expect("it ends");
    assert!(sent.is_empty(), "{sent:?}");
    // TLS 1.2 works, mutually.
    let policy = || Policy::modern().only_version(ProtocolVersion::TLS_1_2).expect("has it");
    let identity = without_pss();
    let server_trust = Trust::Pins(vec![Pin::of_spki(&identity.spki())]);
    let client = without_pss();
    let client_trust = Trust::Pins(vec![Pin::of_spki(&client.spki())]);
    let server = Server::with_policy(identity, policy()).require_client(client_trust);
    let client = Client::with_policy(server_trust, policy()).identity(client);
    let (near, far) = UnixStream::pair().expect("a pair");
    thread::scope(|scope| {
        let serving = scope.spawn(|| server.accept(far).map(drop));
        client.connect_over(near, Some("a.test")).map(drop).expect("connects");
        serving.join().expect("ends").expect("accepts");
    });
}
