//! Pre-shared keys as records.
//!
//! | field | content |
//! |---|---|
//! | `hex`, `ascii` or `base64` | the key; one of them, or `sealed` |
//! | `sealed` | the key under the [`StoreKey`], see `seal` |
//! | `use` | `1.3` (SHA-256; the default), `1.3-sha384`, `1.2`, `imported` (RFC 9258) or `both` |
//! | `context` | of an imported key, text |
//! | `weak` | `yes` accepts a key of less than 16 bytes |
//! | `revoked` | anything: the key is refused |
//! | `since` | seconds since 1970: sessions that began before are not resumed; to be set where a key is replaced |
//! | `note` | for people |

use handclasp::{
    Psk, PskError, PskUse,
    codec::{Decode, Field, ImportedIdentity},
};

use crate::{Fields, RecordKind, StoreKey};

/// The longest identity that is looked up.
pub(crate) const IDENTITY_MAX: usize = 256;

/// Names of uses.
pub const USES: [(&str, PskUse); 5] = [
    ("1.3", PskUse::Tls13Sha256),
    ("1.3-sha384", PskUse::Tls13Sha384),
    ("1.2", PskUse::Tls12),
    ("imported", PskUse::Imported),
    ("both", PskUse::BothVersions),
];

/// The name under which the key of an identity is looked up: the identity, or of an imported key the
/// external identity (RFC 9258 §3). Identities are text (RFC 4279 §5.1), so that tickets of other servers
/// and random bytes cost no look-up.
pub(crate) fn name(identity: &[u8]) -> Option<Vec<u8>> {
    let is_name = |name: &[u8]| {
        (1..=IDENTITY_MAX).contains(&name.len()) && std::str::from_utf8(name).is_ok() && !name.contains(&0)
    };
    if is_name(identity) {
        return Some(identity.to_vec());
    }
    let imported = ImportedIdentity::from_bytes(identity, Field::imported_identity).ok()?;
    Some(imported.external_identity.to_vec()).filter(|name| is_name(name))
}

/// The key of a record.
///
/// # Errors
/// A sentence that says which field is wrong.
pub fn psk(name: &[u8], fields: &Fields, key: Option<&StoreKey>) -> Result<Psk, String> {
    let usage = match fields.get("use") {
        None => PskUse::Tls13Sha256,
        Some(text) => {
            USES.iter().find(|(name, _)| *name == text).map(|(_, usage)| *usage).ok_or_else(|| {
                let names: Vec<&str> = USES.iter().map(|(name, _)| *name).collect();
                format!("use: expected one of {}, found {text:?}", names.join(", "))
            })?
        }
    };
    let encoded = ["hex", "ascii", "base64", "sealed"];
    let found: Vec<&str> = encoded.into_iter().filter(|field| fields.get(field).is_some()).collect();
    let [field] = found[..] else {
        return Err(format!(
            "expected one of the fields hex, ascii, base64 and sealed, found {}",
            found.len()
        ));
    };
    let value = fields.get(field).unwrap_or_default();
    let made = match field {
        "hex" => Psk::from_hex(name, usage, value),
        "ascii" => Psk::from_ascii(name, usage, value),
        "base64" => Psk::from_base64(name, usage, value),
        _ => {
            let key = key.ok_or("sealed: this server has no store key")?;
            let secret =
                key.open(RecordKind::Psk, name, value).ok_or("sealed: by another store key, or damaged")?;
            Psk::from_bytes(name, usage, &secret)
        }
    };
    let made = match (made, fields.get("weak")) {
        (Err(weak @ PskError::Weak(_)), Some("yes")) => weak.allow_weak(),
        (made, _) => made,
    };
    let psk = made.map_err(|error| format!("{field}: {error}"))?;
    Ok(match fields.get("context") {
        Some(context) if usage == PskUse::Imported => psk.with_context(context),
        _ => psk,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_that_people_write_is_a_key() {
        let fields = Fields::default().with("hex", "00112233445566778899aabbccddeeff");
        let key = psk(b"device-7", &fields, None).unwrap();
        assert_eq!((key.identity(), key.usage()), (&b"device-7"[..], PskUse::Tls13Sha256));
        assert_eq!(key.secret()[..3], [0x00, 0x11, 0x22]);
        let short = Fields::default().with("hex", "abc123");
        assert!(psk(b"device-7", &short, None).unwrap_err().contains("hex"));
        assert_eq!(psk(b"device-7", &short.with("weak", "yes"), None).unwrap().secret().len(), 3);
    }

    #[test]
    fn a_wrong_field_is_named_and_no_value_is_shown() {
        let good = || Fields::default().with("hex", "00112233445566778899aabbccddeeff");
        for (fields, word) in [
            (good().with("use", "1.4"), "use: expected one of 1.3, 1.3-sha384"),
            (good().with("ascii", "sixteen letters!"), "found 2"),
            (Fields::default(), "found 0"),
            (Fields::default().with("hex", "00112233445566778899aabbccddeefg"), "hex"),
            (Fields::default().with("sealed", "00"), "store key"),
        ] {
            let error = psk(b"device-7", &fields, None).unwrap_err();
            assert!(error.contains(word) && !error.contains("0011223344"), "{error}");
        }
    }

    #[test]
    fn identities_that_are_no_text_are_not_looked_up() {
        assert_eq!(name(b"device-7").as_deref(), Some(&b"device-7"[..]));
        for identity in [&b""[..], b"\xff\xfe ticket", b"with\0zero", &[b'a'; 257]] {
            assert_eq!(name(identity), None, "{identity:?}");
        }
        // RFC 9258 §3: external_identity<1..2^16-1>, context<0..2^16-1>, target_protocol, target_kdf.
        let imported = b"\x00\x08device-7\x00\x00\x03\x04\x00\x01";
        assert_eq!(name(imported).as_deref(), Some(&b"device-7"[..]));
    }
}
