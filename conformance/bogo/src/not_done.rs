//! Why a flag of the runner is not supported, in words: the flag alone says little to a reader of the
//! results.

use handclasp_codec::SignatureScheme;

/// Flags with the reason why they are not supported.
const REASONS: [(&[&str], &str); 11] = [
    (
        &[
            "-enable-early-data",
            "-on-resume-enable-early-data",
            "-expect-ticket-supports-early-data",
            "-expect-accept-early-data",
            "-expect-reject-early-data",
            "-expect-early-data-reason",
        ],
        "0-RTT is not supported",
    ),
    (&["-expect-session-id"], "resumption by session IDs is not supported"),
    (
        &["-send-alert"],
        "an application cannot send arbitrary alerts: it can reject a peer (access_denied, or the alert of a \
         certificate fault)",
    ),
    (&["-ticket-key"], "the runner rewrites tickets in BoringSSL's format; ours have another"),
    (
        &["-allow-unknown-alpn-protos"],
        "a protocol that was not offered is always refused (RFC 7301 section 3.1)",
    ),
    (
        &["-select-empty-alpn"],
        "a server's protocols are a fixed list: there is no callback that could choose none",
    ),
    (
        &["-no-server-name-ack"],
        "server_name is always acknowledged when a certificate is sent (RFC 6066 section 3)",
    ),
    (
        &["-expect-ticket-age-skew"],
        "the age of a ticket matters only for 0-RTT, which is not supported: the skew is not exposed",
    ),
    (
        &["-expect-certificate-types"],
        "certificate_types of a CertificateRequest are used but not exposed: schemes say more",
    ),
    (&["-fail-early-callback"], "there is no callback for the ClientHello"),
    (
        &["-renegotiate-freely", "-renegotiate-once", "-renegotiate-explicit", "-renegotiate-ignore"],
        "renegotiation is not supported",
    ),
];

/// Returns the reason for a flag.
pub fn reason(flag: &str) -> String {
    let known = REASONS.iter().find(|(flags, _)| flags.contains(&flag));
    known.map_or_else(|| format!("{flag} is not supported"), |(_, reason)| (*reason).to_owned())
}

/// Returns the reason for a signature scheme.
pub fn scheme(scheme: SignatureScheme) -> String {
    match scheme {
        SignatureScheme::rsa_pkcs1_sha1 | SignatureScheme::ecdsa_sha1 => {
            "SHA-1 signatures are not supported".into()
        }
        // RFC 8446 removes PKCS #1 v1.5 from TLS 1.3; this code point restores it for clients whose
        // token cannot sign with PSS.
        SignatureScheme::rsa_pkcs1_sha256_legacy => {
            "rsa_pkcs1_sha256_legacy is not supported: in TLS 1.3 RSA signs by PSS".into()
        }
        other => format!("{other} is not supported"),
    }
}
