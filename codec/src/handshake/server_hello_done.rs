//! ServerHelloDone: RFC 5246 §7.4.5.

use crate::structure::structure;

structure! {
    /// Body of a ServerHelloDone message, which is empty.
    ServerHelloDone in server_hello_done;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::{fails, known};
    use crate::*;

    #[test]
    fn nothing() {
        known!(ServerHelloDone, ServerHelloDone, "");
        fails!(ServerHelloDone, "00", Problem::Trailing, [1, 0, 0], 0);
    }
}
