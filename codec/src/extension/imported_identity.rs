//! ImportedIdentity: RFC 9258 §3. It stands where pre_shared_key has an identity, and nothing
//! but its shape sets it apart from a name.

use crate::{KdfIdentifier, ProtocolVersion, structure::structure};

structure! {
    /// ImportedIdentity.
    #[derive(Copy, PartialEq, Eq)]
    ImportedIdentity<'a> in imported_identity {
        /// The name under which both sides hold the key.
        external_identity: &'a [u8] => opaque16(1..=0xffff),
        /// What else both sides know, such as who is client and who is server.
        context: &'a [u8] => opaque16(0..=0xffff),
        /// The protocol that the key is imported for.
        target_protocol: ProtocolVersion => word,
        /// The KDF, and so the hash, of the suites that it is imported for.
        target_kdf: KdfIdentifier => word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::{fails, known};
    use crate::*;

    #[test]
    fn an_identity() {
        let identity = ImportedIdentity {
            external_identity: b"id",
            context: b"c",
            target_protocol: ProtocolVersion::TLS_1_3,
            target_kdf: KdfIdentifier::HKDF_SHA384,
        };
        known!(ImportedIdentity<'_>, identity, "0002 6964 0001 63 0304 0002");
        fails!(ImportedIdentity<'_>, "0000 0000 0304 0001", Problem::OutOfRange { .. }, 0);
        fails!(ImportedIdentity<'_>, "0001 78 0000 0304 0001 00", Problem::Trailing { extra: 1 }, 9);
    }
}
