//! The numbers of PSA Crypto, which Mbed TLS 4 returns too.

use crate::diagnosis::cause::Cause as C;
use crate::diagnosis::log_messages::codes::code::{Code, both, number, peer};

/// What `psa_*` functions return.
pub(super) const CODES: &[Code] = &[
    number(-132, "PSA: a generic error"),
    both(-133, "PSA: the operation is not permitted by the policy of the key", C::LocalToken),
    number(-134, "PSA: the algorithm or key type is not supported"),
    number(-135, "PSA: an argument is invalid"),
    both(-136, "PSA: the key handle is invalid: no such key", C::LocalToken),
    both(-137, "PSA: the state is bad (psa_crypto_init was not called, or out of order)", C::LocalSettings),
    number(-138, "PSA: a buffer is too small"),
    number(-139, "PSA: an item exists already"),
    both(-140, "PSA: an item does not exist: the key is not in the storage", C::LocalToken),
    both(-141, "PSA: out of memory", C::LocalMemory),
    number(-142, "PSA: out of storage"),
    number(-143, "PSA: insufficient data"),
    both(-145, "PSA: the communication with the secure element failed", C::LocalToken),
    both(-146, "PSA: the storage failed", C::LocalToken),
    both(-147, "PSA: the hardware failed", C::LocalToken),
    number(-148, "PSA: insufficient entropy"),
    peer(
        -149,
        "PSA: a signature does not verify",
        C::KeyExchangeSignatureInvalid,
        C::ClientCertSignatureInvalid,
    ),
    number(-150, "PSA: padding is invalid"),
    number(-151, "PSA: a corruption was detected"),
    both(-152, "PSA: stored data is corrupt", C::LocalToken),
];
