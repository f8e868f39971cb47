//! [`Current`]: the configuration of new connections, replaceable at run time.

use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock},
};

use handclasp_report::Side;

use crate::{Client, Error, Server, sessions::Sessions, tickets::Tickets, trace};

/// A [`Server`] or [`Client`] that is replaced while its connections run: a certificate that was renewed, a key
/// that was added, a list of clients that changed. A clone is a pointer to the same value, for the task that
/// replaces it.
///
/// A connection takes the configuration when it begins ([`Current::get`], or `accept` and `connect` of the tokio
/// acceptor and connector) and keeps it to its end, also while its handshake lasts. Those that begin after
/// [`Current::replace`] take the new one.
///
/// ```
/// use std::{net::TcpListener, thread};
///
/// use handclasp::{Current, Identity, Server};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let [first, renewed] = [Identity::self_signed(&["a.test"])?, Identity::self_signed(&["a.test"])?];
/// let server = Current::new(Server::new(first));
///
/// let listener = TcpListener::bind("127.0.0.1:0")?;
/// let accepting = server.clone();
/// thread::spawn(move || {
///     for socket in listener.incoming().flatten() {
///         let server = accepting.get();
///         thread::spawn(move || server.accept(socket));
///     }
/// });
///
/// // Later, when the files have changed:
/// server.replace(Server::new(renewed))?;
/// # Ok(())
/// # }
/// ```
///
/// # Sessions
/// Tickets and sessions from before stay usable where trust and credentials are the same; a certificate that
/// was renewed for the same key and names changes neither. Where they are not, the next connection
/// is a full handshake.
///
/// | old server | new server | keys of tickets |
/// |---|---|---|
/// | without a ticket secret | without one | those of the old server |
/// | with a ticket secret | with the same one | those of the old server, with its memory of the tickets that were used |
/// | with `TicketKeys` | with the same ones | those, which the application replaces |
/// | anything else | | those of the new server: a secret that was removed or replaced opens nothing |
///
/// A client keeps the sessions of the old one, unless the new one has a session file or resumes nothing.
pub struct Current<T>(Arc<RwLock<T>>);

/// A [`Server`] or a [`Client`]: what a [`Current`] holds.
pub trait Replaceable: Clone + private::Replaceable {}

impl Replaceable for Server {}
impl Replaceable for Client {}

mod private {
    use handclasp_report::Side;

    use crate::Error;

    /// Operations of [`super::Current::replace`] on either kind of configuration.
    pub trait Replaceable {
        /// Client or server, for the event of `tracing`.
        const SIDE: Side;

        /// Whether a handshake could succeed.
        fn check(&self) -> Result<(), Error>;

        /// Moves tickets or sessions of the old configuration to this one where they stay valid.
        fn take_over(&mut self, old: &Self);
    }
}

impl private::Replaceable for Server {
    const SIDE: Side = Side::Server;

    fn check(&self) -> Result<(), Error> {
        Self::check(self)
    }

    fn take_over(&mut self, old: &Self) {
        if let (Some(new), Some(tickets)) = (&self.settings.tickets, &old.settings.tickets)
            && !Arc::ptr_eq(new, tickets)
            && Tickets::have_equal_source(new, tickets)
        {
            self.change().tickets = Some(Arc::clone(tickets));
        }
    }
}

impl private::Replaceable for Client {
    const SIDE: Side = Side::Client;

    fn check(&self) -> Result<(), Error> {
        Self::check(self)
    }

    fn take_over(&mut self, old: &Self) {
        if let (Some(new), Some(sessions)) = (&self.settings.sessions, &old.settings.sessions)
            && matches!((&**new, &**sessions), (Sessions::Memory(_), Sessions::Memory(_)))
        {
            self.change().sessions = Some(Arc::clone(sessions));
        }
    }
}

impl<T: Replaceable> Current<T> {
    /// Holds this configuration, unchecked, until the first [`Current::replace`].
    pub fn new(first: T) -> Self {
        Self(Arc::new(RwLock::new(first)))
    }

    /// The configuration for a connection that begins now.
    pub fn get(&self) -> T {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Replaces the configuration for the connections that begin from now on; returns the old one.
    ///
    /// # Errors
    /// The new configuration could not work ([`Server::check`], [`Client::check`]). The old one stays.
    pub fn replace(&self, mut new: T) -> Result<T, Error> {
        private::Replaceable::check(&new)?;
        let mut current = self.0.write().unwrap_or_else(PoisonError::into_inner);
        // Under the lock, so that of two replacements at once the second has the tickets of the first.
        new.take_over(&current);
        let old = std::mem::replace(&mut *current, new);
        drop(current);
        trace::replaced(T::SIDE);
        Ok(old)
    }
}

impl<T> Clone for Current<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T: Replaceable> From<T> for Current<T> {
    fn from(first: T) -> Self {
        Self::new(first)
    }
}

impl<T: Replaceable + fmt::Debug> fmt::Debug for Current<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Current").field(&self.get()).finish()
    }
}
