//! From flags to certificates, trust and the key log.
//!
//! | file | what |
//! |---|---|
//! | `own` | our identities |
//! | `files` | our certificates and keys in files |
//! | `elsewhere` | our keys in tokens, agents and behind commands |

pub mod elsewhere;
mod files;
mod own;

use handclasp::{Identity, KeyLog, Psk, Roots, Side, Trust};

use crate::{
    args::{ClientFlags, Recording, Serve},
    exit::Failure,
    own as validity, revocation,
    say::say,
    tofu,
};
pub use own::OwnFlags;

/// The trust of a client.
pub fn trust(flags: &ClientFlags, psk: Option<Psk>) -> Result<Trust, Failure> {
    let asked = [
        (psk.is_some(), "a pre-shared key"),
        (!flags.pin.is_empty(), "--pin"),
        (flags.tofu.tofu.is_some(), "--tofu"),
        (flags.ca.is_some(), "--ca"),
        (flags.danger_accept_any, "--danger-accept-any"),
    ];
    let asked: Vec<_> = asked.into_iter().filter_map(|(is_asked, name)| is_asked.then_some(name)).collect();
    if let [first, second, ..] = asked[..] {
        return Err(Failure::usage(format!(
            "{first} and {second} exclude each other: choose one kind of trust"
        )));
    }
    if let Some(peers) = tofu::known_peers(&flags.tofu, Side::Client)? {
        if flags.session.is_some() {
            return Err(Failure::usage(
                "--tofu and --session exclude each other: each handshake looks at the known peers, so that \
                 sessions are not resumed",
            ));
        }
        return Ok(Trust::KnownPeers(peers));
    }
    if let Some(psk) = psk {
        return Ok(Trust::Psk(psk));
    }
    if !flags.pin.is_empty() {
        return Ok(tofu::pins(&flags.tofu, &flags.pin));
    }
    if flags.danger_accept_any {
        say("warning: --danger-accept-any: the peer is not verified, and may be an attacker on the path");
        return Ok(Trust::DangerNobody);
    }
    let roots = match &flags.ca {
        Some(file) => Roots::from_pem_file(file),
        None => Roots::system(),
    };
    let flag = if flags.ca.is_some() { "--ca: " } else { "" };
    let roots = roots.map_err(|error| Failure::usage(format!("{flag}{error}")))?;
    if let Some(file) = &flags.ca {
        validity::warn_of_roots("--ca", file);
    }
    revocation::of_servers(roots, &flags.status).map(Trust::WebPki)
}

/// The identities of a server.
pub fn server(arguments: &Serve) -> Result<Vec<Identity>, Failure> {
    let self_signed = arguments.self_signed.as_deref();
    OwnFlags {
        raw_key: arguments.credentials.raw_key,
        ..OwnFlags::of(&arguments.credentials.files, self_signed)
    }
    .load()
}

/// The identities of a client.
pub fn client(flags: &ClientFlags) -> Result<Vec<Identity>, Failure> {
    OwnFlags { raw_key: flags.credentials.raw_key, ..OwnFlags::of(&flags.credentials.files, None) }.load()
}

/// Whether a handshake of a client with these flags may wait for a token, a command, a person or a disk.
pub fn client_may_block(flags: &ClientFlags) -> bool {
    // The folder may say that its key is elsewhere.
    let own = &flags.credentials.files.own;
    own.identity.is_some()
        || elsewhere::named(&own.elsewhere).is_some()
        || flags.tofu.tofu.is_some()
        || flags.session.is_some()
        || !flags.status.crl.is_empty()
}

/// A certificate made for this run.
pub fn self_signed(name: &str) -> Result<Vec<Identity>, Failure> {
    let made = Identity::self_signed(&[name]).map(|one| vec![one]);
    made.map_err(|error| Failure::usage(format!("--self-signed {name}: {error}")))
}

/// The first certificate carries the OCSP response of the flags.
pub fn staple(identities: &mut Vec<Identity>, arguments: &Serve) -> Result<(), Failure> {
    let Some(file) = &arguments.ocsp else { return Ok(()) };
    if identities.is_empty() {
        return Err(Failure::usage("--ocsp needs a certificate: pass --cert and --key"));
    }
    let response =
        std::fs::read(file).map_err(|error| Failure::usage(format!("--ocsp {}: {error}", file.display())))?;
    let first = identities.remove(0).with_ocsp_response(response);
    identities.insert(0, first);
    Ok(())
}

/// The key log of the flags.
pub fn key_log(recording: &Recording) -> Result<Option<KeyLog>, Failure> {
    recording
        .keylog
        .as_deref()
        .map(|path| KeyLog::append(path).map_err(|error| Failure::usage(format!("--keylog: {error}"))))
        .transpose()
}
