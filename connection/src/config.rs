//! The configuration of a connection beyond that of the handshake.

use handclasp_crypto::Random;
use handclasp_record::MessageLimits;
use handclasp_report::{Fault, FaultCode, Input, Misuse};

/// Shared by many connections.
#[derive(Clone)]
pub struct Config {
    /// Configuration of the handshake.
    pub handshake: handclasp_handshake::Config,
    /// Most bytes of content in a record that is sent: 512 to 16384, or fewer where the peer asks for
    /// fewer. The limit for received records is in `handshake.extensions`.
    pub record_size: usize,
    /// Most bytes of a received handshake message. Memory is allocated as the bytes come.
    pub message_limits: MessageLimits,
    /// Bytes of the first receive buffer, which doubles as bytes come; nothing is allocated for a length
    /// that the peer only announces.
    pub receive_space: usize,
    /// Bytes up to which the receive buffer also doubles when a read from the transport fills it, so that bulk
    /// data takes fewer reads. 0, or without the feature `bulk`: it grows only for a record that does not fit.
    pub bulk_space: usize,
    /// Most bytes of content in a received record, negotiated or not: at most 16384. A peer that does not
    /// know the extensions may send full records, and a device has no memory for them. Longer records end
    /// the connection.
    pub receive_limit: usize,
    /// Bytes of queued output from which on `write` takes no more.
    pub transmit_limit: usize,
}

impl Config {
    /// Largest record of RFC 8446 §5.1, default limits.
    pub fn new(handshake: handclasp_handshake::Config) -> Self {
        Self {
            handshake,
            record_size: 16_384,
            message_limits: MessageLimits::default(),
            receive_space: 2048,
            bulk_space: 0,
            receive_limit: 16_384,
            transmit_limit: 65_536,
        }
    }

    /// Limits records to `bytes` of content, at least 512: those that are sent, and those that the peer
    /// is asked to send (record_size_limit, max_fragment_length). For devices with little memory.
    pub fn limit_records(&mut self, bytes: u16) {
        self.record_size = usize::from(bytes.clamp(512, 16_384));
        self.handshake.extensions.limit_records(bytes);
    }

    /// Whether the numbers are within what the RFC and the design permit.
    ///
    /// # Errors
    /// [`Input::RecordSize`].
    pub(crate) fn check(&self) -> Result<(), FaultCode> {
        let taken = self.handshake.extensions.record_size_limit;
        match (self.record_size, self.receive_limit, taken) {
            (512..=16_384, 512..=16_384, None | Some(64..=16_385)) => Ok(()),
            _ => Err(Fault::Misuse(Misuse::InvalidInput(Input::RecordSize)).code()),
        }
    }
}

/// The surroundings of a call that may drive the handshake: configuration, time, randomness.
pub struct Context<'g> {
    /// The configuration. It must be the same one until the handshake is complete.
    pub config: &'g Config,
    /// Seconds since 1970-01-01 UTC.
    pub now: u64,
    /// The random number generator.
    pub random: &'g mut dyn Random,
}
