//! The software that wrote a log, by words that only its logs have. A program comes before the library it
//! uses, whose words its log has too.

use super::Software as S;
use crate::input::capture_event::Side;

/// The first of the list that the log names.
pub(super) fn software(log: &str, side: Side) -> Option<S> {
    let log = log.to_lowercase();
    WORDS
        .iter()
        .find(|(_, of, words)| of.is_none_or(|of| of == side) && words.iter().any(|word| log.contains(word)))
        .map(|(software, ..)| *software)
}

const C: Option<Side> = Some(Side::Client);
const V: Option<Side> = Some(Side::Server);
const EITHER: Option<Side> = None;

/// Software, the side on which these words stand for it, and the words in lower case.
const WORDS: &[(S, Option<Side>, &[&str])] = &[
    (S::Esp8266, C, &["bearssl::", "getlastsslerror", "esp8266"]),
    (S::Arduino, C, &["start_ssl_client", "ssl_client.cpp", "wificlientsecure", "networkclientsecure"]),
    (S::EspIdf, EITHER, &["esp-tls", "esp_tls", "transport_base", "esp-x509-crt-bundle", "mqtt_client:"]),
    (S::Zephyr, EITHER, &["net_sock_tls", "<err> net_", "<inf> net_", "<wrn> net_", "zephyr"]),
    (S::IngressNginx, V, &["ingress-nginx", "ingress controller", "nginx ingress"]),
    (
        S::Nginx,
        V,
        &["while ssl handshaking", "ssl_do_handshake() failed", "nginx", "while reading client request"],
    ),
    (S::HaProxy, EITHER, &["haproxy"]),
    (S::Envoy, EITHER, &["envoy", "tls_error:|", "upstream connect error"]),
    (S::Traefik, V, &["traefik"]),
    (S::Apache, V, &["ah01961", "ah01964", "ah02008", "ah02032", "ah02039", "[ssl:", "mod_ssl"]),
    (S::Stunnel, EITHER, &["stunnel"]),
    (S::Postfix, V, &["postfix/"]),
    (S::Exim, V, &["exim"]),
    (S::Zabbix, EITHER, &["zabbix"]),
    (S::RabbitMq, EITHER, &["rabbitmq", "rabbit@"]),
    (S::Kafka, EITHER, &["org.apache.kafka", "kafka.network", "kafka"]),
    (
        S::Android,
        C,
        &["com.android.org.conscrypt", "trust anchor for certification path", "okhttp", "e/androidruntime"],
    ),
    (S::Erlang, EITHER, &["tls client: in state", "tls server: in state", "tls_alert", "{bad_cert,"]),
    (
        S::Kubernetes,
        EITHER,
        &["failed calling webhook", "kube-apiserver", "kubelet", "unable to connect to the server: x509"],
    ),
    (S::Etcd, EITHER, &["etcd", "rejected connection on client endpoint"]),
    (S::MySql, EITHER, &["error 2026", "mysql", "mariadb"]),
    (
        S::Postgres,
        EITHER,
        &["psql:", "libpq", "could not accept ssl connection", "postgres", "no pg_hba.conf entry"],
    ),
    (S::Redis, EITHER, &["redis", "error accepting a client connection"]),
    (S::FreeRdp, C, &["freerdp", "com.freerdp", "xfreerdp"]),
    (S::Mosquitto, EITHER, &["mosquitto", "a tls error occurred"]),
    (S::Git, C, &["fatal: unable to access"]),
    (S::Curl, C, &["curl: (", "* tlsv1.", "* ssl certificate problem"]),
    (
        S::Node,
        EITHER,
        &[
            "node:",
            "eproto",
            "err_tls_",
            "unable_to_verify_leaf_signature",
            "depth_zero_self_signed_cert",
            "self_signed_cert_in_chain",
        ],
    ),
    (
        S::Python,
        EITHER,
        &["(_ssl.c:", "traceback (most recent call last)", "ssl.sslerror", "urllib3", "aiohttp"],
    ),
    (S::Ruby, EITHER, &["openssl::ssl::sslerror", "net/http"]),
    (S::Php, C, &["stream_socket_enable_crypto", "openssl error messages:", "php "]),
    (
        S::DotNet,
        EITHER,
        &["system.security.authentication", "system.net.security", "system.net.http", "sslstream"],
    ),
    (S::SqlServer, EITHER, &["microsoft sql server", "sqlclient"]),
    (S::Schannel, EITHER, &["schannel", "sec_e_", "initializesecuritycontext", "0x8009"]),
    (S::Java, EITHER, &["javax.net.ssl", "sun.security", "java.security", "pkix path"]),
    (S::Go, EITHER, &["x509:", "remote error: tls:", "tls: ", "http: tls handshake error"]),
    (S::Rustls, EITHER, &["rustls", "invalid peer certificate", "unknownissuer"]),
    (S::Firefox, C, &["mozilla_pkix_", "sec_error_", "ssl_error_", "pr_end_of_file"]),
    (S::BoringSsl, C, &["net::err_", "err_cert_", "err_ssl_", "openssl_internal:"]),
    (S::GnuTls, EITHER, &["gnutls"]),
    (S::WolfSsl, EITHER, &["wolfssl"]),
    (S::MbedTls, EITHER, &["mbedtls", "ssl_tls.c", "ssl_msg.c", "ssl_cli.c", "ssl_srv.c"]),
    (
        S::OpenSsl,
        EITHER,
        &["error:0a", "error:14", "error:16", "ssl routines", "verify error:num", "s_client"],
    ),
];
