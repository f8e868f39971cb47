//! What happens to peers that are not in the file.

use std::{path::Path, sync::Arc};

use core::fmt;

use crate::{Pin, Role};

/// What happens to a peer that is not in the file. A peer that is there with another key is never new.
#[derive(Clone, Default)]
#[non_exhaustive]
pub enum NewPeers {
    /// It is refused: the file is an allow-list.
    #[default]
    Refuse,
    /// It is accepted and written into the file. An attacker who is there at the first contact is accepted.
    Accept,
    /// As `Accept` while the file has no peer at all, and as `Refuse` afterwards: a device learns the one that
    /// it belongs to.
    Learn,
    /// The handshake waits for an answer of the application (`handclasp`: a late need).
    Later,
    /// This function decides. Its time does not count towards our time limit of the handshake; the peer may have
    /// one of its own.
    Ask(Arc<AskPeer>),
}

/// Decides about a new peer.
pub type AskPeer = dyn Fn(&NewPeer<'_>) -> PeerAnswer + Send + Sync;

impl NewPeers {
    /// A function that decides.
    ///
    /// ```no_run
    /// use handclasp_trust::{KnownPeers, NewPeers, PeerAnswer};
    ///
    /// let ask = NewPeers::ask(|peer| {
    ///     println!("{} has the key {}: {}", peer.name.unwrap_or("a client"), peer.pin, peer.pin.words());
    ///     let mut answer = String::new();
    ///     match std::io::stdin().read_line(&mut answer) {
    ///         Ok(_) if answer.trim() == "yes" => PeerAnswer::Accept,
    ///         _ => PeerAnswer::Refuse,
    ///     }
    /// });
    /// let peers = KnownPeers::new("known_peers").with_new_peers(ask);
    /// ```
    pub fn ask(ask: impl Fn(&NewPeer<'_>) -> PeerAnswer + Send + Sync + 'static) -> Self {
        Self::Ask(Arc::new(ask))
    }
}

impl fmt::Debug for NewPeers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Refuse => "Refuse",
            Self::Accept => "Accept",
            Self::Learn => "Learn",
            Self::Later => "Later",
            Self::Ask(_) => "Ask",
        })
    }
}

/// A peer that is not in the file.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct NewPeer<'a> {
    /// The name of a server, as it was asked for. Of a client what its certificate claims, which nothing
    /// vouches for.
    pub name: Option<&'a str>,
    /// The key. [`Pin::words`] are for people.
    pub pin: Pin,
    /// Whether the peer is a server or a client.
    pub role: Role,
    /// The file that it would be written into.
    pub path: &'a Path,
}

/// The answer about a new peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PeerAnswer {
    /// It is accepted, and written into the file when it has proved that it has the key.
    Accept,
    /// It is refused.
    Refuse,
    /// The handshake waits, as with [`NewPeers::Later`].
    Later,
}
