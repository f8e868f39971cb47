//! Keying material exporters (RFC 5705, RFC 8446 §7.5). Both versions accept the same labels and
//! lengths, so a program that works with one works with the other.
//!
//! `tls12` and `tls13` create exporters; `connection` calls them.

use alloc::vec::Vec;

use handclasp_crypto::{Digest, Hash, Secret, expand_label, prf};

/// Labels that TLS 1.2 itself passes to its PRF. Exporting under them would reveal the secrets of the
/// connection (RFC 5705 §4).
const RESERVED: [&[u8]; 5] =
    [b"client finished", b"server finished", b"master secret", b"extended master secret", b"key expansion"];

/// Most bytes of a label: HkdfLabel permits 255, its prefix included (RFC 8446 §7.1).
const LABEL_MAX: usize = 249;

/// Most blocks that HKDF-Expand can output (RFC 5869 §2.3).
const BLOCKS_MAX: usize = 255;

/// Exporter of one connection.
pub struct Exporter {
    hash: &'static dyn Hash,
    secret: Secret,
    /// client_random and server_random, the seed in TLS 1.2.
    randoms: Option<[u8; 64]>,
}

/// Omits the secret.
impl core::fmt::Debug for Exporter {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Exporter")
    }
}

/// Why an export fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportError {
    /// The label has more than 249 bytes. An empty label is accepted: it is shorter than HkdfLabel
    /// permits (RFC 8446 §7.1), but every other stack exports with it.
    LabelLength,
    /// The label is one that TLS itself uses.
    ReservedLabel,
    /// The context has 2^16 bytes or more.
    ContextLength,
    /// The output is longer than 255 times the hash's output.
    OutputLength,
}

impl Exporter {
    /// Returns an exporter of TLS 1.3 with a secret of zeros, to be derived in place.
    pub(crate) fn tls13(hash: &'static dyn Hash) -> Self {
        Self { hash, secret: Secret::zero(hash.output_len()), randoms: None }
    }

    /// As [`Exporter::tls13`], for TLS 1.2.
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

    /// Fills `out`. TLS 1.2 distinguishes a missing context from an empty one; TLS 1.3 does not.
    ///
    /// # Errors
    /// A length that one of the versions does not permit, or a label that TLS itself uses.
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

    /// Checks the arguments and returns the length of the context.
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

    /// Returns the exporter_secret of TLS 1.3 for the key log; TLS 1.2 logs its master secret instead.
    pub fn secret(&self) -> Option<&Secret> {
        self.randoms.is_none().then_some(&self.secret)
    }
}
