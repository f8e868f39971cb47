//! `handclasp id show`: name, pin, certificate and the location of the key.

use handclasp::{KeyKind, Pin};
use handclasp_explain::certificate;
use handclasp_identity::{
    IdentityDescription, IdentityFolder, KeyLocation, OpenError,
    pkcs11::{KeyAttributes, Pkcs11Key},
};
use serde_json::json;

use crate::{
    args::{IdShow, KeyAccess},
    exit::Failure,
    keys::elsewhere::{self, folder_refused},
    output,
};

/// What opening the key shows.
#[derive(Default)]
pub struct Opened {
    /// Of a key in a token.
    pub attributes: Option<KeyAttributes>,
    /// The key has signed a test message.
    pub is_tested: bool,
}

/// Runs it.
pub fn run(arguments: &IdShow) -> Result<(), Failure> {
    let folder = elsewhere::folder(&arguments.folder, &arguments.access);
    let opened = match arguments.open {
        true => open(&folder, &arguments.access)?,
        false => Opened::default(),
    };
    print(&folder, &opened, arguments.json)
}

/// Opens the key and has it sign.
fn open(folder: &IdentityFolder, access: &KeyAccess) -> Result<Opened, Failure> {
    let described = folder.describe().map_err(|error| folder_refused("", error))?;
    let KeyLocation::Pkcs11(uri) = &described.location else {
        let identity = folder.load().map_err(|error| folder_refused("", error))?;
        let tested = identity.probed().map_err(Failure::usage)?;
        return Ok(Opened {
            attributes: None,
            is_tested: tested.signer_pace() != handclasp::SignerPace::Interactive,
        });
    };
    let failed = |error: OpenError| elsewhere::refused("the key in the token", &error);
    let key = elsewhere::token_key(uri, access, Pkcs11Key::open).map_err(failed)?;
    let attributes = key.attributes().map_err(|error| failed(error.into()))?;
    key.into_identity(described.chain).map_err(|error| failed(error.into()))?;
    Ok(Opened { attributes: Some(attributes), is_tested: true })
}

/// Prints what is known of the identity in the folder.
pub fn print(folder: &IdentityFolder, opened: &Opened, as_json: bool) -> Result<(), Failure> {
    let described = folder.describe().map_err(|error| folder_refused("", error))?;
    match as_json {
        true => output::line(format_args!("{:#}", json_of(folder, &described, opened))).map(drop),
        false => output::line(lines(folder, &described, opened).join("\n")).map(drop),
    }
}

fn lines(folder: &IdentityFolder, described: &IdentityDescription, opened: &Opened) -> Vec<String> {
    let pin = Pin::of_spki(&described.spki);
    let kind = described.key_kind().map_or("a key of an unsupported type", KeyKind::name);
    let mut facts = vec![
        ("name", described.name.clone()),
        ("pin", pin.to_string()),
        ("words", pin.words()),
        ("key", format!("{kind}, {}", place(folder, &described.location))),
    ];
    if let Some(found) = &opened.attributes {
        facts.push(("attributes", attributes_text(found)));
    }
    if opened.is_tested {
        facts.push(("test", "the key signed a test message, and the signature verifies".to_owned()));
    }
    for (index, der) in described.chain.iter().enumerate() {
        let name = if index == 0 { "certificate" } else { "issuer" };
        facts.push((name, certificate::summary(der).unwrap_or_default()));
    }
    if let Some((from, to)) = dates(described) {
        facts.push(("valid", format!("{from} to {to}")));
    }
    if !described.rotations.is_empty() {
        let count = described.rotations.len();
        facts.push(("rotations", format!("{count}, statements in {}", folder.rotations_file().display())));
    }
    facts.iter().map(|(name, value)| format!("{name:<12} {value}")).collect()
}

fn json_of(folder: &IdentityFolder, described: &IdentityDescription, opened: &Opened) -> serde_json::Value {
    let pin = Pin::of_spki(&described.spki);
    let dates = dates(described);
    let location = match &described.location {
        KeyLocation::File => folder.identity_file().display().to_string(),
        elsewhere => elsewhere.to_string(),
    };
    let attributes = opened.attributes.map(|found| {
        let listed: serde_json::Map<_, _> =
            listed(&found).iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        listed
    });
    json!({
        "name": described.name,
        "pin": pin.to_string(),
        "words": pin.words(),
        "key": {
            "kind": described.key_kind().map(KeyKind::name),
            "location": location,
            "attributes": attributes,
            "tested": opened.is_tested,
        },
        "certificate": described.chain.first().and_then(|der| certificate::summary(der)),
        "self_signed": described.is_self_signed,
        "not_before": dates.as_ref().map(|(from, _)| from),
        "not_after": dates.as_ref().map(|(_, to)| to),
        "certificates": described.chain.len(),
        "rotations": described.rotations.len(),
    })
}

/// notBefore and notAfter of the leaf.
fn dates(described: &IdentityDescription) -> Option<(String, String)> {
    let (from, to) = described.chain.first().and_then(|der| certificate::validity(der))?;
    Some((certificate::rfc3339(from), certificate::rfc3339(to)))
}

fn place(folder: &IdentityFolder, location: &KeyLocation) -> String {
    match location {
        KeyLocation::File => format!("in {}", folder.identity_file().display()),
        KeyLocation::Pkcs11(uri) => format!("in the token of {uri}"),
        KeyLocation::SshAgent(key) => format!("in the ssh-agent: {key}"),
        other => format!("behind {other}"),
    }
}

/// The attributes by the names of PKCS#11.
fn listed(found: &KeyAttributes) -> [(&'static str, Option<bool>); 5] {
    [
        ("CKA_SENSITIVE", found.sensitive),
        ("CKA_EXTRACTABLE", found.extractable),
        ("CKA_ALWAYS_SENSITIVE", found.always_sensitive),
        ("CKA_NEVER_EXTRACTABLE", found.never_extractable),
        ("CKA_LOCAL", found.local),
    ]
}

fn attributes_text(found: &KeyAttributes) -> String {
    let listed: Vec<String> = listed(found)
        .iter()
        .map(|(name, value)| match value {
            Some(value) => format!("{name}={value}"),
            None => format!("{name} unknown"),
        })
        .collect();
    let verdict = match found.is_confined() {
        true => "made in the token, has never been able to leave it",
        false => "the token does not say that the key was made there and has never been able to leave it",
    };
    format!("{} ({verdict})", listed.join(" "))
}
