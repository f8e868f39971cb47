//! From flags to a pre-shared key.

use handclasp::{CipherSuite, Policy, ProtocolVersion, Psk, PskError, PskUse};
use handclasp_crypto::KeyExchangeAlgorithm;
use zeroize::Zeroizing;

use crate::{
    args::{PskFlags, PskHash, described},
    exit::Failure,
    secret,
};

/// The pre-shared key of the flags. It is for one version, 1.3 unless `--tls 1.2` is said, or for
/// both where the flags say so.
///
/// # Errors
/// The key cannot be read, or is not in the encoding of its flag.
pub fn psk(flags: &PskFlags, version: Option<ProtocolVersion>) -> Result<Option<Psk>, Failure> {
    let Some((flag, value)) = given(flags) else { return Ok(None) };
    let text = secret::read(flag, value)?;
    let (identity, usage) = (flags.psk_id.as_bytes(), usage(flags, version));
    let psk = match flag {
        HEX => Psk::from_hex(identity, usage, &text),
        ASCII => Psk::from_ascii(identity, usage, &text),
        _ => Psk::from_base64(identity, usage, &text),
    };
    let psk = if flags.allow_weak_psk { psk.or_else(PskError::allow_weak) } else { psk };
    let context = flags.psk_import.clone().unwrap_or_default();
    psk.map(|psk| Some(psk.with_context(context))).map_err(|error| match error {
        PskError::Weak(_) => Failure::usage(format!("{flag}: {error}\n  --allow-weak-psk accepts it anyway")),
        other => Failure::usage(format!("{flag}: {other}")),
    })
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
    let (flag, _) = given(flags).unwrap_or_default();
    let suites = policy.suites().map(|suite| suite.to_string()).collect::<Vec<_>>();
    let left = match &suites[..] {
        few @ [_, ..] if few.len() <= 4 => format!("only {}", few.join(" ")),
        _ => "none of these".to_owned(),
    };
    Err(Failure::usage(format!(
        "{flag}: the pre-shared key {key}, but --policy, --suite and --tls leave {left}"
    )))
}

/// What both sides can compare, and what the key is for.
pub fn fact(psk: &Psk) -> String {
    let versions = match psk.usage() {
        PskUse::Tls12 => "TLS 1.2",
        PskUse::Tls13Sha256 | PskUse::Tls13Sha384 | PskUse::Imported => "TLS 1.3",
        PskUse::BothVersions => "TLS 1.2 and 1.3",
    };
    format!("check value of the pre-shared key: {}, for {versions}", psk.check_value())
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
