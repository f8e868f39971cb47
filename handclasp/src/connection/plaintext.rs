//! The application's side: plaintext in and out, keying material.

use std::io::{self, BufRead, IoSlice, Read, Write};

use handclasp_report::{Fault, Input, Misuse, Side};
use handclasp_trust::{AuthenticationString, Pin};

use super::Connection;
use crate::{Error, misuse, provider::SHA256, time::with_context};

impl Connection {
    /// Plaintext of the peer, borrowed from where it was decrypted; [`Connection::consume`] gives it
    /// back.
    pub fn readable(&self) -> &[u8] {
        self.engine.readable()
    }

    /// Decrypts the records behind those bytes as far as they came and carry application data, so that
    /// [`Connection::readable`] returns the bytes of all of them. Saves a program that passes much data on a call for
    /// each record. A fault or an end behind them is returned once they are consumed, as without this call.
    pub fn gather(&mut self) {
        self.engine.gather();
    }

    /// Gives back the first `count` bytes of [`Connection::readable`]. After the last of them the next
    /// record is decrypted, and a fault in it ends the connection ([`Connection::fault`]).
    pub fn consume(&mut self, count: usize) {
        self.engine.consume(count);
        if self.engine.readable().is_empty() {
            // The fault stays with the connection, and the next call returns it.
            let _ = self.proceed();
        }
    }

    /// Decrypts what came behind the plaintext that was consumed.
    pub(crate) fn proceed(&mut self) -> Result<(), Error> {
        self.drive(|engine, context| engine.proceed(context))
    }

    /// Copies plaintext of the peer into `out`; returns the count of bytes, 0 where none waits.
    ///
    /// # Errors
    /// Why the connection ended.
    pub fn read(&mut self, out: &mut [u8]) -> Result<usize, Error> {
        if self.readable().is_empty() {
            self.proceed()?;
        }
        let available = self.readable();
        let count = available.len().min(out.len());
        if let (Some(out), Some(available)) = (out.get_mut(..count), available.get(..count)) {
            out.copy_from_slice(available);
        }
        self.consume(count);
        Ok(count)
    }

    /// Encrypts as much of `data` as the queue has room for; returns the count of bytes taken. The
    /// records wait in [`Connection::transmit`], at most about 128 KiB.
    ///
    /// # Errors
    /// The handshake is not complete, this side has closed, or why the connection ended.
    pub fn write(&mut self, data: &[u8]) -> Result<usize, Error> {
        let Self { engine, settings, .. } = self;
        let written = with_context(&settings.config, |context| engine.write(context, data));
        self.observe();
        written.map_err(|fault| self.with_report(fault))
    }

    /// As [`Connection::write`], for data in several buffers, whose bytes fill records together.
    ///
    /// # Errors
    /// As [`Connection::write`].
    pub fn write_vectored(&mut self, data: &[IoSlice<'_>]) -> Result<usize, Error> {
        let Self { engine, settings, .. } = self;
        let written = with_context(&settings.config, |context| engine.write_vectored(context, data));
        self.observe();
        written.map_err(|fault| self.with_report(fault))
    }

    /// Changes the keys that this side sends under (KeyUpdate, RFC 8446 §4.6.3). Before the limit of
    /// their cipher keys are changed without this.
    ///
    /// # Errors
    /// The handshake is not complete, this side has closed, or TLS 1.2, which cannot change keys.
    pub fn update_keys(&mut self) -> Result<(), Error> {
        let Self { engine, settings, .. } = self;
        let updated = with_context(&settings.config, |context| engine.update_keys(context));
        self.observe();
        updated.map_err(|fault| self.with_report(fault))
    }

    /// A short authentication string, which two people compare: it is the same on both ends only if nobody is
    /// between them. It is of the keys that both ends showed in this handshake and of keying material that the
    /// connection exports (label `EXPERIMENTAL handclasp authentication string`, 32 bytes).
    ///
    /// # Errors
    /// As [`Connection::export`].
    pub fn authentication_string(&self) -> Result<AuthenticationString, Error> {
        let mut exported = [0; 32];
        self.export(b"EXPERIMENTAL handclasp authentication string", None, &mut exported)?;
        // A resumed session shows no keys; what it exports depends on the first handshake.
        let shown = self.connected().filter(|connected| !connected.resumed);
        let peer = shown.and_then(|connected| connected.peer).map(|peer| Pin(peer.pin));
        let signer = shown.and(self.state.signer.as_ref());
        let own = signer.map(|identity| Pin::of_spki_with(&identity.spki(), SHA256));
        let (client, server) = match self.settings.side {
            Side::Client => (own, peer),
            Side::Server => (peer, own),
        };
        Ok(AuthenticationString::new(&exported, client, server, SHA256))
    }

    /// Exports keying material (RFC 8446 §7.5, RFC 5705) into `out`.
    ///
    /// # Errors
    /// The handshake is not complete, TLS 1.2 without extended_master_secret, or a length or label that
    /// the RFC does not permit.
    pub fn export(&self, label: &[u8], context: Option<&[u8]>, out: &mut [u8]) -> Result<(), Error> {
        let report = self.engine.report();
        self.engine.export(label, context, out).map_err(|code| match code.fault() {
            Fault::Misuse(Misuse::InvalidInput(Input::ExportLength)) => {
                Error::misuse(misuse::export_length(out.len(), self.most_exported()), report)
            }
            Fault::Misuse(Misuse::InvalidInput(Input::ExportLabel)) => {
                Error::misuse(misuse::export_label(label, context), report)
            }
            other => Error::from_fault(other, report),
        })
    }

    /// Bytes that the suite's hash permits to export (RFC 5869 §2.3).
    fn most_exported(&self) -> usize {
        let chosen = self.connected().map(|connected| connected.suite);
        let suite = self.settings.config.handshake.suites.iter().find(|suite| Some(suite.id) == chosen);
        suite.map_or(0, |suite| suite.hash.output_len() * 255)
    }

    /// The plaintext of the peer as [`std::io`] has it: `WouldBlock` where none waits, `Ok(0)` behind
    /// close_notify, an error where the transport ended without it.
    pub fn reader(&mut self) -> Reader<'_> {
        Reader { connection: self }
    }

    /// A [`Write`] that encrypts into [`Connection::transmit`]: `WouldBlock` where the queue is full.
    pub fn writer(&mut self) -> Writer<'_> {
        Writer { connection: self }
    }
}

/// Reads the plaintext of a connection; see [`Connection::reader`].
#[derive(Debug)]
pub struct Reader<'c> {
    connection: &'c mut Connection,
}

impl BufRead for Reader<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.connection.readable().is_empty() {
            self.connection.proceed()?;
        }
        match self.connection.readable() {
            [] if !self.connection.is_peer_closed() => Err(io::ErrorKind::WouldBlock.into()),
            available => Ok(available),
        }
    }

    fn consume(&mut self, count: usize) {
        self.connection.consume(count);
    }
}

impl Read for Reader<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        let available = self.fill_buf()?;
        let count = available.len().min(out.len());
        out[..count].copy_from_slice(&available[..count]);
        self.consume(count);
        Ok(count)
    }
}

/// Writes plaintext into a connection; see [`Connection::writer`].
#[derive(Debug)]
pub struct Writer<'c> {
    connection: &'c mut Connection,
}

impl Write for Writer<'_> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        match self.connection.write(data)? {
            0 if !data.is_empty() => Err(io::ErrorKind::WouldBlock.into()),
            taken => Ok(taken),
        }
    }

    fn write_vectored(&mut self, data: &[IoSlice<'_>]) -> io::Result<usize> {
        match self.connection.write_vectored(data)? {
            0 if data.iter().any(|slice| !slice.is_empty()) => Err(io::ErrorKind::WouldBlock.into()),
            taken => Ok(taken),
        }
    }

    /// Does nothing: the bytes wait in [`Connection::transmit`].
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
