//! `handclasp ca list`: what was issued and revoked, for people and for scripts.

use handclasp_authority::{AltName, AuthorityFolder, CrlUrl, Issued};
use handclasp_codec::Printable;
use handclasp_explain::certificate::rfc3339;
use handclasp_identity::KeyLocation;
use serde_json::json;

use super::{open, refused};
use crate::{args::CaList, exit::Failure, output, say::say};

/// Runs it.
pub fn run(arguments: &CaList) -> Result<(), Failure> {
    let ca = open(&arguments.folder)?;
    let issued = ca.issued().map_err(refused)?;
    if arguments.json {
        let (not_before, not_after) = ca.validity();
        let value = json!({
            "name": ca.name(),
            "not_before": time(not_before),
            "not_after": time(not_after),
            "permits": ca.constraints().to_string(),
            "crl_urls": crl_urls(&ca)?,
            "issued": issued.iter().map(json_of).collect::<Vec<_>>(),
        });
        return output::line(format_args!("{value:#}")).map(drop);
    }
    head(&ca)?;
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default().as_secs();
    let mut text = String::from("\n");
    for one in &issued {
        text.push_str(&line(one, now));
        text.push('\n');
    }
    if issued.is_empty() {
        text.push_str("nothing issued yet\n");
    }
    output::write(text.as_bytes()).map(drop)
}

/// Name, key and limits of the CA.
pub fn head(ca: &AuthorityFolder) -> Result<(), Failure> {
    let key = match ca.key_location().map_err(refused)? {
        Some(KeyLocation::File) => ca.path().join("key.pem").display().to_string(),
        Some(elsewhere) => elsewhere.to_string(),
        None => "not in the folder".to_owned(),
    };
    let (not_before, not_after) = ca.validity();
    let urls = crl_urls(ca)?.into_iter().map(|url| ("crl at", url));
    let lines = [
        ("name", ca.name()),
        ("certificate", ca.certificate_file().display().to_string()),
        ("key", key),
        ("valid", format!("{} to {}", time(not_before), time(not_after))),
        ("permits", ca.constraints().to_string()),
    ];
    let lines = lines.into_iter().chain(urls);
    let lines: Vec<String> = lines.map(|(name, value)| format!("{name:<12} {value}")).collect();
    output::line(lines.join("\n")).map(drop)
}

/// Where certificates say that the CRL is.
fn crl_urls(ca: &AuthorityFolder) -> Result<Vec<String>, Failure> {
    Ok(ca.crl_urls().map_err(refused)?.iter().map(CrlUrl::to_string).collect())
}

/// A certificate in one line on standard error.
pub fn issued_line(issued: &Issued) {
    say(line(issued, 0));
}

/// A certificate in one line.
fn line(issued: &Issued, now: u64) -> String {
    let state = match issued.revocation {
        Some(revocation) => format!("revoked {} ({})", day(revocation.time), revocation.reason),
        None if now > issued.not_after => format!("expired {}", day(issued.not_after)),
        None => format!("valid until {}", day(issued.not_after)),
    };
    let names = names(&issued.names).join(", ");
    let parts = [&issued.serial_text(), issued.profile.name(), &state, &issued.subject, &names];
    let parts = parts.into_iter().filter(|part| !part.is_empty());
    parts.map(|part| Printable(part).to_string()).collect::<Vec<_>>().join("  ")
}

fn json_of(issued: &Issued) -> serde_json::Value {
    json!({
        "serial": issued.serial_text(),
        "profile": issued.profile.name(),
        "not_before": time(issued.not_before),
        "not_after": time(issued.not_after),
        "revoked": issued.revocation.map(|revocation| time(revocation.time)),
        "reason": issued.revocation.map(|revocation| revocation.reason.name()),
        "pin": issued.pin,
        "names": names(&issued.names),
        "subject": issued.subject,
    })
}

fn names(names: &[AltName]) -> Vec<String> {
    names.iter().map(AltName::to_string).collect()
}

/// Seconds since 1970 as `2026-11-29T18:00:00Z`.
fn time(seconds: u64) -> String {
    rfc3339(i64::try_from(seconds).unwrap_or(i64::MAX))
}

/// The day.
pub fn day(seconds: u64) -> String {
    time(seconds).split('T').next().unwrap_or_default().to_owned()
}
