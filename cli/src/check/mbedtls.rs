//! The least profile as an `mbedtls_config.h` of Mbed TLS 3.6: what the hello needs, what the
//! server's chain is signed with, and what the client's own key needs. `cargo xtask check` compiles
//! it and connects with it.

use handclasp::{KeyKind, NamedGroup, SignatureScheme};
use handclasp_trust::certificate::signature_schemes;

use super::chain;
use super::facts::OwnCertificate;
use super::minimal_profile::MinimalProfile;

/// Content of the largest record without any limit (RFC 8446 §5.1).
const RECORD: usize = 1 << 14;

/// A client's own messages beside its certificate, with extensions that Mbed TLS adds by itself.
const OWN: usize = 1024;

/// What every client needs.
const CLIENT: &[&str] = &[
    "MBEDTLS_SSL_TLS_C",
    "MBEDTLS_SSL_CLI_C",
    "MBEDTLS_CIPHER_C",
    "MBEDTLS_MD_C",
    "MBEDTLS_ENTROPY_C",
    "MBEDTLS_CTR_DRBG_C",
    // Below CTR_DRBG.
    "MBEDTLS_AES_C",
];

/// What needs to be there for certificates.
const CERTIFICATES: &[&str] = &[
    "MBEDTLS_X509_USE_C",
    "MBEDTLS_X509_CRT_PARSE_C",
    "MBEDTLS_PK_C",
    "MBEDTLS_PK_PARSE_C",
    "MBEDTLS_ASN1_PARSE_C",
    "MBEDTLS_OID_C",
    "MBEDTLS_BIGNUM_C",
];

const CURVES: &[&str] = &["MBEDTLS_BIGNUM_C", "MBEDTLS_ECP_C", "MBEDTLS_ECDH_C"];
const ECDSA: &[&str] = &["MBEDTLS_ECDSA_C", "MBEDTLS_ASN1_PARSE_C", "MBEDTLS_ASN1_WRITE_C"];
/// The reader of RSA keys writes, too: without a linker that drops what is unused it needs ASN1_WRITE_C.
const RSA: &[&str] = &["MBEDTLS_RSA_C", "MBEDTLS_PKCS1_V15", "MBEDTLS_ASN1_WRITE_C"];
const PSS: &[&str] = &["MBEDTLS_PKCS1_V21", "MBEDTLS_X509_RSASSA_PSS_SUPPORT"];

/// What a part of a suite's name asks for.
const BY_SUITE: &[(&str, &[&str])] = &[
    ("_ECDHE_ECDSA_", &["MBEDTLS_KEY_EXCHANGE_ECDHE_ECDSA_ENABLED"]),
    ("_ECDHE_RSA_", &["MBEDTLS_KEY_EXCHANGE_ECDHE_RSA_ENABLED"]),
    ("TLS_DHE_RSA_", &["MBEDTLS_KEY_EXCHANGE_DHE_RSA_ENABLED", "MBEDTLS_DHM_C"]),
    ("TLS_RSA_", &["MBEDTLS_KEY_EXCHANGE_RSA_ENABLED"]),
    ("TLS_PSK_", &["MBEDTLS_KEY_EXCHANGE_PSK_ENABLED"]),
    ("_ECDHE_PSK_", &["MBEDTLS_KEY_EXCHANGE_ECDHE_PSK_ENABLED"]),
    ("_AES_", &["MBEDTLS_AES_C"]),
    ("_GCM_", &["MBEDTLS_GCM_C"]),
    ("_CCM", &["MBEDTLS_CCM_C"]),
    ("CHACHA20", &["MBEDTLS_CHACHA20_C", "MBEDTLS_POLY1305_C", "MBEDTLS_CHACHAPOLY_C", "MBEDTLS_AES_C"]),
    ("_CBC_", &["MBEDTLS_CIPHER_MODE_CBC"]),
    ("_CBC_SHA", &["MBEDTLS_SSL_ENCRYPT_THEN_MAC"]),
    ("SHA384", &["MBEDTLS_SHA384_C"]),
];

/// Where the lines come from.
pub struct Profile<'a> {
    pub least: &'a MinimalProfile,
    /// Limits of max_fragment_length that the server takes up, the smallest first.
    pub limits: &'a [u16],
    /// The client's own certificate, where the server asks for one.
    pub own: OwnCertificate,
}

/// The lines, and behind some a word on them.
pub fn lines(profile: &Profile<'_>) -> Vec<String> {
    let least = profile.least;
    let mut all: Vec<&str> = CLIENT.to_vec();
    let suite = least.hello.suites.first().and_then(|suite| suite.name()).unwrap_or_default();
    let by_suite = BY_SUITE.iter().filter(|(part, _)| suite.contains(part));
    by_suite.for_each(|(_, names)| all.extend(*names));
    // The usual hash of chains, and the one of suites that name none or SHA-256.
    all.push("MBEDTLS_SHA256_C");
    if suite.ends_with("_CBC_SHA") {
        all.push("MBEDTLS_SHA1_C");
    }
    let certificates = !least.psk;
    if certificates {
        all.extend(CERTIFICATES);
    }
    version(least, certificates, &mut all);
    if !least.hello.groups.is_empty() {
        all.extend(CURVES);
    }
    all.extend(least.hello.groups.iter().filter_map(|group| curve(*group)));
    least.hello.schemes.iter().for_each(|scheme| signature(*scheme, &mut all));
    if suite.contains("_RSA_") {
        all.extend(RSA);
    }
    let mut kinds = of_chain(least, &mut all);
    kinds.extend(profile.own.key());
    kinds.iter().for_each(|kind| key(*kind, least.hello.tls13(), &mut all));
    if least.hello.server_name.is_some() {
        all.push("MBEDTLS_SSL_SERVER_NAME_INDICATION");
    }
    let limit = limit(profile);
    if limit.is_some() {
        all.push("MBEDTLS_SSL_MAX_FRAGMENT_LENGTH");
    }
    let mut once: Vec<&str> = Vec::new();
    all.into_iter().for_each(|name| {
        if !once.contains(&name) {
            once.push(name);
        }
    });
    let mut out: Vec<String> = once.into_iter().map(|name| format!("#define {name}")).collect();
    out.extend(buffers(profile, limit));
    out.extend(remarks(profile, &kinds));
    out
}

/// What the server's chain is signed with; the keys in it, and that of the issuer which it does not
/// show.
fn of_chain(least: &MinimalProfile, all: &mut Vec<&str>) -> Vec<KeyKind> {
    let mut kinds = Vec::new();
    for certificate in &least.chain {
        signature_schemes(certificate).into_iter().for_each(|scheme| hash(scheme, all));
        kinds.extend(chain::key(certificate));
        kinds.extend(chain::issuer_key(certificate));
        if signature_schemes(certificate).iter().any(|scheme| is_pss(*scheme)) {
            all.extend(PSS);
        }
    }
    kinds
}

/// What a key needs that verifies, or signs.
fn key(kind: KeyKind, tls13: bool, all: &mut Vec<&str>) {
    let curve = match kind {
        KeyKind::P256 => "MBEDTLS_ECP_DP_SECP256R1_ENABLED",
        KeyKind::P384 => "MBEDTLS_ECP_DP_SECP384R1_ENABLED",
        KeyKind::P521 => "MBEDTLS_ECP_DP_SECP521R1_ENABLED",
        KeyKind::Rsa | KeyKind::RsaPss => {
            all.extend(RSA);
            if tls13 || kind == KeyKind::RsaPss {
                all.extend(PSS);
            }
            return;
        }
        // Mbed TLS has none.
        KeyKind::Ed25519 => return,
    };
    all.extend(CURVES);
    all.extend(ECDSA);
    all.push(curve);
    // TLS 1.3 signs with the hash of the curve (RFC 8446 §4.2.3).
    match kind {
        KeyKind::P384 if tls13 => all.push("MBEDTLS_SHA384_C"),
        KeyKind::P521 if tls13 => all.push("MBEDTLS_SHA512_C"),
        KeyKind::P256 | KeyKind::P384 | KeyKind::P521 | KeyKind::Ed25519 | KeyKind::Rsa | KeyKind::RsaPss => {
        }
    }
}

fn is_pss(scheme: SignatureScheme) -> bool {
    scheme.name().is_some_and(|name| name.starts_with("rsa_pss"))
}

/// The hash of a scheme.
fn hash(scheme: SignatureScheme, all: &mut Vec<&str>) {
    let name = scheme.name().unwrap_or_default();
    let hashes = [
        ("sha1", "MBEDTLS_SHA1_C"),
        ("sha256", "MBEDTLS_SHA256_C"),
        ("sha384", "MBEDTLS_SHA384_C"),
        ("sha512", "MBEDTLS_SHA512_C"),
    ];
    all.extend(hashes.iter().filter(|(hash, _)| name.ends_with(hash)).map(|(_, line)| line));
}

fn version(least: &MinimalProfile, certificates: bool, all: &mut Vec<&str>) {
    if !least.hello.tls13() {
        all.push("MBEDTLS_SSL_PROTO_TLS1_2");
        if least.hello.extended_master_secret {
            all.push("MBEDTLS_SSL_EXTENDED_MASTER_SECRET");
        }
        return;
    }
    all.extend(["MBEDTLS_SSL_PROTO_TLS1_3", "MBEDTLS_PSA_CRYPTO_C", "MBEDTLS_HKDF_C"]);
    all.extend(["MBEDTLS_SSL_TLS1_3_COMPATIBILITY_MODE", "MBEDTLS_SSL_KEEP_PEER_CERTIFICATE"]);
    all.push(match certificates {
        true => "MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_EPHEMERAL_ENABLED",
        false => "MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_PSK_EPHEMERAL_ENABLED",
    });
}

fn curve(group: NamedGroup) -> Option<&'static str> {
    match group {
        NamedGroup::secp256r1 => Some("MBEDTLS_ECP_DP_SECP256R1_ENABLED"),
        NamedGroup::secp384r1 => Some("MBEDTLS_ECP_DP_SECP384R1_ENABLED"),
        NamedGroup::secp521r1 => Some("MBEDTLS_ECP_DP_SECP521R1_ENABLED"),
        NamedGroup::x25519 => Some("MBEDTLS_ECP_DP_CURVE25519_ENABLED"),
        // The registry is open, and Mbed TLS has few more.
        _ => None,
    }
}

/// What the scheme of the server's signature asks for, with the curve of its key.
fn signature(scheme: SignatureScheme, all: &mut Vec<&str>) {
    hash(scheme, all);
    let name = scheme.name().unwrap_or_default();
    if name.starts_with("ecdsa") {
        all.extend(CURVES);
        all.extend(ECDSA);
    }
    if name.starts_with("rsa") {
        all.extend(RSA);
    }
    if is_pss(scheme) {
        all.extend(PSS);
    }
}

/// The smallest limit of records that every message of the handshake fits in, the server's and the
/// client's own. Mbed TLS asks for one in TLS 1.2 alone.
fn limit(profile: &Profile<'_>) -> Option<u16> {
    let own = profile.own.message_len(profile.least.hello.tls13()).unwrap_or_default();
    let largest = largest(profile).max(own).max(profile.least.client_hello);
    let fits = |limit: &u16| usize::from(*limit) >= largest;
    profile.limits.iter().copied().find(fits).filter(|_| !profile.least.hello.tls13())
}

/// The largest message or record of the server's handshake.
fn largest(profile: &Profile<'_>) -> usize {
    profile.least.largest_message.max(profile.least.largest_record)
}

/// A message must fit as a whole, and any record that the server may send.
fn buffers(profile: &Profile<'_>, limit: Option<u16>) -> Vec<String> {
    let handshake = content_len(largest(profile));
    let own = profile.own.message_len(profile.least.hello.tls13());
    let word = match limit {
        Some(limit) => format!("with mbedtls_ssl_conf_max_frag_len() at {limit}"),
        None => {
            format!("the handshake needs {handshake}; the rest is for data records, up to 16384 bytes")
        }
    };
    let chain = match (&profile.own, own) {
        (OwnCertificate::None, _) => String::new(),
        (_, Some(bytes)) => format!(" /* the client's Certificate has {bytes} bytes */"),
        (_, None) => " /* plus the size of the client's chain */".to_owned(),
    };
    let records = limit.map_or(RECORD, usize::from);
    // Mbed TLS asks for no limit that either buffer is too small for.
    let limited = limit.map_or(0, usize::from);
    let out = content_len(profile.least.client_hello.max(own.unwrap_or_default())).max(OWN).max(limited);
    vec![
        format!("#define MBEDTLS_SSL_IN_CONTENT_LEN {} /* {word} */", handshake.max(records)),
        format!("#define MBEDTLS_SSL_OUT_CONTENT_LEN {out}{chain}"),
    ]
}

/// What the lines alone do not tell.
fn remarks(profile: &Profile<'_>, kinds: &[KeyKind]) -> Vec<String> {
    let mut out = Vec::new();
    let mut remark = |text: String| out.push(format!("/* {text} */"));
    if profile.limits.first().is_some_and(|smallest| Some(*smallest) != limit(profile)) {
        let limits = "use a limit that every handshake message fits in, or no limit";
        remark(format!(
            "mbedtls_ssl_conf_max_frag_len(): {limits}. Mbed TLS sends its own Certificate in one record \
             regardless of the limit, and reassembles a server's fragments only from 3.6.3 on"
        ));
    }
    if profile.least.psk && !profile.least.hello.tls13() {
        return out;
    }
    if profile.least.hello.tls13() {
        remark("call psa_crypto_init() before the handshake".to_owned());
    }
    if kinds.contains(&KeyKind::Ed25519) {
        remark("Mbed TLS does not support Ed25519, which this chain or key requires".to_owned());
    }
    if matches!(profile.own, OwnCertificate::CredentialRequest) {
        remark("for a client key on P-256; `check --cert --key` determines what yours needs".to_owned());
    }
    if !profile.least.psk {
        remark(
            "PEM certificates need MBEDTLS_PEM_PARSE_C and MBEDTLS_BASE64_C; DER certificates do not"
                .to_owned(),
        );
        remark("their validity is checked only with MBEDTLS_HAVE_TIME and MBEDTLS_HAVE_TIME_DATE".to_owned());
    }
    out
}

/// A buffer for that many bytes: the next multiple of 512.
fn content_len(bytes: usize) -> usize {
    bytes.max(1).div_ceil(512) * 512
}

#[cfg(test)]
mod tests {
    use handclasp::ProtocolVersion;

    use super::*;
    use crate::check::hello::Hello;
    use crate::check::minimal_profile::Proof;

    /// A server's part of a handshake in TLS 1.2, with messages of at most `largest` bytes.
    fn least(largest: usize) -> MinimalProfile {
        MinimalProfile {
            hello: Hello {
                suites: vec![handclasp::CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256],
                groups: vec![NamedGroup::secp256r1],
                schemes: vec![SignatureScheme::ecdsa_secp256r1_sha256],
                ..Hello::usual(None).only(ProtocolVersion::TLS_1_2)
            },
            needed: Vec::new(),
            kept: Vec::new(),
            client_hello: 72,
            psk: false,
            largest_record: largest,
            largest_message: largest,
            flight: largest,
            chain: Vec::new(),
            pin: None,
            proof: Proof::Connects("modern"),
        }
    }

    const ALL: &[u16] = &[512, 1024, 2048, 4096];

    fn text(least: &MinimalProfile, own: OwnCertificate) -> String {
        lines(&Profile { least, limits: ALL, own }).join("\n")
    }

    #[test]
    fn buffers_hold_what_came() {
        assert_eq!([1, 512, 513, 4000].map(content_len), [512, 512, 1024, 4096]);
    }

    #[test]
    fn the_clients_key_adds_what_it_signs_with() {
        let of = |own| text(&least(400), own);
        let none = of(OwnCertificate::None);
        assert!(!none.contains("MBEDTLS_RSA_C") && !none.contains("SECP384R1"));
        for (kind, line) in [
            (KeyKind::Rsa, "MBEDTLS_RSA_C"),
            (KeyKind::P384, "MBEDTLS_ECP_DP_SECP384R1_ENABLED"),
            (KeyKind::P521, "MBEDTLS_ECP_DP_SECP521R1_ENABLED"),
            (KeyKind::Ed25519, "Mbed TLS does not support Ed25519"),
        ] {
            assert!(of(OwnCertificate::Given(kind, vec![300])).contains(line), "{kind:?}");
            assert!(!none.contains(line), "{kind:?}");
        }
        assert!(of(OwnCertificate::CredentialRequest).contains("for a client key on P-256"));
        // What writes an RSA key's parts belongs to its reader.
        assert!(of(OwnCertificate::Given(KeyKind::Rsa, vec![300])).contains("MBEDTLS_ASN1_WRITE_C"));
    }

    #[test]
    fn limits_are_such_that_nothing_is_fragmented() {
        let at = |largest, sizes: &[usize]| {
            let own = OwnCertificate::Given(KeyKind::P256, sizes.to_vec());
            let own = if sizes.is_empty() { OwnCertificate::None } else { own };
            let text = text(&least(largest), own);
            let limit = text.split("max_frag_len() at ").nth(1).and_then(|rest| rest.split(' ').next());
            (limit.map(|limit| limit.parse().unwrap()), text.contains("from 3.6.3 on"))
        };
        assert_eq!(at(400, &[]), (Some(512), false));
        // The server's messages, or the client's own, do not fit in less: why not stands beside.
        assert_eq!(at(600, &[]), (Some(1024), true));
        assert_eq!(at(400, &[1030]), (Some(2048), true));
        assert_eq!(at(4100, &[]), (None, true));
    }
}
