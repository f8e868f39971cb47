//! Trust that is not a chain: pins, and clients that decide after the handshake.
//!
//! A trust anchor that is itself a server's certificate is a pin: such a client wants that very
//! certificate, or at least its key.

use handclasp_codec::{AlertDescription as Alert, ContentType, HandshakeType};

use super::peer_verdict::{Fit, Taken, at_most, fit, taken};
use super::{Case, Side};
use crate::conversation::{Ending, EventKind, Stage};
use crate::diagnosis::cause::Cause;
use crate::diagnosis::compute::certificate::Certificate;
use crate::diagnosis::compute::chain::{Chain, Deviation};
use crate::diagnosis::finding::{Confidence, Finding};

/// What this family finds.
pub(super) fn findings(case: &Case<'_>) -> Vec<Finding> {
    let Some(chain) = case.chain(Side::Server) else { return Vec::new() };
    let pinned = pinned(case, chain);
    let mut found: Vec<Finding> = refused_after(case, chain, pinned.as_ref()).into_iter().collect();
    if let Some(pinned) = pinned {
        let at = case.at(Side::Server, HandshakeType::certificate);
        let source = format!("{at}: the server sends {}", pinned.new.subject_text);
        let taken = taken(case, Side::Client);
        found.extend(changed(case, &pinned, taken, !found.is_empty(), source));
    }
    found
}

/// What became of a pinned certificate.
pub(super) struct Pinned {
    /// The pinned one.
    old: Certificate,
    /// The one that the server shows.
    new: Certificate,
}

impl Pinned {
    fn same_key(&self) -> bool {
        self.old.key.spki == self.new.key.spki
    }

    /// Whether it is the same server by its name.
    fn same_name(&self) -> bool {
        let names = |of: &Certificate| of.extensions.names.clone().unwrap_or_default();
        let shared = names(&self.old).iter().any(|name| names(&self.new).contains(name));
        self.old.subject == self.new.subject || shared
    }
}

/// Whether a certificate among the anchors is a server's own rather than a CA's.
fn is_pin(root: &Certificate) -> bool {
    !root.is_ca() || root.extensions.names.is_some()
}

/// Whether pins are among what the user gave.
pub(super) fn gives_pins(case: &Case<'_>) -> bool {
    let roots = case.evidence.roots.iter().flatten().take(32);
    roots.filter_map(|der| Certificate::parse(der)).any(|root| is_pin(&root))
}

/// The pin that the server's certificate does not match, if the user gave one.
pub(super) fn pinned(_case: &Case<'_>, chain: &Chain) -> Option<Pinned> {
    let (new, roots) = (chain.leaf()?, chain.roots.as_ref()?);
    if chain.is_anchored() {
        return None;
    }
    let same_key = roots.iter().find(|root| root.key.spki == new.key.spki);
    let same_name = || roots.iter().find(|root| is_pin(root) && root.subject == new.subject);
    let namesake = || roots.iter().find(|root| root.subject == new.subject && new.is_self_issued());
    let only = || roots.first().filter(|root| roots.len() == 1 && is_pin(root));
    let old = same_key.or_else(same_name).or_else(namesake).or_else(only)?;
    Some(Pinned { old: old.clone(), new: new.clone() })
}

/// Causes that only follow from a pin that does not match.
pub(super) fn follows_from_pin(cause: Cause) -> bool {
    matches!(cause, Cause::CertSelfSigned | Cause::CertUnknownIssuer | Cause::CertMissingIntermediate)
}

/// The client refused, and the pin does not match; `source` names where the new certificate comes from.
pub(super) fn changed(
    case: &Case<'_>,
    pinned: &Pinned,
    taken: Taken,
    after_handshake: bool,
    source: String,
) -> Option<Finding> {
    let (cause, summary) = match pinned.same_key() {
        true => (
            Cause::PinRenewedSameKey,
            "The server's certificate was renewed with the same key, and the client expects the old \
             certificate.",
        ),
        false => (
            Cause::PinChangedKey,
            "The server's key differs from the key of the certificate configured on the client.",
        ),
    };
    let fit = fit(taken, cause);
    let confidence = match (taken, fit) {
        _ if after_handshake => Confidence::Inferred,
        (_, Fit::No) => return None,
        (Taken::Left, _) => Confidence::Inferred,
        (_, fit) => {
            at_most(if pinned.same_name() { Confidence::Proved } else { Confidence::Inferred }, fit.limit())
        }
    };
    let keys = match pinned.same_key() {
        true => "both have the same public key but differ otherwise",
        false => "their public keys differ",
    };
    let finding = Finding::failure(cause, confidence, summary)
        .evidence(source)
        .evidence(format!("the client is configured with {}; {keys}", pinned.old.subject_text))
        .evidence(case.ended());
    Some(match pinned.same_key() {
        true => finding.or_fix("or configure the new certificate on the client"),
        false => finding.or_fix("if the key was not replaced, another host answers at this address"),
    })
}

/// A complete handshake, after which the client goes without a word and without data, from a server
/// whose certificate is not the one that it ought to trust.
fn refused_after(case: &Case<'_>, chain: &Chain, pinned: Option<&Pinned>) -> Option<Finding> {
    let untrusted = chain.roots.is_some() && !chain.is_anchored();
    let dated = |deviation: &Deviation| match deviation {
        Deviation::Expired { .. } | Deviation::NotYetValid { .. } => case.evidence.at.is_some(),
        Deviation::NameMismatch { .. } => case.evidence.name.is_some(),
        Deviation::Error { .. }
        | Deviation::NoSan { .. }
        | Deviation::SelfSigned
        | Deviation::UnknownIssuer { .. }
        | Deviation::Order { .. }
        | Deviation::PathLength { .. }
        | Deviation::IssuerNotCa { .. }
        | Deviation::NameConstraint { .. }
        | Deviation::ExtendedKeyUsage { .. }
        | Deviation::KeyUsage { .. }
        | Deviation::WeakKey { .. }
        | Deviation::WeakSignature { .. }
        | Deviation::SignatureInvalid { .. }
        | Deviation::UnknownCritical { .. } => false,
    };
    let minded = untrusted || chain.deviations.iter().any(dated);
    if case.ending != Ending::Completed || case.stage != Stage::Complete || !minded || !silent(case) {
        return None;
    }
    let summary = "The handshake completes, then the client closes without sending data: it checks the \
                   certificate only afterwards and does not trust it.";
    let at = case.at(Side::Server, HandshakeType::certificate);
    let what = match pinned {
        Some(pinned) => {
            format!("{at}: the certificate is not the configured one ({})", pinned.old.subject_text)
        }
        None if untrusted => format!("{at}: the certificate does not lead to a given trust anchor"),
        None => format!("{at}: the certificate has expired, is not yet valid or is for another name"),
    };
    Some(
        Finding::failure(Cause::TrustRefusedAfterHandshake, Confidence::Inferred, summary)
            .evidence(what)
            .evidence("the client closes first, without data or close_notify")
            .or_fix(
                "verify the certificate during the handshake on the client, so that the alert states the \
                 reason",
            ),
    )
}

/// Whether the client closed first and neither side sent anything after the handshake.
fn silent(case: &Case<'_>) -> bool {
    let left = |what: &EventKind| matches!(what, EventKind::Fin | EventKind::Reset);
    let Some(closed) = case.conversation.events.iter().position(|item| left(&item.kind)) else {
        return false;
    };
    let data = case.conversation.events.iter().take(closed).any(|item| match &item.kind {
        EventKind::ApplicationData { .. } => true,
        EventKind::Protected(sealed) => sealed.content_type == ContentType::alert,
        EventKind::Alert { description, .. } => *description == Alert::close_notify,
        EventKind::Syn
        | EventKind::SynAck
        | EventKind::Acknowledged
        | EventKind::Gap(_)
        | EventKind::Fin
        | EventKind::Reset
        | EventKind::Handshake(_)
        | EventKind::ChangeCipherSpec
        | EventKind::Record { .. }
        | EventKind::NotTls { .. }
        | EventKind::Error(_) => false,
    });
    let by_client = case.conversation.events.get(closed).is_some_and(|item| item.from == Side::Client);
    by_client && !data
}
