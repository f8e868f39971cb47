//! Pre-shared keys: which form each program wants them in.

use super::{Row, client, server};
use crate::diagnosis::{cause::Cause as C, software::Software as S};

const KEY: &[C] = &[C::PskValueEncoding, C::PskValueDiffers];
const IDENTITY: &[C] = &[C::PskIdentityUnknown];
const NONE: &[C] = &[C::PskServerHasNone];

const ZABBIX: &[&str] = &[
    "TLSPSKFile holds hex digits, which Zabbix decodes: other programs need those bytes, not the digits as text",
    "openssl rand -hex 32 makes one; TLSPSKIdentity is text",
];
const MOSQUITTO: &[&str] = &["mosquitto_pub --psk-identity NAME --psk HEX: hex digits without 0x"];
const OPENSSL: &[&str] = &[
    "openssl -psk HEX (TLS 1.2) takes hex digits; callbacks (SSL_CTX_set_psk_client_callback) fill in the bytes",
];
const MBEDTLS: &[&str] = &[
    "mbedtls_ssl_conf_psk(&conf, key, key_len, id, id_len) takes bytes: key_len counts no NUL and is not that of the hex text",
];
const WOLFSSL: &[&str] =
    &["the PSK callback writes bytes into key and returns their number: decode hex there, count no NUL"];
const PYTHON: &[&str] = &[
    "context.set_psk_client_callback(lambda hint: (\"NAME\", bytes.fromhex(\"…\"))): bytes, not the hex text (Python 3.13)",
];
const JAVA: &[&str] =
    &["Bouncy Castle: BasicTlsPSKIdentity(name, bytes) takes bytes: decode hex with Hex.decode first"];

pub(super) const ROWS: &[Row] = &[
    client(S::Zabbix, KEY, ZABBIX),
    server(S::Zabbix, KEY, ZABBIX),
    client(S::Mosquitto, KEY, MOSQUITTO),
    server(S::Mosquitto, KEY, &["psk_file has lines NAME:HEX: hex digits without 0x, then SIGHUP"]),
    client(S::OpenSsl, KEY, OPENSSL),
    server(S::OpenSsl, KEY, OPENSSL),
    client(S::MbedTls, KEY, MBEDTLS),
    server(S::MbedTls, KEY, MBEDTLS),
    client(
        S::EspIdf,
        KEY,
        &["psk_hint_key_t: .key points to bytes and .key_size counts them, without a NUL; not the hex text"],
    ),
    client(
        S::Zephyr,
        KEY,
        &[
            "tls_credential_add(TAG, TLS_CREDENTIAL_PSK, key, sizeof(key)): bytes; a string literal has a NUL more",
        ],
    ),
    client(S::Arduino, KEY, &["client.setPreSharedKey(\"NAME\", \"HEX\"): hex digits without 0x"]),
    client(S::WolfSsl, KEY, WOLFSSL),
    server(S::WolfSsl, KEY, WOLFSSL),
    client(S::Python, KEY, PYTHON),
    client(S::Node, KEY, &["pskCallback: () => ({ identity: \"NAME\", psk: Buffer.from(\"…\", \"hex\") })"]),
    client(S::Java, KEY, JAVA),
    client(
        S::GnuTls,
        KEY,
        &[
            "gnutls-cli --pskusername=NAME --pskkey=HEX: hex digits; gnutls_psk_set_client_credentials has RAW and HEX",
        ],
    ),
    client(
        S::Stunnel,
        KEY,
        &["PSKsecrets: lines NAME:KEY; a key of hex digits is decoded, other keys are taken as text"],
    ),
    server(
        S::Stunnel,
        KEY,
        &["PSKsecrets: lines NAME:KEY; a key of hex digits is decoded, other keys are taken as text"],
    ),
    server(S::Mosquitto, IDENTITY, &["psk_file needs a line NAME:HEX for the identity, then SIGHUP"]),
    server(
        S::Zabbix,
        IDENTITY,
        &["the identity of the host (Encryption tab) and TLSPSKIdentity of its agent must be the same text"],
    ),
    server(S::Mosquitto, NONE, &["psk_hint TEXT and psk_file FILE in the listener: both are needed"]),
    server(
        S::OpenSsl,
        NONE,
        &["openssl s_server -psk HEX -nocert; a program: SSL_CTX_set_psk_server_callback"],
    ),
];
