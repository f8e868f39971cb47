//! The least profile as an `mbedtls_config.h` of Mbed TLS 3.6.
//!
//! Called by: `told`, `json`.

use handclasp::{NamedGroup, SignatureScheme};

use super::least::Least;

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
const RSA: &[&str] = &["MBEDTLS_RSA_C", "MBEDTLS_PKCS1_V15"];

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

/// The lines, and behind some a word on them. `limits` are those of max_fragment_length that the
/// server takes up; `certificate` tells that it wants one of the client's.
pub fn lines(least: &Least, limits: &[u16], certificate: bool) -> Vec<String> {
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
    least.hello.schemes.iter().for_each(|scheme| signatures(*scheme, &mut all));
    if suite.contains("_RSA_") {
        all.extend(RSA);
    }
    if least.hello.server_name.is_some() {
        all.push("MBEDTLS_SSL_SERVER_NAME_INDICATION");
    }
    if !limits.is_empty() {
        all.push("MBEDTLS_SSL_MAX_FRAGMENT_LENGTH");
    }
    let mut once: Vec<&str> = Vec::new();
    all.into_iter().for_each(|name| {
        if !once.contains(&name) {
            once.push(name);
        }
    });
    let mut out: Vec<String> = once.into_iter().map(|name| format!("#define {name}")).collect();
    out.extend(buffers(least, limits, certificate));
    out
}

fn version(least: &Least, certificates: bool, all: &mut Vec<&str>) {
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
fn signatures(scheme: SignatureScheme, all: &mut Vec<&str>) {
    let name = scheme.name().unwrap_or_default();
    if name.starts_with("ecdsa") {
        all.extend(CURVES);
        all.extend(ECDSA);
        all.extend(match scheme {
            SignatureScheme::ecdsa_secp384r1_sha384 => {
                ["MBEDTLS_ECP_DP_SECP384R1_ENABLED", "MBEDTLS_SHA384_C"]
            }
            SignatureScheme::ecdsa_secp521r1_sha512 => {
                ["MBEDTLS_ECP_DP_SECP521R1_ENABLED", "MBEDTLS_SHA512_C"]
            }
            // The registry is open; ecdsa_secp256r1_sha256 is the usual one.
            _ => ["MBEDTLS_ECP_DP_SECP256R1_ENABLED", "MBEDTLS_SHA256_C"],
        });
    }
    if name.starts_with("rsa") {
        all.extend(RSA);
    }
    if name.starts_with("rsa_pss") {
        all.extend(["MBEDTLS_PKCS1_V21", "MBEDTLS_X509_RSASSA_PSS_SUPPORT"]);
    }
}

/// A message must fit as a whole, and any record that the server may send.
fn buffers(least: &Least, limits: &[u16], certificate: bool) -> Vec<String> {
    let handshake = content_len(least.largest_message.max(least.largest_record));
    let records = limits.first().map_or(RECORD, |limit| usize::from(*limit));
    let word = match limits.first() {
        Some(limit) => format!("with mbedtls_ssl_conf_max_frag_len() at {limit}"),
        None => {
            format!("the handshake needs {handshake}; the rest is for records of data, up to 16384 bytes")
        }
    };
    let chain = if certificate { " /* and as much again as the client's chain has */" } else { "" };
    vec![
        format!("#define MBEDTLS_SSL_IN_CONTENT_LEN {} /* {word} */", handshake.max(records)),
        format!("#define MBEDTLS_SSL_OUT_CONTENT_LEN {}{chain}", content_len(least.client_hello).max(OWN)),
    ]
}

/// A buffer for that many bytes: the next multiple of 512.
fn content_len(bytes: usize) -> usize {
    bytes.max(1).div_ceil(512) * 512
}

#[cfg(test)]
mod tests {
    use super::content_len;

    #[test]
    fn buffers_hold_what_came() {
        assert_eq!([1, 512, 513, 4000].map(content_len), [512, 512, 1024, 4096]);
    }
}
