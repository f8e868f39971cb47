//! `handclasp id show`: name, pin, certificate and the location of the key.

use handclasp::{KeyKind, Pin};
use handclasp_explain::certificate;
use handclasp_identity::IdentityFolder;
use serde_json::json;

use super::refused;
use crate::{args::IdShow, exit::Failure, output};

/// Runs it.
pub fn run(arguments: &IdShow) -> Result<(), Failure> {
    print(&IdentityFolder::new(&arguments.folder), arguments.json)
}

/// Prints what is known of the identity in the folder.
pub fn print(folder: &IdentityFolder, as_json: bool) -> Result<(), Failure> {
    let failed = |error| refused("", error);
    let identity = folder.load().map_err(failed)?;
    let name = folder.name().map_err(failed)?;
    let rotations = folder.rotations().map_err(failed)?.len();
    let pin = Pin::of_spki(&identity.spki());
    let kind = kind_name(identity.key_kind());
    let place = folder.identity_file().display().to_string();
    let leaf = identity.chain().first();
    let summary = leaf.and_then(|der| certificate::summary(der)).unwrap_or_default();
    let dates = leaf.and_then(|der| certificate::validity(der));
    let dates = dates.map(|(from, to)| (certificate::rfc3339(from), certificate::rfc3339(to)));
    if as_json {
        let value = json!({
            "name": name,
            "pin": pin.to_string(),
            "words": pin.words(),
            "key": { "kind": kind, "location": place },
            "certificate": summary,
            "not_before": dates.as_ref().map(|(from, _)| from),
            "not_after": dates.as_ref().map(|(_, to)| to),
            "certificates": identity.chain().len(),
            "rotations": rotations,
        });
        return output::line(format_args!("{value:#}")).map(drop);
    }
    let mut lines = vec![
        ("name", name),
        ("pin", pin.to_string()),
        ("words", pin.words()),
        ("key", format!("{kind}, in {place}")),
        ("certificate", summary),
    ];
    if let Some((from, to)) = dates {
        lines.push(("valid", format!("{from} to {to}")));
    }
    if rotations > 0 {
        lines.push(("rotations", rotations.to_string()));
    }
    let lines: Vec<String> = lines.iter().map(|(name, value)| format!("{name:<12} {value}")).collect();
    output::line(lines.join("\n")).map(drop)
}

/// The name of a kind of key.
fn kind_name(kind: KeyKind) -> &'static str {
    match kind {
        KeyKind::P256 => "P-256",
        KeyKind::P384 => "P-384",
        KeyKind::P521 => "P-521",
        KeyKind::Ed25519 => "Ed25519",
        KeyKind::Rsa => "RSA",
        KeyKind::RsaPss => "RSA-PSS",
    }
}
