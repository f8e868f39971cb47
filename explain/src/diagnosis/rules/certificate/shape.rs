//! How many certificates a server's encrypted flight holds, and in which order a client checks one: what
//! is left to weigh causes by where no certificate is readable.

use handclasp_codec::{CipherSuite, ExtensionType};

use super::super::Case;
use crate::conversation::flight::{ChainLength, KeyKind, ServerFlight};

/// The encrypted flight of the server.
pub(super) struct Shape {
    flight: ServerFlight,
}

impl Shape {
    /// `None`: the lengths of the records do not show it.
    pub fn of(case: &Case<'_>) -> Option<Self> {
        case.conversation.server_flight().map(|flight| Self { flight })
    }

    /// Whether it probably holds a single certificate.
    pub fn is_single(&self) -> bool {
        self.flight.chain_length() == ChainLength::One
    }

    /// As a line of evidence.
    pub fn evidence(&self) -> String {
        let key = match self.flight.key {
            KeyKind::Curve => "an elliptic curve key".to_owned(),
            KeyKind::Rsa(modulus) => format!("an RSA key of {} bits", u32::from(modulus) * 8),
        };
        let holds = match self.flight.chain_length() {
            ChainLength::One => {
                "probably one certificate: self-signed, a default certificate of the server, or issued by a CA \
                 without an intermediate"
            }
            ChainLength::Several => "probably two or more certificates; a self-signed one comes alone",
            ChainLength::Unclear => "one long certificate or two short ones",
        };
        let length = self.flight.certificate;
        format!(
            "by the lengths of its records the server's Certificate has {length} bytes and {key}: {holds}"
        )
    }
}

/// Whether the ClientHello is one of Go's crypto/tls, whose crypto/x509 compares the name before it looks for
/// an issuer: its TLS 1.3 suites come last, and it asks for a certificate status and for timestamps. OpenSSL,
/// GnuTLS, NSS, Java and rustls list them first.
pub(super) fn checks_name_first(case: &Case<'_>) -> bool {
    let Some(hello) = case.conversation.client_hello() else { return false };
    let asks = [ExtensionType::status_request, ExtensionType::signed_certificate_timestamp];
    let has = |wanted: &ExtensionType| hello.extensions.types().any(|found| found == *wanted);
    let last_is_13 = hello.cipher_suites.iter().last().is_some_and(CipherSuite::is_tls13);
    let first_is_13 = hello.cipher_suites.iter().next().is_some_and(CipherSuite::is_tls13);
    asks.iter().all(has) && last_is_13 && !first_is_13
}

#[cfg(test)]
mod tests {
    use handclasp_codec::{AlertDescription as Alert, HandshakeType};

    use crate::conversation::{Event, EventKind, Side};
    use crate::diagnosis::cause::{Cause, CauseFamily};
    use crate::diagnosis::rules::test_support::{
        alert, conversation, failures, item, message, sealed, server_hello,
    };
    use crate::input::evidence::Evidence;

    /// A hello with server_name, status_request and timestamps; the suites of TLS 1.3 last, as Go sends them,
    /// or first.
    fn hello(tls13_last: bool) -> Event {
        let suites = if tls13_last { [0xc0, 0x2b, 0x13, 1] } else { [0x13, 1, 0xc0, 0x2b] };
        let names = [1, 0, 0, 31, 0, 0, 0, 14, 0, 12, 0, 0, 9];
        let more = [0, 5, 0, 5, 1, 0, 0, 0, 0, 0, 18, 0, 0];
        let body = [&[3, 3][..], &[7; 32], &[0, 0, 4], &suites, &names, b"localhost", &more].concat();
        message(Side::Client, HandshakeType::client_hello, &body)
    }

    /// The causes found where the Certificate's record has this length, and the client then sends `last`.
    fn causes(hello: Event, certificate: u16, last: Event) -> Vec<Cause> {
        let mut items = vec![hello, server_hello(true)];
        items.extend([23, certificate, 96, 53].map(|length| sealed(Side::Server, length)));
        items.extend([last, item(Side::Client, EventKind::Fin)]);
        let found = failures(&conversation(items), &Evidence::default());
        let size = format!("Certificate has {} bytes", certificate - 17);
        assert!(found.iter().any(|finding| finding.evidence.iter().any(|line| line.contains(&size))));
        // Transport, peer and tampering are not the question here.
        let causes = found.iter().map(|finding| finding.cause);
        causes.filter(|cause| cause.family() == CauseFamily::Certificate).collect()
    }

    #[test]
    fn a_chain_is_not_self_signed() {
        let unknown = || alert(Side::Client, Alert::unknown_ca);
        assert_eq!(causes(hello(false), 460, unknown())[0], Cause::CertSelfSigned);
        assert_eq!(
            causes(hello(false), 934, unknown())[..2],
            [Cause::CertUnknownIssuer, Cause::CertMissingIntermediate]
        );
    }

    #[test]
    fn a_client_that_checks_the_name_first_is_likely_to_mean_the_name() {
        let short = || sealed(Side::Client, 19);
        assert_eq!(
            causes(hello(true), 460, short())[..2],
            [Cause::CertNameMismatch, Cause::CertUnknownIssuer]
        );
        assert_eq!(causes(hello(true), 934, short())[0], Cause::CertUnknownIssuer);
        assert_eq!(causes(hello(false), 460, short())[0], Cause::CertUnknownIssuer);
    }

    #[test]
    fn a_client_that_closes_on_the_flight_may_not_trust_it() {
        let found = causes(hello(false), 460, item(Side::Client, EventKind::ChangeCipherSpec));
        assert_eq!(found.first(), Some(&Cause::CertUnknownIssuer));
    }
}
