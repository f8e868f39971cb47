//! The ClientHello: what must be in it, and what the caller is asked (RFC 5246 §7.4.1.2).

use alloc::boxed::Box;

use handclasp_codec::{ClientHelloView, ProtocolVersion};
use handclasp_report::{Failed, Fault};

use super::{
    State,
    choices::{self, Full},
    choose_credential::ChooseCredential,
    flight,
    handshake::Handshake,
    open_ticket::{self, OpenTicket},
};
use crate::{Context, capability, machine::Running, negotiate, server::hello::host_name};

pub(super) fn client_hello(
    context: &mut Context<'_>,
    hello: ClientHelloView<'_>,
) -> Result<Box<Running<State>>, Failed> {
    let config = context.config;
    let records = choices::check(context, hello)?;
    let suite = choices::first_suite(config, hello).ok_or_else(|| context.fail(Fault::NoCommonSuite))?;
    let alpn = match negotiate::alpn(config, hello) {
        Ok(alpn) => alpn,
        // What a full handshake lacks comes first, if both are missing.
        Err(fault) => {
            return Err(context.report.fail_code(choices::full(config, hello).err().unwrap_or(fault)));
        }
    };
    let shared = Handshake::new(hello, suite, records, context.now);
    let mut machine = Box::new(Running::<State> { state: None, shared });
    let shared = &mut machine.shared;
    let agreed = shared.agreed();
    agreed.version = ProtocolVersion::TLS_1_2;
    agreed.alpn = alpn;
    agreed.server_name = host_name(hello).map(<[u8]>::to_vec);
    machine.state = Some(match capability::Tickets::get() {
        Some(on) if context.config.resumption.tickets > 0 && !open_ticket::ticket(hello).is_empty() => {
            State::OpenTicket(on, OpenTicket)
        }
        _ => in_full(shared, context)?,
    });
    Ok(machine)
}

/// A full handshake.
pub(super) fn in_full(shared: &mut Handshake, context: &mut Context<'_>) -> Result<State, Failed> {
    match choices::full(context.config, shared.hello.view()).map_err(|code| context.report.fail_code(code))? {
        Full::Certificate(suites, psk) => {
            Ok(State::ChooseCredential(suites.on, ChooseCredential { suites, psk }))
        }
        Full::Psk(suite) => flight::with_psk(shared, context, suite),
    }
}
