//! Checks that hold for every ClientHello, and the choice of the version. The first hello goes into
//! the report and starts the machine of its version (RFC 8446 §4.2.1, RFC 5246 §E.1, RFC 7507).

use alloc::{boxed::Box, vec::Vec};

use handclasp_codec::{CipherSuite, ClientHello, Field, HandshakeType, ProtocolVersion};
use handclasp_report::{Event as Kind, Fault, Report, Side, Tag};

use super::{Decoded, Hello, Version};
use crate::{Config, Context, ServerVersion, machine::Machine, message::is_ssl};

/// Decodes a first ClientHello, or a second one whose cookie stands for the first, and starts the
/// machine of the version that it gets. `change_cipher_spec`: one came before it.
#[inline(never)]
pub(super) fn received(
    context: &mut Context<'_>,
    message: &[u8],
    change_cipher_spec: bool,
) -> Result<Box<dyn Machine>, Fault> {
    context.report.message(Side::Client, message);
    let mut hello = ClientHello::empty();
    let decoded = Decoded::new(message, &mut hello, context.report)?;
    note_own(context.report, context.config, decoded.hello);
    let (hello, version) = check(context, &decoded)?;
    // Only a second hello has one before it (RFC 8446 §5), and only a cookie tells a second one.
    if change_cipher_spec && decoded.hello.extensions.cookie.is_none() {
        let expected = Kind::Message(HandshakeType::client_hello);
        return Err(Fault::Unexpected { expected, found: Kind::ChangeCipherSpec });
    }
    context.report.note_word(Side::Server, Tag::ChosenVersion, version.number());
    version.client_hello(context, hello, &decoded)
}

/// Checks what must be right in every ClientHello, first or second. Returns what is kept of it, and
/// the version that it gets.
///
/// # Errors
/// Two host names, no version in common, a fallback.
pub(crate) fn check(
    context: &Context<'_>,
    decoded: &Decoded<'_>,
) -> Result<(Hello, &'static dyn Version), Fault> {
    // Two names of one type would let two readers see two hosts (RFC 6066 §3).
    if decoded.has_second_name {
        return Err(Fault::IllegalParameter(Field::server_name_list));
    }
    let hello = Hello::new(context.config, decoded);
    let chosen = version(context.config, decoded.hello);
    // Also where nothing is in common: the client may have more than it says.
    let number = chosen.map_or(decoded.hello.legacy_version, Version::number);
    fallback(context.config, &hello, number)?;
    let chosen = chosen?;
    // A cookie of ours stands for a HelloRetryRequest, and so for TLS 1.3.
    let has_cookie =
        decoded.hello.extensions.cookie.is_some() && context.config.extensions.cookie_secret.is_some();
    if has_cookie && chosen.number() != ProtocolVersion::TLS_1_3 {
        return Err(Fault::RetryMismatch(Field::supported_versions));
    }
    Ok((hello, chosen))
}

/// The newest version in common. Where supported_versions stands, legacy_version counts only if
/// it rules out all of them.
fn version(config: &Config, hello: &ClientHello<'_>) -> Result<&'static dyn Version, Fault> {
    if is_ssl(hello.legacy_version) {
        return Err(Fault::NoCommonVersion { peer: hello.legacy_version });
    }
    let Some(offer) = &hello.extensions.supported_versions else {
        let tls12 = ProtocolVersion::TLS_1_2;
        let ours = ServerVersion::enabled(config).find(|ours| ours.number() == tls12);
        let peer = hello.legacy_version.min(tls12);
        return ours.filter(|_| hello.legacy_version >= tls12).ok_or(Fault::NoCommonVersion { peer });
    };
    let common = ServerVersion::enabled(config).filter(|ours| offer.versions.contains(&ours.number()));
    common.max_by_key(|ours| ours.number()).ok_or_else(|| {
        let real = |version: &ProtocolVersion| !version.is_grease();
        let peer = offer.versions.iter().filter(real).max().unwrap_or(hello.legacy_version);
        Fault::NoCommonVersion { peer }
    })
}

/// A client that marks its hello as a second try at a lower version, while both sides could do
/// better, was made to fall back by somebody (RFC 7507 §3).
fn fallback(config: &Config, hello: &Hello, chosen: ProtocolVersion) -> Result<(), Fault> {
    let ours = ServerVersion::enabled(config).map(|ours| ours.number()).max().unwrap_or(chosen);
    match ours > chosen && hello.has_suite(CipherSuite::TLS_FALLBACK_SCSV) {
        true => Err(Fault::InappropriateFallback { ours }),
        false => Ok(()),
    }
}

/// Notes the server's own versions, suites, groups and protocols, so that the report alone shows why
/// there was nothing in common.
fn note_own(report: &mut Report, config: &Config, hello: &ClientHello<'_>) {
    report.note_words(Side::Server, Tag::Versions, ServerVersion::enabled(config).map(|ours| ours.number()));
    if config.has_psk && !config.has_credential {
        report.note(Side::Server, Tag::PskAlone, &[]);
    }
    report.note_words(Side::Server, Tag::Suites, config.suites.iter().map(|suite| suite.id));
    report.note_words(Side::Server, Tag::Groups, config.groups.iter().map(|group| group.group()));
    if hello.extensions.application_layer_protocol_negotiation.is_some() && !config.alpn.is_empty() {
        let mut names = Vec::new();
        for name in &config.alpn {
            names.push(u8::try_from(name.len()).unwrap_or(u8::MAX));
            names.extend_from_slice(name);
        }
        report.note(Side::Server, Tag::Alpn, &names);
    }
}
