//! The server's flight, in two halves with the certificate's messages between them:
//! ServerHello and EncryptedExtensions, then Finished (RFC 8446 §2, §4.1.3, §4.3.1, §4.4.4).

use alloc::boxed::Box;

use handclasp_codec::{
    CertificateType, ClientHello, CompressionMethod, Empty, Encode, EncryptedExtensions,
    EncryptedExtensionsBlock, Finished, HandshakeType, KeyShareEntry, KeyShareServerHello, List, NamedGroup,
    PreSharedKeyServerHello, ProtocolName, ProtocolNameList, ProtocolVersion, PskKeyExchangeMode,
    SelectedVersion, ServerHello, ServerHelloExtensions, SignatureScheme,
};
use handclasp_crypto::{Encapsulated, Secret, Suite};
use handclasp_report::{Fault, Internal, Side, Tag};
use handclasp_schedule::{EarlySecret, Epoch, HandshakeSecret, KeySource, Sender, Transcript, key_log};

use super::{
    State, certificate_request,
    received::{Received, group, permits_psk},
    session::Session,
    wait_certificate::WaitCertificate,
    wait_finished::WaitFinished,
};
use crate::{
    Action, ClientAuthentication, Connected, Context, certificates,
    extensions::answer_records,
    message::{random, share_fault},
    negotiate::{self, Group13},
};

/// By what the server proves itself.
#[derive(Clone, Copy)]
pub(super) enum Authentication {
    /// A pre-shared key.
    Psk {
        /// Its place in the client's list.
        index: u16,
        /// Whether (EC)DHE goes with it.
        mode: PskKeyExchangeMode,
    },
    /// A session that began by a certificate of this type, or by a pre-shared key.
    Session {
        /// The place of its ticket in the client's list.
        index: u16,
        /// See [`crate::Session`].
        shown: Option<CertificateType>,
    },
    /// A certificate, whose key signs by this scheme.
    Certificate(SignatureScheme, CertificateType),
}

impl Authentication {
    /// The type of certificate that the client knows us by.
    fn shown(self) -> Option<CertificateType> {
        match self {
            Self::Certificate(_, shown) => Some(shown),
            Self::Session { shown, .. } => shown,
            Self::Psk { .. } => None,
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
    /// The type of certificate that the client is asked for, if it is asked.
    asked: Option<CertificateType>,
    /// The type of the certificate by which we proved ourselves, now or when the session began.
    shown: Option<CertificateType>,
    /// How many tickets the client gets.
    tickets: u8,
    /// When the client was last authenticated by more than a session.
    authenticated: u64,
}

/// ServerHello, then keys, then EncryptedExtensions.
pub(super) fn begin(
    context: &mut Context<'_>,
    received: Received,
    suite: &'static Suite,
    early: EarlySecret,
    by: Authentication,
) -> Result<Flight, Fault> {
    let Received { hello: kept, mut transcript, retry } = received;
    let hello = kept.read()?;
    let ours = match by {
        Authentication::Psk { mode: PskKeyExchangeMode::psk_ke, .. } => None,
        Authentication::Psk { .. } | Authentication::Session { .. } | Authentication::Certificate(..) => {
            Some(exchange(context, &hello)?)
        }
    };
    let agreed = agree(context, &hello, suite, ours.as_ref().map(|(group, _)| *group), by)?;
    let asked = client_certificate_type(context, &hello, by)?;

    // In this order nothing is kept: a first hello goes straight into the hash.
    transcript.select(suite.hash);
    transcript.add(kept.message());
    let share =
        ours.as_ref().map(|(group, ours)| KeyShareEntry { group: *group, key_exchange: &ours.public });
    send_server_hello(context, &mut transcript, &hello, suite, share, by)?;
    // Once a connection, behind our first message (RFC 8446 §D.4).
    if retry.is_none() && !hello.legacy_session_id.is_empty() {
        context.actions.push(Action::SendChangeCipherSpec);
    }

    let shared = ours.as_ref().map(|(_, ours)| &ours.shared);
    let mut flight = Flight::new(suite, transcript, early, shared, *hello.random, agreed);
    flight.asked = asked;
    flight.shown = by.shown();
    flight.authenticated = context.now;
    // A ticket is of no use to a client that cannot offer it (§4.2.9).
    flight.tickets = if permits_psk(&hello) { context.config.resumption.tickets } else { 0 };
    if hello.extensions.early_data.is_some() {
        context.actions.push(Action::SkipEarlyData);
    }
    flight.install_handshake_keys(context);
    flight.send_encrypted_extensions(context, &hello, by)?;
    if asked.is_some() {
        certificate_request::send(context, &mut flight.transcript)?;
    }
    Ok(flight)
}

/// Our share and the secret, in answer to the client's share.
fn exchange(context: &mut Context<'_>, hello: &ClientHello<'_>) -> Result<(NamedGroup, Encapsulated), Fault> {
    let Group13::Share(group, share) = group(context, hello)? else {
        return Err(Fault::Internal(Internal::Bug));
    };
    let ours = group.encapsulate(share, context.random).map_err(share_fault(group.group()))?;
    Ok((group.group(), ours))
}

/// What will have been agreed.
fn agree(
    context: &mut Context<'_>,
    hello: &ClientHello<'_>,
    suite: &'static Suite,
    group: Option<NamedGroup>,
    by: Authentication,
) -> Result<Box<Connected>, Fault> {
    let offer = &hello.extensions;
    let alpn = negotiate::alpn(context.config, offer.application_layer_protocol_negotiation)?;
    let (scheme, psk_identity) = match by {
        Authentication::Certificate(scheme, _) => (Some(scheme), None),
        Authentication::Psk { index, .. } | Authentication::Session { index, .. } => {
            let mut identities = offer.pre_shared_key.iter().flat_map(|psks| psks.identities.iter());
            (None, identities.nth(usize::from(index)).map(|psk| psk.identity.to_vec()))
        }
    };
    context.report.note_words(Side::Server, Tag::ChosenSuite, core::iter::once(suite.id));
    if group.is_some() {
        context.report.note_words(Side::Server, Tag::ChosenGroup, group.into_iter());
    }
    if let Some(name) = &alpn {
        context.report.note(Side::Server, Tag::ChosenAlpn, name);
    }
    Ok(Box::new(Connected {
        version: ProtocolVersion::TLS_1_3,
        suite: suite.id,
        group,
        scheme,
        alpn,
        server_name: offer.server_name.and_then(|names| names.host_name()).map(<[u8]>::to_vec),
        psk_identity,
        ..Connected::default()
    }))
}

/// The type of certificate to ask the client for, if it is to be asked: not where a pre-shared
/// key authenticates both (§4.3.2).
fn client_certificate_type(
    context: &Context<'_>,
    hello: &ClientHello<'_>,
    by: Authentication,
) -> Result<Option<CertificateType>, Fault> {
    let ours = &context.config.certificates;
    match (by, ours.client_authentication) {
        (Authentication::Psk { .. } | Authentication::Session { .. }, _)
        | (_, ClientAuthentication::None) => Ok(None),
        (Authentication::Certificate(..), ClientAuthentication::Offered | ClientAuthentication::Required) => {
            let offer = hello.extensions.client_certificate_type.as_ref();
            let offer = offer.map(|list| list.certificate_types);
            certificates::choose(ours.peer_types(), offer).map(Some)
        }
    }
}

fn send_server_hello(
    context: &mut Context<'_>,
    transcript: &mut Transcript,
    hello: &ClientHello<'_>,
    suite: &Suite,
    share: Option<KeyShareEntry<'_>>,
    by: Authentication,
) -> Result<(), Fault> {
    let selected = match by {
        Authentication::Psk { index, .. } | Authentication::Session { index, .. } => {
            Some(PreSharedKeyServerHello { selected_identity: index })
        }
        Authentication::Certificate(..) => None,
    };
    let server_hello = ServerHello {
        legacy_version: ProtocolVersion::TLS_1_2,
        random: &random(context.random)?,
        legacy_session_id_echo: hello.legacy_session_id,
        cipher_suite: suite.id,
        legacy_compression_method: CompressionMethod::null,
        extensions: ServerHelloExtensions {
            supported_versions: Some(SelectedVersion { selected_version: ProtocolVersion::TLS_1_3 }),
            key_share: share.map(|server_share| KeyShareServerHello { server_share }),
            pre_shared_key: selected,
            ..Default::default()
        },
    };
    transcript.add(context.actions.send(HandshakeType::server_hello, |writer| server_hello.encode(writer))?);
    Ok(())
}

impl Flight {
    /// The stages of the key schedule, as soon as the ServerHello is in the transcript.
    fn new(
        suite: &'static Suite,
        transcript: Transcript,
        early: EarlySecret,
        shared: Option<&Secret>,
        client_random: [u8; 32],
        agreed: Box<Connected>,
    ) -> Self {
        let secret = early.handshake(shared, &transcript.hash());
        Self {
            suite,
            transcript,
            secret,
            client_random,
            agreed,
            asked: None,
            shown: None,
            tickets: 0,
            authenticated: 0,
        }
    }

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
        hello: &ClientHello<'_>,
        by: Authentication,
    ) -> Result<(), Fault> {
        let records = answer_records(context.config, ProtocolVersion::TLS_1_3, hello)?;
        records.limits.into_iter().for_each(|limits| context.actions.push(Action::LimitRecords(limits)));
        self.agreed.record_limits = records.limits;
        let chosen = self.agreed.alpn.as_deref().map(ProtocolName);
        let offer = &hello.extensions;
        let named = match by {
            Authentication::Certificate(..) => offer.server_name.is_some(),
            Authentication::Psk { .. } | Authentication::Session { .. } => false,
        };
        // Answered where offered, also where X.509 is the answer (RFC 7250 §4.2), and where a
        // session is resumed: to some clients no answer means X.509, which they may not take.
        let server_certificate_type = self.shown.filter(|_| offer.server_certificate_type.is_some());
        let client_certificate_type = self.asked.filter(|_| offer.client_certificate_type.is_some());
        for (side, answer) in
            [(Side::Server, server_certificate_type), (Side::Client, client_certificate_type)]
        {
            answer.iter().for_each(|answer| certificates::note(context.report, side, *answer));
        }
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
        context.report.note_words(Side::Server, Tag::ChosenExtensions, message.extensions.types());
        let sent =
            context.actions.send(HandshakeType::encrypted_extensions, |writer| message.encode(writer))?;
        self.transcript.add(sent);
        Ok(())
    }

    /// A session is resumed: whoever began it is whom we talk to.
    pub(super) fn resume(&mut self, context: &mut Context<'_>, session: &crate::Session) {
        self.agreed.resumed = true;
        self.agreed.peer = session.peer;
        self.agreed.psk_identity.clone_from(&session.psk_identity);
        self.authenticated = session.authenticated;
        context.report.note(Side::Server, Tag::Resumed, &[]);
    }

    /// Finished, then the keys for application data in our direction; the client's direction
    /// follows with its Finished.
    pub(super) fn finish(mut self, context: &mut Context<'_>) -> Result<State, Fault> {
        let verify_data = self.secret.traffic(Sender::Server).finished(&self.transcript.hash());
        let message = Finished { verify_data: &verify_data };
        let sent = context.actions.send(HandshakeType::finished, |writer| message.encode(writer))?;
        self.transcript.add(sent);

        let transcript_hash = self.transcript.hash();
        let main = self.secret.main(&transcript_hash);
        let exporter = main.exporter(&transcript_hash, &mut self.agreed.exporter);
        for (label, secret) in [
            (
                key_log::CLIENT_TRAFFIC_SECRET_0,
                Some(main.traffic(Epoch::Application, Sender::Client).secret()),
            ),
            (
                key_log::SERVER_TRAFFIC_SECRET_0,
                Some(main.traffic(Epoch::Application, Sender::Server).secret()),
            ),
            (key_log::EXPORTER_SECRET, exporter.secret()),
        ] {
            if let Some(secret) = secret {
                context.actions.log(context.config, label, &self.client_random, secret);
            }
        }
        context.actions.push(Action::InstallWriteKeys(Epoch::Application));

        let session = Session {
            suite: self.suite,
            transcript: self.transcript,
            agreed: self.agreed,
            main,
            shown: self.shown,
            tickets: self.tickets,
            authenticated: self.authenticated,
        };
        Ok(match self.asked {
            Some(certificate_type) => State::WaitCertificate(WaitCertificate { session, certificate_type }),
            None => State::WaitFinished(WaitFinished { session }),
        })
    }

    /// See `State::keys`.
    pub(super) fn keys(&self, epoch: Epoch, sender: Sender) -> Option<KeySource<'_>> {
        match epoch {
            Epoch::Handshake => Some(KeySource::Secret(self.secret.traffic(sender), self.suite)),
            Epoch::Application => None,
        }
    }
}
