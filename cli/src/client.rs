//! From the flags of `connect` and `tunnel` to a client.

use handclasp::{Client, Pin, Policy, Side};

use crate::{args::ClientFlags, exit::Failure, keys, own, psk, revocation, say::say};

/// The client of the flags. Facts about it are printed unless `--quiet` is given.
pub fn client(flags: &ClientFlags) -> Result<Client, Failure> {
    let policy = flags.protocol.policy(&flags.psk, Policy::modern())?;
    let psk = psk::psk(&flags.psk, flags.protocol.tls)?;
    let told = |fact: String| (!flags.record.quiet).then(|| say(fact));
    if let Some(psk) = &psk {
        psk::fits(psk, &policy, &flags.psk)?;
        told(psk::fact(psk));
    }
    let trust = keys::trust(flags, psk)?;
    for fact in revocation::facts(&trust) {
        told(fact);
    }
    let client = Client::with_policy(trust, policy).alpn(&flags.protocol.alpn());
    let mut client = revocation::client(client.keep_peer_certificates(), &flags.status);
    let identities = keys::client(flags)?;
    own::warn(&identities, Side::Client);
    for identity in identities {
        told(format!("to pin our key, servers use: --client-pin {}", Pin::of_spki(&identity.spki())));
        client = client.identity(identity);
    }
    if flags.credentials.raw_key {
        client = client.raw_public_keys();
    }
    if flags.no_name {
        client = client.without_server_name();
    }
    if let Some(path) = &flags.session {
        client = client.session_file(path).map_err(|error| Failure::usage(format!("--session: {error}")))?;
    }
    if let Some(bytes) = flags.protocol.max_record {
        client = client.limit_records(bytes);
    }
    if let Some(log) = keys::key_log(&flags.record)? {
        client = client.key_log(log);
    }
    Ok(client)
}
