//! signature_algorithms and signature_algorithms_cert: RFC 8446 §4.2.3, RFC 5246 §7.4.1.4.1.

use crate::{List, SignatureScheme, structure::structure};

structure! {
    /// Content of signature_algorithms (`SignatureSchemeList`).
    #[derive(Copy)]
    SignatureSchemeList<'a> {
        /// Schemes that the sender can verify, in order of preference.
        supported_signature_algorithms: List<'a, SignatureScheme> => words16(2..=0xfffe),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::{fails, known};
    use crate::*;

    #[test]
    fn schemes() {
        let schemes = [SignatureScheme::ed25519, SignatureScheme::rsa_pss_rsae_sha256];
        let value = SignatureSchemeList { supported_signature_algorithms: List::of(&schemes) };
        known!(SignatureSchemeList<'_>, value, "0004 0807 0804");
        fails!(SignatureSchemeList<'_>, "0003 080708", Problem::NotWhole, [2, 3, 0], 2);
        fails!(SignatureSchemeList<'_>, "0000", Problem::OutOfRange, _, 0);
    }
}
