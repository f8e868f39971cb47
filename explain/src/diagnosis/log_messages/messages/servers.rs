//! Words of single servers and of their clients, which say more than the library below them.

use crate::diagnosis::cause::Cause as C;
use crate::diagnosis::log_messages::message::{
    Message, both, client, neither, peer, server, unexplained, untrusted,
};

const NO_TLS: &str = "the server speaks its protocol without TLS on this port, and the client requires TLS";
const TLS_REQUIRED: &str = "the client connects without TLS, and the server requires it";

pub(super) const MESSAGES: &[Message] = &[
    // Files and settings. They stand first, since the library is quoted behind them.
    both("can't load dh parameters", C::LocalCredentials),
    both("can't load ssl certificate", C::LocalCredentials),
    both("can't load private ssl_key", C::LocalCredentials),
    both("server certificate/key are inconsistent", C::KeyNotOfCertificate),
    both("key values mismatch", C::KeyNotOfCertificate),
    both("private key does not match", C::KeyNotOfCertificate),
    both("private key from pkcs12 file…does not match", C::KeyNotOfCertificate),
    both("inconsistencies between private key and certificate", C::KeyNotOfCertificate),
    both("key is for a different cert than ssl_cert", C::KeyNotOfCertificate),
    both("cannot load certificate", C::LocalCredentials),
    both("tls: init_def_ctx", C::LocalCredentials),
    both("unable to set private key file", C::LocalCredentials),
    both("could not load pem client certificate", C::LocalCredentials),
    both("could not load asn1 client certificate", C::LocalCredentials),
    both("could not parse pkcs12 file", C::LocalCredentials),
    both("error setting certificate verify locations", C::LocalCredentials),
    both("error setting certificate file", C::LocalCredentials),
    both("error adding trust anchors from file", C::LocalCredentials),
    both("problem with the local ssl certificate", C::LocalCredentials),
    both("problem with the ssl ca cert", C::LocalCredentials),
    both("failed to load crl file", C::LocalCredentials),
    both("could not read root certificate file", C::LocalCredentials),
    both("could not load ssl certificate revocation list", C::LocalCredentials),
    client("root certificate file \"…does not exist", C::LocalCredentials),
    client("private key file \"…has group or world access", C::LocalCredentials),
    both("unable to load server certificate", C::LocalCredentials),
    both("unable to load server key file", C::LocalCredentials),
    both("unable to load ca certificates. check", C::LocalCredentials),
    both("unable to load client certificate", C::LocalCredentials),
    both("unable to load ssl certificate", C::LocalCredentials),
    both("failed to set up ssl because", C::LocalCredentials),
    both("sslpassphrasedialog builtin is not supported", C::LocalCredentials),
    server("unable to configure rsa server private key", C::LocalCredentials).weak(),
    both("failed setting cipher list", C::LocalSettings),
    both("failed setting tls 1.3 cipher suite", C::LocalSettings),
    // nginx.
    server("plain http request was sent to https port", C::TransportNotTlsHttp),
    server("client sent plain http request to https port", C::TransportNotTlsHttp),
    both("no required ssl certificate", C::ClientCertMissing),
    // curl.
    client("ssl certificate revocation reason:", C::CertRevoked),
    client("ocsp response has expired", C::CertRevocationUnknown),
    // The page of nginx.
    client(">the ssl certificate error<", C::ClientCertUnknownIssuer).several(
        "nginx does not accept the client's certificate and does not say why: most often its issuer is not trusted, \
         else it is revoked, out of date or for another use",
    ),
    both("broken header: …while reading proxy protocol", C::TransportProxyHeader),
    // Apache.
    server("speaking plain http to an ssl-enabled server port", C::TransportNotTlsHttp),
    server("http spoken on https port", C::TransportNotTlsHttp),
    server("ah02033", C::SniMissing),
    server("have no compatible ssl setup", C::SniUnrecognized),
    // HAProxy.
    both("does not look like a proxy protocol header", C::TransportProxyHeader),
    both("proxy protocol signature not present", C::TransportProxyHeader), // go-proxyproto
    // A valid certificate of a client whose name is not admitted: PostgreSQL, etcd.
    both("certificate authentication failed for user", C::ClientCertNotAllowed),
    both("commonname authentication failed", C::ClientCertNotAllowed),
    // stunnel and OpenVPN.
    client("no matching host name found", C::CertNameMismatch),
    both("postgresql server rejected tls", C::TransportNotTlsOther).several(NO_TLS),
    both("postgresql client did not request tls", C::TransportNotTlsOther).several(TLS_REQUIRED),
    client("verify x509name error", C::CertNameMismatch),
    peer("verify eku error", C::CertEku, C::ClientCertEku),
    peer("verify ku error", C::CertKeyUsage, C::ClientCertKeyUsage),
    // MySQL and MariaDB.
    both("ssl connection error: protocol version mismatch", C::VersionNoneInCommon),
    both("protocol version mismatch", C::VersionNoneInCommon),
    client("ssl is required, but the server does not support", C::TransportNotTlsOther).several(NO_TLS),
    both("require_secure_transport=on", C::TransportNotTlsOther).several(TLS_REQUIRED),
    // PostgreSQL.
    both("direct ssl connection request without alpn", C::AlpnNoneInCommon),
    client("does not match host name \"", C::CertNameMismatch),
    client("server does not support ssl, but ssl was required", C::TransportNotTlsOther).several(NO_TLS),
    both("no pg_hba.conf entry …no encryption", C::TransportNotTlsOther).several(TLS_REQUIRED),
    both("no pg_hba.conf entry …ssl off", C::TransportNotTlsOther).several(TLS_REQUIRED),
    server("connection requires a valid client certificate", C::ClientCertMissing),
    client("received invalid response to ssl negotiation", C::TransportNotTlsOther),
    // OpenLDAP, mosquitto, Envoy.
    client("hostname does not match cn", C::CertNameMismatch),
    client("host name verification failed", C::CertNameMismatch),
    client("verify san list", C::CertNameMismatch),
    // Redis prints no reason where the connection ended within the handshake.
    server("accepting a client connection: (null)", C::TransportClosedByClient)
        .several("the connection ended within the handshake: the client closed it, or does not speak TLS"),
    server("ssl client ca chain cannot be verified", C::ClientCertUnknownIssuer), // HAProxy
    server("server name contains invalid character", C::SniUnrecognized),         // autocert of Go
    // OpenVPN, of its own files.
    both("cannot load inline certificate", C::LocalCredentials),
    both("cannot load certificate file", C::LocalCredentials),
    both("cannot load private key file", C::LocalCredentials),
    both("cannot load ca certificate file", C::LocalCredentials),
    // Zabbix.
    both("tls write fatal alert \"bad record mac", C::PskValueDiffers).several(ZABBIX),
    both("tls handshake set result code…bad record mac", C::PskValueDiffers).several(ZABBIX),
    // MongoDB.
    server("ssl handshake received but server is started without ssl", C::TransportNotTlsOther),
    server("is configured to only allow ssl connections", C::TransportNotTlsOther),
    server("no ssl certificate provided by peer", C::ClientCertMissing),
    // Elasticsearch.
    server("received plaintext http traffic on an https channel", C::TransportNotTlsHttp),
    server("received plaintext traffic on an encrypted channel", C::TransportNotTlsOther),
    server("client did not trust this server's certificate", C::CertUnknownIssuer),
    // Traefik.
    server("strict sni enabled", C::SniUnrecognized),
    // curl and wget.
    client("certificate's owner does not match hostname", C::CertNameMismatch),
    client("no alternative certificate subject name matches", C::CertNameMismatch),
    client("no certificate subject alternative name matches", C::CertNameMismatch),
    client("certificate subject name '…does not match target", C::CertNameMismatch),
    client("doesn't match requested host name", C::CertNameMismatch),
    untrusted("unable to locally verify the issuer's authority"),
    client("public key does not match pinned public key", C::PinChangedKey),
    both("no ocsp response received", C::CertRevocationUnknown),
    // FreeRDP.
    client("warning: certificate name mismatch!", C::CertNameMismatch),
    // s2n.
    client("certificate is not valid for the supplied hostname", C::CertNameMismatch),
    // curl says so where all is well.
    neither("ssl certificate verify ok"),
    unexplained(
        "failed authentication with …(ssl handshake failed)",
        "a client's handshake with the broker failed; most often the client does not trust the broker's certificate",
    ),
];

const ZABBIX: &str = "Zabbix: a record did not decrypt: with a pre-shared key, mostly because its value differs at the \
                      two ends (one uses the characters of the key, the other the bytes that its hex stands for)";
