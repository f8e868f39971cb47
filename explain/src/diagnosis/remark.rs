//! What well-formed messages make people ask, as notes beside the fields; and what a
//! ClientHello lacks that servers want.

use handclasp_codec::{
    CipherSuite, ClientHello, DOWNGRADE_TLS11, DOWNGRADE_TLS12, Decode as _, ExtensionType, Field,
    HandshakeType, ProtocolVersion, SignatureScheme,
};

use crate::conversation::dissect::{Decoded, MessageKind};
use crate::conversation::field_tree::{Content, Node};
use crate::diagnosis::cause::Cause;
use crate::diagnosis::finding::{Confidence, Finding};

/// Adds notes to the trees.
pub(crate) fn annotate(found: &mut Decoded) {
    let version = found.context().version;
    let bytes = std::mem::take(&mut found.bytes);
    for node in &mut found.nodes {
        node.walk_mut(&mut |node| {
            if let Content::Name(number, _) = node.value
                && node.field == Some(Field::handshake)
            {
                let server = number == u32::from(HandshakeType::server_hello.0);
                hello(node, &bytes, server, version);
            }
        });
    }
    found.bytes = bytes;
}

/// Notes inside one message.
fn hello(message: &mut Node, bytes: &[u8], server: bool, version: Option<ProtocolVersion>) {
    let chosen = message.find("selected_version").is_some() || message.find("versions").is_some();
    let tls12 = version == Some(ProtocolVersion::TLS_1_2);
    message.walk_mut(&mut |node| {
        let text = match (node.field, node.value) {
            (Some(Field::legacy_version), _) if chosen => {
                "frozen at TLS 1.2; supported_versions decides (RFC 8446 §4.1.2)".to_owned()
            }
            (Some(Field::cipher_suite), Content::Name(number, _)) => match suite(number, server) {
                Some(text) => text,
                None => return,
            },
            (Some(Field::random), Content::Bytes) if server => {
                match bytes.get(node.range.clone()).and_then(sentinel) {
                    Some(text) => text.to_owned(),
                    None => return,
                }
            }
            (Some(Field::extension), _) if server && is_empty_server_name(node) => {
                "acknowledgement: the server used the name that the client sent; this extension is always \
                 empty here (RFC 6066 §3)"
                    .to_owned()
            }
            (Some(Field::signature_scheme | Field::algorithm), Content::Name(number, _)) if tls12 => {
                match pair(number) {
                    Some(text) => text,
                    None => return,
                }
            }
            _ => return,
        };
        node.note = Some(text);
    });
}

fn is_empty_server_name(extension: &Node) -> bool {
    let is =
        |node: &Node| matches!(node.value, Content::Name(0, _)) && node.field == Some(Field::extension_type);
    let empty =
        |node: &Node| matches!(node.value, Content::Length(0)) && node.field == Some(Field::extension_data);
    extension.children.iter().any(is) && extension.children.iter().any(empty)
}

/// What people take the hash in a suite's name for.
fn suite(number: u32, server: bool) -> Option<String> {
    let suite = CipherSuite(u16::try_from(number).ok()?);
    if suite == CipherSuite::TLS_EMPTY_RENEGOTIATION_INFO_SCSV {
        return Some(
            "signalling value, not a suite: the client supports secure renegotiation (RFC 5746 §3.3)"
                .to_owned(),
        );
    }
    if suite == CipherSuite::TLS_FALLBACK_SCSV {
        return Some(
            "signalling value, not a suite: the client retries with a lower version (RFC 7507)".to_owned(),
        );
    }
    let name = suite.name().filter(|_| server)?;
    let hash = ["SHA256", "SHA384"].into_iter().find(|hash| name.ends_with(hash))?;
    let (before, after) = ("derives the keys", "it is unrelated to the hash in the certificate's signature");
    Some(match suite.is_cbc() {
        true => format!("{hash} {before} and authenticates the records; {after}"),
        false => format!("{hash} {before}; {after}"),
    })
}

fn sentinel(random: &[u8]) -> Option<&'static str> {
    let last: [u8; 8] = *random.last_chunk()?;
    match last {
        DOWNGRADE_TLS12 => {
            Some("ends in DOWNGRD 01: the server supports TLS 1.3 and negotiates TLS 1.2 (RFC 8446 §4.1.3)")
        }
        DOWNGRADE_TLS11 => {
            Some("ends in DOWNGRD 00: the server supports a higher version and negotiates TLS 1.1 or lower")
        }
        _ => None,
    }
}

/// The schemes whose names mislead in TLS 1.2.
fn pair(number: u32) -> Option<String> {
    let scheme = SignatureScheme(u16::try_from(number).ok()?);
    let hash = match scheme {
        SignatureScheme::ecdsa_secp256r1_sha256 => "SHA-256",
        SignatureScheme::ecdsa_secp384r1_sha384 => "SHA-384",
        SignatureScheme::ecdsa_secp521r1_sha512 => "SHA-512",
        // The registry is open, and the other names say what they mean.
        _ => return None,
    };
    Some(format!("in TLS 1.2: {hash} with ECDSA on any curve"))
}

/// What the ClientHello lacks, if there is one that decodes: the one given, or the first found.
pub(crate) fn lacking(found: &Decoded, repaired: Option<&[u8]>) -> Vec<Finding> {
    let sent = found
        .messages
        .iter()
        .find(|message| message.kind == MessageKind::Handshake(HandshakeType::client_hello));
    let body = repaired.or_else(|| sent?.bytes.get(4..));
    let Some(Ok(hello)) = body.map(|body| ClientHello::from_bytes(body, Field::client_hello)) else {
        return Vec::new();
    };
    let mut findings = lacks(&hello);
    if let Some(sent) = sent {
        findings.iter_mut().for_each(|finding| finding.range = Some(sent.range.clone()));
    }
    findings
}

/// Extensions that are not there and that servers look for.
fn lacks(hello: &ClientHello<'_>) -> Vec<Finding> {
    let has = |extension| hello.extensions.types().any(|found| found == extension);
    let suites = || hello.cipher_suites.iter();
    let tls13 = hello.extensions.supported_versions.is_some();
    let elliptic = tls13 || suites().any(CipherSuite::uses_group);
    let by_certificate = |suite: CipherSuite| {
        use handclasp_codec::SuiteAuthentication::{Dss, Ecdsa, Rsa};
        matches!(suite.authentication(), Some(Rsa | Ecdsa | Dss))
    };
    let signed = tls13 || suites().any(by_certificate);
    let advice = |cause, summary: &str| Finding::advice(cause, Confidence::Observed, summary);
    let mut findings = Vec::new();
    if !has(ExtensionType::supported_groups) && elliptic {
        findings.push(
            advice(
                Cause::HelloNoSupportedGroups,
                "supported_groups is missing, although the cipher suites need an elliptic curve: OpenSSL 3 \
                 and Mbed TLS then find no shared cipher.",
            )
            .fix("add supported_groups, such as 00 0a 00 06 00 04 00 1d 00 17 (x25519, secp256r1)"),
        );
    }
    if !has(ExtensionType::signature_algorithms) && signed {
        findings.push(
            advice(
                Cause::HelloNoSignatureAlgorithms,
                "signature_algorithms is missing: RFC 5246 §7.4.1.4.1 then assumes SHA-1, which current \
                 servers refuse.",
            )
            .fix("add signature_algorithms, such as 00 0d 00 08 00 06 04 03 08 04 04 01 (ECDSA and RSA with SHA-256)"),
        );
    }
    if !has(ExtensionType::server_name) {
        findings.push(
            advice(
                Cause::SniMissing,
                "server_name is missing: a server that hosts several names, as cloud servers do, cannot \
                 tell which certificate to send.",
            )
            .fix("add server_name with the host's name (RFC 6066 §3)"),
        );
    }
    findings
}
