//! The result numbers of modems that do TLS themselves.

use super::{Code, both, number};
use crate::diagnosis::cause::Cause as C;

/// `+QSSLOPEN: connection,number`.
pub(super) const QUECTEL: &[Code] = &[
    number(550, "Quectel modem: an unknown error"),
    both(553, "Quectel modem: out of memory", C::LocalMemory),
    number(556, "Quectel modem: binding failed"),
    number(561, "Quectel modem: the data context could not be opened"),
    number(563, "Quectel modem: the connection number is in use"),
    number(564, "Quectel modem: DNS is busy"),
    number(565, "Quectel modem: the name could not be resolved"),
    number(566, "Quectel modem: the socket could not connect"),
    number(567, "Quectel modem: the socket was closed"),
    number(569, "Quectel modem: time ran out"),
    number(570, "Quectel modem: the data context broke down"),
    both(573, "Quectel modem: no APN is configured", C::LocalSettings),
    number(579, "Quectel modem: the TLS handshake failed; the modem gives no reason"),
];

/// `+CCHOPEN: session,number`.
pub(super) const SIMCOM: &[Code] = &[
    number(4, "SIMCom modem: the peer closed the connection"),
    number(5, "SIMCom modem: time ran out"),
    both(7, "SIMCom modem: a memory error", C::LocalMemory),
    number(8, "SIMCom modem: an invalid parameter"),
    number(9, "SIMCom modem: a network error"),
    number(10, "SIMCom modem: opening the session failed"),
    number(12, "SIMCom modem: the socket could not be created"),
    number(13, "SIMCom modem: the name could not be resolved"),
    number(14, "SIMCom modem: the socket could not connect"),
    number(15, "SIMCom modem: the TLS handshake failed; the modem gives no reason"),
    number(17, "SIMCom modem: no network"),
    both(19, "SIMCom modem: no certificates are set", C::LocalSettings),
];

/// `%XSOCKET: -1, number`: an `errno`.
pub(super) const NORDIC: &[Code] = &[
    both(12, "Nordic modem: out of memory", C::LocalMemory),
    number(22, "Nordic modem: an invalid argument"),
    number(45, "Nordic modem: not supported: the security tag or its credentials"),
    number(95, "Nordic modem: not supported: the security tag or its credentials"),
    both(104, "Nordic modem: the connection was reset", C::TransportReset),
    number(110, "Nordic modem: time ran out"),
    number(111, "Nordic modem: the connection was refused, or TLS failed; the modem gives no reason"),
    number(113, "Nordic modem: the host cannot be reached"),
    number(116, "Nordic modem: time ran out"),
];
