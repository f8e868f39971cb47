//! Pre-shared keys: their encoding, value, identity and hash (RFC 4279 §2 §5.4, RFC 8446 §4.2.11,
//! RFC 9257).
//!
//! What the client used can be recomputed from plain PSK of TLS 1.2 and from binders of TLS 1.3;
//! what the server holds shows only in that it refuses. So the reading of the client is proved,
//! and that of the server follows.

use handclasp_codec::{
    AlertDescription as Alert, CipherSuite, ClientHello, HandshakeType, HashAlgorithm, PskIdentity,
};

use super::offer::Offer;
use super::{Case, Side};
use crate::conversation::{PskTrial, Stage};
use crate::diagnosis::cause::{Cause, Party};
use crate::diagnosis::finding::{Confidence, Finding, Fix};

/// The reading that programs make of a key where nothing else is said.
const HEX: &str = "hex";

/// The reading of programs that take the bytes as they are.
const TEXT: &str = "text";

/// What this family finds.
pub(super) fn findings(case: &Case<'_>) -> Vec<Finding> {
    let Some(hello) = case.conversation.last_client_hello() else { return Vec::new() };
    let offer = Offer::new(&hello);
    if case.refused(Side::Server) == Some(Alert::unknown_psk_identity) {
        return vec![unknown_identity(case, &hello, Confidence::Observed)];
    }
    if let Some(alert) = case.hello_refused() {
        return refused_hello(case, &hello, &offer, alert);
    }
    let psk12 = case.conversation.suite().is_some_and(CipherSuite::is_psk);
    if psk12 && case.stage >= Stage::ServerFlight && refused_finished(case) {
        return refused_key(case);
    }
    Vec::new()
}

/// The server refuses what the client's key made: its Finished, or what follows from it.
fn refused_finished(case: &Case<'_>) -> bool {
    let alerts = [
        Alert::bad_record_mac,
        Alert::decryption_failed,
        Alert::decrypt_error,
        Alert::handshake_failure,
        Alert::illegal_parameter,
        Alert::decode_error,
        Alert::unexpected_message,
    ];
    let told = case.refused(Side::Server).is_some_and(|alert| alerts.contains(&alert))
        || case
            .refused(Side::Client)
            .is_some_and(|alert| alerts.get(..3).is_some_and(|list| list.contains(&alert)));
    case.stage < Stage::Complete && case.stage >= Stage::ClientFlight && (told || case.left(Side::Server))
}

/// The ClientHello is refused and pre-shared keys stand in it.
fn refused_hello(case: &Case<'_>, hello: &ClientHello<'_>, offer: &Offer, alert: Alert) -> Vec<Finding> {
    if offer.only_psk()
        && case.has_whole_offer()
        && matches!(alert, Alert::handshake_failure | Alert::insufficient_security | Alert::internal_error)
    {
        let summary = "The client offers only cipher suites with a pre-shared key, and the server has no \
                       pre-shared key or supports none of these suites.";
        let finding = Finding::failure(Cause::PskServerHasNone, Confidence::Inferred, summary)
            .evidence(format!("{}: the suites are {}", hello_place(case), super::offer::names(&offer.suites)))
            .evidence(case.ended());
        return vec![finding];
    }
    let Some(psks) = hello.extensions.pre_shared_key else { return Vec::new() };
    let external = psks.identities.iter().any(|identity| is_external(&identity));
    let hashes = hash_mismatch(case, offer, psks.binders.iter().map(|binder| binder.0.len()).collect());
    match alert {
        _ if hashes.is_some() => hashes.into_iter().collect(),
        Alert::illegal_parameter | Alert::decrypt_error | Alert::bad_record_mac => refused_key(case),
        // Not as far as the binder: the key was not found.
        Alert::handshake_failure
        | Alert::missing_extension
        | Alert::access_denied
        | Alert::internal_error
            if external =>
        {
            let confidence = Confidence::Inferred;
            let mut finding = unknown_identity(case, hello, confidence);
            if fits(case).is_some() {
                finding
                    .evidence
                    .push("the binder verifies with the given key, so the key is not the reason".to_owned());
            }
            vec![finding]
        }
        // The registry is open, and the other alerts are not about keys.
        _ => Vec::new(),
    }
}

/// A binder as long as no suite's hash: the key is bound to one hash, the suites have another.
fn hash_mismatch(case: &Case<'_>, offer: &Offer, binders: Vec<usize>) -> Option<Finding> {
    // The binders of a report are filler.
    if case.notes().is_some() {
        return None;
    }
    const SHA256: usize = 32;
    const SHA384: usize = 48;
    let of_suite = |suite: &CipherSuite| match suite.named_hash().filter(|_| suite.is_tls13())? {
        HashAlgorithm::sha384 => Some(SHA384),
        _ => Some(SHA256),
    };
    let hashes: Vec<usize> = offer.suites.iter().filter_map(of_suite).collect();
    let fits = binders.iter().any(|length| hashes.contains(length));
    if fits || hashes.is_empty() || binders.is_empty() {
        return None;
    }
    let name = |length: &usize| if *length == SHA384 { "SHA-384" } else { "SHA-256" };
    let bound = binders.first().map(name).unwrap_or_default();
    let suites = hashes.first().map(name).unwrap_or_default();
    let summary = format!(
        "The client's pre-shared key is bound to {bound}, but every cipher suite it offers uses {suites}."
    );
    let finding = Finding::failure(Cause::PskHashMismatch, Confidence::Inferred, summary)
        .evidence(format!("{}: binders of {binders:?} bytes", hello_place(case)))
        .evidence(format!("{}: the suites are {}", hello_place(case), super::offer::names(&offer.suites)))
        .evidence(case.ended())
        .fix(format!(
            "offer a suite with {bound}, such as {}",
            match bound {
                "SHA-384" => "TLS_AES_256_GCM_SHA384",
                _ => "TLS_AES_128_GCM_SHA256",
            }
        ));
    Some(finding)
}

/// The reading that fits what the client sent.
fn fits<'a>(case: &Case<'a>) -> Option<(&'a PskTrial, usize, &'static str)> {
    let trial = case.conversation.decryption.psk.as_ref()?;
    let (candidate, reading) = trial.client?;
    Some((trial, candidate, reading))
}

/// The server refuses the key: by which reading?
fn refused_key(case: &Case<'_>) -> Vec<Finding> {
    let position = case.ended();
    let trial = case.conversation.decryption.psk.as_ref();
    if let Some((trial, candidate, reading)) = fits(case) {
        return by_reading(case, trial, candidate, reading);
    }
    let unsure = may_disagree_on_etm(case);
    if let Some(trial) = trial.filter(|trial| trial.possible && trial.tried > 0) {
        let summary = format!(
            "The client's key matches none of the given keys under any of {} readings: the two sides have \
             different keys.",
            trial.tried
        );
        // Not proved: what was damaged on the way fits no key either.
        let mut finding = Finding::failure(Cause::PskValueDiffers, Confidence::Inferred, summary)
            .evidence("the client's messages were recomputed with every reading, and none matches")
            .evidence(position);
        if unsure {
            finding.evidence.push("a change of encrypt_then_mac in transit would look the same".to_owned());
        }
        return vec![finding];
    }
    let confidence = if unsure { Confidence::Possible } else { Confidence::Inferred };
    let why = match trial {
        Some(trial) if !trial.possible && case.conversation.is_partial() => {
            "the capture lacks messages that the keys depend on, so the key cannot be checked"
        }
        Some(trial) if !trial.possible => {
            "with (EC)DHE the keys cannot be recomputed from a capture, so this cannot be proved"
        }
        Some(_) | None => "pass the key as it was typed (--psk) to determine how it was read",
    };
    let made = match case.stage {
        Stage::ClientHello => "binder",
        _ => "MAC",
    };
    let encoding = format!(
        "The server accepts the identity but rejects the {made} made with the client's key: most likely the two \
         sides read the same key differently, usually one as hex and the other as text."
    );
    let value = format!(
        "The server rejects the {made} made with the client's key: the two sides may have different keys."
    );
    vec![
        Finding::failure(Cause::PskValueEncoding, confidence, encoding)
            .evidence(position.clone())
            .evidence(why)
            .or_fix(
                "`-psk` of openssl and `psk=` of the Mbed TLS programs expect hex; most libraries use the \
                 bytes as they are",
            ),
        Finding::failure(Cause::PskValueDiffers, confidence, value).evidence(position),
    ]
}

/// Whether something may have altered the one extension on which records of CBC suites depend: the
/// client offers encrypt_then_mac, and either the server does not take it up, though nearly every
/// server does, or only the capture's place tells that it does.
fn may_disagree_on_etm(case: &Case<'_>) -> bool {
    let offered =
        case.conversation.client_hello().is_some_and(|hello| hello.extensions.encrypt_then_mac.is_some());
    offered && case.conversation.suite().is_some_and(CipherSuite::is_cbc)
}

/// The client's reading is known.
fn by_reading(case: &Case<'_>, trial: &PskTrial, candidate: usize, reading: &'static str) -> Vec<Finding> {
    let which = match case.evidence.psks.len() {
        1 => "the given key".to_owned(),
        _ => format!("given key {}", candidate + 1),
    };
    let used = format!("the client's messages were recomputed: it read {which} as {reading}");
    let server = trial.server.filter(|(other, name)| *other != candidate || *name != reading);
    let plain = [TEXT, HEX].contains(&reading);
    if plain && server.is_none() && !another_reads_alike(case, candidate, reading) {
        return given_twice(case, &which, &used, reading == TEXT && is_hex_too(case, candidate));
    }
    // A reading that programs make by themselves: nothing says that the server reads otherwise, and
    // some servers hide an unknown identity behind the same alert (RFC 4279 §2).
    let canonical = reading == HEX && server.is_none();
    let confidence = if canonical { Confidence::Possible } else { Confidence::Proved };
    let summary = match server {
        Some((_, other)) => format!("The client read the key as {reading}, the server as {other}."),
        None => format!(
            "The client read the key as {reading}, and the server rejects it: the server reads the same key \
             differently{}.",
            if reading == HEX { "" } else { ", most likely as hex" }
        ),
    };
    let mut encoding = Finding::failure(Cause::PskValueEncoding, confidence, summary)
        .evidence(used.clone())
        .evidence(case.ended());
    encoding.fix = fixes(case, candidate, reading);
    let mut found = vec![encoding];
    if canonical {
        let (identity, name) = match case.conversation.last_client_hello() {
            Some(hello) => (unknown_identity(case, &hello, Confidence::Possible), used.clone()),
            None => return found,
        };
        found.push(identity.evidence(name));
        let differs = "The server may have another key for this identity.";
        found.push(
            Finding::failure(Cause::PskValueDiffers, Confidence::Possible, differs)
                .evidence(used)
                .evidence(case.ended()),
        );
    }
    found
}

/// Two keys were given, and the client plainly uses one of them: the server holds the other, or
/// reads the same one otherwise where it can be read so.
fn given_twice(case: &Case<'_>, which: &str, used: &str, also_hex: bool) -> Vec<Finding> {
    let told = |cause, summary: String| {
        Finding::failure(cause, Confidence::Inferred, summary)
            .evidence(used)
            .evidence("no reading of the other given keys yields the same bytes")
            .evidence(case.ended())
    };
    let differs = told(
        Cause::PskValueDiffers,
        format!(
            "The client uses {which}, and the server has another one: the two sides are configured with \
             different keys."
        ),
    );
    if !also_hex {
        return vec![differs];
    }
    let encoding = told(
        Cause::PskValueEncoding,
        format!("The client uses {which} as text; it is also valid hex, and the server decodes it."),
    );
    vec![encoding, differs]
}

/// Whether a typed key may be read as hex as well.
fn is_hex_too(case: &Case<'_>, candidate: usize) -> bool {
    let typed = case.evidence.psks.get(candidate);
    typed.is_some_and(|typed| {
        handclasp_trust::Psk::interpretations(typed.as_str()).iter().any(|found| found.name == HEX)
    })
}

/// Whether what the client uses may be another reading of what the server was given: of the same
/// typed key where there is one, of one of the others where there are several.
fn another_reads_alike(case: &Case<'_>, candidate: usize, reading: &str) -> bool {
    let psks = &case.evidence.psks;
    if psks.len() == 1 {
        return true;
    }
    let readings =
        |typed: &crate::input::evidence::TypedSecret| handclasp_trust::Psk::interpretations(typed.as_str());
    let used =
        psks.get(candidate).and_then(|typed| readings(typed).into_iter().find(|found| found.name == reading));
    let Some(used) = used else { return true };
    let others = psks.iter().enumerate().filter(|(index, _)| *index != candidate);
    others
        .flat_map(|(_, typed)| readings(typed))
        .any(|other| handclasp_crypto::equal(&other.bytes, &used.bytes))
}

/// How to make both sides hold the bytes that the client has. The key that was typed is the
/// user's own input; its bytes in hex are what must be typed on the other side.
fn fixes(case: &Case<'_>, candidate: usize, reading: &'static str) -> Vec<Fix> {
    let bytes = case.evidence.psks.get(candidate).and_then(|typed| {
        handclasp_trust::Psk::interpretations(typed.as_str()).into_iter().find(|found| found.name == reading)
    });
    let hex = bytes.map(|found| found.bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
    let hex = hex.unwrap_or_default();
    let text = format!(
        "configure the bytes that the client uses on the server: `-psk` of openssl expects hex, here {hex}"
    );
    let mut fixes = vec![Fix::by(Party::Server, text)];
    if reading != HEX {
        let text = "make the client decode the key as hex";
        fixes.push(Fix::by(Party::Client, text));
    }
    fixes
}

fn unknown_identity(case: &Case<'_>, hello: &ClientHello<'_>, confidence: Confidence) -> Finding {
    let sent = identity(case, hello);
    let named =
        sent.as_deref().map_or_else(|| "the identity".to_owned(), |sent| format!("the identity \"{sent}\""));
    let summary = match confidence {
        Confidence::Observed | Confidence::Proved => format!("The server has no pre-shared key for {named}."),
        Confidence::Inferred => format!("The server finds no pre-shared key for {named}."),
        Confidence::Possible => {
            format!(
                "The server may have no pre-shared key for {named}: some servers report that like a wrong \
                 key."
            )
        }
    };
    Finding::failure(Cause::PskIdentityUnknown, confidence, summary).evidence(case.ended())
}

/// The identity that the client sent.
fn identity(case: &Case<'_>, hello: &ClientHello<'_>) -> Option<String> {
    use handclasp_codec::{
        ClientKeyExchangeDhePsk, ClientKeyExchangeEcdhePsk, ClientKeyExchangePsk, ClientKeyExchangeRsaPsk,
        KeyExchangeAlgorithm,
    };
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if let Some(psks) = &hello.extensions.pre_shared_key {
        return psks.identities.iter().next().map(|identity| text(identity.identity));
    }
    let message = case.conversation.first(Side::Client, HandshakeType::client_key_exchange)?.message;
    let identity = match case.conversation.suite()?.key_exchange_algorithm()? {
        KeyExchangeAlgorithm::Psk => message.decode::<ClientKeyExchangePsk<'_>>()?.psk_identity,
        KeyExchangeAlgorithm::EcdhePsk => message.decode::<ClientKeyExchangeEcdhePsk<'_>>()?.psk_identity,
        KeyExchangeAlgorithm::DhePsk => message.decode::<ClientKeyExchangeDhePsk<'_>>()?.psk_identity,
        KeyExchangeAlgorithm::RsaPsk => message.decode::<ClientKeyExchangeRsaPsk<'_>>()?.psk_identity,
        KeyExchangeAlgorithm::Rsa
        | KeyExchangeAlgorithm::Dh
        | KeyExchangeAlgorithm::Dhe
        | KeyExchangeAlgorithm::DhAnon
        | KeyExchangeAlgorithm::Ecdh
        | KeyExchangeAlgorithm::Ecdhe
        | KeyExchangeAlgorithm::EcdhAnon => return None,
    };
    Some(text(identity))
}

/// A key from outside of TLS, not a ticket: its age is 0 (RFC 8446 §4.2.11).
fn is_external(identity: &PskIdentity<'_>) -> bool {
    identity.obfuscated_ticket_age == 0
}

fn hello_place(case: &Case<'_>) -> String {
    case.at(Side::Client, HandshakeType::client_hello)
}
