//! Bounds that are ours: told as ours, with advice that fits the message.

use handclasp_codec::HandshakeType;
use handclasp_report::{Counted, Fault, Report, Side};

use super::{client, ended, says};

/// A message of 20,000 bytes where 16,384 are the limit.
fn too_large(report: Report, message: HandshakeType) -> super::Advice {
    ended(report, Fault::MessageTooLarge { message, limit: 16_384, found: 20_000 })
}

#[test]
fn too_much_in_a_hello_is_told_as_our_limit() {
    for (what, words) in [
        (Counted::Extensions, ["client_hello has 129 extensions; our limit is 128", "send fewer extensions"]),
        (Counted::KeyShares, ["client_hello has 129 key shares; our limit is 128", "HelloRetryRequest"]),
    ] {
        let fault = Fault::TooMany { what, limit: 128, found: 129 };
        let advice = ended(Report::new(Side::Server), fault);
        says(&advice, &words);
        says(&advice, &["[record.limit-exceeded] observed", "the limit is ours"]);
        assert!(!advice.to_string().contains("malformed"), "{advice}");
    }
}

#[test]
fn advice_about_a_long_message_speaks_of_that_message() {
    for (side, message, words, never) in [
        (Side::Server, HandshakeType::client_hello, "offer less", "chain"),
        (Side::Server, HandshakeType::certificate, "the client's certificate chain", "offer less"),
        (Side::Client, HandshakeType::certificate, "the server's certificate chain", "offer less"),
        (Side::Client, HandshakeType::certificate_request, "fewer certificate_authorities", "chain"),
        (
            Side::Client,
            HandshakeType::new_session_ticket,
            "smaller tickets",
            "the server's certificate chain",
        ),
        (Side::Client, HandshakeType::encrypted_extensions, "no encrypted_extensions", "chain"),
    ] {
        let report = if side == Side::Client { client() } else { Report::new(Side::Server) };
        let advice = too_large(report, message);
        says(&advice, &[words, "our limit is 16384", "[record.limit-exceeded]", "the limit is ours"]);
        assert!(!advice.to_string().contains(never), "{advice}");
    }
}
