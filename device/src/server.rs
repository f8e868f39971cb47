//! A server: what its connections share.

use alloc::boxed::Box;

use handclasp_connection::{Connection as Engine, Context};
use handclasp_report::{FaultCode, Side};

use crate::{
    BootError, Config, Connection, Random,
    answer::{AnswerKeys, answer_keys},
    config::Shared,
};

/// Keys and tickets are asked for in programs with either.
const KEYS: Option<AnswerKeys> = match cfg!(any(feature = "psk", feature = "tickets")) {
    true => Some(answer_keys),
    false => None,
};

/// A server. It was booted: the board passed its self-test.
pub struct Server(Box<Shared>);

impl Server {
    /// Tests the board, and makes a server.
    ///
    /// # Errors
    /// What of the board, the keys or the configuration is not sound.
    pub fn boot(config: Config, random: &mut dyn Random) -> Result<Self, BootError> {
        Shared::boot(config, Side::Server, random).map(Self)
    }

    /// Starts a connection with a client whose bytes are still to come.
    ///
    /// # Errors
    /// A profile with nothing to choose from.
    pub fn accept(&self, random: &mut dyn Random) -> Result<Connection<'_>, FaultCode> {
        let shared = &*self.0;
        let context = &mut Context { config: &shared.engine, now: shared.now().seconds, random };
        Ok(Connection::new(Engine::server(context)?, shared, None, KEYS))
    }
}

impl core::fmt::Debug for Server {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Server")
    }
}
