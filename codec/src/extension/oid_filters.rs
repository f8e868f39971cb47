//! oid_filters: RFC 8446 §4.2.5.

use crate::{List, structure::structure};

structure! {
    /// Content of oid_filters (`OIDFilterExtension`).
    #[derive(Copy)]
    OidFilters<'a> {
        /// Certificate extensions, with values, that the client's certificate must contain.
        filters: List<'a, OidFilter<'a>> => list16(0..=0xffff),
    }
}

structure! {
    /// One certificate extension and its permitted values (`OIDFilter`).
    #[derive(Copy)]
    OidFilter<'a> in oid_filter {
        /// DER-encoded OID of the certificate extension, 1 to 255 bytes.
        certificate_extension_oid: &'a [u8] => opaque8(1..=0xff),
        /// DER-encoded values, 0 to 65535 bytes.
        certificate_extension_values: &'a [u8] => opaque16(0..=0xffff),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::known;
    use crate::*;

    #[test]
    fn a_filter() {
        let filters = [OidFilter { certificate_extension_oid: &[0x55], certificate_extension_values: b"v" }];
        known!(OidFilters<'_>, OidFilters { filters: List::of(&filters) }, "0005 01 55 0001 76");
    }
}
