//! TLS servers and tunnels on tokio, with limits, deadlines and a graceful end.
//!
//! A TLS server in front of a service without TLS. It ends when Ctrl-C is pressed and its connections have ended, or 30
//! seconds later:
//!
//! ```no_run
//! use std::{error::Error, sync::Arc, time::Duration};
//!
//! use handclasp::{Identity, Server};
//! use handclasp_relay::{AcceptLoop, Drain, Forward, Gate, Limits, Listener, Termination};
//!
//! # async fn until_ctrl_c() {}
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn Error>> {
//!     let server = Server::new(Identity::from_pem_files("cert.pem", "key.pem")?);
//!     let service = Forward::new("127.0.0.1:8080".parse()?);
//!     let listener = Listener::bind(&"0.0.0.0:8443".parse()?).await?;
//!     let drain = Drain::new();
//!     let accept_loop = AcceptLoop::new(listener, Gate::new(Limits::default()), Arc::new(()), drain.clone());
//!     tokio::spawn(async move {
//!         until_ctrl_c().await; // tokio::signal::ctrl_c()
//!         drain.start(Duration::from_secs(30));
//!     });
//!     accept_loop.run(Arc::new(Termination::new(server, service))).await;
//!     Ok(())
//! }
//! ```
//!
//! | type | purpose |
//! |---|---|
//! | [`Listener`], [`Gate`], [`AcceptLoop`] | accept clients within limits, one task for each |
//! | [`Service`]: [`Termination`], [`Tunnel`] | serves a client from its socket on: TLS in, or plain in and TLS out |
//! | [`Application`]: [`Forward`], [`Echo`], yours | serves a client of [`Termination`] after its handshake |
//! | [`Observer`] | receives every event, for logs and metrics; the crate prints nothing |
//! | [`Drain`] | ends a server: nothing more is accepted, and connections have a time limit |
//!
//! | file | content |
//! |---|---|
//! | `address` | `HOST:PORT` or `unix:/PATH` |
//! | `socket`, `peer` | a TCP or UNIX socket that distinguishes a reset from an end, and the address of its peer |
//! | `listener` | accepts sockets, also after an error of the system |
//! | `descriptors` | the limit of the process on descriptors |
//! | `gate`, `origin` | limits on connections, handshakes and each address |
//! | `accept_loop` | one task for each client |
//! | `service` | an admitted client, and the trait of what serves it |
//! | `proxies`, `behind_proxy` | proxies in front of all clients; a client that a PROXY header names |
//! | `blocking` | handshakes that may block a thread |
//! | `turns` | handshakes that compute one after the other |
//! | `termination` | TLS in: the handshake, then an application |
//! | `dial` | the connection to the target of a relay |
//! | `forward` | the application that dials a service and relays |
//! | `tunnel` | plain in, TLS out |
//! | `echo` | the application that sends everything back |
//! | `copy`, `transfer` | both directions at once, and how they ended |
//! | `drain` | the end of a server that lets its connections end |
//! | `observer` | the events |
//! | `proxy_protocol` | the addresses of a client behind a proxy, read and written |
//!
//! Called by: `cli`.
#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::as_conversions,
        clippy::arithmetic_side_effects
    )
)]

mod accept_loop;
mod address;
mod behind_proxy;
mod blocking;
mod copy;
mod descriptors;
mod dial;
mod drain;
mod echo;
mod forward;
mod gate;
mod listener;
mod observer;
mod origin;
mod peer;
mod proxies;
pub mod proxy_protocol;
mod service;
mod socket;
mod termination;
mod transfer;
mod tunnel;
mod turns;

pub use accept_loop::AcceptLoop;
pub use address::{Address, AddressError};
pub use blocking::Blocking;
pub use copy::{CopyOptions, copy, tls_abort_kind};
pub use descriptors::raise_limit;
pub use dial::dial;
pub use drain::Drain;
pub use echo::Echo;
pub use forward::Forward;
pub use gate::{Gate, Limits, Slot};
pub use listener::Listener;
pub use observer::{LimitKind, Observer, Observers, Refusal};
pub use peer::Peer;
pub use proxies::Proxies;
pub use service::{ClientContext, Incoming, Service, as_client, current_client};
pub use socket::Socket;
pub use termination::{Application, Termination};
pub use transfer::{AbortKind, Ending, RelaySide, Transfer};
pub use tunnel::{Prelude, Tunnel};
