//! From flags to pre-shared keys.

mod file;

use handclasp::{CipherSuite, Policy, ProtocolVersion, Psk, PskError, PskUse};
use handclasp_codec::Printable;
use handclasp_crypto::KeyExchangeAlgorithm;
use zeroize::Zeroizing;

use crate::{
    args::{PskFlags, PskHash, described},
    exit::Failure,
    secret,
};
use file::{PskFile, Reading};

/// The pre-shared key of the flags. It is for one version, 1.3 unless `--tls 1.2` is said, or for
/// both where the flags say so.
///
/// # Errors
/// The key cannot be read, or is not in the encoding of its flag.
pub fn psk(flags: &PskFlags, version: Option<ProtocolVersion>) -> Result<Option<Psk>, Failure> {
    if let Some(path) = &flags.psk_file {
        let psk = PskFile::read(path)?.key(flags.psk_id.as_deref(), reading(flags, version))?;
        return Ok(Some(psk.with_context(context(flags))));
    }
    let Some((flag, value)) = given(flags) else { return Ok(None) };
    let text = secret::read(flag, value)?;
    let (identity, usage) = (flags.psk_id.as_deref().unwrap_or(IDENTITY), usage(flags, version));
    let psk = match flag {
        HEX => Psk::from_hex(identity, usage, &text),
        ASCII => Psk::from_ascii(identity, usage, &text),
        _ => Psk::from_base64(identity, usage, &text),
    };
    let psk = if flags.allow_weak_psk { psk.or_else(PskError::allow_weak) } else { psk };
    psk.map(|psk| Some(psk.with_context(context(flags)))).map_err(|error| match error {
        PskError::Weak(_) => Failure::usage(format!("{flag}: {error}\n  --allow-weak-psk accepts it anyway")),
        other => Failure::usage(format!("{flag}: {other}")),
    })
}

/// The pre-shared keys of a server: those of a file, or one.
///
/// # Errors
/// As [`psk`].
pub fn psks(flags: &PskFlags, version: Option<ProtocolVersion>) -> Result<Vec<Psk>, Failure> {
    let Some(path) = &flags.psk_file else { return Ok(psk(flags, version)?.into_iter().collect()) };
    if flags.psk_id.is_some() {
        return Err(Failure::usage(
            "--psk-id: a server uses all keys of --psk-file, under the identities of the file: remove --psk-id",
        ));
    }
    let keys = PskFile::read(path)?.keys(reading(flags, version))?;
    Ok(keys.into_iter().map(|psk| psk.with_context(context(flags))).collect())
}

/// The identity of a client whose flags name none; that of `openssl s_client`.
const IDENTITY: &str = "Client_identity";

fn reading(flags: &PskFlags, version: Option<ProtocolVersion>) -> Reading {
    Reading { encoding: flags.psk_encoding, usage: usage(flags, version), allows_weak: flags.allow_weak_psk }
}

fn context(flags: &PskFlags) -> String {
    flags.psk_import.clone().unwrap_or_default()
}

const HEX: &str = "--psk-hex";
const ASCII: &str = "--psk-ascii";
const BASE64: &str = "--psk-base64";

/// The flag that gives the key, and its value.
fn given(flags: &PskFlags) -> Option<(&'static str, &str)> {
    let flags = [(HEX, &flags.psk_hex), (ASCII, &flags.psk_ascii), (BASE64, &flags.psk_base64)];
    flags.into_iter().find_map(|(flag, value)| Some((flag, value.as_deref()?)))
}

/// The key as it was typed or stands in its file, for finding out how the peer reads it.
///
/// # Errors
/// The key cannot be read.
pub fn typed(flags: &PskFlags) -> Result<Option<Zeroizing<String>>, Failure> {
    if let Some(path) = &flags.psk_file {
        return Ok(PskFile::read(path)?.typed(flags.psk_id.as_deref()));
    }
    given(flags).map(|(flag, value)| secret::read(flag, value)).transpose()
}

fn usage(flags: &PskFlags, version: Option<ProtocolVersion>) -> PskUse {
    match (version, flags.psk_hash) {
        _ if flags.psk_both_versions => PskUse::BothVersions,
        _ if flags.psk_import.is_some() => PskUse::Imported,
        (Some(ProtocolVersion::TLS_1_2), _) => PskUse::Tls12,
        (_, PskHash::Sha256) => PskUse::Tls13Sha256,
        (_, PskHash::Sha384) => PskUse::Tls13Sha384,
    }
}

/// Whether the policy has a suite that the key serves in.
///
/// # Errors
/// It has none; the flags that say so.
pub fn fits(psk: &Psk, policy: &Policy, flags: &PskFlags) -> Result<(), Failure> {
    let serves = |suite: CipherSuite| {
        let Some(suite) = described(suite) else { return false };
        let exchange = matches!(
            suite.exchange,
            KeyExchangeAlgorithm::Tls13 | KeyExchangeAlgorithm::Psk | KeyExchangeAlgorithm::EcdhePsk
        );
        let hash = match psk.usage() {
            PskUse::Tls13Sha256 => suite.hash.output_len() == 32,
            PskUse::Tls13Sha384 => suite.hash.output_len() == 48,
            PskUse::BothVersions => {
                suite.exchange != KeyExchangeAlgorithm::Tls13 || suite.hash.output_len() == 32
            }
            PskUse::Tls12 | PskUse::Imported => true,
        };
        exchange && hash && psk.usage().serves(suite.version())
    };
    if policy.suites().any(serves) {
        return Ok(());
    }
    let key = match psk.usage() {
        PskUse::Tls12 => "is for TLS 1.2",
        PskUse::Tls13Sha256 | PskUse::BothVersions => "is for TLS 1.3 with suites of SHA-256",
        PskUse::Tls13Sha384 => "is for TLS 1.3 with suites of SHA-384 (--psk-hash sha384)",
        PskUse::Imported => "is imported for TLS 1.3 (--psk-import)",
    };
    let flag = given(flags).map_or("--psk-file", |(flag, _)| flag);
    let suites = policy.suites().map(|suite| suite.to_string()).collect::<Vec<_>>();
    let left = match &suites[..] {
        few @ [_, ..] if few.len() <= 4 => format!("only {}", few.join(" ")),
        _ => "none of these".to_owned(),
    };
    Err(Failure::usage(format!(
        "{flag}: the pre-shared key {key}, but --policy, --suite and --tls leave {left}"
    )))
}

/// Keys of a file whose check values a server prints; of more it prints the number.
const SHOWN_MAX: usize = 8;

/// What both sides can compare of a server's keys, and what they are for.
pub fn facts(keys: &[Psk], flags: &PskFlags) -> Vec<String> {
    let Some(path) = &flags.psk_file else { return keys.iter().map(fact).collect() };
    match keys {
        [first, _, ..] if keys.len() > SHOWN_MAX => {
            vec![format!("{} pre-shared keys of {}, for {}", keys.len(), path.display(), versions(first))]
        }
        _ => keys.iter().map(named_fact).collect(),
    }
}

fn named_fact(psk: &Psk) -> String {
    let identity = String::from_utf8_lossy(psk.identity()).into_owned();
    format!(
        "check value of the pre-shared key of {}: {}, for {}",
        Printable(&identity),
        psk.check_value(),
        versions(psk)
    )
}

/// What both sides can compare, and what the key is for.
pub fn fact(psk: &Psk) -> String {
    format!("check value of the pre-shared key: {}, for {}", psk.check_value(), versions(psk))
}

fn versions(psk: &Psk) -> &'static str {
    match psk.usage() {
        PskUse::Tls12 => "TLS 1.2",
        PskUse::Tls13Sha256 | PskUse::Tls13Sha384 | PskUse::Imported => "TLS 1.3",
        PskUse::BothVersions => "TLS 1.2 and 1.3",
    }
}

/// Why a key of ours is of no use to a peer that speaks another version.
pub fn other_version(psk: PskUse) -> Option<&'static str> {
    match psk {
        PskUse::Tls12 => Some(
            "Our pre-shared key is for TLS 1.2 only, because of --tls 1.2; without --tls it is for TLS 1.3. \
             --psk-both-versions uses it in both, if the peer does too (RFC 9257).",
        ),
        PskUse::Tls13Sha256 | PskUse::Tls13Sha384 | PskUse::Imported => Some(
            "Our pre-shared key is for TLS 1.3 only, which is the default: --tls 1.2 uses it for TLS 1.2. \
             --psk-both-versions uses it in both, if the peer does too (RFC 9257).",
        ),
        PskUse::BothVersions => None,
    }
}
