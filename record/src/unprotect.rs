//! Opening protected records in place (RFC 8446 §5.2 §5.4, RFC 5246 §6.2.3.3).

use core::ops::Range;

use handclasp_codec::ContentType;
use handclasp_crypto::{NotAuthentic, WrongKeyLength};
use handclasp_report::{Event, Fault, Internal};
use handclasp_schedule::TrafficKeys;

use crate::{HEADER, direction::Direction};

/// Keys that open what one peer sends.
pub struct ReadKeys(Direction);

/// An opened record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// What it carries: in 1.3 the inner type.
    pub content_type: ContentType,
    /// Where in the record its content now stands. Empty only for application data.
    pub content: Range<usize>,
}

impl ReadKeys {
    /// Begins with record 0. `None` when a key or the IV does not have the length that the suite
    /// wants.
    pub fn new(keys: &TrafficKeys) -> Option<Self> {
        Direction::new(keys).map(Self)
    }

    /// Replaces these keys, and begins with record 0.
    ///
    /// # Errors
    /// A key or IV that does not have the length that the suite requires.
    pub fn renew(&mut self, keys: &TrafficKeys) -> Result<(), WrongKeyLength> {
        self.0.renew(keys)
    }

    /// The number of the next record.
    pub fn sequence(&self) -> u64 {
        self.0.sequence()
    }

    /// Passes over the record that just failed to open, as those of early data do: the next one
    /// takes its number (RFC 8446 §4.2.10).
    pub fn pass_over(&mut self) {
        self.0.give_back_sequence();
    }

    /// Takes the next record for the one of that number: for who reads along and may have missed
    /// some, or seen some twice. A peer never does.
    pub fn expect(&mut self, sequence: u64) {
        self.0.set_sequence(sequence);
    }

    /// Bytes that a record may have behind its header when its content has `plaintext_limit` at
    /// most. Tighter than the 2^14 + 256 of RFC 8446 §5.2 and the 2^14 + 2048 of RFC 5246
    /// §6.2.3: how much an AEAD adds is known, and padding counts as content (§5.4); CBC adds 255
    /// bytes of padding at most. In 1.3 record_size_limit counts the content type as well
    /// (RFC 8449 §4), `plaintext_limit` does not.
    pub fn payload_limit(&self, plaintext_limit: usize) -> usize {
        self.0.payload_limit(plaintext_limit)
    }

    /// Opens `record`, header and payload, in place.
    ///
    /// `handshaking` is evidence for the fault, nothing more.
    ///
    /// # Errors
    /// [`Fault::RecordNotAuthentic`], [`Fault::RecordOverflow`], [`Fault::OnlyPadding`],
    /// [`Fault::EmptyRecord`], [`Fault::UnknownContentType`]; in 1.3 [`Fault::Unexpected`] for
    /// a record that is not protected or a protected change_cipher_spec (RFC 8446 §5);
    /// [`Internal::Bug`] when `record` is not one whole record.
    pub fn open(
        &mut self,
        record: &mut [u8],
        handshaking: bool,
        plaintext_limit: usize,
    ) -> Result<Opened, Fault> {
        let Some((header, payload)) = record.split_first_chunk_mut::<HEADER>() else {
            return Err(Fault::Internal(Internal::Bug));
        };
        let [outer_type, _, _, high, low] = *header;
        if usize::from(u16::from_be_bytes([high, low])) != payload.len() {
            return Err(Fault::Internal(Internal::Bug));
        }
        let outer_type = ContentType(outer_type);
        if self.0.is_tls13() && outer_type != ContentType::application_data {
            let found = Event::Record(outer_type);
            return Err(Fault::Unexpected { expected: Event::ApplicationData, found });
        }

        // Deciphering has no limit of its own: the first forgery ends the connection.
        let sequence = self.0.take_sequence(u64::MAX)?;
        // Whatever is wrong with a protected record, the peer learns only that it is.
        let not_authentic = Fault::RecordNotAuthentic { sequence, handshaking };
        let range = self.0.open(sequence, *header, payload).map_err(|NotAuthentic| not_authentic)?;
        let plaintext = payload.get(range.clone()).ok_or(Fault::Internal(Internal::Bug))?;
        let (content_type, length) = match self.0.is_tls13() {
            true => inner_plaintext(plaintext, plaintext_limit)?,
            false => (outer_type, within(plaintext.len(), plaintext_limit)?),
        };
        if length == 0 && content_type != ContentType::application_data {
            return Err(Fault::EmptyRecord(content_type));
        }
        let start = HEADER.saturating_add(range.start);
        Ok(Opened { content_type, content: start..start.saturating_add(length) })
    }
}

/// TLSInnerPlaintext (RFC 8446 §5.2, §5.4): content, its type, and zeros that end it. Returns
/// type and length of the content.
fn inner_plaintext(plaintext: &[u8], plaintext_limit: usize) -> Result<(ContentType, usize), Fault> {
    // Padding counts: the content, its type and the padding have limit + 1 bytes at most.
    within(plaintext.len().saturating_sub(1), plaintext_limit)?;
    let length = plaintext.iter().rposition(|byte| *byte != 0).ok_or(Fault::OnlyPadding)?;
    let content_type = plaintext.get(length).copied().map(ContentType).unwrap_or_default();
    match content_type {
        ContentType::alert | ContentType::handshake | ContentType::application_data => {
            Ok((content_type, length))
        }
        ContentType::change_cipher_spec => {
            Err(Fault::Unexpected { expected: Event::ApplicationData, found: Event::ChangeCipherSpec })
        }
        ContentType(unknown) => Err(Fault::UnknownContentType(unknown)),
    }
}

fn within(length: usize, limit: usize) -> Result<usize, Fault> {
    let number = |value: usize| u16::try_from(value).unwrap_or(u16::MAX);
    if length > limit {
        return Err(Fault::RecordOverflow { limit: number(limit), found: number(length) });
    }
    Ok(length)
}
