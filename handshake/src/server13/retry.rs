//! HelloRetryRequest (RFC 8446 §4.1.4) and what the second ClientHello may change (§4.1.2).

use alloc::{boxed::Box, vec::Vec};

use handclasp_codec::{
    ClientHello, CompressionMethod, Cookie, Encode, ExtensionType, Field, HandshakeType, HelloRetryRequest,
    HelloRetryRequestExtensions, KeyShareHelloRetryRequest, ProtocolVersion, SelectedVersion,
    encode_handshake,
};
use handclasp_crypto::{KeyExchange, Suite};
use handclasp_report::{Fault, Side};

use super::{
    State,
    choices::Share,
    cookie,
    received::Received,
    wait_second_hello::{Kept, WaitSecondHello},
};
use crate::{
    Action, Context, capability,
    server::{Decoded, Hello, Part},
};

/// What a HelloRetryRequest settles for the rest of the handshake.
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
    context: &mut Context<'_>,
    received: Box<Received>,
    retry: Retry,
) -> Result<State, Fault> {
    let Received { hello: first, mut transcript, choices, unchanged } = *received;
    transcript.select(retry.suite.hash);
    transcript.add(first.message());
    transcript.replace_first_hello();

    let cookie = cookie::make(context, &retry, &retry.suite.hash.hash(&[first.message()]));
    let sent = write(first.session_id(), &retry, cookie.as_deref())?;
    context.actions.send_encoded(&sent);
    context.report.message(Side::Server, &sent);
    transcript.add(&sent);
    if choices.early_data {
        context.actions.push(Action::SkipEarlyData);
    }
    if !first.session_id().is_empty() {
        context.actions.push(Action::SendChangeCipherSpec);
    }
    let kept = match cookie {
        Some(_) => None,
        None => Some(Box::new(Kept { first, unchanged, transcript, retry })),
    };
    Ok(State::WaitSecondHello(on, WaitSecondHello { kept }))
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
            key_share: Some(KeyShareHelloRetryRequest { selected_group: retry.group.group() }),
            ..Default::default()
        },
    };
    let mut message = Vec::new();
    encode_handshake(&mut message, HandshakeType::server_hello, |writer| request.encode(writer))?;
    Ok(message)
}

impl Retry {
    /// The share that a second hello brings. Checks that it does what was asked, whatever the first
    /// one was.
    ///
    /// # Errors
    /// [`Fault::RetryMismatch`], [`Fault::MissingExtension`].
    pub(super) fn share(&self, decoded: &Decoded<'_>) -> Result<Share, Fault> {
        let second = decoded.hello;
        let mismatch = |field| Err(Fault::RetryMismatch(field));
        // The ServerHello names it again, and must not name one that is not offered (§4.1.3).
        if !second.cipher_suites.contains(&self.suite.id) {
            return mismatch(Field::cipher_suites);
        }
        if second.extensions.early_data.is_some() {
            return mismatch(Field::early_data);
        }
        if self.psk && second.extensions.pre_shared_key.is_none() {
            return Err(Fault::MissingExtension(ExtensionType::pre_shared_key));
        }
        let Some(shares) = &second.extensions.key_share else {
            return Err(Fault::MissingExtension(ExtensionType::key_share));
        };
        let mut shares = shares.client_shares.iter();
        match (shares.next(), shares.next()) {
            (Some(only), None) if only.group == self.group.group() => {
                Ok(Share { group: self.group, public: decoded.part(only.key_exchange) })
            }
            _ => mismatch(Field::key_share),
        }
    }
}

/// The parts of a first hello that the second one must repeat. An attacker who edits one of the
/// hellos is detected by the transcript; what is refused here are clients that contradict
/// themselves.
pub(super) struct Unchanged {
    legacy_version: ProtocolVersion,
    parts: [Option<Part>; PARTS],
    has_psks: bool,
}

/// How many parts are compared.
const PARTS: usize = 14;

impl Unchanged {
    pub(super) fn of(decoded: &Decoded<'_>) -> Self {
        let hello = decoded.hello;
        Self {
            legacy_version: hello.legacy_version,
            parts: parts(hello).map(|(_, bytes)| bytes.map(|bytes| decoded.part(bytes))),
            has_psks: hello.extensions.pre_shared_key.is_some(),
        }
    }

    /// Compares a second hello with the first.
    ///
    /// # Errors
    /// [`Fault::RetryMismatch`] with the first field that differs.
    pub(super) fn compare(&self, first: &Hello, second: &Decoded<'_>) -> Result<(), Fault> {
        let second = &second.hello;
        if self.legacy_version != second.legacy_version {
            return Err(Fault::RetryMismatch(Field::legacy_version));
        }
        for ((field, found), part) in parts(second).into_iter().zip(self.parts) {
            if part.map(|part| first.part(part)) != found {
                return Err(Fault::RetryMismatch(field));
            }
        }
        // Keys may go, and none may come.
        if !self.has_psks && second.extensions.pre_shared_key.is_some() {
            return Err(Fault::RetryMismatch(Field::pre_shared_key));
        }
        Ok(())
    }
}

/// The fields that must stay as they were, among them the extensions whose change would change
/// our choices, each with the field that a fault names.
fn parts<'a>(hello: &ClientHello<'a>) -> [(Field, Option<&'a [u8]>); PARTS] {
    let offer = &hello.extensions;
    let extension = |bytes: Option<&'a [u8]>| (Field::extensions, bytes);
    let schemes = offer.signature_algorithms.as_ref();
    let schemes_cert = offer.signature_algorithms_cert.as_ref();
    let protocols = offer.application_layer_protocol_negotiation.as_ref();
    [
        (Field::random, Some(hello.random.as_slice())),
        (Field::legacy_session_id, Some(hello.legacy_session_id)),
        (Field::cipher_suites, hello.cipher_suites.wire_bytes()),
        (Field::legacy_compression_methods, Some(hello.legacy_compression_methods)),
        extension(offer.supported_versions.as_ref().and_then(|list| list.versions.wire_bytes())),
        extension(offer.supported_groups.as_ref().and_then(|list| list.named_group_list.wire_bytes())),
        extension(schemes.and_then(|list| list.supported_signature_algorithms.wire_bytes())),
        extension(offer.server_name.as_ref().and_then(|list| list.server_name_list.wire_bytes())),
        extension(protocols.and_then(|list| list.protocol_name_list.wire_bytes())),
        extension(offer.psk_key_exchange_modes.as_ref().and_then(|list| list.ke_modes.wire_bytes())),
        extension(schemes_cert.and_then(|list| list.supported_signature_algorithms.wire_bytes())),
        extension(offer.certificate_authorities.as_ref().and_then(|list| list.authorities.wire_bytes())),
        extension(
            offer.client_certificate_type.as_ref().and_then(|list| list.certificate_types.wire_bytes()),
        ),
        extension(
            offer.server_certificate_type.as_ref().and_then(|list| list.certificate_types.wire_bytes()),
        ),
    ]
}
