//! Sessions for resumption (RFC 8446 §4.6.1, RFC 5077 §4). A client keeps the session with its
//! ticket; a server seals it into the ticket and keeps nothing. A session records the trust
//! configuration and the time of the handshake that authenticated the peer, so that it outlives
//! neither.

use alloc::{boxed::Box, vec::Vec};

use handclasp_codec::{
    CertificateType, CipherSuite, DecodeError, EncodeError, ErrorSlot, Field, Malformed, Problem,
    ProtocolVersion, Reader, Writer,
};
use handclasp_crypto::{Secret, Suite};
use zeroize::Zeroizing;

use crate::{
    Config, Connected,
    capability::{self, Built, Held},
    types::PeerIdentity,
};

/// Seconds after which a session expires, counted from the peer's authentication: the limit of
/// RFC 8446 §4.6.1 for tickets.
pub(crate) const WEEK: u32 = 604_800;

/// Size limit in bytes of a ticket that a client keeps. The ClientHello that offers it must not
/// exceed 2^14 bytes: BoringSSL's servers and ours accept no more.
pub(crate) const TICKET_MAX: usize = 15 * 1024;

/// Seconds by which the clocks of servers that share ticket keys may differ.
const CLOCK_SKEW: u64 = 60;

/// Version of the encoding of [`Session::encode`].
const FORMAT: u8 = 2;

/// The peer's identity has a notAfter.
const HAS_END: u8 = 1;
/// The peer authenticated with a raw public key. A program that does not know this bit takes the session for expired.
const HAS_RAW_KEY: u8 = 2;

/// Bytes of [`Session::encode`] without the fields of variable length.
const FIXED: usize = 160;

/// A session that can be resumed. Its secret is wiped when it is dropped, and never printed or
/// compared. The contents are boxed, so that a move leaves no copy of the secret behind.
pub struct Session {
    content: Held<capability::Tickets, Box<Content>>,
    on: capability::Tickets,
}

impl core::fmt::Debug for Session {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Session")
            .field("version", &self.version)
            .field("suite", &self.suite)
            .finish_non_exhaustive()
    }
}

impl core::ops::Deref for Session {
    type Target = Content;
    fn deref(&self) -> &Content {
        &self.content
    }
}

impl core::ops::DerefMut for Session {
    fn deref_mut(&mut self) -> &mut Content {
        &mut self.content
    }
}

/// The contents of a session. Public for `Deref` only.
pub struct Content {
    pub(crate) version: ProtocolVersion,
    pub(crate) suite: CipherSuite,
    /// The pre-shared key (1.3), the master secret (1.2).
    pub(crate) secret: Secret,
    /// The ticket that the client offers; empty on the server.
    pub(crate) ticket: Vec<u8>,
    /// When the ticket was made (server) or received (client), in seconds since 1970.
    pub(crate) time: u64,
    /// When the peer last authenticated in a full handshake, in seconds since 1970.
    pub(crate) authenticated: u64,
    /// Seconds from `time` until the ticket expires.
    pub(crate) lifetime: u32,
    /// ticket_age_add.
    pub(crate) age_add: u32,
    /// The name that the client asked for.
    pub(crate) server_name: Option<Vec<u8>>,
    /// The identity of the pre-shared key that authenticated both sides.
    pub(crate) psk_identity: Option<Vec<u8>>,
    /// The peer's identity.
    pub(crate) peer: Option<PeerIdentity>,
    /// Server: the type of certificate that it sent, if any.
    pub(crate) shown: Option<CertificateType>,
    /// See [`crate::Resumption::trust_generation`].
    pub(crate) trust_generation: [u8; 32],
}

/// What the sessions of a connection inherit from its handshake.
#[derive(Clone, Copy)]
pub(crate) struct Origin {
    /// When the peer last authenticated in a full handshake.
    pub(crate) authenticated: u64,
    /// See [`crate::Resumption::trust_generation`].
    pub(crate) trust_generation: [u8; 32],
    /// Server: the type of certificate that it sent.
    pub(crate) shown: Option<CertificateType>,
}

impl Session {
    /// The session of a complete handshake, without secret and ticket.
    pub(crate) fn of(on: capability::Tickets, agreed: &Connected, origin: Origin, now: u64) -> Self {
        let content = Box::new(Content {
            version: agreed.version,
            suite: agreed.suite,
            secret: Secret::zero(0),
            ticket: Vec::new(),
            time: now,
            authenticated: origin.authenticated,
            lifetime: 0,
            age_add: 0,
            server_name: agreed.server_name.clone(),
            psk_identity: agreed.psk_identity.clone(),
            peer: agreed.peer,
            shown: origin.shown,
            trust_generation: origin.trust_generation,
        });
        Self { content: on.hold(content), on }
    }

    /// What there can be no session without.
    pub(crate) fn on(&self) -> capability::Tickets {
        self.on
    }

    /// A copy, whose secret is wiped when it is dropped.
    pub fn duplicate(&self) -> Self {
        let content = Box::new(Content {
            secret: Secret::zero(0),
            ticket: self.ticket.clone(),
            server_name: self.server_name.clone(),
            psk_identity: self.psk_identity.clone(),
            ..**self.content
        });
        let mut copy = Self { content: self.on.hold(content), on: self.on };
        copy.secret.set(self.secret.expose());
        copy
    }

    /// The protocol version.
    pub fn version(&self) -> ProtocolVersion {
        self.version
    }

    /// Whether the session should be used once only. True in TLS 1.3: a ticket that is offered twice
    /// lets an observer link two connections of one client (RFC 8446 §C.4).
    pub fn is_for_one_use(&self) -> bool {
        self.version == ProtocolVersion::TLS_1_3
    }

    /// Whether the session has not expired at `now`, in seconds since 1970.
    pub fn is_fresh(&self, now: u64) -> bool {
        let age = now.saturating_sub(self.time);
        let from_the_future = self.time > now.saturating_add(CLOCK_SKEW);
        !from_the_future
            && age <= u64::from(self.lifetime.min(WEEK))
            && now.saturating_sub(self.authenticated) <= u64::from(WEEK)
            && self.peer_not_after().is_none_or(|not_after| now <= not_after)
    }

    /// The notAfter of the peer's chain.
    pub(crate) fn peer_not_after(&self) -> Option<u64> {
        self.peer.as_ref().and_then(|peer| peer.not_after)
    }

    /// Lifetime in seconds of a ticket made now, limited by the configuration, by the week since the
    /// peer authenticated, and by its certificate. `None`: no ticket.
    pub(crate) fn lifetime_of_ticket(&self, config: &Config, now: u64) -> Option<u32> {
        let week = self.authenticated.saturating_add(u64::from(WEEK));
        let until = self.peer_not_after().map_or(week, |not_after| not_after.min(week));
        let left = u32::try_from(until.saturating_sub(now)).unwrap_or(u32::MAX);
        Some(config.resumption.lifetime.min(WEEK).min(left)).filter(|lifetime| *lifetime > 0)
    }

    /// obfuscated_ticket_age (RFC 8446 §4.2.11.1).
    pub(crate) fn obfuscated_age(&self, now: u64) -> u32 {
        let age = now.saturating_sub(self.time).saturating_mul(1000);
        u32::try_from(age).unwrap_or(u32::MAX).wrapping_add(self.age_add)
    }

    /// The session's suite, if the configuration still has it.
    pub(crate) fn suite_of(&self, config: &Config) -> Option<&'static Suite> {
        let fits = |suite: &&'static Suite| suite.id == self.suite && suite.version() == self.version;
        config.suites.iter().copied().find(fits)
    }

    /// Encodes the session with its secret, for a ticket or for a file with mode 0600. The bytes are
    /// wiped when dropped.
    ///
    /// # Errors
    /// A name or ticket longer than 65535 bytes.
    pub fn encode(&self) -> Result<Zeroizing<Vec<u8>>, EncodeError> {
        let names = [&self.server_name, &self.psk_identity].into_iter().flatten().map(Vec::len);
        let whole = names.chain([self.ticket.len()]).fold(FIXED, usize::saturating_add);
        // Reserved at once: growing would leave copies that are not wiped.
        let mut bytes = Zeroizing::new(Vec::with_capacity(whole.saturating_add(self.secret.len())));
        let mut writer = Writer::new(&mut *bytes);
        writer.u8(FORMAT);
        writer.word(self.version);
        writer.word(self.suite);
        writer.opaque8(Field::opaque, self.secret.expose());
        writer.opaque16(Field::ticket, &self.ticket);
        writer.bytes(&self.time.to_be_bytes());
        writer.bytes(&self.authenticated.to_be_bytes());
        writer.u32(self.lifetime);
        writer.u32(self.age_add);
        for name in [&self.server_name, &self.psk_identity] {
            writer.u8(u8::from(name.is_some()));
            writer.opaque16(Field::opaque, name.as_deref().unwrap_or_default());
        }
        writer.u8(u8::from(self.peer.is_some()));
        if let Some(peer) = &self.peer {
            writer.bytes(&peer.pin);
            let is_raw = peer.certificate_type == CertificateType::RawPublicKey;
            let has_end = peer.not_after.is_some();
            writer.u8(if is_raw { HAS_RAW_KEY } else { 0 } | if has_end { HAS_END } else { 0 });
            writer.bytes(&peer.not_after.unwrap_or_default().to_be_bytes());
        }
        writer.u8(u8::from(self.shown.is_some()));
        writer.u8(self.shown.unwrap_or(CertificateType::X509).0);
        writer.bytes(&self.trust_generation);
        writer.finish()?;
        Ok(bytes)
    }

    /// Decodes the bytes of [`Session::encode`].
    ///
    /// # Errors
    /// Another version of the encoding, or damaged bytes.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut slot = ErrorSlot::default();
        let session = Reader::new(bytes, &mut slot).whole(Field::opaque, read);
        session.map_err(|malformed| slot.error(malformed))
    }
}

fn read(reader: &mut Reader<'_, '_, ErrorSlot>) -> Result<Session, Malformed> {
    let format = reader.u8(Field::version)?;
    if format != FORMAT {
        let numbers = [FORMAT, format, 0].map(u32::from);
        return Err(reader.error_at(0, Field::version, Problem::Unexpected, numbers));
    }
    let (version, suite) = (reader.word(Field::version)?, reader.word(Field::cipher_suite)?);
    let secret = reader.opaque8(Field::opaque, 1..=Secret::MAX)?;
    // A program without tickets knows no format of them.
    let Some(on) = capability::Tickets::get() else {
        return Err(reader.error(Field::version, Problem::Unexpected, [0; 3]));
    };
    let content = Box::new(Content {
        version,
        suite,
        secret: Secret::zero(0),
        ticket: Vec::from(reader.opaque16(Field::ticket, 0..=0xffff)?),
        time: read_u64(reader)?,
        authenticated: read_u64(reader)?,
        lifetime: reader.u32(Field::ticket_lifetime)?,
        age_add: reader.u32(Field::ticket_age_add)?,
        server_name: read_name(reader)?,
        psk_identity: read_name(reader)?,
        peer: read_peer(reader)?,
        shown: read_shown(reader)?,
        trust_generation: *reader.array(Field::opaque)?,
    });
    let mut session = Session { content: on.hold(content), on };
    session.secret.set(secret);
    Ok(session)
}

fn read_u64(reader: &mut Reader<'_, '_, ErrorSlot>) -> Result<u64, Malformed> {
    reader.array(Field::opaque).copied().map(u64::from_be_bytes)
}

fn read_name(reader: &mut Reader<'_, '_, ErrorSlot>) -> Result<Option<Vec<u8>>, Malformed> {
    let is_there = reader.u8(Field::opaque)? != 0;
    let name = reader.opaque16(Field::opaque, 0..=0xffff)?;
    Ok(is_there.then(|| Vec::from(name)))
}

fn read_peer(reader: &mut Reader<'_, '_, ErrorSlot>) -> Result<Option<PeerIdentity>, Malformed> {
    if reader.u8(Field::opaque)? == 0 {
        return Ok(None);
    }
    let pin = *reader.array(Field::opaque)?;
    let flags = reader.u8(Field::opaque)?;
    let not_after = read_u64(reader)?;
    let mut peer = PeerIdentity::new(pin, (flags & HAS_END != 0).then_some(not_after));
    if flags & HAS_RAW_KEY != 0 {
        peer.certificate_type = CertificateType::RawPublicKey;
    }
    Ok(Some(peer))
}

fn read_shown(reader: &mut Reader<'_, '_, ErrorSlot>) -> Result<Option<CertificateType>, Malformed> {
    let is_there = reader.u8(Field::opaque)? != 0;
    let shown = CertificateType(reader.u8(Field::opaque)?);
    Ok(is_there.then_some(shown))
}

#[cfg(all(test, feature = "tickets"))]
mod tests;
