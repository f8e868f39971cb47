//! Configurations with which no handshake could succeed.

use handclasp_crypto::{KeyExchangeAlgorithm, Suite};
use handclasp_handshake::{Config, PskHash};
use handclasp_report::{Input, Misuse};
use handclasp_trust::{Psk, PskUse, Trust};

use super::{Problem, quoted, trust};
use crate::settings::Settings;

/// Whether a client's configuration could work; `named` where it has a name to look for.
pub(crate) fn client(settings: &Settings, named: bool) -> Result<(), Problem> {
    let (config, policy) = (&settings.config.handshake, settings.policy);
    match settings.trust.as_deref() {
        Some(Trust::Psk(psk)) if !fits(psk, config) => return Err(unfit_key(psk, policy)),
        None | Some(Trust::Psk(_)) => {}
        Some(trust) => trust::in_servers(trust, named, settings.late.peer_certificate)?,
    }
    tls13_signature(settings)?;
    alpn(config)
}

/// Whether a server's configuration could work.
pub(crate) fn server(settings: &Settings) -> Result<(), Problem> {
    let (config, policy) = (&settings.config.handshake, settings.policy);
    let has_identity = config.has_credential;
    let psks = &settings.psks[..];
    match psks {
        [] if !has_identity && !settings.late.psk => {
            return Err(Problem::new(
                Misuse::NothingToOffer,
                "The server has no credentials: add a certificate with its key (`and_identity`) or a \
                 pre-shared key (`and_psk`).",
            ));
        }
        [first, ..] if !has_identity && !settings.late.psk && !psks.iter().any(|psk| fits(psk, config)) => {
            return Err(unfit_key(first, policy));
        }
        _ => {}
    }
    if let Some(clients) = settings.trust.as_deref() {
        trust::in_clients(clients, settings.late.peer_certificate)?;
    }
    if psks.is_empty() {
        tls13_signature(settings)?;
    }
    alpn(config)?;
    match config.extensions.psk_identity_hint.len() {
        0..=65_535 => Ok(()),
        length => Err(Problem::new(
            Misuse::InvalidInput(Input::PskIdentity),
            format!("The PSK identity hint has {length} bytes; at most 65535 are permitted (RFC 4279 §5.2)."),
        )),
    }
}

/// Whether some identity can sign in TLS 1.3, where that is permitted and an identity is there.
fn tls13_signature(settings: &Settings) -> Result<(), Problem> {
    let mut suites = settings.config.handshake.suites.iter();
    let permits_tls13 = suites.any(|suite| suite.exchange == KeyExchangeAlgorithm::Tls13);
    let identities = &settings.identities;
    match identities.first() {
        Some(first) if permits_tls13 && !identities.iter().any(|identity| identity.signs_in_tls13()) => {
            let schemes: Vec<String> = first.schemes().iter().map(ToString::to_string).collect();
            let sentence = format!(
                "The key of the identity cannot sign in TLS 1.3: its signer lists only {}, and TLS 1.3 requires \
                 RSASSA-PSS of an RSA key and the hash of the curve of an EC key (RFC 8446 §4.2.3). Permit \
                 only TLS 1.2 (`Policy::only_version`, `--tls 1.2`), or use another key.",
                schemes.join(", ")
            );
            Err(Problem::new(Misuse::NothingToOffer, sentence))
        }
        _ => Ok(()),
    }
}

/// RFC 7301 §3.1.
fn alpn(config: &Config) -> Result<(), Problem> {
    let wrong = config.alpn.iter().find(|name| !(1..=255).contains(&name.len()));
    let Some(name) = wrong else { return Ok(()) };
    let sentence = match name.len() {
        0 => "An application protocol (ALPN) is the empty string: a name has 1 to 255 bytes; omit it to \
              disable ALPN."
            .to_owned(),
        length => format!(
            "The application protocol (ALPN) {} has {length} bytes: a name has 1 to 255.",
            quoted(&String::from_utf8_lossy(name))
        ),
    };
    Err(Problem::new(Misuse::InvalidInput(Input::Alpn), sentence))
}

/// Whether a suite is there that such a key works with.
fn fits(psk: &Psk, config: &Config) -> bool {
    let tls13 = |suite: &Suite| suite.exchange == KeyExchangeAlgorithm::Tls13;
    let any = |fits: &dyn Fn(&Suite) -> bool| config.suites.iter().any(|suite| fits(suite));
    match psk.usage() {
        PskUse::Tls12 => {
            any(&|suite| matches!(suite.exchange, KeyExchangeAlgorithm::Psk | KeyExchangeAlgorithm::EcdhePsk))
        }
        PskUse::Tls13Sha256 => any(&|suite| tls13(suite) && PskHash::Sha256.is(suite.hash)),
        PskUse::Tls13Sha384 => any(&|suite| tls13(suite) && PskHash::Sha384.is(suite.hash)),
        PskUse::Imported => any(&tls13),
        PskUse::BothVersions => any(&|suite| {
            matches!(suite.exchange, KeyExchangeAlgorithm::Psk | KeyExchangeAlgorithm::EcdhePsk)
                || tls13(suite) && PskHash::Sha256.is(suite.hash)
        }),
    }
}

/// Why there is none, and what there could be.
fn unfit_key(psk: &Psk, policy: &str) -> Problem {
    let identity = quoted(&String::from_utf8_lossy(psk.identity()));
    let (is, lacks, instead) = match psk.usage() {
        PskUse::Tls12 => (
            "for TLS 1.2 (`PskUse::Tls12`)",
            "TLS 1.2 with a pre-shared key",
            "permit TLS 1.2, or use the key for TLS 1.3 on both sides (`PskUse::Tls13Sha256`)",
        ),
        PskUse::Tls13Sha384 => (
            "for TLS 1.3 with SHA-384 (`PskUse::Tls13Sha384`)",
            "TLS 1.3 with SHA-384",
            "use the policy `modern`, or bind the key to SHA-256 on both sides (`PskUse::Tls13Sha256`)",
        ),
        PskUse::Tls13Sha256 => (
            "for TLS 1.3 with SHA-256 (`PskUse::Tls13Sha256`)",
            "TLS 1.3 with SHA-256",
            "permit TLS 1.3 with such a suite, or use the key for TLS 1.2 on both sides (`PskUse::Tls12`)",
        ),
        PskUse::BothVersions => (
            "for both versions, in TLS 1.3 with SHA-256 (`PskUse::BothVersions`)",
            "TLS 1.2 with a pre-shared key, or for TLS 1.3 with SHA-256",
            "permit one of them",
        ),
        PskUse::Imported => (
            "for TLS 1.3 (`PskUse::Imported`)",
            "TLS 1.3",
            "permit TLS 1.3, or use the key for TLS 1.2 on both sides (`PskUse::Tls12`)",
        ),
    };
    Problem::new(
        Misuse::NothingToOffer,
        format!(
            "The pre-shared key {identity} is {is}, but the policy `{policy}` as configured has no cipher \
             suite for {lacks}: {instead}."
        ),
    )
}
