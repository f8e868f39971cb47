//! KeyUpdate: RFC 8446 §4.6.3.

use crate::{KeyUpdateRequest, structure::structure};

structure! {
    /// KeyUpdate.
    KeyUpdate in key_update {
        /// Whether the receiver shall answer; any third value is illegal_parameter.
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
        fails!(KeyUpdate, "", Problem::Truncated { needed: 1, available: 0 }, 0);
    }
}
