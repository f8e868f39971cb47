//! KeyUpdate: RFC 8446 §4.6.3.

use crate::{KeyUpdateRequest, structure::structure};

structure! {
    /// Body of a KeyUpdate message.
    KeyUpdate in key_update {
        /// Whether the receiver must answer with a KeyUpdate of its own. A value other than 0 and 1 is
        /// an illegal_parameter.
        request_update: KeyUpdateRequest => word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::{fails, known};
    use crate::*;

    #[test]
    fn both_requests() {
        let request_update = KeyUpdateRequest::update_requested;
        known!(KeyUpdate, KeyUpdate { request_update }, "01");
        fails!(KeyUpdate, "", Problem::Truncated, [1, 0, 0], 0);
    }
}
