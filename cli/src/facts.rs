//! What is said on standard error: who was met and what was agreed, or why it failed.

use std::time::Duration;

use handclasp::{CertificateType, Connected, Error, Pin};
use handclasp_codec::Printable;

/// What was agreed, in one line.
pub fn agreed(connected: &Connected, time: Option<Duration>) -> String {
    let mut line = format!("{} {}", version(connected), connected.suite);
    if let Some(group) = connected.group {
        line += &format!(" {group}");
    }
    if let Some(scheme) = connected.scheme {
        line += &format!(" {scheme}");
    }
    if connected.resumed {
        line += " resumed";
    }
    if let Some(alpn) = &connected.alpn {
        line += &format!(" alpn={}", printable(alpn));
    }
    if let Some(peer) = &connected.peer {
        let raw = if peer.certificate_type == CertificateType::RawPublicKey { " raw-key" } else { "" };
        line += &format!(" peer={}{raw}", Pin(peer.pin));
    }
    if let Some(identity) = &connected.psk_identity {
        line += &format!(" psk-id={}", printable(identity));
    }
    if let Some(hint) = &connected.psk_identity_hint {
        line += &format!(" psk-hint={}", printable(hint));
    }
    if let Some(limits) = connected.record_limits {
        line += &format!(" records={}/{}", limits.send, limits.receive);
    }
    if let Some(response) = &connected.ocsp_response {
        line += &format!(" ocsp={} bytes", response.len());
    }
    if connected.version == handclasp::ProtocolVersion::TLS_1_2 && connected.exporter.is_none() {
        line += " without extended_master_secret: no resumption, no exporter";
    }
    if let Some(time) = time {
        line += &format!(" {:.1} ms", time.as_secs_f64() * 1e3);
    }
    line
}

/// Bytes that a peer may have chosen, as text that is safe to print.
pub fn printable(bytes: &[u8]) -> String {
    Printable(&String::from_utf8_lossy(bytes)).to_string()
}

/// The version as people write it.
pub fn version(connected: &Connected) -> &'static str {
    if connected.version == handclasp::ProtocolVersion::TLS_1_3 { "TLS 1.3" } else { "TLS 1.2" }
}

/// The verdict on a connection that ended: the error's own words, and what its report shows.
pub fn verdict(error: &Error) -> String {
    error.advice().to_string()
}
