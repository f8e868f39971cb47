//! Explains texts that people paste: listings of programs, hex dumps, prose.

use super::{of_bytes, of_log};
use crate::{
    diagnosis::{
        dissection, event_explainer::EventExplainer, explanation::Explanation, log_messages,
        malformed::other_protocol,
    },
    error::Error,
    input::{
        Part, capture,
        capture_event::Side,
        evidence::Evidence,
        hex::{self, Pasted},
    },
};

/// Explains the listing of a program.
pub(super) fn of_listing(pasted: Pasted, text: &str, evidence: &Evidence) -> Result<Explanation, Error> {
    match pasted {
        Pasted::Packets(file) => {
            let mut explainer = EventExplainer::new(evidence);
            let packets = capture::read(&file[..], &mut |_| (), &mut explainer).map_err(Error::Capture)?;
            Ok(Explanation { packets: Some(packets), ..explainer.finish() })
        }
        Pasted::Connections(connections) => Ok(of_connections(connections, evidence)),
        Pasted::Log(connections) => {
            let writer = connections.iter().find_map(|parts| dissection::writer(parts));
            Ok(match writer.or_else(|| log_messages::side(text)) {
                Some(side) => of_connections(connections, &with_log(text, side, evidence)),
                None => of_connections(connections, evidence),
            })
        }
    }
}

/// The evidence with the words around dumps as the log of that side, if it has no log yet and they are known.
fn with_log(text: &str, side: Side, evidence: &Evidence) -> Evidence {
    let mut evidence = evidence.clone();
    let log = match side {
        Side::Client => &mut evidence.client_log,
        Side::Server => &mut evidence.server_log,
    };
    if log.is_none() && !log_messages::read(text, side).is_empty() {
        *log = Some(text.to_owned());
    }
    evidence
}

/// Explains bytes of one or several connections.
fn of_connections(connections: Vec<Vec<Part>>, evidence: &Evidence) -> Explanation {
    let each = connections.into_iter().map(|parts| dissection::explain_parts(parts, evidence));
    let mut each: Vec<Explanation> = each.map(Explanation::of_dissection).collect();
    match each.len() {
        // The fields of all bytes are shown for one connection only.
        0 | 1 => each.pop().unwrap_or_default(),
        _ => {
            let conversations = each.into_iter().flat_map(|explanation| explanation.conversations).collect();
            Explanation { conversations, ..Explanation::default() }
        }
    }
}

/// Explains a text that is prose, a hex dump, or the answer of another protocol.
pub(super) fn of_text(text: &str, bytes: Vec<u8>, evidence: &Evidence) -> Result<Explanation, Error> {
    // A log contains numbers and addresses, which are not bytes of TLS.
    let parsed = match log_messages::is_prose(text) {
        true => Err(Error::UnknownLog),
        // Logs have dumps between their lines, such as those of tickets by `openssl s_client`.
        false => hex::parse(text).map_err(|error| match log_messages::has_sentences(text) {
            true => Error::UnknownLog,
            false => Error::Hex(error),
        }),
    };
    match parsed {
        Ok(parts) => Ok(Explanation::of_dissection(dissection::explain_parts(parts, evidence))),
        // The answer of another protocol is text too; words of a program behind it say more.
        Err(error) => of_log(text, evidence)
            .or_else(|| other_protocol(&bytes).map(|_| of_bytes(bytes, evidence)))
            .ok_or(error),
    }
}
