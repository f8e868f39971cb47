//! General messages, which decide where no other fits: how a connection ended, and that a handshake failed.

use crate::diagnosis::cause::Cause as C;
use crate::diagnosis::log_messages::message::{
    Message, both, client, closed, neither, peer, server, unexplained, untrusted,
};

const RESET: &str = "the connection was reset; the line does not say whether during the handshake or after it, nor by which \
                     device on the way";
const TIMEOUT: &str = "the handshake did not complete in time: the peer does not answer, packets are lost on the way (the \
                       largest first), or the peer is slow";

const JAVA_PATH: &str = "Java found no chain to a root that it trusts: most often the issuer is not trusted or an \
                         intermediate certificate is missing, else a certificate is revoked, is not a CA's, or violates \
                         name constraints";

const FAILED: &str = "the handshake failed; the line does not say why";

pub(super) const MESSAGES: &[Message] = &[
    // How the connection ended.
    // The answer of an MQTT broker to CONNECT.
    neither("connection refused: not authori"),
    neither("connection refused: bad user"),
    neither("connection refused: identifier rejected"),
    neither("connection refused: unacceptable protocol"),
    neither("connection refused: broker unavailable"),
    neither("connection refused: server unavailable"),
    both("connection refused", C::TransportRefused),
    both("handshake…connection reset by peer", C::TransportReset),
    both("ssl_connect…connection reset by peer", C::TransportReset),
    both("ssl_accept…connection reset by peer", C::TransportReset),
    both("could not accept ssl connection: connection reset by peer", C::TransportReset),
    both("connection reset by peer", C::TransportReset).several(RESET),
    both("an existing connection was forcibly closed by the remote host", C::TransportReset).several(RESET),
    both("econnreset", C::TransportReset).several(RESET),
    both("tls handshake timeout", C::TransportSilent).several(TIMEOUT),
    both("ssl connection timeout", C::TransportSilent).several(TIMEOUT),
    both("timeout during ssl handshake", C::TransportSilent).several(TIMEOUT),
    both("handshake timed out", C::TransportSilent).several(TIMEOUT),
    both("tls handshake error…i/o timeout", C::TransportSilent).several(TIMEOUT),
    both("ssl_accept error from…timed out", C::TransportSilent).several(TIMEOUT),
    both("(ssl_accept): timed out", C::TransportSilent).several(TIMEOUT),
    both("(gnutls_handshake): timed out", C::TransportSilent).several(TIMEOUT),
    both("tls key negotiation failed to occur within", C::TransportSilent).several(TIMEOUT),
    closed("eof occurred in violation of protocol"),
    closed("tls/ssl connection has been closed (eof)"),
    closed("tls handshake eof"),
    closed("error on dial: eof"),
    client("\"https://…\": eof", C::TransportClosedByServer)
        .several("the server ended the connection: within the handshake, or before it answered the request"),
    closed("peer closed connection in ssl handshake"),
    closed("connection closed during ssl handshake"),
    closed("ssl_accept error from…lost connection"),
    closed("could not accept ssl connection: eof"),
    closed("ssl_error_syscall in connection to"),
    closed("ssl_connect syscall returned=5 errno=0"),
    closed("ssl_accept syscall returned=5 errno=0"),
    closed("ssl peer shut down incorrectly"),
    closed("remote host terminated the handshake"),
    closed("remote host closed connection during handshake"),
    closed("closedchannelexception"),
    server("tls handshake error from …: eof", C::TransportClosedByClient),
    server("rejected connection…\"error\":\"eof\"", C::TransportClosedByClient),
    server("rejected connection…(error \"eof\"", C::TransportClosedByClient),
    // What another message says better, if one is there.
    server("could not load server certificate file", C::LocalCredentials),
    server("could not load private key file", C::LocalCredentials),
    untrusted("certificate is not trusted"),
    untrusted("' is not trusted."),
    untrusted("’ is not trusted."),
    untrusted("certificate verify failed").several(
        "the certificate did not verify, and the program does not say why: most often its issuer is not \
         trusted, else it is out of date, for another name or for another use",
    ).weak(),
    peer("validity check failed", C::CertExpired, C::ClientCertExpired)
        .several("a certificate has expired, or it is not yet valid by the clock of the side that checks it")
        .weak(),
    untrusted("pkix path building failed").several(JAVA_PATH).weak(),
    untrusted("unable to find valid certification path").several(JAVA_PATH).weak(),
    untrusted("pkix path validation failed").several(
        "Java built the chain and does not accept it; the cause behind it in the log says why: the dates, the \
         use of a certificate, an algorithm",
    ).weak(),
    client("error:00000001:lib(0):func(0):reason(1)", C::RefusedUnexplained)
        .several("OpenSSL failed and the program printed no reason").weak(),
    unexplained("error:00000001:lib(0)", "OpenSSL failed and the program printed no reason"),
    unexplained("cannot start tls: handshake failure", FAILED),
    unexplained("a tls error occurred", "mosquitto or its client: TLS failed; the line does not say why, the log of the other side or a capture does"),
    unexplained("a tls fatal alert has been received", "the other side sent a fatal alert; the line does not say which"),
    unexplained("unable to establish ssl connection", FAILED),
    unexplained("tls negotiation failure", FAILED),
    unexplained("tls handshake failed", FAILED),
    unexplained("gnutls_handshake() failed: handshake failed", FAILED),
    unexplained("the ssl connection could not be established, see inner exception", FAILED),
    unexplained("ldap_start_tls: connect error", FAILED),
    unexplained("ssl handshake failed", FAILED),
    unexplained("ssl handshake failure", FAILED),
    unexplained("handshake failed due to", FAILED),
    unexplained("could not create ssl/tls secure channel", "client and server agreed on no version or suite, or the client certificate is missing; the line does not say which"),
    unexplained("err_ssl_protocol_error", "the server did not answer as TLS does, or broke the protocol"),
    unexplained("general opensslengine problem", FAILED),
    unexplained("peer not authenticated", "the handshake did not complete, and the program asked for the certificate all the same; the line does not say why it failed"),
    unexplained("an ssl error has occurred, and a secure connection", FAILED),
    unexplained("a tls error caused the secure connection to fail", FAILED),
    unexplained("an ssl error has occurred and a secure connection", FAILED),
];
