//! The ServerHello of TLS 1.2 (RFC 5246 §7.4.1.3, RFC 5746 §3.4, RFC 7627 §5.2).

use alloc::boxed::Box;

use handclasp_codec::{
    CompressionMethod, ECPointFormat, ExtensionType, Field, ProtocolVersion, ServerHello,
    ServerHelloExtensions,
};
use handclasp_crypto::{KeyExchangeAlgorithm, Suite};
use handclasp_report::{Choice, Failed, Fault, Side, Tag};

use super::{
    State, handshake::Handshake, resume, wait_certificate::WaitCertificate,
    wait_psk_key_exchange_or_done::WaitPskKeyExchangeOrDone,
};
use crate::{
    Action, Connected, Context, ExtendedMasterSecret, RecordLimits, capability,
    certificates::Types,
    client::{Offer, Psk, chosen_alpn, only_answers},
    extensions::records_answered,
};

/// Of what we offer, what may be answered here. supported_groups should not be, yet servers are
/// about that do it, and it says nothing that a ServerKeyExchange does not.
const PERMITTED: &[ExtensionType] = &[
    ExtensionType::server_name,
    ExtensionType::max_fragment_length,
    ExtensionType::status_request,
    ExtensionType::supported_groups,
    ExtensionType::ec_point_formats,
    ExtensionType::application_layer_protocol_negotiation,
    ExtensionType::client_certificate_type,
    ExtensionType::server_certificate_type,
    ExtensionType::encrypt_then_mac,
    ExtensionType::extended_master_secret,
    ExtensionType::session_ticket,
    ExtensionType::record_size_limit,
];

/// A ServerHello that chose TLS 1.2.
pub(super) fn begin(
    mut offer: Box<Offer>,
    context: &mut Context<'_>,
    hello: &ServerHello<'_>,
    message: &[u8],
) -> Result<State, Failed> {
    let found = hello.extensions.received_types().filter(|found| *found != ExtensionType::renegotiation_info);
    only_answers(context, offer.extensions, PERMITTED, found)?;
    let suite = chosen_suite(&offer, context, hello)?;
    let resumed = resumed(&mut offer, context, hello)?;
    let extended_master_secret = check_extensions(&hello.extensions, context)?;
    encrypt_then_mac(suite, context, &hello.extensions)?;
    let record_limits = limit_records(&hello.extensions, context)?;
    let alpn = hello.extensions.application_layer_protocol_negotiation.as_ref();
    let alpn = chosen_alpn(context, alpn)?;

    let (server, client) =
        (hello.extensions.server_certificate_type, hello.extensions.client_certificate_type);
    let types = Types::answered(context, server, client)?;
    if matches!(suite.exchange, KeyExchangeAlgorithm::Ecdhe(_)) && resumed.is_none() {
        // For a CertificateVerify of ours, should the server ask for one (RFC 5246 §7.4.8).
        offer.transcript.keep_messages();
    }
    offer.transcript.select(suite.hash);
    offer.transcript.add(message);
    // In its box from the start: a copy of all its fields is more code than these lines.
    let mut agreed = Box::<Connected>::default();
    agreed.version = ProtocolVersion::TLS_1_2;
    agreed.suite = suite.id;
    agreed.extended_master_secret = extended_master_secret;
    agreed.alpn = alpn;
    agreed.server_name = offer.server_name;
    agreed.record_limits = record_limits;
    let handshake = Box::new(Handshake {
        suite,
        transcript: offer.transcript,
        client_random: offer.random,
        server_random: *hello.random,
        extended_master_secret,
        types,
        status_promised: hello.extensions.status_request.is_some(),
        status_to_judge: capability::HostExtensions::get()
            .filter(|_| context.config.extensions.status_request && types.is_x509_server()),
        agreed,
        ticket_follows: capability::Tickets::get().filter(|_| hello.extensions.session_ticket.is_some()),
        ticket: None,
        authenticated: context.now,
    });
    first(handshake, context, resumed, offer.psk)
}

/// What the server sends next. A client with a pre-shared key offers suites with one only: see
/// `Offer::suites`.
fn first(
    handshake: Box<Handshake>,
    context: &mut Context<'_>,
    resumed: Option<crate::Session>,
    psk: Option<Psk>,
) -> Result<State, Failed> {
    Ok(match (resumed, psk) {
        (Some(resumed), _) => resume::begin(handshake, context, &resumed),
        (None, Some(psk)) => {
            State::WaitPskKeyExchangeOrDone(psk.on, WaitPskKeyExchangeOrDone { handshake, psk })
        }
        (None, None) => State::WaitCertificate(
            capability::Certificates::proof(context.report)?,
            WaitCertificate { handshake },
        ),
    })
}

/// The chosen suite, which must have been offered.
fn chosen_suite(
    offer: &Offer,
    context: &mut Context<'_>,
    hello: &ServerHello<'_>,
) -> Result<&'static Suite, Failed> {
    let suite =
        offer.suite(context.config, ProtocolVersion::TLS_1_2, hello.cipher_suite).ok_or_else(|| {
            context.fail(Fault::NotOffered { choice: Choice::Suite, found: hello.cipher_suite.0 })
        })?;
    match hello.legacy_compression_method {
        CompressionMethod::null => Ok(suite),
        CompressionMethod(found) => {
            let (choice, found) = (Choice::Compression, u16::from(found));
            Err(context.fail(Fault::NotOffered { choice, found }))
        }
    }
}

/// The session that the server takes, which it tells by the echo of our session id (RFC 5077
/// §3.4). Its suite stays (RFC 5246 §7.4.1.3), and so does RFC 7627 (§5.3 there): we keep no
/// session without it.
fn resumed(
    offer: &mut Offer,
    context: &mut Context<'_>,
    hello: &ServerHello<'_>,
) -> Result<Option<crate::Session>, Failed> {
    if offer.session_id().is_empty() || hello.legacy_session_id_echo != offer.session_id() {
        return Ok(None);
    }
    let ours = offer.session.take().filter(|session| session.version == ProtocolVersion::TLS_1_2);
    let session = ours.ok_or_else(|| context.fail(Fault::IllegalParameter(Field::legacy_session_id_echo)))?;
    if hello.cipher_suite != session.suite {
        return Err(context.fail(Fault::IllegalParameter(Field::cipher_suite)));
    }
    match hello.extensions.extended_master_secret {
        Some(_) => Ok(Some(session)),
        None => Err(context.fail(Fault::NoExtendedMasterSecret)),
    }
}

/// encrypt_then_mac belongs to CBC, and to nothing else (RFC 7366 §3).
fn encrypt_then_mac(
    suite: &Suite,
    context: &mut Context<'_>,
    answers: &ServerHelloExtensions<'_>,
) -> Result<(), Failed> {
    match (suite.needs_encrypt_then_mac(), answers.encrypt_then_mac.filter(|_| capability::Cbc::ON)) {
        (true, None) => Err(context.fail(Fault::NoEncryptThenMac)),
        (false, Some(_)) => Err(context.fail(Fault::IllegalParameter(Field::encrypt_then_mac))),
        (true, Some(_)) | (false, None) => Ok(()),
    }
}

/// Limits of records that hold from here on.
fn limit_records(
    answers: &ServerHelloExtensions<'_>,
    context: &mut Context<'_>,
) -> Result<Option<RecordLimits>, Failed> {
    let (limit, length) = (answers.record_size_limit, answers.max_fragment_length);
    let limits = records_answered(context, ProtocolVersion::TLS_1_2, limit, length)?;
    if let Some(limits) = limits {
        context.actions.push(Action::LimitRecords(limits));
    }
    Ok(limits)
}

/// The answers' content; whether both sides do extended_master_secret.
fn check_extensions(answers: &ServerHelloExtensions<'_>, context: &mut Context<'_>) -> Result<bool, Failed> {
    // Our SCSV asked for it. A server without it is one that we could not renegotiate with,
    // which we never do anyway (RFC 5746 §3.4, §4.1).
    if answers.renegotiation_info.as_ref().is_some_and(|info| !info.renegotiated_connection.is_empty()) {
        return Err(context.fail(Fault::RenegotiationInfo));
    }
    // RFC 8422 §5.2.
    if capability::Ecdhe::ON
        && let Some(formats) = &answers.ec_point_formats
        && !formats.ec_point_format_list.contains(&ECPointFormat::uncompressed)
    {
        return Err(context.fail(Fault::IllegalParameter(Field::ec_point_format_list)));
    }
    match (answers.extended_master_secret.is_some(), context.config.extended_master_secret) {
        (false, ExtendedMasterSecret::Required) => Err(context.fail(Fault::NoExtendedMasterSecret)),
        (true, ExtendedMasterSecret::Required | ExtendedMasterSecret::Offered) => Ok(true),
        (false, ExtendedMasterSecret::Offered) => {
            context.report.note(Side::Server, Tag::NoExtendedMasterSecret, &[]);
            Ok(false)
        }
    }
}
