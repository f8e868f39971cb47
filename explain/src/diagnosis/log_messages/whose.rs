//! Which side wrote a log, by words that only one side prints.

use crate::input::capture_event::Side;

/// The side whose words a log has; `None` where it has those of neither or of both.
pub(crate) fn side(log: &str) -> Option<Side> {
    let text = log.to_lowercase();
    let has = |parts: &[&str]| parts.iter().any(|part| text.contains(part));
    match (has(CLIENT), has(SERVER)) {
        (true, false) => Some(Side::Client),
        (false, true) => Some(Side::Server),
        (true, true) | (false, false) => None,
    }
}

/// Said by servers only, in lower case.
const SERVER: &[&str] = &[
    "no shared cipher",
    "tls_process_client_",
    "tls_post_process_client_hello",
    "tls_early_post_process_client_hello",
    "statem_srvr",
    "ssl_srv.c",
    "ssl_tls12_server.c",
    "ssl_tls13_server.c",
    "peer did not return a certificate",
    "tls: client offered only",
    "http: tls handshake error",
    "ssl_accept",
    "accepting a client connection",
    "could not accept ssl connection",
    "rejected connection",
    "tls server: in state",
    "received client alert",
    "while ssl handshaking, client",
    "while reading client request",
    "client ssl certificate",
    "haproxy[",
    "ah02008",
    "disconnected: protocol error",
    "new connection from",
    "remote client application",
    "plain http request was sent to https port",
    "certificate available for",
    "client requested unsupported",
    "tls: init_def_ctx",
    "direct ssl connection request",
    "psk identity not found",
    "ssl_server2",
    "gnutls-serv",
    "error in handshake:",
    "empty client certificate chain",
    "no cipher suites in common",
];

/// Said by clients only, in lower case.
const CLIENT: &[&str] = &[
    "tls_process_server_",
    "tls_post_process_server_",
    "statem_clnt",
    "ssl_cli.c",
    "ssl_tls12_client.c",
    "ssl_tls13_client.c",
    "ssl_client2",
    "ssl_connect",
    "verification error",
    "curl: (",
    "unable to connect",
    "unable to access",
    "tls client: in state",
    "tls client encountered",
    "received server alert",
    "write eproto",
    "error on dial",
    "get \"https",
    "post \"https",
    "httpsconnectionpool",
    "sslcertverificationerror",
    "verify error:",
    "remote certificate is invalid",
    "wolfssl_connect",
    "start_ssl_client",
    "esp-tls",
    "connect to server failed",
    "to upstream",
    "upstream connect error",
    "sslpeerunverified",
    "trust anchor for certification path",
    "net::err_",
    "sec_error_",
    "mozilla_pkix_",
    "initializesecuritycontext",
    "invalid peer certificate",
    "psql: ",
    "error 2026",
    "pkix path building failed",
    "tls: failed to verify certificate",
    "pki verification of server certificate",
];
