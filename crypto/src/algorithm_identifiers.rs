//! How certificates name the signatures of a scheme: the contents of their AlgorithmIdentifiers (RFC 5280
//! §4.1.1.2, RFC 5758 §3.2, RFC 4055 §3 and §5, RFC 8410 §3).

use handclasp_codec::SignatureScheme as Scheme;

const ECDSA_SHA256: &[u8] = b"\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02";
const ECDSA_SHA384: &[u8] = b"\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x03";
const ECDSA_SHA512: &[u8] = b"\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x04";
const ED25519: &[u8] = b"\x06\x03\x2b\x65\x70";
const PKCS1_SHA256: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b\x05\x00";
const PKCS1_SHA384: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0c\x05\x00";
const PKCS1_SHA512: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0d\x05\x00";
// Without its NULL: RFC 4055 §5 requires it there, some issuers forget it.
const PKCS1_SHA256_BARE: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b";
const PKCS1_SHA384_BARE: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0c";
const PKCS1_SHA512_BARE: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0d";
// With the hash, MGF1 with the same hash, and a salt as long as its output.
const PSS_SHA256: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a\x30\x34\
    \xa0\x0f\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\
    \xa1\x1c\x30\x1a\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08\
    \x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\xa2\x03\x02\x01\x20";
const PSS_SHA384: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a\x30\x34\
    \xa0\x0f\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00\
    \xa1\x1c\x30\x1a\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08\
    \x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00\xa2\x03\x02\x01\x30";
const PSS_SHA512: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a\x30\x34\
    \xa0\x0f\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03\x05\x00\
    \xa1\x1c\x30\x1a\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08\
    \x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03\x05\x00\xa2\x03\x02\x01\x40";

/// The AlgorithmIdentifiers (their contents) that name signatures of this scheme in certificates; the first one
/// is the usual one. Empty for schemes that certificates are not signed with. `const`, so that the entry of a
/// provider carries its own names and a program links no others.
pub const fn signature_algorithms(scheme: Scheme) -> &'static [&'static [u8]] {
    match scheme {
        // In X.509 the hash says nothing about the curve: the scheme's name is only half true.
        Scheme::ecdsa_secp256r1_sha256 => &[ECDSA_SHA256],
        Scheme::ecdsa_secp384r1_sha384 => &[ECDSA_SHA384],
        Scheme::ecdsa_secp521r1_sha512 => &[ECDSA_SHA512],
        Scheme::ed25519 => &[ED25519],
        Scheme::rsa_pkcs1_sha256 => &[PKCS1_SHA256, PKCS1_SHA256_BARE],
        Scheme::rsa_pkcs1_sha384 => &[PKCS1_SHA384, PKCS1_SHA384_BARE],
        Scheme::rsa_pkcs1_sha512 => &[PKCS1_SHA512, PKCS1_SHA512_BARE],
        // One name for the signatures of both kinds of keys (RFC 4055 §3.1): the key tells them apart.
        Scheme::rsa_pss_rsae_sha256 | Scheme::rsa_pss_pss_sha256 => &[PSS_SHA256],
        Scheme::rsa_pss_rsae_sha384 | Scheme::rsa_pss_pss_sha384 => &[PSS_SHA384],
        Scheme::rsa_pss_rsae_sha512 | Scheme::rsa_pss_pss_sha512 => &[PSS_SHA512],
        _ => &[],
    }
}
