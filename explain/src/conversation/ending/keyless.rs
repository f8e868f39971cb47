//! TLS 1.3 without keys: what the lengths, order and direction of protected records tell of the ending.

use handclasp_codec::ContentType;

use super::Ending;
use crate::conversation::{Conversation, Event, EventKind, ProtectedRecord, Side};

/// Content type and tag of a protected record (RFC 8446 §5.2).
const OVERHEAD: u16 = 1 + 16;

/// Level and description (RFC 8446 §6).
const ALERT: u16 = 2;

/// Padding that Java adds to all its records (RFC 8446 §5.4).
const PADDING: u16 = 16;

/// The longest record that holds no client certificate: an empty Certificate and a Finished of SHA-384 in
/// one record (RFC 8446 §4.4.2, §4.4.4), with the padding that some stacks add. A certificate alone has some
/// hundred bytes.
const LONGEST_WITHOUT_CERTIFICATE: u16 = 2 * (4 + 1 + 3 + 4 + 48 + OVERHEAD);

impl Conversation {
    /// The protected record before the event with index `end`, a FIN or RST, that is as short as an alert
    /// and the last of its sender. The peer that refuses often closes second: the other one closes as soon
    /// as it reads the alert. Of two such records the first refuses, the other one responds.
    pub(super) fn unread_alert(&self, end: usize) -> Option<Ending> {
        let data = self.events.iter().any(|event| matches!(event.kind, EventKind::ApplicationData { .. }));
        let last = |side| self.last_as_alert(side, end).map(|index| (index, side));
        let (index, by) =
            last(Side::Client).into_iter().chain(last(Side::Server)).min_by_key(|(index, _)| *index)?;
        let answered = self
            .events
            .iter()
            .take(index)
            .any(|event| event.from == by.other() && matches!(event.kind, EventKind::Alert { .. }));
        let refused = !answered && !data && self.stage() < super::Stage::Complete;
        refused.then_some(Ending::RefusedEncrypted { by, index })
    }

    /// TLS 1.3 without keys: whether the client ends with an alert before its Finished. It sends one record
    /// with its certificate, none as long as a Finished, then a record as short as an alert, and the server
    /// sends nothing in return.
    ///
    /// One record may also hold Certificate, CertificateVerify and Finished, and the alert be a
    /// close_notify. A server that accepts such a flight sends tickets or data, and one that refuses it
    /// sends an alert; the silence of both peers tells the two readings apart.
    pub(crate) fn lacks_client_finished(&self) -> bool {
        if !self.is_tls13() || self.is_partial() {
            return false;
        }
        let Some(end) = self.events.iter().position(is_end) else { return false };
        let Some(alert) = self.last_as_alert(Side::Client, end) else { return false };
        let mut before = self.events.iter().take(alert).enumerate().filter_map(of_client);
        let (Some((certificate, record)), None) = (before.next(), before.next()) else { return false };
        let answered = self.events.iter().skip(certificate).any(|event| {
            let quiet = is_end(event) || matches!(event.kind, EventKind::Acknowledged);
            event.from == Side::Server && !quiet
        });
        record.length > LONGEST_WITHOUT_CERTIFICATE && !answered
    }

    /// Index of the last event of a peer before `end`, if it is a record as short as an alert.
    fn last_as_alert(&self, of: Side, end: usize) -> Option<usize> {
        let sends = |event: &Event| event.from == of && !matches!(event.kind, EventKind::Acknowledged);
        let index = self.events.iter().take(end).rposition(sends)?;
        let sealed = self.events.get(index)?.kind.protected_record()?;
        self.is_as_short_as_alert(sealed).then_some(index)
    }

    /// Whether a protected record has the length of an alert: two bytes, the content type and the tag of the
    /// suite, with or without Java's padding. A padded alert has the length of a short text, so that the
    /// caller must know that no application data is due.
    pub(super) fn is_as_short_as_alert(&self, sealed: &ProtectedRecord) -> bool {
        self.is_alert_with(sealed, &[0, PADDING])
    }

    /// The same where application data may come: padded only if the sender pads its other records, too.
    pub(crate) fn is_alert_after_handshake(&self, from: Side, sealed: &ProtectedRecord) -> bool {
        let finished = self.record_overhead().zip(self.finished_length());
        let padded = finished.map(|(overhead, finished)| overhead + finished + PADDING);
        let of_sender = self.events.iter().filter(|event| event.from == from);
        let mut lengths = of_sender.filter_map(|event| Some(event.kind.protected_record()?.length));
        let pads = lengths.any(|length| Some(length) == padded);
        self.is_alert_with(sealed, if pads { &[PADDING] } else { &[0] })
    }

    fn is_alert_with(&self, sealed: &ProtectedRecord, paddings: &[u16]) -> bool {
        let content = sealed.length.checked_sub(self.record_overhead().unwrap_or(OVERHEAD));
        let fits = |padding: &u16| content == Some(ALERT + padding);
        sealed.content_type == ContentType::alert || paddings.iter().any(fits)
    }
}

fn is_end(event: &Event) -> bool {
    matches!(event.kind, EventKind::Fin | EventKind::Reset)
}

/// A protected record of the client, with its index.
fn of_client((index, event): (usize, &Event)) -> Option<(usize, &ProtectedRecord)> {
    let record = event.kind.protected_record().filter(|_| event.from == Side::Client)?;
    Some((index, record))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversation::Stage;
    use crate::conversation::test_support::{client_hello, conversation, item, sealed, server_hello};

    /// The server's flight, then these records, then the FINs in both orders: the ending and the stage, which
    /// must not depend on that order.
    fn ending(records: &[(Side, u16)]) -> (Ending, Stage) {
        let of = |closes: &[Side]| {
            let mut items = vec![client_hello(1), server_hello(true)];
            items.extend([40, 60, 900, 100, 53].map(|length| sealed(Side::Server, length)));
            items.extend(records.iter().map(|(from, length)| sealed(*from, *length)));
            items.extend(closes.iter().map(|from| item(*from, EventKind::Fin)));
            let conversation = conversation(items);
            (conversation.ending(), conversation.stage())
        };
        let one = of(&[Side::Client, Side::Server]);
        assert_eq!(one, of(&[Side::Server, Side::Client]), "{records:?}");
        one
    }

    fn refused(by: Side, before: usize) -> Ending {
        // SYN, SYN-ACK, two hellos and the five records of the server's flight come first.
        Ending::RefusedEncrypted { by, index: 9 + before }
    }

    use Side::{Client, Server};

    #[test]
    fn a_client_that_sends_only_an_alert_refuses() {
        assert_eq!(ending(&[(Client, 19)]), (refused(Client, 0), Stage::ServerFlight));
        assert_eq!(ending(&[(Client, 19), (Server, 19)]), (refused(Client, 0), Stage::ServerFlight));
    }

    #[test]
    fn a_certificate_and_an_alert_are_no_finished() {
        assert_eq!(ending(&[(Client, 1073), (Client, 19)]), (refused(Client, 1), Stage::ClientFlight));
    }

    #[test]
    fn a_finished_completes_the_handshake() {
        let whole: [&[(Side, u16)]; 5] = [
            &[(Client, 53), (Client, 19)],
            &[(Client, 69), (Client, 19)],
            // An empty Certificate and Finished in one record.
            &[(Client, 77), (Client, 19)],
            &[(Client, 1073), (Client, 281), (Client, 53), (Client, 19)],
            &[(Client, 1400), (Client, 100), (Server, 400), (Client, 19), (Server, 19)],
        ];
        for records in whole {
            assert_eq!(ending(records), (Ending::Completed, Stage::Complete), "{records:?}");
        }
    }

    #[test]
    fn a_flight_in_one_record_that_the_server_answers_is_whole() {
        let tickets = [(Client, 1400), (Server, 250), (Client, 19)];
        assert_eq!(ending(&tickets), (Ending::Completed, Stage::Complete));
        let refusal = [(Client, 1400), (Server, 19), (Client, 19)];
        assert_eq!(ending(&refusal), (Ending::Completed, Stage::Complete));
    }

    #[test]
    fn an_empty_certificate_and_a_padded_alert_hold_no_finished() {
        assert_eq!(ending(&[(Client, 41), (Client, 35)]), (refused(Client, 1), Stage::ServerFlight));
    }

    #[test]
    fn a_server_that_refuses_within_its_flight_has_not_sent_it() {
        // EncryptedExtensions and an alert, padded as Java does.
        for [extensions, alert] in [[65, 35], [27, 19]] {
            let mut items = vec![client_hello(1), server_hello(true), sealed(Server, extensions)];
            items.push(sealed(Server, alert));
            items.extend([Client, Server].map(|from| item(from, EventKind::Fin)));
            let conversation = conversation(items);
            assert_eq!(conversation.ending(), Ending::RefusedEncrypted { by: Server, index: 5 });
            assert_eq!(conversation.stage(), Stage::ServerHello);
        }
    }
}
