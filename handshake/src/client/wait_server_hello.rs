//! The ServerHello decides the version (RFC 8446 §4.1.3, §4.2.1, App. D.1), and the machine of
//! that version reads the rest of it. A HelloRetryRequest decides for TLS 1.3.

use alloc::boxed::Box;

use handclasp_codec::{
    DOWNGRADE_TLS11, DOWNGRADE_TLS12, ExtensionType, Field, HandshakeHeader, ProtocolVersion, ServerHello,
    ServerHelloOrRetry,
};
use handclasp_report::{Choice, Failed, Fault, Report, Side};

use super::Offer;
use crate::{
    ClientVersion, Context, capability,
    machine::Machine,
    message::{is_ssl, read},
};

/// A ServerHello or HelloRetryRequest, first thing.
#[inline(never)]
pub(super) fn server_hello(
    offer: Box<Offer>,
    context: &mut Context<'_>,
    message: &[u8],
) -> Result<Box<dyn Machine>, Failed> {
    let entry = |context: &mut Context<'_>, number| {
        ClientVersion::find(context.config, number).ok_or_else(|| not_offered(context, number))
    };
    context.report.message(Side::Server, message);
    if is_retry(message) {
        let number = ProtocolVersion::TLS_1_3;
        return match offer.tls13 {
            true => entry(context, number)?.hello_retry_request(offer, context, message),
            false => Err(not_offered(context, number)),
        };
    }
    let hello = decode_server_hello(message, context.report)?;
    let number = version(&offer, context, &hello)?;
    entry(context, number)?.server_hello(offer, context, &hello, message)
}

/// Decodes a ServerHello with the extensions that the program knows.
pub(crate) fn decode_server_hello<'a>(
    message: &'a [u8],
    report: &mut Report,
) -> Result<ServerHello<'a>, Failed> {
    read(message, Field::server_hello, report, |body| ServerHello::decode_known(body, capability::knows))
}

/// Whether a message of type server_hello is a HelloRetryRequest.
pub(crate) fn is_retry(message: &[u8]) -> bool {
    ServerHelloOrRetry::is_retry(message.get(HandshakeHeader::SIZE..).unwrap_or_default())
}

/// The version chosen: TLS 1.3 or 1.2.
fn version(
    offer: &Offer,
    context: &mut Context<'_>,
    hello: &ServerHello<'_>,
) -> Result<ProtocolVersion, Failed> {
    let selected = hello.extensions.supported_versions.as_ref().map(|answer| answer.selected_version);
    let chosen = selected.unwrap_or(hello.legacy_version);
    if is_ssl(hello.legacy_version) {
        return Err(context.fail(Fault::NoCommonVersion { peer: hello.legacy_version }));
    }
    if selected.is_some() {
        // It speaks of TLS 1.3 and later only (RFC 8446 §4.2.1).
        return match (offer.tls13, chosen) {
            (true, ProtocolVersion::TLS_1_3) => Ok(chosen),
            (true, _) => Err(not_offered(context, chosen)),
            (false, _) => Err(context.fail(Fault::UnsolicitedExtension(ExtensionType::supported_versions))),
        };
    }
    if chosen > ProtocolVersion::TLS_1_2 {
        return Err(not_offered(context, chosen));
    }
    // RFC 8446 §4.1.3: the server can do better, so somebody took our offer away.
    if offer.tls13 && [DOWNGRADE_TLS12, DOWNGRADE_TLS11].contains(&hello.downgrade_sentinel()) {
        return Err(context.fail(Fault::Downgrade { chosen }));
    }
    match offer.tls12 && chosen == ProtocolVersion::TLS_1_2 {
        true => Ok(chosen),
        false => Err(context.fail(Fault::NoCommonVersion { peer: chosen })),
    }
}

/// The server chose a version that we did not offer.
pub(crate) fn not_offered(context: &mut Context<'_>, version: ProtocolVersion) -> Failed {
    context.fail(Fault::NotOffered { choice: Choice::Version, found: version.0 })
}
