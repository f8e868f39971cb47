//! The four state machines: client and server of TLS 1.3 (RFC 8446 §2 §4 App. A) and of TLS 1.2
//! (RFC 5246 §7). They take messages and answers, and return actions; sockets, records and
//! encryption belong to `connection`.
//!
//! Each machine is one table, `match (state, event)`, in `client12.rs`, `client13.rs`, `server12.rs`
//! or `server13.rs`; a row calls one function in the file named after its state; the last row
//! refuses the event.
//!
//! Called by: `connection`.
#![no_std]
#![deny(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::as_conversions,
    clippy::arithmetic_side_effects
)]
#![allow(clippy::boxed_local, reason = "states stay in their boxes, so that a device's stack is small")]
#![cfg_attr(
    test,
    allow(
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::as_conversions,
        clippy::arithmetic_side_effects
    )
)]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod action;
mod capability;
mod certificates;
mod chain;
mod client;
mod client12;
mod client13;
mod config;
mod event;
mod extensions;
mod handshake;
mod machine;
mod message;
mod need;
mod negotiate;
mod permit;
mod resume;
mod server;
mod server12;
mod server13;
mod session;
mod types;
mod verify;
mod versions;

pub use action::{Action, Actions, Connected, KeyLogLine};
pub use certificates::{Certificates, ClientAuthentication};
pub use config::{ClientPsk, ClientStart, Config, Context, ImportedPsk, Resumption};
pub use event::Input;
pub use extensions::Extensions;
pub use handshake::Handshake;
pub use need::{
    Answer, Credential, CredentialRequest, Need, OpenedTicket, PskAnswer, PskIdentities, ResumeRefusal,
    ResumeRequest, Sealable,
};
pub use session::Session;
pub use types::{ExtendedMasterSecret, PeerIdentity, PskHash, RecordLimits};
pub use versions::{ClientVersion, ServerVersion, Versions};
