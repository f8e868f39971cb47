//! What each alert means, and what it usually comes from (RFC 8446 §6, RFC 5246 §7.2).

use handclasp_codec::AlertDescription as Alert;

sentences! {
    Alert {
        close_notify =
            "The orderly goodbye: nothing more will come. No failure.";
        unexpected_message =
            "A message at the wrong time, or of the wrong kind.";
        bad_record_mac =
            "A record did not authenticate. On the first encrypted record the two ends hold different keys: with a \
             pre-shared key, different bytes of it. Later, bytes were changed on the way.";
        decryption_failed =
            "As bad_record_mac, in TLS 1.0; telling the two apart helped attackers.";
        record_overflow =
            "A record was longer than permitted, or than the limit agreed.";
        decompression_failure =
            "Compressed data that does not unpack. TLS is not compressed any more.";
        handshake_failure =
            "No agreement: no suite, group or signature in common, or something required is missing. The most \
             general refusal; the reason stands in the offers.";
        no_certificate =
            "SSL 3: the client has no certificate.";
        bad_certificate =
            "A certificate is damaged, or one of its rules is broken: often the wrong name.";
        unsupported_certificate =
            "A certificate of a kind, or for a purpose, that will not do.";
        certificate_revoked =
            "The issuer has taken the certificate back.";
        certificate_expired =
            "The certificate is past its end, or the clock that says so is wrong.";
        certificate_unknown =
            "The certificate was refused for another reason: often not yet valid, or by the application.";
        illegal_parameter =
            "A value contradicts what was agreed, or cannot be: a point off its curve, a choice not offered; in TLS \
             1.3 OpenSSL says so of a pre-shared key that does not fit.";
        unknown_ca =
            "No way from the certificate to a root that the refusing end trusts.";
        access_denied =
            "The certificate is good, and its owner is not allowed in.";
        decode_error =
            "A message does not parse: a length is wrong, or something is missing.";
        decrypt_error =
            "A signature, Finished or binder does not verify.";
        too_many_cids_requested =
            "DTLS: more connection ids were wanted than there are.";
        export_restriction =
            "A relic of the time of weak export ciphers.";
        protocol_version =
            "No version in common: one end is too old, or the other too new.";
        insufficient_security =
            "The server wants stronger algorithms than the client offers.";
        internal_error =
            "The sender failed in itself; its log knows why.";
        inappropriate_fallback =
            "The client tried again with a lower version although both can do more. An attacker, or a first try that \
             failed for another reason.";
        user_canceled =
            "Somebody gave up on purpose.";
        no_renegotiation =
            "A new handshake on the same connection is declined. Not fatal.";
        missing_extension =
            "An extension that must be there is not: often server_name or key_share.";
        unsupported_extension =
            "An answer to an extension that was never offered.";
        certificate_unobtainable =
            "A certificate could not be fetched from its URL.";
        unrecognized_name =
            "The server has nothing for the name in server_name, or there was none.";
        bad_certificate_status_response =
            "The OCSP response is wrong or outdated.";
        bad_certificate_hash_value =
            "A fetched certificate is not the one announced.";
        unknown_psk_identity =
            "The server has no pre-shared key of that identity.";
        certificate_required =
            "TLS 1.3: the server requires a client certificate, and none came.";
        general_error =
            "An error that has no number of its own.";
        no_application_protocol =
            "None of the application protocols offered (ALPN) suits the server.";
        ech_required =
            "Encrypted ClientHello was required and did not happen.";
    }
}
