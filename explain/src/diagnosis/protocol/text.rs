//! Signatures of protocols of lines. The comments name the documents that define the first line.

use super::Begin;

/// Methods of HTTP/1 (RFC 9110 §9), its status line, and pages of servers that answer without one.
const HTTP: &[&str] = &[
    "HTTP/",
    "GET ",
    "POST ",
    "PUT ",
    "HEAD ",
    "OPTIONS ",
    "DELETE ",
    "PATCH ",
    "TRACE ",
    "PROPFIND ",
    "CONNECT ",
    "<!DOCTYPE HTML",
    "<HTML",
];

pub(super) fn http(begin: &Begin<'_>) -> bool {
    begin.starts(HTTP)
}

/// A request that upgrades to WebSocket (RFC 6455 §4.1).
pub(super) fn websocket(begin: &Begin<'_>) -> bool {
    begin.starts(&["GET "]) && begin.contains(&["\r\nUPGRADE: WEBSOCKET"])
}

/// The preface of HTTP/2, or the SETTINGS frame of its server (RFC 9113 §3.4, §6.5).
pub(super) fn http2(begin: &Begin<'_>) -> bool {
    let settings = matches!(begin.bytes, [0, 0, length, 4, 0, 0, 0, 0, 0, ..] if length % 6 == 0);
    begin.starts(&["PRI * HTTP/2"]) || settings
}

/// RFC 4253 §4.2.
pub(super) fn ssh(begin: &Begin<'_>) -> bool {
    begin.starts(&["SSH-"])
}

/// RFC 5321 §4.2, LMTP (RFC 2033) included.
pub(super) fn smtp(begin: &Begin<'_>) -> bool {
    let server = ["220", "554 ", "421 "];
    begin.starts(&["EHLO ", "HELO ", "LHLO ", "MAIL FROM"]) || begin.starts(&server)
}

/// RFC 959 §5.4, RFC 4217 §4.
pub(super) fn ftp(begin: &Begin<'_>) -> bool {
    let greets = begin.starts(&["220"]) && begin.contains(&["FTP"]);
    let user = begin.starts(&["USER "]) && !begin.contains(&[" * ", " 0 "]);
    greets || user || begin.starts(&["AUTH TLS", "AUTH SSL"])
}

/// The first command of two protocols, of which a report has only the name.
pub(super) fn user(begin: &Begin<'_>) -> bool {
    begin.is_reported() && begin.is_client() && begin.text == "USER "
}

/// RFC 9051 §7.1.
pub(super) fn imap(begin: &Begin<'_>) -> bool {
    begin.starts(&["* OK", "* BYE", "* PREAUTH"])
        || begin.is_client() && begin.contains(&[" CAPABILITY\r\n", " STARTTLS\r\n", " LOGIN "])
}

/// RFC 1939 §3, RFC 2595 §4.
pub(super) fn pop3(begin: &Begin<'_>) -> bool {
    match begin.is_client() {
        true => begin.starts(&["CAPA\r\n", "STLS\r\n", "APOP "]),
        false => begin.starts(&["+OK", "-ERR"]),
    }
}

/// RFC 5804 §1.7.
pub(super) fn sieve(begin: &Begin<'_>) -> bool {
    begin.starts(&["\"IMPLEMENTATION\""])
}

/// RFC 3977 §5.1, RFC 4642.
pub(super) fn nntp(begin: &Begin<'_>) -> bool {
    let news = ["NNTP", "NEWS", "POSTING", "INN "];
    begin.starts(&["200 ", "201 "]) && begin.contains(&news) || begin.starts(&["MODE READER"])
}

/// RFC 6120 §4.2.
pub(super) fn xmpp(begin: &Begin<'_>) -> bool {
    begin.starts(&["<?XML", "<STREAM:"]) && !begin.contains(&["<HTML"])
}

/// RFC 2812 §3.1, the capability negotiation of IRCv3.
pub(super) fn irc(begin: &Begin<'_>) -> bool {
    let greets = begin.starts(&[":", "NOTICE "]) && begin.contains(&["NOTICE ", " 001 "]);
    let user = begin.starts(&["USER "]) && begin.contains(&[" * :", " 0 * "]);
    greets || user || begin.starts(&["NICK ", "CAP LS"])
}

/// RFC 3261 §7.
pub(super) fn sip(begin: &Begin<'_>) -> bool {
    let request = ["INVITE ", "REGISTER ", "OPTIONS ", "SUBSCRIBE ", "NOTIFY ", "MESSAGE "];
    let line = begin.text.lines().next().unwrap_or_default();
    begin.starts(&["SIP/2.0 "]) || begin.starts(&request) && line.ends_with(" SIP/2.0")
}

/// RFC 7826 §20.2, RFC 2326.
pub(super) fn rtsp(begin: &Begin<'_>) -> bool {
    let request = ["OPTIONS ", "DESCRIBE ", "SETUP ", "ANNOUNCE ", "PLAY "];
    let line = begin.text.lines().next().unwrap_or_default();
    begin.starts(&["RTSP/"]) || begin.starts(&request) && line.contains(" RTSP/")
}

/// RFC 6143 §7.1.1.
pub(super) fn vnc(begin: &Begin<'_>) -> bool {
    begin.starts(&["RFB 00"])
}

/// RESP of Redis and Valkey: commands as arrays, and the replies that name it.
pub(super) fn redis(begin: &Begin<'_>) -> bool {
    let array = || matches!(begin.bytes, [b'*', b'0'..=b'9', ..]) && begin.contains(&["\r\n$"]);
    let replies = [
        "+PONG",
        "-NOAUTH",
        "-DENIED REDIS",
        "-WRONGPASS",
        "-LOADING",
        "-MISCONF",
        "-NOPERM",
        "-ERR PROTOCOL ERROR",
        "-ERR UNKNOWN COMMAND '",
        "-ERR UNKNOWN COMMAND `",
        "-ERR CLIENT SENT AUTH",
    ];
    match begin.is_client() {
        true => array() || begin.starts(&["PING\r\n"]) || begin.text.starts_with("HELLO 3\r"),
        false => array() || replies.iter().any(|reply| begin.text.starts_with(reply)),
    }
}

/// The text protocol of memcached.
pub(super) fn memcached(begin: &Begin<'_>) -> bool {
    let requests = ["STATS\r\n", "VERSION\r\n", "GETS ", "VERBOSITY ", "MN\r\n", "FLUSH_ALL"];
    let stored = begin.starts(&["SET "])
        && begin
            .text
            .lines()
            .next()
            .is_some_and(|line| line.split(' ').skip(2).all(|number| number.parse::<u64>().is_ok()));
    match begin.is_client() {
        true => begin.starts(&requests) || stored,
        false => {
            begin.text == "ERROR\r\n"
                || begin.starts(&["CLIENT_ERROR ", "SERVER_ERROR ", "STAT PID ", "STORED\r\n"])
        }
    }
}

/// The client protocol of NATS: INFO, CONNECT with JSON.
pub(super) fn nats(begin: &Begin<'_>) -> bool {
    begin.starts(&["INFO {"])
        || begin.text.starts_with("CONNECT {")
        || begin.text.starts_with("-ERR 'UNKNOWN PROTOCOL")
}

/// STOMP 1.2: a frame is a command line, headers and a NUL byte.
pub(super) fn stomp(begin: &Begin<'_>) -> bool {
    let commands = ["CONNECT\n", "CONNECT\r\n", "STOMP\n", "STOMP\r\n", "CONNECTED\n", "ERROR\nMESSAGE:"];
    commands.iter().any(|command| begin.text.starts_with(command))
}

/// RFC 5424 §6 over TCP, with or without octet counting (RFC 6587 §3.4).
pub(super) fn syslog(begin: &Begin<'_>) -> bool {
    let counted = begin.text.split_once(' ').filter(|(count, _)| count.parse::<u32>().is_ok());
    let line = counted.map_or(begin.text.as_str(), |(_, line)| line);
    let priority = line.strip_prefix('<').and_then(|rest| rest.split_once('>'));
    begin.is_client()
        && priority.is_some_and(|(number, _)| number.parse::<u8>().is_ok_and(|number| number < 192))
}

/// RFC 854: commands of telnet start with IAC.
pub(super) fn telnet(begin: &Begin<'_>) -> bool {
    matches!(begin.bytes, [0xff, 0xfb..=0xfe, 0..=49, ..])
}

/// The daemon of rsync.
pub(super) fn rsync(begin: &Begin<'_>) -> bool {
    begin.starts(&["@RSYNCD:"])
}

/// git's own transport: a pkt-line with the service.
pub(super) fn git(begin: &Begin<'_>) -> bool {
    begin.is_client() && begin.contains(&["GIT-UPLOAD-PACK /", "GIT-RECEIVE-PACK /"])
}

/// FIX: every message starts with its version.
pub(super) fn fix(begin: &Begin<'_>) -> bool {
    begin.starts(&["8=FIX"])
}

/// HL7 over MLLP: a vertical tab before the first segment.
pub(super) fn hl7(begin: &Begin<'_>) -> bool {
    begin.bytes.starts_with(b"\x0bMSH|")
}

/// The four-letter commands of ZooKeeper.
pub(super) fn zookeeper_word(begin: &Begin<'_>) -> bool {
    let words: [&[u8]; 6] = [b"ruok", b"stat", b"srvr", b"mntr", b"conf", b"cons"];
    begin.is_client() && words.contains(&begin.bytes.trim_ascii_end())
}

/// A protocol of lines that names STARTTLS itself.
pub(super) fn names_starttls(begin: &Begin<'_>) -> bool {
    begin.contains(&["STARTTLS"])
}
