//! What a ClientHello offers, for the choice of a server.

use std::fmt;

use handclasp_codec::{
    CipherSuite, ClientHello as Structure, ClientHelloView, Decode, Field, HandshakeHeader, NamedGroup,
    ProtocolVersion, Reader, SignatureScheme,
};
use handclasp_report::{Counted, Fault, Report};

/// Most extensions that are read, as in the handshake: their types are compared with each other.
const EXTENSIONS_MAX: u16 = 128;

/// The offer of a client (RFC 8446 §4.1.2). Nothing in it is authenticated, and the server that is chosen
/// judges it again.
#[derive(Clone)]
pub struct ClientHello {
    message: Vec<u8>,
    server_name: Option<String>,
    alpn: Vec<Vec<u8>>,
    versions: Vec<ProtocolVersion>,
    cipher_suites: Vec<CipherSuite>,
    signature_schemes: Vec<SignatureScheme>,
    groups: Vec<NamedGroup>,
}

impl ClientHello {
    /// Reads a message, its header included.
    pub(super) fn parse(message: &[u8], report: &mut Report) -> Result<Self, Fault> {
        let body = message.get(HandshakeHeader::SIZE..).unwrap_or_default();
        let found = u16::try_from(ClientHelloView::new(message).extensions().count()).unwrap_or(u16::MAX);
        if found > EXTENSIONS_MAX {
            return Err(Fault::TooMany { what: Counted::Extensions, limit: EXTENSIONS_MAX, found });
        }
        let hello = Structure::decode(&mut Reader::at(body, HandshakeHeader::SIZE, report.error_slot()));
        let hello = hello.map_err(|malformed| {
            let failed = report.malformed(Field::client_hello, malformed);
            report.fault_of(failed)
        })?;
        let offer = &hello.extensions;
        let name = offer.server_name.as_ref().and_then(|names| names.host_name());
        let protocols = offer.application_layer_protocol_negotiation.as_ref();
        let schemes = offer.signature_algorithms.as_ref();
        let groups = offer.supported_groups.as_ref();
        Ok(Self {
            message: message.to_vec(),
            // A name that is not UTF-8 is not a DNS name either.
            server_name: name.and_then(|name| String::from_utf8(name.to_vec()).ok()),
            alpn: protocols
                .map(|list| list.protocol_name_list.iter().map(|name| name.0.to_vec()).collect())
                .unwrap_or_default(),
            versions: match &offer.supported_versions {
                Some(offer) => offer.versions.iter().collect(),
                None => vec![hello.legacy_version],
            },
            cipher_suites: hello.cipher_suites.iter().collect(),
            signature_schemes: schemes
                .map(|list| list.supported_signature_algorithms.iter().collect())
                .unwrap_or_default(),
            groups: groups.map(|list| list.named_group_list.iter().collect()).unwrap_or_default(),
        })
    }

    /// The DNS name that the client asks for (server_name, RFC 6066 §3).
    pub fn server_name(&self) -> Option<&str> {
        self.server_name.as_deref()
    }

    /// The application protocols that it offers, in its order of preference (RFC 7301).
    pub fn alpn(&self) -> impl Iterator<Item = &[u8]> {
        self.alpn.iter().map(Vec::as_slice)
    }

    /// The versions that it offers, in its order of preference; legacy_version where it sends no
    /// supported_versions.
    pub fn versions(&self) -> &[ProtocolVersion] {
        &self.versions
    }

    /// The cipher suites that it offers, in its order of preference.
    pub fn cipher_suites(&self) -> &[CipherSuite] {
        &self.cipher_suites
    }

    /// The signature schemes that it accepts, in its order of preference.
    pub fn signature_schemes(&self) -> &[SignatureScheme] {
        &self.signature_schemes
    }

    /// The key exchange groups that it offers, in its order of preference.
    pub fn groups(&self) -> &[NamedGroup] {
        &self.groups
    }

    /// The whole handshake message, with its header of 4 bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.message
    }
}

impl fmt::Debug for ClientHello {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientHello")
            .field("server_name", &self.server_name)
            .field("alpn", &self.alpn.iter().map(|name| String::from_utf8_lossy(name)).collect::<Vec<_>>())
            .field("versions", &self.versions)
            .field("cipher_suites", &self.cipher_suites)
            .finish_non_exhaustive()
    }
}
