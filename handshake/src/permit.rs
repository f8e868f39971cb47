//! Refuses settings that need what the program is built without: none is ignored in silence.

use handclasp_codec::ProtocolVersion;
use handclasp_report::{Capability, Failed, Fault, Misuse};

use crate::{ClientAuthentication, ClientStart, ClientVersion, Config, Context, capability as built};

/// Checks what a client is configured with.
///
/// # Errors
/// [`Misuse::NotBuilt`](handclasp_report::Misuse::NotBuilt).
pub(crate) fn client(context: &mut Context<'_>, start: &ClientStart<'_>) -> Result<(), Failed> {
    of_client(context.config, start).map_err(|needed| context.fail(Fault::Misuse(Misuse::NotBuilt(needed))))
}

/// Checks what a server is configured with.
///
/// # Errors
/// [`Misuse::NotBuilt`](handclasp_report::Misuse::NotBuilt).
pub(crate) fn server(context: &mut Context<'_>) -> Result<(), Failed> {
    of_server(context.config).map_err(|needed| context.fail(Fault::Misuse(Misuse::NotBuilt(needed))))
}

/// Refuses a setting that is `asked` for and needs a capability that is not `built`.
fn permit(asked: bool, built: bool, needed: Capability) -> Result<(), Capability> {
    match asked && !built {
        true => Err(needed),
        false => Ok(()),
    }
}

fn of_client(config: &Config, start: &ClientStart<'_>) -> Result<(), Capability> {
    of_both(config)?;
    permit(!config.verify.is_empty(), built::Certificates::ON, Capability::Certificates)?;
    permit(start.psk.is_some(), built::Psk::ON, Capability::Psk)?;
    let imported_twice = start.psk.is_some_and(|psk| psk.also.is_some());
    permit(imported_twice, built::HostExtensions::ON, Capability::HostExtensions)?;
    // A server may ask for a share in a group that has none yet.
    let tls13 = ClientVersion::find(config, ProtocolVersion::TLS_1_3).is_some();
    permit(tls13 && config.groups.len() > config.shares, built::Retry::ON, Capability::Retry)
}

fn of_server(config: &Config) -> Result<(), Capability> {
    of_both(config)?;
    permit(config.has_credential, built::Certificates::ON, Capability::Certificates)?;
    permit(config.has_psk, built::Psk::ON, Capability::Psk)?;
    let stateless = config.extensions.cookie_secret.is_some();
    permit(stateless, built::Retry::ON, Capability::Retry)?;
    permit(stateless, built::StatelessRetry::ON, Capability::HostExtensions)?;
    permit(
        config.certificates.client_authentication != ClientAuthentication::None,
        built::ClientAuth::ON,
        Capability::ClientAuth,
    )
}

fn of_both(config: &Config) -> Result<(), Capability> {
    let certificates = &config.certificates;
    permit(!config.groups.is_empty(), built::Ecdhe::ON, Capability::Ecdhe)?;
    permit(
        config.suites.iter().any(|suite| suite.needs_encrypt_then_mac()),
        built::Cbc::ON,
        Capability::Cbc,
    )?;
    permit(config.resumption.tickets > 0, built::Tickets::ON, Capability::Tickets)?;
    permit(config.key_log, built::KeyLog::ON, Capability::KeyLog)?;
    let host_extensions = !config.alpn.is_empty()
        || config.extensions.status_request
        || !certificates.authorities.is_empty()
        || !certificates.schemes.is_empty()
        || !certificates.own_types.is_empty()
        || !certificates.peer_types.is_empty();
    permit(host_extensions, built::HostExtensions::ON, Capability::HostExtensions)
}
