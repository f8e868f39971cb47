//! certificate_authorities: RFC 8446 §4.2.4. CertificateRequest of TLS 1.2 has the same list of names
//! (RFC 5246 §7.4.4).

use crate::{List, structure::structure};

structure! {
    /// Content of certificate_authorities (`CertificateAuthoritiesExtension`).
    #[derive(Copy)]
    CertificateAuthorities<'a> {
        /// Names of the certificate authorities that the sender trusts.
        authorities: List<'a, DistinguishedName<'a>> => list16(3..=0xffff),
    }
}

structure! {
    /// A distinguished name: a DER-encoded X.501 Name of 1 to 65535 bytes.
    DistinguishedName<'a>(opaque16(1..=0xffff) in distinguished_name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::{fails, known};
    use crate::*;

    #[test]
    fn two_names() {
        let names = [DistinguishedName(b"one"), DistinguishedName(b"two")];
        let value = CertificateAuthorities { authorities: List::of(&names) };
        known!(CertificateAuthorities<'_>, value, "000a 0003 6f6e65 0003 74776f");
        fails!(CertificateAuthorities<'_>, "0000", Problem::OutOfRange, _, 0);
    }
}
