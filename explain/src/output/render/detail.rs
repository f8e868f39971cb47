//! Short summary of each message in the diagram: what was offered, chosen, sent.

use handclasp_codec::{
    CertificateRequest12, CertificateRequest13, CertificateVerify, CipherSuite, ClientHello,
    ClientKeyExchangePsk, EncryptedExtensions, HandshakeType, NewSessionTicket12, NewSessionTicket13,
    ProtocolVersion, ServerHelloOrRetry, ServerKeyExchangeDhe, ServerKeyExchangeEcdhe,
    ServerKeyExchangeEcdhePsk, ServerKeyExchangePsk,
};
use handclasp_report::Named;

use super::printable;
use crate::conversation::{Conversation, Message};
use crate::diagnosis::compute::certificate::Certificate;
use crate::input::capture_event::Side;

/// Number of list entries shown by name.
const SHOWN: usize = 2;

/// Summary of a message; empty if its name says enough.
pub(super) fn of(conversation: &Conversation, from: Side, message: &Message) -> String {
    let words = match message.msg_type {
        HandshakeType::client_hello => message.decode::<ClientHello<'_>>().map(|hello| client_hello(&hello)),
        HandshakeType::server_hello => {
            message.decode::<ServerHelloOrRetry<'_>>().map(|hello| server_hello(&hello))
        }
        HandshakeType::certificate => certificate(conversation, from, message),
        HandshakeType::server_key_exchange => server_key_exchange(conversation, message),
        HandshakeType::client_key_exchange => client_key_exchange(conversation, message),
        HandshakeType::certificate_request => certificate_request(conversation, message),
        HandshakeType::certificate_verify => message
            .decode::<CertificateVerify<'_>>()
            .map(|verify| format!("{}, {} bytes", Named(verify.algorithm), verify.signature.len())),
        HandshakeType::encrypted_extensions => encrypted_extensions(message),
        HandshakeType::new_session_ticket => ticket(conversation, message),
        HandshakeType::finished => finished(conversation, from),
        // The registry is open, and the other names say what they are.
        _ => None,
    };
    let mut words = words.unwrap_or_default();
    if message.error.is_some() {
        words = "does not parse".to_owned();
    }
    if message.records > 1 {
        let gap = if words.is_empty() { "" } else { "; " };
        words += &format!("{gap}in {} records", message.records);
    }
    words
}

fn client_hello(hello: &ClientHello<'_>) -> String {
    let extensions = &hello.extensions;
    let mut words = Vec::new();
    match &extensions.supported_versions {
        Some(offered) => {
            let mut versions: Vec<ProtocolVersion> =
                offered.versions.iter().filter(|version| !version.is_grease()).collect();
            versions.sort();
            words.push(match versions.as_slice() {
                [] => "no versions".to_owned(),
                [only] => Named(*only).to_string(),
                [lowest, .., highest] => format!("{} to {}", Named(*lowest), Named(*highest)),
            });
        }
        None => words.push(format!("up to {}", Named(hello.legacy_version))),
    }
    let name = extensions.server_name.as_ref().and_then(|names| names.host_name());
    words.push(
        name.map_or_else(|| "no server_name".to_owned(), |name| format!("server_name {}", printable(name))),
    );
    let suites: Vec<CipherSuite> =
        hello.cipher_suites.iter().filter(|suite| !suite.is_signalling()).collect();
    words.push(match suites.as_slice() {
        [] => "no suites".to_owned(),
        [only] => only.to_string(),
        more => format!("{} suites", more.len()),
    });
    if extensions.pre_shared_key.is_some() {
        words.push("pre-shared key".to_owned());
    }
    if !extensions.present {
        words.push("no extensions".to_owned());
    }
    words.join(", ")
}

fn server_hello(hello: &ServerHelloOrRetry<'_>) -> String {
    match hello {
        ServerHelloOrRetry::HelloRetryRequest(retry) => {
            let group = retry.extensions.key_share.as_ref().map(|share| share.selected_group);
            let wanted = group.map_or_else(
                || "carries a cookie".to_owned(),
                |group| format!("requests a {group} key share"),
            );
            format!("HelloRetryRequest: {wanted}")
        }
        ServerHelloOrRetry::ServerHello(hello) => {
            let chosen = hello.extensions.supported_versions.as_ref().map(|chosen| chosen.selected_version);
            // The suite is shown above the diagram.
            let mut words = vec![Named(chosen.unwrap_or(hello.legacy_version)).to_string()];
            words.extend(
                hello.extensions.key_share.as_ref().map(|share| share.server_share.group.to_string()),
            );
            if hello.extensions.pre_shared_key.is_some() {
                words.push("pre-shared key accepted".to_owned());
            }
            words.join(", ")
        }
    }
}

/// Subject and issuer of the first certificate, number and size of all.
fn certificate(conversation: &Conversation, from: Side, message: &Message) -> Option<String> {
    let chain = conversation.chain(from).filter(|_| message.error.is_none())?;
    let bytes: usize = chain.iter().map(|der| der.len()).sum();
    let size = match chain.len() {
        0 => return Some("no certificate".to_owned()),
        1 => format!("{bytes} bytes"),
        count => format!("{count} certificates, {bytes} bytes"),
    };
    let own = chain.first().and_then(|der| Certificate::parse(der));
    Some(match own {
        Some(own) if own.is_self_issued() => format!("{}, self-issued; {size}", own.subject_text),
        Some(own) => format!("{}, issued by {}; {size}", own.subject_text, own.issuer_text),
        None => size,
    })
}

fn server_key_exchange(conversation: &Conversation, message: &Message) -> Option<String> {
    if conversation.suite().is_some_and(|suite| suite.is_psk()) {
        let hint = |hint: &[u8]| match hint.is_empty() {
            true => "no hint".to_owned(),
            false => format!("hint {:?}", printable(hint)),
        };
        if let Some(exchange) = message.decode::<ServerKeyExchangeEcdhePsk<'_>>() {
            return Some(format!("{}, {}", exchange.params.named_curve, hint(exchange.psk_identity_hint)));
        }
        return message.decode::<ServerKeyExchangePsk<'_>>().map(|exchange| hint(exchange.psk_identity_hint));
    }
    if conversation.version() != Some(ProtocolVersion::TLS_1_2) {
        return None;
    }
    if let Some(exchange) = message.decode::<ServerKeyExchangeEcdhe<'_>>() {
        return Some(format!("{}, {}", exchange.params.named_curve, Named(exchange.algorithm)));
    }
    let exchange = message.decode::<ServerKeyExchangeDhe<'_>>()?;
    Some(format!("DH {} bits, {}", exchange.params.dh_p.len() * 8, Named(exchange.algorithm)))
}

fn client_key_exchange(conversation: &Conversation, message: &Message) -> Option<String> {
    conversation.suite().filter(|suite| suite.is_psk())?;
    let exchange: ClientKeyExchangePsk<'_> = message.decode()?;
    Some(format!("identity {:?}", printable(exchange.psk_identity)))
}

fn certificate_request(conversation: &Conversation, message: &Message) -> Option<String> {
    if conversation.is_tls13() {
        let request: CertificateRequest13<'_> = message.decode()?;
        let schemes = request.extensions.signature_algorithms?;
        return Some(counted(schemes.supported_signature_algorithms.iter().map(|scheme| scheme.to_string())));
    }
    let request: CertificateRequest12<'_> = message.decode()?;
    let schemes = counted(request.supported_signature_algorithms.iter().map(|scheme| scheme.to_string()));
    Some(match request.certificate_authorities.iter().count() {
        0 => format!("any issuer, {schemes}"),
        1 => format!("1 issuer, {schemes}"),
        count => format!("{count} issuers, {schemes}"),
    })
}

fn encrypted_extensions(message: &Message) -> Option<String> {
    let block: EncryptedExtensions<'_> = message.decode()?;
    let alpn = block.extensions.application_layer_protocol_negotiation?;
    let name = alpn.protocol_name_list.iter().next()?;
    Some(format!("ALPN {}", printable(name.0)))
}

fn ticket(conversation: &Conversation, message: &Message) -> Option<String> {
    let seconds = if conversation.is_tls13() {
        message.decode::<NewSessionTicket13<'_>>()?.ticket_lifetime
    } else {
        message.decode::<NewSessionTicket12<'_>>()?.ticket_lifetime_hint
    };
    Some(format!("lifetime {seconds} s"))
}

fn finished(conversation: &Conversation, from: Side) -> Option<String> {
    let right = match from {
        Side::Client => conversation.decryption.client_finished,
        Side::Server => conversation.decryption.server_finished,
    };
    right.map(|right| if right { "recomputed: matches" } else { "recomputed: does NOT match" }.to_owned())
}

/// The names of the schemes, or their number if there are more than `SHOWN`.
fn counted(names: impl Iterator<Item = String>) -> String {
    let all: Vec<String> = names.collect();
    match all.len() {
        0..=SHOWN => all.join(", "),
        count => format!("{count} schemes"),
    }
}
