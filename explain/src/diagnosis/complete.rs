//! A ClientHello that decodes, repaired or as it was sent, completed with the extensions that servers ask for today: what it lacks
//! of supported_groups, signature_algorithms, key_share and server_name. All else stays byte for byte.

use handclasp_codec::{
    CipherSuite, ClientHello, Decode as _, ExtensionType, Field, HandshakeType, KeyExchangeAlgorithm,
    ProtocolVersion, Writer, encode_handshake,
};

use crate::conversation::dissect::{Decoded, MessageKind};

/// Header of a record, header of a handshake message.
const HEADERS: usize = 9;

/// x25519, secp256r1.
const GROUPS: &[u8] = &[0, 4, 0, 0x1d, 0, 0x17];
/// ecdsa_secp256r1_sha256, rsa_pss_rsae_sha256, rsa_pkcs1_sha256.
const SCHEMES: &[u8] = &[0, 6, 4, 3, 8, 4, 4, 1];
/// No share: the server asks for the one that it wants (RFC 8446 §4.2.8).
const NO_SHARE: &[u8] = &[0, 0];

/// A completed ClientHello.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Completed {
    /// The hello in its record; known to decode.
    pub bytes: Vec<u8>,
    /// What was added, or put in the place of an empty one.
    pub added: Vec<ExtensionType>,
    /// server_name is not there, and no name was given.
    pub lacks_name: bool,
}

/// The first ClientHello of some bytes in a record of its own, where no server took it.
pub(crate) fn refused(found: &Decoded) -> Option<Vec<u8>> {
    let first = |wanted: HandshakeType| {
        found.messages.iter().find(|message| message.whole && message.kind == MessageKind::Handshake(wanted))
    };
    let message =
        first(HandshakeType::client_hello).filter(|_| first(HandshakeType::server_hello).is_none())?;
    let length = u16::try_from(message.bytes.len()).ok()?.to_be_bytes();
    Some([&[22, 3, 1][..], &length, &message.bytes].concat())
}

/// Completes a ClientHello in its record, for a server of this name. `None` where it lacks nothing, or
/// is none that decodes.
pub(crate) fn complete(record: &[u8], name: Option<&str>) -> Option<Completed> {
    let (headers, body) = record.split_at_checked(HEADERS)?;
    let hello = ClientHello::from_bytes(body, Field::client_hello).ok()?;
    let has = |extension| hello.extensions.types().any(|found| found == extension);
    let tls13 = hello
        .extensions
        .supported_versions
        .is_some_and(|list| list.versions.iter().any(|version| version == ProtocolVersion::TLS_1_3));
    let any = |wanted: fn(KeyExchangeAlgorithm) -> bool| {
        tls13 || hello.cipher_suites.iter().filter_map(CipherSuite::key_exchange_algorithm).any(wanted)
    };
    let mut added: Vec<(ExtensionType, Vec<u8>)> = Vec::new();
    let name = name.filter(|name| is_host_name(name));
    let named =
        hello.extensions.server_name.and_then(|names| names.host_name()).is_some_and(|name| !name.is_empty());
    if let Some(name) = name.filter(|_| !named) {
        added.push((ExtensionType::server_name, server_name(name)?));
    }
    if !has(ExtensionType::supported_groups) && any(is_elliptic) {
        added.push((ExtensionType::supported_groups, GROUPS.to_vec()));
    }
    if !has(ExtensionType::signature_algorithms) && any(is_signed) {
        added.push((ExtensionType::signature_algorithms, SCHEMES.to_vec()));
    }
    if !has(ExtensionType::key_share) && tls13 {
        added.push((ExtensionType::key_share, NO_SHARE.to_vec()));
    }
    if added.is_empty() {
        return None;
    }
    let mut message = Vec::new();
    encode_handshake(&mut message, HandshakeType::client_hello, |writer| write(writer, body, &hello, &added))
        .ok()?;
    ClientHello::from_bytes(message.get(4..)?, Field::client_hello).ok()?;
    let length = u16::try_from(message.len()).ok()?.to_be_bytes();
    let bytes = [headers.get(..3)?, &length, &message].concat();
    let added = added.into_iter().map(|(extension, _)| extension).collect();
    Some(Completed { bytes, added, lacks_name: !named && name.is_none() })
}

/// The body with these extensions behind its own; one that is added takes the place of its like.
fn write(writer: &mut Writer<'_>, body: &[u8], hello: &ClientHello<'_>, added: &[(ExtensionType, Vec<u8>)]) {
    let wire = hello.extensions.wire;
    // Version and random, then three lists with their lengths.
    let lists = [
        1 + hello.legacy_session_id.len(),
        2 + hello.cipher_suites.iter().count() * 2,
        1 + hello.legacy_compression_methods.len(),
    ];
    let front: usize = 2 + 32 + lists.iter().sum::<usize>();
    writer.bytes(body.get(..front).unwrap_or(body));
    writer.vector16(Field::extensions, |inner| {
        let mut rest = wire;
        while let Some((extension, data, after)) = first(rest) {
            if !added.iter().any(|(one, _)| one.0 == extension) {
                inner.word(ExtensionType(extension));
                inner.opaque16(Field::extension_data, data);
            }
            rest = after;
        }
        for (extension, data) in added {
            inner.word(*extension);
            inner.opaque16(Field::extension_data, data);
        }
    });
}

/// The first extension of a list: its number, its data, and what follows.
fn first(list: &[u8]) -> Option<(u16, &[u8], &[u8])> {
    let (number, rest) = list.split_first_chunk()?;
    let (length, rest) = rest.split_first_chunk()?;
    let (data, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
    Some((u16::from_be_bytes(*number), data, rest))
}

/// ServerNameList of one host_name (RFC 6066 §3).
fn server_name(name: &str) -> Option<Vec<u8>> {
    let length = u16::try_from(name.len()).ok()?;
    let entry = length.checked_add(3)?;
    Some([&entry.to_be_bytes()[..], &[0], &length.to_be_bytes(), name.as_bytes()].concat())
}

/// An address is no name for server_name.
fn is_host_name(name: &str) -> bool {
    !name.is_empty() && name.is_ascii() && name.parse::<std::net::IpAddr>().is_err()
}

fn is_elliptic(exchange: KeyExchangeAlgorithm) -> bool {
    use KeyExchangeAlgorithm as E;
    matches!(exchange, E::Ecdhe | E::EcdhePsk | E::Ecdh | E::EcdhAnon)
}

fn is_signed(exchange: KeyExchangeAlgorithm) -> bool {
    use KeyExchangeAlgorithm as E;
    matches!(exchange, E::Ecdhe | E::Dhe | E::Rsa | E::RsaPsk | E::Dh | E::Ecdh)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A hello of TLS 1.2 with these suites and extensions, in its record.
    fn hello(suites: &[u8], extensions: Option<&[u8]>) -> Vec<u8> {
        let mut body =
            [&[3, 3][..], &[7; 32], &[0, 0], &[u8::try_from(suites.len()).unwrap()], suites, &[1, 0]]
                .concat();
        if let Some(extensions) = extensions {
            body.extend(u16::try_from(extensions.len()).unwrap().to_be_bytes());
            body.extend(extensions);
        }
        let length = u8::try_from(body.len()).unwrap();
        [&[22, 3, 1, 0, length + 4, 1, 0, 0, length], &body[..]].concat()
    }

    fn added(record: &[u8], name: Option<&str>) -> Vec<ExtensionType> {
        let Some(done) = complete(record, name) else { return Vec::new() };
        let body = &done.bytes[HEADERS..];
        let decoded = ClientHello::from_bytes(body, Field::client_hello).unwrap();
        assert!(done.added.iter().all(|one| decoded.extensions.types().any(|found| found == *one)));
        // What was there is there still.
        assert_eq!(body[..body.len().min(40)], record[HEADERS..][..body.len().min(40)]);
        assert_eq!(complete(&done.bytes, name), None, "complete is complete");
        done.added
    }

    const ECDHE: &[u8] = &[0xc0, 0x2b];
    const PSK: &[u8] = &[0, 0xa8];

    #[test]
    fn what_is_lacking_is_added() {
        use ExtensionType as X;
        let both = [X::supported_groups, X::signature_algorithms];
        let named = [X::server_name, X::supported_groups, X::signature_algorithms];
        for extensions in [None, Some(&[][..]), Some(&[0, 23, 0, 0][..])] {
            assert_eq!(added(&hello(ECDHE, extensions), None), both);
            assert_eq!(added(&hello(ECDHE, extensions), Some("a.example")), named);
            assert_eq!(added(&hello(ECDHE, extensions), Some("10.0.0.1")), both);
        }
        assert!(complete(&hello(ECDHE, None), None).unwrap().lacks_name);
        assert!(!complete(&hello(ECDHE, None), Some("a.example")).unwrap().lacks_name);
        let groups = [0, 10, 0, 4, 0, 2, 0, 23];
        assert_eq!(added(&hello(ECDHE, Some(&groups)), None), [X::signature_algorithms]);
        // RSA key exchange has no group; a pre-shared key needs neither.
        assert_eq!(added(&hello(&[0, 0x9c], None), None), [X::signature_algorithms]);
        assert_eq!(added(&hello(PSK, None), None), []);
        assert_eq!(added(&hello(PSK, None), Some("a.example")), [X::server_name]);
        // TLS 1.3 asks for a share, which may be empty.
        let versions = [0, 43, 0, 3, 2, 3, 4];
        let all = [X::supported_groups, X::signature_algorithms, X::key_share];
        assert_eq!(added(&hello(&[0x13, 1], Some(&versions)), None), all);
    }

    #[test]
    fn what_is_no_hello_is_not_completed() {
        let whole = hello(ECDHE, None);
        for end in 0..whole.len() {
            assert_eq!(complete(&whole[..end], None), None);
        }
    }
}
