//! What a server of TLS 1.3 chooses from a ClientHello, first or second (RFC 8446 §4.1.1, §9.2).
//! The choices are made once, while the hello is decoded; the states hold them, and nothing is
//! looked up in the hello again.

use handclasp_codec::{
    ClientHello, ExtensionType, Field, KeyShareEntry, List, NamedGroup, ProtocolVersion, PskKeyExchangeMode,
};
use handclasp_crypto::{KeyExchange, Suite};
use handclasp_report::{Capability, Counted, Fault, Internal, Misuse, ShareFault};

use super::retry::Retry;
use crate::{
    Config, PskHash, capability,
    certificates::{self, Requested},
    extensions::{Records, answer_records},
    negotiate::{self, Group13},
    server::{Decoded, Hello, Part},
};

/// The choices that do not depend on how the server authenticates.
pub(super) struct Choices {
    suites: Suites,
    /// How to go on with a certificate, or why that fails.
    pub(super) certificate: Result<Certificate, Fault>,
    /// The application protocol.
    pub(super) alpn: Option<alloc::vec::Vec<u8>>,
    /// The answer about the size of records.
    pub(super) records: Records,
    /// Whether no HelloRetryRequest came before.
    pub(super) is_first: bool,
    /// Whether the client announces early data.
    pub(super) early_data: bool,
    /// Whether the client can use tickets: it does pre-shared keys with (EC)DHE (§4.2.9).
    pub(super) takes_tickets: bool,
}

/// The pre-shared keys that the client offers, in a mode that both sides do.
#[derive(Clone, Copy)]
pub(super) struct OfferedPsks {
    pub(super) on: capability::PskOrTicket,
    pub(super) mode: Mode,
    pub(super) identities: Part,
    pub(super) binders: Part,
    /// The message up to the binders, which they cover (§4.2.11.2).
    pub(super) truncated: Part,
}

/// How a pre-shared key is used (§4.2.9).
#[derive(Clone, Copy)]
pub(super) enum Mode {
    /// psk_dhe_ke.
    WithExchange(Exchange),
    /// psk_ke: without (EC)DHE.
    Alone,
}

/// The (EC)DHE part of the handshake.
#[derive(Clone, Copy)]
pub(super) enum Exchange {
    /// The client sent a share that we answer.
    Share(Share),
    /// The client knows the group and sent no share in it: HelloRetryRequest. Never chosen from a
    /// second hello.
    Retry(capability::Retry, &'static dyn KeyExchange),
}

/// A client's share in a group of ours.
#[derive(Clone, Copy)]
pub(super) struct Share {
    pub(super) group: &'static dyn KeyExchange,
    /// key_exchange of its KeyShareEntry.
    pub(super) public: Part,
}

/// The choices of a handshake with a certificate.
#[derive(Clone, Copy)]
pub(super) struct Certificate {
    pub(super) on: capability::Certificates,
    pub(super) suite: &'static Suite,
    pub(super) exchange: Exchange,
    /// The certificate to request from the client.
    pub(super) requested: Option<Requested>,
}

/// The suite to use, by the hash of the pre-shared key (§4.2.11).
#[derive(Clone, Copy)]
struct Suites {
    sha256: Option<&'static Suite>,
    sha384: Option<&'static Suite>,
}

impl Choices {
    /// Checks a hello and chooses. `retry`: what the HelloRetryRequest before it has settled.
    ///
    /// # Errors
    /// What the RFC forbids in a ClientHello; nothing in common.
    pub(super) fn of(
        config: &Config,
        kept: &Hello,
        decoded: &Decoded<'_>,
        retry: Option<&Retry>,
    ) -> Result<(Self, Option<OfferedPsks>), Fault> {
        let asked_for = retry.map(|retry| retry.share(decoded)).transpose()?;
        let hello = kept.shortened(decoded);
        check(&hello)?;
        let suite = |hash| negotiate::suite13(config, hello.cipher_suites, hash);
        let (any, suites) = match retry {
            Some(Retry { suite, .. }) => (*suite, Suites::only(suite)),
            None => (
                suite(None).ok_or(Fault::NoCommonSuite)?,
                Suites { sha256: suite(Some(PskHash::Sha256)), sha384: suite(Some(PskHash::Sha384)) },
            ),
        };
        let exchange = match asked_for {
            Some(share) => Ok(Exchange::Share(share)),
            None => exchange(config, &hello, decoded),
        };
        let psks = offered_psks(config, &hello, decoded, exchange.ok());
        if !matches!(psks, Some(OfferedPsks { mode: Mode::Alone, .. })) {
            exchange?;
        }
        let choices = Self {
            suites,
            alpn: negotiate::alpn(config, hello.extensions.application_layer_protocol_negotiation)?,
            records: answer_records(config, ProtocolVersion::TLS_1_3, &hello)?,
            certificate: certificate(config, &hello, retry, psks.is_some()).and_then(|(on, requested)| {
                Ok(Certificate { on, suite: any, exchange: exchange?, requested })
            }),
            is_first: retry.is_none(),
            early_data: hello.extensions.early_data.is_some(),
            takes_tickets: modes(&hello).contains(&PskKeyExchangeMode::psk_dhe_ke),
        };
        Ok((choices, psks))
    }

    /// The suite for a pre-shared key of that hash.
    ///
    /// # Errors
    /// [`Fault::NoCommonSuite`].
    pub(super) fn suite_for_psk(&self, hash: PskHash) -> Result<&'static Suite, Fault> {
        let suite = match hash {
            PskHash::Sha256 => self.suites.sha256,
            PskHash::Sha384 => self.suites.sha384,
        };
        suite.ok_or(Fault::NoCommonSuite)
    }
}

impl Suites {
    /// Those of a handshake whose suite is settled.
    fn only(suite: &'static Suite) -> Self {
        let of = |hash: PskHash| hash.is(suite.hash).then_some(suite);
        Self { sha256: of(PskHash::Sha256), sha384: of(PskHash::Sha384) }
    }
}

/// The modes in which the client uses pre-shared keys.
fn modes<'a>(hello: &ClientHello<'a>) -> List<'a, PskKeyExchangeMode> {
    let modes = hello.extensions.psk_key_exchange_modes.as_ref();
    modes.map(|modes| modes.ke_modes).unwrap_or_default()
}

/// The client's pre-shared keys, where they can lead to a key or a session of ours: with (EC)DHE
/// wherever that is possible (§4.2.9).
fn offered_psks(
    config: &Config,
    hello: &ClientHello<'_>,
    decoded: &Decoded<'_>,
    exchange: Option<Exchange>,
) -> Option<OfferedPsks> {
    let takes_psks = config.has_psk || config.resumption.tickets > 0;
    let on = capability::PskOrTicket::get().filter(|_| takes_psks)?;
    let psks = hello.extensions.pre_shared_key.as_ref()?;
    let with_exchange = modes(hello).contains(&PskKeyExchangeMode::psk_dhe_ke);
    let alone = config.extensions.psk_ke && modes(hello).contains(&PskKeyExchangeMode::psk_ke);
    let mode = match exchange.filter(|_| with_exchange) {
        Some(exchange) => Mode::WithExchange(exchange),
        None if alone => Mode::Alone,
        None => return None,
    };
    Some(OfferedPsks {
        on,
        mode,
        identities: decoded.list(&psks.identities),
        binders: decoded.list(&psks.binders),
        truncated: decoded.without_last(psks.binders_wire_len()),
    })
}

/// The group of a first hello. A share that is there saves a round trip.
fn exchange(config: &Config, hello: &ClientHello<'_>, decoded: &Decoded<'_>) -> Result<Exchange, Fault> {
    let groups = hello.extensions.supported_groups.as_ref().map(|offer| offer.named_group_list);
    let shares = hello.extensions.key_share.as_ref().map(|offer| offer.client_shares);
    let group = negotiate::group13(config, groups.unwrap_or_default(), shares.unwrap_or_default());
    let group = group.ok_or(Fault::NoCommonGroup)?;
    Ok(match group {
        Group13::Share(group, public) => Exchange::Share(Share { group, public: decoded.part(public) }),
        Group13::Retry(group) => {
            let missing = Fault::Misuse(Misuse::NotBuilt(Capability::Retry));
            Exchange::Retry(capability::Retry::get().ok_or(missing)?, group)
        }
    })
}

/// Whether a certificate can authenticate the server; the one to request from the client.
/// `has_psks`: whether the caller is asked for a pre-shared key before.
fn certificate(
    config: &Config,
    hello: &ClientHello<'_>,
    retry: Option<&Retry>,
    has_psks: bool,
) -> Result<(capability::Certificates, Option<Requested>), Fault> {
    if !config.has_credential {
        // Its keys that go with the suite asked for must stay (§4.1.2).
        if retry.is_some_and(|retry| retry.psk) {
            return Err(Fault::RetryMismatch(Field::pre_shared_key));
        }
        return Err(if has_psks { Fault::UnknownPskIdentity } else { Fault::NoCredential });
    }
    if hello.extensions.signature_algorithms.is_none() {
        let missing = Fault::MissingExtension(ExtensionType::signature_algorithms);
        return Err(if has_psks { Fault::UnknownPskIdentity } else { missing });
    }
    Ok((
        capability::Certificates::get().ok_or(Fault::Internal(Internal::Bug))?,
        certificates::requested(config, hello)?,
    ))
}

/// The rules of RFC 8446 about a ClientHello of TLS 1.3.
fn check(hello: &ClientHello<'_>) -> Result<(), Fault> {
    let missing = |extension| Err(Fault::MissingExtension(extension));
    let offer = &hello.extensions;
    // §4.1.2
    if hello.legacy_compression_methods != [0] {
        return Err(Fault::IllegalParameter(Field::legacy_compression_methods));
    }
    // §4.2.9
    if let Some(psks) = &offer.pre_shared_key {
        if offer.psk_key_exchange_modes.is_none() {
            return missing(ExtensionType::psk_key_exchange_modes);
        }
        // §4.2.11
        if psks.identities.iter().count() != psks.binders.iter().count() {
            return Err(Fault::IllegalParameter(Field::binders));
        }
    }
    // §9.2
    match (&offer.supported_groups, &offer.key_share) {
        (None, Some(_)) => return missing(ExtensionType::supported_groups),
        (Some(_), None) => return missing(ExtensionType::key_share),
        (None, None) if offer.pre_shared_key.is_none() => return missing(ExtensionType::supported_groups),
        (None, None) => {}
        (Some(groups), Some(shares)) => check_shares(groups.named_group_list, shares.client_shares)?,
    }
    if offer.pre_shared_key.is_none() && offer.signature_algorithms.is_none() {
        return missing(ExtensionType::signature_algorithms);
    }
    Ok(())
}

/// Most shares in a ClientHello: IANA has about 60 groups, and no stack sends 4 shares.
const SHARES_MAX: u16 = 64;

/// A share needs its group in supported_groups, and no group comes twice (RFC 8446 §4.2.8). The
/// order may differ: some clients let their application set it.
fn check_shares(groups: List<'_, NamedGroup>, shares: List<'_, KeyShareEntry<'_>>) -> Result<(), Fault> {
    let found = u16::try_from(shares.iter().count()).unwrap_or(u16::MAX);
    if found > SHARES_MAX {
        return Err(Fault::TooMany { what: Counted::KeyShares, limit: SHARES_MAX, found });
    }
    for (index, share) in shares.iter().enumerate() {
        let again = shares.iter().take(index).any(|earlier| earlier.group == share.group);
        if again || !groups.contains(&share.group) {
            return Err(Fault::KeyShare { group: share.group, problem: ShareFault::NotAsOffered });
        }
    }
    Ok(())
}
