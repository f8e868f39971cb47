//! Faults of cryptography: keys that differ, signatures and shares that do not verify.

use handclasp_codec::SignatureScheme;
use handclasp_crypto::KeyKind;
use handclasp_report::{Fault, Named, Tag, Uint};

use super::{Context, Description};

/// Both sides completed a key exchange with certificates and have different keys, or a record was
/// changed later.
pub(super) fn differ(context: &Context<'_>) -> Description {
    let peer = context.notes.peer();
    if let Fault::RecordNotAuthentic { sequence, handshaking } = context.fault
        && (sequence != Uint::ZERO || !handshaking)
    {
        return context
            .describe()
            .between("look for what alters or drops bytes between the two sides; capture on both and compare")
            .peers(format!("check the {peer}'s memory and its buffers, if it is a small device"));
    }
    context
        .describe()
        .because("Where certificates authenticate, configuration cannot cause that.")
        .between("look for what alters handshake bytes between the two sides; capture on both and compare")
        .peers(format!("suspect the arithmetic or memory of the {peer}, if it is a small device"))
        .either("force another group to see whether the fault follows it: `--group secp256r1` or `--group x25519`")
        .offers(&[Tag::Groups])
}

pub(super) fn share(context: &Context<'_>) -> Description {
    let peer = context.notes.peer();
    context
        .describe()
        .because(format!("The {peer}'s arithmetic, memory or encoding is broken, or bytes were changed."))
        .ours("force another group: `--group secp256r1` or `--group x25519`")
        .peers(format!(
            "if the {peer} is a small device, check its stack, its calloc and its compiler options"
        ))
}

/// A signature of the peer's that our side found invalid.
pub(super) fn signature(context: &Context<'_>) -> Description {
    let peer = context.notes.peer();
    context
        .describe()
        .because(format!(
            "The {peer} signs with a key that is not its certificate's, signs the wrong bytes, or something on \
             the way changed the handshake."
        ))
        .peers(format!(
            "check that the {peer}'s private key belongs to its certificate: `openssl x509 -in CERT -pubkey \
             -noout` and `openssl pkey -in KEY -pubout` must print the same"
        ))
        .peers(format!("if they do, suspect the {peer}'s arithmetic, signer or token"))
}

/// A signature, Finished or binder of ours that the peer found invalid.
pub(super) fn refused(context: &Context<'_>) -> Description {
    context
        .describe()
        .ours("check that `--key` belongs to `--cert`")
        .either("capture on both sides and compare; suspect arithmetic or memory on small devices")
}

pub(super) fn scheme_of_another_key(
    context: &Context<'_>,
    scheme: SignatureScheme,
    key: KeyKind,
) -> Description {
    let peer = context.notes.peer();
    let (scheme, key) = (Named(scheme), Named(key));
    context
        .describe()
        .because(format!(
            "{scheme} belongs to another kind of key than {key}: the {peer}'s TLS library has wrong metadata \
             about its key, as happens with keys in tokens and secure elements."
        ))
        .peers(format!(
            "correct the key type where the {peer} loads its key, or load it another way (PKCS#11 URI)"
        ))
        .offers(&[Tag::Schemes])
}
