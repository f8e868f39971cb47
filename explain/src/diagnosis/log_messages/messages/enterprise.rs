//! Oracle, IBM MQ, Kafka, gRPC, Qt: programs whose errors have numbers or sentences of their own.

use crate::diagnosis::cause::Cause as C;
use crate::diagnosis::log_messages::message::{
    Message, both, client, closed, peer, server, unexplained, untrusted,
};

const UNTRUSTED: &str = "the certificate did not verify, and the program does not say why: most often its issuer is \
                         not trusted";

pub(super) const MESSAGES: &[Message] = &[
    untrusted("ora-29024").several("Oracle: the server's certificate did not verify: most often its CA is not in the wallet"),
    both("ora-28759", C::LocalCredentials),
    both("ora-28791", C::CertUnknownIssuer).several(UNTRUSTED),
    closed("ora-28864"),
    closed("ora-28865"),
    unexplained("ora-28860", "Oracle: the handshake failed; the number does not say why: often no version or suite in common"),
    unexplained("ora-28862", "Oracle: the handshake failed; the number does not say why"),
    both("amq9631", C::SuiteNoneInCommon),
    both("amq9633", C::CertUnknownIssuer).several(UNTRUSTED),
    server("amq9637", C::ClientCertMissing),
    both("amq9639", C::TransportNotTlsOther),
    both("amq9642", C::LocalCredentials),
    unexplained("reason '2393'", "IBM MQ: TLS could not be started; the error log of the queue manager (AMQ96xx) says why"),
    unexplained("mqrc_ssl_initialization_error", "IBM MQ: TLS could not be started; the error log of the queue manager (AMQ96xx) says why"),
    client("terminated during authentication", C::TransportClosedByServer)
        .several("Kafka: the broker ended the connection: a wrong password, a listener without TLS, or a certificate that one side refuses"),
    client("authentication handshake failed: eof", C::TransportClosedByServer)
        .several("gRPC: the server ended the connection within the handshake, or does not speak TLS on this port"),
    client("did not match any of the valid hosts", C::CertNameMismatch),
    client("the issuer certificate of a locally looked up certificate could not be found", C::CertUnknownIssuer),
    client("the certificate is self-signed, and untrusted", C::CertSelfSigned),
    client("no certificates could be verified", C::CertMissingIntermediate)
        .several("Qt: the chain does not reach a trusted root: an intermediate or the root is missing"),
    both("tls initialization failed", C::LocalSettings)
        .several("Qt: the TLS library was not found or does not fit; QSslSocket::sslLibraryBuildVersionString() names the one expected"),
    both("unable to get private key from", C::LocalCredentials),
    both("unable to get certificate from", C::LocalCredentials),
    both("could not find a suitable tls ca certificate bundle", C::LocalCredentials),
    both("error:1e08010c", C::LocalCredentials),
    client("certificate verification failed for …untrusted issuer", C::CertUnknownIssuer),
    both("upstream ssl certificate does not match", C::CertNameMismatch),
    both("re-negotiation handshake failed", C::PolicyRenegotiationRefused)
        .several("Apache asked to renegotiate, mostly for a client certificate of a location, and the handshake did not complete"),
    untrusted("clientconnectorcertificateerror").several(UNTRUSTED).weak(),
    untrusted("server certificate verification failed").several(UNTRUSTED).weak(),
    peer("ssl received a record that exceeded", C::TransportNotTlsOther, C::TransportNotTlsOther),
    client("esp-tls: …select() timeout", C::TransportNoAnswer)
        .several("ESP-IDF: the time for the connection ran out: no answer, a filter between, or a slow network"),
];
