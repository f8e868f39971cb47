//! ImportedIdentity: RFC 9258 §3. It is the identity of a PskIdentity in pre_shared_key; only its
//! structure distinguishes it from a plain external identity.

use crate::{KdfIdentifier, ProtocolVersion, structure::structure};

structure! {
    /// Identity of an imported pre-shared key (`ImportedIdentity`).
    #[derive(Copy, PartialEq, Eq)]
    ImportedIdentity<'a> in imported_identity {
        /// Identity of the external key (EPSK) before import, 1 to 65535 bytes.
        external_identity: &'a [u8] => opaque16(1..=0xffff),
        /// Data that both sides include in the import, such as the roles of the peers; may be
        /// empty.
        context: &'a [u8] => opaque16(0..=0xffff),
        /// Protocol version for which the key is imported.
        target_protocol: ProtocolVersion => word,
        /// KDF for which the key is imported, which determines the hash of the suites it can be used
        /// with.
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
        fails!(ImportedIdentity<'_>, "0000 0000 0304 0001", Problem::OutOfRange, _, 0);
        fails!(ImportedIdentity<'_>, "0001 78 0000 0304 0001 00", Problem::Trailing, [1, 0, 0], 9);
    }
}
