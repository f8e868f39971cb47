//! `handclasp id new`, and the keys that identities get.

use handclasp::Identity;
use handclasp_identity::{
    KeyLocation, OpenError,
    pkcs11::{KeyAttributes, Pkcs11Key, Pkcs11Problem},
};

use super::{change, show};
use crate::{
    args::{IdNew, KeyAccess, NewKey},
    exit::Failure,
    keys::elsewhere::{self, folder_refused},
    say::say,
};

/// Runs it.
pub fn run(arguments: &IdNew) -> Result<(), Failure> {
    let failed = |error| folder_refused("", error);
    let folder = elsewhere::folder(&arguments.folder, &arguments.access);
    let mut folder = folder.with_validity(change::validity(arguments.days));
    folder.check_new().map_err(failed)?;
    let shown = arguments.folder.display();
    let mut attributes = None;
    match key_elsewhere(&arguments.key, &arguments.access)? {
        Some(key) => {
            let created = folder.create_with_key(&arguments.name, key.location, &key.identity);
            created.map_err(|error| match key.is_new {
                true => Failure::usage(format!(
                    "{error}\n  the key was made in the token: use it with --existing, or delete it there"
                )),
                false => folder_refused("", error),
            })?;
            attributes = key.attributes;
        }
        None => {
            if let Some(kind) = arguments.key.kind {
                folder = folder.with_key_kind(kind);
            }
            folder.create(&arguments.name).map_err(failed)?;
        }
    }
    show::print(&folder, &show::Opened { attributes, is_tested: false }, false)?;
    say(format_args!(
        "use it: handclasp serve ADDR:PORT --identity {shown}\n        handclasp connect HOST:PORT --identity {shown}"
    ));
    say(format_args!("request for a CA: handclasp id csr {shown} > request.pem"));
    Ok(())
}

/// A key elsewhere for an identity.
pub struct KeyElsewhere {
    pub location: KeyLocation,
    pub identity: Identity,
    pub attributes: Option<KeyAttributes>,
    /// It was made now.
    pub is_new: bool,
}

/// The key elsewhere that the flags name, made in its token unless it exists.
pub fn key_elsewhere(flags: &NewKey, access: &KeyAccess) -> Result<Option<KeyElsewhere>, Failure> {
    let elsewhere = &flags.elsewhere;
    let given = [
        (elsewhere.pkcs11.is_some(), "--pkcs11"),
        (elsewhere.agent.is_some(), "--agent"),
        (elsewhere.signer.is_some(), "--signer"),
    ];
    let given: Vec<_> = given.into_iter().filter_map(|(is_given, flag)| is_given.then_some(flag)).collect();
    if let [first, second, ..] = given[..] {
        return Err(Failure::usage(format!(
            "{first} and {second} exclude each other: each names the key; remove one of the two"
        )));
    }
    let Some((flag, location)) = elsewhere::named(elsewhere) else {
        return Ok(None);
    };
    if flags.kind.is_some() && (flag != "--pkcs11" || flags.existing) {
        let named = if flags.existing { "--existing" } else { flag };
        return Err(Failure::usage(format!(
            "--key and {named} exclude each other: {named} names a key that exists; leave --key out"
        )));
    }
    let opened = match &location {
        KeyLocation::Pkcs11(uri) => in_token(uri, flags, access),
        KeyLocation::SshAgent(key) => in_agent(key),
        other => elsewhere::open(other, access, Vec::new()).map(|identity| KeyElsewhere {
            location: other.clone(),
            identity,
            attributes: None,
            is_new: false,
        }),
    };
    opened.map(Some).map_err(|error| elsewhere::refused(flag, &error))
}

/// A key in a token.
fn in_token(uri: &str, flags: &NewKey, access: &KeyAccess) -> Result<KeyElsewhere, OpenError> {
    let kind = flags.kind.unwrap_or(handclasp::KeyKind::P256);
    let key = elsewhere::token_key(uri, access, |uri, pin| match flags.existing {
        true => Pkcs11Key::open(uri, pin),
        false => Pkcs11Key::generate(uri, kind, pin),
    });
    let key = key.map_err(|error| match has_key_already(&error) {
        true => format!("{error}; to use it: --existing").into(),
        false => error,
    })?;
    let attributes = Some(key.attributes()?);
    let location = KeyLocation::Pkcs11(key.uri().with_query());
    Ok(KeyElsewhere {
        location,
        identity: key.into_identity(Vec::new())?,
        attributes,
        is_new: !flags.existing,
    })
}

fn has_key_already(error: &OpenError) -> bool {
    let error = error.downcast_ref::<handclasp_identity::pkcs11::Pkcs11Error>();
    error.is_some_and(|error| error.problem == Pkcs11Problem::KeyExists)
}

/// A key in the agent, by its fingerprint from here on.
#[cfg(unix)]
fn in_agent(key: &str) -> Result<KeyElsewhere, OpenError> {
    let signer = handclasp_identity::ssh_agent::SshAgent::from_environment()?.signer(key)?;
    let location = KeyLocation::SshAgent(signer.fingerprint());
    let identity = Identity::from_external(Vec::new(), Box::new(signer))?;
    Ok(KeyElsewhere { location, identity, attributes: None, is_new: false })
}

#[cfg(not(unix))]
fn in_agent(key: &str) -> Result<KeyElsewhere, OpenError> {
    let location = KeyLocation::SshAgent(key.to_owned());
    Ok(KeyElsewhere { identity: location.open(Vec::new())?, location, attributes: None, is_new: false })
}
