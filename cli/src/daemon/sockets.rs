//! The socket of a unit: one that systemd passed, or one of our own.

use handclasp_relay::Listener;

use crate::{args::ListenOn, exit::Failure, systemd::Inherited};

/// Listens: on a socket that systemd passed for this name, table or address, or on one of our own. `title` is that of
/// the unit, such as `serve.web`.
///
/// # Errors
/// The address cannot be listened on, or systemd passed no socket of that name.
pub async fn bind(listen: &ListenOn, inherited: &mut Inherited, title: &str) -> Result<Listener, Failure> {
    let table = title.split_once('.').map(|(_, name)| name).filter(|name| inherited.has(name));
    match (listen, table) {
        (ListenOn::Systemd(name), _) => inherited.named(name),
        (ListenOn::Address(_), Some(table)) => inherited.named(table),
        (ListenOn::Address(address), None) => match inherited.at(address) {
            Some(listener) => listener,
            None => {
                let failed = |error| Failure::Transport(format!("{address}: {error}"));
                Listener::bind(address).await.map_err(failed)
            }
        },
    }
}
