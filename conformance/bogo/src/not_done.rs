//! Why a flag of the runner is not honoured, in words: a flag alone says little to who reads the
//! results.

use handclasp_codec::SignatureScheme;

/// Flags, and what they would want of the stack.
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
        "0-RTT is not done",
    ),
    (&["-expect-session-id"], "resumption by session IDs is not done"),
    (
        &["-send-alert"],
        "an application cannot send any alert it likes: it can refuse a peer (access_denied, or the alert of a \
         fault of its certificate)",
    ),
    (&["-ticket-key"], "the runner rewrites tickets of BoringSSL's form; ours have their own"),
    (
        &["-allow-unknown-alpn-protos"],
        "a protocol that was not offered is always refused (RFC 7301 section 3.1)",
    ),
    (
        &["-select-empty-alpn"],
        "a server's protocols are a list that is checked beforehand: there is no callback that could choose none",
    ),
    (
        &["-no-server-name-ack"],
        "server_name is always acknowledged where a certificate is shown (RFC 6066 section 3)",
    ),
    (
        &["-expect-ticket-age-skew"],
        "the age of a ticket counts for 0-RTT alone, which is not done: the skew is not handed out",
    ),
    (
        &["-expect-certificate-types"],
        "certificate_types of a CertificateRequest are used and not handed out: schemes tell more",
    ),
    (&["-fail-early-callback"], "there is no callback on the bare ClientHello"),
    (
        &["-renegotiate-freely", "-renegotiate-once", "-renegotiate-explicit", "-renegotiate-ignore"],
        "renegotiation is not done",
    ),
];

/// The reason for one.
pub fn reason(flag: &str) -> String {
    let known = REASONS.iter().find(|(flags, _)| flags.contains(&flag));
    known.map_or_else(|| format!("what {flag} asks for is not done"), |(_, reason)| (*reason).to_owned())
}

/// The reason for a scheme.
pub fn scheme(scheme: SignatureScheme) -> String {
    match scheme {
        SignatureScheme::rsa_pkcs1_sha1 | SignatureScheme::ecdsa_sha1 => {
            "SHA-1 signatures are not done".into()
        }
        // RFC 8446 takes PKCS #1 v1.5 out of TLS 1.3; the code point brings it back for clients
        // whose token cannot do PSS.
        SignatureScheme::rsa_pkcs1_sha256_legacy => {
            "rsa_pkcs1_sha256_legacy is not done: in TLS 1.3 RSA signs by PSS".into()
        }
        other => format!("{other} is not done"),
    }
}
