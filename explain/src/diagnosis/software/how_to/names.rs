//! The name that a certificate is for, and the name that a client asks for.

use super::{Row, client, server};
use crate::diagnosis::{cause::Cause as C, software::Software as S};

const NAME: &[C] = &[C::CertNameMismatch];
/// The server needs the name to choose a certificate.
const SNI: &[C] = &[C::SniMissing, C::SniUnrecognized];
/// A new certificate is due.
const REISSUE: &[C] = &[C::CertNoSan, C::CertNameMismatch];

pub(super) const ROWS: &[Row] = &[
    client(
        S::OpenSsl,
        NAME,
        &[
            "openssl s_client -connect HOST:PORT -servername NAME -verify_hostname NAME shows which name the certificate has",
        ],
    ),
    client(S::Python, NAME, &["context.wrap_socket(sock, server_hostname=\"NAME\")"]),
    client(S::Node, NAME, &["servername: \"NAME\" in the options of tls.connect or https.request"]),
    client(
        S::Curl,
        NAME,
        &["curl --resolve NAME:PORT:ADDRESS https://NAME:PORT/ reaches an address by the certificate's name"],
    ),
    client(S::Go, NAME, &["tls.Config{ServerName: \"NAME\"}; in gRPC grpc.WithAuthority(\"NAME\")"]),
    client(
        S::Kafka,
        NAME,
        &[
            "advertised.listeners of the broker must use a name of the certificate: clients connect to what it advertises",
            "ssl.endpoint.identification.algorithm= (empty) only gives up the check",
        ],
    ),
    client(
        S::Postgres,
        NAME,
        &["host=NAME hostaddr=ADDRESS: the certificate is checked against host, the address is hostaddr"],
    ),
    client(
        S::MySql,
        NAME,
        &["connect by the certificate's name; --ssl-mode=VERIFY_CA checks the CA without the name"],
    ),
    client(
        S::Mosquitto,
        NAME,
        &["-h NAME must be the certificate's name; --insecure only gives up the check"],
    ),
    client(
        S::Erlang,
        NAME,
        &[
            "{server_name_indication, \"NAME\"}",
            "for wildcards: {customize_hostname_check, [{match_fun, public_key:pkix_verify_hostname_match_fun(https)}]}",
        ],
    ),
    client(
        S::EspIdf,
        NAME,
        &["common_name = \"NAME\" of esp_tls_cfg_t (esp-mqtt: broker.verification.common_name)"],
    ),
    client(
        S::Arduino,
        NAME,
        &["client.connect(\"NAME\", PORT) by the certificate's name, not by the address"],
    ),
    client(
        S::Esp8266,
        NAME,
        &["client.connect(\"NAME\", PORT) by the certificate's name, not by the address"],
    ),
    client(S::Zephyr, NAME, &["setsockopt(sock, SOL_TLS, TLS_HOSTNAME, \"NAME\", sizeof(\"NAME\"))"]),
    client(S::MbedTls, NAME, &["mbedtls_ssl_set_hostname(&ssl, \"NAME\")"]),
    client(S::WolfSsl, NAME, &["wolfSSL_check_domain_name(ssl, \"NAME\") before wolfSSL_connect()"]),
    client(S::Nginx, NAME, &["to an upstream: proxy_ssl_name NAME; proxy_ssl_server_name on;"]),
    client(S::HaProxy, NAME, &["to a backend: verifyhost NAME and sni str(NAME) of the server line"]),
    client(S::Redis, NAME, &["redis-cli --tls --sni NAME; most clients check the name they connect to"]),
    server(
        S::IngressNginx,
        NAME,
        &[
            "the Secret in spec.tls of the Ingress must exist in its namespace and be for this host: kubectl describe ingress",
            "else the default certificate is served (\"Kubernetes Ingress Controller Fake Certificate\", or --default-ssl-certificate)",
        ],
    ),
    server(
        S::Kubernetes,
        REISSUE,
        &[
            "a webhook is asked for SERVICE.NAMESPACE.svc: the certificate needs that name in its subjectAltName",
        ],
    ),
    server(
        S::Nginx,
        NAME,
        &[
            "server_name NAME; in a server block with that certificate; without a match the first block of the port answers",
        ],
    ),
    server(
        S::Apache,
        NAME,
        &[
            "ServerName NAME in the VirtualHost with that certificate; without a match the first VirtualHost answers",
        ],
    ),
    server(
        S::HaProxy,
        NAME,
        &[
            "bind :443 ssl crt /path/directory/: the file is chosen by SNI; without a match the first one is sent (strict-sni refuses instead)",
        ],
    ),
    server(
        S::Traefik,
        NAME,
        &[
            "without a match Traefik serves its default certificate: check the router's Host() rule and tls.certificates",
        ],
    ),
    server(S::Kafka, REISSUE, &["keytool -genkeypair … -ext SAN=dns:NAME,ip:ADDRESS"]),
    server(S::Java, REISSUE, &["keytool -genkeypair … -ext SAN=dns:NAME,ip:ADDRESS"]),
    server(
        S::Go,
        REISSUE,
        &["x509.Certificate{DNSNames: …, IPAddresses: …}; Go 1.15 and later do not read the common name"],
    ),
    server(
        S::OpenSsl,
        REISSUE,
        &[
            "openssl req … -addext \"subjectAltName=DNS:NAME,IP:ADDRESS\"; when signing: openssl x509 -req -copy_extensions copy",
        ],
    ),
    client(S::OpenSsl, SNI, &["SSL_set_tlsext_host_name(ssl, \"NAME\"); openssl s_client -servername NAME"]),
    client(S::Python, SNI, &["context.wrap_socket(sock, server_hostname=\"NAME\")"]),
    client(S::Node, SNI, &["servername: \"NAME\" in the options of tls.connect"]),
    client(S::Go, SNI, &["tls.Config{ServerName: \"NAME\"}"]),
    client(
        S::MbedTls,
        SNI,
        &["mbedtls_ssl_set_hostname(&ssl, \"NAME\"), with MBEDTLS_SSL_SERVER_NAME_INDICATION compiled in"],
    ),
    client(
        S::WolfSsl,
        SNI,
        &[
            "wolfSSL_UseSNI(ssl, WOLFSSL_SNI_HOST_NAME, \"NAME\", strlen(\"NAME\")), with HAVE_SNI compiled in",
        ],
    ),
    client(
        S::Java,
        SNI,
        &["connect by a name with a dot in it: Java sends no server_name for addresses and single labels"],
    ),
    server(
        S::HaProxy,
        SNI,
        &[
            "strict-sni on the bind line refuses names without a certificate: leave it out, or add the certificate",
        ],
    ),
    server(
        S::Nginx,
        SNI,
        &[
            "ssl_reject_handshake on; in the default server refuses unknown names: add a server block for this one",
        ],
    ),
];
