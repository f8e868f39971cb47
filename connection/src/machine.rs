//! The events that let the state machine of a handshake proceed.

use handclasp_handshake::{Answer, Input};

/// A call that may change the state, and leaves actions.
pub(crate) enum Turn<'a> {
    Input(Input<'a>),
    Answer(Answer<'a>),
    UpdateKeys,
}
