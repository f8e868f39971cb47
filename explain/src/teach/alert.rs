//! What each alert means, and what it usually comes from (RFC 8446 §6, RFC 5246 §7.2).
//!
//! Called by: `teach`.

use handclasp_codec::AlertDescription as Alert;

/// One sentence or two; nothing for numbers without a name.
pub(super) fn sentence(alert: Alert) -> Option<&'static str> {
    Some(match alert {
        Alert::close_notify => "The orderly goodbye: nothing more will come. No failure.",
        Alert::unexpected_message => "A message at the wrong time, or of the wrong kind.",
        Alert::bad_record_mac => {
            "A record did not authenticate. On the first encrypted record the two ends hold different keys: with a \
             pre-shared key, different bytes of it. Later, bytes were changed on the way."
        }
        Alert::decryption_failed => "As bad_record_mac, in TLS 1.0; telling the two apart helped attackers.",
        Alert::record_overflow => "A record was longer than permitted, or than the limit agreed.",
        Alert::decompression_failure => {
            "Compressed data that does not unpack. TLS is not compressed any more."
        }
        Alert::handshake_failure => {
            "No agreement: no suite, group or signature in common, or something required is missing. The most \
             general refusal; the reason stands in the offers."
        }
        Alert::no_certificate => "SSL 3: the client has no certificate.",
        Alert::bad_certificate => {
            "A certificate is damaged, or one of its rules is broken: often the wrong name."
        }
        Alert::unsupported_certificate => "A certificate of a kind, or for a purpose, that will not do.",
        Alert::certificate_revoked => "The issuer has taken the certificate back.",
        Alert::certificate_expired => "The certificate is past its end, or the clock that says so is wrong.",
        Alert::certificate_unknown => {
            "The certificate was refused for another reason: often not yet valid, or by the application."
        }
        Alert::illegal_parameter => {
            "A value contradicts what was agreed, or cannot be: a point off its curve, a choice not offered; in TLS \
             1.3 OpenSSL says so of a pre-shared key that does not fit."
        }
        Alert::unknown_ca => "No way from the certificate to a root that the refusing end trusts.",
        Alert::access_denied => "The certificate is good, and its owner is not allowed in.",
        Alert::decode_error => "A message does not parse: a length is wrong, or something is missing.",
        Alert::decrypt_error => "A signature, Finished or binder does not verify.",
        Alert::too_many_cids_requested => "DTLS: more connection ids were wanted than there are.",
        Alert::export_restriction => "A relic of the time of weak export ciphers.",
        Alert::protocol_version => "No version in common: one end is too old, or the other too new.",
        Alert::insufficient_security => "The server wants stronger algorithms than the client offers.",
        Alert::internal_error => "The sender failed in itself; its log knows why.",
        Alert::inappropriate_fallback => {
            "The client tried again with a lower version although both can do more. An attacker, or a first try that \
             failed for another reason."
        }
        Alert::user_canceled => "Somebody gave up on purpose.",
        Alert::no_renegotiation => "A new handshake on the same connection is declined. Not fatal.",
        Alert::missing_extension => "An extension that must be there is not: often server_name or key_share.",
        Alert::unsupported_extension => "An answer to an extension that was never offered.",
        Alert::certificate_unobtainable => "A certificate could not be fetched from its URL.",
        Alert::unrecognized_name => "The server has nothing for the name in server_name, or there was none.",
        Alert::bad_certificate_status_response => "The OCSP response is wrong or outdated.",
        Alert::bad_certificate_hash_value => "A fetched certificate is not the one announced.",
        Alert::unknown_psk_identity => "The server has no pre-shared key of that identity.",
        Alert::certificate_required => "TLS 1.3: the server requires a client certificate, and none came.",
        Alert::general_error => "An error that has no number of its own.",
        Alert::no_application_protocol => {
            "None of the application protocols offered (ALPN) suits the server."
        }
        Alert::ech_required => "Encrypted ClientHello was required and did not happen.",
        // The registry is open.
        _ => return None,
    })
}
