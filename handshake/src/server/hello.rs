//! A ClientHello on the server: decoded once, kept as the message came, and read where it stands
//! ([`ClientHelloView`]). No list is walked for each identity, and none more often than there are suites
//! or groups of ours.

use alloc::vec::Vec;

use handclasp_codec::{
    CertificateType, ClientHello, ClientHelloView, ExtensionType, Field, List, NameType, ProtocolVersion,
};
use handclasp_report::{Counted, Failed, Fault, Report};

use crate::{CredentialRequest, capability, certificates::permitted, message::read, resume::Circumstances};

/// Most extensions that a ClientHello may have here. The registry has about 70, and no stack
/// sends 40.
const EXTENSIONS_MAX: u16 = 128;

/// Decodes a whole message, header included: what the view shows of it is well-formed.
///
/// # Errors
/// [`Fault::TooMany`] extensions, [`Fault::Decode`].
pub(crate) fn decode<'m>(message: &'m [u8], report: &mut Report) -> Result<ClientHelloView<'m>, Failed> {
    let view = ClientHelloView::new(message);
    let found = u16::try_from(view.extensions().count()).unwrap_or(u16::MAX);
    if found > EXTENSIONS_MAX {
        return Err(report.fail(Fault::TooMany { what: Counted::Extensions, limit: EXTENSIONS_MAX, found }));
    }
    read(message, Field::client_hello, report, |body| ClientHello::check(body, capability::knows))?;
    Ok(view)
}

/// The message of a ClientHello, kept until the ServerHello is sent.
#[derive(Default)]
pub(crate) struct Hello(Vec<u8>);

impl Hello {
    /// Copies the message.
    pub(crate) fn keep(view: ClientHelloView<'_>) -> Self {
        Self(Vec::from(view.message()))
    }

    pub(crate) fn view(&self) -> ClientHelloView<'_> {
        ClientHelloView::new(&self.0)
    }

    /// Drops the message and reuses its memory for the concatenation of these parts.
    pub(crate) fn reuse(&mut self, content: &[&[u8]]) -> Vec<u8> {
        let mut memory = core::mem::take(&mut self.0);
        memory.clear();
        content.iter().for_each(|part| memory.extend_from_slice(part));
        memory
    }
}

/// The first host name of server_name, and whether there is another one.
pub(super) fn host_names(hello: ClientHelloView<'_>) -> (Option<&[u8]>, bool) {
    // Every element was decoded before: its type, two bytes of length, and the name.
    let mut left = hello.list(ExtensionType::server_name, 2).unwrap_or_default();
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

/// The host name that the client asks for.
pub(crate) fn host_name(hello: ClientHelloView<'_>) -> Option<&[u8]> {
    host_names(hello).0
}

/// A list of an extension that only hosts look at.
pub(crate) fn host_list<E>(
    hello: ClientHelloView<'_>,
    extension_type: ExtensionType,
    prefix: usize,
) -> Option<List<'_, E>> {
    capability::HostExtensions::get()?;
    hello.list(extension_type, prefix).map(List::encoded)
}

/// Types of our certificate that the client accepts.
fn certificate_types(hello: ClientHelloView<'_>) -> List<'_, CertificateType> {
    permitted(host_list(hello, ExtensionType::server_certificate_type, 1))
}

/// What the client requires of our certificate. `ecdsa` and `rsa` say for which kinds of key
/// there is a suite.
pub(crate) fn request(
    hello: ClientHelloView<'_>,
    version: ProtocolVersion,
    ecdsa: bool,
    rsa: bool,
) -> CredentialRequest<'_> {
    let curves = hello.list(ExtensionType::supported_groups, 2).map(List::encoded);
    let schemes = hello.list(ExtensionType::signature_algorithms, 2).map(List::encoded);
    CredentialRequest {
        version,
        server_name: host_name(hello),
        schemes: schemes.unwrap_or_default(),
        schemes_cert: host_list(hello, ExtensionType::signature_algorithms_cert, 2),
        ecdsa,
        rsa,
        curves: curves.filter(|_| version == ProtocolVersion::TLS_1_2),
        // A client that offers both versions accepts the same authorities in both.
        authorities: host_list(hello, ExtensionType::certificate_authorities, 2).unwrap_or_default(),
        types: certificate_types(hello),
    }
}

/// What a ticket's session must agree with.
pub(crate) fn circumstances(
    hello: ClientHelloView<'_>,
    version: ProtocolVersion,
    now: u64,
) -> Circumstances<'_> {
    Circumstances { version, server_name: host_name(hello), types: certificate_types(hello), now }
}

/// Whether the client requests an OCSP response (RFC 6066 §8).
pub(crate) fn requests_ocsp(hello: ClientHelloView<'_>) -> bool {
    const OCSP: u8 = handclasp_codec::CertificateStatusType::ocsp.0;
    let request = hello.extension(ExtensionType::status_request);
    capability::HostExtensions::ON && matches!(request, Some([OCSP, ..]))
}

/// Whether the client offers an extension that only hosts look at.
pub(crate) fn offers_on_host(hello: ClientHelloView<'_>, extension_type: ExtensionType) -> bool {
    capability::HostExtensions::ON && hello.offers(extension_type)
}
