//! What a server answers now, held against the capture: whether the answer is the same, and whether the
//! chain is the one that was sent then.

use std::fmt::Display;

use handclasp_codec::{CipherSuite, ExtensionType, HandshakeType, NamedGroup, ProtocolVersion};
use handclasp_report::Named;

use crate::{
    conversation::{Conversation, Ending, EventKind, Stage},
    diagnosis::{certificate_summary, compute::certificate::Certificate},
    input::{
        capture_event::{Position, Side},
        evidence::{AnswerNow, ServerNow},
    },
};

/// Bytes by which the signatures of a key differ in length: the DER form of ECDSA (RFC 3279 §2.2.3).
const SIGNATURE: usize = 3;

/// The shortest Certificate message that is compared: shorter ones are as long as other messages.
const SHORTEST: usize = 128;

/// Whether the captured flight is as long as the chain of now makes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Tie {
    /// The capture shows the same certificates.
    Shown,
    /// The capture shows other certificates.
    ShowsOthers,
    /// One encrypted record has exactly the length of the Certificate message.
    Record(Position, usize),
    /// The encrypted flight has the length of the flight of now.
    Flight(usize),
    /// The encrypted flight has another length.
    Differs,
    /// The lengths cannot be compared.
    Unknown,
}

impl Tie {
    /// As a line of evidence.
    pub fn line(&self) -> Option<String> {
        match self {
            Self::Shown => Some("the capture shows the same certificates".to_owned()),
            Self::ShowsOthers => Some("the capture shows other certificates".to_owned()),
            Self::Record(position, length) => Some(format!(
                "{position}: an encrypted record of the server has exactly the length of this Certificate \
                 message ({length} bytes): the same chain was sent then, as far as lengths show"
            )),
            Self::Flight(length) => Some(format!(
                "the server's encrypted flight in the capture has the length that this chain makes it \
                 ({length} bytes): the same chain was sent then, as far as lengths show"
            )),
            Self::Differs => Some(
                "the lengths of the server's encrypted records in the capture do not match this chain: the \
                 server may have sent another one then"
                    .to_owned(),
            ),
            Self::Unknown => None,
        }
    }

    /// Whether the capture speaks against the chain of now.
    pub fn is_against(&self) -> bool {
        matches!(self, Self::Differs | Self::ShowsOthers)
    }
}

/// Compares the chain of now with what the capture shows of the one of then.
pub(crate) fn tie(conversation: &Conversation, now: &ServerNow) -> Tie {
    if now.chain.is_empty() {
        return Tie::Unknown;
    }
    if let Some(shown) = conversation.chain(Side::Server) {
        return if shown == now.chain { Tie::Shown } else { Tie::ShowsOthers };
    }
    let both_tls13 = conversation.is_tls13() && now.version == Some(ProtocolVersion::TLS_1_3);
    let certificate = now.flight.iter().find(|(message, _)| *message == HandshakeType::certificate);
    let Some((_, certificate)) = certificate.filter(|(_, length)| both_tls13 && *length >= SHORTEST) else {
        return Tie::Unknown;
    };
    let records = encrypted_flight(conversation);
    if let Some((position, length)) = records.iter().find(|(_, length)| length == certificate) {
        return Tie::Record(*position, *length);
    }
    let whole: usize = now.flight.iter().map(|(_, length)| length).sum();
    let ends = now.flight.last().is_some_and(|(message, _)| *message == HandshakeType::finished);
    // The server may send more behind its flight, in records of their own.
    let mut sum = 0_usize;
    for (_, length) in &records {
        sum = sum.saturating_add(*length);
        if ends && sum.abs_diff(whole) <= SIGNATURE {
            return Tie::Flight(sum);
        }
    }
    let compressed = conversation.client_hellos().any(|(_, hello)| {
        hello.extensions.types().any(|offered| offered == ExtensionType::compress_certificate)
    });
    let seen = conversation.stage() >= Stage::ServerFlight && !conversation.is_partial();
    if seen && !compressed && !records.is_empty() { Tie::Differs } else { Tie::Unknown }
}

/// The server's encrypted records before the client's answer to them: position, and bytes of content.
fn encrypted_flight(conversation: &Conversation) -> Vec<(Position, usize)> {
    let Some((hello, _)) = conversation.server_hello_at() else { return Vec::new() };
    // RFC 8446 §5.2: the content type and the tag of the AEAD.
    let tag = if conversation.suite().is_some_and(CipherSuite::is_ccm_8) { 8 } else { 16 };
    let answers = |kind: &EventKind| matches!(kind, EventKind::Alert { .. } | EventKind::Protected(_));
    let after = conversation.events.iter().skip(hello.index.saturating_add(1));
    after
        .take_while(|event| event.from == Side::Server || !answers(&event.kind))
        .filter(|event| event.from == Side::Server)
        .filter_map(|event| {
            let length = usize::from(event.kind.protected_record()?.length);
            Some((event.position, length.checked_sub(1 + tag)?))
        })
        .collect()
}

/// The address that was asked and the time, as evidence of now and not of the capture.
pub(crate) fn asked(now: &ServerNow) -> String {
    let seconds = i64::try_from(now.at.as_secs()).unwrap_or(i64::MAX);
    let time = certificate_summary::rfc3339(seconds);
    format!("asked {} at {time} (now, not when the capture was made)", now.address)
}

/// The chain of now, as a line of evidence.
pub(crate) fn chain_line(now: &ServerNow) -> String {
    let leaf = now.chain.first().and_then(|leaf| Certificate::parse(leaf));
    let leaf = leaf.map_or_else(
        || "a certificate that does not parse".to_owned(),
        |leaf| format!("{}, issued by {}", leaf.subject_text, leaf.issuer_text),
    );
    let more = match now.chain.len() {
        0 | 1 => "without further certificates".to_owned(),
        2 => "with one further certificate".to_owned(),
        count => format!("with {} further certificates", count - 1),
    };
    format!("{}: the server sends {leaf}, {more}", asked(now))
}

/// Everything that the answer of now shows, a sentence a line.
pub(crate) fn lines(conversation: Option<&Conversation>, now: &ServerNow) -> Vec<String> {
    let mut lines = vec![format!("{}: {}", asked(now), answer(now))];
    for (index, der) in now.chain.iter().enumerate() {
        let text = certificate_summary::summary(der).unwrap_or_else(|| "it does not parse".to_owned());
        lines.push(format!("certificate {}: {text}", index + 1));
    }
    if now.requests_certificate() {
        lines.push("the server requests a client certificate".to_owned());
    }
    if now.is_ordinary_offer {
        lines.push(
            "the offer was that of an ordinary client: the input has no ClientHello that decodes".to_owned(),
        );
    }
    if let Some(conversation) = conversation {
        lines.extend(tie(conversation, now).line());
        lines.extend(differences(conversation, now));
    }
    lines
}

/// The answer of now in a few words.
fn answer(now: &ServerNow) -> String {
    match &now.answer {
        AnswerNow::Continues => {
            let mut chosen: Vec<String> =
                now.version.map(|version| Named(version).to_string()).into_iter().collect();
            chosen.extend(now.suite.map(|suite| suite.to_string()));
            chosen.extend(now.group.map(|group| group.to_string()));
            chosen.extend(now.protocol.as_ref().map(|protocol| format!("ALPN {protocol}")));
            format!("the server accepts this offer: {}", chosen.join(", "))
        }
        AnswerNow::Refuses(alert) => format!("the server refuses this offer with {}", Named(*alert)),
        AnswerNow::Closes => "the server closes the connection without an alert".to_owned(),
        AnswerNow::Silent => "the server does not respond".to_owned(),
        AnswerNow::NotTls(what) => format!("the server does not answer with TLS: {what}"),
        AnswerNow::Unreachable(why) => format!("the server cannot be reached: {why}"),
    }
}

/// Where the answer of now is another than that in the capture.
pub(crate) fn differences(conversation: &Conversation, now: &ServerNow) -> Vec<String> {
    if now.is_ordinary_offer || conversation.client_hello().is_none() {
        return Vec::new();
    }
    let then_refused = match conversation.ending() {
        Ending::Refused { by: Side::Server, alert, .. } if conversation.stage() <= Stage::ServerHello => {
            Some(format!("the server refused with {}", Named(alert)))
        }
        Ending::Closed { by: Side::Server } | Ending::Reset { by: Side::Server }
            if conversation.stage() == Stage::ClientHello =>
        {
            Some("the server closed the connection without an alert".to_owned())
        }
        _ => None,
    };
    match (&now.answer, then_refused) {
        (AnswerNow::Continues, Some(then)) => vec![format!(
            "different from the capture: then {then}, now it accepts the same offer (its settings have \
             changed, or it refused for something that is not sent again: a ticket, a pre-shared key, an \
             answer to a HelloRetryRequest)"
        )],
        (AnswerNow::Continues, None) => choices(conversation, now),
        (AnswerNow::Refuses(alert), None) if conversation.server_hello().is_some() => vec![format!(
            "different from the capture: then the server accepted this offer, now it refuses with {}",
            Named(*alert)
        )],
        (AnswerNow::Refuses(_) | AnswerNow::Closes, Some(then)) => {
            vec![format!("in the capture, too, {then}: the refusal can be repeated")]
        }
        (AnswerNow::Closes | AnswerNow::Silent | AnswerNow::NotTls(_), None)
            if conversation.server_hello().is_some() =>
        {
            vec!["different from the capture: then the server accepted this offer".to_owned()]
        }
        _ => Vec::new(),
    }
}

/// Version, suite, group and protocol, each then and now.
fn choices(conversation: &Conversation, now: &ServerNow) -> Vec<String> {
    let then = conversation;
    let named = |version: Option<ProtocolVersion>| version.map(|version| Named(version).to_string());
    let suite = |suite: Option<CipherSuite>| suite.map(|suite| suite.to_string());
    let group = |group: Option<NamedGroup>| group.map(|group| group.to_string());
    let protocol = crate::conversation::server_now::protocol(then);
    let all = [
        differs("version", named(then.version()), named(now.version)),
        differs("cipher suite", suite(then.suite()), suite(now.suite)),
        differs("group", group(then.group()), group(now.group)),
        differs("application protocol", protocol, now.protocol.clone()),
    ];
    let found: Vec<String> = all.into_iter().flatten().collect();
    if found.is_empty() && then.server_hello().is_some() {
        return vec!["the server's choices are those in the capture".to_owned()];
    }
    found
}

/// A difference between two values that both are known.
fn differs<T: Display + PartialEq>(what: &str, then: Option<T>, now: Option<T>) -> Option<String> {
    let (then, now) = (then?, now?);
    (then != now).then(|| format!("different from the capture: the {what} was {then} then and is {now} now"))
}

#[cfg(test)]
mod tests;
