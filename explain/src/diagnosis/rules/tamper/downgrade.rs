//! The downgrade sentinel (RFC 8446 §4.1.3): a server that was offered less than it can do says so
//! in its random, which a signature covers. If the client did offer more, somebody changed it.

use handclasp_codec::{AlertDescription, DOWNGRADE_TLS11, DOWNGRADE_TLS12, ProtocolVersion};
use handclasp_report::Named;

use crate::conversation::Stage;
use crate::diagnosis::cause::Cause;
use crate::diagnosis::finding::{Confidence, Finding};
use crate::diagnosis::rules::offer::Offer;
use crate::diagnosis::rules::{Case, Side};

/// A sentinel that contradicts the offer, or that the client refuses.
pub(super) fn finding(case: &Case<'_>) -> Option<Finding> {
    let (found, answer) = case.conversation.server_hello_at()?;
    let hello = case.conversation.client_hello()?;
    let chosen = case.conversation.version()?;
    let able = match answer.downgrade_sentinel() {
        DOWNGRADE_TLS12 => ProtocolVersion::TLS_1_3,
        DOWNGRADE_TLS11 => ProtocolVersion::TLS_1_2,
        _ => return None,
    };
    if chosen >= able {
        return None;
    }
    let offered = Offer::new(&hello).versions.contains(&able);
    // What a client that sees the sentinel must say (RFC 8446 §4.1.3).
    let refused = case.refused(Side::Client) == Some(AlertDescription::illegal_parameter);
    let confidence = match (offered, refused && case.stage <= Stage::ServerFlight) {
        (true, _) => Confidence::Proved,
        // Captured behind the change: the hello is already the altered one, the client minds.
        (false, true) => Confidence::Inferred,
        (false, false) => return None,
    };
    let summary = format!(
        "The server supports {} but received an offer of at most {}: the ClientHello was changed in \
         transit.",
        Named(able),
        Named(chosen)
    );
    let mut finding = Finding::failure(Cause::VersionDowngradeAttack, confidence, summary)
        .evidence(format!(
            "{}: the random of the ServerHello ends in the downgrade sentinel",
            found.event.position
        ))
        .evidence(case.ended());
    if offered {
        finding.evidence.push(format!("the captured ClientHello offers {}", Named(able)));
    }
    Some(finding)
}
