//! Pre-shared keys: the same typed string read in two ways (RFC 4279 §5.4 asks for entry as
//! text and as hex, and programs do one or the other), unknown identities, hashes.

use handclasp_codec::{CipherSuite, ProtocolVersion};
use handclasp_report::{Named, Tag};

use super::{conversation::Conversation, told::Told};

/// The two ends hold different bytes.
pub(super) fn keys_differ(conversation: &Conversation<'_>) -> Told {
    let told = Told::because(
        "With a pre-shared key this means that the two ends hold different key bytes, most often because one \
         end read the typed string as hex and the other as text.",
    );
    same_bytes(told, conversation).shows(&[Tag::PskIdentity])
}

/// A binder does not verify (RFC 8446 §4.2.11.2).
pub(super) fn binder(conversation: &Conversation<'_>) -> Told {
    let told = Told::because(
        "Most often one end read the typed string as hex and the other as text; else the key is bound to \
         another hash than the peer thinks.",
    );
    same_bytes(told, conversation)
        .either(
            "with OpenSSL in TLS 1.3, `-psk` means SHA-256: let TLS_AES_128_GCM_SHA256 be among the suites",
        )
        .shows(&[Tag::PskIdentity, Tag::Suites])
}

fn same_bytes(told: Told, conversation: &Conversation<'_>) -> Told {
    let told = match conversation.typed {
        Some(typed) => told.why(readings(typed)),
        None => told,
    };
    told.either(
        "give both ends the same reading: `--psk-ascii` takes the characters, `--psk-hex` hex digits, \
         `--psk-base64` base64",
    )
    .either(
        "`openssl s_server -psk` and `openssl s_client -psk` take hex: for a key that is text, pass them the \
         output of `printf %s KEY | xxd -p`",
    )
    .either("compare the check value that handclasp prints for the key at both ends: equal values, equal keys")
    .either("look for a line end, a space or a NUL at the end of a key that was read from a file: handclasp drops one \
             line end, other programs may count it")
}

/// How a typed key can be read, without showing it.
fn readings(typed: &str) -> String {
    let bare = typed.trim();
    let digits: usize = bare.chars().filter(char::is_ascii_hexdigit).count();
    let hex = !bare.is_empty()
        && digits.is_multiple_of(2)
        && bare.chars().all(|found| found.is_ascii_hexdigit() || matches!(found, ':' | ' ' | '-'));
    let blank =
        if bare.len() == typed.len() { "" } else { " (with white space around it, which is a byte too)" };
    if hex {
        format!(
            "The key as typed{blank} can be read both ways: as text it has {} bytes, as hex {}.",
            typed.len(),
            digits / 2
        )
    } else {
        format!(
            "The key as typed{blank} is no hex: as text it has {} bytes; an end that takes hex refuses it or \
             reads something else.",
            typed.len()
        )
    }
}

/// Our key is for one version, and the peer speaks another.
pub(super) fn one_version(conversation: &Conversation<'_>, only: ProtocolVersion) -> Told {
    let (ours, peer) = (Named(only), conversation.peer());
    let here = match only {
        ProtocolVersion::TLS_1_2 => "to use the key in TLS 1.3 on this side, leave `--tls 1.2` out",
        _ => "to use the key in TLS 1.2 on this side, say `--tls 1.2`",
    };
    Told::because(format!(
        "Our pre-shared key is for {ours} alone: a key serves one version (RFC 9257 §4.1), which is 1.3 unless \
         `--tls 1.2` is said."
    ))
    .ours(here)
    .theirs(format!("speak {ours} with this key in the {peer}"))
    .either("if both ends use the key in both versions, say `--psk-both-versions` on both")
    .shows(&[Tag::Versions, Tag::PskIdentity])
}

/// We hold no key for the identity.
pub(super) fn unknown_identity(conversation: &Conversation<'_>) -> Told {
    let name = conversation.identity().unwrap_or_else(|| "(none)".to_owned());
    Told::because(format!("The client names \"{name}\"."))
        .ours(format!(
            "serve with `--psk-id {}`, or give the client the identity that this server has",
            quoted(&name)
        ))
        .theirs("OpenSSL sends \"Client_identity\" unless told otherwise: `-psk_identity ID`")
        .shows(&[Tag::PskIdentity])
}

/// The server answered our PSK-only hello with a general refusal.
pub(super) fn refused(conversation: &Conversation<'_>) -> Told {
    let name = conversation.identity().unwrap_or_else(|| "Client_identity".to_owned());
    let tls13 = conversation.versions().contains(&ProtocolVersion::TLS_1_3);
    let told = Told::because(
        "We offered a pre-shared key: the server knows no such identity, has no pre-shared key at all, speaks \
         another version, or has none of the suites offered.",
    )
    .theirs(format!("check that the server knows the identity {}: `--psk-id`", quoted(&name)));
    let told = if tls13 {
        told.ours(
            "a pre-shared key serves one version: if the server has it for TLS 1.2 only, add `--tls 1.2`",
        )
        .theirs("a key of TLS 1.3 is bound to one hash, SHA-256 unless `--psk-hash` says another: bind the server's to \
                 the same, and give the server a suite of it")
    } else {
        let suites = conversation.suites();
        let plain = suites.contains(&CipherSuite::TLS_PSK_WITH_AES_128_GCM_SHA256);
        told.theirs_if(
            plain,
            "check with `openssl s_server -tls1_2 -nocert -psk HEX -psk_identity ID` as the server",
        )
        .ours("if the server has the key for TLS 1.3, leave `--tls 1.2` out")
    };
    told.ours("if the server uses certificates, leave the pre-shared key out and use `--ca` or `--pin`")
        .shows(&[Tag::Versions, Tag::Suites, Tag::PskIdentity])
}

/// For a shell.
fn quoted(text: &str) -> String {
    let plain = |found: char| found.is_ascii_alphanumeric() || "-_.:@/".contains(found);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}
