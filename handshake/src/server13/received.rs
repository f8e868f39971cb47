//! RECVD_CH: a ClientHello that is complete, its checks, and whom to ask next
//! (RFC 8446 §4.1.1, §9.2). The same for a first and a second one.

use handclasp_codec::{
    ClientHello, ExtensionType, Field, KeyShareEntry, List, NamedGroup, ProtocolVersion, PskKeyExchangeMode,
};
use handclasp_crypto::Suite;
use handclasp_report::{Counted, Fault, ShareFault};
use handclasp_schedule::Transcript;

use super::{State, choose_credential::ChooseCredential, choose_psk::ChoosePsk, retry, retry::Retry};
use crate::{
    Context,
    extensions::answer_records,
    negotiate::{self, Group13},
    server::Hello,
};

/// A ClientHello, kept because needs borrow from it.
pub(super) struct Received {
    /// The message.
    pub(super) hello: Hello,
    /// What stands before it: nothing, or a first hello's hash and a HelloRetryRequest.
    pub(super) transcript: Transcript,
    /// What a HelloRetryRequest has settled.
    pub(super) retry: Option<Retry>,
}

impl Received {
    /// The message, read once more.
    pub(super) fn hello(&self) -> Result<ClientHello<'_>, Fault> {
        self.hello.read()
    }

    /// Refuses what cannot succeed, then asks for a pre-shared key or a certificate.
    pub(super) fn decide(self, context: &mut Context<'_>) -> Result<State, Fault> {
        let hello = self.hello()?;
        check(&hello)?;
        // Whoever is asked below is asked only if the rest fits.
        negotiate::suite13(context.config, hello.cipher_suites, None)?;
        let mode = psk_mode(context, &hello);
        if mode != Some(PskKeyExchangeMode::psk_ke) {
            group(context, &hello)?;
        }
        let offer = hello.extensions.application_layer_protocol_negotiation;
        negotiate::alpn(context.config, offer)?;
        answer_records(context.config, ProtocolVersion::TLS_1_3, &hello)?;

        match mode {
            Some(mode) => Ok(State::ChoosePsk(ChoosePsk { received: self, mode, from: 0 })),
            None => self.without_psk(context),
        }
    }

    /// Goes on with a certificate.
    pub(super) fn without_psk(self, context: &mut Context<'_>) -> Result<State, Fault> {
        let hello = self.hello()?;
        let asked = psk_mode(context, &hello).is_some();
        if !context.config.has_credential {
            // Its keys that go with the suite asked for must stay (§4.1.2).
            if self.retry.as_ref().is_some_and(|retry| retry.psk) {
                return Err(Fault::RetryMismatch(Field::pre_shared_key));
            }
            return Err(if asked { Fault::UnknownPskIdentity } else { Fault::NoCredential });
        }
        if hello.extensions.signature_algorithms.is_none() {
            let missing = Fault::MissingExtension(ExtensionType::signature_algorithms);
            return Err(if asked { Fault::UnknownPskIdentity } else { missing });
        }
        let suite = match &self.retry {
            Some(retry) => retry.suite,
            None => negotiate::suite13(context.config, hello.cipher_suites, None)?,
        };
        match group(context, &hello)? {
            Group13::Share(..) => Ok(State::ChooseCredential(ChooseCredential { received: self, suite })),
            Group13::Retry(group) => retry::request(context, self, suite, group.group(), false),
        }
    }

    /// The suite for a pre-shared key of that hash, unless a HelloRetryRequest has settled it.
    pub(super) fn suite_for_psk(
        &self,
        context: &Context<'_>,
        hash: crate::PskHash,
    ) -> Result<&'static Suite, Fault> {
        match &self.retry {
            Some(retry) => Some(retry.suite).filter(|suite| hash.is(suite.hash)).ok_or(Fault::NoCommonSuite),
            None => negotiate::suite13(context.config, self.hello()?.cipher_suites, Some(hash)),
        }
    }
}

/// Whether identities can lead to anything: to a pre-shared key, or to a session.
fn takes_psk(context: &Context<'_>) -> bool {
    context.config.has_psk || context.config.resumption.tickets > 0
}

/// Whether the client does pre-shared keys with (EC)DHE (RFC 8446 §4.2.9).
pub(super) fn permits_psk(hello: &ClientHello<'_>) -> bool {
    let modes = hello.extensions.psk_key_exchange_modes.as_ref();
    modes.is_some_and(|modes| modes.ke_modes.contains(&PskKeyExchangeMode::psk_dhe_ke))
}

/// How a pre-shared key could be used, if one is offered in a way that we do: with (EC)DHE
/// wherever that is possible (RFC 8446 §4.2.9).
fn psk_mode(context: &Context<'_>, hello: &ClientHello<'_>) -> Option<PskKeyExchangeMode> {
    hello.extensions.pre_shared_key.as_ref().filter(|_| takes_psk(context))?;
    let modes = hello.extensions.psk_key_exchange_modes.as_ref()?.ke_modes;
    let without = context.config.extensions.psk_ke && modes.contains(&PskKeyExchangeMode::psk_ke);
    if modes.contains(&PskKeyExchangeMode::psk_dhe_ke) && (!without || group(context, hello).is_ok()) {
        return Some(PskKeyExchangeMode::psk_dhe_ke);
    }
    without.then_some(PskKeyExchangeMode::psk_ke)
}

/// The group, or the one to ask a share for.
pub(super) fn group<'a>(context: &Context<'_>, hello: &ClientHello<'a>) -> Result<Group13<'a>, Fault> {
    let groups = hello.extensions.supported_groups.as_ref().map(|offer| offer.named_group_list);
    let shares = hello.extensions.key_share.as_ref().map(|offer| offer.client_shares);
    negotiate::group13(context.config, groups.unwrap_or_default(), shares.unwrap_or_default())
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

/// Most shares that we look at: IANA has about 60 groups, and no stack sends 4 shares.
const SHARES_MAX: u16 = 64;

/// A share needs its group in supported_groups, and no group comes twice (§4.2.8). That the
/// order is the same is not asked for: some clients let their application set it.
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
