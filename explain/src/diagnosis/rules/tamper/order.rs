//! Messages in another order than their sender's, or refused though their order is right: bytes
//! that changed places, or got lost, between the capture and the end that refuses.

use handclasp_codec::{AlertDescription as Alert, HandshakeType};

use crate::conversation::Stage;
use crate::diagnosis::cause::Cause;
use crate::diagnosis::finding::{Confidence, Finding};
use crate::diagnosis::rules::{Case, Side, end};

/// What a wrong order, or an end that sees one, tells.
pub(super) fn findings(case: &Case<'_>) -> Vec<Finding> {
    let by = [Side::Client, Side::Server]
        .into_iter()
        .find(|by| case.refused(*by) == Some(Alert::unexpected_message));
    let Some(by) = by.filter(|_| case.stage >= Stage::ServerHello && !case.conversation.is_partial()) else {
        return Vec::new();
    };
    if let Some((first, second)) = swapped(case) {
        let summary = format!(
            "{second} arrives before {first}: the messages were reordered in transit, or the server sends \
             them in this order."
        );
        let evidence = format!("{}: {second}", case.at(Side::Server, second));
        return vec![
            Finding::failure(Cause::TamperInFlight, Confidence::Inferred, summary)
                .evidence(evidence)
                .evidence(case.ended()),
        ];
    }
    let summary = format!(
        "The {} lacks a message from the {} or received one too many, but the capture is complete: the \
         message was lost or altered after the point of capture.",
        end(by),
        end(by.other())
    );
    vec![Finding::failure(Cause::TamperDroppedMessage, Confidence::Possible, summary).evidence(case.ended())]
}

/// Two messages of the server's first flight in the wrong order.
fn swapped(case: &Case<'_>) -> Option<(HandshakeType, HandshakeType)> {
    const ORDER: [HandshakeType; 5] = [
        HandshakeType::server_hello,
        HandshakeType::certificate,
        HandshakeType::server_key_exchange,
        HandshakeType::certificate_request,
        HandshakeType::server_hello_done,
    ];
    if case.conversation.is_tls13() {
        return None;
    }
    let index = |msg_type| case.conversation.first(Side::Server, msg_type).map(|found| found.index);
    ORDER.windows(2).find_map(|pair| {
        let [first, second] = pair else { return None };
        (index(*first)? > index(*second)?).then_some((*first, *second))
    })
}
