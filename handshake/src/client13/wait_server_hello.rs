//! WAIT_SH: the ServerHello of TLS 1.3 (RFC 8446 §4.1.3), and the handshake keys that follow
//! from it (§7.1).

use alloc::{boxed::Box, vec::Vec};
use core::mem;

use handclasp_codec::{
    CertificateType, CompressionMethod, ExtensionType, Field, KeyShareEntry, ProtocolVersion, ServerHello,
};
use handclasp_crypto::{Secret, Suite};
use handclasp_report::{Choice, Failed, Fault, Side};
use handclasp_schedule::{BinderKind, EarlySecret, Epoch, Sender, Transcript, key_log};

use super::{State, handshake::Handshake, wait_encrypted_extensions::WaitEncryptedExtensions};
use crate::{
    Action, Connected, Context,
    certificates::Types,
    client::{Offer, decode_server_hello, is_retry, only_answers},
    message::{is_ssl, share_failed},
};

/// What may stand in it (RFC 8446 §4.2).
const PERMITTED: &[ExtensionType] =
    &[ExtensionType::supported_versions, ExtensionType::key_share, ExtensionType::pre_shared_key];

/// The second ClientHello is sent.
pub(crate) struct WaitServerHello {
    pub(super) offer: Box<Offer>,
    /// Of the HelloRetryRequest.
    pub(super) suite: &'static Suite,
}

impl WaitServerHello {
    #[inline(never)]
    pub(super) fn server_hello(self, context: &mut Context<'_>, message: &[u8]) -> Result<State, Failed> {
        context.report.message(Side::Server, message);
        if is_retry(message) {
            return Err(context.fail(Fault::UselessRetry));
        }
        let hello = decode_server_hello(message, context.report)?;
        let selected = hello.extensions.supported_versions.as_ref().map(|answer| answer.selected_version);
        if selected != Some(ProtocolVersion::TLS_1_3) {
            return Err(context.fail(Fault::RetryMismatch(Field::selected_version)));
        }
        if hello.cipher_suite != self.suite.id {
            return Err(context.fail(Fault::RetryMismatch(Field::cipher_suite)));
        }
        begin(self.offer, context, &hello, message)
    }
}

/// A ServerHello that chose TLS 1.3.
pub(super) fn begin(
    mut offer: Box<Offer>,
    context: &mut Context<'_>,
    hello: &ServerHello<'_>,
    message: &[u8],
) -> Result<State, Failed> {
    only_answers(context, offer.extensions, PERMITTED, hello.extensions.received_types())?;
    check_frame(
        &offer,
        context,
        hello.legacy_version,
        hello.legacy_session_id_echo,
        hello.legacy_compression_method,
    )?;
    let suite =
        offer.suite(context.config, ProtocolVersion::TLS_1_3, hello.cipher_suite).ok_or_else(|| {
            context.fail(Fault::NotOffered { choice: Choice::Suite, found: hello.cipher_suite.0 })
        })?;

    let share = hello.extensions.key_share.as_ref().map(|answer| answer.server_share);
    let mut agreed = Box::<Connected>::default();
    let (early, resumed) = early_secret(&mut offer, context, hello, suite, &mut agreed)?;
    // Only psk_ke goes without one, and only if we offered it (RFC 8446 §4.2.9); sessions are
    // never resumed without forward secrecy.
    if share.is_none() && !(agreed.psk_identity.is_some() && context.config.extensions.psk_ke) {
        return Err(context.fail(Fault::MissingExtension(ExtensionType::key_share)));
    }
    let shared = share.map(|share| agree(&mut offer, context, &share)).transpose()?;

    offer.transcript.select(suite.hash);
    offer.transcript.add(message);
    agreed.version = ProtocolVersion::TLS_1_3;
    agreed.suite = suite.id;
    agreed.extended_master_secret = true;
    agreed.group = share.map(|share| share.group);
    agreed.server_name = offer.server_name.take();
    let mut handshake = install(&mut offer, context, suite, early, shared.as_ref(), agreed);
    if let Some(resumed) = resumed {
        handshake.resume(context, &resumed);
    }
    Ok(State::WaitEncryptedExtensions(WaitEncryptedExtensions { handshake }))
}

/// What a ServerHello and a HelloRetryRequest have in common (RFC 8446 §4.1.3).
pub(super) fn check_frame(
    offer: &Offer,
    context: &mut Context<'_>,
    legacy_version: ProtocolVersion,
    session_id: &[u8],
    compression: CompressionMethod,
) -> Result<(), Failed> {
    if is_ssl(legacy_version) {
        return Err(context.fail(Fault::NoCommonVersion { peer: legacy_version }));
    }
    if legacy_version != ProtocolVersion::TLS_1_2 {
        return Err(context.fail(Fault::IllegalParameter(Field::legacy_version)));
    }
    if session_id != offer.session_id() {
        return Err(context.fail(Fault::SessionIdNotEchoed));
    }
    match compression {
        CompressionMethod::null => Ok(()),
        CompressionMethod(found) => {
            let (choice, found) = (Choice::Compression, u16::from(found));
            Err(context.fail(Fault::NotOffered { choice, found }))
        }
    }
}

/// The first stage of the key schedule, with the pre-shared key that the server takes, if any: that of the
/// session returned, or an external one, whose identity is then agreed on. Else a certificate follows.
fn early_secret(
    offer: &mut Offer,
    context: &mut Context<'_>,
    hello: &ServerHello<'_>,
    suite: &'static Suite,
    agreed: &mut Connected,
) -> Result<(EarlySecret, Option<crate::Session>), Failed> {
    let Some(answer) = &hello.extensions.pre_shared_key else {
        return Ok((EarlySecret::new(suite.hash, None), None));
    };
    let index = answer.selected_identity;
    let key = offer.keys13(context.config, context.now).nth(usize::from(index));
    let key = key.ok_or_else(|| context.fail(Fault::NotOffered { choice: Choice::Psk, found: index }))?;
    // RFC 8446 §4.2.11: the suite must have the key's hash.
    if key.hash.output_len() != suite.hash.output_len() {
        return Err(context.fail(Fault::IllegalParameter(Field::selected_identity)));
    }
    let early = key.early_secret();
    if key.kind == BinderKind::Resumption {
        return Ok((early, offer.session.take()));
    }
    agreed.psk_identity = Some(Vec::from(key.identity));
    Ok((early, None))
}

/// The secret of the key exchange. Our other shares go with the offer.
fn agree(offer: &mut Offer, context: &mut Context<'_>, server: &KeyShareEntry<'_>) -> Result<Secret, Failed> {
    let share = offer.shares.take(server.group);
    let share = share
        .ok_or_else(|| context.fail(Fault::NotOffered { choice: Choice::Group, found: server.group.0 }))?;
    share
        .private
        .agree(server.key_exchange)
        .map_err(|error| share_failed(error, server.group, context.report))
}

/// From here on both sides protect what they send (RFC 8446 §7.1).
fn install(
    offer: &mut Offer,
    context: &mut Context<'_>,
    suite: &'static Suite,
    early: EarlySecret,
    shared: Option<&Secret>,
    agreed: Box<Connected>,
) -> Box<Handshake> {
    let secret = early.handshake(shared, &offer.transcript.hash());
    for (label, sender) in [
        (key_log::CLIENT_HANDSHAKE_TRAFFIC_SECRET, Sender::Client),
        (key_log::SERVER_HANDSHAKE_TRAFFIC_SECRET, Sender::Server),
    ] {
        context.actions.log(context.config, label, &offer.random, secret.traffic(sender).secret());
    }
    context.actions.push(Action::InstallReadKeys(Epoch::Handshake));
    // Before the second flight, which began with the ClientHello after a HelloRetryRequest
    // (RFC 8446 §D.4). Our alerts are protected from here on, so the keys cannot wait.
    if offer.retried.is_none() {
        context.actions.push(Action::SendChangeCipherSpec);
    }
    context.actions.push(Action::InstallWriteKeys(Epoch::Handshake));
    Box::new(Handshake {
        suite,
        transcript: mem::replace(&mut offer.transcript, Transcript::new()),
        client_random: offer.random,
        secret,
        agreed,
        types: Types { server: CertificateType::X509, client: CertificateType::X509 },
        offered: offer.extensions,
        authenticated: context.now,
    })
}
