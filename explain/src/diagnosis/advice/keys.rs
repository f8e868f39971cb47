//! Faults of cryptography: keys that differ, signatures and shares that are no good.

use handclasp_codec::SignatureScheme;
use handclasp_crypto::KeyKind;
use handclasp_report::{Named, Tag};

use super::{conversation::Conversation, psk, told::Told};

pub(super) fn record_not_authentic(
    conversation: &Conversation<'_>,
    sequence: u64,
    handshaking: bool,
) -> Told {
    match (sequence, handshaking) {
        (0, true) if conversation.uses_psk() => psk::keys_differ(conversation),
        (0, true) => differ(conversation),
        _ => Told::default()
            .between("look for what alters or drops bytes between the two ends; capture at both and compare")
            .theirs("check the peer's memory and its buffers, if it is a small device"),
    }
}

pub(super) fn finished(conversation: &Conversation<'_>) -> Told {
    if conversation.uses_psk() && !conversation.is_tls13() {
        psk::keys_differ(conversation)
    } else {
        differ(conversation)
    }
}

/// Both completed a key exchange with certificates and have different keys.
fn differ(conversation: &Conversation<'_>) -> Told {
    Told::because("With certificates this is no matter of configuration.")
        .between("look for what alters handshake bytes between the two ends; capture at both and compare")
        .theirs(format!("suspect the arithmetic or memory of the {}, if it is a small device", conversation.peer()))
        .either("force another group to see whether the fault follows it: `--group secp256r1` or `--group x25519`")
        .shows(&[Tag::Groups])
}

pub(super) fn share(conversation: &Conversation<'_>) -> Told {
    let peer = conversation.peer();
    Told::because(format!("The {peer}'s arithmetic, memory or encoding is broken, or bytes were changed."))
        .ours("force another group: `--group secp256r1` or `--group x25519`")
        .theirs(format!(
            "if the {peer} is a small device, check its stack, its calloc and its compiler options"
        ))
}

pub(super) fn signature(conversation: &Conversation<'_>) -> Told {
    let peer = conversation.peer();
    Told::because(format!(
        "The {peer} signs with a key that is not its certificate's, signs the wrong bytes, or something on \
         the way changed the handshake."
    ))
    .theirs(format!(
        "check that the {peer}'s private key belongs to its certificate: `openssl x509 -in CERT -pubkey \
         -noout` and `openssl pkey -in KEY -pubout` must print the same"
    ))
    .theirs(format!("if they do, suspect the {peer}'s arithmetic, signer or token"))
}

pub(super) fn scheme_of_another_key(
    conversation: &Conversation<'_>,
    scheme: SignatureScheme,
    key: KeyKind,
) -> Told {
    let peer = conversation.peer();
    let (scheme, key) = (Named(scheme), Named(key));
    Told::because(format!(
        "{scheme} belongs to another kind of key than {key}: the {peer}'s TLS library believes wrong metadata \
         about its key, as happens with keys in tokens and secure elements."
    ))
    .theirs(format!("correct the key type where the {peer} loads its key, or load it another way (PKCS#11 URI)"))
    .shows(&[Tag::Schemes])
}
