//! Certificates of clients: given to the client, trusted or required by the server.

use super::{Row, client, server};
use crate::diagnosis::{cause::Cause as C, software::Software as S};

/// The client shows none, or one that does not fit.
const MISSING: &[C] = &[C::ClientCertMissing, C::ClientCertExpired, C::ClientCertFiltered];
const UNTRUSTED: &[C] = &[C::ClientCertUnknownIssuer, C::ClientCertFiltered];
const REQUIRED: &[C] = &[C::ClientCertMissing];
/// A token without RSA-PSS can sign in TLS 1.2 only.
const SCHEME: &[C] = &[C::ClientCertNoUsableScheme];
const RENEGOTIATION: &[C] = &[C::PolicyRenegotiationRefused];

pub(super) const ROWS: &[Row] = &[
    client(
        S::OpenSsl,
        MISSING,
        &["openssl s_client -cert client.pem -key client.key; the intermediates with -cert_chain"],
    ),
    client(
        S::Python,
        MISSING,
        &[
            "context.load_cert_chain(\"client.pem\", \"client.key\"); in requests cert=(\"client.pem\", \"client.key\")",
        ],
    ),
    client(S::Node, MISSING, &["cert: and key: in the options of tls.connect or https.request"]),
    client(S::Curl, MISSING, &["curl --cert client.pem --key client.key"]),
    client(S::Git, MISSING, &["git config http.sslCert client.pem; git config http.sslKey client.key"]),
    client(
        S::Go,
        MISSING,
        &[
            "tls.Config{Certificates: …}; GetClientCertificate sends one even if its issuer is not in the server's list",
        ],
    ),
    client(
        S::Java,
        MISSING,
        &[
            "java -Djavax.net.ssl.keyStore=client.p12 -Djavax.net.ssl.keyStorePassword=PASSWORD …",
            "Java sends nothing if no certificate of the keystore has an issuer in the server's list",
        ],
    ),
    client(
        S::Kafka,
        MISSING,
        &["ssl.keystore.location, ssl.keystore.password and ssl.key.password of the client"],
    ),
    client(
        S::DotNet,
        MISSING,
        &[
            "HttpClientHandler.ClientCertificates or SslClientAuthenticationOptions.ClientCertificates, with the private key",
        ],
    ),
    client(
        S::Postgres,
        MISSING,
        &["sslcert=client.crt sslkey=client.key (mode 0600; default: ~/.postgresql/postgresql.crt and .key)"],
    ),
    client(S::MySql, MISSING, &["mysql --ssl-cert=client.pem --ssl-key=client.key"]),
    client(S::Redis, MISSING, &["redis-cli --tls --cert client.crt --key client.key"]),
    client(S::Mosquitto, MISSING, &["mosquitto_sub and mosquitto_pub: --cert client.crt --key client.key"]),
    client(S::Erlang, MISSING, &["{certfile, \"client.pem\"}, {keyfile, \"client.key\"}"]),
    client(
        S::Kubernetes,
        MISSING,
        &["client-certificate-data and client-key-data of the user in the kubeconfig"],
    ),
    client(S::Etcd, MISSING, &["etcdctl --cert client.crt --key client.key"]),
    client(
        S::EspIdf,
        MISSING,
        &[
            "clientcert_buf and clientkey_buf of esp_tls_cfg_t (esp-mqtt: credentials.authentication.certificate and .key)",
        ],
    ),
    client(S::Arduino, MISSING, &["client.setCertificate(cert); client.setPrivateKey(key);"]),
    client(S::Esp8266, MISSING, &["client.setClientRSACert(&cert, &key) or setClientECCert(…)"]),
    client(
        S::Zephyr,
        MISSING,
        &[
            "tls_credential_add(TAG, TLS_CREDENTIAL_PUBLIC_CERTIFICATE, …) and (TAG, TLS_CREDENTIAL_PRIVATE_KEY, …)",
        ],
    ),
    client(S::MbedTls, MISSING, &["mbedtls_ssl_conf_own_cert(&conf, &cert, &key)"]),
    client(
        S::WolfSsl,
        MISSING,
        &["wolfSSL_CTX_use_certificate_chain_buffer(…) and wolfSSL_CTX_use_PrivateKey_buffer(…)"],
    ),
    client(S::GnuTls, MISSING, &["gnutls-cli --x509certfile=client.pem --x509keyfile=client.key"]),
    client(
        S::Nginx,
        MISSING,
        &["to an upstream: proxy_ssl_certificate client.pem; proxy_ssl_certificate_key client.key;"],
    ),
    client(S::HaProxy, MISSING, &["to a backend: crt /path/client.pem on the server line"]),
    // The CA on the server.
    server(
        S::Nginx,
        UNTRUSTED,
        &["ssl_client_certificate ca.pem; (ssl_verify_depth 2; if there are intermediates)"],
    ),
    server(
        S::IngressNginx,
        UNTRUSTED,
        &["nginx.ingress.kubernetes.io/auth-tls-secret: a Secret with ca.crt"],
    ),
    server(
        S::Apache,
        UNTRUSTED,
        &["SSLCACertificateFile ca.pem (SSLVerifyDepth 2 if there are intermediates)"],
    ),
    server(S::HaProxy, UNTRUSTED, &["bind … ssl crt FILE ca-file ca.pem verify required"]),
    server(
        S::Envoy,
        UNTRUSTED,
        &["validation_context: { trusted_ca: … } of the listener's DownstreamTlsContext"],
    ),
    server(S::Mosquitto, UNTRUSTED, &["cafile ca.pem, with the client's intermediates in it"]),
    server(
        S::RabbitMq,
        UNTRUSTED,
        &[
            "ssl_options.cacertfile must hold the client's CA; ssl_options.depth = 2 if there are intermediates",
        ],
    ),
    server(
        S::Erlang,
        UNTRUSTED,
        &["{cacertfile, \"ca.pem\"} must hold the client's CA; {depth, 2} if there are intermediates"],
    ),
    server(S::Redis, UNTRUSTED, &["tls-ca-cert-file ca.pem"]),
    server(S::Postgres, UNTRUSTED, &["ssl_ca_file = 'ca.pem', then pg_ctl reload"]),
    server(S::MySql, UNTRUSTED, &["ssl_ca=ca.pem, then ALTER INSTANCE RELOAD TLS;"]),
    server(S::Kafka, UNTRUSTED, &["ssl.truststore.location of the broker must hold the client's CA"]),
    server(
        S::Java,
        UNTRUSTED,
        &[
            "the server's truststore must hold the client's CA: keytool -importcert -alias ca -file ca.pem -keystore truststore.p12",
        ],
    ),
    server(S::Go, UNTRUSTED, &["tls.Config{ClientCAs: pool}"]),
    server(S::Etcd, UNTRUSTED, &["--trusted-ca-file=ca.pem (between members: --peer-trusted-ca-file)"]),
    server(
        S::Kubernetes,
        UNTRUSTED,
        &["kube-apiserver --client-ca-file=ca.pem (aggregation: --requestheader-client-ca-file)"],
    ),
    server(S::Node, UNTRUSTED, &["ca: [fs.readFileSync(\"ca.pem\")] with requestCert: true"]),
    server(S::Python, UNTRUSTED, &["context.load_verify_locations(\"ca.pem\")"]),
    server(S::Stunnel, UNTRUSTED, &["CAfile = ca.pem with verifyChain = yes"]),
    server(S::OpenSsl, UNTRUSTED, &["SSL_CTX_load_verify_locations(); openssl s_server -CAfile ca.pem"]),
    // Whether it is required.
    server(S::Nginx, REQUIRED, &["ssl_verify_client on; requires it, optional; lets clients in without one"]),
    server(S::Apache, REQUIRED, &["SSLVerifyClient require; optional lets clients in without one"]),
    server(
        S::HaProxy,
        REQUIRED,
        &["verify required on the bind line; verify optional lets clients in without one"],
    ),
    server(S::Mosquitto, REQUIRED, &["require_certificate true; false lets clients in without one"]),
    server(
        S::RabbitMq,
        REQUIRED,
        &["ssl_options.fail_if_no_peer_cert = true; false lets clients in without one"],
    ),
    server(
        S::Redis,
        REQUIRED,
        &["tls-auth-clients yes is the default; no or optional lets clients in without one"],
    ),
    server(S::Kafka, REQUIRED, &["ssl.client.auth=required; requested or none lets clients in without one"]),
    server(
        S::Postgres,
        REQUIRED,
        &["clientcert=verify-ca or verify-full of the line in pg_hba.conf requires it"],
    ),
    server(
        S::Go,
        REQUIRED,
        &[
            "tls.RequireAndVerifyClientCert requires it; tls.VerifyClientCertIfGiven lets clients in without one",
        ],
    ),
    server(S::Etcd, REQUIRED, &["--client-cert-auth=true requires it"]),
    server(S::Node, REQUIRED, &["rejectUnauthorized: true requires it; false lets clients in without one"]),
    // A key that cannot sign as TLS 1.3 wants.
    client(
        S::OpenSsl,
        SCHEME,
        &["MaxProtocol = TLSv1.2 in openssl.cnf, or openssl s_client -tls1_2, if the token has no RSA-PSS"],
    ),
    client(S::Go, SCHEME, &["tls.Config{MaxVersion: tls.VersionTLS12}, if the token has no RSA-PSS"]),
    client(S::Java, SCHEME, &["-Djdk.tls.client.protocols=TLSv1.2, if the token has no RSA-PSS"]),
    client(S::Curl, SCHEME, &["curl --tls-max 1.2, if the token has no RSA-PSS"]),
    client(
        S::Python,
        SCHEME,
        &["context.maximum_version = ssl.TLSVersion.TLSv1_2, if the token has no RSA-PSS"],
    ),
    client(S::Stunnel, SCHEME, &["sslVersionMax = TLSv1.2, if the token has no RSA-PSS"]),
    server(
        S::Apache,
        RENEGOTIATION,
        &[
            "SSLVerifyClient in the VirtualHost, not in a Location or Directory: then the first handshake asks",
        ],
    ),
    server(
        S::Schannel,
        RENEGOTIATION,
        &["netsh http update sslcert … clientcertnegotiation=enable: then the first handshake asks"],
    ),
    client(S::Go, RENEGOTIATION, &["tls.Config{Renegotiation: tls.RenegotiateOnceAsClient}"]),
    server(
        S::OpenSsl,
        RENEGOTIATION,
        &["Options = ClientRenegotiation in openssl.cnf lets clients renegotiate (OpenSSL 3)"],
    ),
];
