//! Code points about certificates: RFC 7250 (types), RFC 5246 §7.4.4, RFC 6066 §8 (status), RFC 8879
//! (compression).

use super::registry;

registry! {
    /// Format of the certificate that a peer sends (RFC 7250 §3).
    CertificateType(u8, certificate_type) { X509 = 0, OpenPGP = 1, RawPublicKey = 2, IEEE_1609Dot2 = 3 }
}

registry! {
    /// Kind of certificate that a TLS 1.2 server requests (RFC 5246 §7.4.4).
    ClientCertificateType(u8, certificate_type) {
        rsa_sign = 1, dss_sign = 2, rsa_fixed_dh = 3, dss_fixed_dh = 4, rsa_ephemeral_dh = 5,
        dss_ephemeral_dh = 6, fortezza_dms = 20, ecdsa_sign = 64, rsa_fixed_ecdh = 65,
        ecdsa_fixed_ecdh = 66, gost_sign256 = 67, gost_sign512 = 68,
    }
}

registry! {
    /// Kind of certificate status (RFC 6066 §8, RFC 6961).
    CertificateStatusType(u8, status_type) { ocsp = 1, ocsp_multi = 2 }
}

registry! {
    /// Algorithm of certificate compression (RFC 8879 §3).
    CertificateCompressionAlgorithm(u16, algorithm) { zlib = 1, brotli = 2, zstd = 3 }
}
