//! The server's flight, in two halves with the certificate's messages between them:
//! ServerHello and EncryptedExtensions, then Finished (RFC 8446 §2, §4.1.3, §4.3.1, §4.4.4).
//!
//! Called by: `choose_psk`, `choose_credential`, `sign_transcript`.

use alloc::boxed::Box;

use handclasp_codec::{
    ClientHello, CompressionMethod, Empty, Encode, EncryptedExtensions, EncryptedExtensionsBlock, Finished,
    HandshakeType, KeyShareEntry, KeyShareServerHello, List, NamedGroup, PreSharedKeyServerHello,
    ProtocolName, ProtocolNameList, ProtocolVersion, SelectedVersion, ServerHello, ServerHelloExtensions,
    SignatureScheme,
};
use handclasp_crypto::{Secret, Suite};
use handclasp_report::{Fault, Internal, Side, Tag};
use handclasp_schedule::{EarlySecret, MainSecret, TrafficSecret, Transcript, key_log};

use super::{
    State,
    received::{Received, group},
    wait_finished::WaitFinished,
};
use crate::{
    Action, Connected, Env,
    message::{random, share_fault},
    negotiate::{self, Group13},
    server::decode_hello,
};

/// By what the server proves itself.
#[derive(Clone, Copy)]
pub(super) enum By {
    /// A pre-shared key, by its place in the client's list.
    Psk(u16),
    /// A certificate, whose key signs by this scheme.
    Certificate(SignatureScheme),
}

/// The flight under way.
pub(super) struct Flight {
    suite: &'static Suite,
    pub(super) transcript: Transcript,
    main: MainSecret,
    client_handshake_traffic: TrafficSecret,
    server_handshake_traffic: TrafficSecret,
    client_random: [u8; 32],
    agreed: Box<Connected>,
}

/// ServerHello, then keys, then EncryptedExtensions.
pub(super) fn begin(
    env: &mut Env<'_>,
    received: Received,
    suite: &'static Suite,
    early: EarlySecret,
    by: By,
) -> Result<Flight, Fault> {
    let Received { message, mut transcript, retry } = received;
    let hello = decode_hello(&message)?;
    let Group13::Share(group, share) = group(env, &hello)? else {
        return Err(Fault::Internal(Internal::Bug));
    };
    let ours = group.encapsulate(share, env.random).map_err(share_fault(group.group()))?;
    let agreed = agree(env, &hello, suite, group.group(), by)?;

    transcript.add(&message);
    transcript.select(suite.hash);
    let share = KeyShareEntry { group: group.group(), key_exchange: &ours.public };
    send_server_hello(env, &mut transcript, &hello, suite, share, by)?;
    // Once a connection, behind our first message (RFC 8446 §D.4).
    if retry.is_none() && !hello.legacy_session_id.is_empty() {
        env.actions.push(Action::SendChangeCipherSpec);
    }

    let mut flight = Flight::new(suite, transcript, early, &ours.shared, *hello.random, agreed);
    flight.install_handshake_keys(env);
    flight.send_encrypted_extensions(env, &hello, by)?;
    Ok(flight)
}

/// What will have been agreed.
fn agree(
    env: &mut Env<'_>,
    hello: &ClientHello<'_>,
    suite: &'static Suite,
    group: NamedGroup,
    by: By,
) -> Result<Box<Connected>, Fault> {
    let offer = &hello.extensions;
    let alpn = negotiate::alpn(env.config, offer.application_layer_protocol_negotiation)?;
    let (scheme, psk_identity) = match by {
        By::Certificate(scheme) => (Some(scheme), None),
        By::Psk(index) => {
            let mut identities = offer.pre_shared_key.iter().flat_map(|psks| psks.identities.iter());
            (None, identities.nth(usize::from(index)).map(|psk| psk.identity.to_vec()))
        }
    };
    env.report.note_words(Side::Server, Tag::ChosenSuite, core::iter::once(suite.id));
    env.report.note_words(Side::Server, Tag::ChosenGroup, core::iter::once(group));
    if let Some(name) = &alpn {
        env.report.note(Side::Server, Tag::ChosenAlpn, name);
    }
    Ok(Box::new(Connected {
        version: ProtocolVersion::TLS_1_3,
        suite: suite.id,
        group: Some(group),
        scheme,
        alpn,
        server_name: offer.server_name.and_then(|names| names.host_name()).map(<[u8]>::to_vec),
        psk_identity,
        peer: None,
        exporter: None,
    }))
}

fn send_server_hello(
    env: &mut Env<'_>,
    transcript: &mut Transcript,
    hello: &ClientHello<'_>,
    suite: &Suite,
    server_share: KeyShareEntry<'_>,
    by: By,
) -> Result<(), Fault> {
    let selected = match by {
        By::Psk(selected_identity) => Some(PreSharedKeyServerHello { selected_identity }),
        By::Certificate(_) => None,
    };
    let server_hello = ServerHello {
        legacy_version: ProtocolVersion::TLS_1_2,
        random: &random(env.random)?,
        legacy_session_id_echo: hello.legacy_session_id,
        cipher_suite: suite.id,
        legacy_compression_method: CompressionMethod::null,
        extensions: ServerHelloExtensions {
            supported_versions: Some(SelectedVersion { selected_version: ProtocolVersion::TLS_1_3 }),
            key_share: Some(KeyShareServerHello { server_share }),
            pre_shared_key: selected,
            ..Default::default()
        },
    };
    transcript.add(env.actions.send(HandshakeType::server_hello, |writer| server_hello.encode(writer))?);
    Ok(())
}

impl Flight {
    /// The stages of the key schedule, as soon as the ServerHello is in the transcript.
    fn new(
        suite: &'static Suite,
        transcript: Transcript,
        early: EarlySecret,
        shared: &Secret,
        client_random: [u8; 32],
        agreed: Box<Connected>,
    ) -> Self {
        let handshake = early.handshake(Some(shared));
        let transcript_hash = transcript.hash();
        Self {
            suite,
            transcript,
            client_handshake_traffic: handshake.client_handshake_traffic(&transcript_hash),
            server_handshake_traffic: handshake.server_handshake_traffic(&transcript_hash),
            main: handshake.main(),
            client_random,
            agreed,
        }
    }

    /// Both directions: the client's next message comes under its handshake keys.
    fn install_handshake_keys(&self, env: &mut Env<'_>) {
        let (client, server) = (&self.client_handshake_traffic, &self.server_handshake_traffic);
        self.log(env, key_log::CLIENT_HANDSHAKE_TRAFFIC_SECRET, client.secret());
        self.log(env, key_log::SERVER_HANDSHAKE_TRAFFIC_SECRET, server.secret());
        env.actions.push(Action::InstallWriteKeys(server.keys(self.suite)));
        env.actions.push(Action::InstallReadKeys(client.keys(self.suite)));
    }

    /// Answers to what was offered, and nothing else (§4.3.1).
    fn send_encrypted_extensions(
        &mut self,
        env: &mut Env<'_>,
        hello: &ClientHello<'_>,
        by: By,
    ) -> Result<(), Fault> {
        let chosen = self.agreed.alpn.as_deref().map(ProtocolName);
        let named = matches!(by, By::Certificate(_)) && hello.extensions.server_name.is_some();
        let message = EncryptedExtensions {
            extensions: EncryptedExtensionsBlock {
                server_name: named.then_some(Empty),
                application_layer_protocol_negotiation: chosen.as_ref().map(|name| ProtocolNameList {
                    protocol_name_list: List::of(core::slice::from_ref(name)),
                }),
                ..Default::default()
            },
        };
        env.report.note_words(Side::Server, Tag::ChosenExtensions, message.extensions.types());
        let sent = env.actions.send(HandshakeType::encrypted_extensions, |writer| message.encode(writer))?;
        self.transcript.add(sent);
        Ok(())
    }

    /// Finished, then the keys for application data in our direction; the client's direction
    /// follows with its Finished.
    pub(super) fn finish(mut self, env: &mut Env<'_>) -> Result<State, Fault> {
        let verify_data = self.server_handshake_traffic.finished(&self.transcript.hash());
        let message = Finished { verify_data: &verify_data };
        let sent = env.actions.send(HandshakeType::finished, |writer| message.encode(writer))?;
        self.transcript.add(sent);

        let transcript_hash = self.transcript.hash();
        let client_application_traffic = self.main.client_application_traffic(&transcript_hash);
        let server_application_traffic = self.main.server_application_traffic(&transcript_hash);
        let exporter = self.main.exporter(&transcript_hash);
        self.log(env, key_log::CLIENT_TRAFFIC_SECRET_0, client_application_traffic.secret());
        self.log(env, key_log::SERVER_TRAFFIC_SECRET_0, server_application_traffic.secret());
        if let Some(secret) = exporter.secret() {
            self.log(env, key_log::EXPORTER_SECRET, secret);
        }
        env.actions.push(Action::InstallWriteKeys(server_application_traffic.keys(self.suite)));

        self.agreed.exporter = Some(exporter);
        Ok(State::WaitFinished(WaitFinished {
            suite: self.suite,
            // Nothing of the client's stands between our Finished and its own.
            expected: self.client_handshake_traffic.finished(&transcript_hash),
            client_application_traffic,
            server_application_traffic,
            agreed: self.agreed,
        }))
    }

    fn log(&self, env: &mut Env<'_>, label: &'static str, secret: &Secret) {
        let (client_random, secret) = (self.client_random, secret.duplicate());
        env.actions.push(Action::KeyLog { label, client_random, secret });
    }
}
