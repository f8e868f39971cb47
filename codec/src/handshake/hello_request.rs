//! HelloRequest: RFC 5246 §7.4.1.1. Never part of a transcript.

use crate::structure::structure;

structure! {
    /// HelloRequest.
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
        fails!(HelloRequest, "00", Problem::Trailing { extra: 1 }, 0);
    }
}
