//! From flags to keys: pre-shared keys, certificates, whom to believe.

use handclasp::{Identity, KEYS, KeyLog, ProtocolVersion, Psk, PskError, PskUse, Roots, SystemRandom, Trust};

use crate::{
    args::{Connect, Protocol, PskFlags, Recording, Serve},
    exit::Failure,
};

/// The pre-shared key of the flags. It is for one version: 1.3 unless `--tls 1.2` is said.
pub fn psk(flags: &PskFlags, protocol: &Protocol) -> Result<Option<Psk>, Failure> {
    let usage = match protocol.tls {
        Some(ProtocolVersion::TLS_1_2) => PskUse::Tls12,
        _ => PskUse::Tls13Sha256,
    };
    let identity = flags.psk_id.as_bytes();
    let psk = if let Some(text) = &flags.psk_hex {
        Psk::from_hex(identity, usage, text)
    } else if let Some(text) = &flags.psk_ascii {
        Psk::from_ascii(identity, usage, text)
    } else if let Some(text) = &flags.psk_base64 {
        Psk::from_base64(identity, usage, text)
    } else {
        return Ok(None);
    };
    let psk = if flags.allow_weak_psk { psk.or_else(PskError::allow_weak) } else { psk };
    psk.map(Some).map_err(|error| match error {
        PskError::Weak(_) => Failure::usage(format!("{error}\n  --allow-weak-psk takes it all the same")),
        other => Failure::usage(other),
    })
}

/// Whom a client believes.
pub fn trust(arguments: &Connect) -> Result<Trust, Failure> {
    let psk = psk(&arguments.psk, &arguments.protocol)?;
    let asked = [
        (psk.is_some(), "a pre-shared key"),
        (!arguments.pin.is_empty(), "--pin"),
        (arguments.ca.is_some(), "--ca"),
        (arguments.danger_accept_any, "--danger-accept-any"),
    ];
    let asked: Vec<_> = asked.into_iter().filter_map(|(is_asked, name)| is_asked.then_some(name)).collect();
    if let [first, second, ..] = asked[..] {
        return Err(Failure::usage(format!(
            "{first} and {second} exclude each other: choose whom to believe"
        )));
    }
    if let Some(psk) = psk {
        return Ok(Trust::Psk(psk));
    }
    if !arguments.pin.is_empty() {
        return Ok(Trust::Pins(arguments.pin.clone()));
    }
    if arguments.danger_accept_any {
        eprintln!("warning: --danger-accept-any: whoever answers is believed, also an attacker on the path");
        return Ok(Trust::DangerNobody);
    }
    let roots = match &arguments.ca {
        Some(file) => Roots::from_pem_file(file),
        None => Roots::system(),
    };
    Ok(Trust::WebPki(roots.map_err(Failure::usage)?))
}

/// The certificate of a server.
pub fn identity(arguments: &Serve) -> Result<Option<Identity>, Failure> {
    match (&arguments.cert, &arguments.key, &arguments.self_signed) {
        (Some(cert), Some(key), _) => Identity::from_files(cert, key, KEYS).map(Some).map_err(Failure::usage),
        (_, _, Some(name)) => {
            Identity::self_signed(&[name], KEYS, &mut SystemRandom).map(Some).map_err(Failure::usage)
        }
        _ => Ok(None),
    }
}

/// The key log of the flags.
pub fn key_log(recording: &Recording) -> Result<Option<KeyLog>, Failure> {
    recording
        .keylog
        .as_deref()
        .map(|path| {
            KeyLog::append(path).map_err(|error| Failure::usage(format!("{}: {error}", path.display())))
        })
        .transpose()
}
