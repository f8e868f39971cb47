//! START: the first ClientHello (RFC 8446 §4.1.2), or a second one that brings a cookie.

use alloc::boxed::Box;

use handclasp_codec::ClientHelloView;
use handclasp_report::Failed;
use handclasp_schedule::Transcript;

use super::{State, choices, cookie, received};
use crate::{Context, machine::Running};

pub(super) fn client_hello(
    context: &mut Context<'_>,
    hello: ClientHelloView<'_>,
) -> Result<Box<Running<State>>, Failed> {
    let (retry, transcript) = match cookie::is_carried(context, hello) {
        // A second hello whose first one another connection received.
        true => cookie::resume(context, hello).map(|(retry, transcript)| (Some(retry), transcript))?,
        false => (None, Transcript::new()),
    };
    let (shared, psks) = choices::of(context, hello, retry)?;
    let mut machine = Box::new(Running::<State> { state: None, shared });
    machine.shared.transcript = transcript;
    machine.state = Some(received::decide(&mut machine.shared, context, psks)?);
    Ok(machine)
}
