//! Alerts from the peer, and what each of them ends (RFC 8446 §6, RFC 5246 §7.2).

use handclasp_codec::{AlertDescription, AlertLevel, Field, ProtocolVersion};
use handclasp_record::Budget;
use handclasp_report::{Fault, FaultCode, Flood};

/// What an alert record means for the connection.
pub(crate) enum Heard {
    /// The peer will send nothing more.
    CloseNotify,
    /// A warning that changes nothing.
    Warning,
}

/// Judges an alert. In TLS 1.3 every alert but close_notify and
/// user_canceled is fatal, whatever level it names (RFC 8446 §6).
pub(crate) fn hear(
    level: AlertLevel,
    description: AlertDescription,
    version: Option<ProtocolVersion>,
    budget: &mut Budget,
) -> Result<Heard, FaultCode> {
    if ![AlertLevel::warning, AlertLevel::fatal].contains(&level) {
        return Err(Fault::IllegalParameter(Field::level).code());
    }
    if description == AlertDescription::close_notify {
        return Ok(Heard::CloseNotify);
    }
    let is_warning = match version {
        Some(ProtocolVersion::TLS_1_3) => description == AlertDescription::user_canceled,
        _ => level == AlertLevel::warning,
    };
    if !is_warning {
        return Err(Fault::PeerAlert(description).code());
    }
    budget.spend(Flood::Warnings)?;
    Ok(Heard::Warning)
}
