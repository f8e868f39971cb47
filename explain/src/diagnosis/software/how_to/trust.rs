//! Which certificates a side trusts, and whether the chain that it gets is complete.

use super::{Row, client, server};
use crate::diagnosis::{cause::Cause as C, software::Software as S};

/// The client lacks the CA.
const UNTRUSTED: &[C] = &[C::CertUnknownIssuer, C::CertSelfSigned];
/// The server sends too little.
const CHAIN: &[C] = &[C::CertMissingIntermediate, C::CertChainOrder];
const WEAK: &[C] = &[C::CertWeakKey, C::CertWeakSignature];

pub(super) const ROWS: &[Row] = &[
    client(
        S::OpenSsl,
        UNTRUSTED,
        &[
            "for one program: SSL_CERT_FILE=ca.pem in its environment; to test: openssl s_client -CAfile ca.pem -connect HOST:PORT",
            "for the system (Debian): copy ca.pem to /usr/local/share/ca-certificates/ca.crt and run update-ca-certificates",
        ],
    ),
    client(
        S::Python,
        UNTRUSTED,
        &[
            "ssl.create_default_context(cafile=\"ca.pem\"); in requests: verify=\"ca.pem\" or REQUESTS_CA_BUNDLE=ca.pem",
            "certifi, which requests uses, does not read the system's store: the package truststore makes it",
        ],
    ),
    client(
        S::Node,
        UNTRUSTED,
        &[
            "NODE_EXTRA_CA_CERTS=ca.pem in the environment, set before node starts",
            "or in the program: tls.connect({ ca: fs.readFileSync(\"ca.pem\"), … })",
        ],
    ),
    client(S::Curl, UNTRUSTED, &["curl --cacert ca.pem …, or CURL_CA_BUNDLE=ca.pem in the environment"]),
    client(
        S::Git,
        UNTRUSTED,
        &["git config --global http.sslCAInfo /path/ca.pem, or GIT_SSL_CAINFO=/path/ca.pem"],
    ),
    client(
        S::Go,
        UNTRUSTED,
        &[
            "tls.Config{RootCAs: pool}, after pool.AppendCertsFromPEM(ca) returned true",
            "or, on Linux, SSL_CERT_FILE=/path/ca.pem in the environment",
        ],
    ),
    client(
        S::Kubernetes,
        UNTRUSTED,
        &[
            "of a webhook: caBundle of its configuration, the base64 of the CA that signed the webhook's certificate",
            "of kubectl: certificate-authority-data of the cluster in the kubeconfig",
        ],
    ),
    client(S::Etcd, UNTRUSTED, &["--trusted-ca-file (clients: --cacert, peers: --peer-trusted-ca-file)"]),
    client(
        S::Java,
        UNTRUSTED,
        &[
            "keytool -importcert -alias ca -file ca.pem -keystore truststore.p12",
            "java -Djavax.net.ssl.trustStore=truststore.p12 -Djavax.net.ssl.trustStorePassword=PASSWORD …",
        ],
    ),
    client(
        S::Kafka,
        UNTRUSTED,
        &[
            "ssl.truststore.location=/path/truststore.p12, ssl.truststore.type=PKCS12 and ssl.truststore.password of the client",
        ],
    ),
    client(
        S::Android,
        UNTRUSTED,
        &[
            "res/xml/network_security_config.xml: <trust-anchors><certificates src=\"@raw/ca\"/></trust-anchors>",
            "named in the manifest by android:networkSecurityConfig; CAs that a user installs count only with src=\"user\"",
        ],
    ),
    client(
        S::DotNet,
        UNTRUSTED,
        &[
            "in the program: X509ChainPolicy.CustomTrustStore with TrustMode = X509ChainTrustMode.CustomRootTrust",
            "on Windows: certutil -addstore Root ca.cer; on Linux the store of the system (update-ca-certificates)",
        ],
    ),
    client(S::Schannel, UNTRUSTED, &["certutil -addstore Root ca.cer, as administrator"]),
    client(
        S::SqlServer,
        UNTRUSTED,
        &[
            "install the CA: certutil -addstore Root ca.cer; TrustServerCertificate=true only gives up the check",
        ],
    ),
    client(
        S::Postgres,
        UNTRUSTED,
        &[
            "sslrootcert=/path/ca.pem in the connection string (default: ~/.postgresql/root.crt)",
            "of a public CA: sslrootcert=system (PostgreSQL 16 and later)",
        ],
    ),
    client(
        S::MySql,
        UNTRUSTED,
        &[
            "mysql --ssl-mode=VERIFY_IDENTITY --ssl-ca=ca.pem; VERIFY_CA does not check the name (MariaDB: --ssl-verify-server-cert --ssl-ca=ca.pem)",
        ],
    ),
    client(S::Redis, UNTRUSTED, &["redis-cli --tls --cacert ca.pem"]),
    client(
        S::Mosquitto,
        UNTRUSTED,
        &["mosquitto_sub and mosquitto_pub: --cafile ca.pem; of a public CA: --tls-use-os-certs"],
    ),
    client(
        S::Erlang,
        UNTRUSTED,
        &[
            "ssl:connect(Host, Port, [{verify, verify_peer}, {cacertfile, \"ca.pem\"}])",
            "the system's CAs (OTP 25 and later): {cacerts, public_key:cacerts_get()}",
        ],
    ),
    client(
        S::RabbitMq,
        UNTRUSTED,
        &["the cacertfile of that connection (federation, shovel, LDAP, peers) must hold the server's CA"],
    ),
    client(
        S::Ruby,
        UNTRUSTED,
        &["Net::HTTP#ca_file = \"ca.pem\", or SSL_CERT_FILE=ca.pem in the environment"],
    ),
    client(
        S::Php,
        UNTRUSTED,
        &["php.ini: openssl.cafile=/path/ca.pem and, for the curl extension, curl.cainfo=/path/ca.pem"],
    ),
    client(
        S::EspIdf,
        UNTRUSTED,
        &[
            "the CA's PEM, with its closing NUL, as cacert_pem / cacert_buf (esp-mqtt: broker.verification.certificate)",
            "of a public CA: crt_bundle_attach = esp_crt_bundle_attach; the CA, not the server's own certificate, which changes",
        ],
    ),
    client(
        S::Arduino,
        UNTRUSTED,
        &["client.setCACert(root_ca): the PEM of the root, not the server's own certificate, which changes"],
    ),
    client(S::Esp8266, UNTRUSTED, &["BearSSL::X509List roots(root_ca); client.setTrustAnchors(&roots);"]),
    client(
        S::Zephyr,
        UNTRUSTED,
        &[
            "tls_credential_add(TAG, TLS_CREDENTIAL_CA_CERTIFICATE, ca, sizeof(ca)), with TAG in the socket's TLS_SEC_TAG_LIST",
            "PEM needs CONFIG_MBEDTLS_PEM_CERTIFICATE_FORMAT=y; DER is read without it",
        ],
    ),
    client(
        S::MbedTls,
        UNTRUSTED,
        &[
            "mbedtls_x509_crt_parse(&ca, pem, strlen(pem) + 1), then mbedtls_ssl_conf_ca_chain(&conf, &ca, NULL)",
        ],
    ),
    client(
        S::WolfSsl,
        UNTRUSTED,
        &[
            "wolfSSL_CTX_load_verify_buffer(ctx, ca, sizeof(ca), WOLFSSL_FILETYPE_PEM) (ASN1 for DER), and check what it returns",
        ],
    ),
    client(
        S::GnuTls,
        UNTRUSTED,
        &["gnutls-cli --x509cafile=ca.pem; in a program gnutls_certificate_set_x509_trust_file()"],
    ),
    client(
        S::Rustls,
        UNTRUSTED,
        &["RootCertStore::add(ca); for the system's store rustls-platform-verifier or rustls-native-certs"],
    ),
    client(
        S::Firefox,
        UNTRUSTED,
        &[
            "Settings, Privacy & Security, View Certificates, Authorities, Import; or security.enterprise_roots.enabled",
        ],
    ),
    client(S::Stunnel, UNTRUSTED, &["CAfile = ca.pem with verifyChain = yes and checkHost = NAME"]),
    client(
        S::Nginx,
        UNTRUSTED,
        &["to an upstream: proxy_ssl_trusted_certificate ca.pem; with proxy_ssl_verify on;"],
    ),
    client(
        S::HaProxy,
        UNTRUSTED,
        &["to a backend: server NAME HOST:PORT ssl verify required ca-file /path/ca.pem verifyhost NAME"],
    ),
    client(
        S::Envoy,
        UNTRUSTED,
        &[
            "validation_context: { trusted_ca: { filename: /path/ca.pem } } of the cluster's UpstreamTlsContext",
        ],
    ),
    client(S::Zabbix, UNTRUSTED, &["TLSCAFile=/path/ca.pem"]),
    // What the server sends.
    server(
        S::OpenSsl,
        CHAIN,
        &[
            "a server of your own: SSL_CTX_use_certificate_chain_file(); openssl s_server: -cert leaf.pem -cert_chain intermediate.pem",
        ],
    ),
    server(
        S::Nginx,
        CHAIN,
        &[
            "cat leaf.pem intermediate.pem > fullchain.pem; ssl_certificate /path/fullchain.pem; then nginx -s reload",
        ],
    ),
    server(
        S::IngressNginx,
        CHAIN,
        &["tls.crt of the Secret: the leaf first, then the intermediates, in one PEM"],
    ),
    server(
        S::Apache,
        CHAIN,
        &["SSLCertificateFile /path/fullchain.pem: the leaf first, then the intermediates (2.4.8 and later)"],
    ),
    server(S::HaProxy, CHAIN, &["the file of crt: leaf, intermediates and key in this order in one PEM"]),
    server(S::Envoy, CHAIN, &["certificate_chain: the leaf first, then the intermediates, in one PEM"]),
    server(S::Traefik, CHAIN, &["certFile of tls.certificates: the leaf first, then the intermediates"]),
    server(
        S::Go,
        CHAIN,
        &["tls.LoadX509KeyPair(\"fullchain.pem\", \"key.pem\"): the leaf first, then the intermediates"],
    ),
    server(
        S::Node,
        CHAIN,
        &["cert: fs.readFileSync(\"fullchain.pem\"): the leaf first, then the intermediates"],
    ),
    server(
        S::Python,
        CHAIN,
        &["context.load_cert_chain(\"fullchain.pem\", \"key.pem\"): the leaf first, then the intermediates"],
    ),
    server(
        S::Java,
        CHAIN,
        &["openssl pkcs12 -export -in leaf.pem -inkey key.pem -certfile intermediate.pem -out keystore.p12"],
    ),
    server(
        S::Kafka,
        CHAIN,
        &[
            "openssl pkcs12 -export -in leaf.pem -inkey key.pem -certfile intermediate.pem -out keystore.p12; ssl.keystore.location names it",
        ],
    ),
    server(
        S::Postgres,
        CHAIN,
        &["ssl_cert_file: the leaf first, then the intermediates; then pg_ctl reload"],
    ),
    server(S::Mosquitto, CHAIN, &["certfile: the leaf first, then the intermediates"]),
    server(
        S::RabbitMq,
        CHAIN,
        &[
            "ssl_options.cacertfile must hold the intermediates: Erlang builds the chain that it sends from it",
        ],
    ),
    server(
        S::Erlang,
        CHAIN,
        &["{cacertfile, …} must hold the intermediates: ssl builds the chain that it sends from it"],
    ),
    server(S::Postfix, CHAIN, &["smtpd_tls_chain_files = key.pem, fullchain.pem (3.4 and later)"]),
    server(S::Redis, CHAIN, &["tls-cert-file: the leaf first, then the intermediates"]),
    server(S::Stunnel, CHAIN, &["cert = fullchain.pem: the leaf first, then the intermediates"]),
    server(
        S::Schannel,
        CHAIN,
        &["install the intermediates into the computer's store: certutil -addstore CA intermediate.cer"],
    ),
    // Strictness of the client, while the certificate cannot be replaced.
    client(
        S::OpenSsl,
        WEAK,
        &[
            "until it is replaced: -cipher DEFAULT@SECLEVEL=1, or CipherString = DEFAULT@SECLEVEL=1 in openssl.cnf (SHA-1: 0)",
        ],
    ),
    client(
        S::Python,
        WEAK,
        &["until it is replaced: context.set_ciphers(\"DEFAULT:@SECLEVEL=1\") (SHA-1: 0)"],
    ),
    client(S::Node, WEAK, &["until it is replaced: ciphers: \"DEFAULT:@SECLEVEL=1\" (SHA-1: 0)"]),
    client(S::Curl, WEAK, &["until it is replaced: curl --ciphers DEFAULT:@SECLEVEL=1 (SHA-1: 0)"]),
    client(
        S::Java,
        WEAK,
        &[
            "until it is replaced: jdk.certpath.disabledAlgorithms and jdk.tls.disabledAlgorithms in a java.security of your own (-Djava.security.properties=FILE)",
        ],
    ),
    client(S::Go, &[C::CertWeakKey], &["until it is replaced: GODEBUG=rsa1024min=0 (Go 1.24 and later)"]),
    client(
        S::MbedTls,
        WEAK,
        &[
            "until it is replaced: a mbedtls_x509_crt_profile with a smaller rsa_min_bitlen, given to mbedtls_ssl_conf_cert_profile()",
        ],
    ),
    client(
        S::OpenSsl,
        &[C::CertRootExpired],
        &[
            "update the package ca-certificates; OpenSSL 1.0.2 also needs -trusted_first, or the old root removed from the store",
        ],
    ),
    client(
        S::Java,
        &[C::CertRootExpired],
        &["update the JDK, whose cacerts holds the roots, or import the new root with keytool -importcert"],
    ),
    client(
        S::Android,
        &[C::CertRootExpired],
        &["Android before 7.1.1 lacks ISRG Root X1: bundle it in network_security_config.xml"],
    ),
    client(
        S::Curl,
        &[C::CertRevocationUnknown],
        &[
            "curl on Schannel: --ssl-revoke-best-effort, which accepts a certificate whose CRL cannot be reached, revoked or not",
        ],
    ),
    client(
        S::DotNet,
        &[C::CertRevocationUnknown],
        &[
            "X509RevocationMode.Online needs a reachable CRL or OCSP server (a proxy, a firewall); NoCheck only gives up the check",
        ],
    ),
];
