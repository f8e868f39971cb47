//! The protocols, each with its signature, in the order in which they are tried: specific signatures first.
//! Ports are those of the IANA registry or of the server's default configuration.
//! Long because: it is the list of all protocols.

use super::{Protocol, database, messaging, network, text};
use crate::conversation::Side;
use crate::diagnosis::cause::Cause;

macro_rules! protocols {
    ($($name:literal, $cause:ident, $first:ident first, plain $plain:expr, tls $tls:expr, $command:expr, $starttls:expr,
        client $client:literal, server $server:literal, $signature:path;)+) => {
        /// All protocols.
        pub(super) const PROTOCOLS: &[Protocol] = &[$(Protocol {
            name: $name,
            cause: Cause::$cause,
            first: Side::$first,
            plain_ports: &$plain,
            tls_ports: &$tls,
            command: $command,
            starttls: $starttls,
            client: $client,
            server: $server,
            signature: $signature,
        }),+];
    };
}

protocols! {
    "WebSocket", TransportNotTlsHttp, Client first, plain [80], tls [443],
        None, None,
        client "use wss:// instead of ws:// in the client's address",
        server "enable TLS on the server's listener, or use ws:// in the client's address",
        text::websocket;
    "HTTP/2 without TLS (h2c, as gRPC uses it without credentials)", TransportNotTlsHttp, Client first, plain [], tls [443],
        None, None,
        client "use https://; in gRPC use TLS channel credentials instead of insecure or plaintext ones",
        server "enable TLS on the server's listener; in gRPC use TLS server credentials",
        text::http2;
    "SIP", TransportNotTlsOther, Client first, plain [5060], tls [5061],
        None, None,
        client "set transport=tls and port 5061 (sips:) on the client",
        server "enable the server's TLS transport on port 5061",
        text::sip;
    "RTSP", TransportNotTlsOther, Client first, plain [554, 8554], tls [322],
        None, None,
        client "use rtsps:// in the client's address",
        server "enable RTSPS on the server",
        text::rtsp;
    "NATS", TransportNotTlsOther, Server first, plain [4222], tls [],
        None, None,
        client "let the client read INFO before TLS (tls:// in its address does), or set its option for \
            TLS first",
        server "set handshake_first: true in the server's tls block, if TLS must be the first bytes",
        text::nats;
    "STOMP", TransportNotTlsOther, Client first, plain [61613], tls [61614],
        None, None,
        client "use stomp+ssl:// or the client's TLS option",
        server "enable the server's TLS connector for STOMP (RabbitMQ: stomp.listeners.ssl)",
        text::stomp;
    "HTTP", TransportNotTlsHttp, Client first, plain [80, 8080], tls [443, 8443],
        None, None,
        client "use https:// in the client's address",
        server "use http:// in the client's address, or the server's TLS port",
        text::http;
    "SSH", TransportNotTlsSsh, Server first, plain [22], tls [],
        None, None,
        client "connect the SSH client to the server's SSH port",
        server "connect to the port of the TLS service; this port is that of an SSH server",
        text::ssh;
    "MQTT", TransportNotTlsMqtt, Client first, plain [1883], tls [8883],
        None, None,
        client "switch TLS on in the client: mqtts:// or ssl:// in its address, --cafile in \
            mosquitto_pub, and port 8883",
        server "enable TLS on the listener: listener 8883 with certfile and keyfile in mosquitto.conf",
        messaging::mqtt;
    "sieve (ManageSieve)", TransportStarttls, Server first, plain [4190, 2000], tls [],
        Some("STARTTLS"), Some("sieve"),
        client "set the client to STARTTLS instead of TLS from the start",
        server "permit STARTTLS on the server",
        text::sieve;
    "IRC", TransportStarttls, Client first, plain [6667], tls [6697],
        Some("STARTTLS"), None,
        client "use the client's TLS option with port 6697",
        server "open a TLS listener on port 6697",
        text::irc;
    "NNTP", TransportStarttls, Server first, plain [119], tls [563],
        Some("STARTTLS"), Some("nntp"),
        client "set the client to STARTTLS, or to port 563",
        server "open a TLS listener on port 563",
        text::nntp;
    "FTP or POP3", TransportStarttls, Server first, plain [], tls [],
        Some("AUTH TLS or STLS"), None,
        client "set the client to TLS from the start (port 990 or 995)",
        server "open a listener with TLS from the start on port 990 or 995",
        text::user;
    "FTP", TransportStarttls, Server first, plain [21], tls [990],
        Some("AUTH TLS"), Some("ftp"),
        client "set the client to explicit FTPS (ftpes://), or to port 990",
        server "enable implicit FTPS on port 990 (vsftpd: implicit_ssl=YES)",
        text::ftp;
    "Redis (RESP)", TransportNotTlsOther, Client first, plain [6379], tls [6380],
        None, None,
        client "switch TLS on in the client: rediss:// in its address, or redis-cli --tls --cacert FILE",
        server "enable TLS on the server: tls-port, tls-cert-file and tls-key-file in redis.conf",
        text::redis;
    "IMAP", TransportStarttls, Server first, plain [143], tls [993],
        Some("STARTTLS"), Some("imap"),
        client "set the client to STARTTLS, or to port 993",
        server "open a listener with TLS from the start on port 993",
        text::imap;
    "POP3", TransportStarttls, Server first, plain [110], tls [995],
        Some("STLS"), Some("pop3"),
        client "set the client to STARTTLS, or to port 995",
        server "open a listener with TLS from the start on port 995",
        text::pop3;
    "SMTP", TransportNotTlsSmtp, Server first, plain [25, 587, 2525], tls [465],
        Some("STARTTLS"), Some("smtp"),
        client "set the client to STARTTLS on port 587 (Node: secure: false, Python: SMTP with \
            starttls(), not SMTP_SSL), or to port 465 for TLS from the start",
        server "open a listener with TLS from the start on port 465 (Postfix: smtpd_tls_wrappermode=yes)",
        text::smtp;
    "XMPP", TransportStarttls, Client first, plain [5222, 5269], tls [5223],
        Some("<starttls/>"), Some("xmpp"),
        client "set the client to STARTTLS, or to port 5223 for TLS from the start",
        server "open a listener with TLS from the start on port 5223",
        text::xmpp;
    "a mail or chat protocol", TransportStarttls, Server first, plain [], tls [],
        Some("STARTTLS"), None,
        client "set the client to STARTTLS",
        server "open a listener with TLS from the start",
        text::names_starttls;
    "VNC (RFB)", TransportNotTlsOther, Server first, plain [5900], tls [],
        None, None,
        client "use a VNC client, or a tunnel with TLS in front of the server (stunnel)",
        server "enable a VeNCrypt or TLS security type on the server",
        text::vnc;
    "memcached", TransportNotTlsOther, Client first, plain [], tls [],
        None, None,
        client "switch TLS on in the client",
        server "start memcached with -Z and ssl_chain_cert, ssl_key",
        text::memcached;
    "syslog", TransportNotTlsOther, Client first, plain [514, 601], tls [6514],
        None, None,
        client "set the sender to TLS (rsyslog: StreamDriver ossl or gtls with StreamDriverMode 1) and \
            port 6514",
        server "open a TLS input on port 6514 (rsyslog: StreamDriver.Mode 1)",
        text::syslog;
    "telnet", TransportNotTlsOther, Server first, plain [23], tls [992],
        None, None,
        client "connect to the port of the TLS service",
        server "use the device's TLS service instead of its telnet port",
        text::telnet;
    "rsync", TransportNotTlsOther, Server first, plain [873], tls [874],
        None, None,
        client "use rsync-ssl, or rsync over SSH",
        server "put a TLS proxy in front of the daemon",
        text::rsync;
    "git (git://)", TransportNotTlsOther, Client first, plain [9418], tls [],
        None, None,
        client "use https:// in the repository's address",
        server "serve the repository over HTTPS",
        text::git;
    "FIX", TransportNotTlsOther, Client first, plain [], tls [],
        None, None,
        client "switch TLS on in the FIX engine (QuickFIX/J: SocketUseSSL=Y)",
        server "enable TLS on the acceptor (QuickFIX/J: SocketUseSSL=Y)",
        text::fix;
    "HL7 (MLLP)", TransportNotTlsOther, Client first, plain [2575], tls [],
        None, None,
        client "switch TLS on in the sender",
        server "enable TLS on the listener",
        text::hl7;
    "ZooKeeper", TransportNotTlsOther, Client first, plain [2181], tls [2281],
        None, None,
        client "set zookeeper.client.secure=true with the Netty client socket, and the secure port",
        server "set secureClientPort and the Netty connection factory on the server",
        text::zookeeper_word;
    "TDS (SQL Server, Sybase)", TransportNotTlsOther, Client first, plain [1433], tls [],
        None, None,
        client "encrypt within TDS: Encrypt=yes; Encrypt=strict (TDS 8) is the setting that begins with TLS",
        server "permit TDS 8 (SQL Server 2022) for clients with Encrypt=strict; older servers begin with \
            PRELOGIN",
        database::tds;
    "PostgreSQL", TransportStarttls, Client first, plain [5432], tls [],
        Some("SSLRequest"), Some("postgres"),
        client "use sslmode=require with sslnegotiation=postgres, which sends SSLRequest first",
        server "use PostgreSQL 17 or later for clients with sslnegotiation=direct, and ssl = on",
        database::postgres;
    "RDP (X.224)", TransportStarttls, Client first, plain [3389], tls [],
        Some("X.224 connection request"), Some("rdp"),
        client "use an RDP client: TLS begins after the X.224 negotiation",
        server "put a TLS gateway in front of the server if TLS must be the first bytes",
        network::rdp;
    "MySQL", TransportStarttls, Server first, plain [3306, 33060], tls [],
        Some("SSLRequest"), Some("mysql"),
        client "use the client's own TLS setting (ssl-mode=REQUIRED): the server's greeting comes before \
            TLS",
        server "put a TLS proxy in front of the server if TLS must be the first bytes",
        database::mysql;
    "LDAP", TransportStarttls, Client first, plain [389, 3268], tls [636, 3269],
        Some("StartTLS"), Some("ldap"),
        client "use ldaps:// and port 636, or StartTLS (ldapsearch -ZZ)",
        server "add ldaps:/// to the server's listeners (slapd -h), or use StartTLS on port 389",
        database::ldap;
    "AMQP", TransportNotTlsOther, Client first, plain [5672], tls [5671],
        None, None,
        client "use amqps:// and port 5671",
        server "open a TLS listener (RabbitMQ: listeners.ssl.default = 5671)",
        messaging::amqp;
    "MongoDB", TransportNotTlsOther, Client first, plain [], tls [],
        None, None,
        client "add tls=true to the connection string",
        server "set net.tls.mode: requireTLS with certificateKeyFile",
        database::mongodb;
    "Cassandra (CQL)", TransportNotTlsOther, Client first, plain [], tls [9142],
        None, None,
        client "switch TLS on in the driver (cqlsh --ssl)",
        server "set client_encryption_options: enabled: true",
        database::cassandra;
    "ZooKeeper", TransportNotTlsOther, Client first, plain [2181], tls [2281],
        None, None,
        client "set zookeeper.client.secure=true with the Netty client socket, and the secure port",
        server "set secureClientPort and the Netty connection factory on the server",
        database::zookeeper;
    "Oracle Net (TNS)", TransportNotTlsOther, Client first, plain [1521], tls [2484],
        None, None,
        client "use PROTOCOL=TCPS and the TCPS port (2484) in the connect descriptor",
        server "add a TCPS endpoint to listener.ora, with a wallet",
        database::oracle;
    "DRDA (Db2)", TransportNotTlsOther, Client first, plain [], tls [50001],
        None, None,
        client "add sslConnection=true and the server's TLS port",
        server "set SSL_SVCENAME and DB2COMM=SSL on the server",
        database::db2;
    "SOCKS", TransportNotTlsOther, Client first, plain [1080], tls [],
        None, None,
        client "set the address as that of a SOCKS proxy only where a SOCKS proxy listens",
        server "connect to the TLS service through the proxy, not to the proxy itself",
        network::socks;
    "SMB", TransportNotTlsOther, Client first, plain [], tls [],
        None, None,
        client "connect to the port of the TLS service",
        server "use SMB over QUIC or a tunnel; SMB over TCP has its own encryption",
        network::smb;
    "Zabbix", TransportNotTlsOther, Client first, plain [], tls [],
        None, None,
        client "set TLSConnect=psk or cert on the side that connects",
        server "set TLSAccept to what the other side sends: unencrypted, psk or cert",
        messaging::zabbix;
    "Elasticsearch transport", TransportNotTlsOther, Client first, plain [], tls [],
        None, None,
        client "set xpack.security.transport.ssl.enabled: true on every node",
        server "set xpack.security.transport.ssl.enabled: true on every node",
        messaging::elasticsearch;
    "IBM MQ", TransportNotTlsOther, Client first, plain [], tls [],
        None, None,
        client "set the channel's cipher specification on the client (SSLCIPH)",
        server "set SSLCIPH on the server's channel",
        messaging::ibm_mq;
    "OPC UA", TransportNotTlsOther, Client first, plain [4840], tls [],
        None, None,
        client "use opc.tcp://; OPC UA has its own encryption, and opc.https:// is its TLS",
        server "enable the HTTPS endpoint of the server",
        messaging::opc_ua;
    "Erlang distribution", TransportNotTlsOther, Client first, plain [], tls [],
        None, None,
        client "start the node with -proto_dist inet_tls, as on the other node",
        server "start the node with -proto_dist inet_tls, as on the other node",
        messaging::erlang;
    "Java RMI", TransportNotTlsOther, Client first, plain [], tls [],
        None, None,
        client "use the SSL socket factory (JMX: com.sun.management.jmxremote.ssl=true)",
        server "use the SSL socket factory (JMX: com.sun.management.jmxremote.registry.ssl=true)",
        messaging::java;
    "IEC 60870-5-104", TransportNotTlsOther, Client first, plain [2404], tls [19998],
        None, None,
        client "enable TLS by IEC 62351-3 and port 19998",
        server "enable TLS by IEC 62351-3 on port 19998",
        messaging::iec104;
    "SMPP", TransportNotTlsOther, Client first, plain [2775], tls [3550],
        None, None,
        client "switch TLS on in the ESME",
        server "enable TLS on the SMSC's listener",
        messaging::smpp;
    "Diameter", TransportNotTlsOther, Client first, plain [3868], tls [5658],
        None, None,
        client "use TLS on port 5658",
        server "enable TLS on port 5658",
        messaging::diameter;
    "DICOM", TransportNotTlsOther, Client first, plain [104, 11112], tls [2762],
        None, None,
        client "switch TLS on in the application entity (port 2762)",
        server "enable TLS on port 2762",
        messaging::dicom;
    "BitTorrent", TransportNotTlsOther, Client first, plain [], tls [],
        None, None,
        client "connect to the port of the TLS service",
        server "move the TLS service to another port",
        network::bittorrent;
    "OpenVPN", TransportNotTlsOther, Client first, plain [1194], tls [],
        None, None,
        client "point the VPN client to the server's OpenVPN port; OpenVPN is not bare TLS",
        server "use port-share in OpenVPN if both share a port",
        network::openvpn;
    "WireGuard", TransportNotTlsOther, Client first, plain [], tls [],
        None, None,
        client "use UDP: WireGuard does not run over TCP or TLS",
        server "use UDP: WireGuard does not run over TCP or TLS",
        network::wireguard;
    "DNS over TCP", TransportNotTlsOther, Client first, plain [53], tls [853],
        None, None,
        client "use DNS over TLS on port 853",
        server "open a listener for DNS over TLS on port 853",
        network::dns;
    "Kafka", TransportNotTlsOther, Client first, plain [9092], tls [9093],
        None, None,
        client "set security.protocol=SSL or SASL_SSL, as the listener has it",
        server "add an SSL listener to listeners, and map it in listener.security.protocol.map",
        messaging::kafka;
    "Modbus", TransportNotTlsOther, Client first, plain [502], tls [802],
        None, None,
        client "use Modbus Security on port 802",
        server "enable Modbus Security on port 802",
        messaging::modbus;
}
