//! Keys for the application (RFC 5705, RFC 8446 §7.5). Both versions accept the same labels
//! and lengths, so that a program does not work with one and fail with the other.
//!
//! Made by `tls12` and `tls13`; called by `connection`.

use alloc::vec::Vec;

use handclasp_crypto::{Digest, Hash, Secret, expand_label, prf};

/// Labels by which TLS 1.2 itself calls its PRF; exporting under them would hand out the
/// secrets of the connection (RFC 5705 §4).
const RESERVED: [&[u8]; 5] =
    [b"client finished", b"server finished", b"master secret", b"extended master secret", b"key expansion"];

/// What HkdfLabel leaves beside its own prefix (RFC 8446 §7.1).
const LABEL_MAX: usize = 249;

/// HKDF-Expand ends after this many blocks (RFC 5869 §2.3).
const BLOCKS_MAX: usize = 255;

/// The exporter of a connection.
pub struct Exporter {
    hash: &'static dyn Hash,
    secret: Secret,
    /// client_random and server_random: the seed of TLS 1.2.
    randoms: Option<[u8; 64]>,
}

/// Nothing of its secret.
impl core::fmt::Debug for Exporter {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Exporter")
    }
}

/// Why nothing is exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportError {
    /// A label of more than 249 bytes. An empty one is shorter than HkdfLabel has it (RFC 8446
    /// §7.1), yet every peer exports by it.
    LabelLength,
    /// A label that TLS uses itself.
    ReservedLabel,
    /// A context of 2^16 bytes or more.
    ContextLength,
    /// More than 255 times the hash's length is asked for.
    OutputLength,
}

impl Exporter {
    /// One of TLS 1.3 whose secret is still zeros; it is written where the exporter stays.
    pub(crate) fn tls13(hash: &'static dyn Hash) -> Self {
        Self { hash, secret: Secret::zero(hash.output_len()), randoms: None }
    }

    /// As [`Exporter::tls13`], of TLS 1.2.
    pub(crate) fn tls12(hash: &'static dyn Hash, client_random: &[u8; 32], server_random: &[u8; 32]) -> Self {
        let mut randoms = [0; 64];
        let (client, server) = randoms.split_at_mut(32);
        client.copy_from_slice(client_random);
        server.copy_from_slice(server_random);
        Self { hash, secret: Secret::zero(0), randoms: Some(randoms) }
    }

    pub(crate) fn secret_mut(&mut self) -> &mut Secret {
        &mut self.secret
    }

    /// Fills `out`. In TLS 1.2 no context and an empty one are different, in 1.3 the same.
    ///
    /// # Errors
    /// Lengths that one of the versions cannot do, and labels that are TLS's own.
    pub fn export(&self, label: &[u8], context: Option<&[u8]>, out: &mut [u8]) -> Result<(), ExportError> {
        let context_length = self.check(label, context, out.len())?;
        match &self.randoms {
            None => self.export13(label, context, out),
            Some(randoms) => {
                let context = context.map_or_else(Vec::new, |context| {
                    [context_length.to_be_bytes().as_slice(), context].concat()
                });
                prf(self.hash, self.secret.expose(), label, [randoms, &context], out);
            }
        }
        Ok(())
    }

    fn export13(&self, label: &[u8], context: Option<&[u8]>, out: &mut [u8]) {
        let derived = self.secret.derive(self.hash, label, &self.hash.hash(&[]));
        let context: Digest = self.hash.hash(&[context.unwrap_or_default()]);
        expand_label(self.hash, derived.expose(), b"exporter", &context, out);
    }

    /// Returns the length of the context.
    fn check(&self, label: &[u8], context: Option<&[u8]>, out: usize) -> Result<u16, ExportError> {
        if label.len() > LABEL_MAX {
            return Err(ExportError::LabelLength);
        }
        if RESERVED.contains(&label) {
            return Err(ExportError::ReservedLabel);
        }
        if out > self.hash.output_len().saturating_mul(BLOCKS_MAX) {
            return Err(ExportError::OutputLength);
        }
        u16::try_from(context.map_or(0, <[u8]>::len)).map_err(|_| ExportError::ContextLength)
    }

    /// The exporter secret of TLS 1.3, for the key log; 1.2 logs its master secret instead.
    pub fn secret(&self) -> Option<&Secret> {
        self.randoms.is_none().then_some(&self.secret)
    }
}
