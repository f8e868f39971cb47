//! supported_groups: RFC 8446 §4.2.7, RFC 8422 §5.1.1 (elliptic_curves).

use crate::{List, NamedGroup, structure::structure};

structure! {
    /// Content of supported_groups (`NamedGroupList`).
    #[derive(Copy)]
    NamedGroupList<'a> {
        /// In order of preference.
        named_group_list: List<'a, NamedGroup> => words16(2..=0xffff),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::known;
    use crate::*;

    #[test]
    fn groups() {
        let groups = [NamedGroup::X25519MLKEM768, NamedGroup::secp256r1, NamedGroup(0x1a1a)];
        let value = NamedGroupList { named_group_list: List::of(&groups) };
        known!(NamedGroupList<'_>, value, "0006 11ec 0017 1a1a");
    }
}
