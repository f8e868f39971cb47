//! The numbers of ESP-TLS, `ESP_ERR_…`, and the lines of ESP-IDF's certificate bundle. Releases before 4.4 number
//! the errors of Mbed TLS from 0x8006; later ones from 0x8010.

use super::code::{Code, both, in_table, number, peer};
use super::number::{has, numbers};
use crate::diagnosis::cause::Cause as C;

/// The number or name of a line in lower case.
pub(super) fn code(lower: &str) -> Option<&'static Code> {
    const CONTEXT: &[&str] = &["esp-tls", "esp_tls", "last esp error", "esp_err", "esp-mqtt", "mqtt.idf"];
    if let Some((_, code)) = NAMES.iter().find(|(name, _)| lower.contains(name)) {
        return Some(code);
    }
    if !has(lower, CONTEXT) {
        return None;
    }
    numbers(lower).filter(|found| found.is_hex).find_map(|found| in_table(CODES, found.value))
}

const NAMES: &[(&str, Code)] = &[
    (
        "esp_err_mbedtls_x509_crt_parse_failed",
        both(0, "ESP-TLS: an own certificate file cannot be read", C::LocalCredentials),
    ),
    (
        "esp_err_mbedtls_ssl_conf_own_cert_failed",
        both(0, "ESP-TLS: the own certificate and key do not fit", C::LocalCredentials),
    ),
    (
        "esp_err_mbedtls_pk_parse_key_failed",
        both(0, "ESP-TLS: the own key cannot be read", C::LocalCredentials),
    ),
    (
        "esp_err_mbedtls_cert_partly_ok",
        both(0, "ESP-TLS: some own certificates cannot be read", C::LocalCredentials).several(),
    ),
    (
        "esp_err_mbedtls_ssl_conf_alpn_protocols_failed",
        both(0, "ESP-TLS: ALPN is misconfigured", C::LocalSettings),
    ),
    (
        "esp_err_mbedtls_ssl_conf_psk_failed",
        both(0, "ESP-TLS: the pre-shared key is misconfigured", C::LocalSettings),
    ),
    ("esp_err_mbedtls_ssl_setup_failed", number(0, "ESP-TLS: the setup failed, mostly for lack of memory")),
    ("esp_err_mbedtls_ssl_handshake_failed", number(0, "ESP-TLS: the handshake failed")),
    ("esp_err_esp_tls_cannot_resolve_hostname", number(0, "ESP-TLS: the name could not be resolved")),
    ("esp_err_esp_tls_failed_connect_to_host", number(0, "ESP-TLS: the socket could not connect")),
    (
        "esp_err_esp_tls_connection_timeout",
        both(0, "ESP-TLS: the connection timed out", C::TransportNoAnswer).several(),
    ),
    ("esp_err_esp_tls_tcp_closed_fin", CLOSED),
    ("esp_err_esp_tls_se_failed", both(0, "ESP-TLS: the secure element failed", C::LocalToken)),
    (
        "esp_err_esp_tls_server_handshake_timeout",
        both(0, "ESP-TLS: the handshake with a client timed out", C::TransportSilent),
    ),
    ("esp_err_wolfssl_ssl_set_hostname_failed", number(0, "ESP-TLS: the host name could not be set")),
    ("esp_err_wolfssl_ssl_handshake_failed", number(0, "ESP-TLS: the handshake failed")),
    (
        "esp_err_wolfssl_cert_verify_setup_failed",
        both(0, "ESP-TLS: the CA cannot be read", C::LocalCredentials),
    ),
    (
        "esp_err_wolfssl_key_verify_setup_failed",
        both(0, "ESP-TLS: the own key cannot be read", C::LocalCredentials),
    ),
];

const CLOSED: Code = peer(
    0x8008,
    "ESP-TLS: the peer closed the TCP connection (before 4.4: the host name could not be set)",
    C::TransportClosedByServer,
    C::TransportClosedByClient,
)
.several();

const CODES: &[Code] = &[
    number(0x8001, "ESP-TLS: the name could not be resolved"),
    number(0x8002, "ESP-TLS: the socket could not be created"),
    number(0x8003, "ESP-TLS: the address family is not supported"),
    number(0x8004, "ESP-TLS: the socket could not connect"),
    number(0x8005, "ESP-TLS: an option of the socket could not be set"),
    both(
        0x8006,
        "ESP-TLS: the connection timed out (before 4.4: some own certificates cannot be read)",
        C::TransportNoAnswer,
    )
    .several(),
    both(
        0x8007,
        "ESP-TLS: the secure element failed (before 4.4: the random number generator failed)",
        C::LocalToken,
    )
    .several(),
    CLOSED,
    number(0x8009, "ESP-TLS: the handshake with a client timed out (before 4.4: the configuration failed)"),
    both(0x800a, "ESP-TLS before 4.4: ALPN is misconfigured", C::LocalSettings).several(),
    both(0x800b, "ESP-TLS before 4.4: an own certificate file cannot be read", C::LocalCredentials).several(),
    both(0x800c, "ESP-TLS before 4.4: the own certificate and key do not fit", C::LocalCredentials).several(),
    number(0x800d, "ESP-TLS before 4.4: the setup failed, mostly for lack of memory"),
    number(0x800e, "ESP-TLS before 4.4: writing failed"),
    both(0x800f, "ESP-TLS before 4.4: the own key cannot be read", C::LocalCredentials).several(),
    number(0x8010, "ESP-TLS before 4.4: the handshake failed (later: some own certificates cannot be read)"),
    number(
        0x8011,
        "ESP-TLS: the random number generator failed (before 4.4: the pre-shared key could not be set)",
    ),
    number(0x8012, "ESP-TLS: the host name could not be set (before 4.4: the connection timed out)"),
    number(0x8013, "ESP-TLS: the configuration failed"),
    both(0x8014, "ESP-TLS: ALPN is misconfigured", C::LocalSettings).several(),
    both(0x8015, "ESP-TLS: an own certificate file cannot be read", C::LocalCredentials).several(),
    both(0x8016, "ESP-TLS: the own certificate and key do not fit", C::LocalCredentials).several(),
    number(0x8017, "ESP-TLS: the setup failed, mostly for lack of memory"),
    number(0x8018, "ESP-TLS: writing failed"),
    both(0x8019, "ESP-TLS: the own key cannot be read", C::LocalCredentials).several(),
    number(0x801a, "ESP-TLS: the handshake failed"),
    both(0x801b, "ESP-TLS: the pre-shared key could not be set", C::LocalSettings).several(),
    number(0x801c, "ESP-TLS: session tickets could not be set up"),
    number(0x801d, "ESP-TLS: reading failed"),
];
