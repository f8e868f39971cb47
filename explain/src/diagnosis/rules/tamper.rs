//! Bytes that changed on the way, keys that came out different, and ends that disagree about how
//! records are protected (RFC 8446 §4.1.3, RFC 7366).
//!
//! A change in flight and a faulty end look alike until something recomputed tells them apart:
//! what the capture holds is right and the peer refuses it, or it contradicts a key log.

mod downgrade;
pub(super) mod hello;
mod order;
mod protection;

use handclasp_codec::{AlertDescription as Alert, CipherSuite, HandshakeType, KeyExchangeAlgorithm};

use super::{Case, Side, end};
use crate::conversation::{Ending, EventKind, KeySource, Stage, UndecryptedReason};
use crate::diagnosis::cause::Cause;
use crate::diagnosis::finding::{Confidence, Finding};

/// What this family finds.
pub(super) fn findings(case: &Case<'_>) -> Vec<Finding> {
    let mut found: Vec<Finding> = downgrade::finding(case).into_iter().collect();
    found.extend(hello::changed(case));
    found.extend(protection::finding(case));
    found.extend(other_random(case));
    found.extend(lost_records(case));
    if found.is_empty() {
        found.extend(not_authentic(case));
    }
    if found.is_empty() {
        found.extend(refused_record(case));
    }
    if found.is_empty() {
        found.extend(order::findings(case));
    }
    if found.is_empty() {
        found.extend(unread(case));
    }
    found
}

/// TLS 1.3 without keys: a client that ends it right after the server's flight may not have been
/// able to read that flight.
fn unread(case: &Case<'_>) -> Option<Finding> {
    let left = matches!(case.ending, Ending::RefusedEncrypted { by: Side::Client, .. });
    if !left || !case.conversation.is_tls13() || case.stage != Stage::ServerFlight {
        return None;
    }
    let summary = "The client may not have been able to decrypt the server's flight: bytes were changed in \
                   transit, or one side computed different keys.";
    Some(Finding::failure(Cause::TamperInFlight, Confidence::Possible, summary).evidence(case.ended()))
}

/// The key log knows nearly this client_random: a bit was changed on the way.
fn other_random(case: &Case<'_>) -> Option<Finding> {
    let bits = case.conversation.decryption.key_log_near?;
    // No handshake is completed over an altered hello: it is another one that looks alike.
    if case.stage == Stage::Complete && case.ending == Ending::Completed {
        return None;
    }
    let many = if bits == 1 { "one bit".to_owned() } else { format!("{bits} bits") };
    let summary = format!(
        "The ClientHello was altered in transit: its random differs by {many} from the one in the key log."
    );
    let finding = Finding::failure(Cause::TamperInFlight, Confidence::Proved, summary)
        .evidence(format!(
            "{}: random in the ClientHello, compared with client_random in the key log",
            case.at(Side::Client, HandshakeType::client_hello)
        ))
        .evidence(case.ended());
    Some(finding)
}

/// Records whose number is too high: the ones before them are missing, though the capture has no
/// hole.
fn lost_records(case: &Case<'_>) -> Option<Finding> {
    let jump = case.conversation.decryption.jumps.iter().find(|jump| jump.found > jump.expected)?;
    if case.conversation.is_partial() {
        return None;
    }
    let lost = jump.found - jump.expected;
    let records =
        if lost == 1 { "A protected record".to_owned() } else { format!("{lost} protected records") };
    let summary = format!(
        "{records} from the {} got lost in transit, although the capture has no gap.",
        end(jump.from)
    );
    let finding = Finding::failure(Cause::TamperDroppedMessage, Confidence::Proved, summary)
        .evidence(format!(
            "{}: the record authenticates with sequence number {}, where {} was expected",
            jump.position, jump.found, jump.expected
        ))
        .evidence(case.ended());
    Some(finding)
}

/// A record of the capture that the right keys do not open.
fn not_authentic(case: &Case<'_>) -> Vec<Finding> {
    let closed =
        case.conversation.events.iter().find(
            |item| matches!(&item.kind, EventKind::Protected(sealed) if sealed.reason == UndecryptedReason::NotAuthentic),
        );
    let Some(item) = closed else { return Vec::new() };
    if case.conversation.decryption.key_source != Some(KeySource::KeyLog) || case.conversation.is_partial() {
        // The missing bytes may contain a change of keys, by either side.
        return Vec::new();
    }
    let opened_before =
        case.conversation.events.iter().any(|other| other.from == item.from && other.kind.is_decrypted());
    let evidence = format!(
        "{}: this record from the {} fails authentication with the keys of the key log",
        item.position,
        end(item.from)
    );
    let confidence = if opened_before { Confidence::Proved } else { Confidence::Inferred };
    let summary = format!("A record from the {} was altered before the point of capture.", end(item.from));
    let tampered = Finding::failure(Cause::TamperInFlight, confidence, summary)
        .evidence(evidence.clone())
        .evidence(case.ended());
    if opened_before {
        return vec![tampered.evidence("earlier records under the same keys authenticate")];
    }
    vec![tampered, keys_differ(case, Confidence::Inferred).evidence(evidence)]
}

/// One end cannot read, or cannot verify, a protected record of the other.
fn refused_record(case: &Case<'_>) -> Vec<Finding> {
    let Ending::Refused { by, alert, .. } = case.ending else { return Vec::new() };
    if !matches!(alert, Alert::bad_record_mac | Alert::decrypt_error | Alert::decryption_failed) {
        return Vec::new();
    }
    // A key that was typed explains it better.
    let psk = case.conversation.suite().is_some_and(CipherSuite::is_psk)
        || case.conversation.server_hello().is_some_and(|hello| hello.extensions.pre_shared_key.is_some());
    let protected = protected_before(case, by.other());
    if (psk && case.stage < Stage::Complete) || !protected {
        return Vec::new();
    }
    let other = by.other();
    let readable = readable(case, other);
    if case.stage == Stage::Complete && data_refused(case, other) {
        return vec![late(case, other, readable)];
    }
    // decrypt_error says as well that a signature does not verify, which stands elsewhere; here it
    // is about Finished, and only once the peer has sent it.
    let summary = format!(
        "The {} cannot decrypt the {}'s first protected record: the two sides have different keys or \
         transcripts, so bytes were changed in transit, or one implementation computes incorrectly.",
        end(by),
        end(other)
    );
    let mut tampered =
        Finding::failure(Cause::TamperInFlight, Confidence::Inferred, summary).evidence(case.ended());
    if readable {
        tampered.evidence.push(format!(
            "the {}'s records decrypt and verify with the key log: the captured bytes are correct, and the \
             {} received different ones",
            end(other),
            end(by)
        ));
    }
    tampered.evidence.extend(stripped(case));
    let differ = keys_differ(case, Confidence::Inferred);
    let exchange = case.conversation.suite().and_then(CipherSuite::key_exchange_algorithm);
    if exchange == Some(KeyExchangeAlgorithm::Rsa) && by == Side::Server {
        // Only the certificate's key reads the premaster secret, and a wrong one says nothing of it
        // (RFC 5246 §7.4.7.1).
        let summary = "The server may not have the private key of its certificate: it then decrypts a \
                       different premaster secret than the client sent.";
        let key = Finding::failure(Cause::KeyNotOfCertificate, Confidence::Possible, summary)
            .evidence(case.ended());
        return vec![differ, key, Finding { confidence: Confidence::Possible, ..tampered }];
    }
    vec![tampered, differ]
}

/// A record altered after a complete handshake.
fn late(case: &Case<'_>, sender: Side, readable: bool) -> Finding {
    let summary = format!(
        "After a complete handshake the {} cannot decrypt a record from the {}: it was altered in transit.",
        end(sender.other()),
        end(sender)
    );
    let confidence = if readable { Confidence::Proved } else { Confidence::Inferred };
    let mut finding = Finding::failure(Cause::TamperInFlight, confidence, summary).evidence(case.ended());
    if readable {
        finding.evidence.push(format!(
            "every record from the {} decrypts with the key log: the record was altered after the point of \
             capture",
            end(sender)
        ));
    }
    finding
}

fn keys_differ(case: &Case<'_>, confidence: Confidence) -> Finding {
    let summary = "Both sides completed the key exchange but computed different keys or transcripts.";
    Finding::failure(Cause::KeyExchangeKeysDiffer, confidence, summary).evidence(case.ended())
}

/// Whether that end sent anything protected before the ending.
fn protected_before(case: &Case<'_>, of: Side) -> bool {
    let Ending::Refused { index, .. } = case.ending else { return false };
    case.conversation.events.iter().take(index).any(|item| item.from == of && item.kind.is_protected())
}

/// Whether keys opened all that this side sent protected.
fn readable(case: &Case<'_>, of: Side) -> bool {
    let sealed = case
        .conversation
        .events
        .iter()
        .any(|item| item.from == of && matches!(item.kind, EventKind::Protected(_)));
    case.conversation.decryption.key_source.is_some() && !sealed
}

fn data_refused(case: &Case<'_>, of: Side) -> bool {
    case.conversation
        .events
        .iter()
        .any(|item| item.from == of && matches!(item.kind, EventKind::ApplicationData { .. }))
}

/// Extensions that went and did not come back, though nearly every server does them: what a change
/// on the way would have stripped.
fn stripped(case: &Case<'_>) -> Option<String> {
    let (hello, answer) = (case.conversation.client_hello()?, case.conversation.server_hello()?);
    let lost = hello.extensions.extended_master_secret.is_some()
        && answer.extensions.extended_master_secret.is_none();
    (lost && !case.conversation.is_tls13()).then(|| {
        "extended_master_secret was offered but not accepted, although nearly every server supports it: it \
         may have been removed in transit"
            .to_owned()
    })
}

#[cfg(test)]
mod tests {
    use handclasp_codec::ContentType;

    use super::*;
    use crate::conversation::ProtectedRecord;
    use crate::diagnosis::rules::test_support::{client_hello, conversation, failures, item, server_hello};
    use crate::input::evidence::Evidence;

    #[test]
    fn a_record_behind_a_hole_proves_no_change() {
        let told = |hole: bool| {
            let finished = crate::diagnosis::rules::test_support::message(
                Side::Client,
                HandshakeType::finished,
                &[7; 12],
            );
            let mut items = vec![client_hello(0x8877_6655), server_hello(false), finished];
            if let EventKind::Handshake(message) = &mut items[2].kind {
                message.protected = true;
            }
            items.extend(hole.then(|| item(Side::Server, EventKind::Gap(1000))));
            let why = UndecryptedReason::NotAuthentic;
            let content_type = ContentType::application_data;
            items.push(item(
                Side::Client,
                EventKind::Protected(ProtectedRecord { content_type, length: 60, reason: why }),
            ));
            let mut told = conversation(items);
            told.decryption.key_source = Some(KeySource::KeyLog);
            let found = failures(&told, &Evidence::default());
            found.iter().any(|finding| finding.cause == Cause::TamperInFlight)
        };
        assert!(told(false));
        assert!(!told(true));
    }
}
