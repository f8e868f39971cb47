//! The server that the flags describe.

use handclasp::{Credentials, Identity, Pin, Policy, Server, Side, identity::SignerPace};

use super::clients;
use crate::{args::Serve, exit::Failure, keys, own, psk, revocation};

/// A server, and what is known of it before its first client.
pub struct Configuration {
    pub server: Server,
    /// Of its keys.
    pub pins: Vec<Pin>,
    /// Printed at its start.
    pub facts: Vec<String>,
    /// Whether a handshake may wait for a token, a command, a person or a disk.
    pub may_block: bool,
}

impl Configuration {
    /// By the flags.
    pub fn new(arguments: &Serve) -> Result<Self, Failure> {
        let mut identities = keys::server(arguments)?;
        keys::staple(&mut identities, arguments)?;
        own::warn(&identities, Side::Server);
        let psks = psk::psks(&arguments.psk, arguments.protocol.tls)?;
        if identities.is_empty() && psks.is_empty() && !arguments.store.store_psk {
            return Err(Failure::usage(
                "a server needs credentials: pass --identity DIR, --cert and --key, --self-signed NAME, or a \
                 pre-shared key",
            ));
        }
        let policy = arguments.protocol.policy(&arguments.psk, Policy::modern())?;
        if let Some(psk) = psks.first().filter(|_| identities.is_empty()) {
            psk::fits(psk, &policy, &arguments.psk)?;
        }
        let may_block = may_block(arguments, &identities);
        let mut credentials = Credentials::default();
        let (mut pins, mut facts) = (Vec::new(), Vec::new());
        for identity in identities {
            let pin = Pin::of_spki(&identity.spki());
            pins.push(pin);
            facts.push(format!("to pin this key, clients use: --pin {pin}"));
            facts.push(format!("its fingerprint in words: {}", pin.words()));
            credentials = credentials.and_identity(identity);
        }
        let has_psk = !psks.is_empty() || arguments.store.store_psk;
        facts.extend(psk::facts(&psks, &arguments.psk));
        for psk in psks {
            credentials = credentials.and_psk(psk);
        }
        let server = with_extensions(Server::with_policy(credentials, policy), arguments)
            .alpn(&arguments.protocol.alpn());
        let mut server = clients::authenticate(server, arguments, has_psk, &mut facts)?
            .deadline(Some(arguments.limits.handshake_timeout()));
        server = revocation::server(server.keep_peer_certificates(), &arguments.status);
        if arguments.credentials.raw_key {
            server = server.raw_public_keys();
        }
        if let Some(log) = keys::key_log(&arguments.record)? {
            server = server.key_log(log);
        }
        Ok(Self { server, pins, facts, may_block })
    }
}

/// What the flags say about extensions.
fn with_extensions(mut server: Server, arguments: &Serve) -> Server {
    if let Some(bytes) = arguments.protocol.max_record {
        server = server.limit_records(bytes);
    }
    if let Some(hint) = &arguments.psk_hint {
        server = server.psk_identity_hint(hint.as_str());
    }
    if arguments.stateless_retry {
        server = server.stateless_retry(None);
    }
    server
}

/// Keys elsewhere, questions, files that are read for each client, lists that are read again when they change.
fn may_block(arguments: &Serve, identities: &[Identity]) -> bool {
    identities.iter().any(|identity| identity.signer_pace() != SignerPace::Immediate)
        || keys::elsewhere::named(&arguments.credentials.files.own.elsewhere).is_some()
        || arguments.tofu.tofu.is_some()
        || arguments.client_pins.is_some()
        || !arguments.status.client_crl.is_empty()
}
