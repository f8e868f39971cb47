//! The protocol versions of a program: entries that begin a state machine. What no configuration of a
//! program lists is not linked.

use core::fmt;

use handclasp_codec::ProtocolVersion;
use handclasp_report::{Failed, Fault, Misuse};

use crate::{Config, Context, client, client12, client13, server, server12, server13};

/// The versions of a configuration. Each needs suites of its own in `Config::suites`: a version without a
/// suite is not offered, and a suite whose version is not listed is refused at the start.
#[derive(Clone, Copy, Debug, Default)]
pub struct Versions {
    /// Versions of a client. Empty in a program that is never one.
    pub client: &'static [ClientVersion],
    /// Versions of a server. Empty in a program that is never one.
    pub server: &'static [ServerVersion],
}

impl Versions {
    /// Every version on both sides.
    pub const ALL: Self = Self { client: ClientVersion::ALL, server: ServerVersion::ALL };

    /// Versions of a program that is only a client.
    pub const fn client(client: &'static [ClientVersion]) -> Self {
        Self { client, server: &[] }
    }

    /// Versions of a program that is only a server.
    pub const fn server(server: &'static [ServerVersion]) -> Self {
        Self { client: &[], server }
    }
}

/// A protocol version that a client speaks.
#[derive(Clone, Copy)]
pub struct ClientVersion(&'static dyn client::Version);

impl ClientVersion {
    /// TLS 1.2 (RFC 5246).
    pub const TLS12: Self = Self(&client12::Tls12);
    /// TLS 1.3 (RFC 8446).
    pub const TLS13: Self = Self(&client13::Tls13);
    /// Every version.
    pub const ALL: &'static [Self] = &[Self::TLS13, Self::TLS12];

    /// Its number on the wire.
    pub fn number(self) -> ProtocolVersion {
        self.0.number()
    }

    /// What begins its machine.
    pub(crate) fn entry(self) -> &'static dyn client::Version {
        self.0
    }

    /// The entry of that number.
    pub(crate) fn find(config: &Config, number: ProtocolVersion) -> Option<&'static dyn client::Version> {
        config.versions.client.iter().find(|version| version.number() == number).map(|version| version.0)
    }
}

/// A protocol version that a server speaks.
#[derive(Clone, Copy)]
pub struct ServerVersion(&'static dyn server::Version);

impl ServerVersion {
    /// TLS 1.2 (RFC 5246).
    pub const TLS12: Self = Self(&server12::Tls12);
    /// TLS 1.3 (RFC 8446).
    pub const TLS13: Self = Self(&server13::Tls13);
    /// Every version.
    pub const ALL: &'static [Self] = &[Self::TLS13, Self::TLS12];

    /// Its number on the wire.
    pub fn number(self) -> ProtocolVersion {
        self.0.number()
    }

    /// Versions for which the configuration has a suite.
    pub(crate) fn enabled(config: &Config) -> impl Iterator<Item = &'static dyn server::Version> {
        let entries = config.versions.server.iter().map(|version| version.0);
        entries.filter(|version| config.suites.iter().any(|suite| suite.version() == version.number()))
    }
}

impl fmt::Debug for ClientVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.number().fmt(f)
    }
}

impl fmt::Debug for ServerVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.number().fmt(f)
    }
}

/// Refuses suites whose version is not among those `listed`.
///
/// # Errors
/// [`Misuse::VersionNotListed`].
pub(crate) fn check_suites(
    context: &mut Context<'_>,
    listed: impl Fn(ProtocolVersion) -> bool,
) -> Result<(), Failed> {
    match context.config.suites.iter().all(|suite| listed(suite.version())) {
        true => Ok(()),
        false => Err(context.fail(Fault::Misuse(Misuse::VersionNotListed))),
    }
}
