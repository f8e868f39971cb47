//! HelloRetryRequest (RFC 8446 §4.1.4): its checks, and the second ClientHello, which keeps
//! random, session id and offers of the first.

use alloc::{boxed::Box, vec::Vec};

use handclasp_codec::{ExtensionType, Field, HelloRetryRequest, KeyShareHelloRetryRequest, ProtocolVersion};
use handclasp_report::{Capability, Choice, Failed, Fault, Misuse};

use super::{
    State,
    wait_server_hello::{WaitServerHello, check_frame},
};
use crate::{
    Action, Context,
    capability::{self, Built},
    client::{Offer, Share, Shares, only_answers, send_client_hello},
    message::decode,
};

/// What may stand in it (RFC 8446 §4.2).
const PERMITTED: &[ExtensionType] =
    &[ExtensionType::supported_versions, ExtensionType::cookie, ExtensionType::key_share];

/// A HelloRetryRequest in answer to the first ClientHello.
pub(super) fn retry(
    mut offer: Box<Offer>,
    context: &mut Context<'_>,
    message: &[u8],
) -> Result<State, Failed> {
    let on = capability::Retry::get()
        .ok_or_else(|| context.fail(Fault::Misuse(Misuse::NotBuilt(Capability::Retry))))?;
    let retry: HelloRetryRequest<'_> = decode(message, Field::server_hello, context.report)?;
    // The only answer that may come unasked (RFC 8446 §4.2).
    let found = retry.extensions.received_types().filter(|found| *found != ExtensionType::cookie);
    only_answers(context, offer.extensions, PERMITTED, found)?;
    check_version(context, &retry)?;
    check_frame(
        &offer,
        context,
        retry.legacy_version,
        retry.legacy_session_id_echo,
        retry.legacy_compression_method,
    )?;
    let suite =
        offer.suite(context.config, ProtocolVersion::TLS_1_3, retry.cipher_suite).ok_or_else(|| {
            context.fail(Fault::NotOffered { choice: Choice::Suite, found: retry.cipher_suite.0 })
        })?;

    if let Some(KeyShareHelloRetryRequest { selected_group }) = retry.extensions.key_share {
        share_anew(&mut offer, context, selected_group)?;
    }
    offer.retried = Some(on.hold(suite.hash));
    offer.cookie = retry.extensions.cookie.as_ref().map(|cookie| on.hold(Vec::from(cookie.cookie)));
    if retry.extensions.key_share.is_none() && offer.cookie.is_none() {
        // Nothing would change.
        return Err(context.fail(Fault::IllegalParameter(Field::hello_retry_request)));
    }

    offer.transcript.select(suite.hash);
    offer.transcript.replace_first_hello();
    offer.transcript.add(message);
    // Before the second flight (RFC 8446 §D.4).
    context.actions.push(Action::SendChangeCipherSpec);
    send_client_hello(&mut offer, context)?;
    Ok(State::WaitServerHello(on, WaitServerHello { offer, suite }))
}

/// A share in the group asked for takes the place of all others.
fn share_anew(
    offer: &mut Offer,
    context: &mut Context<'_>,
    selected: handclasp_codec::NamedGroup,
) -> Result<(), Failed> {
    let group = context.config.groups.iter().find(|group| group.group() == selected);
    let group =
        *group.ok_or_else(|| context.fail(Fault::NotOffered { choice: Choice::Group, found: selected.0 }))?;
    if offer.shares.iter().any(|share| share.group == selected) {
        return Err(context.fail(Fault::IllegalParameter(Field::selected_group)));
    }
    offer.shares = Shares::default();
    offer.shares.push(Share::start(group, context)?);
    Ok(())
}

fn check_version(context: &mut Context<'_>, retry: &HelloRetryRequest<'_>) -> Result<(), Failed> {
    let missing = Fault::MissingExtension(ExtensionType::supported_versions);
    let selected =
        retry.extensions.supported_versions.as_ref().ok_or_else(|| context.fail(missing))?.selected_version;
    match selected {
        ProtocolVersion::TLS_1_3 => Ok(()),
        _ => Err(context.fail(Fault::NotOffered { choice: Choice::Version, found: selected.0 })),
    }
}
