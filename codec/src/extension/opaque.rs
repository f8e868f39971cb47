//! Extensions whose content this crate does not decode: session_ticket (RFC 5077 §3.2),
//! signed_certificate_timestamp (RFC 6962 §3.3.1), quic_transport_parameters (RFC 9001 §8.2), use_srtp,
//! heartbeat, delegated_credential, encrypted_client_hello.

use crate::structure::structure;

structure! {
    /// Content of an extension, not decoded.
    #[derive(Copy, PartialEq, Eq)]
    Opaque<'a> {
        /// The content as received, possibly empty.
        opaque: &'a [u8] => rest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::known;

    #[test]
    fn all_of_it() {
        known!(Opaque<'_>, Opaque { opaque: b"ticket" }, "7469636b6574");
    }
}
