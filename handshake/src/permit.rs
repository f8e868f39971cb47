//! Refuses settings that need what the program is built without: none is ignored in silence.

use handclasp_codec::ProtocolVersion;
use handclasp_report::{Capability, Failed, Fault, Misuse, Report};

use crate::{ClientAuthentication, ClientStart, ClientVersion, Config, Context, capability as built};

/// Refuses a setting that is `asked` for and needs a capability that is not `built`.
fn permit(report: &mut Report, asked: bool, built: bool, needed: Capability) -> Result<(), Failed> {
    match asked && !built {
        true => Err(report.fail(Fault::Misuse(Misuse::NotBuilt(needed)))),
        false => Ok(()),
    }
}

/// Checks what a client is configured with.
///
/// # Errors
/// [`Misuse::NotBuilt`](handclasp_report::Misuse::NotBuilt).
pub(crate) fn client(context: &mut Context<'_>, start: &ClientStart<'_>) -> Result<(), Failed> {
    let (config, report) = (context.config, &mut *context.report);
    common(config, report)?;
    permit(report, !config.verify.is_empty(), built::Certificates::ON, Capability::Certificates)?;
    permit(report, start.psk.is_some(), built::Psk::ON, Capability::Psk)?;
    // A server may ask for a share in a group that has none yet.
    let tls13 = ClientVersion::find(config, ProtocolVersion::TLS_1_3).is_some();
    permit(report, tls13 && config.groups.len() > config.shares, built::Retry::ON, Capability::Retry)
}

/// Checks what a server is configured with.
///
/// # Errors
/// [`Misuse::NotBuilt`](handclasp_report::Misuse::NotBuilt).
pub(crate) fn server(context: &mut Context<'_>) -> Result<(), Failed> {
    let (config, report) = (context.config, &mut *context.report);
    common(config, report)?;
    permit(report, config.has_credential, built::Certificates::ON, Capability::Certificates)?;
    permit(report, config.has_psk, built::Psk::ON, Capability::Psk)?;
    permit(report, config.extensions.cookie_secret.is_some(), built::Retry::ON, Capability::Retry)?;
    permit(
        report,
        config.certificates.client_authentication != ClientAuthentication::None,
        built::ClientAuth::ON,
        Capability::ClientAuth,
    )
}

fn common(config: &Config, report: &mut Report) -> Result<(), Failed> {
    let certificates = &config.certificates;
    permit(report, !config.groups.is_empty(), built::Ecdhe::ON, Capability::Ecdhe)?;
    permit(
        report,
        config.suites.iter().any(|suite| suite.needs_encrypt_then_mac()),
        built::Cbc::ON,
        Capability::Cbc,
    )?;
    permit(report, config.resumption.tickets > 0, built::Tickets::ON, Capability::Tickets)?;
    permit(report, config.key_log, built::KeyLog::ON, Capability::KeyLog)?;
    let host_extensions = !config.alpn.is_empty()
        || config.extensions.status_request
        || !certificates.authorities.is_empty()
        || !certificates.schemes.is_empty()
        || !certificates.own_types.is_empty()
        || !certificates.peer_types.is_empty();
    permit(report, host_extensions, built::HostExtensions::ON, Capability::HostExtensions)
}
