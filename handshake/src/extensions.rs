//! Configuration of optional extensions, and the rules of those that both versions share: record_size_limit (RFC 8449), max_fragment_length
//! (RFC 6066 §4), status_request (§8 there).

use alloc::vec::Vec;

use handclasp_codec::{
    CertificateStatus, CertificateStatusType, ClientHelloView, ExtensionType, Field, MaxFragmentLength,
    ProtocolVersion, PskKeyExchangeMode, RecordSizeLimit, Writer,
};
use handclasp_crypto::SharedSecret;
use handclasp_report::{Failed, Fault};

use crate::{Context, Credential, capability, types::RecordLimits};

/// Optional extensions.
#[derive(Clone, Debug)]
pub struct Extensions {
    /// The record_size_limit that we send: largest content of a protected record that we accept, in
    /// bytes; in TLS 1.3 this includes the content type. 64 to 16385; below 512 a flight becomes
    /// dozens of records. `None`: not sent, and a server's own limit is then unknown to us.
    pub record_size_limit: Option<u16>,
    /// Client: max_fragment_length, the older extension for the same purpose, for servers without
    /// record_size_limit. It limits both sides.
    pub max_fragment_length: Option<MaxFragmentLength>,
    /// Client: whether to request an OCSP response about the server's certificate.
    pub status_request: bool,
    /// Whether a TLS 1.3 pre-shared key may be used without (EC)DHE, and so without forward
    /// secrecy (psk_ke, RFC 8446 §4.2.9).
    pub psk_ke: bool,
    /// Server: psk_identity_hint for TLS 1.2 clients (RFC 4279 §5.2). Empty: not sent.
    pub psk_identity_hint: Vec<u8>,
    /// Server: the key of stateless HelloRetryRequests, whose cookie carries the state of the first
    /// ClientHello (RFC 8446 §4.2.2). A server that shares the key can receive the second hello.
    /// `None`: the state is kept in memory.
    pub cookie_secret: Option<SharedSecret>,
}

impl Default for Extensions {
    /// record_size_limit for full records, and no other extension.
    fn default() -> Self {
        Self {
            record_size_limit: Some(LARGEST_13),
            max_fragment_length: None,
            status_request: false,
            psk_ke: false,
            psk_identity_hint: Vec::new(),
            cookie_secret: None,
        }
    }
}

impl Extensions {
    /// Limits received records to `bytes` of content, by both extensions.
    pub fn limit_records(&mut self, bytes: u16) {
        self.record_size_limit = Some(bytes.clamp(SMALLEST_OWN, LARGEST_13));
        self.max_fragment_length = match bytes {
            4096..LARGEST_12 => Some(MaxFragmentLength::two_pow_12),
            2048..4096 => Some(MaxFragmentLength::two_pow_11),
            1024..2048 => Some(MaxFragmentLength::two_pow_10),
            0..1024 => Some(MaxFragmentLength::two_pow_9),
            LARGEST_12.. => None,
        };
    }

    /// Server: whether the client carries the state of a HelloRetryRequest in a cookie.
    pub(crate) fn is_stateless(&self) -> bool {
        capability::StatelessRetry::ON && self.cookie_secret.is_some()
    }

    /// The modes of psk_key_exchange_modes in order of preference.
    pub(crate) fn psk_modes(&self, has_groups: bool) -> &'static [PskKeyExchangeMode] {
        use PskKeyExchangeMode as Mode;
        match (has_groups, self.psk_ke) {
            (true, true) => &[Mode::psk_dhe_ke, Mode::psk_ke],
            (true, false) => &[Mode::psk_dhe_ke],
            (false, _) => &[Mode::psk_ke],
        }
    }

    /// record_size_limit for a client whose best version is this one (RFC 8449 §4).
    pub(crate) fn record_size_limit(&self, version: ProtocolVersion) -> Option<RecordSizeLimit> {
        let ours = self.record_size_limit?.min(largest(version));
        Some(RecordSizeLimit { record_size_limit: ours })
    }
}

/// The extensions that a ClientHello of ours offers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct OfferedExtensions {
    /// Bit n: the type n. The types that we offer are below 64.
    types: u64,
}

impl OfferedExtensions {
    fn insert(&mut self, extension_type: ExtensionType) {
        let bit = Self::bit(extension_type);
        debug_assert_ne!(bit, 0, "{extension_type:?} needs a bit");
        self.types |= bit;
    }

    /// Not inlined: shifts of 64 bits are long on devices.
    #[inline(never)]
    pub(crate) fn contains(self, extension_type: ExtensionType) -> bool {
        self.types & Self::bit(extension_type) != 0
    }

    fn bit(ExtensionType(number): ExtensionType) -> u64 {
        1_u64.checked_shl(u32::from(number)).unwrap_or(0)
    }
}

/// Writes extensions one behind the other, and remembers their types.
pub(crate) struct Block<'b, 'o> {
    writer: &'b mut Writer<'o>,
    types: OfferedExtensions,
}

impl Block<'_, '_> {
    /// Writes a block with the extensions that `content` writes; returns their types.
    pub(crate) fn write(
        writer: &mut Writer<'_>,
        content: impl FnOnce(&mut Block<'_, '_>),
    ) -> OfferedExtensions {
        let mut types = OfferedExtensions::default();
        writer.vector16(Field::extensions, |writer| {
            let mut block = Block { writer, types };
            content(&mut block);
            types = block.types;
        });
        types
    }

    /// Writes an extension.
    pub(crate) fn extension(&mut self, extension_type: ExtensionType, content: impl FnOnce(&mut Writer<'_>)) {
        let data = self.begin(extension_type);
        content(self.writer);
        self.end(data);
    }

    /// Writes the type and reserves the length, which the compiler would repeat for every extension.
    #[inline(never)]
    fn begin(&mut self, extension_type: ExtensionType) -> usize {
        self.types.insert(extension_type);
        self.writer.word(extension_type);
        self.writer.begin(2)
    }

    /// Fills in the length.
    #[inline(never)]
    fn end(&mut self, data: usize) {
        self.writer.end(Field::extension_data, 2, data);
    }
}

/// Writes an extension with the content that a function writes.
pub(crate) fn write_extension(
    extension_type: ExtensionType,
    writer: &mut Writer<'_>,
    content: impl FnOnce(&mut Writer<'_>),
) {
    writer.word(extension_type);
    writer.vector16(Field::extension_data, content);
}

/// A server's answers to a client's extensions in the order of the message, each with its content if it is
/// sent. Of application_layer_protocol_negotiation the content is the name alone.
pub(crate) type Answers<'a> = [(ExtensionType, Option<&'a [u8]>)];

/// Writes a block with the answers that are sent.
pub(crate) fn write_answers(answers: &Answers<'_>, writer: &mut Writer<'_>) {
    writer.vector16(Field::extensions, |writer| {
        for (extension_type, content) in answers {
            let Some(content) = content else { continue };
            match *extension_type {
                ExtensionType::application_layer_protocol_negotiation => write_protocol(content, writer),
                _ => write_extension(*extension_type, writer, |writer| writer.bytes(content)),
            }
        }
    });
}

/// A list of one application protocol.
fn write_protocol(name: &[u8], writer: &mut Writer<'_>) {
    if capability::HostExtensions::ON {
        write_extension(ExtensionType::application_layer_protocol_negotiation, writer, |writer| {
            writer.vector16(Field::protocol_name_list, |list| list.opaque8(Field::protocol_name, name));
        });
    }
}

/// A peer with a lower limit is refused (RFC 8449 §4).
const SMALLEST: u16 = 64;
/// Lower bound of [`Extensions::limit_records`]: with less a flight becomes dozens of records.
const SMALLEST_OWN: u16 = 512;
/// 2^14 bytes of content (RFC 5246 §6.2.1).
const LARGEST_12: u16 = 1 << 14;
/// The same with the content type (RFC 8446 §5.2).
const LARGEST_13: u16 = LARGEST_12 + 1;

fn largest(version: ProtocolVersion) -> u16 {
    if version == ProtocolVersion::TLS_1_3 { LARGEST_13 } else { LARGEST_12 }
}

/// Bytes of content in a record under this record_size_limit.
fn content(version: ProtocolVersion, value: u16) -> u16 {
    let value = value.min(largest(version));
    if version == ProtocolVersion::TLS_1_3 { value.saturating_sub(1) } else { value }
}

/// A server's answer about the size of records, and the limits that follow from it.
#[derive(Clone, Copy, Default)]
pub(crate) struct Records {
    /// The contents of the two extensions.
    pub(crate) record_size_limit: Option<[u8; 2]>,
    pub(crate) max_fragment_length: Option<[u8; 1]>,
    /// The limits from the answer on, for both sides.
    pub(crate) limits: Option<RecordLimits>,
}

/// A server's answer. record_size_limit wins over max_fragment_length (RFC 8449 §5).
///
/// # Errors
/// A limit below 64, a code that stands for no length.
pub(crate) fn answer_records(
    context: &mut Context<'_>,
    version: ProtocolVersion,
    hello: ClientHelloView<'_>,
) -> Result<Records, Failed> {
    if let Some([high, low]) = hello.extension(ExtensionType::record_size_limit) {
        let theirs = u16::from_be_bytes([*high, *low]);
        if theirs < SMALLEST {
            return Err(context.fail(Fault::IllegalParameter(Field::record_size_limit)));
        }
        if let Some(ours) = context.config.extensions.record_size_limit(version) {
            let ours = ours.record_size_limit;
            return Ok(Records {
                record_size_limit: Some(ours.to_be_bytes()),
                max_fragment_length: None,
                limits: Some(by_limit(version, ours, theirs)),
            });
        }
    }
    let Some([code]) = hello.extension(ExtensionType::max_fragment_length) else {
        return Ok(Records::default());
    };
    match by_fragment_length(MaxFragmentLength(*code)) {
        None => Err(context.fail(Fault::IllegalParameter(Field::max_fragment_length))),
        limits => Ok(Records { record_size_limit: None, max_fragment_length: Some([*code]), limits }),
    }
}

/// The limits that follow from a server's answers to a client, which had offered them.
///
/// # Errors
/// Both answers at once, a limit out of range, another length than was offered.
pub(crate) fn records_answered(
    context: &mut Context<'_>,
    version: ProtocolVersion,
    limit: Option<RecordSizeLimit>,
    length: Option<MaxFragmentLength>,
) -> Result<Option<RecordLimits>, Failed> {
    match (limit, length) {
        (Some(_), Some(_)) => Err(context.fail(Fault::IllegalParameter(Field::max_fragment_length))),
        (Some(RecordSizeLimit { record_size_limit: theirs }), None) => {
            if !(SMALLEST..=largest(version)).contains(&theirs) {
                return Err(context.fail(Fault::IllegalParameter(Field::record_size_limit)));
            }
            let ours = context.config.extensions.record_size_limit.unwrap_or(largest(version));
            Ok(Some(by_limit(version, ours, theirs)))
        }
        (None, Some(code)) => {
            let is_offered = context.config.extensions.max_fragment_length == Some(code);
            match by_fragment_length(code).filter(|_| is_offered) {
                None => Err(context.fail(Fault::IllegalParameter(Field::max_fragment_length))),
                limits => Ok(limits),
            }
        }
        (None, None) => Ok(None),
    }
}

/// The limits of record_size_limit, which exempts unprotected records (RFC 8449 §4).
fn by_limit(version: ProtocolVersion, ours: u16, theirs: u16) -> RecordLimits {
    let (send, receive) = (content(version, theirs), content(version, ours));
    RecordLimits::new(send, receive, false)
}

/// The limits of max_fragment_length, which covers all records from the answer on (RFC 6066 §4); nothing
/// for a code that stands for no length.
fn by_fragment_length(code: MaxFragmentLength) -> Option<RecordLimits> {
    code.plaintext_limit().map(|length| RecordLimits::new(length, length, true))
}

/// The CertificateStatus to send: a credential's OCSP response, if the client requested one.
pub(crate) fn staple<'a>(requested: bool, credential: &Credential<'a>) -> Option<CertificateStatus<'a>> {
    let response = credential.ocsp_response.filter(|_| capability::HostExtensions::ON && requested)?;
    Some(CertificateStatus { status_type: CertificateStatusType::ocsp, response })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_in_older_words() {
        for (bytes, limit, code) in [
            (100, 512, Some(MaxFragmentLength::two_pow_9)),
            (512, 512, Some(MaxFragmentLength::two_pow_9)),
            (1023, 1023, Some(MaxFragmentLength::two_pow_9)),
            (1024, 1024, Some(MaxFragmentLength::two_pow_10)),
            (2048, 2048, Some(MaxFragmentLength::two_pow_11)),
            (16_383, 16_383, Some(MaxFragmentLength::two_pow_12)),
            (16_384, 16_384, None),
            (u16::MAX, 16_385, None),
        ] {
            let mut extensions = Extensions::default();
            extensions.limit_records(bytes);
            assert_eq!(extensions.record_size_limit, Some(limit), "{bytes}");
            assert_eq!(extensions.max_fragment_length, code, "{bytes}");
        }
    }

    #[test]
    fn offered_extensions() {
        let offered = [ExtensionType::server_name, ExtensionType::key_share];
        let mut set = OfferedExtensions::default();
        offered.into_iter().for_each(|extension_type| set.insert(extension_type));
        for number in 0..=u16::MAX {
            let extension_type = ExtensionType(number);
            assert_eq!(set.contains(extension_type), offered.contains(&extension_type), "{number}");
        }
        assert!(!OfferedExtensions::default().contains(ExtensionType::server_name));
    }

    #[test]
    fn the_type_counts_in_tls13() {
        for (version, value, bytes) in [
            (ProtocolVersion::TLS_1_3, 64, 63),
            (ProtocolVersion::TLS_1_2, 64, 64),
            (ProtocolVersion::TLS_1_3, 16_385, 16_384),
            (ProtocolVersion::TLS_1_2, 16_385, 16_384),
            (ProtocolVersion::TLS_1_3, u16::MAX, 16_384),
        ] {
            assert_eq!(content(version, value), bytes);
        }
    }
}
