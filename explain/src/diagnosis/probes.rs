//! Connections that only test whether a port is open: load balancers and monitors open them beside the real
//! ones. One alone may as well be a client that fails before its hello; beside handshakes with the same server
//! that complete it is worth a remark only.

use crate::conversation::Stage;
use crate::diagnosis::cause::Cause;
use crate::diagnosis::explanation::Diagnosis;
use crate::diagnosis::finding::{Confidence, Severity};

/// Turns the findings of probes into advice.
pub(crate) fn mark(conversations: &mut [Diagnosis]) {
    let completes = |found: &Diagnosis| found.conversation.stage() == Stage::Complete && !found.failed();
    let healthy: Vec<String> = conversations
        .iter()
        .filter(|found| completes(found) && !found.conversation.server.is_empty())
        .map(|found| found.conversation.server.clone())
        .collect();
    for found in conversations.iter_mut().filter(|found| healthy.contains(&found.conversation.server)) {
        let silent = found.findings.iter_mut().filter(|finding| {
            finding.cause == Cause::TransportClosedBeforeHello && finding.severity == Severity::Failure
        });
        for finding in silent {
            finding.severity = Severity::Advice;
            finding.confidence = Confidence::Possible;
            finding.summary =
                "The client opens the connection and closes it without sending data: probably a \
                               health check, as other connections to this server complete."
                    .to_owned();
        }
    }
}
