//! Trust with which no peer could be trusted, or every one.

use handclasp_report::Misuse;
use handclasp_trust::Trust;

use super::Problem;

/// Trust in servers, but for [`Trust::Psk`] alone.
pub(super) fn in_servers(trust: &Trust, is_named: bool, is_judged_late: bool) -> Result<(), Problem> {
    together(trust, "server")?;
    each(trust, &|part| match part {
        // The application judges, and may do so by something else than a name.
        Trust::WebPki(_) if !is_named && !is_judged_late => Err(Problem::new(
            Misuse::NoExpectedName,
            "`Trust::WebPki` needs a server name to verify the certificate against: pass \
             `Some(\"host.example\")`. Only pins and pre-shared keys work without a name.",
        )),
        Trust::KnownPeers(_) if !is_named => Err(Problem::new(
            Misuse::NoExpectedName,
            "`Trust::KnownPeers` looks servers up by their name: pass `Some(\"printer.local\")`, or \
             `PeerName::service(\"Hall Door._lock._tcp\")`.",
        )),
        other => not_empty(other, "server"),
    })
}

/// Trust in clients. An empty list of pins is in order where the application judges: the list may be its own.
pub(super) fn in_clients(trust: &Trust, is_judged_late: bool) -> Result<(), Problem> {
    if matches!(trust, Trust::Psk(_)) {
        return Err(nobody(
            "`Trust::Psk` cannot verify client certificates: pass a server's pre-shared keys to \
             `Credentials::and_psk`; `require_client` needs `Trust::WebPki` or `Trust::Pins`.",
        ));
    }
    together(trust, "client")?;
    each(trust, &|part| match part {
        Trust::Pins(_) if is_judged_late => Ok(()),
        part => not_empty(part, "client"),
    })
}

/// Checks each part. Every connection begins with this, so that it allocates nothing.
fn each(trust: &Trust, check: &dyn Fn(&Trust) -> Result<(), Problem>) -> Result<(), Problem> {
    match trust {
        Trust::AnyOf(parts) => parts.iter().try_for_each(|part| each(part, check)),
        one => check(one),
    }
}

/// Whether the parts of `Trust::AnyOf` can be together.
fn together(trust: &Trust, peer: &str) -> Result<(), Problem> {
    if !matches!(trust, Trust::AnyOf(_)) {
        return Ok(());
    }
    let parts = trust.parts();
    let files = parts.iter().filter(|part| matches!(part, Trust::KnownPeers(_))).count();
    let has = |is: fn(&Trust) -> bool| parts.iter().any(|part| is(part));
    if parts.is_empty() {
        return Err(nobody(format!(
            "`Trust::AnyOf` is empty, so no {peer} could be trusted: add roots, pins or known peers."
        )));
    }
    if has(|part| matches!(part, Trust::DangerNobody)) {
        return Err(nobody(format!(
            "`Trust::AnyOf` has `Trust::DangerNobody` among its parts, which accepts every {peer}, so that the others \
             decide nothing: leave it out."
        )));
    }
    if has(|part| matches!(part, Trust::Psk(_))) {
        return Err(nobody(
            "`Trust::AnyOf` has `Trust::Psk` among its parts, which verifies no certificates. A server's pre-shared \
             keys go to `Credentials::and_psk`, beside `require_client`; a client either uses one (`Trust::Psk` \
             alone) or verifies certificates.",
        ));
    }
    match files {
        0 | 1 => Ok(()),
        _ => Err(nobody(
            "`Trust::AnyOf` has several files of known peers, so it would be open which of them learns a new peer: \
             put the lines into one file.",
        )),
    }
}

fn not_empty(part: &Trust, peer: &str) -> Result<(), Problem> {
    match part {
        Trust::Pins(pins) | Trust::PinsWithDates(pins) if pins.is_empty() => Err(nobody(format!(
            "`Trust::{}` is empty, so no {peer} could be trusted: add the {}.",
            if matches!(part, Trust::Pins(_)) { "Pins" } else { "PinsWithDates" },
            if peer == "server" { "pin of the server's key" } else { "pins of the clients' keys" }
        ))),
        Trust::WebPki(roots) if roots.is_empty() => Err(nobody(
            "`Trust::WebPki` has no root certificates, so no certificate could be trusted: use \
             `Roots::system()` or `Roots::from_pem_file(…)`.",
        )),
        _ => Ok(()),
    }
}

fn nobody(sentence: impl Into<String>) -> Problem {
    Problem::new(Misuse::NobodyTrusted, sentence)
}
