//! ServerHello and ServerHelloDone; the whole flight where a pre-shared key needs no certificate
//! (RFC 5246 §7.4.1.3, RFC 4279 §2, RFC 5489 §2).

use handclasp_codec::{
    CipherSuite, ClientHelloView, DOWNGRADE_TLS12, ECCurveType, ECPointFormat, Encode, ExtensionType,
    HandshakeType, NamedGroup, ProtocolVersion, ServerEcdhParams, ServerKeyExchangeEcdhePsk,
    ServerKeyExchangePsk, SignatureScheme, has_number,
};
use handclasp_report::{Failed, Side, Tag};

use super::{
    State,
    choices::PskSuite,
    handshake::Handshake,
    wait_certificate::WaitCertificate,
    wait_client_key_exchange::{UnderWay, WaitClientKeyExchange},
};
use crate::{
    Action, Context, Session, capability,
    certificates::Requested,
    message::{random, share_failed},
    server::{hello::offers_on_host, server_hello},
};

/// The flight of a server that needs no certificate. Without a hint plain PSK has no
/// ServerKeyExchange (RFC 4279 §2).
pub(super) fn with_psk(
    shared: &mut Handshake,
    context: &mut Context<'_>,
    psk: PskSuite,
) -> Result<State, Failed> {
    let PskSuite { on, suite, group } = psk;
    let psk_identity_hint = &context.config.extensions.psk_identity_hint;
    shared.suite = suite;
    let Some((_, group)) = group else {
        Start::default().send(shared, context)?;
        if !psk_identity_hint.is_empty() {
            let hint = ServerKeyExchangePsk { psk_identity_hint };
            shared.send(context, HandshakeType::server_key_exchange, |writer| hint.encode(writer))?;
        }
        return hello_done(shared, context, UnderWay::Psk(on));
    };
    let private =
        group.start(context.random).map_err(|error| share_failed(error, group.group(), context.report))?;
    Start { group: Some(group.group()), ..Start::default() }.send(shared, context)?;
    let params = ecdh_params(group.group(), private.public());
    let key_exchange = ServerKeyExchangeEcdhePsk { psk_identity_hint, params };
    shared.send(context, HandshakeType::server_key_exchange, |writer| key_exchange.encode(writer))?;
    hello_done(shared, context, UnderWay::EcdhePsk(on, group.group(), private))
}

/// ServerECDHParams (RFC 8422 §5.4).
pub(super) fn ecdh_params(named_curve: NamedGroup, public: &[u8]) -> ServerEcdhParams<'_> {
    ServerEcdhParams { curve_type: ECCurveType::named_curve, named_curve, public }
}

/// What a ServerHello says beside what the states share.
#[derive(Default)]
pub(super) struct Start {
    pub(super) group: Option<NamedGroup>,
    /// The scheme by which the key of our certificate signs.
    pub(super) scheme: Option<SignatureScheme>,
    /// Whether a CertificateStatus follows the certificate.
    pub(super) stapled: bool,
}

impl Start {
    /// Sends the ServerHello.
    pub(super) fn send(self, shared: &mut Handshake, context: &mut Context<'_>) -> Result<(), Failed> {
        let Self { group, scheme, stapled } = self;
        if shared.requested.is_some() {
            // For the client's CertificateVerify (RFC 5246 §7.4.8).
            shared.transcript.keep_messages();
        }
        if !shared.extended_master_secret {
            context.report.note(Side::Client, Tag::NoExtendedMasterSecret, &[]);
        }
        if let Some(group) = group {
            context.report.note_word(Side::Server, Tag::ChosenGroup, group);
        }
        if let Some(scheme) = scheme {
            context.report.note_word(Side::Server, Tag::ChosenScheme, scheme);
        }
        let agreed = shared.agreed();
        (agreed.group, agreed.scheme) = (group, scheme);
        // Without RFC 7627 no session is ever resumed (§5.4 there).
        shared.ticket = capability::Tickets::get().filter(|_| {
            context.config.resumption.tickets > 0
                && shared.extended_master_secret
                && shared.hello.view().offers(ExtensionType::session_ticket)
        });
        send_server_hello(shared, context, stapled)
    }
}

/// Sends a ServerHello that resumes a session. With `renew` a new ticket follows.
pub(super) fn resume(
    shared: &mut Handshake,
    context: &mut Context<'_>,
    session: &Session,
    renew: bool,
) -> Result<(), Failed> {
    let agreed = shared.agreed();
    agreed.resumed = true;
    agreed.peer = session.peer;
    agreed.psk_identity.clone_from(&session.psk_identity);
    shared.shown = session.shown;
    shared.ticket = renew.then(|| session.on());
    shared.authenticated = session.authenticated;
    context.report.note(Side::Server, Tag::Resumed, &[]);
    send_server_hello(shared, context, false)
}

/// Our session id is the client's where its ticket was taken (RFC 5077 §3.4), else empty: no
/// session is ever resumed by its id alone (RFC 5246 §7.4.1.3).
fn send_server_hello(shared: &mut Handshake, context: &mut Context<'_>, stapled: bool) -> Result<(), Failed> {
    shared.server_random = server_random(context)?;
    let Handshake { hello, suite, records, server_random, requested, shown, ticket, .. } = &*shared;
    let (view, agreed) = (hello.view(), shared.agreed_so_far());
    let has = |condition: bool| condition.then_some(&[][..]);
    let offers = |extension_type| view.offers(extension_type);
    let has_group = agreed.is_some_and(|agreed| agreed.group.is_some());
    let has_scheme = agreed.is_some_and(|agreed| agreed.scheme.is_some());
    let resumed = agreed.is_some_and(|agreed| agreed.resumed);
    use ExtensionType as Type;
    // Answered where offered, also where X.509 is the answer (RFC 7250 §4.2), and where a
    // session is resumed: to some clients no answer means X.509, which they may not take.
    let server_type = shown.filter(|_| offers_on_host(view, Type::server_certificate_type));
    let client_type = requested.filter(|_| offers_on_host(view, Type::client_certificate_type));
    let server_type = server_type.map(|shown| [shown.0]);
    let client_type = client_type.map(|requested| [requested.certificate_type.0]);
    // RFC 7366 §3: with CBC and with nothing else.
    let encrypt_then_mac = suite.needs_encrypt_then_mac() && offers(Type::encrypt_then_mac);
    let answers = [
        (Type::renegotiation_info, signals_renegotiation(view).then_some(&[0][..])),
        (Type::server_name, has(has_scheme && offers(Type::server_name))),
        (Type::max_fragment_length, records.max_fragment_length.as_ref().map(|code| &code[..])),
        (Type::status_request, has(stapled)),
        (
            Type::ec_point_formats,
            (has_group && offers(Type::ec_point_formats)).then_some(&[1, ECPointFormat::uncompressed.0][..]),
        ),
        (Type::application_layer_protocol_negotiation, agreed.and_then(|agreed| agreed.alpn.as_deref())),
        (Type::client_certificate_type, client_type.as_ref().map(|one| &one[..])),
        (Type::server_certificate_type, server_type.as_ref().map(|one| &one[..])),
        (Type::encrypt_then_mac, has(encrypt_then_mac)),
        (Type::extended_master_secret, has(shared.extended_master_secret)),
        (Type::record_size_limit, records.record_size_limit.as_ref().map(|limit| &limit[..])),
        (Type::session_ticket, has(ticket.is_some())),
    ];
    let session_id = if resumed { view.session_id() } else { &[] };
    let sent = server_hello::send(context, HandshakeType::server_hello, |writer| {
        server_hello::write12(server_random, session_id, suite.id, &answers, writer);
    })?;
    shared.transcript.select(shared.suite.hash);
    shared.transcript.add(core::mem::take(&mut shared.hello).view().message());
    shared.transcript.add(sent);
    let (suite, limits) = (shared.suite.id, shared.records.limits);
    let extended_master_secret = shared.extended_master_secret;
    let agreed = shared.agreed();
    agreed.suite = suite;
    agreed.extended_master_secret = extended_master_secret;
    agreed.record_limits = limits;
    if let Some(limits) = limits {
        context.actions.push(Action::LimitRecords(limits));
    }
    Ok(())
}

/// Whether the client does RFC 5746, by either signal (§3.3, §3.4 there).
fn signals_renegotiation(hello: ClientHelloView<'_>) -> bool {
    let CipherSuite(signal) = CipherSuite::TLS_EMPTY_RENEGOTIATION_INFO_SCSV;
    hello.offers(ExtensionType::renegotiation_info) || has_number(hello.cipher_suites(), signal)
}

/// Ends the flight.
pub(super) fn hello_done(
    shared: &mut Handshake,
    context: &mut Context<'_>,
    under_way: UnderWay,
) -> Result<State, Failed> {
    shared.send(context, HandshakeType::server_hello_done, |_| {})?;
    Ok(match shared.requested {
        Some(Requested { on, certificate_type }) => {
            State::WaitCertificate(on, WaitCertificate { under_way, certificate_type })
        }
        None => State::WaitClientKeyExchange(WaitClientKeyExchange { under_way, peer: None }),
    })
}

/// Our random; its end says so where we could have done TLS 1.3 (RFC 8446 §4.1.3).
fn server_random(context: &mut Context<'_>) -> Result<[u8; 32], Failed> {
    let mut server_random = random(context)?;
    let can_13 = context.config.suites.iter().any(|suite| suite.version() == ProtocolVersion::TLS_1_3);
    if can_13 && let Some(end) = server_random.last_chunk_mut() {
        *end = DOWNGRADE_TLS12;
    }
    Ok(server_random)
}
