//! Words of single servers and of their clients, which say more than the library below them.

use super::messages::{Message, both, client, peer, server};
use crate::diagnosis::cause::Cause as C;

pub(super) const MESSAGES: &[Message] = &[
    // Files and settings. They stand first, since the library is quoted behind them.
    both("can't load dh parameters", C::LocalCredentials),
    both("can't load ssl certificate", C::LocalCredentials),
    both("cannot load certificate", C::LocalCredentials),
    both("tls: init_def_ctx", C::LocalCredentials),
    both("unable to set private key file", C::LocalCredentials),
    both("could not load pem client certificate", C::LocalCredentials),
    both("error setting certificate verify locations", C::LocalCredentials),
    both("error setting certificate file", C::LocalCredentials),
    both("problem with the local ssl certificate", C::LocalCredentials),
    both("could not read root certificate file", C::LocalCredentials),
    client("root certificate file \"…does not exist", C::LocalCredentials),
    both("key is for a different cert than ssl_cert", C::KeyNotOfCertificate),
    both("digital envelope routines:inner_evp_generic_fetch:unsupported", C::LocalCredentials),
    both("digital envelope routines::unsupported", C::LocalCredentials),
    both("unable to load server certificate", C::LocalCredentials),
    both("unable to load server key file", C::LocalCredentials),
    both("no ciphers available", C::LocalSettings),
    both("no_ciphers_available", C::LocalSettings),
    both("no cipher match", C::LocalSettings),
    both("no_cipher_match", C::LocalSettings),
    both("no protocols available", C::LocalSettings),
    // MySQL and MariaDB.
    both("protocol version mismatch", C::VersionNoneInCommon),
    // PostgreSQL.
    both("direct ssl connection request without alpn", C::AlpnNoneInCommon),
    client("does not match host name \"", C::CertNameMismatch),
    // OpenLDAP, mosquitto, Envoy.
    client("hostname does not match cn", C::CertNameMismatch),
    client("host name verification failed", C::CertNameMismatch),
    client("verify san list", C::CertNameMismatch),
    server("plain http request was sent to https port", C::TransportNotTlsHttp),
    server("speaking plain http to an ssl-enabled server port", C::TransportNotTlsHttp),
    // GnuTLS, wget and curl.
    client("certificate's owner does not match hostname", C::CertNameMismatch),
    client("no alternative certificate subject name matches", C::CertNameMismatch),
    peer("doesn't have a known issuer", C::CertUnknownIssuer, C::ClientCertUnknownIssuer),
    peer("certificate chain uses expired certificate", C::CertExpired, C::ClientCertExpired),
    peer("certificate chain uses not yet valid certificate", C::CertNotYetValid, C::ClientCertNotYetValid),
    client("public key does not match pinned public key", C::PinChangedKey),
    both("unexpected tls packet was received", C::TransportNotTlsOther),
    client("non-properly terminated", C::TransportClosedByServer),
    server("non-properly terminated", C::TransportClosedByClient),
];
