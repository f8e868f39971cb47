//! What each extension is for (the registry, and the RFCs that it names).
//!
//! Called by: `teach`.

use handclasp_codec::ExtensionType as Extension;

/// One sentence or two; nothing for those that are hardly ever seen.
pub(super) fn sentence(extension: Extension) -> Option<&'static str> {
    if extension.is_grease() {
        return Some(
            "GREASE (RFC 8701): a number that means nothing, to see that the other end passes over it.",
        );
    }
    Some(match extension {
        Extension::server_name => {
            "The name that the client wants to reach, so that a server with many names shows the right certificate. \
             The server's answer is empty: that is an acknowledgement, not a missing name."
        }
        Extension::max_fragment_length => {
            "A small device asks for records of at most 512 to 4096 bytes. The server may ignore it."
        }
        Extension::status_request | Extension::status_request_v2 => {
            "Please show a fresh word of the issuer that the certificate is not revoked (OCSP)."
        }
        Extension::supported_groups => {
            "Curves and groups for the key exchange. Without it many servers find no suite to agree on."
        }
        Extension::ec_point_formats => "How points of curves are written. Only uncompressed is left.",
        Extension::signature_algorithms => {
            "Signatures that this end can check. In TLS 1.2 the pair (hash, ECDSA) says nothing about the curve. \
             Without it TLS 1.2 assumes SHA-1, which is refused today."
        }
        Extension::signature_algorithms_cert => {
            "The same for signatures inside of certificates, where it differs."
        }
        Extension::use_srtp => "Keys for media streams are to be derived from this handshake.",
        Extension::heartbeat => "Keep-alive messages; known for Heartbleed.",
        Extension::application_layer_protocol_negotiation => {
            "ALPN: which protocol will be spoken inside, such as h2 or http/1.1."
        }
        Extension::signed_certificate_timestamp => "Proof that the certificate stands in a public log.",
        Extension::client_certificate_type | Extension::server_certificate_type => {
            "Certificates or bare public keys (RFC 7250)."
        }
        Extension::padding => {
            "Zeros: makes the hello longer, because some old servers stumble over certain lengths."
        }
        Extension::encrypt_then_mac => {
            "For CBC suites only: encrypt first, authenticate then. With GCM, CCM or ChaCha20 it means nothing."
        }
        Extension::extended_master_secret => {
            "TLS 1.2: binds the keys to all that was said before, against an attacker in the middle. Some clients \
             insist on it."
        }
        Extension::compress_certificate => "Certificates may come compressed.",
        Extension::record_size_limit => "The largest record that this end takes (RFC 8449).",
        Extension::delegated_credential => "A short-lived key in place of the certificate's own.",
        Extension::session_ticket => "TLS 1.2: the client can keep a sealed session (empty), or shows one.",
        Extension::pre_shared_key => {
            "TLS 1.3: identities of keys that both ends should have, and for each a binder: a checksum that only \
             the owner of the key can make. It must stand last."
        }
        Extension::early_data => "The client sends data before the server has answered (0-RTT).",
        Extension::supported_versions => {
            "The versions, really: the version at the head of the hello is frozen at TLS 1.2."
        }
        Extension::cookie => "The server's own words, to be sent back with the second ClientHello.",
        Extension::psk_key_exchange_modes => {
            "How a pre-shared key may be used: alone, or with a fresh key exchange (which is better)."
        }
        Extension::certificate_authorities => "Issuers that this end trusts, by their names.",
        Extension::oid_filters => "Rules for the client's certificate.",
        Extension::post_handshake_auth => "The client can show its certificate later, when asked.",
        Extension::key_share => {
            "TLS 1.3: a fresh public key for one group or two, in the hope that the server takes one. If it wants \
             another group it asks again (HelloRetryRequest)."
        }
        Extension::quic_transport_parameters => "Settings of QUIC, which carries this handshake.",
        Extension::encrypted_client_hello => {
            "The real ClientHello, encrypted, within this one; or noise that looks so."
        }
        Extension::renegotiation_info => {
            "RFC 5746: this end knows how to renegotiate without being tricked. Some clients insist on it."
        }
        Extension::application_settings | Extension::application_settings_old => {
            "Settings of the application protocol, ahead of time (browsers)."
        }
        Extension::next_protocol_negotiation => "The forerunner of ALPN.",
        // The registry is long and open.
        _ => return None,
    })
}
