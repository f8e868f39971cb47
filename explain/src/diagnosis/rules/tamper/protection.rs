//! Ends that disagree whether the MAC is over the plaintext or over what is encrypted (RFC 7366).
//! Keys show it; without keys the length of a client's Finished does, where the MAC is SHA-1.

use handclasp_codec::{ContentType, HashAlgorithm, ProtocolVersion};

use crate::conversation::Stage;
use crate::diagnosis::cause::Cause;
use crate::diagnosis::finding::{Confidence, Finding};
use crate::diagnosis::rules::{Case, Side, end};

/// A disagreement about encrypt-then-MAC.
pub(super) fn finding(case: &Case<'_>) -> Option<Finding> {
    let unsealed = &case.conversation.decryption;
    let negotiated = unsealed.etm_negotiated?;
    let real = [(Side::Client, unsealed.etm_client), (Side::Server, unsealed.etm_server)];
    if let (Some(client), Some(server)) = (unsealed.etm_client, unsealed.etm_server)
        && client != server
    {
        let summary = format!(
            "The two sides disagree about encrypt-then-MAC: the {} uses it, the {} does not.",
            end(if client { Side::Client } else { Side::Server }),
            end(if client { Side::Server } else { Side::Client })
        );
        return Some(told(case, Confidence::Proved, summary));
    }
    let differs = real
        .iter()
        .find_map(|(side, real)| real.filter(|real| *real != negotiated).map(|real| (*side, real)));
    if let Some((side, real)) = differs {
        let summary = format!(
            "Encrypt-then-MAC is {} in the hellos, but the {}'s records are {} it.",
            if negotiated { "negotiated" } else { "not negotiated" },
            end(side),
            if real { "protected with" } else { "protected without" }
        );
        return Some(told(case, Confidence::Proved, summary));
    }
    by_length(case, negotiated)
}

fn told(case: &Case<'_>, confidence: Confidence, summary: String) -> Finding {
    Finding::failure(Cause::EtmMismatch, confidence, summary).evidence(case.ended())
}

/// Without keys: a Finished with a SHA-1 MAC has 64 bytes behind the header if the MAC is inside
/// (IV, 16 of Finished, 20 of MAC, padding), 68 if it stands behind.
fn by_length(case: &Case<'_>, negotiated: bool) -> Option<Finding> {
    let explicit_iv = case.conversation.version().is_some_and(|version| version >= ProtocolVersion::TLS_1_1);
    let suite = case.conversation.suite()?;
    let aes = matches!(suite.cipher(), Some("AES_128_CBC" | "AES_256_CBC"));
    let sha1 = aes && suite.named_hash() == Some(HashAlgorithm::sha1);
    if !sha1 || !explicit_iv || case.stage >= Stage::Complete {
        return None;
    }
    let mut of_client = case.conversation.events.iter().filter(|item| item.from == Side::Client);
    let finished = of_client.find_map(|item| {
        let sealed =
            item.kind.protected_record().filter(|sealed| sealed.content_type == ContentType::handshake)?;
        Some((item, sealed.length))
    })?;
    let (item, length) = finished;
    let real = match length {
        64 => false,
        68 => true,
        _ => return None,
    };
    if real == negotiated {
        return None;
    }
    let summary = format!(
        "Encrypt-then-MAC is {} in the hellos, but the length of the client's Finished shows that it is {}.",
        if negotiated { "negotiated" } else { "not negotiated" },
        if real { "used" } else { "not used" }
    );
    Some(told(case, Confidence::Possible, summary).evidence(format!(
        "{}: {length} bytes; without encrypt-then-MAC it has 64, with it 68",
        item.position
    )))
}
