//! What a program may be built without, as in `handclasp-handshake`: without the feature `cbc` keys of CBC
//! with encrypt-then-MAC (RFC 7366) are a type without a value, and the compiler removes what uses them.

use handclasp_crypto::CbcEtm;
use handclasp_schedule::TrafficKeys;

#[cfg(not(feature = "cbc"))]
pub(crate) use off::CbcKeys;

/// Keys of CBC with encrypt-then-MAC.
#[cfg(feature = "cbc")]
pub(crate) type CbcKeys = alloc::boxed::Box<dyn handclasp_crypto::CbcEtmKey>;

/// Prepares keys; `None` if one has the wrong length, or the program is built without CBC.
#[cfg_attr(not(feature = "cbc"), expect(unused_variables, reason = "no key can be prepared"))]
pub(crate) fn cbc_keys(cipher: &dyn CbcEtm, keys: &TrafficKeys) -> Option<CbcKeys> {
    #[cfg(feature = "cbc")]
    return cipher.key(keys.key.expose(), keys.iv_or_mac_key.expose());
    #[cfg(not(feature = "cbc"))]
    return None;
}

#[cfg(not(feature = "cbc"))]
mod off {
    use core::ops::Range;

    use handclasp_crypto::{NotAuthentic, RecordId, SealFailed};

    /// Cannot exist. The methods are those of `CbcEtmKey`.
    pub(crate) enum CbcKeys {}

    impl CbcKeys {
        pub(crate) fn sealed_len(&self, _: usize) -> usize {
            match *self {}
        }
        pub(crate) fn sealed_max(&self, _: usize) -> usize {
            match *self {}
        }
        pub(crate) fn seal(&self, _: &RecordId, _: &[u8], _: &mut [u8]) -> Result<(), SealFailed> {
            match *self {}
        }
        pub(crate) fn open(&self, _: &RecordId, _: &mut [u8]) -> Result<Range<usize>, NotAuthentic> {
            match *self {}
        }
    }
}
