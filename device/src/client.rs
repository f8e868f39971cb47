//! A client: what its connections share.

use alloc::boxed::Box;

use handclasp_codec::ProtocolVersion;
use handclasp_connection::{Connection as Engine, Context};
use handclasp_handshake::{ClientPsk, ClientStart};
use handclasp_report::{Fault, FaultCode, Input, Misuse, Side};
use handclasp_trust::{Name, Psk};

use crate::{
    BootError, Config, Connection, Random,
    config::{Shared, psk_hash},
};

/// A client. It was booted: the board passed its self-test.
pub struct Client(Box<Shared>);

impl Client {
    /// Tests the board, and makes a client.
    ///
    /// # Errors
    /// What of the board, the keys or the configuration is not sound.
    pub fn boot(config: Config, random: &mut dyn Random) -> Result<Self, BootError> {
        Shared::boot(config, Side::Client, random).map(Self)
    }

    /// Starts a connection to the server of that name, a host name or an IP address, which is sent as
    /// server_name where it is a host name. The ClientHello is in [`Connection::transmit`].
    ///
    /// # Errors
    /// A name that is not one, a profile with nothing to offer, or a failure of the source of random
    /// numbers.
    pub fn connect(&self, name: &str, random: &mut dyn Random) -> Result<Connection<'_>, FaultCode> {
        let name =
            Name::parse(name).map_err(|_| Fault::Misuse(Misuse::InvalidInput(Input::ServerName)).code())?;
        self.start(Some(name), random)
    }

    /// As [`Client::connect`], to a server that a pre-shared key or a pin identifies: no name is sent.
    ///
    /// # Errors
    /// As [`Client::connect`].
    pub fn connect_unnamed(&self, random: &mut dyn Random) -> Result<Connection<'_>, FaultCode> {
        self.start(None, random)
    }

    fn start(&self, name: Option<Name>, random: &mut dyn Random) -> Result<Connection<'_>, FaultCode> {
        let shared = &*self.0;
        let context = &mut Context { config: &shared.engine, now: shared.now().seconds, random };
        let server_name = name.as_ref().and_then(Name::dns);
        let psk = shared.psks.first().map(offered);
        let session = shared.resumption.as_ref().and_then(|resumption| resumption.get().offer());
        let session = session.as_ref();
        let engine = Engine::client(context, ClientStart { server_name, psk, session })?;
        Ok(Connection::new(engine, shared, name, None))
    }
}

/// A pre-shared key as a client offers it.
fn offered(psk: &Psk) -> ClientPsk<'_> {
    let serves = |version| psk.usage().serves(version);
    ClientPsk {
        identity: psk.identity(),
        secret: psk.secret(),
        tls13: serves(ProtocolVersion::TLS_1_3).then(|| psk_hash(psk)),
        tls12: serves(ProtocolVersion::TLS_1_2),
        imported: false,
        also: None,
    }
}

impl core::fmt::Debug for Client {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Client")
    }
}
