//! The server's flight, in two halves with the certificate's messages between them:
//! ServerHello and EncryptedExtensions, then Finished (RFC 8446 §2, §4.1.3, §4.3.1, §4.4.4).

use alloc::{boxed::Box, vec::Vec};

use handclasp_codec::{
    CertificateType, CompressionMethod, Empty, Encode, EncryptedExtensions, EncryptedExtensionsBlock,
    Finished, HandshakeType, KeyShareEntry, KeyShareServerHello, List, NamedGroup, PreSharedKeyServerHello,
    ProtocolName, ProtocolNameList, ProtocolVersion, SelectedVersion, ServerHello, ServerHelloExtensions,
    SignatureScheme,
};
use handclasp_crypto::{Encapsulated, Suite};
use handclasp_report::{Fault, Side, Tag};
use handclasp_schedule::{
    EarlySecret, Epoch, Exporter, HandshakeSecret, KeySource, Sender, Transcript, key_log,
};

use super::{
    State, certificate_request,
    choices::{Choices, Share},
    handshake::Handshake,
    received::Received,
    wait_certificate::WaitCertificate,
    wait_finished::WaitFinished,
};
use crate::{
    Action, Connected, Context, capability,
    certificates::Requested,
    extensions::Records,
    message::{random, share_failed},
    server::{Hello, Offered},
};

/// How the server authenticates.
pub(super) enum Authentication {
    /// By a pre-shared key.
    Psk {
        /// Its place in the client's list.
        index: u16,
        identity: Option<Vec<u8>>,
    },
    /// By a session that began with a certificate of this type, or with a pre-shared key.
    Session {
        /// The place of its ticket in the client's list.
        index: u16,
        /// See [`crate::Session`].
        shown: Option<CertificateType>,
    },
    /// By a certificate, whose key signs with this scheme.
    Certificate {
        scheme: SignatureScheme,
        certificate_type: CertificateType,
        /// The certificate to request from the client. One that a pre-shared key authenticates is
        /// not asked (§4.3.2).
        requested: Option<Requested>,
    },
}

impl Authentication {
    /// The type of certificate that the client knows us by.
    fn shown(&self) -> Option<CertificateType> {
        match self {
            Self::Certificate { certificate_type, .. } => Some(*certificate_type),
            Self::Session { shown, .. } => *shown,
            Self::Psk { .. } => None,
        }
    }

    /// The pre-shared key or session that the ServerHello names.
    fn selected_identity(&self) -> Option<u16> {
        match self {
            Self::Psk { index, .. } | Self::Session { index, .. } => Some(*index),
            Self::Certificate { .. } => None,
        }
    }

    fn requested(&self) -> Option<Requested> {
        match self {
            Self::Certificate { requested, .. } => *requested,
            Self::Psk { .. } | Self::Session { .. } => None,
        }
    }
}

/// The flight under way.
pub(super) struct Flight {
    suite: &'static Suite,
    pub(super) transcript: Transcript,
    secret: HandshakeSecret,
    client_random: [u8; 32],
    agreed: Box<Connected>,
    /// The certificate requested from the client, if any.
    requested: Option<Requested>,
    /// The type of the certificate by which we authenticated, now or when the session began.
    shown: Option<CertificateType>,
    /// How many tickets the client gets.
    tickets: u8,
    /// When the client was last authenticated by more than a session.
    authenticated: u64,
}

/// ServerHello, then keys, then EncryptedExtensions. `share` is `None` with psk_ke alone.
pub(super) fn begin(
    context: &mut Context<'_>,
    mut received: Box<Received>,
    suite: &'static Suite,
    early: EarlySecret,
    share: Option<Share>,
    authentication: Authentication,
) -> Result<Box<Flight>, Fault> {
    let Received { hello, transcript, choices, .. } = &mut *received;
    let mut transcript = core::mem::take(transcript);
    let ours = match share {
        Some(share) => Some(exchange(context, hello, share)?),
        None => None,
    };
    let (requested, shown) = (authentication.requested(), authentication.shown());
    let selected_identity = authentication.selected_identity();
    let group = ours.as_ref().map(|ours| ours.group);
    let agreed = agree(hello, choices, suite, group, authentication);

    // In this order nothing is kept: a first hello goes straight into the hash.
    transcript.select(suite.hash);
    transcript.add(hello.message());
    send_server_hello(context, &mut transcript, hello, suite, ours.as_ref(), selected_identity)?;
    // Once a connection, behind our first message (RFC 8446 §D.4).
    if choices.is_first && !hello.session_id().is_empty() {
        context.actions.push(Action::SendChangeCipherSpec);
    }
    if choices.early_data {
        context.actions.push(Action::SkipEarlyData);
    }

    let shared = ours.as_ref().map(|ours| &ours.encapsulated.shared);
    let secret = early.handshake(shared, &transcript.hash());
    // A ticket is of no use to a client that cannot offer it (§4.2.9).
    let tickets = if choices.takes_tickets { context.config.resumption.tickets } else { 0 };
    let (client_random, authenticated) = (hello.random, context.now);
    let flight =
        Flight { suite, transcript, secret, client_random, agreed, requested, shown, tickets, authenticated };
    let mut flight = Box::new(flight);
    flight.install_handshake_keys(context);
    flight.send_encrypted_extensions(context, hello.offered, choices.records)?;
    if requested.is_some() {
        certificate_request::send(context, &mut flight.transcript)?;
    }
    Ok(flight)
}

/// Our answer to the client's share.
struct Exchanged {
    group: NamedGroup,
    encapsulated: Encapsulated,
}

impl Exchanged {
    fn key_share(&self) -> KeyShareServerHello<'_> {
        let server_share = KeyShareEntry { group: self.group, key_exchange: &self.encapsulated.public };
        KeyShareServerHello { server_share }
    }
}

/// Our share and the secret, in answer to the client's share.
fn exchange(context: &mut Context<'_>, hello: &Hello, share: Share) -> Result<Exchanged, Fault> {
    let group = share.group.group();
    let encapsulated = share
        .group
        .encapsulate(hello.part(share.public), context.random)
        .map_err(|error| share_failed(error, group, context.report))?;
    Ok(Exchanged { group, encapsulated })
}

/// The negotiated parameters.
fn agree(
    hello: &Hello,
    choices: &mut Choices,
    suite: &'static Suite,
    group: Option<NamedGroup>,
    authentication: Authentication,
) -> Box<Connected> {
    let (scheme, psk_identity) = match authentication {
        Authentication::Certificate { scheme, .. } => (Some(scheme), None),
        Authentication::Psk { identity, .. } => (None, identity),
        // That of the handshake that began it: see `Flight::resume`.
        Authentication::Session { .. } => (None, None),
    };
    let alpn = choices.alpn.take();
    Box::new(Connected {
        version: ProtocolVersion::TLS_1_3,
        suite: suite.id,
        extended_master_secret: true,
        group,
        scheme,
        alpn,
        server_name: hello.server_name().map(<[u8]>::to_vec),
        psk_identity,
        record_limits: choices.records.limits,
        ..Connected::default()
    })
}

fn send_server_hello(
    context: &mut Context<'_>,
    transcript: &mut Transcript,
    hello: &Hello,
    suite: &Suite,
    ours: Option<&Exchanged>,
    selected_identity: Option<u16>,
) -> Result<(), Fault> {
    let server_hello = ServerHello {
        legacy_version: ProtocolVersion::TLS_1_2,
        random: &random(context)?,
        legacy_session_id_echo: hello.session_id(),
        cipher_suite: suite.id,
        legacy_compression_method: CompressionMethod::null,
        extensions: ServerHelloExtensions {
            supported_versions: Some(SelectedVersion { selected_version: ProtocolVersion::TLS_1_3 }),
            key_share: ours.map(Exchanged::key_share),
            pre_shared_key: selected_identity
                .map(|selected_identity| PreSharedKeyServerHello { selected_identity }),
            ..Default::default()
        },
    };
    let sent = context.actions.send(HandshakeType::server_hello, |writer| server_hello.encode(writer))?;
    context.report.message(Side::Server, sent);
    transcript.add(sent);
    Ok(())
}

impl Flight {
    /// Both directions: the client's next message comes under its handshake keys.
    fn install_handshake_keys(&self, context: &mut Context<'_>) {
        for (label, sender) in [
            (key_log::CLIENT_HANDSHAKE_TRAFFIC_SECRET, Sender::Client),
            (key_log::SERVER_HANDSHAKE_TRAFFIC_SECRET, Sender::Server),
        ] {
            let secret = self.secret.traffic(sender).secret();
            context.actions.log(context.config, label, &self.client_random, secret);
        }
        context.actions.push(Action::InstallWriteKeys(Epoch::Handshake));
        context.actions.push(Action::InstallReadKeys(Epoch::Handshake));
    }

    /// Answers to what was offered, and nothing else (§4.3.1).
    fn send_encrypted_extensions(
        &mut self,
        context: &mut Context<'_>,
        offered: Offered,
        records: Records,
    ) -> Result<(), Fault> {
        if let Some(limits) = records.limits {
            context.actions.push(Action::LimitRecords(limits));
        }
        let chosen = self.agreed.alpn.as_deref().map(ProtocolName);
        // A name says which certificate to show, and there is none with a pre-shared key.
        let named = offered.server_name && self.agreed.scheme.is_some();
        // Answered where offered, also where X.509 is the answer (RFC 7250 §4.2), and where a
        // session is resumed: to some clients no answer means X.509, which they may not take.
        let server_certificate_type = self.shown.filter(|_| offered.server_certificate_type);
        let client_certificate_type = self
            .requested
            .filter(|_| offered.client_certificate_type)
            .map(|requested| requested.certificate_type);
        let message = EncryptedExtensions {
            extensions: EncryptedExtensionsBlock {
                server_name: named.then_some(Empty),
                max_fragment_length: records.max_fragment_length,
                record_size_limit: records.record_size_limit,
                client_certificate_type,
                server_certificate_type,
                application_layer_protocol_negotiation: chosen.as_ref().map(|name| ProtocolNameList {
                    protocol_name_list: List::of(core::slice::from_ref(name)),
                }),
                ..Default::default()
            },
        };
        let sent =
            context.actions.send(HandshakeType::encrypted_extensions, |writer| message.encode(writer))?;
        context.report.message(Side::Server, sent);
        self.transcript.add(sent);
        Ok(())
    }

    /// Takes over what a resumed session says about the client: its first handshake authenticated it.
    pub(super) fn resume(&mut self, context: &mut Context<'_>, session: &crate::Session) {
        self.agreed.resumed = true;
        self.agreed.peer = session.peer;
        self.agreed.psk_identity.clone_from(&session.psk_identity);
        self.authenticated = session.authenticated;
        context.report.note(Side::Server, Tag::Resumed, &[]);
    }

    /// Finished, then the keys for application data in our direction; the client's direction
    /// follows with its Finished.
    pub(super) fn finish(mut self: Box<Self>, context: &mut Context<'_>) -> Result<State, Fault> {
        let verify_data = self.secret.traffic(Sender::Server).finished(&self.transcript.hash());
        let message = Finished { verify_data: &verify_data };
        let sent = context.actions.send(HandshakeType::finished, |writer| message.encode(writer))?;
        self.transcript.add(sent);

        let transcript_hash = self.transcript.hash();
        let main = self.secret.main(&transcript_hash);
        let exporter =
            capability::Exporter::get().map(|_| main.exporter(&transcript_hash, &mut self.agreed.exporter));
        for (label, secret) in [
            (
                key_log::CLIENT_TRAFFIC_SECRET_0,
                Some(main.traffic(Epoch::Application, Sender::Client).secret()),
            ),
            (
                key_log::SERVER_TRAFFIC_SECRET_0,
                Some(main.traffic(Epoch::Application, Sender::Server).secret()),
            ),
            (key_log::EXPORTER_SECRET, exporter.and_then(Exporter::secret)),
        ] {
            if let Some(secret) = secret {
                context.actions.log(context.config, label, &self.client_random, secret);
            }
        }
        context.actions.push(Action::InstallWriteKeys(Epoch::Application));

        let requested = self.requested;
        let handshake = Handshake {
            suite: self.suite,
            transcript: self.transcript,
            agreed: self.agreed,
            main,
            shown: self.shown,
            tickets: self.tickets,
            authenticated: self.authenticated,
        };
        Ok(match requested {
            Some(Requested { on, certificate_type }) => {
                State::WaitCertificate(on, WaitCertificate { handshake, certificate_type })
            }
            None => State::WaitFinished(WaitFinished { handshake }),
        })
    }

    /// See `State::keys`.
    pub(super) fn keys(&self, epoch: Epoch, sender: Sender) -> Option<KeySource<'_>> {
        match epoch {
            Epoch::Handshake => Some(KeySource::derived(self.secret.traffic(sender), self.suite)),
            Epoch::Application => None,
        }
    }
}
