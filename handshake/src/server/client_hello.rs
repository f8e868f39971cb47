//! Checks that hold for every ClientHello, and the choice of the version. The first hello goes into
//! the report and starts the machine of its version (RFC 8446 §4.2.1, RFC 5246 §E.1, RFC 7507).

use alloc::{boxed::Box, vec::Vec};

use handclasp_codec::{
    CipherSuite, ClientHelloView, ExtensionType, Field, HandshakeType, ProtocolVersion, has_number,
};
use handclasp_report::{Event as Kind, Failed, Fault, Report, Side, Tag};

use super::{Version, hello};
use crate::{Config, Context, ServerVersion, machine::Machine, message::is_ssl};

/// Decodes a first ClientHello, or a second one whose cookie stands for the first, and starts the
/// machine of the version that it gets. `change_cipher_spec`: one came before it.
#[inline(never)]
pub(super) fn received(
    context: &mut Context<'_>,
    message: &[u8],
    change_cipher_spec: bool,
) -> Result<Box<dyn Machine>, Failed> {
    context.report.message(Side::Client, message);
    let hello = hello::decode(message, context.report)?;
    note_own(context.report, context.config, hello);
    let version = check(context, hello)?;
    // Only a second hello has one before it (RFC 8446 §5), and only a cookie tells a second one.
    if change_cipher_spec && !hello.offers(ExtensionType::cookie) {
        let expected = Kind::Message(HandshakeType::client_hello);
        return Err(context.fail(Fault::Unexpected { expected, found: Kind::ChangeCipherSpec }));
    }
    context.report.note_word(Side::Server, Tag::ChosenVersion, version.number());
    version.client_hello(context, hello)
}

/// Checks that apply to every ClientHello, first or second. Returns the version that it gets.
///
/// # Errors
/// Two host names, no version in common, a fallback.
pub(crate) fn check(
    context: &mut Context<'_>,
    hello: ClientHelloView<'_>,
) -> Result<&'static dyn Version, Failed> {
    let config = context.config;
    // Two names of one type would let two readers see two hosts (RFC 6066 §3).
    if hello::host_names(hello).1 {
        return Err(context.fail(Fault::IllegalParameter(Field::server_name_list)));
    }
    // The newest version in common, and the newest of ours.
    let (mut chosen, mut newest) = (None::<&'static dyn Version>, ProtocolVersion::default());
    for version in ServerVersion::enabled(config) {
        let number = version.number();
        newest = newest.max(number);
        if is_offered(hello, number) && chosen.is_none_or(|best| best.number() < number) {
            chosen = Some(version);
        }
    }
    // A client that marks its hello as a second try at a lower version, while both sides could do
    // better, was made to fall back by somebody (RFC 7507 §3). Also where nothing is in common: the
    // client may have more than it says.
    let number = chosen.map_or(hello.legacy_version(), Version::number);
    if newest > number && has_number(hello.cipher_suites(), CipherSuite::TLS_FALLBACK_SCSV.0) {
        return Err(context.fail(Fault::InappropriateFallback { ours: newest }));
    }
    let Some(chosen) = chosen else {
        return Err(context.fail(Fault::NoCommonVersion { peer: newest_offered(hello) }));
    };
    // A cookie of ours stands for a HelloRetryRequest, and so for TLS 1.3.
    let has_cookie = config.extensions.is_stateless() && hello.offers(ExtensionType::cookie);
    if has_cookie && chosen.number() != ProtocolVersion::TLS_1_3 {
        return Err(context.fail(Fault::RetryMismatch(Field::supported_versions)));
    }
    Ok(chosen)
}

/// Whether the client offers a version. Where supported_versions stands, legacy_version counts only if
/// it rules out all of them.
fn is_offered(hello: ClientHelloView<'_>, ours: ProtocolVersion) -> bool {
    let legacy = hello.legacy_version();
    match hello.list(ExtensionType::supported_versions, 1) {
        _ if is_ssl(legacy) => false,
        Some(versions) => has_number(versions, ours.0),
        None => ours == ProtocolVersion::TLS_1_2 && legacy >= ours,
    }
}

/// The newest version that the client offers, for a fault.
fn newest_offered(hello: ClientHelloView<'_>) -> ProtocolVersion {
    let legacy = hello.legacy_version();
    if is_ssl(legacy) {
        return legacy;
    }
    let Some(offer) = hello.list(ExtensionType::supported_versions, 1) else {
        return legacy.min(ProtocolVersion::TLS_1_2);
    };
    let numbers = offer.as_chunks().0.iter();
    let versions = numbers.map(|number| ProtocolVersion(u16::from_be_bytes(*number)));
    versions.filter(|version| !version.is_grease()).max().unwrap_or(legacy)
}

/// Notes the server's own versions, suites, groups and protocols, so that the report alone shows why
/// there was nothing in common.
fn note_own(report: &mut Report, config: &Config, hello: ClientHelloView<'_>) {
    report.note_words(Side::Server, Tag::Versions, ServerVersion::enabled(config).map(|ours| ours.number()));
    if config.has_psk && !config.has_credential {
        report.note(Side::Server, Tag::PskAlone, &[]);
    }
    report.note_words(Side::Server, Tag::Suites, config.suites.iter().map(|suite| suite.id));
    report.note_words(Side::Server, Tag::Groups, config.groups.iter().map(|group| group.group()));
    let alpn = ExtensionType::application_layer_protocol_negotiation;
    if !config.alpn.is_empty() && hello.offers(alpn) {
        let mut names = Vec::new();
        for name in &config.alpn {
            names.push(u8::try_from(name.len()).unwrap_or(u8::MAX));
            names.extend_from_slice(name);
        }
        report.note(Side::Server, Tag::Alpn, &names);
    }
}
