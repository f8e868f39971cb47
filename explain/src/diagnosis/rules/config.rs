//! An `mbedtls_config.h` held against a conversation: buffers against records, versions, suites,
//! curves and extensions against what the peer said.

use handclasp_codec::{HandshakeType, NamedGroup, ProtocolVersion};

use super::{Case, Side, end};
use crate::conversation::Stage;
use crate::diagnosis::cause::Cause;
use crate::diagnosis::finding::{Confidence, Finding, Severity};
use crate::input::config::Config;

/// Content of a record where the configuration names no other length (RFC 8446 §5.1).
const WHOLE: usize = 1 << 14;

/// What this family finds.
pub(super) fn findings(case: &Case<'_>) -> Vec<Finding> {
    let Some(text) = &case.evidence.config else { return Vec::new() };
    let config = Config::parse(text);
    let of = if config.has("SSL_SRV_C") && !config.has("SSL_CLI_C") { Side::Server } else { Side::Client };
    let mut found: Vec<Finding> =
        [buffers(case, &config, of), versions(case, &config, of), curve(case, &config, of)]
            .into_iter()
            .flatten()
            .collect();
    found.extend(extensions(case, &config, of));
    // A configuration explains an ending, it is none.
    if case.stage == Stage::Complete {
        found.iter_mut().for_each(|finding| finding.severity = Severity::Advice);
    }
    found
}

/// Records and messages of the peer against the input buffer.
fn buffers(case: &Case<'_>, config: &Config, of: Side) -> Option<Finding> {
    let buffer =
        config.number("SSL_IN_CONTENT_LEN").or_else(|| config.number("SSL_MAX_CONTENT_LEN")).unwrap_or(WHOLE);
    let largest = case
        .conversation
        .messages()
        .filter(|found| found.event.from == of.other())
        .max_by_key(|found| found.message.bytes.len())?;
    let (record, message) = (usize::from(largest.message.longest_record), largest.message.bytes.len());
    if message <= buffer {
        return None;
    }
    let (confidence, how) = match record > buffer {
        true => (Confidence::Proved, format!("a record of {record} bytes does not fit")),
        false => (
            Confidence::Inferred,
            "it was sent in several records, which Mbed TLS reassembles only from 3.6.3 on".to_owned(),
        ),
    };
    let summary = format!(
        "The {}'s {} has {message} bytes, and the buffer of this configuration holds {buffer}: {how}.",
        end(of.other()),
        largest.message.msg_type
    );
    let need = message.next_power_of_two().min(WHOLE);
    Some(
        Finding::failure(Cause::RecordLimitExceeded, confidence, summary)
            .evidence(format!("{}: {message} bytes", largest.event.position))
            .evidence(format!("MBEDTLS_SSL_IN_CONTENT_LEN {buffer}"))
            .fix(format!("#define MBEDTLS_SSL_IN_CONTENT_LEN {need}"))
            .or_fix("#define MBEDTLS_SSL_MAX_FRAGMENT_LENGTH, and ask for it: mbedtls_ssl_conf_max_frag_len"),
    )
}

/// Versions that are built in against what was said.
fn versions(case: &Case<'_>, config: &Config, of: Side) -> Option<Finding> {
    let built =
        [("SSL_PROTO_TLS1_2", ProtocolVersion::TLS_1_2), ("SSL_PROTO_TLS1_3", ProtocolVersion::TLS_1_3)];
    let built: Vec<ProtocolVersion> =
        built.into_iter().filter(|(name, _)| config.has(name)).map(|(_, version)| version).collect();
    let wanted = match of {
        Side::Client => vec![case.conversation.version()?],
        Side::Server => super::offer::Offer::new(&case.conversation.client_hello()?).versions,
    };
    if built.is_empty() || wanted.iter().any(|version| built.contains(version)) {
        return None;
    }
    let summary = format!("The {} supports no version that this configuration enables.", end(of.other()));
    let lines = "#define MBEDTLS_SSL_PROTO_TLS1_2, or MBEDTLS_SSL_PROTO_TLS1_3";
    Some(
        Finding::failure(Cause::VersionNoneInCommon, Confidence::Inferred, summary)
            .fix(lines)
            .evidence(case.ended()),
    )
}

/// The curve of the key exchange.
fn curve(case: &Case<'_>, config: &Config, of: Side) -> Option<Finding> {
    let group = case.conversation.group().filter(|_| of == Side::Client)?;
    let name = match group {
        NamedGroup::secp256r1 => "ECP_DP_SECP256R1_ENABLED",
        NamedGroup::secp384r1 => "ECP_DP_SECP384R1_ENABLED",
        NamedGroup::secp521r1 => "ECP_DP_SECP521R1_ENABLED",
        NamedGroup::x25519 => "ECP_DP_CURVE25519_ENABLED",
        _ => return None,
    };
    if config.has(name) || !config.any("ECP_DP_") {
        return None;
    }
    let summary = format!("The server uses {group}, which this configuration does not enable.");
    Some(
        Finding::failure(Cause::GroupNoneInCommon, Confidence::Inferred, summary)
            .fix(format!("#define MBEDTLS_{name}"))
            .evidence(case.ended()),
    )
}

/// Extensions that a client of this configuration cannot send.
fn extensions(case: &Case<'_>, config: &Config, of: Side) -> Vec<Finding> {
    let Some(hello) = case.conversation.client_hello().filter(|_| of == Side::Client) else {
        return Vec::new();
    };
    let position = case.at(Side::Client, HandshakeType::client_hello);
    let mut found = Vec::new();
    if hello.extensions.server_name.is_none() && !config.has("SSL_SERVER_NAME_INDICATION") {
        let summary =
            "This configuration cannot send server_name, which servers that host several names require.";
        found.push(
            Finding::advice(Cause::SniMissing, Confidence::Observed, summary)
                .evidence(format!("{position}: the ClientHello lacks server_name"))
                .fix("#define MBEDTLS_SSL_SERVER_NAME_INDICATION, and call mbedtls_ssl_set_hostname"),
        );
    }
    found
}
