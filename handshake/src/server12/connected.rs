//! The handshake is over; no message belongs here any more. A ClientHello would renegotiate,
//! which is not done (RFC 5746 §4.5).
//! Called by nobody: the table refuses.

/// Nothing is left of the handshake.
pub(crate) struct Connected;
