//! HelloRetryRequest (RFC 8446 §4.1.4) and what the second ClientHello may change (§4.1.2).

use alloc::vec::Vec;

use handclasp_codec::{
    ClientHello, CompressionMethod, Cookie, Encode, ExtensionType, Field, HandshakeType, HelloRetryRequest,
    HelloRetryRequestExtensions, KeyShareHelloRetryRequest, NamedGroup, ProtocolVersion, SelectedVersion,
    encode_handshake,
};
use handclasp_crypto::Suite;
use handclasp_report::{Fault, Internal, Side, Tag};

use super::{
    State, cookie,
    received::Received,
    wait_second_hello::{Kept, WaitSecondHello},
};
use crate::{Action, Context, server::decode_hello};

/// What a HelloRetryRequest settles for the rest of the handshake.
pub(super) struct Retry {
    /// The suite, which the ServerHello must name again.
    pub(super) suite: &'static Suite,
    /// The group asked for.
    pub(super) group: NamedGroup,
    /// Whether a pre-shared key had been chosen.
    pub(super) psk: bool,
}

/// Asks for a share in `group`.
pub(super) fn request(
    context: &mut Context<'_>,
    received: Received,
    suite: &'static Suite,
    group: NamedGroup,
    psk: bool,
) -> Result<State, Fault> {
    let Received { hello: first, mut transcript, retry } = received;
    // A second hello with the share asked for never comes here: see `compare`.
    if retry.is_some() {
        return Err(Fault::Internal(Internal::Bug));
    }
    let hello = first.read()?;
    transcript.add(first.message());
    transcript.select(suite.hash);
    transcript.replace_first_hello();

    let retry = Retry { suite, group, psk };
    let cookie = cookie::make(context, &retry, &suite.hash.hash(&[first.message()]));
    let sent = write(hello.legacy_session_id, &retry, cookie.as_deref())?;
    context.actions.send_encoded(&sent);
    transcript.add(&sent);
    if hello.extensions.early_data.is_some() {
        context.actions.push(Action::SkipEarlyData);
    }
    if !hello.legacy_session_id.is_empty() {
        context.actions.push(Action::SendChangeCipherSpec);
    }
    context.report.note_words(Side::Server, Tag::HelloRetry, core::iter::once(group));
    context.report.note_words(Side::Server, Tag::ChosenSuite, core::iter::once(suite.id));
    if cookie.is_some() {
        context.report.note(Side::Server, Tag::RetryCookie, &[]);
    }
    let kept = match cookie {
        Some(_) => None,
        None => Some(Kept { first: first.message().to_vec(), transcript, retry }),
    };
    Ok(State::WaitSecondHello(WaitSecondHello { kept }))
}

/// A HelloRetryRequest.
pub(super) fn write(session_id: &[u8], retry: &Retry, cookie: Option<&[u8]>) -> Result<Vec<u8>, Fault> {
    let request = HelloRetryRequest {
        legacy_version: ProtocolVersion::TLS_1_2,
        legacy_session_id_echo: session_id,
        cipher_suite: retry.suite.id,
        legacy_compression_method: CompressionMethod::null,
        extensions: HelloRetryRequestExtensions {
            supported_versions: Some(SelectedVersion { selected_version: ProtocolVersion::TLS_1_3 }),
            cookie: cookie.map(|cookie| Cookie { cookie }),
            key_share: Some(KeyShareHelloRetryRequest { selected_group: retry.group }),
            ..Default::default()
        },
    };
    let mut message = Vec::new();
    encode_handshake(&mut message, HandshakeType::server_hello, |writer| request.encode(writer))?;
    Ok(message)
}

/// Holds the second hello against the first. Whoever edits one of them in between is found by
/// the transcript anyway; what is checked here are clients that contradict themselves.
pub(super) fn compare(first: &[u8], second: &[u8], retry: &Retry) -> Result<(), Fault> {
    let (first, second) = (decode_hello(first)?, decode_hello(second)?);
    let mismatch = |field| Err(Fault::RetryMismatch(field));
    if first.legacy_version != second.legacy_version {
        return mismatch(Field::legacy_version);
    }
    if first.random != second.random {
        return mismatch(Field::random);
    }
    if first.legacy_session_id != second.legacy_session_id {
        return mismatch(Field::legacy_session_id);
    }
    if first.cipher_suites.wire_bytes() != second.cipher_suites.wire_bytes() {
        return mismatch(Field::cipher_suites);
    }
    if first.legacy_compression_methods != second.legacy_compression_methods {
        return mismatch(Field::legacy_compression_methods);
    }
    if kept(&first) != kept(&second) {
        return mismatch(Field::extensions);
    }
    // Keys may go, and none may come.
    if first.extensions.pre_shared_key.is_none() && second.extensions.pre_shared_key.is_some() {
        return mismatch(Field::pre_shared_key);
    }
    check_second(&second, retry)
}

/// Whether a second hello does what was asked, whatever the first one was.
pub(super) fn check_second(second: &ClientHello<'_>, retry: &Retry) -> Result<(), Fault> {
    let mismatch = |field| Err(Fault::RetryMismatch(field));
    // The ServerHello names it again, and must not name one that is not offered (§4.1.3).
    if !second.cipher_suites.contains(&retry.suite.id) {
        return mismatch(Field::cipher_suites);
    }
    if second.extensions.early_data.is_some() {
        return mismatch(Field::early_data);
    }
    if retry.psk && second.extensions.pre_shared_key.is_none() {
        return Err(Fault::MissingExtension(ExtensionType::pre_shared_key));
    }
    let Some(shares) = &second.extensions.key_share else {
        return Err(Fault::MissingExtension(ExtensionType::key_share));
    };
    let mut groups = shares.client_shares.iter().map(|share| share.group);
    match (groups.next(), groups.next()) {
        (Some(only), None) if only == retry.group => Ok(()),
        _ => mismatch(Field::key_share),
    }
}

/// The extensions that must stay as they were, and whose change would change our choices.
fn kept<'a>(hello: &ClientHello<'a>) -> [Option<&'a [u8]>; 10] {
    let offer = &hello.extensions;
    [
        offer.supported_versions.as_ref().and_then(|list| list.versions.wire_bytes()),
        offer.supported_groups.as_ref().and_then(|list| list.named_group_list.wire_bytes()),
        offer.signature_algorithms.as_ref().and_then(|list| list.supported_signature_algorithms.wire_bytes()),
        offer.server_name.as_ref().and_then(|list| list.server_name_list.wire_bytes()),
        offer
            .application_layer_protocol_negotiation
            .as_ref()
            .and_then(|list| list.protocol_name_list.wire_bytes()),
        offer.psk_key_exchange_modes.as_ref().and_then(|list| list.ke_modes.wire_bytes()),
        offer
            .signature_algorithms_cert
            .as_ref()
            .and_then(|list| list.supported_signature_algorithms.wire_bytes()),
        offer.certificate_authorities.as_ref().and_then(|list| list.authorities.wire_bytes()),
        offer.client_certificate_type.as_ref().and_then(|list| list.certificate_types.wire_bytes()),
        offer.server_certificate_type.as_ref().and_then(|list| list.certificate_types.wire_bytes()),
    ]
}
