//! Known signatures, one for each scheme and kind of key, for the self-test of a device. Their bytes are
//! those of `crypto/vectors/signatures.txt`, which says where they come from; a program links those of the
//! schemes that it lists.

/// The known signature of a scheme under a kind of key. The message is that of RFC 6979 A.2.5.
macro_rules! known {
    ($scheme:literal, $kind:literal) => {
        crate::known::known!($scheme, $kind, b"sample")
    };
    ($scheme:literal, $kind:literal, $message:literal) => {
        handclasp_crypto::KnownSignature {
            public_key: include_bytes!(concat!("known/", $kind, ".key")),
            message: $message,
            signature: include_bytes!(concat!("known/", $scheme, ".", $kind, ".sig")),
        }
    };
}

pub(crate) use known;
