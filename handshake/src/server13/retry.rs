//! HelloRetryRequest (RFC 8446 §4.1.4) and what the second ClientHello may change (§4.1.2).

use alloc::vec::Vec;

use handclasp_codec::{
    ClientHelloView, EncodeError, ExtensionType, Field, HELLO_RETRY_REQUEST_RANDOM, HandshakeType,
    ProtocolVersion, encode_handshake, has_number,
};
use handclasp_crypto::{KeyExchange, Suite};
use handclasp_report::{Failed, Fault, Side};

use super::{State, cookie, handshake::Handshake, wait_second_hello::WaitSecondHello};
use crate::{Action, Context, capability, extensions::write_extension, server::server_hello::write_head};

/// What a HelloRetryRequest settles for the rest of the handshake.
#[derive(Clone, Copy)]
pub(super) struct Retry {
    /// The suite, which the ServerHello must name again.
    pub(super) suite: &'static Suite,
    /// The group asked for.
    pub(super) group: &'static dyn KeyExchange,
    /// Whether a pre-shared key had been chosen.
    pub(super) psk: bool,
}

/// Asks for the share that `retry` names.
pub(super) fn request(
    on: capability::Retry,
    shared: &mut Handshake,
    context: &mut Context<'_>,
    retry: Retry,
) -> Result<State, Failed> {
    let Handshake { hello, transcript, .. } = shared;
    let first = hello.view();
    transcript.select(retry.suite.hash);
    transcript.add(first.message());
    transcript.replace_first_hello();

    let cookie = cookie::make(context, &retry, &retry.suite.hash.hash(&[first.message()]));
    let sent =
        write(first.session_id(), &retry, cookie.as_deref()).map_err(|error| context.fail(error.into()))?;
    context.actions.send_encoded(&sent);
    context.report.message(Side::Server, &sent);
    transcript.add(&sent);
    if first.offers(ExtensionType::early_data) {
        context.actions.push(Action::SkipEarlyData);
    }
    if !first.session_id().is_empty() {
        context.actions.push(Action::SendChangeCipherSpec);
    }
    match cookie {
        // The client carries it all.
        Some(_) => (shared.hello, shared.transcript) = Default::default(),
        None => shared.retry = Some(retry),
    }
    Ok(State::WaitSecondHello(on, WaitSecondHello))
}

/// A HelloRetryRequest.
pub(super) fn write(session_id: &[u8], retry: &Retry, cookie: Option<&[u8]>) -> Result<Vec<u8>, EncodeError> {
    let mut message = Vec::new();
    encode_handshake(&mut message, HandshakeType::server_hello, |writer| {
        write_head(&HELLO_RETRY_REQUEST_RANDOM, session_id, retry.suite.id, writer);
        writer.vector16(Field::extensions, |writer| {
            write_extension(ExtensionType::supported_versions, writer, |content| {
                content.word(ProtocolVersion::TLS_1_3);
            });
            if let Some(cookie) = cookie {
                write_extension(ExtensionType::cookie, writer, |content| {
                    content.opaque16(Field::cookie, cookie);
                });
            }
            write_extension(ExtensionType::key_share, writer, |content| content.word(retry.group.group()));
        });
    })?;
    Ok(message)
}

impl Retry {
    /// Checks that a second hello does what was asked, whatever the first one was.
    ///
    /// # Errors
    /// [`Fault::RetryMismatch`], [`Fault::MissingExtension`].
    pub(super) fn check(&self, context: &mut Context<'_>, second: ClientHelloView<'_>) -> Result<(), Failed> {
        let mut mismatch = |field| Err(context.fail(Fault::RetryMismatch(field)));
        // The ServerHello names it again, and must not name one that is not offered (§4.1.3).
        if !has_number(second.cipher_suites(), self.suite.id.0) {
            return mismatch(Field::cipher_suites);
        }
        if second.offers(ExtensionType::early_data) {
            return mismatch(Field::early_data);
        }
        if self.psk && !second.offers(ExtensionType::pre_shared_key) {
            return Err(context.fail(Fault::MissingExtension(ExtensionType::pre_shared_key)));
        }
        if !second.offers(ExtensionType::key_share) {
            return Err(context.fail(Fault::MissingExtension(ExtensionType::key_share)));
        }
        let mut shares = second.key_shares();
        match (shares.next(), shares.next()) {
            (Some((group, _)), None) if group == self.group.group() => Ok(()),
            _ => mismatch(Field::key_share),
        }
    }
}

/// Extensions that must stay as they were: their change would change our choices.
const UNCHANGED: [ExtensionType; 10] = [
    ExtensionType::supported_versions,
    ExtensionType::supported_groups,
    ExtensionType::signature_algorithms,
    ExtensionType::server_name,
    ExtensionType::application_layer_protocol_negotiation,
    ExtensionType::psk_key_exchange_modes,
    ExtensionType::signature_algorithms_cert,
    ExtensionType::certificate_authorities,
    ExtensionType::client_certificate_type,
    ExtensionType::server_certificate_type,
];

/// Compares a second hello with the first. An attacker who edits one of the hellos is detected by the
/// transcript; what is refused here are clients that contradict themselves.
///
/// # Errors
/// [`Fault::RetryMismatch`] with the first field that differs.
pub(super) fn compare(
    context: &mut Context<'_>,
    first: ClientHelloView<'_>,
    second: ClientHelloView<'_>,
) -> Result<(), Failed> {
    let mut mismatch = |field| Err(context.fail(Fault::RetryMismatch(field)));
    if first.legacy_version() != second.legacy_version() {
        return mismatch(Field::legacy_version);
    }
    for (field, first, second) in [
        (Field::random, first.random().as_slice(), second.random().as_slice()),
        (Field::legacy_session_id, first.session_id(), second.session_id()),
        (Field::cipher_suites, first.cipher_suites(), second.cipher_suites()),
        (Field::legacy_compression_methods, first.compression_methods(), second.compression_methods()),
    ] {
        if first != second {
            return mismatch(field);
        }
    }
    if UNCHANGED.into_iter().any(|which| first.extension(which) != second.extension(which)) {
        return mismatch(Field::extensions);
    }
    // Keys may go, and none may come.
    let has_psks = |hello: ClientHelloView<'_>| hello.offers(ExtensionType::pre_shared_key);
    if !has_psks(first) && has_psks(second) {
        return mismatch(Field::pre_shared_key);
    }
    Ok(())
}
