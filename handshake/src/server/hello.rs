//! A ClientHello, decoded once and then kept: the bytes of the message, which the transcript and
//! the binders need, and where in them the values stand that later states lend to the caller.
//!
//! Lists of code points are shortened: each is walked once, and those of its elements that this
//! configuration could choose are kept behind the message, each once. No later choice costs more
//! because a client lists thousands of values.

use alloc::vec::Vec;

use handclasp_codec::{
    CertificateStatusRequest, CertificateType, CipherSuite, ClientHello, Field, HandshakeHeader, List,
    NameType, NamedGroup, ProtocolVersion, ServerNameList, SignatureScheme,
};
use handclasp_report::{Counted, Fault, Report};

use crate::{
    Config, CredentialRequest, capability, certificates::permitted, message::read, resume::Circumstances,
};

/// Bytes reserved for the shortened lists of a usual hello.
const LISTS: usize = 128;

/// Most extensions that a ClientHello may have here. The registry has about 70, and no stack
/// sends 40.
const EXTENSIONS_MAX: u16 = 128;

/// A decoded ClientHello with the message that it borrows.
pub(crate) struct Decoded<'m> {
    message: &'m [u8],
    /// The structure, its lists as long as the client sent them.
    pub(crate) hello: &'m ClientHello<'m>,
    /// The first host_name of server_name.
    pub(crate) host_name: Option<&'m [u8]>,
    /// Whether server_name has a second host_name.
    pub(super) has_second_name: bool,
}

impl<'m> Decoded<'m> {
    /// Decodes a whole message, header included, into an empty hello.
    ///
    /// # Errors
    /// [`Fault::TooMany`] extensions, [`Fault::Decode`].
    pub(crate) fn new(
        message: &'m [u8],
        hello: &'m mut ClientHello<'m>,
        report: &mut Report,
    ) -> Result<Self, Fault> {
        count_extensions(message)?;
        read(message, Field::client_hello, report, |body| hello.read(body, capability::knows))?;
        let (host_name, has_second_name) = host_names(hello.extensions.server_name.as_ref());
        Ok(Self { message, hello, host_name, has_second_name })
    }

    /// Where `bytes` stands, which must have been borrowed from the message. An empty part for
    /// other bytes.
    pub(crate) fn part(&self, bytes: &[u8]) -> Part {
        let start = bytes.as_ptr().addr().wrapping_sub(self.message.as_ptr().addr());
        let end = start.wrapping_add(bytes.len());
        let is_inside = start <= end && end <= self.message.len();
        if is_inside { Part::new(start, end) } else { Part::default() }
    }

    /// Where the elements of a list stand.
    pub(crate) fn list<E>(&self, list: &List<'_, E>) -> Part {
        self.part(list.wire_bytes().unwrap_or_default())
    }

    /// Where the message ends if its last `count` bytes are left out.
    pub(crate) fn without_last(&self, count: usize) -> Part {
        Part::new(0, self.message.len().saturating_sub(count))
    }
}

fn count_extensions(message: &[u8]) -> Result<(), Fault> {
    let body = message.get(HandshakeHeader::SIZE..).unwrap_or_default();
    let found = u16::try_from(ClientHello::count_extensions(body)).unwrap_or(u16::MAX);
    match found > EXTENSIONS_MAX {
        true => Err(Fault::TooMany { what: Counted::Extensions, limit: EXTENSIONS_MAX, found }),
        false => Ok(()),
    }
}

/// The first host name, and whether there is another one.
fn host_names<'m>(list: Option<&ServerNameList<'m>>) -> (Option<&'m [u8]>, bool) {
    // Every element was decoded before: its type, two bytes of length, and the name.
    let mut left = list.and_then(|names| names.server_name_list.wire_bytes()).unwrap_or_default();
    let mut first = None;
    while let Some(([name_type, high, low], rest)) = left.split_first_chunk() {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let Some((name, rest)) = rest.split_at_checked(length) else { break };
        left = rest;
        if NameType(*name_type) != NameType::host_name {
            continue;
        }
        if first.is_some() {
            return (first, true);
        }
        first = Some(name);
    }
    (first, false)
}

/// A range of the bytes of one [`Hello`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Part {
    start: u32,
    end: u32,
}

impl Part {
    /// Handshake messages have at most 2^24 bytes, so that both ends fit.
    fn new(start: usize, end: usize) -> Self {
        let small = |place: usize| u32::try_from(place).unwrap_or(u32::MAX);
        Self { start: small(start), end: small(end) }
    }
}

/// A ClientHello that was decoded and checked.
pub(crate) struct Hello {
    /// The message, and behind it the shortened lists.
    bytes: Vec<u8>,
    message: Part,
    /// The client's random.
    pub(crate) random: [u8; 32],
    session_id: Part,
    server_name: Option<Part>,
    suites: Part,
    groups: Option<Part>,
    schemes: Option<Part>,
    schemes_cert: Option<Part>,
    authorities: Part,
    /// server_certificate_type.
    certificate_types: Option<Part>,
    /// Extensions that are answered only where they were offered.
    pub(crate) offered: Offered,
}

/// Which of the extensions that are answered only where they were offered stand in the hello.
#[derive(Clone, Copy)]
pub(crate) struct Offered {
    /// server_name, with a host name or without.
    pub(crate) server_name: bool,
    /// status_request for an OCSP response.
    pub(crate) ocsp: bool,
    /// client_certificate_type.
    pub(crate) client_certificate_type: bool,
    /// server_certificate_type.
    pub(crate) server_certificate_type: bool,
}

impl Hello {
    /// Copies the message and shortens its lists to what `config` could choose.
    pub(super) fn new(config: &Config, decoded: &Decoded<'_>) -> Self {
        let Decoded { message, hello, host_name, .. } = decoded;
        let mut bytes = Vec::with_capacity(message.len().saturating_add(LISTS));
        bytes.extend_from_slice(message);
        let offer = &hello.extensions;
        let groups = offer.supported_groups.as_ref().map(|list| &list.named_group_list);
        let schemes = offer.signature_algorithms.as_ref().filter(|_| capability::Certificates::ON);
        let schemes = schemes.map(|list| &list.supported_signature_algorithms);
        let all_schemes = Numbers::of(SignatureScheme::ALL.iter().map(|scheme| scheme.0));
        // What only hosts look at.
        let host = capability::HostExtensions::ON;
        let schemes_cert = offer.signature_algorithms_cert.as_ref().filter(|_| host);
        let schemes_cert = schemes_cert.map(|list| &list.supported_signature_algorithms);
        let types = offer.server_certificate_type.as_ref().filter(|_| host);
        let authorities = offer.certificate_authorities.as_ref().filter(|_| host);
        Self {
            message: Part::new(0, message.len()),
            random: *hello.random,
            session_id: decoded.part(hello.legacy_session_id),
            server_name: host_name.map(|name| decoded.part(name)),
            suites: shorten(&mut bytes, &hello.cipher_suites, &our_suites(config)),
            groups: groups.map(|list| shorten(&mut bytes, list, &our_groups(config, hello))),
            schemes: schemes.map(|list| shorten(&mut bytes, list, &all_schemes)),
            schemes_cert: schemes_cert.map(|list| shorten(&mut bytes, list, &all_schemes)),
            authorities: authorities.map(|list| decoded.list(&list.authorities)).unwrap_or_default(),
            certificate_types: types.map(|list| decoded.list(&list.certificate_types)),
            offered: Offered {
                server_name: offer.server_name.is_some(),
                ocsp: host && matches!(offer.status_request, Some(CertificateStatusRequest::Ocsp(_))),
                client_certificate_type: host && offer.client_certificate_type.is_some(),
                server_certificate_type: host && offer.server_certificate_type.is_some(),
            },
            bytes,
        }
    }

    /// The decoded hello with its lists of suites, groups and schemes shortened.
    pub(crate) fn shortened<'a>(&'a self, decoded: &Decoded<'a>) -> ClientHello<'a> {
        let mut hello = decoded.hello.clone();
        hello.cipher_suites = self.list(self.suites);
        let offer = &mut hello.extensions;
        if let (Some(list), Some(groups)) = (&mut offer.supported_groups, self.groups) {
            list.named_group_list = self.list(groups);
        }
        if let (Some(list), Some(schemes)) = (&mut offer.signature_algorithms, self.schemes) {
            list.supported_signature_algorithms = self.list(schemes);
        }
        hello
    }

    /// The message, header included.
    pub(crate) fn message(&self) -> &[u8] {
        self.part(self.message)
    }

    /// The bytes of a part.
    pub(crate) fn part(&self, part: Part) -> &[u8] {
        let range = usize::try_from(part.start).ok().zip(usize::try_from(part.end).ok());
        range.and_then(|(start, end)| self.bytes.get(start..end)).unwrap_or_default()
    }

    /// The elements of a part, which were decoded before.
    pub(crate) fn list<E>(&self, part: Part) -> List<'_, E> {
        List::encoded(self.part(part))
    }

    /// legacy_session_id.
    pub(crate) fn session_id(&self) -> &[u8] {
        self.part(self.session_id)
    }

    /// The host name that the client asks for.
    pub(crate) fn server_name(&self) -> Option<&[u8]> {
        self.server_name.map(|name| self.part(name))
    }

    /// Whether the client lists this suite. Looks at suites of the configuration and at signalling
    /// values only.
    pub(crate) fn has_suite(&self, suite: CipherSuite) -> bool {
        self.list(self.suites).contains(&suite)
    }

    /// Types of our certificate that the client accepts.
    fn certificate_types(&self) -> List<'_, CertificateType> {
        permitted(self.certificate_types.map(|types| self.list(types)))
    }

    /// What the client requires of our certificate. `ecdsa` and `rsa` say for which kinds of key
    /// there is a suite.
    pub(crate) fn request(&self, version: ProtocolVersion, ecdsa: bool, rsa: bool) -> CredentialRequest<'_> {
        CredentialRequest {
            version,
            server_name: self.server_name(),
            schemes: self.schemes.map(|schemes| self.list(schemes)).unwrap_or_default(),
            schemes_cert: self.schemes_cert.map(|schemes| self.list(schemes)),
            ecdsa,
            rsa,
            curves: self.groups.filter(|_| version == ProtocolVersion::TLS_1_2).map(|list| self.list(list)),
            // A client that offers both versions accepts the same authorities in both.
            authorities: self.list(self.authorities),
            types: self.certificate_types(),
        }
    }

    /// What a ticket's session must agree with.
    pub(crate) fn circumstances(&self, version: ProtocolVersion, now: u64) -> Circumstances<'_> {
        Circumstances { version, server_name: self.server_name(), types: self.certificate_types(), now }
    }
}

/// The numbers that are looked for in a list, in ascending order. No list of ours is nearly as
/// long as [`Numbers::MAX`]; numbers beyond it are not found.
struct Numbers {
    numbers: [u16; Self::MAX],
    count: usize,
}

impl Numbers {
    const MAX: usize = 128;

    fn of(ours: impl Iterator<Item = u16>) -> Self {
        let mut all = Self { numbers: [0; Self::MAX], count: 0 };
        ours.take(Self::MAX).for_each(|number| all.insert(number));
        all
    }

    /// Moves what is larger up. The lists are short, and sorting them would link a kilobyte.
    fn insert(&mut self, number: u16) {
        let mut number = number;
        let place = self.numbers.get(..self.count).unwrap_or_default().partition_point(|one| *one < number);
        self.count = self.count.saturating_add(1);
        for later in self.numbers.get_mut(place..self.count).unwrap_or_default() {
            core::mem::swap(later, &mut number);
        }
    }

    /// The place of a number.
    fn find(&self, number: u16) -> Option<u32> {
        let place = self.numbers.get(..self.count)?.binary_search(&number).ok()?;
        u32::try_from(place).ok()
    }
}

/// The suites of the configuration, and the two signalling values.
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
fn shorten<E>(bytes: &mut Vec<u8>, list: &List<'_, E>, ours: &Numbers) -> Part {
    let start = bytes.len();
    let mut seen = 0_u128;
    for word in list.wire_bytes().unwrap_or_default().chunks_exact(2) {
        let &[high, low] = word else { continue };
        let place = ours.find(u16::from_be_bytes([high, low]));
        let Some(bit) = place.and_then(|place| 1_u128.checked_shl(place)) else { continue };
        if seen & bit == 0 {
            seen |= bit;
            bytes.extend_from_slice(word);
        }
    }
    Part::new(start, bytes.len())
}
