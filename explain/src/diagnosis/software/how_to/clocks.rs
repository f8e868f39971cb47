//! Time: clocks that are not set, certificates that have run out.

use super::{Row, client, server};
use crate::diagnosis::{cause::Cause as C, software::Software as S};

/// A device without a clock starts in 1970 or at its build date.
const UNSET: &[C] = &[C::ClockWrong, C::CertNotYetValid];
const EXPIRED: &[C] = &[C::CertExpired];

pub(super) const ROWS: &[Row] = &[
    client(
        S::EspIdf,
        UNSET,
        &["esp_netif_sntp_init(&config), then esp_netif_sntp_sync_wait(…), before the first connection"],
    ),
    client(
        S::Arduino,
        UNSET,
        &["configTime(0, 0, \"pool.ntp.org\"), then wait until time(nullptr) is past 2023, before connect()"],
    ),
    client(
        S::Esp8266,
        UNSET,
        &["configTime(0, 0, \"pool.ntp.org\"), then client.setX509Time(time(nullptr)), before connect()"],
    ),
    client(
        S::Zephyr,
        UNSET,
        &[
            "sntp_simple(\"pool.ntp.org\", 3000, &time), then clock_settime(CLOCK_REALTIME, …), before connect()",
        ],
    ),
    client(
        S::MbedTls,
        UNSET,
        &[
            "set the clock that mbedtls_time() reads; without one, leave MBEDTLS_HAVE_TIME_DATE undefined, which gives up the check",
        ],
    ),
    client(
        S::WolfSsl,
        UNSET,
        &[
            "set the clock that XTIME() reads (USER_TIME with a time() of yours); NO_ASN_TIME gives up the check",
        ],
    ),
    server(
        S::Nginx,
        EXPIRED,
        &["renew (certbot renew), then nginx -s reload: a running nginx keeps the certificate that it read"],
    ),
    server(
        S::Apache,
        EXPIRED,
        &[
            "renew (certbot renew), then apachectl graceful: a running httpd keeps the certificate that it read",
        ],
    ),
    server(
        S::HaProxy,
        EXPIRED,
        &[
            "renew, write leaf, chain and key into the crt file, then reload; or set ssl cert over the runtime socket",
        ],
    ),
    server(S::Postfix, EXPIRED, &["renew, then postfix reload"]),
    server(S::Postgres, EXPIRED, &["renew, then pg_ctl reload or SELECT pg_reload_conf();"]),
    server(S::MySql, EXPIRED, &["renew, then ALTER INSTANCE RELOAD TLS; (MariaDB: FLUSH SSL;)"]),
    server(S::Mosquitto, EXPIRED, &["renew, then send SIGHUP: certificates are read again"]),
    server(S::RabbitMq, EXPIRED, &["renew, then rabbitmqctl eval 'ssl:clear_pem_cache().'"]),
    server(S::Redis, EXPIRED, &["renew, then CONFIG SET tls-cert-file … tls-key-file …"]),
    server(
        S::Kubernetes,
        EXPIRED,
        &["kubeadm certs check-expiration, then kubeadm certs renew all and restart the control plane"],
    ),
    server(
        S::Go,
        EXPIRED,
        &[
            "tls.Config.GetCertificate that reads the file again: a tls.Certificate in Certificates stays what it was",
        ],
    ),
    server(S::Node, EXPIRED, &["server.setSecureContext({ key, cert }) after renewing"]),
    server(
        S::Kafka,
        EXPIRED,
        &[
            "renew the keystore, then kafka-configs.sh --alter --add-config listener.name.NAME.ssl.keystore.location=…",
        ],
    ),
];
