//! A session that is resumed only where other servers have not resumed it, and its client was not revoked.

use std::{fmt, sync::Arc};

use handclasp_codec::ProtocolVersion;
use handclasp_handshake::{Need, ResumeRefusal, ResumeRequest};
use handclasp_trust::Pin;

use crate::{
    Connection, Error,
    answer::Reply,
    tickets::{Redemption, Tickets},
    time::now,
};

/// Asks a server whether to resume a session. The ticket opened and everything that it seals fits; in
/// TLS 1.3 the client has proved that it holds the session's key (RFC 8446 §4.2.11.2), so that an observer
/// of the ticket cannot use it up.
///
/// A refusal is followed by a full handshake.
///
/// ```
/// use std::collections::HashSet;
/// use handclasp::{Identity, LateNeed, NeedKind, ResumeRefusal, Server, ServerConnection};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let mut database = HashSet::new();
/// let server = Server::new(Identity::self_signed(&["a.example"])?).late_needs(&[NeedKind::Resumption]);
/// let mut connection = ServerConnection::new(&server)?;
/// // … receive; then, where `connection.may().answer` says so:
/// if let Some(LateNeed::Resumption(need)) = connection.need() {
///     // Atomic among all servers, such as SET with NX of Redis.
///     match need.single_use().map(|(id, _until)| database.insert(id.as_ref().to_vec())) {
///         Some(false) => need.refuse(ResumeRefusal::Used)?,
///         Some(true) | None => need.resume()?,
///     }
/// }
/// # Ok(())
/// # }
/// ```
pub struct ResumptionNeed<'c> {
    pub(super) connection: &'c mut Connection,
}

impl ResumptionNeed<'_> {
    fn request(&self) -> Option<ResumeRequest<'_>> {
        match self.connection.engine.need() {
            Some(Need::Resume(request)) => Some(request),
            _ => None,
        }
    }

    /// The version of the session.
    pub fn version(&self) -> ProtocolVersion {
        self.request().map_or(ProtocolVersion::default(), |request| request.version)
    }

    /// A ticket that is good for one use: what names it among all servers with the same keys, and the time
    /// in seconds since 1970 after which it opens no more. `None` of a ticket that may be used again: in
    /// TLS 1.2 as long as its key seals.
    pub fn single_use(&self) -> Option<(impl AsRef<[u8]> + Copy + Send + use<>, u64)> {
        let request = self.request()?;
        let tickets = self.connection.settings.active_tickets()?;
        let Redemption { id, until } = redemption(tickets, &request)?;
        Some((id, until))
    }

    /// The pin of the client's key, if a certificate or raw public key authenticated it when the session began.
    pub fn peer(&self) -> Option<Pin> {
        self.request()?.peer.map(|peer| Pin(peer.pin))
    }

    /// The identity of the pre-shared key that the session began with, if the configuration does not have that
    /// key ([`crate::NeedKind::Psk`]).
    pub fn psk_identity(&self) -> Option<&[u8]> {
        let request = self.request()?;
        let is_configured =
            |identity: &&[u8]| self.connection.settings.psks.named(identity, request.version).is_some();
        request.psk_identity.filter(|identity| !is_configured(identity))
    }

    /// When the client was last authenticated by its certificate or pre-shared key, in seconds since 1970.
    pub fn authenticated(&self) -> u64 {
        self.request().map_or(0, |request| request.authenticated)
    }

    /// Resumes the session, if this server has not seen the ticket used.
    ///
    /// # Errors
    /// The handshake fails as it goes on.
    pub fn resume(self) -> Result<(), Error> {
        let settings = Arc::clone(&self.connection.settings);
        let redeemed = match (self.request(), settings.active_tickets()) {
            (Some(request), Some(tickets)) => match redemption(tickets, &request) {
                Some(_) => tickets.redeem(request.ticket, now()),
                None => request.version == ProtocolVersion::TLS_1_2,
            },
            _ => false,
        };
        let reply = if redeemed { Ok(()) } else { Err(ResumeRefusal::Used) };
        self.connection.answer_late(Reply::Resume(reply))
    }

    /// Goes on with a full handshake. The report says why.
    ///
    /// # Errors
    /// The handshake fails as it goes on.
    pub fn refuse(self, why: ResumeRefusal) -> Result<(), Error> {
        self.connection.answer_late(Reply::Resume(Err(why)))
    }
}

fn redemption(tickets: &Tickets, request: &ResumeRequest<'_>) -> Option<Redemption> {
    tickets.redemption(request.ticket, request.version == ProtocolVersion::TLS_1_3, now())
}

impl fmt::Debug for ResumptionNeed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResumptionNeed").field("version", &self.version()).finish_non_exhaustive()
    }
}
