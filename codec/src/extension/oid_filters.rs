//! oid_filters: RFC 8446 §4.2.5.

use crate::{List, structure::structure};

structure! {
    /// OIDFilterExtension.
    #[derive(Copy)]
    OidFilters<'a> {
        /// What the client's certificate must hold.
        filters: List<'a, OidFilter<'a>> => list16(0..=0xffff),
    }
}

structure! {
    /// OIDFilter.
    #[derive(Copy)]
    OidFilter<'a> in oid_filter {
        /// In DER.
        certificate_extension_oid: &'a [u8] => opaque8(1..=0xff),
        /// In DER.
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
