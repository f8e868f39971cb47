//! A server of TLS 1.3 that does as it is told.

use handclasp_codec::{
    ClientHello, Decode, ExtensionType as X, Field, Finished, HELLO_RETRY_REQUEST_RANDOM,
    HandshakeType as Type, NamedGroup, ProtocolVersion, SignatureScheme,
};
use handclasp_crypto::{KeyExchange, KeyKind, Suite};
use handclasp_provider_aws_lc as aws;
use handclasp_schedule::{
    EarlySecret, Epoch, HandshakeSecret, MainSecret, Sender, TrafficSecret, Transcript,
    certificate_verify_content,
};
use rustls_pki_types::CertificateDer;

use crate::{
    fake::{Extensions, ServerHello, extensions, message, vector8, vector16, vector24},
    setup::{chain, key},
};

pub struct Fake13 {
    pub hello: Vec<u8>,
    pub suite: &'static Suite,
    pub group: &'static dyn KeyExchange,
    pub psk: Option<Vec<u8>>,
    pub transcript: Transcript,
    pub secret: Option<HandshakeSecret>,
    pub client: Option<TrafficSecret>,
    pub server: Option<TrafficSecret>,
    pub main: Option<MainSecret>,
}

pub fn decode<'a, D: Decode<'a>>(whole: &'a [u8]) -> D {
    D::from_bytes(&whole[4..], Field::handshake).unwrap()
}

impl Fake13 {
    /// Reads the first ClientHello; chooses the first suite and X25519.
    pub fn new(hello: &[u8]) -> Self {
        let mut transcript = Transcript::new();
        transcript.add(hello);
        Self {
            hello: hello.to_vec(),
            suite: &aws::TLS_AES_128_GCM_SHA256,
            group: aws::X25519,
            psk: None,
            transcript,
            secret: None,
            client: None,
            server: None,
            main: None,
        }
    }

    pub fn session_id(&self) -> Vec<u8> {
        decode::<ClientHello<'_>>(&self.hello).legacy_session_id.to_vec()
    }

    /// A HelloRetryRequest, edited before it is counted.
    pub fn retry(&mut self, group: Option<NamedGroup>, edit: impl FnOnce(&mut ServerHello)) -> Vec<u8> {
        let mut retry = ServerHello {
            random: HELLO_RETRY_REQUEST_RANDOM,
            ..self.plain(vec![(X::supported_versions, vec![3, 4])])
        };
        if let Some(group) = group {
            retry.set(X::key_share, group.0.to_be_bytes().to_vec());
        }
        edit(&mut retry);
        self.transcript.select(self.suite.hash);
        self.transcript.replace_first_hello();
        self.add(retry.bytes())
    }

    /// The second ClientHello.
    pub fn second_hello(&mut self, hello: &[u8]) {
        self.hello = hello.to_vec();
        self.transcript.add(hello);
    }

    fn plain(&self, extensions: Extensions) -> ServerHello {
        ServerHello {
            legacy_version: ProtocolVersion::TLS_1_2,
            random: [0x5a; 32],
            session_id: self.session_id(),
            suite: self.suite.id,
            compression: 0,
            extensions,
        }
    }

    fn add(&mut self, message: Vec<u8>) -> Vec<u8> {
        self.transcript.add(&message);
        message
    }

    pub fn server_hello(&mut self) -> Vec<u8> {
        self.edited_server_hello(|_| ())
    }

    /// The ServerHello, edited before it is counted.
    pub fn edited_server_hello(&mut self, edit: impl FnOnce(&mut ServerHello)) -> Vec<u8> {
        let hello = self.hello.clone();
        let hello: ClientHello<'_> = decode(&hello);
        let shares = hello.extensions.key_share.as_ref().unwrap().client_shares;
        let theirs = shares.iter().find(|share| share.group == self.group.group());
        // A test of a share that was not sent needs some answer all the same.
        let theirs = theirs.map(|share| share.key_exchange.to_vec());
        let theirs =
            theirs.unwrap_or_else(|| self.group.start(&mut aws::SystemRandom).unwrap().public().to_vec());
        let ours = self.group.encapsulate(&theirs, &mut aws::SystemRandom).unwrap();
        let share = [self.group.group().0.to_be_bytes().to_vec(), vector16(&ours.public)].concat();
        let mut answer = self.plain(vec![(X::supported_versions, vec![3, 4]), (X::key_share, share)]);
        if self.psk.is_some() {
            answer.set(X::pre_shared_key, vec![0, 0]);
        }
        edit(&mut answer);
        let answer = answer.bytes();

        self.transcript.select(self.suite.hash);
        self.transcript.add(&answer);
        let early = EarlySecret::new(self.suite.hash, self.psk.as_deref());
        let secret = early.handshake(Some(&ours.shared), &self.transcript.hash());
        self.client = Some(secret.traffic(Sender::Client).duplicate());
        self.server = Some(secret.traffic(Sender::Server).duplicate());
        self.secret = Some(secret);
        answer
    }

    pub fn encrypted_extensions(&mut self, list: Extensions) -> Vec<u8> {
        self.add(message(Type::encrypted_extensions, &extensions(&list)))
    }

    pub fn certificate_request(&mut self, schemes: &[SignatureScheme]) -> Vec<u8> {
        let schemes: Vec<u8> = schemes.iter().flat_map(|scheme| scheme.0.to_be_bytes()).collect();
        let list = vec![(X(0x0a0a), vec![1, 2, 3]), (X::signature_algorithms, vector16(&schemes))];
        self.add(message(Type::certificate_request, &[vector8(&[]), extensions(&list)].concat()))
    }

    pub fn certificate(&mut self) -> Vec<u8> {
        let entry = |der: &CertificateDer<'_>| [vector24(der), extensions(&[])].concat();
        let list: Vec<u8> = chain().iter().flat_map(entry).collect();
        self.add(message(Type::certificate, &[vector8(&[]), vector24(&list)].concat()))
    }

    /// A CertificateVerify by that key, signed as told.
    pub fn certificate_verify(&mut self, kind: KeyKind, scheme: SignatureScheme) -> Vec<u8> {
        let content = certificate_verify_content(Sender::Server, &self.transcript.hash());
        let signature = key(kind).sign(scheme, &content, &mut aws::SystemRandom).unwrap();
        self.verify_message(scheme, &signature)
    }

    pub fn verify_message(&mut self, scheme: SignatureScheme, signature: &[u8]) -> Vec<u8> {
        let body = [scheme.0.to_be_bytes().to_vec(), vector16(signature)].concat();
        self.add(message(Type::certificate_verify, &body))
    }

    pub fn finished(&mut self) -> Vec<u8> {
        let verify_data = self.server.as_ref().unwrap().finished(&self.transcript.hash());
        let finished = self.add(message(Type::finished, &verify_data));
        let hash = self.transcript.hash();
        self.main = self.secret.take().map(|secret| secret.main(&hash));
        finished
    }

    /// The application's secrets of client and server.
    pub fn application(&self) -> (TrafficSecret, TrafficSecret) {
        let main = self.main.as_ref().unwrap();
        let traffic = |sender| main.traffic(Epoch::Application, sender).duplicate();
        (traffic(Sender::Client), traffic(Sender::Server))
    }

    /// Checks the client's Finished.
    pub fn check_finished(&mut self, finished: &[u8]) {
        assert_eq!(finished[0], Type::finished.0);
        let expected = self.client.as_ref().unwrap().finished(&self.transcript.hash());
        assert_eq!(decode::<Finished<'_>>(finished).verify_data, &*expected);
        self.transcript.add(finished);
    }
}
