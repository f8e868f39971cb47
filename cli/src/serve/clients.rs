//! Which clients a server accepts: by their certificate or key, and by the pre-shared key.

use std::path::Path;

use handclasp::{KnownPeers, NewPeers, Roots, Server, Side, Trust};

use crate::{
    args::{ClientCert, Serve},
    exit::Failure,
    keys::elsewhere,
    own, revocation,
    say::say,
    tofu,
};

/// The server with the clients that the flags describe, and what is said about them at its start.
pub fn authenticate(
    server: Server,
    arguments: &Serve,
    has_psk: bool,
    facts: &mut Vec<String>,
) -> Result<Server, Failure> {
    let trust = trust(arguments)?;
    facts.extend(trust.iter().flat_map(Trust::parts).flat_map(revocation::facts));
    match (trust, arguments.client_cert) {
        (Some(clients), ClientCert::Required) => {
            let or = if has_psk { ", or use the pre-shared key" } else { "" };
            facts.push(format!("clients must authenticate with a certificate or key{or}"));
            Ok(server.require_client(clients))
        }
        (Some(clients), ClientCert::Optional) => {
            facts.push("clients may authenticate with a certificate or key".to_owned());
            Ok(server.ask_client(clients))
        }
        (None, ClientCert::Optional) => Err(Failure::usage(
            "--client-cert optional: pass --client-ca, --client-pin, --client-pins or --tofu, which define the \
             clients to trust",
        )),
        (None, ClientCert::Required) => {
            if has_psk && has_certificate(arguments) {
                facts.push(
                    "clients without the pre-shared key are served too, without authentication: --client-ca, \
                     --client-pin or --client-pins require it"
                        .to_owned(),
                );
            }
            Ok(server)
        }
    }
}

fn has_certificate(arguments: &Serve) -> bool {
    let files = &arguments.credentials.files;
    arguments.self_signed.is_some()
        || !files.cert.is_empty()
        || !files.key.is_empty()
        || files.own.identity.is_some()
        || elsewhere::named(&files.own.elsewhere).is_some()
}

/// Trust used to verify client certificates and keys, if a server requests them.
fn trust(arguments: &Serve) -> Result<Option<Trust>, Failure> {
    let mut parts = Vec::new();
    if let Some(file) = &arguments.client_ca {
        let roots = Roots::from_pem_file(file);
        let roots = roots.map_err(|error| Failure::usage(format!("--client-ca: {error}")))?;
        own::warn_of_roots("--client-ca", file);
        parts.push(Trust::WebPki(revocation::of_clients(roots, &arguments.status)?));
    }
    if !arguments.client_pin.is_empty() {
        parts.push(tofu::pins(&arguments.tofu, &arguments.client_pin));
    }
    if let Some(peers) = tofu::known_peers(&arguments.tofu, Side::Server)? {
        parts.push(Trust::KnownPeers(peers));
    }
    if let Some(file) = &arguments.client_pins {
        let clients = listed(file, arguments.learn)?;
        parts.push(Trust::KnownPeers(tofu::dates(&arguments.tofu, clients)));
    }
    if arguments.store.store_clients && parts.is_empty() {
        // Those of the store alone.
        parts.push(Trust::Pins(Vec::new()));
    }
    Ok(match parts.len() {
        0 => None,
        1 => parts.pop(),
        _ => Some(Trust::any_of(parts)),
    })
}

/// The clients of a file. Each handshake reads it again.
fn listed(file: &Path, learns: bool) -> Result<KnownPeers, Failure> {
    let failed = |error: handclasp::KnownPeersError| Failure::usage(format!("--client-pins: {error}"));
    let clients = KnownPeers::new(file);
    let found = clients.peers().map_err(failed)?.len();
    for bad in clients.bad_lines().map_err(failed)? {
        say(format_args!("warning: {bad}"));
    }
    match (found, learns) {
        (0, false) => say(format_args!(
            "warning: --client-pins: {} has no client, so that its clients are all refused until a line is added; \
             --learn accepts the first one",
            file.display()
        )),
        (1.., true) => say(format_args!(
            "--learn: {} has {found} clients already, so that no other is learned",
            file.display()
        )),
        _ => {}
    }
    Ok(clients.with_new_peers(if learns { NewPeers::Learn } else { NewPeers::Refuse }))
}
