//! The configuration of a client or server.

use alloc::{boxed::Box, vec::Vec};

use handclasp_handshake::{Certificates, ClientAuthentication, ExtendedMasterSecret, Extensions, PskHash};
use handclasp_report::{Capability, Side};
use handclasp_trust::{Psk, PskUse, Role};

use crate::{
    BUILD_DATE, BootError, Clock, Identity, PeerTrust, Pins, Profile, Random,
    capability::{ForCertificates, ForTickets},
    clock::Now,
    judge::Trust,
    self_test::self_test,
    tickets::{KeptSession, LIFETIME, Resumption, TicketKey},
};

/// The configuration of a [`crate::Client`] or [`crate::Server`].
pub struct Config {
    profile: Profile,
    /// Shared by all connections. Boxed, so that it is constructed where it stays.
    shared: Box<Shared>,
    /// Makes what tickets need. A pointer, so that a program without tickets does not link it.
    tickets: Option<ForTickets<MakeResumption>>,
    /// What was asked for and is not in the program.
    missing: Option<Capability>,
}

type MakeResumption = fn(&Profile, Side, &mut dyn Random) -> Result<Option<Box<dyn Resumption>>, BootError>;

impl Config {
    /// This profile, with neither keys nor trust.
    pub fn new(profile: Profile) -> Self {
        let shared = Box::new(Shared {
            engine: engine_config(&profile),
            psks: Vec::new(),
            identity: None,
            trust: None,
            verify: profile.verify,
            peer_role: Role::Server,
            resumption: None,
            clock: None,
            earliest_date: BUILD_DATE,
        });
        Self { profile, shared, tickets: None, missing: None }
    }

    /// Adds a pre-shared key. A client uses the first, a server the one that the client names.
    #[must_use]
    pub fn with_psk(mut self, psk: Psk) -> Self {
        self.shared.psks.push(psk);
        self
    }

    /// Trusts peers with these public keys.
    #[must_use]
    pub fn with_pins(self, pins: impl Into<Vec<handclasp_trust::Pin>>) -> Self {
        self.with_trust(Pins::new(pins))
    }

    /// Trusts the peers that `trust` accepts.
    #[must_use]
    pub fn with_trust(mut self, trust: impl PeerTrust + 'static) -> Self {
        self.shared.trust = self.built(ForCertificates::hold(Trust::new(trust)));
        self
    }

    /// Our certificate and key: of a server always sent, of a client where the server asks for it.
    #[must_use]
    pub fn with_identity(mut self, identity: Identity) -> Self {
        self.shared.identity = self.built(ForCertificates::hold(identity));
        self
    }

    /// Server: whether clients are asked for a certificate. They are judged by the configured trust.
    #[must_use]
    pub fn with_client_authentication(mut self, asked: ClientAuthentication) -> Self {
        self.shared.engine.handshake.certificates.client_authentication = asked;
        self
    }

    /// Resumes sessions: a client keeps the newest one in memory, a server seals them under a key that it
    /// draws at its boot.
    #[must_use]
    pub fn with_tickets(mut self) -> Self {
        let make: MakeResumption = |profile, side, random| {
            Ok(match side {
                Side::Client => Some(Box::<KeptSession>::default()),
                Side::Server => TicketKey::new(profile, random)?.map(boxed),
            })
        };
        self.tickets = self.built(ForTickets::hold(make));
        self
    }

    /// Application protocols, in order of preference.
    #[must_use]
    pub fn with_alpn(mut self, protocols: &[&[u8]]) -> Self {
        self.shared.engine.handshake.alpn = protocols.iter().map(|name| Vec::from(*name)).collect();
        self
    }

    /// The clock of the board.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Clock + 'static) -> Self {
        self.shared.clock = Some(Box::new(clock));
        self
    }

    /// The earliest time that it can be, in seconds since 1970-01-01 UTC, in place of [`BUILD_DATE`]:
    /// such as one that the board has kept from its last connection.
    #[must_use]
    pub fn with_earliest_date(mut self, seconds: u64) -> Self {
        self.shared.earliest_date = seconds;
        self
    }

    /// Refuses what devices do not have, and what this program is built without.
    fn check(&self) -> Result<(), BootError> {
        match self.missing {
            Some(capability) => Err(BootError::NotBuilt(capability)),
            None if self.shared.psks.iter().any(|psk| psk.usage() == PskUse::Imported) => Err(BootError::Psk),
            None => Ok(()),
        }
    }

    /// Returns the held value, or notes for the boot which capability the program lacks.
    fn built<T>(&mut self, held: Result<T, Capability>) -> Option<T> {
        held.map_err(|missing| self.missing = Some(missing)).ok()
    }

    /// Tests the board and the identity. Not inlined: the tests need most of the stack,
    /// and run without the frames of the rest.
    #[inline(never)]
    fn test(&self, random: &mut dyn Random) -> Result<(), BootError> {
        self.check()?;
        self_test(&self.profile, random)?;
        match &self.shared.identity {
            Some(identity) => identity.get().test(random),
            None => Ok(()),
        }
    }
}

impl core::fmt::Debug for Config {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Config")
            .field("profile", &self.profile)
            .field("psks", &self.shared.psks)
            .field("identity", &self.shared.identity.as_ref().map(ForCertificates::get))
            .finish_non_exhaustive()
    }
}

fn boxed(resumption: impl Resumption + 'static) -> Box<dyn Resumption> {
    Box::new(resumption)
}

/// Bytes of a record besides its content: header, and explicit nonce and tag, or content type and tag.
const RECORD_OVERHEAD: usize = 5 + 8 + 16;

/// What the connections of one client or server share.
pub(crate) struct Shared {
    pub(crate) engine: handclasp_connection::Config,
    pub(crate) psks: Vec<Psk>,
    pub(crate) identity: Option<ForCertificates<Identity>>,
    pub(crate) trust: Option<ForCertificates<Trust>>,
    pub(crate) verify: &'static [&'static dyn handclasp_crypto::Verify],
    pub(crate) peer_role: Role,
    pub(crate) resumption: Option<ForTickets<Box<dyn Resumption>>>,
    clock: Option<Box<dyn Clock>>,
    earliest_date: u64,
}

impl Shared {
    /// Tests the board, and finishes the configuration for one side.
    pub(crate) fn boot(config: Config, side: Side, random: &mut dyn Random) -> Result<Box<Self>, BootError> {
        config.test(random)?;
        let Config { profile, mut shared, tickets, .. } = config;
        if let Some(make) = tickets {
            shared.resumption =
                make.get()(&profile, side, random)?.and_then(|made| ForTickets::hold(made).ok());
        }
        shared.peer_role = match side {
            Side::Client => Role::Server,
            Side::Server => Role::Client,
        };
        let handshake = &mut shared.engine.handshake;
        handshake.resumption.tickets = u8::from(shared.resumption.is_some());
        handshake.has_psk = side == Side::Server && !shared.psks.is_empty();
        handshake.has_credential = side == Side::Server && shared.identity.is_some();
        Ok(shared)
    }

    pub(crate) fn now(&self) -> Now {
        Now::of(self.clock.as_deref(), self.earliest_date)
    }
}

/// The configuration of the engine, less what is known at the boot.
fn engine_config(profile: &Profile) -> handclasp_connection::Config {
    let mut engine = handclasp_connection::Config::new(handclasp_handshake::Config {
        generation: 1,
        versions: profile.versions,
        suites: profile.suites.into(),
        groups: profile.groups.into(),
        shares: 1,
        verify: profile.verify.into(),
        alpn: Vec::new(),
        // Preferred: docs/architecture.md.
        extended_master_secret: ExtendedMasterSecret::Offered,
        has_psk: false,
        has_credential: false,
        certificates: Certificates { transcript_limit: transcript_limit(profile), ..Certificates::default() },
        extensions: Extensions { psk_ke: profile.groups.is_empty(), ..Extensions::default() },
        key_log: false,
        // Sessions and the key of tickets live no longer than this configuration.
        resumption: handclasp_handshake::Resumption {
            tickets: 0,
            lifetime: LIFETIME,
            trust_generation: [0; 32],
        },
    });
    engine.limit_records(profile.records);
    engine.message_limits = profile.messages;
    let messages = usize::try_from(profile.messages.others).unwrap_or(usize::MAX);
    // A ClientHello, and what a peer sends that does not know our limit.
    engine.receive_limit = engine.record_size.max(messages.saturating_add(4)).min(16_384);
    engine.receive_space = engine.record_size.saturating_add(RECORD_OVERHEAD);
    // One record: `Connection::write` waits until it was sent.
    engine.transmit_limit = engine.record_size;
    engine
}

/// Messages of both sides that are kept for a client's CertificateVerify in TLS 1.2: each side sends its
/// certificates and a few others.
fn transcript_limit(profile: &Profile) -> usize {
    let limits = profile.messages;
    let bytes = limits.certificates.saturating_add(limits.others).saturating_mul(2);
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

/// The hash that a pre-shared key is bound to in TLS 1.3.
pub(crate) fn psk_hash(psk: &Psk) -> PskHash {
    match psk.usage() {
        PskUse::Tls13Sha384 => PskHash::Sha384,
        PskUse::Tls12 | PskUse::Tls13Sha256 | PskUse::BothVersions | PskUse::Imported => PskHash::Sha256,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{algorithms::SystemRandom, capability::off::ForNothing, profile};

    #[test]
    fn a_boot_refuses_what_the_program_is_built_without() {
        let mut config = Config::new(profile::client::PSK_TLS12);
        assert!(
            config.built(ForTickets::hold(())).is_some() && config.built(ForCertificates::hold(())).is_some()
        );
        assert!(Shared::boot(config, Side::Client, &mut SystemRandom).is_ok());

        let mut config = Config::new(profile::client::PSK_TLS12);
        assert!(config.built(ForNothing::hold(())).is_none());
        let refused = Shared::boot(config, Side::Client, &mut SystemRandom).err();
        assert_eq!(refused, Some(BootError::NotBuilt(Capability::Tickets)));
    }
}
