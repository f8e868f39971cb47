//! Pre-shared keys: the same typed string read in two ways (RFC 4279 §5.4 asks for entry as
//! text and as hex, and programs do one or the other), unknown identities, hashes, versions.

use handclasp_codec::{AlertDescription, CipherSuite, ProtocolVersion};
use handclasp_report::{Fault, Named, Tag};

use super::{Context, Description};

/// The two sides hold different bytes.
pub(super) fn value(context: &Context<'_>) -> Description {
    let offers13 = context.notes.versions().contains(&ProtocolVersion::TLS_1_3) || context.notes.is_tls13();
    // The sentence of the fault says that the keys differ, but not which one.
    let identity = context.notes.text(Tag::PskIdentity);
    let description = match identity.filter(|_| matches!(context.fault, Fault::BinderInvalid { .. })) {
        Some(identity) => context.describe().because(format!("The client names \"{identity}\".")),
        None => context.describe(),
    };
    let description =
        description.because("Most often one side read the typed string as hex and the other as text.");
    let description = match context.typed {
        Some(typed) => description.fact(readings(typed)),
        None => description,
    };
    description
        .either(
            "give both sides the same reading: `--psk-ascii` takes the characters, `--psk-hex` hex digits, \
             `--psk-base64` base64",
        )
        .either(
            "`openssl s_server -psk` and `openssl s_client -psk` take hex: for a key that is text, pass them the \
             output of `printf %s KEY | xxd -p`",
        )
        .either("compare the check value that handclasp prints for the key on both sides: equal values, equal keys")
        .either(
            "look for a line end, a space or a NUL at the end of a key that was read from a file: handclasp drops \
             one line end, other programs may count it",
        )
        .either_if(
            offers13,
            "with OpenSSL in TLS 1.3, `-psk` means SHA-256: let TLS_AES_128_GCM_SHA256 be among the suites",
        )
        .offers(&[Tag::PskIdentity, Tag::Suites])
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
            "The key as typed{blank} is not hex: as text it has {} bytes; a side that takes hex refuses it or \
             reads something else.",
            typed.len()
        )
    }
}

/// Our key is for one version, and the peer speaks another.
pub(super) fn one_version(context: &Context<'_>, only: ProtocolVersion) -> Description {
    let (ours, peer) = (Named(only), context.notes.peer());
    let here = match only {
        ProtocolVersion::TLS_1_2 => "to use the key in TLS 1.3 on this side, leave `--tls 1.2` out",
        _ => "to use the key in TLS 1.2 on this side, add `--tls 1.2`",
    };
    context
        .describe()
        .fact(format!(
            "Our pre-shared key is for {ours} alone, so that only {ours} is offered (RFC 9257 §4.1)."
        ))
        .ours(here)
        .peers(format!("speak {ours} with this key in the {peer}"))
        .either("if both sides use the key in both versions, give `--psk-both-versions` on both")
        .offers(&[Tag::Versions, Tag::PskIdentity])
}

/// The server holds no key for the identity.
pub(super) fn unknown_identity(context: &Context<'_>) -> Description {
    let identity = context.notes.text(Tag::PskIdentity);
    let description = context.describe().offers(&[Tag::PskIdentity]);
    if context.notes.is_client() {
        let description = description
            .client("use an identity that the server has: `--psk-id ID` (OpenSSL's own is Client_identity)")
            .server("give the server that identity");
        return match context.fault {
            Fault::PeerAlert(AlertDescription::unknown_psk_identity) => description,
            // Another alert leaves open whether the identity, the version or the hash decides.
            _ => other_version_or_hash(description, context),
        };
    }
    let name = identity.unwrap_or_else(|| "(none)".to_owned());
    description
        .because(format!("The client names \"{name}\"."))
        .server(format!(
            "serve with `--psk-id {}`, or give the client the identity that this server has",
            quoted(&name)
        ))
        .client("OpenSSL sends \"Client_identity\" unless `-psk_identity ID` says otherwise")
}

/// The client offers pre-shared keys alone, and the server uses none.
pub(super) fn none_at_server(context: &Context<'_>) -> Description {
    let description = context.describe().offers(&[Tag::Versions, Tag::Suites, Tag::PskIdentity]);
    if !context.notes.is_client() {
        let has_key = context.notes.has(Tag::PskAlone);
        return description
            .because("The client offers pre-shared keys only.")
            .ours_if(!has_key, "serve with the pre-shared key: `--psk-hex` or `--psk-ascii`, and `--psk-id`")
            .either_if(
                has_key,
                "bind the key to the same hash on both sides: SHA-256, unless `--psk-hash` says another",
            )
            .either(ONE_VERSION);
    }
    let name = context.notes.text(Tag::PskIdentity).unwrap_or_else(|| "Client_identity".to_owned());
    let description = description
        .because(
            "The server knows no such identity, has no pre-shared key at all, speaks another version, or has none \
             of the suites offered.",
        )
        .server(format!("check that the server knows the identity {}: `--psk-id`", quoted(&name)));
    other_version_or_hash(description, context)
}

/// A server that has the key for another version or hash, or none at all.
fn other_version_or_hash(description: Description, context: &Context<'_>) -> Description {
    let tls13 = context.notes.versions().contains(&ProtocolVersion::TLS_1_3);
    let plain = context.notes.suites().contains(&CipherSuite::TLS_PSK_WITH_AES_128_GCM_SHA256);
    description
        .ours_if(
            tls13,
            "a pre-shared key serves one version: if the server has it for TLS 1.2 only, add `--tls 1.2`",
        )
        .server_if(
            tls13,
            "bind the server's key to the hash of this side's, SHA-256 unless `--psk-hash` says another, and give \
             the server a suite of that hash",
        )
        .server_if(
            !tls13 && plain,
            "check with `openssl s_server -tls1_2 -nocert -psk HEX -psk_identity ID` as the server",
        )
        .ours_if(!tls13, "if the server has the key for TLS 1.3, leave `--tls 1.2` out")
        .ours("if the server uses certificates, leave the pre-shared key out and use `--ca` or `--pin`")
        .offers(&[Tag::Versions, Tag::Suites])
}

/// Which version a key is for.
pub(super) const ONE_VERSION: &str =
    "a pre-shared key serves one version: 1.3, or 1.2 with `--tls 1.2`; both sides must mean the same";

/// For a shell.
pub(super) fn quoted(text: &str) -> String {
    let plain = |found: char| found.is_ascii_alphanumeric() || "-_.:@/".contains(found);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}
