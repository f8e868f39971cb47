//! Values of extensions: keyUsage (RFC 5280 §4.2.1.3) and the TLS features (RFC 7633), which rustls-webpki
//! does not check, and the extended key usage. One that does not parse is an error.

use crate::{
    der::{BIT_STRING, CONTEXT_3, Elements, Malformed, OBJECT_IDENTIFIER, SEQUENCE},
    x509::Extensions,
};

#[cfg(any(test, feature = "ocsp"))]
/// id-pe-tlsfeature.
const TLS_FEATURE: &[u8] = b"\x2b\x06\x01\x05\x05\x07\x01\x18";
#[cfg(any(test, feature = "ocsp"))]
/// The number of the extension status_request.
const STATUS_REQUEST: &[u8] = &[5];

/// What a key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KeyUsage(u8);

impl KeyUsage {
    /// Reads the value of the extension.
    pub(crate) fn read(value: &[u8]) -> Result<Self, Malformed> {
        let mut value = Elements(value);
        let bits = value.expect(BIT_STRING)?;
        value.end()?;
        match bits {
            // At least one bit is set (RFC 5280 §4.2.1.3), and nine are defined.
            [unused @ 0..=7, first, rest @ ..] if rest.len() <= 1 => {
                let is_set = *first != 0 || rest.iter().any(|byte| *byte != 0);
                let last = rest.last().unwrap_or(first);
                // The bits that do not count are zero (X.690 §11.2.1).
                let clean = last.trailing_zeros() >= u32::from(*unused);
                if is_set && clean { Ok(Self(*first)) } else { Err(Malformed) }
            }
            _ => Err(Malformed),
        }
    }

    /// digitalSignature (0): the signatures of a handshake.
    pub(crate) fn permits_signatures(self) -> bool {
        self.0 & 0x80 != 0
    }

    /// keyCertSign (5): signatures of certificates.
    pub(crate) fn permits_issuing(self) -> bool {
        self.0 & 0x04 != 0
    }

    /// cRLSign (6): signatures of revocation lists.
    #[cfg(feature = "web-pki")]
    pub(crate) fn permits_crls(self) -> bool {
        self.0 & 0x02 != 0
    }
}

#[cfg(any(test, feature = "web-pki"))]
/// keyUsage; `None` where a certificate has none and its key is for everything.
pub(crate) fn key_usage(certificate: &[u8]) -> Result<Option<KeyUsage>, Malformed> {
    find(certificate, crate::x509::KEY_USAGE)?.map(KeyUsage::read).transpose()
}

#[cfg(any(test, feature = "ocsp"))]
/// Whether a certificate asks that its server staples a status (must-staple).
pub(crate) fn must_staple(certificate: &[u8]) -> Result<bool, Malformed> {
    let Some(value) = find(certificate, TLS_FEATURE)? else { return Ok(false) };
    contains(value, crate::der::INTEGER, STATUS_REQUEST)
}

/// Whether the extended key usage permits this purpose; where there is none, all are permitted
/// (RFC 5280 §4.2.1.12).
#[cfg(feature = "web-pki")]
pub(crate) fn permits_purpose(certificate: &[u8], purpose: &[u8]) -> Result<bool, Malformed> {
    find(certificate, crate::x509::EXTENDED_KEY_USAGE)?.map_or(Ok(true), |value| has_purpose(value, purpose))
}

/// Whether the value of the extended key usage contains this purpose.
pub(crate) fn has_purpose(value: &[u8], purpose: &[u8]) -> Result<bool, Malformed> {
    contains(value, OBJECT_IDENTIFIER, purpose)
}

/// Whether a SEQUENCE of elements of this tag contains one with this content.
fn contains(value: &[u8], tag: u8, content: &[u8]) -> Result<bool, Malformed> {
    let mut list = Elements::of_sequence(value)?;
    let mut found = false;
    while list.tag().is_some() {
        found |= list.expect(tag)? == content;
    }
    Ok(found)
}

/// The value of an extension, which stands at most once (RFC 5280 §4.2).
pub(crate) fn find<'a>(certificate: &'a [u8], id: &[u8]) -> Result<Option<&'a [u8]>, Malformed> {
    let mut tbs = Elements(Elements::of_sequence(certificate)?.expect(SEQUENCE)?);
    let mut found = None;
    while let Some(tag) = tbs.tag() {
        let field = tbs.take()?;
        if tag == CONTEXT_3 {
            found = Extensions::of(field)?.find(id)?;
            tbs.end()?;
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;
    use crate::{
        der::{BOOLEAN, OCTET_STRING, sequence},
        x509::{EXTENDED_KEY_USAGE, KEY_USAGE},
    };

    /// A certificate of which nothing but extensions with these values is sound.
    fn with(extensions: &[(&[u8], &[u8])]) -> Vec<u8> {
        let field = |tag: u8, content: &[u8]| {
            let mut whole = sequence(content);
            whole[0] = tag;
            whole
        };
        let list: Vec<u8> = extensions
            .iter()
            .flat_map(|(id, value)| {
                let (id, value) = (field(OBJECT_IDENTIFIER, id), field(OCTET_STRING, value));
                sequence(&[id, alloc::vec![BOOLEAN, 1, 0xff], value].concat())
            })
            .collect();
        sequence(&sequence(&field(CONTEXT_3, &sequence(&list))))
    }

    #[test]
    fn what_a_key_is_for() {
        let usage = |value: &[u8]| key_usage(&with(&[(KEY_USAGE, value)]));
        assert_eq!(key_usage(&with(&[(TLS_FEATURE, b"")])), Ok(None));
        let signs = usage(&[3, 2, 7, 0x80]).unwrap().unwrap();
        assert!(signs.permits_signatures() && !signs.permits_issuing());
        let issues = usage(&[3, 2, 1, 0x06]).unwrap().unwrap();
        assert!(!issues.permits_signatures() && issues.permits_issuing());
        let decipher_only = usage(&[3, 3, 7, 0, 0x80]).unwrap().unwrap();
        assert!(!decipher_only.permits_signatures() && !decipher_only.permits_issuing());
        for odd in [
            &[][..],
            &[4, 2, 5, 0x20],       // an OCTET STRING
            &[3, 1, 0],             // no bit
            &[3, 2, 0, 0],          // none that is set
            &[3, 0],                // no count of unused bits
            &[3, 2, 8, 0x80],       // more unused than a byte has
            &[3, 2, 7, 0xc0],       // unused, and set
            &[3, 4, 0, 0x80, 0, 1], // more than there are
            &[3, 2, 7, 0x80, 5, 0], // something behind
            &[3, 0x81, 2, 7, 0x80], // a length longer than need be
        ] {
            assert_eq!(usage(odd), Err(Malformed), "{odd:02x?}");
        }
        let twice = with(&[(KEY_USAGE, &[3, 2, 7, 0x80]), (KEY_USAGE, &[3, 2, 7, 0x80])]);
        assert_eq!(key_usage(&twice), Err(Malformed));
    }

    #[test]
    fn large_certificates_have_a_key_usage_too() {
        let filler = alloc::vec![0; 70_000];
        let der = with(&[(b"\x2a", &filler), (KEY_USAGE, &[3, 2, 5, 0x20])]);
        assert!(!key_usage(&der).unwrap().unwrap().permits_signatures());
    }

    #[test]
    fn features_and_purposes() {
        let staple = |value: &[u8]| must_staple(&with(&[(TLS_FEATURE, value)]));
        assert_eq!(must_staple(&with(&[])), Ok(false));
        assert_eq!(staple(&[0x30, 3, 2, 1, 5]), Ok(true));
        assert_eq!(staple(&[0x30, 6, 2, 1, 17, 2, 1, 5]), Ok(true));
        assert_eq!(staple(&[0x30, 3, 2, 1, 17]), Ok(false));
        for odd in [&[][..], &[0x30, 3, 4, 1, 5], &[0x30, 3, 2, 2, 5], &[2, 1, 5], &[0x30, 3, 2, 1, 5, 0]] {
            assert_eq!(staple(odd), Err(Malformed), "{odd:02x?}");
        }
        let purpose = |value: &[u8]| permits_purpose(&with(&[(EXTENDED_KEY_USAGE, value)]), b"\x2b\x01");
        assert_eq!(permits_purpose(&with(&[]), b"\x2b\x01"), Ok(true));
        assert_eq!(purpose(&[0x30, 4, 6, 2, 0x2b, 1]), Ok(true));
        assert_eq!(purpose(&[0x30, 4, 6, 2, 0x2b, 2]), Ok(false));
        assert_eq!(purpose(&[0x30, 4, 4, 2, 0x2b, 1]), Err(Malformed));
        assert_eq!(purpose(&[0x30, 4, 6, 3, 0x2b, 1]), Err(Malformed));
    }

    #[test]
    fn cut_anywhere_it_is_malformed() {
        let der = with(&[(KEY_USAGE, &[3, 2, 7, 0x80])]);
        for end in 0..der.len() {
            assert_eq!(key_usage(&der[..end]), Err(Malformed), "{end} bytes");
        }
    }
}
