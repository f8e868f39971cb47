//! The result numbers of modems that do TLS themselves.

use super::code::{Code, both, in_table, number};
use super::number::{behind, has};
use crate::diagnosis::cause::Cause as C;

/// The number of a line in lower case.
pub(super) fn code(lower: &str) -> Option<&'static Code> {
    let of_command = COMMANDS.iter().find_map(|(command, place, table)| {
        let (_, numbers) = lower.split_once(command)?;
        let digits = numbers.split(',').nth(*place)?.trim();
        let end =
            digits.find(|found: char| !(found.is_ascii_digit() || found == '-')).unwrap_or(digits.len());
        in_table(table, digits.get(..end)?.parse().ok()?)
    });
    of_command.or_else(|| nordic(lower))
}

/// A command, the place of its result among the numbers behind it, and what the results mean.
const COMMANDS: &[(&str, usize, &[Code])] = &[
    ("+qsslopen:", 1, QUECTEL),
    ("+qiopen:", 1, QUECTEL),
    ("+qhttpurl:", 0, QUECTEL_HTTP),
    ("+qhttpget:", 0, QUECTEL_HTTP),
    ("+qhttppost:", 0, QUECTEL_HTTP),
    ("+qmtopen:", 1, QUECTEL_MQTT),
    ("+cchopen:", 1, SIMCOM),
    ("+httpaction:", 1, SIMCOM_HTTP),
    ("+cmqttconnect:", 1, SIMCOM_MQTT),
    ("+caopen:", 1, SIMCOM_CA),
    ("%xsocket: -1", 1, NORDIC),
    ("nordic(\"tls_connect\"", 2, NORDIC),
    ("nordic(\"connect\"", 2, NORDIC),
    ("nordic(\"new_socket\"", 2, NORDIC),
];

/// Programs on Nordic's modems print its `errno`.
fn nordic(lower: &str) -> Option<&'static Code> {
    if !has(lower, &["nrf_connect", "nrf_modem", "nrf91", "nrf_sec_tag"]) {
        return None;
    }
    in_table(NORDIC, behind(lower, &["errno", "err:", "err ", "error:", "error "])?.abs())
}

/// `+QSSLOPEN: connection,number`.
const QUECTEL: &[Code] = &[
    number(550, "Quectel modem: an unknown error"),
    number(551, "Quectel modem: the operation is blocked"),
    number(552, "Quectel modem: an invalid parameter"),
    both(553, "Quectel modem: out of memory", C::LocalMemory),
    number(554, "Quectel modem: the socket could not be created"),
    number(555, "Quectel modem: the operation is not supported"),
    number(556, "Quectel modem: binding failed"),
    number(557, "Quectel modem: listening failed"),
    number(558, "Quectel modem: writing failed"),
    number(559, "Quectel modem: reading failed"),
    number(560, "Quectel modem: accepting a connection failed"),
    number(561, "Quectel modem: the data context could not be opened"),
    number(562, "Quectel modem: the data context could not be closed"),
    number(563, "Quectel modem: the connection number is in use"),
    number(564, "Quectel modem: DNS is busy"),
    number(565, "Quectel modem: the name could not be resolved"),
    number(566, "Quectel modem: the socket could not connect"),
    number(567, "Quectel modem: the socket was closed"),
    number(568, "Quectel modem: the operation is busy"),
    number(569, "Quectel modem: the time ran out"),
    number(570, "Quectel modem: the data context broke down"),
    number(571, "Quectel modem: sending was cancelled"),
    number(572, "Quectel modem: the operation is not allowed"),
    both(573, "Quectel modem: no APN is configured", C::LocalSettings),
    number(574, "Quectel modem: the port is in use"),
    number(579, "Quectel modem: the TLS handshake failed; the modem gives no reason"),
];

/// `+QHTTPGET: number`.
const QUECTEL_HTTP: &[Code] = &[
    number(701, "Quectel modem: an unknown error of HTTP"),
    number(702, "Quectel modem: the time ran out"),
    number(703, "Quectel modem: HTTP is busy"),
    number(711, "Quectel modem: the network failed"),
    number(714, "Quectel modem: the socket could not connect, or TLS failed"),
    number(715, "Quectel modem: reading from the socket failed"),
    number(716, "Quectel modem: writing to the socket failed"),
    number(717, "Quectel modem: the socket was closed"),
];

/// `+QMTOPEN: client,number`.
const QUECTEL_MQTT: &[Code] = &[
    number(
        -1,
        "Quectel modem: the connection could not be opened, by TCP or by TLS; the modem gives no reason",
    ),
    number(1, "Quectel modem: a wrong parameter"),
    number(2, "Quectel modem: the number of the client is in use"),
    number(3, "Quectel modem: the data context could not be opened"),
    number(4, "Quectel modem: the name could not be resolved"),
    number(5, "Quectel modem: the connection was closed"),
];

/// `+CCHOPEN: session,number`.
const SIMCOM: &[Code] = &[
    number(4, "SIMCom modem: the peer closed the connection"),
    number(5, "SIMCom modem: the time ran out"),
    both(7, "SIMCom modem: a memory error", C::LocalMemory),
    number(8, "SIMCom modem: an invalid parameter"),
    number(9, "SIMCom modem: a network error"),
    number(10, "SIMCom modem: opening the session failed"),
    number(12, "SIMCom modem: the socket could not be created"),
    number(13, "SIMCom modem: the name could not be resolved"),
    number(14, "SIMCom modem: the socket could not connect"),
    number(15, "SIMCom modem: the TLS handshake failed; the modem gives no reason"),
    number(16, "SIMCom modem: closing failed"),
    number(17, "SIMCom modem: no network"),
    number(18, "SIMCom modem: sending timed out"),
    both(19, "SIMCom modem: no certificates are set", C::LocalSettings),
];

/// `+HTTPACTION: method,number,length`: those of SSL from 700, older modems from 600.
const SIMCOM_HTTP: &[Code] = &[
    number(601, "SIMCom modem: a network error"),
    both(602, "SIMCom modem: out of memory", C::LocalMemory),
    number(603, "SIMCom modem: the name could not be resolved"),
    number(605, "SIMCom modem: TLS could not be established; the modem gives no reason"),
    number(606, "SIMCom modem: a fatal TLS alert came"),
    number(704, "SIMCom modem: the peer closed the connection"),
    number(705, "SIMCom modem: the time ran out"),
    both(707, "SIMCom modem: a memory error", C::LocalMemory),
    number(709, "SIMCom modem: a network error"),
    number(710, "SIMCom modem: opening the session failed"),
    number(713, "SIMCom modem: the name could not be resolved"),
    number(714, "SIMCom modem: the socket could not connect"),
    number(715, "SIMCom modem: the TLS handshake failed; the modem gives no reason"),
    number(717, "SIMCom modem: no network"),
    both(719, "SIMCom modem: no certificates are set", C::LocalSettings),
];

/// `+CMQTTCONNECT: client,number`.
const SIMCOM_MQTT: &[Code] = &[
    number(3, "SIMCom modem: the socket could not connect"),
    number(15, "SIMCom modem: the request to connect failed; the modem gives no reason"),
    number(17, "SIMCom modem: the time ran out"),
    number(25, "SIMCom modem: the name could not be resolved"),
    number(26, "SIMCom modem: the server closed the connection"),
    number(32, "SIMCom modem: the TLS handshake failed; the modem gives no reason"),
    both(33, "SIMCom modem: no certificates are set", C::LocalSettings),
    number(34, "SIMCom modem: the TLS session could not be opened; the modem gives no reason"),
];

/// `+CAOPEN: connection,number`.
const SIMCOM_CA: &[Code] = &[
    number(1, "SIMCom modem: the socket failed"),
    both(2, "SIMCom modem: out of memory", C::LocalMemory),
    number(3, "SIMCom modem: too many connections"),
    number(4, "SIMCom modem: an invalid parameter"),
    number(6, "SIMCom modem: an invalid address"),
    number(7, "SIMCom modem: the operation is not supported"),
    number(11, "SIMCom modem: the connection could not be opened; the modem gives no reason"),
    number(12, "SIMCom modem: the connection could not be opened; the modem gives no reason"),
    number(13, "SIMCom modem: the connection could not be opened; the modem gives no reason"),
    number(20, "SIMCom modem: the name could not be resolved"),
    number(21, "SIMCom modem: the network is not active"),
    both(23, "SIMCom modem: the connection was refused", C::TransportRefused),
    both(24, "SIMCom modem: the certificate has expired", C::CertExpired),
    both(25, "SIMCom modem: the name of the certificate does not match", C::CertNameMismatch),
    both(26, "SIMCom modem: the certificate has expired, and its name does not match", C::CertExpired)
        .several(),
    number(27, "SIMCom modem: the connection failed"),
];

/// `%XSOCKET: -1, number`: an `errno` of newlib, or of the first firmware.
const NORDIC: &[Code] = &[
    both(12, "Nordic modem: out of memory", C::LocalMemory),
    number(22, "Nordic modem: an invalid argument"),
    number(41, "Nordic modem: this version or type of socket is not supported"),
    number(45, "Nordic modem: not supported: the security tag or its credentials"),
    both(54, "Nordic modem: the connection was reset", C::TransportReset),
    number(60, "Nordic modem: the time ran out"),
    number(95, "Nordic modem: not supported: the security tag or its credentials, or TLS failed"),
    both(104, "Nordic modem: the connection was reset", C::TransportReset),
    number(111, "Nordic modem: the connection was refused, or TLS failed; the modem gives no reason"),
    number(113, "Nordic modem: the connection was aborted"),
    number(116, "Nordic modem: the time ran out"),
    number(118, "Nordic modem: the host cannot be reached"),
];
