//! A certificate that does not show, as in TLS 1.3 without a key log: only the way in which it was
//! refused speaks.

use handclasp_codec::{AlertDescription as Alert, CipherSuite};

use super::super::peer_verdict::Taken;
use super::super::{Case, Side, trust};
use super::clock;
use super::shape::{Shape, checks_name_first};
use crate::conversation::{Ending, EventKind, Stage};
use crate::diagnosis::cause::Cause;
use crate::diagnosis::compute::certificate::Certificate;
use crate::diagnosis::compute::expected;
use crate::diagnosis::finding::{Confidence, Finding};

/// What the refusal can mean.
pub(super) fn findings(case: &Case<'_>, taken: Taken) -> Vec<Finding> {
    if !may_hide(case) {
        return Vec::new();
    }
    let alert = match (taken, case.ending) {
        (Taken::Refused(alert), _) => Some(alert),
        (Taken::Left, Ending::RefusedEncrypted { .. }) => None,
        (Taken::Left, Ending::Closed { by: Side::Client } | Ending::Reset { by: Side::Client })
            if case.stage == Stage::ServerFlight
                && case.conversation.is_tls13()
                && case.notes().is_none() =>
        {
            None
        }
        (Taken::Accepted | Taken::Left | Taken::Untold, _) => return Vec::new(),
    };
    let size = Shape::of(case);
    let found = causes(case, alert, size.as_ref()).into_iter();
    let mut found: Vec<Finding> = found
        .map(|(cause, confidence, summary)| {
            Finding::failure(cause, confidence, summary).evidence(case.ended())
        })
        .collect();
    // What is known of the certificate is the same for all causes, and stands with the first.
    if let Some(first) = found.first_mut() {
        first.evidence.extend(size.as_ref().map(Shape::evidence));
        if first.cause == Cause::CertNameMismatch && alert.is_none() {
            first.evidence.push(NAME_FIRST.to_owned());
        }
        first.evidence.push(HINT.to_owned());
    }
    found
}

/// Why the name comes before the issuer.
const NAME_FIRST: &str = "the ClientHello has the form of Go's, which compares the name before it looks for the \
                          issuer: a default or self-signed certificate is mostly refused for its name";

/// What would decide between the causes.
pub(super) const HINT: &str = "the certificate is encrypted: a key log from either side (SSLKEYLOGFILE, --keys) would make it \
                    readable; --ask shows the chain that the server sends now";

/// Whether the server may have sent a certificate that does not show: it has sent its flight, without a
/// pre-shared key.
pub(super) fn may_hide(case: &Case<'_>) -> bool {
    let psk = case.conversation.server_hello().is_some_and(|hello| hello.extensions.pre_shared_key.is_some());
    !psk && case.stage >= Stage::ServerHello && hidden(case)
}

/// Whether protected records of the server hide something.
fn hidden(case: &Case<'_>) -> bool {
    // A report holds no certificates.
    if case.notes().is_some() {
        return case.stage >= Stage::ServerFlight
            && !case.conversation.suite().is_some_and(CipherSuite::is_psk);
    }
    let sealed = |what: &EventKind| {
        matches!(what, EventKind::Protected(_) | EventKind::ApplicationData { decrypted: false, .. })
    };
    case.conversation.events.iter().any(|item| item.from == Side::Server && sealed(&item.kind))
}

type Told = (Cause, Confidence, &'static str);

const NAME: Told = (
    Cause::CertNameMismatch,
    Confidence::Possible,
    "The client rejects the server's certificate, perhaps because it is for another name.",
);
const NOT_YET: Told = (
    Cause::CertNotYetValid,
    Confidence::Possible,
    "The client rejects the server's certificate, perhaps because it is not yet valid.",
);
const WEAK: Told = (
    Cause::CertWeakKey,
    Confidence::Possible,
    "The client rejects the server's certificate, perhaps because its key is too small.",
);
const ISSUER: Told = (
    Cause::CertUnknownIssuer,
    Confidence::Possible,
    "The client rejects the server's certificate, perhaps because it does not trust the issuer.",
);

fn causes(case: &Case<'_>, alert: Option<Alert>, size: Option<&Shape>) -> Vec<Told> {
    match alert {
        Some(Alert::certificate_expired) => vec![
            (
                Cause::CertExpired,
                Confidence::Observed,
                "The client reports that one of the server's certificates has expired.",
            ),
            (
                Cause::ClockWrong,
                Confidence::Possible,
                "If the server's certificates are valid, the client's clock is wrong.",
            ),
        ],
        Some(Alert::unknown_ca) => unknown_ca(case, size),
        Some(Alert::unsupported_certificate) => vec![
            (
                Cause::CertEku,
                Confidence::Inferred,
                "The client reports that the server's certificate is not valid for this purpose: its \
                 extendedKeyUsage probably lacks serverAuth.",
            ),
            (Cause::CertKeyUsage, Confidence::Possible, "Perhaps its keyUsage lacks digitalSignature."),
            WEAK,
        ],
        Some(Alert::bad_certificate) => {
            let mut found: Vec<Told> = without_san(case).into_iter().collect();
            found.extend([NAME, NOT_YET, WEAK, ISSUER]);
            found
        }
        Some(Alert::certificate_unknown) | None => {
            let mut found = vec![ISSUER, NAME, NOT_YET];
            // This client compares the name before it looks for the issuer, and a certificate that a server
            // sends by default, or that it signed itself, mostly has another name.
            if size.is_some_and(Shape::is_single)
                && case.conversation.names_server()
                && checks_name_first(case)
            {
                found.swap(0, 1);
            }
            if clock::unset(case, Side::Client).is_some() {
                found.insert(
                    0,
                    (
                        Cause::ClockWrong,
                        Confidence::Possible,
                        "The client rejects the server's certificate, and the time that its ClientHello may \
                         contain is that of an unset clock.",
                    ),
                );
            }
            found
        }
        // Those of no certificate, and those that other families know.
        Some(_) => Vec::new(),
    }
}

fn unknown_ca(case: &Case<'_>, size: Option<&Shape>) -> Vec<Told> {
    let mut found = vec![
        (
            Cause::CertUnknownIssuer,
            Confidence::Inferred,
            "The client reports an unknown issuer of the server's certificate.",
        ),
        (
            Cause::CertSelfSigned,
            Confidence::Inferred,
            "Perhaps the server's certificate is self-signed and not configured as trusted on the client.",
        ),
        (
            Cause::CertMissingIntermediate,
            Confidence::Possible,
            "Perhaps the server omits an intermediate certificate.",
        ),
    ];
    if case.notes().is_some() {
        // A server knows of its own certificate whether it is signed by itself; its report does not say.
        found.iter_mut().skip(1).for_each(|(_, confidence, _)| *confidence = Confidence::Possible);
    } else if case.evidence.roots.is_none() {
        // A server that signed its certificate itself has no other one to send. Where the flight holds one,
        // it is as often self-signed as issued by a CA that the client lacks.
        match size.is_some_and(Shape::is_single) {
            true => found.swap(0, 1),
            false => {
                found.swap(1, 2);
                found.iter_mut().for_each(|(_, confidence, _)| *confidence = Confidence::Possible);
            }
        }
    }
    if trust::gives_pins(case) {
        found.extend([
            (
                Cause::PinChangedKey,
                Confidence::Possible,
                "Perhaps the server has a new key, and the client still pins its old certificate.",
            ),
            (
                Cause::PinRenewedSameKey,
                Confidence::Possible,
                "Perhaps the server's certificate was renewed with the same key, and the client pins the \
                 old one.",
            ),
        ]);
    }
    found
}

/// The client was given one certificate, which is the server's own, and its names say already
/// that it will not do.
fn without_san(case: &Case<'_>) -> Option<Told> {
    let roots = case.evidence.roots.as_ref()?;
    let wanted = expected(case.conversation, case.evidence);
    let [root] = roots.as_slice() else { return None };
    let root = Certificate::parse(root)?;
    let told = (
        Cause::CertNoSan,
        Confidence::Possible,
        "The certificate configured on the client has no subjectAltName; if the server sends that \
         certificate, no name matches.",
    );
    (wanted.is_some() && !root.is_ca() && root.extensions.names.is_none()).then_some(told)
}
