//! Opens protected records in place (RFC 8446 §5.2 and §5.4, RFC 5246 §6.2.3.3).

use core::ops::Range;

use handclasp_codec::ContentType;
use handclasp_crypto::NotAuthentic;
use handclasp_report::{Event, Fault, FaultCode, Internal, Uint};

use crate::{
    HEADER, RecordKeys,
    keys::{Records, record_id},
};

/// A record that was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// Content type; the inner type in TLS 1.3.
    pub content_type: ContentType,
    /// Range of the content within the record. Empty only for application data.
    pub content: Range<usize>,
}

impl RecordKeys {
    /// Most bytes after the header of a record whose content has at most `plaintext_limit` bytes.
    /// Tighter than the 2^14 + 256 of RFC 8446 §5.2 and the 2^14 + 2048 of RFC 5246 §6.2.3: the AEAD's
    /// overhead is known, and padding counts as content (§5.4); CBC adds at most 255 bytes of padding.
    /// In TLS 1.3 record_size_limit includes the content type (RFC 8449 §4); `plaintext_limit` does not.
    pub fn payload_limit(&self, plaintext_limit: usize) -> usize {
        match &self.records {
            Records::Aead(records) => records.sealed_len(plaintext_limit),
            Records::CbcEtm(key) => key.sealed_max(plaintext_limit),
        }
    }

    /// Opens `record`, header and payload, in place.
    ///
    /// `handshaking` is only recorded as evidence in a fault.
    ///
    /// # Errors
    /// [`Fault::RecordNotAuthentic`], [`Fault::RecordOverflow`], [`Fault::OnlyPadding`],
    /// [`Fault::EmptyRecord`], [`Fault::UnknownContentType`]; in TLS 1.3 [`Fault::Unexpected`] for an
    /// unprotected record or a protected change_cipher_spec (RFC 8446 §5); [`Internal::Bug`] if `record`
    /// is not exactly one record.
    pub fn open(
        &mut self,
        record: &mut [u8],
        handshaking: bool,
        plaintext_limit: usize,
    ) -> Result<Opened, FaultCode> {
        let Some((header, payload)) = record.split_first_chunk_mut::<HEADER>() else {
            return Err(Fault::Internal(Internal::Bug).code());
        };
        let [outer_type, _, _, high, low] = *header;
        if usize::from(u16::from_be_bytes([high, low])) != payload.len() {
            return Err(Fault::Internal(Internal::Bug).code());
        }
        let outer_type = ContentType(outer_type);
        if self.is_tls13 && outer_type != ContentType::application_data {
            let found = Event::Record(outer_type);
            return Err(Fault::Unexpected { expected: Event::ApplicationData, found }.code());
        }

        // Opening needs no limit: the first forgery ends the connection.
        let sequence = self.take_sequence(u64::MAX).map_err(Fault::Internal)?;
        // The peer learns only that a record failed, not why.
        let not_authentic = |NotAuthentic| {
            let sequence = Uint::saturating(sequence);
            Fault::RecordNotAuthentic { sequence, handshaking }
        };
        let range = match &self.records {
            Records::Aead(records) => records.open(sequence, *header, payload),
            Records::CbcEtm(key) => key.open(&record_id(sequence, *header), payload),
        }
        .map_err(not_authentic)?;
        let plaintext = payload.get(range.clone()).ok_or(Fault::Internal(Internal::Bug).code())?;
        let (content_type, length) = match self.is_tls13 {
            true => inner_plaintext(plaintext, plaintext_limit)?,
            false => (outer_type, within(plaintext.len(), plaintext_limit)?),
        };
        if length == 0 && content_type != ContentType::application_data {
            return Err(Fault::EmptyRecord(content_type).code());
        }
        let start = HEADER.saturating_add(range.start);
        Ok(Opened { content_type, content: start..start.saturating_add(length) })
    }
}

/// Parses TLSInnerPlaintext (RFC 8446 §5.2, §5.4): content, content type, zero padding. Returns the type
/// and the length of the content.
fn inner_plaintext(plaintext: &[u8], plaintext_limit: usize) -> Result<(ContentType, usize), FaultCode> {
    // Padding counts: content, type and padding together have at most limit + 1 bytes.
    within(plaintext.len().saturating_sub(1), plaintext_limit)?;
    let length = plaintext.iter().rposition(|byte| *byte != 0).ok_or(Fault::OnlyPadding.code())?;
    let content_type = plaintext.get(length).copied().map(ContentType).unwrap_or_default();
    match content_type {
        ContentType::alert | ContentType::handshake | ContentType::application_data => {
            Ok((content_type, length))
        }
        ContentType::change_cipher_spec => {
            Err(Fault::Unexpected { expected: Event::ApplicationData, found: Event::ChangeCipherSpec }.code())
        }
        ContentType(unknown) => Err(Fault::UnknownContentType(unknown).code()),
    }
}

fn within(length: usize, limit: usize) -> Result<usize, FaultCode> {
    let number = |value: usize| u16::try_from(value).unwrap_or(u16::MAX);
    if length > limit {
        return Err(Fault::RecordOverflow { limit: number(limit), found: number(length) }.code());
    }
    Ok(length)
}
