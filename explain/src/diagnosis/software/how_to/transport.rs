//! The wrong port, the plain protocol, the buffer that is too small, the header of a proxy.

use super::{Row, client, server};
use crate::diagnosis::{cause::Cause as C, software::Software as S};

const STARTTLS: &[C] = &[C::TransportStarttls, C::TransportNotTlsSmtp];
/// A plain client, or a server without TLS on this port.
const PLAIN: &[C] = &[C::TransportNotTlsOther, C::TransportNotTlsMqtt, C::TransportNotTlsHttp];
const HTTP: &[C] = &[C::TransportNotTlsHttp];
const BUFFER: &[C] = &[C::RecordLimitExceeded];
const MEMORY: &[C] = &[C::LocalMemory];
const PROXY: &[C] = &[C::TransportProxyHeader];

pub(super) const ROWS: &[Row] = &[
    client(
        S::Node,
        STARTTLS,
        &["nodemailer: secure: false with port 587 and requireTLS: true; secure: true is for port 465"],
    ),
    client(
        S::Python,
        STARTTLS,
        &["smtplib.SMTP(HOST, 587), then starttls(context=…); SMTP_SSL is for port 465"],
    ),
    client(
        S::Java,
        STARTTLS,
        &[
            "mail.smtp.starttls.enable=true and mail.smtp.starttls.required=true, without mail.smtp.ssl.enable",
        ],
    ),
    client(
        S::Php,
        STARTTLS,
        &[
            "PHPMailer: SMTPSecure = PHPMailer::ENCRYPTION_STARTTLS with port 587; ENCRYPTION_SMTPS is for port 465",
        ],
    ),
    client(
        S::DotNet,
        STARTTLS,
        &["MailKit: SecureSocketOptions.StartTls with port 587; SslOnConnect is for port 465"],
    ),
    client(S::Go, STARTTLS, &["smtp.Dial, then Client.StartTLS(config); tls.Dial is for port 465"]),
    client(S::Curl, STARTTLS, &["curl --ssl-reqd smtp://HOST:587; smtps:// is for port 465"]),
    client(
        S::Ruby,
        STARTTLS,
        &["Net::SMTP: enable_starttls; in Rails enable_starttls: true without tls: true"],
    ),
    client(
        S::OpenSsl,
        STARTTLS,
        &[
            "openssl s_client -starttls smtp -connect HOST:587 (imap, pop3, ftp, xmpp, ldap, postgres, mysql, sieve, nntp)",
        ],
    ),
    client(S::GnuTls, STARTTLS, &["gnutls-cli --starttls-proto=smtp HOST -p 587"]),
    client(S::Redis, PLAIN, &["redis-cli --tls, or rediss:// in the URL of a client"]),
    client(
        S::Mosquitto,
        PLAIN,
        &["mosquitto_pub -p 8883 --cafile ca.pem: without a CA option it speaks plain MQTT"],
    ),
    client(S::Kafka, PLAIN, &["security.protocol=SSL or SASL_SSL of the client"]),
    client(S::MySql, PLAIN, &["mysql --ssl-mode=REQUIRED"]),
    client(S::Postgres, PLAIN, &["sslmode=require; sslnegotiation=direct needs PostgreSQL 17 on both sides"]),
    client(
        S::Curl,
        HTTP,
        &["http:// in place of https:// for that port, or the port on which the server speaks TLS"],
    ),
    server(S::Redis, PLAIN, &["tls-port 6379 and port 0: one port serves either plain or TLS connections"]),
    server(S::Kafka, PLAIN, &["listeners=SSL://:9093 with listener.security.protocol.map"]),
    server(
        S::Mosquitto,
        PLAIN,
        &["a listener with certfile and keyfile speaks TLS only; give plain clients a listener of their own"],
    ),
    server(S::Nginx, HTTP, &["listen 443 ssl; without ssl the port speaks plain HTTP"]),
    server(S::Apache, HTTP, &["SSLEngine on in the VirtualHost of that port"]),
    server(S::HaProxy, PLAIN, &["bind :443 ssl crt FILE; without ssl the port speaks plain"]),
    server(
        S::Postgres,
        PLAIN,
        &["ssl = on, ssl_cert_file and ssl_key_file in postgresql.conf; then pg_ctl reload"],
    ),
    server(S::Go, HTTP, &["http.ListenAndServeTLS in place of ListenAndServe"]),
    server(S::RabbitMq, PLAIN, &["listeners.ssl.default = 5671; 5672 stays plain"]),
    server(
        S::MySql,
        PLAIN,
        &["MySQL begins with a plain greeting: a TLS connection from the first byte cannot work there"],
    ),
    // Buffers.
    client(
        S::MbedTls,
        BUFFER,
        &[
            "MBEDTLS_SSL_IN_CONTENT_LEN 16384 in mbedtls_config.h (before 2.13 MBEDTLS_SSL_MAX_CONTENT_LEN)",
            "or mbedtls_ssl_conf_max_frag_len(&conf, MBEDTLS_SSL_MAX_FRAG_LEN_4096), which few servers honour",
        ],
    ),
    client(
        S::EspIdf,
        BUFFER,
        &[
            "menuconfig: Component config, mbedTLS, TLS maximum incoming fragment length: 16384 (CONFIG_MBEDTLS_SSL_IN_CONTENT_LEN)",
        ],
    ),
    client(
        S::Zephyr,
        BUFFER,
        &["CONFIG_MBEDTLS_SSL_MAX_CONTENT_LEN=16384, and CONFIG_MBEDTLS_HEAP_SIZE to fit"],
    ),
    client(
        S::Esp8266,
        BUFFER,
        &[
            "client.setBufferSizes(16384, 512); smaller only if client.probeMaxFragmentLength(HOST, PORT, SIZE) is true",
        ],
    ),
    client(
        S::WolfSsl,
        BUFFER,
        &["HAVE_MAX_FRAGMENT and wolfSSL_UseMaxFragment(ssl, WOLFSSL_MFL_2_12), which few servers honour"],
    ),
    client(
        S::EspIdf,
        MEMORY,
        &[
            "CONFIG_MBEDTLS_DYNAMIC_BUFFER=y and CONFIG_MBEDTLS_SSL_OUT_CONTENT_LEN=2048 make the buffers smaller",
            "CONFIG_MBEDTLS_EXTERNAL_MEM_ALLOC=y puts them into PSRAM; heap_caps_get_largest_free_block() shows what is left",
        ],
    ),
    client(
        S::Arduino,
        MEMORY,
        &[
            "about 40 KB of heap in one piece are needed: ESP.getMaxAllocHeap() before connect(); end other connections first",
        ],
    ),
    client(
        S::Esp8266,
        MEMORY,
        &["client.setBufferSizes(512, 512) where client.probeMaxFragmentLength(HOST, PORT, 512) is true"],
    ),
    client(
        S::Zephyr,
        MEMORY,
        &[
            "CONFIG_MBEDTLS_ENABLE_HEAP=y with CONFIG_MBEDTLS_HEAP_SIZE=60000, and a larger stack of the thread",
        ],
    ),
    client(
        S::MbedTls,
        MEMORY,
        &["a larger heap, MBEDTLS_SSL_OUT_CONTENT_LEN 2048, or MBEDTLS_SSL_VARIABLE_BUFFER_LENGTH"],
    ),
    client(S::WolfSsl, MEMORY, &["WOLFSSL_SMALL_STACK, SP math and ECC in place of RSA in user_settings.h"]),
    // PROXY protocol.
    server(
        S::Nginx,
        PROXY,
        &[
            "listen 443 ssl proxy_protocol; for a proxy that sends the header, without proxy_protocol for one that does not",
        ],
    ),
    server(
        S::IngressNginx,
        PROXY,
        &["use-proxy-protocol: \"true\" in the ConfigMap, if and only if the load balancer sends the header"],
    ),
    server(
        S::HaProxy,
        PROXY,
        &[
            "bind … accept-proxy, if and only if what is in front sends the header (send-proxy, send-proxy-v2)",
        ],
    ),
    server(
        S::Traefik,
        PROXY,
        &["entryPoints.NAME.proxyProtocol.trustedIPs: the addresses of the load balancer"],
    ),
    server(
        S::Envoy,
        PROXY,
        &["the listener filter envoy.filters.listener.proxy_protocol before tls_inspector"],
    ),
    server(S::Postfix, PROXY, &["smtpd_upstream_proxy_protocol = haproxy"]),
    server(S::Apache, PROXY, &["RemoteIPProxyProtocol On (mod_remoteip)"]),
    server(
        S::Go,
        PROXY,
        &[
            "net/http does not read the header: wrap the listener (github.com/pires/go-proxyproto), or turn it off in front",
        ],
    ),
    client(
        S::HaProxy,
        PROXY,
        &[
            "send-proxy or send-proxy-v2 on the server line sends the header: take it out, or let the server accept it",
        ],
    ),
    client(
        S::Nginx,
        PROXY,
        &["stream: proxy_protocol on; sends the header: take it out, or let the server accept it"],
    ),
];
