//! The ServerHello of TLS 1.2 (RFC 5246 §7.4.1.3, RFC 5746 §3.4, RFC 7627 §5.2).
//!
//! Called by: `client`, which has checked the version.

use alloc::boxed::Box;

use handclasp_codec::{
    CompressionMethod, ECPointFormat, ExtensionType, Field, ProtocolVersion, ServerHello,
    ServerHelloExtensions,
};
use handclasp_crypto::Exchange;
use handclasp_report::{Choice, Fault, Side, Tag};

use super::{
    State, session::Session, wait_certificate::WaitCertificate,
    wait_psk_key_exchange_or_done::WaitPskKeyExchangeOrDone,
};
use crate::{
    Connected, Env, ExtendedMasterSecret,
    client::{Offer, chose, chosen_alpn, only_answers},
};

/// Of what we offer, what may be answered here. supported_groups should not be, yet servers are
/// about that do it, and it says nothing that a ServerKeyExchange does not.
const PERMITTED: &[ExtensionType] = &[
    ExtensionType::server_name,
    ExtensionType::supported_groups,
    ExtensionType::ec_point_formats,
    ExtensionType::application_layer_protocol_negotiation,
    ExtensionType::extended_master_secret,
];

/// A ServerHello that chose TLS 1.2. Its session id is the server's business: we resume none.
pub(crate) fn begin(
    offer: Box<Offer>,
    env: &mut Env<'_>,
    hello: &ServerHello<'_>,
    message: &[u8],
) -> Result<State, Fault> {
    let mut offer = *offer;
    env.report.note_words(Side::Server, Tag::ChosenExtensions, hello.extensions.types());
    let found = hello.extensions.types().filter(|found| *found != ExtensionType::renegotiation_info);
    only_answers(&offer.extensions, PERMITTED, found)?;
    let suite = offer
        .suite(env.config, ProtocolVersion::TLS_1_2, hello.cipher_suite)
        .ok_or(Fault::NotOffered { choice: Choice::Suite, found: hello.cipher_suite.0 })?;
    chose(env.report, Tag::ChosenSuite, suite.id);
    if let CompressionMethod(found @ 1..) = hello.legacy_compression_method {
        return Err(Fault::NotOffered { choice: Choice::Compression, found: u16::from(found) });
    }
    let extended_master_secret = check_extensions(&hello.extensions, env)?;
    let alpn = hello.extensions.application_layer_protocol_negotiation.as_ref();
    let alpn = chosen_alpn(env.config, env.report, alpn)?;

    if matches!(suite.exchange, Exchange::Ecdhe(_)) {
        // For a CertificateVerify of ours, should the server ask for one (RFC 5246 §7.4.8).
        offer.transcript.keep_messages();
    }
    offer.transcript.select(suite.hash);
    offer.transcript.add(message);
    let agreed = Connected {
        version: ProtocolVersion::TLS_1_2,
        suite: suite.id,
        group: None,
        scheme: None,
        alpn,
        server_name: offer.server_name,
        psk_identity: None,
        peer: None,
        exporter: None,
    };
    let session = Box::new(Session {
        suite,
        transcript: offer.transcript,
        client_random: offer.random,
        server_random: *hello.random,
        extended_master_secret,
        psk: offer.psk,
        agreed: Box::new(agreed),
    });
    Ok(match suite.exchange {
        Exchange::Psk | Exchange::EcdhePsk => {
            State::WaitPskKeyExchangeOrDone(WaitPskKeyExchangeOrDone { session })
        }
        Exchange::Ecdhe(_) | Exchange::Tls13 => State::WaitCertificate(WaitCertificate { session }),
    })
}

/// The answers' content; whether both sides do extended_master_secret.
fn check_extensions(answers: &ServerHelloExtensions<'_>, env: &Env<'_>) -> Result<bool, Fault> {
    // Our SCSV asked for it. A server without it is one that we could not renegotiate with,
    // which we never do anyway (RFC 5746 §3.4, §4.1).
    if answers.renegotiation_info.as_ref().is_some_and(|info| !info.renegotiated_connection.is_empty()) {
        return Err(Fault::RenegotiationInfo);
    }
    // RFC 8422 §5.2.
    if let Some(formats) = &answers.ec_point_formats
        && !formats.ec_point_format_list.contains(&ECPointFormat::uncompressed)
    {
        return Err(Fault::IllegalParameter(Field::ec_point_format_list));
    }
    match (answers.extended_master_secret.is_some(), env.config.extended_master_secret) {
        (false, ExtendedMasterSecret::Required) => Err(Fault::NoExtendedMasterSecret),
        (extended, ExtendedMasterSecret::Required | ExtendedMasterSecret::Offered) => Ok(extended),
    }
}
