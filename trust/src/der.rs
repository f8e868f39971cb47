//! Tags of certificates, beside those of `handclasp_crypto::der`, which reads them. What does not parse is an
//! error and never "absent": a keyUsage that cannot be read would otherwise permit everything.

#[cfg(any(test, feature = "web-pki"))]
use alloc::vec::Vec;

pub(crate) use handclasp_crypto::der::*;

/// SET OF.
pub(crate) const SET: u8 = 0x31;
/// `[2]`, primitive: a dNSName of a GeneralName (RFC 5280 §4.2.1.6).
pub(crate) const DNS_NAME: u8 = 0x82;
/// `[7]`, primitive: an iPAddress.
pub(crate) const IP_ADDRESS: u8 = 0x87;

/// Wraps content of fewer than 16 MiB into a SEQUENCE.
#[cfg(any(test, feature = "web-pki"))]
pub(crate) fn sequence(content: &[u8]) -> Vec<u8> {
    let [.., top, high, low] = content.len().to_be_bytes();
    let mut out = Vec::with_capacity(content.len().saturating_add(5));
    match content.len() {
        0..=0x7f => out.extend([SEQUENCE, low]),
        0x80..=0xff => out.extend([SEQUENCE, 0x81, low]),
        0x100..=0xffff => out.extend([SEQUENCE, 0x82, high, low]),
        _ => out.extend([SEQUENCE, 0x83, top, high, low]),
    }
    out.extend_from_slice(content);
    out
}
