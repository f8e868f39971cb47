//! The application's calls: plaintext in and out, keying material, closing.

use alloc::vec::Vec;
use core::ops::Deref;

use handclasp_codec::{AlertDescription, AlertLevel, ContentType};
use handclasp_report::{Capability, Failed, Fault, FaultCode, Input, Misuse};
use handclasp_schedule::ExportError;

use crate::{Connection, Context, machine::Turn};

impl Connection {
    /// Plaintext from the peer, borrowed from the receive buffer. [`Connection::consume`] removes it;
    /// [`Connection::proceed`] then decrypts the next record.
    pub fn readable(&self) -> &[u8] {
        self.inbound.readable()
    }

    /// Removes the first `count` bytes of [`Connection::readable`].
    pub fn consume(&mut self, count: usize) {
        self.inbound.consume(count);
    }

    /// Whether the peer sent close_notify and all its data was read.
    pub fn is_peer_closed(&self) -> bool {
        self.closed_by_peer && self.inbound.readable().is_empty()
    }

    /// Encrypts as much of `data` as the queue has room for; returns how many bytes were taken.
    ///
    /// # Errors
    /// Not connected, closed, or a key that reached its limit and cannot be changed.
    pub fn write(&mut self, context: &mut Context<'_>, data: &[u8]) -> Result<usize, FaultCode> {
        let room = self.room(context)?;
        let taken = data.get(..data.len().min(room)).unwrap_or_default();
        // Cut here and not in `send`: between two records the key may have to be changed.
        let length = self.outbound.fragment_length(context.config.record_size);
        for fragment in handclasp_record::fragments(taken, length) {
            self.write_record(context, fragment, length)?;
        }
        Ok(taken.len())
    }

    /// As [`Connection::write`], for data in several slices, whose bytes fill records together. A
    /// record over the end of a slice costs a copy of its content.
    ///
    /// # Errors
    /// As [`Connection::write`].
    pub fn write_vectored<D: Deref<Target = [u8]>>(
        &mut self,
        context: &mut Context<'_>,
        data: &[D],
    ) -> Result<usize, FaultCode> {
        let mut room = self.room(context)?;
        let length = self.outbound.fragment_length(context.config.record_size);
        let mut taken = 0_usize;
        // Content of a record that is not full yet.
        let mut gathered = Vec::new();
        for slice in data {
            let mut left = slice.get(..slice.len().min(room)).unwrap_or_default();
            room = room.saturating_sub(left.len());
            while !left.is_empty() {
                let space = length.saturating_sub(gathered.len());
                let (piece, rest) = left.split_at_checked(space).unwrap_or((left, &[]));
                left = rest;
                taken = taken.saturating_add(piece.len());
                let is_full = piece.len() == space;
                match (gathered.is_empty(), is_full) {
                    (true, true) => self.write_record(context, piece, length)?,
                    (false, true) => {
                        gathered.extend_from_slice(piece);
                        self.write_record(context, &gathered, length)?;
                        gathered.clear();
                    }
                    (_, false) => gathered.extend_from_slice(piece),
                }
            }
        }
        if !gathered.is_empty() {
            self.write_record(context, &gathered, length)?;
        }
        Ok(taken)
    }

    /// Bytes of plaintext that the queue has room for, where the application may write.
    fn room(&self, context: &Context<'_>) -> Result<usize, FaultCode> {
        if let Some(code) = self.fault_code() {
            return Err(code);
        }
        if !self.is_connected {
            return Err(Fault::Misuse(Misuse::NotConnected).code());
        }
        if self.closed_by_us {
            return Err(Fault::Misuse(Misuse::Closed).code());
        }
        Ok(context.config.transmit_limit.saturating_sub(self.outbound.waiting().len()))
    }

    /// Encrypts one record, under new keys where the old ones are near their limit.
    fn write_record(
        &mut self,
        context: &mut Context<'_>,
        content: &[u8],
        length: usize,
    ) -> Result<(), FaultCode> {
        let sealed = self.renew_worn_key(context).and_then(|()| {
            let sealed = self.outbound.send(ContentType::application_data, content, length);
            self.internal(sealed)
        });
        sealed.map_err(|failed| {
            let failed = self.end(failed);
            self.core.report.code_of(failed)
        })
    }

    /// Sends under new keys from here on (TLS 1.3: KeyUpdate). Keys near the limit of their AEAD are
    /// changed without this call.
    ///
    /// # Errors
    /// Not connected, closed, or TLS 1.2, which cannot change keys.
    pub fn update_keys(&mut self, context: &mut Context<'_>) -> Result<(), FaultCode> {
        self.unless_ended(context).map_err(|failed| self.core.report.code_of(failed))?;
        if !self.is_connected {
            return Err(Fault::Misuse(Misuse::NotConnected).code());
        }
        if self.closed_by_us {
            return Err(Fault::Misuse(Misuse::Closed).code());
        }
        self.key_update_owed = false;
        self.turn(context, Turn::UpdateKeys).map_err(|failed| {
            let failed = self.end(failed);
            self.core.report.code_of(failed)
        })
    }

    /// Before the limit of its AEAD a key is changed (TLS 1.3) or not used further (1.2). The KeyUpdate
    /// that the peer requested, one for all requests, is sent only before the next data: requests of a
    /// peer that does not read then queue nothing (RFC 8446 §4.6.3).
    fn renew_worn_key(&mut self, context: &mut Context<'_>) -> Result<(), Failed> {
        match core::mem::take(&mut self.key_update_owed) || self.outbound.key_is_worn() {
            true => self.turn(context, Turn::UpdateKeys),
            false => Ok(()),
        }
    }

    /// Keying material for the application (RFC 8446 §7.5, RFC 5705).
    ///
    /// # Errors
    /// Before the handshake is complete, after the connection failed, in TLS 1.2 without
    /// extended_master_secret, in a program without the feature `exporter`, or for a length beyond what
    /// the RFC permits.
    pub fn export(&self, label: &[u8], context: Option<&[u8]>, out: &mut [u8]) -> Result<(), FaultCode> {
        if let Some(code) = self.fault_code() {
            return Err(code);
        }
        let connected = self.connected().ok_or(Fault::Misuse(Misuse::NotConnected).code())?;
        let missing = match cfg!(feature = "exporter") {
            true => Misuse::NoExporter,
            false => Misuse::NotBuilt(Capability::Exporter),
        };
        let exporter = connected.exporter.as_ref().ok_or(Fault::Misuse(missing).code())?;
        exporter.export(label, context, out).map_err(|error| {
            let input = match error {
                ExportError::OutputLength => Input::ExportLength,
                ExportError::LabelLength | ExportError::ReservedLabel | ExportError::ContextLength => {
                    Input::ExportLabel
                }
            };
            Fault::Misuse(Misuse::InvalidInput(input)).code()
        })
    }

    /// Sends close_notify: no more data is sent. Reading goes on (half-close).
    pub fn close(&mut self) {
        if self.closed_by_us || self.ended {
            return;
        }
        self.closed_by_us = true;
        self.send_alert(AlertLevel::warning, AlertDescription::close_notify);
    }

    /// Frees empty buffers, for idle connections.
    pub fn release_buffers(&mut self) {
        self.inbound.release();
        self.outbound.release();
    }
}
