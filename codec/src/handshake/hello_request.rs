//! HelloRequest: RFC 5246 §7.4.1.1. It is not part of the transcript.

use crate::structure::structure;

structure! {
    /// Body of a HelloRequest message, which is empty.
    HelloRequest in hello_request;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::{fails, known};
    use crate::*;

    #[test]
    fn nothing() {
        known!(HelloRequest, HelloRequest, "");
        fails!(HelloRequest, "00", Problem::Trailing, [1, 0, 0], 0);
    }
}
