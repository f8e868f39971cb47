//! RECVD_CH: after the checks of a first or second ClientHello, the need for a pre-shared key or a certificate.

use handclasp_codec::{ClientHelloView, ExtensionType, Field};
use handclasp_report::{Failed, Fault};

use super::{
    State,
    choices::Mode,
    choose_credential::ChooseCredential,
    choose_psk::ChoosePsk,
    handshake::{Exchange, Handshake},
    retry::{self, Retry},
};
use crate::{Context, capability, certificates::requested};

/// Asks for a pre-shared key or a certificate.
pub(super) fn decide(
    shared: &mut Handshake,
    context: &mut Context<'_>,
    psks: Option<(capability::PskOrTicket, Mode)>,
) -> Result<State, Failed> {
    match psks {
        Some((on, mode)) => Ok(State::ChoosePsk(on, ChoosePsk { mode, from: 0 })),
        None => without_psk(shared, context, None),
    }
}

/// Goes on with a certificate. `refused`: the caller was asked for a pre-shared key before, and that is the
/// fault if there can be no certificate.
pub(super) fn without_psk(
    shared: &mut Handshake,
    context: &mut Context<'_>,
    refused: Option<Fault>,
) -> Result<State, Failed> {
    let hello = shared.hello.view();
    let on = certificate(context, hello, shared.retry.as_ref(), refused)?;
    shared.requested = requested(context, hello)?;
    let Exchange { group, retry } = shared.exchange.map_err(|code| context.report.fail_code(code))?;
    match retry {
        Some(on) => retry::request(on, shared, context, Retry { suite: shared.suite, group, psk: false }),
        None => Ok(State::ChooseCredential(on, ChooseCredential)),
    }
}

/// Whether a certificate can authenticate the server.
fn certificate(
    context: &mut Context<'_>,
    hello: ClientHelloView<'_>,
    retry: Option<&Retry>,
    refused: Option<Fault>,
) -> Result<capability::Certificates, Failed> {
    let lacks = if !context.config.has_credential {
        // Its keys that go with the suite asked for must stay (§4.1.2).
        let is_known = refused.is_some_and(|why| why != Fault::UnknownPskIdentity);
        if !is_known && retry.is_some_and(|retry| retry.psk) {
            return Err(context.fail(Fault::RetryMismatch(Field::pre_shared_key)));
        }
        Fault::NoCredential
    } else if !hello.offers(ExtensionType::signature_algorithms) {
        Fault::MissingExtension(ExtensionType::signature_algorithms)
    } else {
        return capability::Certificates::proof(context.report);
    };
    Err(context.fail(refused.unwrap_or(lacks)))
}
