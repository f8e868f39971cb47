//! The client's half of a TLS 1.3 handshake, as far as it computes: it reads what the server
//! sent, checks it against its own key schedule, and makes a Finished.

use handclasp_codec::{
    CertificateVerify, Decode, Encode, EncryptedExtensions, Field, Finished, HandshakeType,
    HelloRetryRequest, NamedGroup, ServerHello, encode_handshake,
};
use handclasp_crypto::{PrivateShare, PublicKey, Suite};
use handclasp_provider_aws_lc as provider;
use handclasp_schedule::{
    EarlySecret, Epoch, MainSecret, Sender, TrafficSecret, Transcript, certificate_verify_content,
};

use super::{
    harness::{Done, Harness, PSK},
    offer::Offer,
};

/// A client that has sent a hello.
pub(super) struct Peer13 {
    pub(super) offer: Offer,
    pub(super) transcript: Transcript,
    private: Option<Box<dyn PrivateShare>>,
    client_handshake: Option<TrafficSecret>,
    pub(super) client_application: Option<TrafficSecret>,
    pub(super) server_application: Option<TrafficSecret>,
    pub(super) main: Option<MainSecret>,
}

/// A private share and its public half.
pub(super) fn share(group: NamedGroup) -> (Box<dyn PrivateShare>, Vec<u8>) {
    let group = provider::GROUPS.iter().find(|entry| entry.group() == group).unwrap();
    let private = group.start(&mut provider::SystemRandom).unwrap();
    let public = private.public().to_vec();
    (private, public)
}

pub(super) fn body(message: &[u8]) -> &[u8] {
    &message[4..]
}

impl Peer13 {
    /// A client with one share, which has sent nothing yet.
    pub(super) fn new(offer: Offer, group: NamedGroup) -> Self {
        let (private, public) = share(group);
        let offer = offer.share(group, &public);
        Self {
            offer,
            transcript: Transcript::new(),
            private: Some(private),
            client_handshake: None,
            client_application: None,
            server_application: None,
            main: None,
        }
    }

    /// The hello; it goes into the transcript.
    pub(super) fn hello(&mut self) -> Vec<u8> {
        let message = self.offer.encode(&self.transcript);
        self.transcript.add(&message);
        message
    }

    /// Reads a HelloRetryRequest and takes a share in the group asked for.
    pub(super) fn retry(&mut self, harness: &Harness) -> NamedGroup {
        let message = harness.sent(HandshakeType::server_hello);
        let retry = HelloRetryRequest::from_bytes(body(message), Field::hello_retry_request).unwrap();
        let group = retry.extensions.key_share.unwrap().selected_group;
        assert_eq!(retry.legacy_session_id_echo, self.offer.session_id);
        let suite = provider::ALL_SUITES.iter().find(|suite| suite.id == retry.cipher_suite).unwrap();
        self.transcript.select(suite.hash);
        self.transcript.replace_first_hello();
        self.transcript.add(message);
        let (private, public) = share(group);
        self.private = Some(private);
        self.offer.shares = Some(Vec::from([(group, public)]));
        self.offer.cookie = retry.extensions.cookie.map(|cookie| cookie.cookie.to_vec());
        group
    }

    /// Goes through the server's flight after its (last) ServerHello; returns our Finished.
    pub(super) fn finish(&mut self, harness: &Harness) -> Vec<u8> {
        self.read(harness);
        self.finished()
    }

    /// Our Finished, over all that was sent so far.
    pub(super) fn finished(&self) -> Vec<u8> {
        finished(&self.client_handshake.as_ref().unwrap().finished(&self.transcript.hash()))
    }

    /// Goes through the server's flight after its (last) ServerHello.
    pub(super) fn read(&mut self, harness: &Harness) {
        let server_hello = harness.sent(HandshakeType::server_hello).to_vec();
        let hello = ServerHello::from_bytes(body(&server_hello), Field::server_hello).unwrap();
        assert_eq!(hello.legacy_session_id_echo, self.offer.session_id);
        let suite: &'static Suite = find_suite(&hello);
        let psk = hello.extensions.pre_shared_key.is_some().then_some(PSK);
        // None with psk_ke.
        let share = hello.extensions.key_share.map(|answer| answer.server_share);
        let shared = share.map(|share| self.private.take().unwrap().agree(share.key_exchange).unwrap());

        self.transcript.add(&server_hello);
        self.transcript.select(suite.hash);
        let early = EarlySecret::new(suite.hash, psk);
        let handshake = early.handshake(shared.as_ref(), &self.transcript.hash());
        let client = handshake.traffic(Sender::Client).duplicate();
        let server = handshake.traffic(Sender::Server).duplicate();
        assert_eq!(harness.logged("CLIENT_HANDSHAKE_TRAFFIC_SECRET"), client.secret().expose());
        assert_eq!(harness.logged("SERVER_HANDSHAKE_TRAFFIC_SECRET"), server.secret().expose());

        self.read_flight(harness, &server);
        let main = handshake.main(&self.transcript.hash());
        let client_application = main.traffic(Epoch::Application, Sender::Client).duplicate();
        let server_application = main.traffic(Epoch::Application, Sender::Server).duplicate();
        assert_eq!(harness.logged("CLIENT_TRAFFIC_SECRET_0"), client_application.secret().expose());
        assert_eq!(harness.logged("SERVER_TRAFFIC_SECRET_0"), server_application.secret().expose());
        self.client_application = Some(client_application);
        self.server_application = Some(server_application);
        self.client_handshake = Some(client);
        self.main = Some(main);
    }

    /// EncryptedExtensions to Finished.
    fn read_flight(&mut self, harness: &Harness, server: &TrafficSecret) {
        let start = harness
            .done
            .iter()
            .position(|done| matches!(done, Done::Sent(HandshakeType::encrypted_extensions, _)));
        for done in &harness.done[start.unwrap()..] {
            let Done::Sent(message, bytes) = done else { continue };
            match *message {
                HandshakeType::certificate_verify => self.check_signature(harness, bytes),
                HandshakeType::finished => {
                    let expected = server.finished(&self.transcript.hash());
                    assert_eq!(body(bytes), &*expected);
                }
                _ => {}
            }
            self.transcript.add(bytes);
        }
    }

    fn check_signature(&self, harness: &Harness, message: &[u8]) {
        let verify = CertificateVerify::from_bytes(body(message), Field::certificate_verify).unwrap();
        let content = certificate_verify_content(Sender::Server, &self.transcript.hash());
        check_signature(harness, verify, &content);
    }
}

/// Verifies under the harness' key.
pub(super) fn check_signature(harness: &Harness, verify: CertificateVerify<'_>, content: &[u8]) {
    let key = PublicKey::from_spki(harness.key.public_key()).unwrap();
    let fits = |entry: &&&dyn handclasp_crypto::Verify| {
        entry.scheme() == verify.algorithm && entry.key() == key.kind
    };
    let scheme = provider::VERIFY.iter().find(fits).unwrap();
    scheme.verify(key.bits, content, verify.signature).unwrap();
}

/// A Finished message.
pub(super) fn finished(verify_data: &[u8]) -> Vec<u8> {
    let mut message = Vec::new();
    let finished = Finished { verify_data };
    encode_handshake(&mut message, HandshakeType::finished, |writer| finished.encode(writer)).unwrap();
    message
}

/// What the server put into EncryptedExtensions: the name's acknowledgement, and the protocol.
pub(super) fn encrypted_extensions(harness: &Harness) -> (bool, Option<Vec<u8>>) {
    let message = harness.sent(HandshakeType::encrypted_extensions);
    let message = EncryptedExtensions::from_bytes(body(message), Field::encrypted_extensions).unwrap();
    let alpn = message.extensions.application_layer_protocol_negotiation;
    let alpn = alpn.map(|list| list.protocol_name_list.iter().next().unwrap().0.to_vec());
    (message.extensions.server_name.is_some(), alpn)
}

fn find_suite(hello: &ServerHello<'_>) -> &'static Suite {
    provider::ALL_SUITES.iter().find(|suite| suite.id == hello.cipher_suite).unwrap()
}
