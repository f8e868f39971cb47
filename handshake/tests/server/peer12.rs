//! The client's half of a TLS 1.2 handshake, as far as it computes.

use handclasp_codec::{
    CertificateVerify, ClientKeyExchangeEcdhe, ClientKeyExchangeEcdhePsk, ClientKeyExchangePsk, Decode,
    Encode, Field, HandshakeType, ServerHello, ServerKeyExchangeEcdhe, ServerKeyExchangeEcdhePsk,
    encode_handshake,
};
use handclasp_crypto::{Secret, Suite};
use handclasp_schedule::{MasterSecret, Sender, Transcript, psk_premaster, server_key_exchange_content};

use super::{
    harness::{Done, Harness, PSK},
    offer::Offer,
    peer13::{body, check_signature, finished, share},
};

/// A client that has sent a hello.
pub(super) struct Peer12 {
    offer: Offer,
    transcript: Transcript,
    premaster: Vec<u8>,
    suite: Option<&'static Suite>,
    server_random: [u8; 32],
    pub(super) master: Option<MasterSecret>,
}

impl Peer12 {
    pub(super) fn new(offer: Offer) -> Self {
        let (mut transcript, premaster) = (Transcript::new(), Vec::new());
        transcript.keep_messages();
        Self { offer, transcript, premaster, suite: None, server_random: [0; 32], master: None }
    }

    /// The hello; it goes into the transcript.
    pub(super) fn hello(&mut self) -> Vec<u8> {
        let message = self.offer.encode(&self.transcript);
        self.transcript.add(&message);
        message
    }

    /// Reads the flight up to ServerHelloDone; returns our ClientKeyExchange.
    pub(super) fn key_exchange(&mut self, harness: &Harness, identity: &[u8]) -> Vec<u8> {
        let message = harness.sent(HandshakeType::server_hello);
        let hello = ServerHello::from_bytes(body(message), Field::server_hello).unwrap();
        let suite = harness.config.suites.iter().find(|suite| suite.id == hello.cipher_suite).unwrap();
        self.suite = Some(suite);
        self.server_random = *hello.random;
        for done in &harness.done {
            if let Done::Sent(_, bytes) = done {
                self.transcript.add(bytes);
            }
        }
        self.transcript.select(suite.hash);
        self.make_key_exchange(harness, identity)
    }

    fn make_key_exchange(&mut self, harness: &Harness, identity: &[u8]) -> Vec<u8> {
        use handclasp_crypto::KeyExchangeAlgorithm;
        let mut out = Vec::new();
        let kind = HandshakeType::client_key_exchange;
        match self.suite.unwrap().exchange {
            KeyExchangeAlgorithm::Psk => {
                self.premaster = psk_premaster(None, PSK).to_vec();
                let message = ClientKeyExchangePsk { psk_identity: identity };
                encode_handshake(&mut out, kind, |writer| message.encode(writer)).unwrap();
            }
            KeyExchangeAlgorithm::Ecdhe(_) => {
                let (public, shared) = self.signed_exchange(harness);
                self.premaster = shared.expose().to_vec();
                let message = ClientKeyExchangeEcdhe { public: &public };
                encode_handshake(&mut out, kind, |writer| message.encode(writer)).unwrap();
            }
            KeyExchangeAlgorithm::EcdhePsk => {
                let theirs = body(harness.sent(HandshakeType::server_key_exchange));
                let theirs =
                    ServerKeyExchangeEcdhePsk::from_bytes(theirs, Field::server_key_exchange).unwrap();
                assert_eq!(theirs.psk_identity_hint, harness.config.extensions.psk_identity_hint);
                let (private, public) = share(theirs.params.named_curve);
                let shared = private.agree(theirs.params.public).unwrap();
                self.premaster = psk_premaster(Some(shared.expose()), PSK).to_vec();
                let message = ClientKeyExchangeEcdhePsk { psk_identity: identity, public: &public };
                encode_handshake(&mut out, kind, |writer| message.encode(writer)).unwrap();
            }
            KeyExchangeAlgorithm::Tls13 => panic!("not a suite of TLS 1.2"),
        }
        out
    }

    /// Goes through a flight that resumes a session with this master secret; our Finished.
    pub(super) fn resume(&mut self, harness: &Harness, secret: &[u8]) -> Vec<u8> {
        let message = harness.sent(HandshakeType::server_hello);
        let hello = ServerHello::from_bytes(body(message), Field::server_hello).unwrap();
        assert_eq!(hello.legacy_session_id_echo, self.offer.session_id);
        let suite = harness.config.suites.iter().find(|suite| suite.id == hello.cipher_suite).unwrap();
        self.transcript.select(suite.hash);
        let mut master = MasterSecret::restore(suite.hash, &Secret::copy_from(secret).unwrap());
        assert_eq!(harness.logged("CLIENT_RANDOM"), secret);
        for done in &harness.done {
            let Done::Sent(message, bytes) = done else { continue };
            if *message == HandshakeType::finished {
                assert_eq!(body(bytes), master.finished(Sender::Server, &self.transcript.hash()));
            }
            self.transcript.add(bytes);
        }
        master.derive_keys(suite, &self.offer.random, hello.random);
        let installed = harness.done.iter().find_map(|done| match done {
            Done::WriteKeys(key) => Some(key.as_slice()),
            _ => None,
        });
        assert_eq!(installed, Some(master.keys().unwrap().server.key.expose()));
        finished(&master.finished(Sender::Client, &self.transcript.hash()))
    }

    /// Our public half and the secret, with the server's signature checked.
    fn signed_exchange(&self, harness: &Harness) -> (Vec<u8>, Secret) {
        let theirs = body(harness.sent(HandshakeType::server_key_exchange));
        let theirs = ServerKeyExchangeEcdhe::from_bytes(theirs, Field::server_key_exchange).unwrap();
        let content =
            server_key_exchange_content(&self.offer.random, &self.server_random, theirs.params_bytes);
        let signature = CertificateVerify { algorithm: theirs.algorithm, signature: theirs.signature };
        check_signature(harness, signature, &content);
        let (private, public) = share(theirs.params.named_curve);
        (public, private.agree(theirs.params.public).unwrap())
    }

    /// Our Finished, and what the server's must be.
    pub(super) fn finish(&mut self, key_exchange: &[u8], extended: bool) -> (Vec<u8>, [u8; 12]) {
        self.derive(key_exchange, extended);
        self.finished()
    }

    /// Adds a message of ours.
    pub(super) fn add(&mut self, message: &[u8]) {
        self.transcript.add(message);
    }

    /// All messages so far, which our CertificateVerify signs.
    pub(super) fn messages(&self) -> &[u8] {
        self.transcript.messages()
    }

    /// Our ClientKeyExchange is sent.
    pub(super) fn derive(&mut self, key_exchange: &[u8], extended: bool) {
        self.transcript.add(key_exchange);
        let hash = self.suite.unwrap().hash;
        let master = match extended {
            true => MasterSecret::extended(hash, &self.premaster, &self.transcript.hash()),
            false => MasterSecret::new(hash, &self.premaster, &self.offer.random, &self.server_random),
        };
        self.master = Some(master);
    }

    /// Our Finished, and what the server's must be.
    pub(super) fn finished(&mut self) -> (Vec<u8>, [u8; 12]) {
        let master = self.master.as_ref().unwrap();
        let ours = finished(&master.finished(Sender::Client, &self.transcript.hash()));
        self.transcript.add(&ours);
        (ours, master.finished(Sender::Server, &self.transcript.hash()))
    }

    /// What an exporter must give.
    pub(super) fn exported(&self) -> [u8; 32] {
        let (master, mut place) = (self.master.as_ref().unwrap(), None);
        let exporter = master.exporter(&self.offer.random, &self.server_random, &mut place);
        let mut out = [0; 32];
        exporter.export(b"EXPORTER-test", None, &mut out).unwrap();
        out
    }
}
