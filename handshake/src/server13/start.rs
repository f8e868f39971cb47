//! START: the first ClientHello (RFC 8446 §4.1.2), or a second one that brings a cookie.

use handclasp_report::Fault;
use handclasp_schedule::Transcript;

use super::{State, cookie, received::Received};
use crate::{
    Context,
    server::{Decoded, Hello},
};

pub(super) fn client_hello(
    context: &mut Context<'_>,
    hello: Hello,
    decoded: &Decoded<'_>,
) -> Result<State, Fault> {
    // A second hello whose first one another connection received.
    if cookie::is_carried(context, decoded) {
        let (retry, transcript) = cookie::resume(context, decoded)?;
        return Received::decide(context, hello, decoded, transcript, Some(&retry));
    }
    Received::decide(context, hello, decoded, Transcript::new(), None)
}
