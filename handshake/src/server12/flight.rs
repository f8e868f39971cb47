//! ServerHello and ServerHelloDone, and what all states after them share; the whole flight
//! where a pre-shared key needs no certificate (RFC 5246 §7.4.1.3, RFC 4279 §2, RFC 5489 §2).

use alloc::boxed::Box;

use handclasp_codec::{
    CertificateType, CompressionMethod, DOWNGRADE_TLS12, ECCurveType, ECPointFormat, ECPointFormatList,
    Empty, Encode, HandshakeType, List, NamedGroup, ProtocolName, ProtocolNameList, ProtocolVersion,
    RenegotiationInfo, ServerEcdhParams, ServerHello, ServerHelloExtensions, ServerKeyExchangeEcdhePsk,
    ServerKeyExchangePsk, SignatureScheme, Writer,
};
use handclasp_crypto::Suite;
use handclasp_report::{Fault, Side, Tag};
use handclasp_schedule::Transcript;

use super::{
    State,
    choices::{Choices, PskSuite},
    start::Received,
    wait_certificate::WaitCertificate,
    wait_client_key_exchange::{UnderWay, WaitClientKeyExchange},
};
use crate::{
    Action, Connected, Context, Session, capability,
    certificates::Requested,
    message::{random, share_failed},
    server::Hello,
};

/// The handshake from the ServerHello on.
pub(super) struct Flight {
    pub(super) suite: &'static Suite,
    pub(super) client_random: [u8; 32],
    pub(super) server_random: [u8; 32],
    /// Whether RFC 7627 was agreed.
    pub(super) extended_master_secret: bool,
    pub(super) transcript: Transcript,
    pub(super) agreed: Box<Connected>,
    /// The certificate that the client is asked for.
    pub(super) requested: Option<Requested>,
    /// The type of the certificate by which we proved ourselves, now or when the session began.
    pub(super) shown: Option<CertificateType>,
    /// Whether the ServerHello has announced a NewSessionTicket (RFC 5077 §3.3).
    pub(super) ticket: Option<capability::Tickets>,
    /// When the client was last authenticated by more than a session.
    pub(super) authenticated: u64,
}

/// The certificate by which the server authenticates.
#[derive(Clone, Copy)]
pub(super) struct Shown {
    /// The scheme by which its key signs.
    pub(super) scheme: SignatureScheme,
    pub(super) certificate_type: CertificateType,
    /// Whether a CertificateStatus follows it.
    pub(super) stapled: bool,
    /// The certificate to request from the client (RFC 5246 §7.4.4: only a server that shows a
    /// certificate may request one).
    pub(super) requested: Option<Requested>,
}

/// The flight of a server that needs no certificate. Without a hint plain PSK has no
/// ServerKeyExchange (RFC 4279 §2).
pub(super) fn with_psk(
    context: &mut Context<'_>,
    received: Box<Received>,
    suite: PskSuite,
) -> Result<State, Fault> {
    let psk_identity_hint = &context.config.extensions.psk_identity_hint;
    match suite {
        PskSuite::Plain(on, suite) => {
            let mut flight = Flight::begin(context, received, suite, None, None)?;
            if !psk_identity_hint.is_empty() {
                let hint = ServerKeyExchangePsk { psk_identity_hint };
                flight.send(context, HandshakeType::server_key_exchange, |writer| hint.encode(writer))?;
            }
            flight.hello_done(context, UnderWay::Psk(on))
        }
        PskSuite::Ecdhe(on, suite, group) => {
            let private = group
                .start(context.random)
                .map_err(|error| share_failed(error, group.group(), context.report))?;
            let mut flight = Flight::begin(context, received, suite, Some(group.group()), None)?;
            let params = ecdh_params(group.group(), private.public());
            let key_exchange = ServerKeyExchangeEcdhePsk { psk_identity_hint, params };
            flight.send(context, HandshakeType::server_key_exchange, |writer| key_exchange.encode(writer))?;
            flight.hello_done(context, UnderWay::EcdhePsk(on, group.group(), private))
        }
    }
}

/// ServerECDHParams (RFC 8422 §5.4).
pub(super) fn ecdh_params(named_curve: NamedGroup, public: &[u8]) -> ServerEcdhParams<'_> {
    ServerEcdhParams { curve_type: ECCurveType::named_curve, named_curve, public }
}

impl Flight {
    /// Sends the ServerHello. `shown` is there where a certificate authenticates us.
    pub(super) fn begin(
        context: &mut Context<'_>,
        mut received: Box<Received>,
        suite: &'static Suite,
        group: Option<NamedGroup>,
        shown: Option<Shown>,
    ) -> Result<Box<Self>, Fault> {
        let Received { hello, choices } = &mut *received;
        let requested = shown.and_then(|shown| shown.requested);
        let mut transcript = Transcript::new();
        if requested.is_some() {
            // For the client's CertificateVerify (RFC 5246 §7.4.8).
            transcript.keep_messages();
        }
        transcript.select(suite.hash);
        transcript.add(hello.message());
        if !choices.extended_master_secret {
            context.report.note(Side::Client, Tag::NoExtendedMasterSecret, &[]);
        }
        let scheme = shown.map(|shown| shown.scheme);
        let mut flight = Box::new(Self {
            suite,
            client_random: hello.random,
            server_random: server_random(context)?,
            extended_master_secret: choices.extended_master_secret,
            transcript,
            agreed: agree(context, hello, choices, suite, group, scheme),
            requested,
            shown: shown.map(|shown| shown.certificate_type),
            // Without RFC 7627 no session is ever resumed (§5.4 there).
            ticket: capability::Tickets::get().filter(|_| {
                context.config.resumption.tickets > 0
                    && choices.session_ticket
                    && choices.extended_master_secret
            }),
            authenticated: context.now,
        });
        flight.send_server_hello(context, hello, choices, shown.is_some_and(|shown| shown.stapled))?;
        Ok(flight)
    }

    /// A ServerHello that resumes a session. With `renew` a new ticket follows.
    pub(super) fn resume(
        context: &mut Context<'_>,
        mut received: Box<Received>,
        suite: &'static Suite,
        session: &Session,
        renew: bool,
    ) -> Result<Box<Self>, Fault> {
        let Received { hello, choices } = &mut *received;
        let mut transcript = Transcript::new();
        transcript.select(suite.hash);
        transcript.add(hello.message());
        let mut agreed = agree(context, hello, choices, suite, None, None);
        agreed.resumed = true;
        agreed.peer = session.peer;
        agreed.psk_identity.clone_from(&session.psk_identity);
        context.report.note(Side::Server, Tag::Resumed, &[]);
        let mut flight = Box::new(Self {
            suite,
            client_random: hello.random,
            server_random: server_random(context)?,
            extended_master_secret: true,
            transcript,
            agreed,
            requested: None,
            shown: session.shown,
            ticket: renew.then(|| session.on()),
            authenticated: session.authenticated,
        });
        flight.send_server_hello(context, hello, choices, false)?;
        Ok(flight)
    }

    /// Our session id is the client's where its ticket was taken (RFC 5077 §3.4), else empty: no
    /// session is ever resumed by its id alone (RFC 5246 §7.4.1.3).
    fn send_server_hello(
        &mut self,
        context: &mut Context<'_>,
        hello: &Hello,
        choices: &Choices,
        stapled: bool,
    ) -> Result<(), Fault> {
        let Hello { offered, .. } = hello;
        let records = &choices.records;
        // Answered where offered, also where X.509 is the answer (RFC 7250 §4.2), and where a
        // session is resumed: to some clients no answer means X.509, which they may not take.
        let server_certificate_type = self.shown.filter(|_| offered.server_certificate_type);
        let client_certificate_type = self
            .requested
            .filter(|_| offered.client_certificate_type)
            .map(|requested| requested.certificate_type);
        let chosen = self.agreed.alpn.as_deref().map(ProtocolName).map(|name| [name]);
        let server_hello = ServerHello {
            legacy_version: ProtocolVersion::TLS_1_2,
            random: &self.server_random,
            legacy_session_id_echo: if self.agreed.resumed { hello.session_id() } else { &[] },
            cipher_suite: self.suite.id,
            legacy_compression_method: CompressionMethod::null,
            extensions: ServerHelloExtensions {
                renegotiation_info: choices
                    .renegotiation_info
                    .then_some(RenegotiationInfo { renegotiated_connection: &[] }),
                server_name: (offered.server_name && self.agreed.scheme.is_some()).then_some(Empty),
                ec_point_formats: (choices.ec_point_formats && self.agreed.group.is_some()).then_some(
                    ECPointFormatList { ec_point_format_list: List::of(&[ECPointFormat::uncompressed]) },
                ),
                application_layer_protocol_negotiation: chosen
                    .as_ref()
                    .map(|name| ProtocolNameList { protocol_name_list: List::of(name) }),
                // RFC 7366 §3: with CBC and with nothing else.
                encrypt_then_mac: (choices.encrypt_then_mac && self.suite.needs_encrypt_then_mac())
                    .then_some(Empty),
                extended_master_secret: choices.extended_master_secret.then_some(Empty),
                server_certificate_type,
                client_certificate_type,
                max_fragment_length: records.max_fragment_length,
                status_request: stapled.then_some(Empty),
                session_ticket: self.ticket.map(|_| Empty),
                record_size_limit: records.record_size_limit,
                ..Default::default()
            },
        };
        let sent = context.actions.send(HandshakeType::server_hello, |writer| server_hello.encode(writer))?;
        context.report.message(Side::Server, sent);
        self.transcript.add(sent);
        if let Some(limits) = records.limits {
            context.actions.push(Action::LimitRecords(limits));
        }
        Ok(())
    }

    /// Sends a message and adds it to the transcript.
    pub(super) fn send(
        &mut self,
        context: &mut Context<'_>,
        message: HandshakeType,
        body: impl FnOnce(&mut Writer<'_>),
    ) -> Result<(), Fault> {
        self.transcript.add(context.actions.send(message, body)?);
        Ok(())
    }

    /// Ends the flight.
    pub(super) fn hello_done(
        mut self: Box<Self>,
        context: &mut Context<'_>,
        under_way: UnderWay,
    ) -> Result<State, Fault> {
        self.send(context, HandshakeType::server_hello_done, |_| {})?;
        Ok(match self.requested {
            Some(Requested { on, certificate_type }) => {
                State::WaitCertificate(on, WaitCertificate { flight: self, under_way, certificate_type })
            }
            None => {
                State::WaitClientKeyExchange(WaitClientKeyExchange { flight: self, under_way, peer: None })
            }
        })
    }
}

/// Our random; its end says so where we could have done TLS 1.3 (RFC 8446 §4.1.3).
fn server_random(context: &mut Context<'_>) -> Result<[u8; 32], Fault> {
    let mut server_random = random(context)?;
    let can_13 = context.config.suites.iter().any(|suite| suite.version() == ProtocolVersion::TLS_1_3);
    if can_13 && let Some(end) = server_random.last_chunk_mut() {
        *end = DOWNGRADE_TLS12;
    }
    Ok(server_random)
}

/// The negotiated parameters.
fn agree(
    context: &mut Context<'_>,
    hello: &Hello,
    choices: &mut Choices,
    suite: &'static Suite,
    group: Option<NamedGroup>,
    scheme: Option<SignatureScheme>,
) -> Box<Connected> {
    if let Some(group) = group {
        context.report.note_word(Side::Server, Tag::ChosenGroup, group);
    }
    if let Some(scheme) = scheme {
        context.report.note_word(Side::Server, Tag::ChosenScheme, scheme);
    }
    let alpn = choices.alpn.take();
    Box::new(Connected {
        version: ProtocolVersion::TLS_1_2,
        suite: suite.id,
        extended_master_secret: choices.extended_master_secret,
        group,
        scheme,
        alpn,
        server_name: hello.server_name().map(<[u8]>::to_vec),
        record_limits: choices.records.limits,
        ..Connected::default()
    })
}
