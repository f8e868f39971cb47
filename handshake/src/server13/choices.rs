//! What a server of TLS 1.3 chooses from a ClientHello, first or second, whether a certificate or a
//! pre-shared key authenticates it (RFC 8446 §4.1.1, §9.2).

use handclasp_codec::{
    ClientHelloView, ExtensionType, Field, List, ProtocolVersion, PskBinderEntry, PskIdentity,
    PskKeyExchangeMode, has_number,
};
use handclasp_report::{Capability, Counted, Failed, Fault, FaultCode, Misuse, ShareFault};

use super::{
    handshake::{Exchange, Handshake},
    retry::Retry,
};
use crate::{Config, Context, capability, extensions::answer_records, negotiate, server::hello::host_name};

/// How a pre-shared key is used (§4.2.9).
#[derive(Clone, Copy)]
pub(super) enum Mode {
    /// psk_dhe_ke.
    WithExchange(Exchange),
    /// psk_ke: without (EC)DHE.
    Alone,
}

/// Checks a hello and chooses. `retry`: what the HelloRetryRequest before it has settled. The mode is that
/// of the client's pre-shared keys, where they can lead to a key or a session of ours.
///
/// # Errors
/// What the RFC forbids in a ClientHello; nothing in common.
pub(super) fn of(
    context: &mut Context<'_>,
    hello: ClientHelloView<'_>,
    retry: Option<Retry>,
) -> Result<(Handshake, Option<(capability::PskOrTicket, Mode)>), Failed> {
    let config = context.config;
    if let Some(retry) = &retry {
        retry.check(context, hello)?;
    }
    check(context, hello)?;
    let (suite, exchange) = match &retry {
        Some(Retry { suite, group, .. }) => (*suite, Ok(Exchange { group: *group, retry: None })),
        None => {
            let suite = negotiate::suite13(config, hello, None);
            (suite.ok_or_else(|| context.fail(Fault::NoCommonSuite))?, exchange(config, hello))
        }
    };
    let psks = offered_psks(config, hello, exchange.ok());
    if !matches!(psks, Some((_, Mode::Alone))) {
        exchange.map_err(|code| context.report.fail_code(code))?;
    }
    let alpn = negotiate::alpn(config, hello).map_err(|code| context.report.fail_code(code))?;
    let records = answer_records(context, ProtocolVersion::TLS_1_3, hello)?;
    let mut chosen = Handshake::new(hello, suite, exchange, records, retry);
    // A ticket is of no use to a client that cannot offer it (§4.2.9).
    if capability::Tickets::ON && has_mode(hello, PskKeyExchangeMode::psk_dhe_ke) {
        chosen.tickets = config.resumption.tickets;
    }
    chosen.authenticated = context.now;
    let agreed = chosen.agreed();
    agreed.version = ProtocolVersion::TLS_1_3;
    agreed.extended_master_secret = true;
    agreed.alpn = alpn;
    agreed.server_name = host_name(hello).map(<[u8]>::to_vec);
    agreed.record_limits = records.limits;
    Ok((chosen, psks))
}

/// Whether the client uses pre-shared keys in that mode.
fn has_mode(hello: ClientHelloView<'_>, mode: PskKeyExchangeMode) -> bool {
    let modes = hello.list(ExtensionType::psk_key_exchange_modes, 1);
    modes.is_some_and(|modes| List::encoded(modes).has(mode))
}

/// The mode of the client's pre-shared keys: with (EC)DHE wherever that is possible (§4.2.9).
fn offered_psks(
    config: &Config,
    hello: ClientHelloView<'_>,
    exchange: Option<Exchange>,
) -> Option<(capability::PskOrTicket, Mode)> {
    let takes_psks = config.has_psk || config.resumption.tickets > 0;
    let on = capability::PskOrTicket::get().filter(|_| takes_psks)?;
    hello.pre_shared_keys()?;
    match exchange.filter(|_| has_mode(hello, PskKeyExchangeMode::psk_dhe_ke)) {
        Some(exchange) => Some((on, Mode::WithExchange(exchange))),
        None if config.extensions.psk_ke && has_mode(hello, PskKeyExchangeMode::psk_ke) => {
            Some((on, Mode::Alone))
        }
        None => None,
    }
}

/// The group of a first hello. A share that is there saves a round trip.
fn exchange(config: &Config, hello: ClientHelloView<'_>) -> Result<Exchange, FaultCode> {
    let (group, has_share) = negotiate::group13(config, hello).ok_or(Fault::NoCommonGroup.code())?;
    let retry = match has_share {
        true => None,
        false => {
            let missing = Fault::Misuse(Misuse::NotBuilt(Capability::Retry));
            Some(capability::Retry::get().ok_or(missing)?)
        }
    };
    Ok(Exchange { group, retry })
}

/// The client's identities.
pub(super) fn identities(hello: ClientHelloView<'_>) -> List<'_, PskIdentity<'_>> {
    List::encoded(hello.pre_shared_keys().unwrap_or_default().0)
}

/// The binders of these identities.
pub(super) fn binders(hello: ClientHelloView<'_>) -> List<'_, PskBinderEntry<'_>> {
    List::encoded(hello.pre_shared_keys().unwrap_or_default().1)
}

/// The rules of RFC 8446 about a ClientHello of TLS 1.3.
fn check(context: &mut Context<'_>, hello: ClientHelloView<'_>) -> Result<(), Failed> {
    // §4.1.2
    if hello.compression_methods() != [0] {
        return Err(context.fail(Fault::IllegalParameter(Field::legacy_compression_methods)));
    }
    if let Some(extension_type) = missing(hello) {
        return Err(context.fail(Fault::MissingExtension(extension_type)));
    }
    // §4.2.11
    if capability::PskOrTicket::ON && identities(hello).iter().count() != binders(hello).iter().count() {
        return Err(context.fail(Fault::IllegalParameter(Field::binders)));
    }
    match hello.list(ExtensionType::supported_groups, 2) {
        Some(groups) => check_shares(context, hello, groups),
        None => Ok(()),
    }
}

/// An extension that a hello lacks which has to go with another one (§4.2.9, §9.2).
fn missing(hello: ClientHelloView<'_>) -> Option<ExtensionType> {
    use ExtensionType as Type;
    let offers = |extension_type| hello.offers(extension_type);
    let has_psks = offers(Type::pre_shared_key);
    match (offers(Type::supported_groups), offers(Type::key_share)) {
        _ if has_psks && !offers(Type::psk_key_exchange_modes) => Some(Type::psk_key_exchange_modes),
        (false, true) => Some(Type::supported_groups),
        (true, false) => Some(Type::key_share),
        (false, false) if !has_psks => Some(Type::supported_groups),
        _ if !has_psks && !offers(Type::signature_algorithms) => Some(Type::signature_algorithms),
        _ => None,
    }
}

/// Most shares in a ClientHello: IANA has about 60 groups, and no stack sends 4 shares.
const SHARES_MAX: u16 = 64;

/// A share needs its group in supported_groups, and no group comes twice (RFC 8446 §4.2.8). The
/// order may differ: some clients let their application set it.
fn check_shares(context: &mut Context<'_>, hello: ClientHelloView<'_>, groups: &[u8]) -> Result<(), Failed> {
    let found = u16::try_from(hello.key_shares().count()).unwrap_or(u16::MAX);
    if found > SHARES_MAX {
        return Err(context.fail(Fault::TooMany { what: Counted::KeyShares, limit: SHARES_MAX, found }));
    }
    for (index, (group, _)) in hello.key_shares().enumerate() {
        let again = hello.key_shares().take(index).any(|(earlier, _)| earlier == group);
        if again || !has_number(groups, group.0) {
            return Err(context.fail(Fault::KeyShare { group, problem: ShareFault::NotAsOffered }));
        }
    }
    Ok(())
}
