//! Versions, suites, groups and extensions that both sides need in common.

use super::{Row, When, client, server};
use crate::diagnosis::{cause::Cause as C, software::Software as S};

const VERSION: &[C] = &[C::VersionNoneInCommon];
const SUITES: &[C] = &[C::SuiteNoneInCommon, C::GroupNoneInCommon, C::SigalgNoneInCommon, C::SuiteKeyType];
const LEGACY: &[C] = &[C::PolicyRenegotiationInfoRequired];
const DH: &[C] = &[C::PolicyWeakDh];
const ALPN: &[C] = &[C::AlpnNoneInCommon];
const LARGE: &[C] = &[C::HelloFragmentedUnsupported];
const EMS: &[C] = &[C::PolicyEmsRequired];

/// How programs on OpenSSL read a setting without a change of code.
const LEGACY_CNF: &str =
    "Options = UnsafeLegacyServerConnect in the section of ssl_conf of an openssl.cnf, named by OPENSSL_CONF";

pub(super) const ROWS: &[Row] = &[
    // The server is old: what lets the client connect until it is updated.
    client(S::OpenSsl, VERSION, &["until the server is updated: MinProtocol = TLSv1 and CipherString = DEFAULT@SECLEVEL=0 in openssl.cnf"]).when(When::ServerIsOlder),
    client(S::Curl, VERSION, &["until the server is updated: curl --tlsv1.0 --ciphers DEFAULT:@SECLEVEL=0"]).when(When::ServerIsOlder),
    client(S::Python, VERSION, &["until the server is updated: context.minimum_version = ssl.TLSVersion.TLSv1; context.set_ciphers(\"DEFAULT:@SECLEVEL=0\")"]).when(When::ServerIsOlder),
    client(S::Node, VERSION, &["until the server is updated: minVersion: \"TLSv1\", ciphers: \"DEFAULT:@SECLEVEL=0\""]).when(When::ServerIsOlder),
    client(S::Go, VERSION, &["until the server is updated: tls.Config{MinVersion: tls.VersionTLS10}"]).when(When::ServerIsOlder),
    client(S::Java, VERSION, &["until the server is updated: TLSv1 and TLSv1.1 taken out of jdk.tls.disabledAlgorithms (-Djava.security.properties=FILE)"]).when(When::ServerIsOlder),
    client(S::FreeRdp, VERSION, &["until the server is updated: xfreerdp /tls:seclevel:0 /tls:enforce:1.0"]).when(When::ServerIsOlder),
    client(S::GnuTls, VERSION, &["until the server is updated: gnutls-cli --priority NORMAL:+VERS-TLS1.0"]).when(When::ServerIsOlder),
    server(S::Nginx, VERSION, &["ssl_protocols TLSv1.2 TLSv1.3;"]).when(When::ServerIsOlder),
    server(S::Apache, VERSION, &["SSLProtocol -all +TLSv1.2 +TLSv1.3"]).when(When::ServerIsOlder),
    server(S::Schannel, VERSION, &["HKLM\\SYSTEM\\CurrentControlSet\\Control\\SecurityProviders\\SCHANNEL\\Protocols\\TLS 1.2\\Server: Enabled=1, DisabledByDefault=0"]).when(When::ServerIsOlder),
    server(S::MySql, VERSION, &["tls_version=TLSv1.2,TLSv1.3 (community builds before 5.7.28 have an SSL library without 1.2)"]).when(When::ServerIsOlder),
    // The client is old.
    client(S::Java, VERSION, &["-Djdk.tls.client.protocols=TLSv1.2,TLSv1.3 (Java 7: -Dhttps.protocols=TLSv1.2); TLS 1.3 needs Java 8u261"]).when(When::ClientIsOlder),
    client(S::Python, VERSION, &["ssl.OPENSSL_VERSION shows the library: TLS 1.3 needs OpenSSL 1.1.1"]).when(When::ClientIsOlder),
    client(S::OpenSsl, VERSION, &["TLS 1.3 needs OpenSSL 1.1.1; look for MaxProtocol in openssl.cnf and for -no_tls1_3"]).when(When::ClientIsOlder),
    client(S::Schannel, VERSION, &["HKLM\\SOFTWARE\\Microsoft\\.NETFramework\\v4.0.30319: SchUseStrongCrypto=1, SystemDefaultTlsVersions=1"]).when(When::ClientIsOlder),
    client(S::MbedTls, VERSION, &["TLS 1.3 needs Mbed TLS 3.6 with MBEDTLS_SSL_PROTO_TLS1_3 and psa_crypto_init() before the handshake"]).when(When::ClientIsOlder),
    client(S::EspIdf, VERSION, &["menuconfig: Component config, mbedTLS, Support TLS 1.3 protocol (CONFIG_MBEDTLS_SSL_PROTO_TLS1_3=y)"]).when(When::ClientIsOlder),
    client(S::Zephyr, VERSION, &["CONFIG_MBEDTLS_SSL_PROTO_TLS1_3=y, and the socket opened with IPPROTO_TLS_1_3"]).when(When::ClientIsOlder),
    client(S::WolfSsl, VERSION, &["WOLFSSL_TLS13 in user_settings.h and wolfTLS_client_method() instead of wolfTLSv1_2_client_method()"]).when(When::ClientIsOlder),
    server(S::Mosquitto, VERSION, &["tls_version names one lowest version: leave it out to allow 1.2 and 1.3"]).when(When::ClientIsOlder),
    server(S::Nginx, VERSION, &["ssl_protocols TLSv1.2 TLSv1.3; if the client cannot be updated"]).when(When::ClientIsOlder),
    // Suites and groups.
    client(S::OpenSsl, SUITES, &["-cipher and -groups of openssl s_client; CipherString and Groups in openssl.cnf; openssl ciphers -v lists them"]),
    client(S::EspIdf, SUITES, &["menuconfig: Component config, mbedTLS, TLS Key Exchange Methods and Elliptic Curve Ciphers: enable ECDHE and the curve"]),
    client(S::Zephyr, SUITES, &["CONFIG_MBEDTLS_KEY_EXCHANGE_ECDHE_RSA_ENABLED=y or …_ECDHE_ECDSA_ENABLED=y, with CONFIG_MBEDTLS_ECP_DP_SECP256R1_ENABLED=y"]),
    client(S::MbedTls, SUITES, &["mbedtls_config.h: MBEDTLS_KEY_EXCHANGE_ECDHE_RSA_ENABLED or …_ECDHE_ECDSA_ENABLED, MBEDTLS_ECP_DP_SECP256R1_ENABLED, MBEDTLS_GCM_C"]),
    client(S::WolfSsl, SUITES, &["user_settings.h: HAVE_ECC, HAVE_TLS_EXTENSIONS, HAVE_SUPPORTED_CURVES, HAVE_AESGCM; wolfSSL_CTX_set_cipher_list()"]),
    client(S::Java, SUITES, &["jdk.tls.namedGroups and jdk.tls.disabledAlgorithms; -Djavax.net.debug=ssl:handshake lists what is offered"]),
    client(S::Go, SUITES, &["tls.Config{CipherSuites: …, CurvePreferences: …}; suites of RSA key exchange need GODEBUG=tlsrsakex=1 (Go 1.22 and later)"]),
    client(S::Python, SUITES, &["context.set_ciphers(\"…\"); context.set_ecdh_curve(\"prime256v1\")"]),
    client(S::Node, SUITES, &["ciphers: \"…\" and ecdhCurve: \"auto\" in the options; node --tls-cipher-list=…"]),
    client(S::Curl, SUITES, &["curl --ciphers LIST --curves LIST (TLS 1.3: --tls13-ciphers)"]),
    server(S::Nginx, SUITES, &["ssl_ciphers HIGH:!aNULL; ssl_ecdh_curve auto; both an RSA and an ECDSA certificate may be given"]),
    server(S::Apache, SUITES, &["SSLCipherSuite HIGH:!aNULL; SSLOpenSSLConfCmd Groups X25519:P-256:P-384"]),
    server(S::HaProxy, SUITES, &["ssl-default-bind-ciphers, ssl-default-bind-ciphersuites (1.3), curves on the bind line"]),
    server(S::Mosquitto, SUITES, &["ciphers (1.2) and ciphers_tls1.3; openssl ciphers -v lists the names"]),
    server(S::Postgres, SUITES, &["ssl_ciphers, ssl_ecdh_curve (PostgreSQL 18: ssl_groups)"]),
    server(S::Kafka, SUITES, &["ssl.cipher.suites and ssl.enabled.protocols of the broker"]),
    server(S::Schannel, SUITES, &["Get-TlsCipherSuite lists them; Enable-TlsCipherSuite -Name NAME adds one"]),
    server(S::Go, SUITES, &["tls.Config{CipherSuites: …, CurvePreferences: …}; the certificate's key type must fit the suites"]),
    // Secure renegotiation.
    client(S::OpenSsl, LEGACY, &[LEGACY_CNF, "to test: openssl s_client -legacy_server_connect"]),
    client(S::Python, LEGACY, &["context.options |= ssl.OP_LEGACY_SERVER_CONNECT (Python 3.12; before: 0x4)", LEGACY_CNF]),
    client(S::Node, LEGACY, &["secureOptions: crypto.constants.SSL_OP_LEGACY_SERVER_CONNECT", "node --openssl-config=FILE with Options = UnsafeLegacyServerConnect"]),
    client(S::Curl, LEGACY, &[LEGACY_CNF]),
    client(S::Ruby, LEGACY, &["OpenSSL::SSL::OP_LEGACY_SERVER_CONNECT in SSLContext#options", LEGACY_CNF]),
    client(S::Php, LEGACY, &[LEGACY_CNF]),
    client(S::Java, LEGACY, &["-Dsun.security.ssl.allowLegacyHelloMessages=true"]),
    client(S::GnuTls, LEGACY, &["the priority string with %PARTIAL_RENEGOTIATION"]),
    client(S::Firefox, LEGACY, &["about:config: security.ssl.require_safe_negotiation false"]),
    client(S::Java, EMS, &["-Djdk.tls.allowLegacyMasterSecret=true"]),
    // Finite-field groups.
    server(S::OpenSsl, DH, &["openssl dhparam -out dh.pem 2048, or let OpenSSL choose: SSL_CTX_set_dh_auto(); ECDHE needs none"]),
    server(S::Nginx, DH, &["ssl_dhparam of 2048 bits, or none at all: ECDHE then serves everyone"]),
    server(S::Apache, DH, &["DH parameters of 2048 bits at the end of the SSLCertificateFile, or a newer httpd, which chooses them"]),
    server(S::HaProxy, DH, &["tune.ssl.default-dh-param 2048"]),
    server(S::Postfix, DH, &["smtpd_tls_dh1024_param_file: a file of 2048 bits, or left empty in a current Postfix"]),
    server(S::Exim, DH, &["tls_dhparam = ffdhe2048"]),
    server(S::Postgres, DH, &["ssl_dh_params_file with 2048 bits; then pg_ctl reload"]),
    server(S::Java, DH, &["-Djdk.tls.ephemeralDHKeySize=2048"]),
    client(S::OpenSsl, DH, &["until it is fixed: CipherString = DEFAULT:!DHE in openssl.cnf, so that ECDHE is used; or DEFAULT@SECLEVEL=1"]),
    client(S::Python, DH, &["until it is fixed: context.set_ciphers(\"DEFAULT:!DHE\"), so that ECDHE is used; or \"DEFAULT:@SECLEVEL=1\""]),
    client(S::Node, DH, &["until it is fixed: ciphers: \"DEFAULT:!DHE\", so that ECDHE is used; or minDHSize: 1024 with @SECLEVEL=1"]),
    client(S::Curl, DH, &["until it is fixed: curl --ciphers DEFAULT:!DHE, so that ECDHE is used; or DEFAULT:@SECLEVEL=1"]),
    client(S::Java, DH, &["until it is fixed: DH keySize of jdk.tls.disabledAlgorithms (-Djava.security.properties=FILE)"]),
    // Application protocols.
    server(S::Nginx, ALPN, &["http2 on; (before 1.25.1: listen 443 ssl http2;)"]),
    server(S::HaProxy, ALPN, &["alpn h2,http/1.1 on the bind line"]),
    server(S::Envoy, ALPN, &["alpn_protocols: [h2, http/1.1] of the common_tls_context"]),
    server(S::Go, ALPN, &["tls.Config{NextProtos: []string{\"h2\", \"http/1.1\"}}"]),
    server(S::Apache, ALPN, &["Protocols h2 http/1.1"]),
    server(S::Node, ALPN, &["ALPNProtocols: [\"h2\", \"http/1.1\"]; http2.createSecureServer({ allowHTTP1: true })"]),
    server(S::Postgres, ALPN, &["PostgreSQL 17 and later choose \"postgresql\"; a proxy in front that ends TLS must choose it too"]),
    client(S::Go, ALPN, &["grpc-go 1.67 and later require it: GRPC_ENFORCE_ALPN_ENABLED=false in the environment until the server or load balancer sends it"]),
    client(S::Postgres, ALPN, &["sslnegotiation=postgres asks in plain text first, which needs no ALPN"]),
    client(S::Curl, ALPN, &["curl --no-alpn, or --http1.1"]),
    // Large ClientHellos.
    client(S::OpenSsl, LARGE, &["until the server is updated: -groups X25519:P-256, or Groups = X25519:P-256 in openssl.cnf (OpenSSL 3.5 and later)"]),
    client(S::Python, LARGE, &["until the server is updated: context.set_groups(\"X25519:P-256\") (Python 3.15), or Groups in openssl.cnf"]),
    client(S::Go, LARGE, &["until the server is updated: GODEBUG=tlsmlkem=0, or tls.Config{CurvePreferences: …}"]),
    client(S::Node, LARGE, &["until the server is updated: ecdhCurve: \"X25519:P-256\""]),
    client(S::Curl, LARGE, &["until the server is updated: curl --curves X25519:P-256"]),
    client(S::BoringSsl, LARGE, &["Chrome: the policy PostQuantumKeyAgreementEnabled=false, until the server is updated"]),
    client(S::Firefox, LARGE, &["about:config: security.tls.enable_kyber false, until the server is updated"]),
    client(S::GnuTls, LARGE, &["until the server is updated: the priority string NORMAL:-GROUP-X25519-MLKEM768"]),
    client(S::Rustls, LARGE, &["until the server is updated: kx_groups of the CryptoProvider without X25519MLKEM768"]),
];
