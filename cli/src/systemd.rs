//! What systemd and a service tell each other: readiness and reloads (sd_notify), and sockets that systemd opened
//! (socket activation). Without systemd nothing of this does anything.
//!
//! Both protocols are an environment variable and a few lines, which the crates for them would not make shorter: a datagram
//! here, and `listenfd` for the one step that Rust without `unsafe` cannot do, which is to own an inherited descriptor.

mod notify;
mod sockets;

pub use notify::Notifier;
pub use sockets::Inherited;
