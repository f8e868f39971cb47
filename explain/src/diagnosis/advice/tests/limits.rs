//! Bounds that are ours: told as ours, with advice that fits the message.

use handclasp_codec::{AlertDescription, CipherSuite, ExtensionType, HandshakeType, NamedGroup};
use handclasp_report::{Counted, Fault, Report, Side, Tag, Uint};

use super::{client, ended, says};

/// A message of 20,000 bytes where 16,384 are the limit.
fn too_large(report: Report, message: HandshakeType) -> super::Advice {
    ended(
        report,
        Fault::MessageTooLarge { message, limit: Uint::saturating(16_384), found: Uint::saturating(20_000) },
    )
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

/// A stateless server that has asked for another share.
fn retried(cookie: bool) -> Report {
    let mut report = Report::new(Side::Server);
    let types = [ExtensionType::supported_groups, ExtensionType::key_share];
    super::offers(&mut report, &[super::TLS13], &[CipherSuite::TLS_AES_128_GCM_SHA256], &types);
    super::note(&mut report, Side::Server, Tag::ChosenVersion, &[super::TLS13]);
    super::note(&mut report, Side::Server, Tag::ChosenSuite, &[CipherSuite::TLS_AES_128_GCM_SHA256]);
    report.note_words(Side::Server, Tag::HelloRetry, core::iter::once(NamedGroup::secp384r1));
    if cookie {
        report.note(Side::Server, Tag::RetryCookie, &[]);
    }
    report
}

#[test]
fn a_client_that_refuses_our_cookie_is_told_as_that() {
    let refused = |report, alert| super::refused(report, alert);
    let advice = refused(retried(true), AlertDescription::unsupported_extension);
    says(
        &advice,
        &[
            "The client refused us, the server",
            "the only extension that the client had not asked for is the cookie",
            "RFC 8446 §4.2",
            "serve without `--stateless-retry`",
            "a cookie with that",
        ],
    );
    let advice = refused(retried(true), AlertDescription::illegal_parameter);
    says(&advice, &["which carries a cookie", "serve without `--stateless-retry`"]);
    // Without a cookie, and later on, it is something else.
    let mut later = retried(true);
    later.note_words(Side::Server, Tag::ChosenGroup, core::iter::once(NamedGroup::secp384r1));
    for report in [retried(false), later] {
        let advice = refused(report, AlertDescription::unsupported_extension);
        assert!(!advice.to_string().contains("--stateless-retry"), "{advice}");
    }
    // One that forgets the cookie.
    let advice = ended(retried(true), Fault::MissingExtension(ExtensionType::cookie));
    says(&advice, &["lacks the extension cookie", "must bring back", "serve without `--stateless-retry`"]);
}
