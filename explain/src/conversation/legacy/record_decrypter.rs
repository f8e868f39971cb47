//! Decrypts the records of one sender under one key: an AEAD through `record`, and the older protection of
//! RFC 5246 §6.2.3.1 and §6.2.3.2, RFC 2246 §6.2.3 and RFC 7366 §3.

use handclasp_codec::ContentType;
use handclasp_crypto::{Hash, Secret, equal};
use handclasp_record::RecordKeys;
use handclasp_report::Fault;
use rc4::{KeyInit, Rc4, StreamCipher};

use super::cbc::BlockCipher;
use super::suite_cipher::Cipher;

/// Length of a record header in bytes.
const HEADER: usize = 5;

/// The limits on content are checked by rules, not here.
const NO_LIMIT: usize = 1 << 16;

/// The content of a decrypted record.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct DecryptedRecord {
    /// Content type; in TLS 1.3 that of TLSInnerPlaintext.
    pub content_type: ContentType,
    /// The plaintext.
    pub content: Vec<u8>,
    /// Sequence number of the record.
    pub sequence: u64,
}

/// Why a record was not decrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DecryptError {
    /// Authentication fails under each sequence number that was tried.
    NotAuthentic,
    /// The record is authentic, and its content is not allowed: an unknown content type, one that is
    /// never protected, or empty.
    InvalidContent(ContentType),
}

/// Decrypts the records of one sender.
pub(crate) enum RecordDecrypter {
    /// AEAD protection.
    Aead(RecordKeys),
    /// CBC, RC4 or NULL with a MAC.
    LegacyRecords(Box<LegacyRecords>),
}

/// Keys and MAC of one direction.
pub(super) struct Keys {
    pub mac: &'static dyn Hash,
    pub mac_key: Secret,
    pub key: Secret,
    /// Whether each record starts with its IV: from TLS 1.1 on.
    pub explicit_iv: bool,
    pub encrypt_then_mac: bool,
}

/// A cipher with a MAC, and its state.
pub(crate) struct LegacyRecords {
    keys: Keys,
    cipher: State,
    sequence: u64,
}

/// State of a cipher.
enum State {
    /// The block cipher, and the IV of the next record for TLS 1.0.
    Cbc(BlockCipher, Vec<u8>),
    Rc4(Box<Rc4>),
    Null,
}

impl RecordDecrypter {
    /// A decrypter with AEAD keys.
    pub fn aead(keys: RecordKeys) -> Self {
        Self::Aead(keys)
    }

    pub(super) fn legacy(cipher: Cipher, keys: Keys, iv: Vec<u8>) -> Option<Self> {
        let cipher = match cipher {
            Cipher::Cbc(block, _) => State::Cbc(block, iv),
            Cipher::Rc4(_) => State::Rc4(Box::new(Rc4::new_from_slice(keys.key.expose()).ok()?)),
            Cipher::Null(_) => State::Null,
            Cipher::Aead(_) => return None,
        };
        Some(Self::LegacyRecords(Box::new(LegacyRecords { keys, cipher, sequence: 0 })))
    }

    /// Sequence number of the next record.
    pub fn sequence(&self) -> u64 {
        match self {
            Self::Aead(keys) => keys.sequence(),
            Self::LegacyRecords(legacy) => legacy.sequence,
        }
    }

    /// Sets the sequence number of the next record.
    pub fn set_sequence(&mut self, sequence: u64) {
        match self {
            Self::Aead(keys) => keys.set_sequence(sequence),
            Self::LegacyRecords(legacy) => legacy.sequence = sequence,
        }
    }

    /// Decrypts a record, header included, under the expected sequence number or else one of `others`.
    /// Afterwards the record after this one is expected, whatever the result.
    ///
    /// # Errors
    /// See [`DecryptError`].
    pub fn open(&mut self, record: &[u8], others: &[u64]) -> Result<DecryptedRecord, DecryptError> {
        let own = self.sequence();
        let mut outcome = Err(DecryptError::NotAuthentic);
        let mut at = own;
        match self {
            Self::Aead(keys) => {
                for sequence in std::iter::once(&own).chain(others) {
                    keys.set_sequence(*sequence);
                    outcome = open_aead(keys, record, *sequence);
                    at = *sequence;
                    if outcome != Err(DecryptError::NotAuthentic) {
                        break;
                    }
                }
            }
            Self::LegacyRecords(legacy) => {
                outcome = legacy.open(record, others).ok_or(DecryptError::NotAuthentic)
            }
        }
        let at = match &outcome {
            Ok(opened) => opened.sequence,
            Err(DecryptError::InvalidContent(_)) => at,
            Err(DecryptError::NotAuthentic) => own,
        };
        self.set_sequence(at.saturating_add(1));
        outcome
    }
}

fn open_aead(keys: &mut RecordKeys, record: &[u8], sequence: u64) -> Result<DecryptedRecord, DecryptError> {
    let mut record = record.to_vec();
    let outer = ContentType(record.first().copied().unwrap_or_default());
    match keys.open(&mut record, true, NO_LIMIT).map_err(Fault::from) {
        Ok(opened) => {
            let content = record.get(opened.content.clone()).unwrap_or_default().to_vec();
            Ok(DecryptedRecord { content_type: opened.content_type, content, sequence })
        }
        Err(Fault::RecordNotAuthentic { .. } | Fault::Internal(_)) => Err(DecryptError::NotAuthentic),
        Err(Fault::UnknownContentType(unknown)) => Err(DecryptError::InvalidContent(ContentType(unknown))),
        Err(Fault::EmptyRecord(content_type)) => Err(DecryptError::InvalidContent(content_type)),
        Err(Fault::OnlyPadding) => Err(DecryptError::InvalidContent(ContentType(0))),
        Err(Fault::Unexpected { .. }) if outer != ContentType::application_data => {
            Err(DecryptError::NotAuthentic)
        }
        // Protected, and of a type that is never protected (RFC 8446 §5).
        Err(_) => Err(DecryptError::InvalidContent(ContentType::change_cipher_spec)),
    }
}

impl LegacyRecords {
    fn open(&mut self, record: &[u8], others: &[u64]) -> Option<DecryptedRecord> {
        let (header, payload) = record.split_first_chunk::<HEADER>()?;
        let sequences = || std::iter::once(self.sequence).chain(others.iter().copied());
        let ciphertext = payload.to_vec();
        let opened = match (&mut self.cipher, self.keys.encrypt_then_mac) {
            (State::Cbc(block, iv), true) => {
                self.keys.decrypt_etm(*header, payload, sequences(), *block, iv.clone())
            }
            (State::Cbc(block, iv), false) => {
                let plain = self.keys.decrypt(payload, *block, iv.clone());
                plain.and_then(|plain| self.keys.check_mac(*header, plain, sequences()))
            }
            (State::Rc4(rc4), _) => {
                let mut plain = ciphertext.clone();
                rc4.apply_keystream(&mut plain);
                self.keys.check_mac(*header, plain, sequences())
            }
            (State::Null, _) => self.keys.check_mac(*header, ciphertext.clone(), sequences()),
        };
        if let State::Cbc(block, iv) = &mut self.cipher
            && !self.keys.explicit_iv
        {
            let end = match self.keys.encrypt_then_mac {
                true => ciphertext.len().saturating_sub(self.keys.mac.output_len()),
                false => ciphertext.len(),
            };
            let last = end.checked_sub(block.block_len()).and_then(|start| ciphertext.get(start..end));
            *iv = last.map_or_else(|| iv.clone(), <[u8]>::to_vec);
        }
        let (content, sequence) = opened?;
        let [content_type, ..] = *header;
        Some(DecryptedRecord { content_type: ContentType(content_type), content, sequence })
    }
}

impl Keys {
    /// HMAC over sequence number, type, version, length and content (RFC 5246 §6.2.3.1).
    fn mac(&self, header: [u8; HEADER], sequence: u64, bytes: &[u8]) -> Vec<u8> {
        let [content_type, major, minor, ..] = header;
        let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX).to_be_bytes();
        let mut mac = vec![0; self.mac.output_len()];
        let parts: [&[u8]; 4] = [&sequence.to_be_bytes(), &[content_type, major, minor], &length, bytes];
        self.mac.hmac(self.mac_key.expose(), &parts, &mut mac);
        mac
    }

    /// The content before the MAC, and the sequence number under which the MAC is correct.
    fn split_mac<'b>(
        &self,
        header: [u8; HEADER],
        bytes: &'b [u8],
        mut sequences: impl Iterator<Item = u64>,
    ) -> Option<(&'b [u8], u64)> {
        let (content, mac) = bytes.split_at_checked(bytes.len().checked_sub(self.mac.output_len())?)?;
        let sequence = sequences.find(|sequence| equal(&self.mac(header, *sequence, content), mac))?;
        Some((content, sequence))
    }

    /// Checks the MAC of plaintext.
    fn check_mac(
        &self,
        header: [u8; HEADER],
        plain: Vec<u8>,
        sequences: impl Iterator<Item = u64>,
    ) -> Option<(Vec<u8>, u64)> {
        self.split_mac(header, &plain, sequences).map(|(content, sequence)| (content.to_vec(), sequence))
    }

    /// Encrypt-then-MAC (RFC 7366 §3).
    fn decrypt_etm(
        &self,
        header: [u8; HEADER],
        payload: &[u8],
        sequences: impl Iterator<Item = u64>,
        block: BlockCipher,
        iv: Vec<u8>,
    ) -> Option<(Vec<u8>, u64)> {
        let (sealed, sequence) = self.split_mac(header, payload, sequences)?;
        Some((self.decrypt(sealed, block, iv)?, sequence))
    }

    /// Decrypts and removes the padding (RFC 5246 §6.2.3.2).
    fn decrypt(&self, payload: &[u8], block: BlockCipher, iv: Vec<u8>) -> Option<Vec<u8>> {
        let (iv, body) = match self.explicit_iv {
            true => payload.split_at_checked(block.block_len())?,
            false => (iv.as_slice(), payload),
        };
        let mut plain = body.to_vec();
        block.decrypt(self.key.expose(), iv, &mut plain).ok()?;
        let padding = *plain.last()?;
        let content = plain.len().checked_sub(usize::from(padding) + 1)?;
        if plain.get(content..)?.iter().any(|byte| *byte != padding) {
            return None;
        }
        plain.truncate(content);
        Some(plain)
    }
}
