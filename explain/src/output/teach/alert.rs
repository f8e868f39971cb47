//! Meaning and usual cause of each alert (RFC 8446 §6, RFC 5246 §7.2).

use handclasp_codec::AlertDescription as Alert;

sentences! {
    Alert {
        close_notify =
            "Orderly shutdown: the sender will send no more data. Not an error.";
        unexpected_message =
            "A message of the wrong type, or at the wrong time.";
        bad_record_mac =
            "A record failed authentication. On the first encrypted record, the two sides have different \
             keys: with a pre-shared key, different bytes of it. On a later record, bytes were changed in \
             transit.";
        decryption_failed =
            "Like bad_record_mac, in TLS 1.0; distinguishing the two helped attackers.";
        record_overflow =
            "A record was longer than permitted or than the negotiated limit.";
        decompression_failure =
            "Compressed data could not be decompressed. TLS compression is obsolete.";
        handshake_failure =
            "Negotiation failed: no cipher suite, group or signature scheme in common, or something \
             required is missing. The most general alert; the offers show the reason.";
        no_certificate =
            "SSL 3: the client has no certificate.";
        bad_certificate =
            "A certificate is malformed or unacceptable: often it is for another name.";
        unsupported_certificate =
            "A certificate of an unsupported type, or not valid for this purpose.";
        certificate_revoked =
            "The issuer has revoked the certificate.";
        certificate_expired =
            "The certificate has expired, or the verifier's clock is wrong.";
        certificate_unknown =
            "The certificate was rejected for another reason: often it is not yet valid, or the application \
             rejected it.";
        illegal_parameter =
            "A value is invalid or contradicts the negotiation: a point that is not on its curve, a choice \
             that was not offered; in TLS 1.3 OpenSSL also sends it when a pre-shared key does not match.";
        unknown_ca =
            "The sender of this alert found no chain from the certificate to a root it trusts.";
        access_denied =
            "The certificate is valid, but its owner is denied access.";
        decode_error =
            "A message could not be parsed: a length is wrong, or a field is missing.";
        decrypt_error =
            "A signature, Finished or binder does not verify.";
        too_many_cids_requested =
            "DTLS: too many connection ids were requested.";
        export_restriction =
            "Obsolete: from the time of export-grade ciphers.";
        protocol_version =
            "No version in common: one side is too old, or the other too new.";
        insufficient_security =
            "The server requires stronger algorithms than the client offers.";
        internal_error =
            "An internal error of the sender, unrelated to its peer; its log may state the reason.";
        inappropriate_fallback =
            "The client retried with a lower version although both sides support a higher one: an attacker, \
             or a first attempt that failed for another reason.";
        user_canceled =
            "The handshake was cancelled deliberately.";
        no_renegotiation =
            "The sender declines a new handshake on the same connection. Not fatal.";
        missing_extension =
            "A required extension is missing: often server_name or key_share.";
        unsupported_extension =
            "A response to an extension that was not offered.";
        certificate_unobtainable =
            "A certificate could not be retrieved from its URL.";
        unrecognized_name =
            "The server does not serve the name in server_name, or server_name was absent.";
        bad_certificate_status_response =
            "The OCSP response is invalid or outdated.";
        bad_certificate_hash_value =
            "A retrieved certificate is not the one announced.";
        unknown_psk_identity =
            "The server has no pre-shared key of that identity.";
        certificate_required =
            "TLS 1.3: the server requires a client certificate, and the client sent none.";
        general_error =
            "An error without an alert of its own.";
        no_application_protocol =
            "The server supports none of the application protocols offered (ALPN).";
        ech_required =
            "Encrypted ClientHello was required but was not used.";
    }
}
