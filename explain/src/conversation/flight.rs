//! TLS 1.3 without keys: what the lengths of the server's protected records tell of its flight.
//!
//! Most servers send each message of their flight in a record of its own. Then the last two records have
//! the lengths of Finished and of a CertificateVerify (RFC 8446 §4.4), which depends on the key, and the
//! record before them holds the Certificate.

use handclasp_codec::HashAlgorithm;

use super::{Conversation, EventKind, Side};

/// Padding that Java adds to its records (RFC 8446 §5.4 permits any).
const JAVA_PADDING: u16 = 16;

/// The server's flight, as the lengths of its records show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ServerFlight {
    /// Bytes of the Certificate message.
    pub certificate: u16,
    /// The kind of key that the CertificateVerify message fits.
    pub key: KeyKind,
}

/// A kind of key, by the length of its signatures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyKind {
    /// ECDSA or EdDSA.
    Curve,
    /// RSA with a modulus of this many bytes.
    Rsa(u16),
}

/// How many certificates a Certificate message probably holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChainLength {
    /// A single certificate.
    One,
    /// The server's certificate and at least one more.
    Several,
    /// The length fits both.
    Unclear,
}

impl ServerFlight {
    /// How many certificates the length fits. A certificate has 250 to 500 bytes beside key and signature,
    /// unless it has many names; of two, the issuer's has at least 300 bytes more.
    pub fn chain_length(self) -> ChainLength {
        let (one, several) = match self.key {
            KeyKind::Curve => (750, 900),
            KeyKind::Rsa(modulus) => (2 * modulus + 500, 2 * modulus + 800),
        };
        match self.certificate {
            length if length <= one => ChainLength::One,
            length if length >= several => ChainLength::Several,
            _ => ChainLength::Unclear,
        }
    }
}

impl Conversation {
    /// The server's flight, if each of its messages has a record of its own.
    pub(crate) fn server_flight(&self) -> Option<ServerFlight> {
        let overhead = self.record_overhead()?;
        let finished = self.finished_length()?;
        let lengths: Vec<u16> = self.sealed_lengths(Side::Server).take(MOST_RECORDS).collect();
        (3..lengths.len()).find_map(|last| {
            let [certificate, verify, end] = *lengths.get(last.checked_sub(2)?..=last)? else { return None };
            [0, JAVA_PADDING].into_iter().find_map(|padding| {
                let content = |length: u16| length.checked_sub(overhead + padding);
                let key = key_of(content(verify)?).filter(|_| content(end) == Some(finished))?;
                // Context, length of the list, and an entry (RFC 8446 §4.4.2) of the smallest key.
                let certificate = content(certificate).filter(|length| *length > LEAST_CERTIFICATE)?;
                Some(ServerFlight { certificate, key })
            })
        })
    }

    /// Bytes of a protected record of TLS 1.3 beside its content: content type and tag (RFC 8446 §5.2).
    pub(crate) fn record_overhead(&self) -> Option<u16> {
        let tag = self.suite().filter(|_| self.is_tls13())?.tag_len()?;
        u16::try_from(tag).ok()?.checked_add(1)
    }

    /// Bytes of a Finished message of TLS 1.3: header and hash (RFC 8446 §4.4.4).
    pub(crate) fn finished_length(&self) -> Option<u16> {
        match self.suite()?.named_hash()? {
            HashAlgorithm::sha256 => Some(4 + 32),
            HashAlgorithm::sha384 => Some(4 + 48),
            _ => None,
        }
    }

    /// Whether the server's EncryptedExtensions is too short to name one of these protocols (RFC 7301 §3.1).
    /// `None`: the record is not there, or it may hold more than this message.
    pub(crate) fn lacks_room_for_alpn(&self, shortest_name: u16) -> Option<bool> {
        // Header, length of the list, then the extension: type, length, length of the list and of the name.
        const HEADER: u16 = 4 + 2;
        let least = HEADER + 2 + 2 + 2 + 1 + shortest_name;
        let content = self.sealed_lengths(Side::Server).next()?.checked_sub(self.record_overhead()?)?;
        (content >= HEADER).then_some(content < least)
    }

    /// Whether a protected record of this length may be a Finished alone.
    pub(crate) fn may_be_finished(&self, length: u16) -> bool {
        let whole = self.record_overhead().zip(self.finished_length()).map(|(one, other)| one + other);
        whole.is_some_and(|whole| length == whole || length == whole + JAVA_PADDING)
    }

    /// Lengths of a peer's protected records behind the ServerHello that were not decrypted.
    fn sealed_lengths(&self, of: Side) -> impl Iterator<Item = u16> + '_ {
        let hello = self.server_hello_at().map_or(usize::MAX, |(hello, _)| hello.index);
        let events = self.events.iter().enumerate().filter(move |(index, _)| *index > hello);
        events.filter_map(move |(_, event)| match &event.kind {
            EventKind::Protected(sealed) if event.from == of => Some(sealed.length),
            _ => None,
        })
    }
}

/// Records of a peer that are examined.
const MOST_RECORDS: usize = 16;

/// A Certificate message with a raw public key of Ed25519 (RFC 7250), the shortest.
const LEAST_CERTIFICATE: u16 = 4 + 1 + 3 + 3 + 44 + 2;

/// The kind of key whose signature a CertificateVerify message of this length holds: header, scheme,
/// length, signature (RFC 8446 §4.4.3). An ECDSA signature is DER: some bytes shorter than the longest.
fn key_of(message: u16) -> Option<KeyKind> {
    match message.checked_sub(4 + 2 + 2)? {
        // Ed25519; ECDSA on P-256, P-384, P-521; Ed448.
        64 | 66..=72 | 98..=104 | 134..=139 | 114 => Some(KeyKind::Curve),
        modulus @ (128 | 256 | 384 | 512) => Some(KeyKind::Rsa(modulus)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversation::test_support::{client_hello, conversation, sealed, server_hello};

    fn flight(lengths: &[u16]) -> Option<ServerFlight> {
        let mut items = vec![client_hello(1), server_hello(true)];
        items.extend(lengths.iter().map(|length| sealed(Side::Server, *length)));
        conversation(items).server_flight()
    }

    #[test]
    fn lengths_of_records_narrow_the_chain() {
        use ChainLength::{One, Several, Unclear};
        // OpenSSL, Go with a CertificateRequest and a ticket, Java with padding, RSA keys.
        let rows: [(&[u16], u16, ChainLength); 6] = [
            (&[23, 532, 96, 53], 515, One),
            (&[23, 934, 97, 53], 917, Several),
            (&[27, 96, 934, 95, 53, 139], 917, Several),
            (&[65, 745, 112, 69], 712, One),
            (&[23, 1014, 281, 53], 997, One),
            (&[23, 1185, 281, 53], 1168, Unclear),
        ];
        for (lengths, certificate, expected) in rows {
            let found = flight(lengths);
            assert_eq!(found.map(|found| found.certificate), Some(certificate), "{lengths:?}");
            assert_eq!(found.map(ServerFlight::chain_length), Some(expected), "{lengths:?}");
        }
    }

    #[test]
    fn one_record_for_the_whole_flight_tells_nothing() {
        let rows: [&[u16]; 4] = [&[1312], &[23, 53], &[23, 66], &[23, 934, 300, 53]];
        for lengths in rows {
            assert_eq!(flight(lengths), None, "{lengths:?}");
        }
    }

    #[test]
    fn an_answer_without_alpn_is_short() {
        let lacks = |length| {
            let items = vec![client_hello(1), server_hello(true), sealed(Side::Server, length)];
            conversation(items).lacks_room_for_alpn(2)
        };
        // Empty; with an acknowledged server_name; with "h2".
        assert_eq!([23, 27, 32, 65].map(lacks), [Some(true), Some(true), Some(false), Some(false)]);
        assert_eq!(lacks(19), None);
    }
}
