//! START: the first ClientHello (RFC 8446 §4.1.2), or a second one that brings a cookie.

use handclasp_report::Fault;
use handclasp_schedule::Transcript;

use super::{State, cookie, received::Received};
use crate::{Context, server::Hello};

pub(super) fn client_hello(context: &mut Context<'_>, hello: Hello) -> Result<State, Fault> {
    // A second hello whose first one another connection saw.
    if cookie::is_carried(context, &hello)? {
        return cookie::resume(context, hello)?.decide(context);
    }
    Received { hello, transcript: Transcript::new(), retry: None }.decide(context)
}
