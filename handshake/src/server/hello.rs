//! A ClientHello as a server keeps it while it asks its caller: needs borrow from it. Each of its
//! long lists is walked once, when it comes. From then on its place is taken by those of its elements
//! that could be chosen here, each once, so that no choice costs more because a client lists
//! thousands of values.

use alloc::vec::Vec;
use core::ops::Range;

use handclasp_codec::{
    CipherSuite, ClientHello, Encode, Field, List, NameType, NamedGroup, ProtocolNameList, ServerName,
    SignatureScheme,
};
use handclasp_report::Fault;

use crate::{Config, message::decode_again};

/// Bytes for what is kept of the lists: room for a usual offer.
const ROOM: usize = 160;

/// A ClientHello that was read and checked.
pub(crate) struct Hello {
    /// The message, and behind it what is kept of its lists.
    bytes: Vec<u8>,
    message: Range<usize>,
    suites: Range<usize>,
    groups: Range<usize>,
    schemes: Range<usize>,
    schemes_cert: Range<usize>,
    protocols: Range<usize>,
    server_name: Range<usize>,
}

impl Hello {
    /// Keeps a message, which reads as `hello` and asks for `host_name`.
    pub(super) fn new(
        config: &Config,
        message: &[u8],
        hello: &ClientHello<'_>,
        host_name: Option<&[u8]>,
    ) -> Self {
        let mut bytes = Vec::with_capacity(message.len().saturating_add(ROOM));
        bytes.extend_from_slice(message);
        let offer = &hello.extensions;
        let groups = offer.supported_groups.as_ref().and_then(|list| list.named_group_list.wire_bytes());
        let schemes = offer.signature_algorithms.as_ref();
        let schemes = schemes.and_then(|list| list.supported_signature_algorithms.wire_bytes());
        let schemes_cert = offer.signature_algorithms_cert.as_ref();
        let schemes_cert = schemes_cert.and_then(|list| list.supported_signature_algorithms.wire_bytes());
        let all_schemes = Numbers::of(SignatureScheme::ALL.iter().map(|scheme| scheme.0));
        Self {
            message: 0..message.len(),
            suites: keep(&mut bytes, hello.cipher_suites.wire_bytes(), &our_suites(config)),
            groups: keep(&mut bytes, groups, &our_groups(config, hello)),
            schemes: keep(&mut bytes, schemes, &all_schemes),
            schemes_cert: keep(&mut bytes, schemes_cert, &all_schemes),
            protocols: keep_protocols(
                &mut bytes,
                config,
                offer.application_layer_protocol_negotiation.as_ref(),
            ),
            server_name: keep_host_name(&mut bytes, host_name),
            bytes,
        }
    }

    /// The message, header included.
    pub(crate) fn message(&self) -> &[u8] {
        self.part(&self.message)
    }

    /// The structure, with the lists as they are kept: cipher_suites, supported_groups,
    /// signature_algorithms, signature_algorithms_cert, the protocol names and server_name hold
    /// nothing that could not be chosen.
    ///
    /// # Errors
    /// None: the message was read before.
    pub(crate) fn read(&self) -> Result<ClientHello<'_>, Fault> {
        let mut hello: ClientHello<'_> = decode_again(self.message(), Field::client_hello)?;
        hello.cipher_suites = List::encoded(self.part(&self.suites));
        let offer = &mut hello.extensions;
        if let Some(list) = &mut offer.supported_groups {
            list.named_group_list = List::encoded(self.part(&self.groups));
        }
        if let Some(list) = &mut offer.signature_algorithms {
            list.supported_signature_algorithms = List::encoded(self.part(&self.schemes));
        }
        if let Some(list) = &mut offer.signature_algorithms_cert {
            list.supported_signature_algorithms = List::encoded(self.part(&self.schemes_cert));
        }
        if let Some(list) = &mut offer.application_layer_protocol_negotiation {
            list.protocol_name_list = List::encoded(self.part(&self.protocols));
        }
        if let Some(list) = &mut offer.server_name {
            list.server_name_list = List::encoded(self.part(&self.server_name));
        }
        Ok(hello)
    }

    fn part(&self, range: &Range<usize>) -> &[u8] {
        self.bytes.get(range.clone()).unwrap_or_default()
    }
}

/// The numbers that are looked for in a list, in their order. No list of ours is nearly as long as
/// there is room; what is beyond is not found.
struct Numbers {
    numbers: [u16; Self::MAX],
    count: usize,
}

impl Numbers {
    const MAX: usize = 128;

    fn of(ours: impl Iterator<Item = u16>) -> Self {
        let mut all = Self { numbers: [0; Self::MAX], count: 0 };
        for (place, number) in all.numbers.iter_mut().zip(ours) {
            *place = number;
            all.count = all.count.saturating_add(1);
        }
        if let Some(found) = all.numbers.get_mut(..all.count) {
            found.sort_unstable();
        }
        all
    }

    /// The place of a number.
    fn find(&self, number: u16) -> Option<u32> {
        let place = self.numbers.get(..self.count)?.binary_search(&number).ok()?;
        u32::try_from(place).ok()
    }
}

/// The suites of the configuration, and the two that are signals.
fn our_suites(config: &Config) -> Numbers {
    let signals = [CipherSuite::TLS_EMPTY_RENEGOTIATION_INFO_SCSV, CipherSuite::TLS_FALLBACK_SCSV];
    Numbers::of(signals.into_iter().chain(config.suites.iter().map(|suite| suite.id)).map(|suite| suite.0))
}

/// The groups of the configuration, the curves that certificates may be on (RFC 8422 §5.1), and those
/// that the client sent shares for: each must be in its list (RFC 8446 §4.2.8).
fn our_groups(config: &Config, hello: &ClientHello<'_>) -> Numbers {
    let curves = [NamedGroup::secp256r1, NamedGroup::secp384r1, NamedGroup::secp521r1];
    let shares = hello.extensions.key_share.iter().flat_map(|list| list.client_shares.iter());
    let ours = config.groups.iter().map(|group| group.group()).chain(curves);
    Numbers::of(ours.chain(shares.map(|share| share.group)).map(|group| group.0))
}

/// Appends those numbers of a list that stand in `ours`, each once.
fn keep(bytes: &mut Vec<u8>, list: Option<&[u8]>, ours: &Numbers) -> Range<usize> {
    let start = bytes.len();
    let mut seen = 0_u128;
    for word in list.unwrap_or_default().chunks_exact(2) {
        let &[high, low] = word else { continue };
        let place = ours.find(u16::from_be_bytes([high, low]));
        let Some(bit) = place.and_then(|place| 1_u128.checked_shl(place)) else { continue };
        if seen & bit == 0 {
            seen |= bit;
            bytes.extend_from_slice(word);
        }
    }
    start..bytes.len()
}

/// Appends the protocol names that we have, each once.
fn keep_protocols(bytes: &mut Vec<u8>, config: &Config, list: Option<&ProtocolNameList<'_>>) -> Range<usize> {
    let start = bytes.len();
    let mut seen = 0_u128;
    // Every element was read before: a byte of length, and the name.
    let mut left = list.and_then(|list| list.protocol_name_list.wire_bytes()).unwrap_or_default();
    while let Some((length, rest)) = left.split_first() {
        let Some((name, rest)) = rest.split_at_checked(usize::from(*length)) else { break };
        left = rest;
        let place = config.alpn.iter().position(|ours| ours.as_slice() == name);
        let place = place.and_then(|place| u32::try_from(place).ok());
        let Some(bit) = place.and_then(|place| 1_u128.checked_shl(place)) else { continue };
        if seen & bit == 0 {
            seen |= bit;
            bytes.push(*length);
            bytes.extend_from_slice(name);
        }
    }
    start..bytes.len()
}

/// Appends the host name.
fn keep_host_name(bytes: &mut Vec<u8>, host_name: Option<&[u8]>) -> Range<usize> {
    let start = bytes.len();
    if let Some(host_name) = host_name {
        // It came out of a message, so it fits into one.
        let _written = ServerName { name_type: NameType::host_name, host_name }.encode_to(bytes);
    }
    start..bytes.len()
}
