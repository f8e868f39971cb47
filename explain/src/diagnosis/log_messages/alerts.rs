//! Alerts that a log names, by number or in the words of each library, and whether the program that wrote
//! the log received or sent them.

use handclasp_codec::AlertDescription as Alert;

use super::messages::openssl_alert;
use super::says::Says;
use crate::diagnosis::cause::Cause;
use crate::input::capture_event::Side;

/// The alert in a line in lower case.
pub(super) fn says(lower: &str) -> Option<Says> {
    // Python and BoringSSL write the reason in capitals with underscores.
    let spaced = lower.replace('_', " ");
    for form in FORMS {
        let Some((_, behind)) = spaced.split_once(form.before) else { continue };
        let alert = match form.then {
            Then::Number => number(behind),
            Then::CurlNumber => behind.split_once('(').and_then(|(_, digits)| curl(digits)),
            Then::Name => name(behind),
            Then::NssName => behind.split_once(" alert").and_then(|(words, _)| nss(words)),
        };
        if let Some(alert) = alert {
            return Some(if form.sent { Says::AlertSent(alert) } else { Says::AlertCame(alert) });
        }
    }
    openssl_alert(lower).map(|alert| Says::AlertCame(Alert(alert)))
}

/// What follows the words before an alert.
enum Then {
    Number,
    Name,
    /// A name of NSS, which ends in `_ALERT`.
    NssName,
    /// A name, then level and description as one number in parentheses.
    CurlNumber,
}

/// Words before an alert, with spaces for underscores.
struct Form {
    before: &'static str,
    then: Then,
    sent: bool,
}

const fn came(before: &'static str, then: Then) -> Form {
    Form { before, then, sent: false }
}

const fn sent(before: &'static str, then: Then) -> Form {
    Form { before, then, sent: true }
}

const FORMS: &[Form] = &[
    // OpenSSL, with the number where the line has one.
    came("ssl alert number ", Then::Number),
    came("alert read:fatal:", Then::Name),
    sent("alert write:fatal:", Then::Name),
    sent("ssl alert (write): fatal: ", Then::Name),
    came("ssl alert (read): fatal: ", Then::Name),
    sent("tls alert (write): fatal: ", Then::Name),
    came("tls alert (read): fatal: ", Then::Name),
    came("ssl/tls alert ", Then::Name),
    came("sslv3 alert ", Then::Name),
    came("tlsv1 alert ", Then::Name),
    came("tlsv13 alert ", Then::Name),
    came("tlsv1 ", Then::Name),
    // curl -v.
    came("(in), tls alert, ", Then::CurlNumber),
    sent("(out), tls alert, ", Then::CurlNumber),
    // GnuTLS, Mbed TLS, BearSSL.
    came("received alert [", Then::Number),
    came("fatal alert message (msg ", Then::Number),
    sent("send alert level=2 message=", Then::Number),
    came("alert: number ", Then::Number),
    came("received fatal alert ", Then::Number),
    // Java, rustls, tlslite.
    came("received fatal alert: ", Then::Name),
    came("received fatal alert ", Then::Name),
    came("tlsremotealert ", Then::Name),
    // Leshan and Californium.
    came("received 'fatal alert/", Then::Name),
    // The debug log of Java.
    sent("alert:  fatal, description = ", Then::Name),
    came("alert:  fatal, ", Then::Name),
    sent("fatal (", Then::Name),
    // Go.
    came("remote error: tls: alert(", Then::Number),
    came("remote error: tls: ", Then::Name),
    sent("local error: tls: ", Then::Name),
    // Erlang.
    came("received server alert: fatal - ", Then::Name),
    came("received client alert: fatal - ", Then::Name),
    sent("generated server alert: fatal - ", Then::Name),
    sent("generated client alert: fatal - ", Then::Name),
    // Bouncy Castle.
    came("tlsfatalalertreceived: ", Then::Name),
    sent("tlsfatalalert: ", Then::Name),
    // Apple.
    came("read alert, level: fatal, description: ", Then::Name),
    sent("write alert, level: fatal, description: ", Then::Name),
    // NSS and Chrome.
    came("ssl error rx ", Then::NssName),
    came("ssl error ", Then::NssName),
    came("err ssl ", Then::NssName),
    // Schannel's events 36887 and 36888.
    came(
        "alert was received from the remote endpoint. the tls protocol defined fatal alert code is ",
        Then::Number,
    ),
    sent(
        "alert was generated and sent to the remote endpoint. this may result in termination of the connection. \
         the tls protocol defined fatal error code is ",
        Then::Number,
    ),
    came("following fatal alert was received: ", Then::Number),
    sent("following fatal alert was generated: ", Then::Number),
];

/// The decimal number at the beginning.
fn number(text: &str) -> Option<Alert> {
    let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
    digits.parse::<u8>().ok().map(Alert)
}

/// curl prints level and description as one number: 552 is 0x228, fatal and 40.
fn curl(text: &str) -> Option<Alert> {
    let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
    let both = digits.parse::<u16>().ok()?;
    let [_, description] = both.to_be_bytes();
    // Level 1 is a warning, such as close_notify.
    (both >> 8 == 2).then_some(Alert(description))
}

/// The alert whose name stands at the beginning, with or without spaces between its words. The longest
/// name that fits.
fn name(text: &str) -> Option<Alert> {
    let letters = |text: &str| -> String { text.chars().filter(char::is_ascii_alphanumeric).collect() };
    let text = letters(&text.chars().take(60).collect::<String>());
    let registered = (0..=u8::MAX).map(Alert).filter_map(|alert| Some((letters(alert.name()?), alert)));
    let other = OTHER_NAMES.iter().map(|(name, alert)| (letters(name), *alert));
    registered
        .chain(other)
        .filter(|(name, _)| text.starts_with(name.as_str()))
        .max_by_key(|(name, _)| name.len())
        .map(|(_, alert)| alert)
}

/// The alert of a name of NSS.
fn nss(words: &str) -> Option<Alert> {
    let short = [
        ("bad cert", Alert::bad_certificate),
        ("unsupported cert", Alert::unsupported_certificate),
        ("revoked cert", Alert::certificate_revoked),
        ("expired cert", Alert::certificate_expired),
        ("bad mac", Alert::bad_record_mac),
        ("bad record mac", Alert::bad_record_mac),
        ("handshake unexpected", Alert::unexpected_message),
    ];
    short.into_iter().find(|(name, _)| *name == words).map(|(_, alert)| alert).or_else(|| name(words))
}

/// Causes of which one is likely where this alert is all that is known, the likeliest first; none where
/// the alert has one meaning or too many.
pub(crate) fn candidates(alert: Alert, by: Side) -> &'static [Cause] {
    match (alert, by) {
        // Go refuses a server certificate with bad_certificate whatever the reason; OpenSSL has alerts of
        // their own for issuer and dates.
        (Alert::bad_certificate, Side::Client) => {
            &[Cause::CertNoSan, Cause::CertUnknownIssuer, Cause::CertNameMismatch]
        }
        (Alert::certificate_unknown, Side::Client) => {
            // The last one is of clients that know the server by its key, as ours.
            &[Cause::CertUnknownIssuer, Cause::CertNameMismatch, Cause::CertExpired, Cause::PinChangedKey]
        }
        (Alert::unsupported_certificate, Side::Client) => &[Cause::CertEku, Cause::CertProfile],
        (Alert::bad_certificate | Alert::certificate_unknown, Side::Server) => {
            &[Cause::ClientCertUnknownIssuer, Cause::ClientCertMissing, Cause::ClientCertExpired]
        }
        (Alert::unsupported_certificate, Side::Server) => &[Cause::ClientCertEku, Cause::ClientCertProfile],
        // gnutls-serv sends it for every certificate that does not verify.
        (Alert::access_denied, Side::Server) => {
            &[Cause::ClientCertNotAllowed, Cause::ClientCertUnknownIssuer, Cause::ClientCertRevoked]
        }
        (Alert::bad_record_mac, _) => &[Cause::KeyExchangeKeysDiffer, Cause::PskValueDiffers],
        (Alert::insufficient_security, Side::Server) => &[Cause::SuiteNoneInCommon, Cause::GroupNoneInCommon],
        (Alert::insufficient_security, Side::Client) => &[Cause::PolicyWeakDh, Cause::CertWeakKey],
        (Alert::record_overflow, _) => &[Cause::TransportNotTlsOther, Cause::RecordTooLarge],
        (Alert::decode_error, _) => &[Cause::MessageMalformed],
        (Alert::no_renegotiation, _) => &[Cause::PolicyRenegotiationRefused],
        _ => &[],
    }
}

/// The side that a log belongs to where only the alert that came shows it. Nearly every client judges the
/// server's certificate; few servers ask for one.
pub(super) fn receiver(alert: Alert) -> Side {
    match alert {
        Alert::bad_certificate
        | Alert::unsupported_certificate
        | Alert::certificate_revoked
        | Alert::certificate_expired
        | Alert::certificate_unknown
        | Alert::unknown_ca => Side::Server,
        _ => Side::Client,
    }
}

/// Words of OpenSSL, Go, Erlang and Java that differ from the registry.
const OTHER_NAMES: &[(&str, Alert)] = &[
    ("unsupported certificate", Alert::unsupported_certificate),
    ("revoked certificate", Alert::certificate_revoked),
    ("expired certificate", Alert::certificate_expired),
    ("unknown certificate", Alert::certificate_unknown),
    ("unknown certificate authority", Alert::unknown_ca),
    ("error decoding message", Alert::decode_error),
    ("error decrypting message", Alert::decrypt_error),
    ("protocol version not supported", Alert::protocol_version),
    ("insufficient security level", Alert::insufficient_security),
    ("handshake failed", Alert::handshake_failure),
    ("unrecognised name", Alert::unrecognized_name),
    ("decryption failed", Alert(21)),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_program_in_its_own_words() {
        for (line, alert) in [
            ("[ssl: sslv3_alert_certificate_unknown] sslv3 alert certificate unknown (_ssl.c:1007)", 46),
            ("error:0a000418:ssl routines::tlsv1 alert unknown ca", 48),
            ("ssl routines:ssl3_read_bytes:tlsv1 unrecognized name:ssl alert number 112", 112),
            ("remote error: tls: unknown certificate", 46),
            ("remote error: tls: unknown certificate authority", 48),
            ("remote error: tls: error decrypting message", 51),
            ("remote error: tls: bad record mac", 20),
            ("in state connection received server alert: fatal - unknown ca", 48),
            ("* tlsv1.3 (in), tls alert, handshake failure (552):", 40),
            ("org.bouncycastle.tls.tlsfatalalertreceived: bad_record_mac(20)", 20),
            (
                "boringssl_context_handle_fatal_alert(1763) read alert, level: fatal, description: protocol version",
                70,
            ),
            ("openssl_internal:tlsv1_alert_protocol_version", 70),
            ("error = 'received fatal alert 40 '", 40),
            (
                "a fatal alert was received from the remote endpoint. the tls protocol defined fatal alert code is 70.",
                70,
            ),
        ] {
            assert_eq!(says(line), Some(Says::AlertCame(Alert(alert))), "{line}");
        }
        for (line, alert) in [
            ("tls server: in state wait_cert generated server alert: fatal - unsupported certificate", 43),
            ("ssl alert (write): fatal: internal error", 80),
            ("* tlsv1.3 (out), tls alert, unknown ca (560):", 48),
        ] {
            assert_eq!(says(line), Some(Says::AlertSent(Alert(alert))), "{line}");
        }
    }

    #[test]
    fn a_warning_or_an_unknown_name_is_not_a_refusal() {
        assert_eq!(says("* tlsv1.3 (in), tls alert, close notify (256):"), None);
        assert_eq!(says("remote error: tls: something new"), None);
        assert_eq!(says("tlsv1.3 connection established"), None);
    }
}
