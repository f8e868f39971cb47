//! Which key a server finds under an identity, and which not.

use super::*;

const TLS12: ProtocolVersion = ProtocolVersion::TLS_1_2;
const TLS13: ProtocolVersion = ProtocolVersion::TLS_1_3;

fn psk(usage: PskUse) -> Psk {
    Psk::from_bytes("device", usage, &[7; 32]).unwrap()
}

/// RFC 9257 §4.1: a key that is used in two protocols may be learnt through the weaker one.
#[test]
fn a_key_is_found_in_its_own_version_only() {
    for (usage, in_12, in_13) in [
        (PskUse::Tls12, true, false),
        (PskUse::Tls13Sha256, false, true),
        (PskUse::Tls13Sha384, false, true),
        (PskUse::Imported, false, false),
    ] {
        let psk = psk(usage);
        let is_found = |version| PskEntry::named(&psk, b"device", version).is_some();
        assert_eq!((is_found(TLS12), is_found(TLS13)), (in_12, in_13), "{usage:?}");
        assert!(
            PskEntry::named(&psk, b"devic", TLS13).is_none() && PskEntry::named(&psk, b"", TLS12).is_none()
        );
    }
}

/// An ImportedIdentity counts whole: name, context, protocol and KDF (RFC 9258 §3.1).
#[test]
fn an_imported_key_is_found_under_its_whole_identity_only() {
    let psk = psk(PskUse::Imported).with_context("client=a server=b");
    let right = ImportedIdentity {
        external_identity: b"device",
        context: b"client=a server=b",
        target_protocol: TLS13,
        target_kdf: KdfIdentifier::HKDF_SHA256,
    };
    let found = |imported: &ImportedIdentity<'_>, version| {
        let mut identity = Vec::new();
        imported.encode_to(&mut identity).unwrap();
        PskEntry::named(&psk, &identity, version).map(|entries| entries.hash)
    };
    assert_eq!(found(&right, TLS13), Some(PskHash::Sha256));
    assert_eq!(
        found(&ImportedIdentity { target_kdf: KdfIdentifier::HKDF_SHA384, ..right }, TLS13),
        Some(PskHash::Sha384)
    );
    assert_eq!(found(&right, TLS12), None);
    for wrong in [
        ImportedIdentity { external_identity: b"devices", ..right },
        ImportedIdentity { context: b"client=b server=a", ..right },
        ImportedIdentity { context: b"", ..right },
        ImportedIdentity { target_protocol: TLS12, ..right },
        ImportedIdentity { target_protocol: ProtocolVersion(0xfefc), ..right },
        ImportedIdentity { target_kdf: KdfIdentifier(0x7f00), ..right },
    ] {
        assert_eq!(found(&wrong, TLS13), None);
        assert_eq!(found(&wrong, TLS12), None);
    }
}
