//! Offers without anything in common: versions, suites, groups, schemes, protocols, names
//! (RFC 8446 §4.1.1 §4.2, RFC 5246 §7.4.1, RFC 7301, RFC 6066 §3).
//!
//! A refusal of a ClientHello is one number for many causes. What decides is where the offer is
//! narrow: a server that finds nothing finds it there. A usual offer gives no reason, and then
//! none is invented.

use handclasp_codec::{
    AlertDescription as Alert, ClientHello, HandshakeType, NamedGroup, ProtocolVersion, SignatureScheme,
    SuiteAuthentication,
};
use handclasp_report::Named;

use super::offer::{Offer, key_needed, names, scheme_kind};
use super::{Case, Side, certificate_curve};
use crate::conversation::Stage;
use crate::diagnosis::cause::Cause;
use crate::diagnosis::compute::certificate::Certificate;
use crate::diagnosis::compute::key::Family;
use crate::diagnosis::finding::{Confidence, Finding};

/// What this family finds.
pub(super) fn findings(case: &Case<'_>) -> Vec<Finding> {
    let Some(hello) = case.conversation.last_client_hello() else { return Vec::new() };
    let offer = Offer::new(&hello);
    let mut found = named_by_the_alert(case, &hello, &offer);
    found.extend(version_chosen(case, &offer));
    found.extend(key_without_scheme(case, &offer));
    if found.is_empty() {
        found.extend(refused_offer(case, &hello, &offer));
    }
    found
}

/// The server shows its certificate and then finds that no scheme offered fits its key.
fn key_without_scheme(case: &Case<'_>, offer: &Offer) -> Option<Finding> {
    let alert = case.refused(Side::Server).filter(|_| case.stage == Stage::ServerHello)?;
    let leaf = case.conversation.chain(Side::Server)?.first().copied()?;
    let family = Certificate::parse(leaf)?.key.family()?;
    let schemes = offer.schemes.as_deref()?;
    let fits = |scheme: &SignatureScheme| match (scheme_kind(*scheme), family) {
        (SuiteAuthentication::Rsa, Family::Rsa) => true,
        (SuiteAuthentication::Ecdsa, other) => other != Family::Rsa,
        (_, _) => false,
    };
    if schemes.iter().any(fits) {
        return None;
    }
    let summary = "The client offers no signature scheme for the key of the server's certificate.";
    let finding = Finding::failure(Cause::SigalgNoneInCommon, Confidence::Proved, summary)
        .evidence(format!("{}: the certificate", case.at(Side::Server, HandshakeType::certificate)))
        .evidence(format!("signature_algorithms lists {}", names(schemes)))
        .evidence(format!("the server then sends the alert {}", Named(alert)));
    Some(finding)
}

/// Alerts that say what they mean.
fn named_by_the_alert(case: &Case<'_>, hello: &ClientHello<'_>, offer: &Offer) -> Vec<Finding> {
    let alert = case.refused(Side::Server).or_else(|| case.refused(Side::Client));
    let observed = |cause, summary: String| {
        vec![Finding::failure(cause, Confidence::Observed, summary).evidence(case.ended())]
    };
    let newest = || offer.newest().map_or_else(|| "no version".to_owned(), |v| Named(v).to_string());
    match alert {
        Some(Alert::protocol_version) => observed(
            Cause::VersionNoneInCommon,
            match offer.only_tls13() {
                true => "The client offers only TLS 1.3, and the server does not support it.".to_owned(),
                false => format!(
                    "Client and server have no version in common: the client offers {}; its newest is {}.",
                    names(&offer.versions.iter().map(|v| Named(*v)).collect::<Vec<_>>()),
                    newest()
                ),
            },
        ),
        Some(Alert::no_application_protocol) => observed(
            Cause::AlpnNoneInCommon,
            format!("The server supports none of the application protocols offered: {}.", protocols(hello)),
        ),
        Some(Alert::unrecognized_name) => match server_name(hello) {
            Some(name) => observed(
                Cause::SniUnrecognized,
                format!("The server does not serve the name in the client's server_name: {name}."),
            ),
            None if !case.has_whole_offer() => {
                observed(Cause::SniUnrecognized, "The server does not serve that name.".to_owned())
            }
            None => observed(
                Cause::SniMissing,
                "The server requires server_name, and the client does not send it.".to_owned(),
            ),
        },
        Some(Alert::missing_extension) if case.hello_refused().is_some() => missing(case, hello),
        _ => Vec::new(),
    }
}

/// missing_extension: by RFC 8446 §9.2 what else is there tells which one is missed.
fn missing(case: &Case<'_>, hello: &ClientHello<'_>) -> Vec<Finding> {
    let extensions = &hello.extensions;
    let lacks = extensions.signature_algorithms.is_none() || extensions.supported_groups.is_none();
    if lacks || extensions.server_name.is_some() || !case.has_whole_offer() {
        return Vec::new();
    }
    let summary = "The server reports a missing extension; of the extensions that servers require, only \
                   server_name is missing.";
    vec![Finding::failure(Cause::SniMissing, Confidence::Observed, summary).evidence(case.ended())]
}

/// A version chosen that the client did not list. A server that knows supported_versions breaks
/// the rules by it (`violation`); one that does not simply answers what it can.
fn version_chosen(case: &Case<'_>, offer: &Offer) -> Option<Finding> {
    let (found, hello) = case.conversation.server_hello_at()?;
    let chosen = hello.legacy_version;
    let old_server = hello.extensions.supported_versions.is_none();
    let refused = case.refused(Side::Client).is_some() || case.left(Side::Client);
    if !old_server || !refused || offer.versions.contains(&chosen) || !offer.versions_listed {
        return None;
    }
    let summary = format!(
        "The server selects {}, but the client offers only {}.",
        Named(chosen),
        names(&offer.versions.iter().map(|version| Named(*version)).collect::<Vec<_>>())
    );
    let finding = Finding::failure(Cause::VersionNoneInCommon, Confidence::Observed, summary)
        .evidence(format!("{}: the version in the ServerHello", found.event.position))
        .evidence(case.ended());
    Some(finding)
}

/// The server refuses the hello and does not say why: where is the offer narrow?
fn refused_offer(case: &Case<'_>, hello: &ClientHello<'_>, offer: &Offer) -> Vec<Finding> {
    let Some(alert) = case.hello_refused() else { return Vec::new() };
    // Alerts that are about something else: the form of the hello, a pre-shared key.
    let other = [
        Alert::decode_error,
        Alert::decrypt_error,
        Alert::bad_record_mac,
        Alert::unknown_psk_identity,
        Alert::inappropriate_fallback,
        Alert::record_overflow,
    ];
    // The key decides before anything else does.
    let keyed = offer.only_psk() || hello.extensions.pre_shared_key.is_some();
    if other.contains(&alert) || keyed {
        return Vec::new();
    }
    // Lists that were cut tell nothing of what is narrow.
    if !case.has_whole_offer() {
        return usual_offer(case, offer);
    }
    if lacks_a_mandatory_one(hello, offer) {
        return Vec::new();
    }
    let found = narrow_lists(case, offer);
    if found.is_empty() { usual_offer(case, offer) } else { found }
}

/// Every list of the offer in which common servers may find nothing.
fn narrow_lists(case: &Case<'_>, offer: &Offer) -> Vec<Finding> {
    let inferred = |cause, summary: String| {
        Finding::failure(cause, Confidence::Inferred, summary).evidence(case.ended())
    };
    let inferred_curve =
        || certificate_curve::finding(case, offer).filter(|it| it.confidence == Confidence::Inferred);
    let mut found = Vec::new();
    if let Some(finding) = old_or_new_only(offer) {
        found.push(finding.evidence(case.ended()));
    }
    if offer.weak_suites() {
        let suites = names(&offer.suites);
        let summary = format!("The client offers only cipher suites that current servers refuse: {suites}.");
        found.push(inferred(Cause::SuiteNoneInCommon, summary));
    }
    if offer.narrow_groups() && offer.suites.iter().any(|suite| suite.uses_group()) {
        let groups = offer.groups.as_deref().unwrap_or_default();
        let summary = format!(
            "The client offers only {} for the key exchange, and the server supports none of these groups.",
            names(groups)
        );
        let curve = inferred_curve();
        // Nearly every server has x25519: then it is the certificate.
        let certificate = curve.is_some() && groups.contains(&NamedGroup::x25519);
        let confidence = if certificate { Confidence::Possible } else { Confidence::Inferred };
        found.push(Finding { confidence, ..inferred(Cause::GroupNoneInCommon, summary) });
        found.extend(curve);
    } else if !case.evidence.certificates.is_empty() {
        found.extend(inferred_curve());
    }
    found.extend(narrow_suites(offer).into_iter().map(|finding| finding.evidence(case.ended())));
    if offer.narrow_schemes() && schemes_narrower_than_suites(offer) {
        let schemes = offer.schemes.as_deref().unwrap_or_default();
        let schemes = names(schemes);
        let summary = format!(
            "The client can verify only {schemes}, and the server's key cannot make such a signature."
        );
        found.push(inferred(Cause::SigalgNoneInCommon, summary));
    }
    found
}

/// A hello that lacks what its own suites need has its reason there (`hello`).
fn lacks_a_mandatory_one(hello: &ClientHello<'_>, offer: &Offer) -> bool {
    let modern = hello.legacy_version >= ProtocolVersion::TLS_1_2;
    let groups = offer.groups.is_none() && offer.needs_group();
    let compression = !hello.legacy_compression_methods.contains(&0);
    groups
        || compression
        || (offer.schemes.is_none() && modern && offer.one_authentication() != Some(SuiteAuthentication::Psk))
}

/// Only the newest version, or none that is still spoken.
fn old_or_new_only(offer: &Offer) -> Option<Finding> {
    let old = offer.newest().is_some_and(|newest| newest < ProtocolVersion::TLS_1_2);
    let summary = if offer.only_tls13() {
        "The client offers only TLS 1.3: a TLS 1.2 server finds neither a version nor a cipher suite in \
         common."
            .to_owned()
    } else if old {
        let newest = offer.newest().map_or_else(String::new, |newest| Named(newest).to_string());
        format!("The client offers at most {newest}, which current servers refuse.")
    } else {
        return None;
    };
    // TLS 1.3 alone is usual enough today that narrow groups or schemes are as good a reason.
    let usual =
        offer.only_tls13() && (offer.narrow_groups() || offer.narrow_schemes() || offer.suites.len() <= 1);
    let confidence = if usual { Confidence::Possible } else { Confidence::Inferred };
    Some(Finding::failure(Cause::VersionNoneInCommon, confidence, summary))
}

/// Few suites, or suites that all need one kind of key.
fn narrow_suites(offer: &Offer) -> Vec<Finding> {
    let kind = offer.one_authentication();
    let key_type = |kind: SuiteAuthentication| {
        let summary = format!(
            "Every cipher suite offered needs {} on the server ({}), and the server apparently has none.",
            key_needed(kind),
            names(&offer.suites)
        );
        Finding::failure(Cause::SuiteKeyType, Confidence::Inferred, summary)
    };
    let none = || {
        let summary =
            format!("The server supports none of the cipher suites offered: {}.", names(&offer.suites));
        Finding::failure(Cause::SuiteNoneInCommon, Confidence::Inferred, summary)
    };
    match (kind, offer.narrow_suites()) {
        // The server may well have such a key, on a curve that is not offered.
        (Some(kind @ SuiteAuthentication::Ecdsa), _) if offer.lacks_certificate_curves() => {
            [key_type(kind), none()]
                .into_iter()
                .map(|found| Finding { confidence: Confidence::Possible, ..found })
                .collect()
        }
        // The rarer key is the likelier one to be missing.
        (Some(kind @ (SuiteAuthentication::Ecdsa | SuiteAuthentication::Dss)), _) => {
            vec![key_type(kind), none()]
        }
        (Some(kind @ SuiteAuthentication::Rsa), true) => vec![none(), key_type(kind)],
        (Some(kind @ SuiteAuthentication::Rsa), false) => vec![key_type(kind)],
        (Some(SuiteAuthentication::Anonymous), _) | (_, true) => vec![none()],
        (_, false) => Vec::new(),
    }
}

/// Schemes tell something only where the suites leave the key open.
fn schemes_narrower_than_suites(offer: &Offer) -> bool {
    match (offer.one_authentication(), offer.one_scheme_kind()) {
        (Some(suites), Some(schemes)) => suites != schemes,
        (Some(_), None) | (None, _) => true,
    }
}

/// Nothing is narrow: the reason is the server's own.
fn usual_offer(case: &Case<'_>, offer: &Offer) -> Vec<Finding> {
    let mut found = Vec::new();
    found.extend(certificate_curve::finding(case, offer));
    let summary = "The server refuses an ordinary offer, and the messages do not show why: the reason is in \
                   the server's configuration.";
    found.push(
        Finding::failure(Cause::RefusedUnexplained, Confidence::Possible, summary)
            .evidence(case.ended())
            .fix(
                "read the server's log: do its certificate and key load, and which cipher suites, groups \
                 and versions are enabled",
            ),
    );
    found
}

fn server_name(hello: &ClientHello<'_>) -> Option<String> {
    let name = hello.extensions.server_name?.host_name()?;
    Some(String::from_utf8_lossy(name).into_owned())
}

fn protocols(hello: &ClientHello<'_>) -> String {
    let Some(list) = hello.extensions.application_layer_protocol_negotiation else {
        return "none".to_owned();
    };
    let offered: Vec<String> =
        list.protocol_name_list.iter().map(|name| String::from_utf8_lossy(name.0).into_owned()).collect();
    names(&offered)
}
