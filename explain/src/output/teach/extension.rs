//! What each extension is for (the registry, and the RFCs that it names).

use handclasp_codec::ExtensionType as Extension;

sentences! {
    Extension {
        server_name =
            "The name that the client wants to reach, so that a server with many names shows the right certificate. \
             The server's answer is empty: that is an acknowledgement, not a missing name.";
        max_fragment_length =
            "A small device asks for records of at most 512 to 4096 bytes. The server may ignore it.";
        status_request | status_request_v2 =
            "Please show a fresh word of the issuer that the certificate is not revoked (OCSP).";
        supported_groups =
            "Curves and groups for the key exchange. Without it many servers find no suite to agree on.";
        ec_point_formats =
            "How points of curves are written. Only uncompressed is left.";
        signature_algorithms =
            "Signatures that this end can check. In TLS 1.2 the pair (hash, ECDSA) says nothing about the curve. \
             Without it TLS 1.2 assumes SHA-1, which is refused today.";
        signature_algorithms_cert =
            "The same for signatures inside of certificates, where it differs.";
        use_srtp =
            "Keys for media streams are to be derived from this handshake.";
        heartbeat =
            "Keep-alive messages; known for Heartbleed.";
        application_layer_protocol_negotiation =
            "ALPN: which protocol will be spoken inside, such as h2 or http/1.1.";
        signed_certificate_timestamp =
            "Proof that the certificate stands in a public log.";
        client_certificate_type | server_certificate_type =
            "Certificates or bare public keys (RFC 7250).";
        padding =
            "Zeros: makes the hello longer, because some old servers stumble over certain lengths.";
        encrypt_then_mac =
            "For CBC suites only: encrypt first, authenticate then. With GCM, CCM or ChaCha20 it means nothing.";
        extended_master_secret =
            "TLS 1.2: binds the keys to all that was said before, against an attacker in the middle. Some clients \
             insist on it.";
        compress_certificate =
            "Certificates may come compressed.";
        record_size_limit =
            "The largest record that this end takes (RFC 8449).";
        delegated_credential =
            "A short-lived key in place of the certificate's own.";
        session_ticket =
            "TLS 1.2: the client can keep a sealed session (empty), or shows one.";
        pre_shared_key =
            "TLS 1.3: identities of keys that both ends should have, and for each a binder: a checksum that only \
             the owner of the key can make. It must stand last.";
        early_data =
            "The client sends data before the server has answered (0-RTT).";
        supported_versions =
            "The versions, really: the version at the head of the hello is frozen at TLS 1.2.";
        cookie =
            "The server's own words, to be sent back with the second ClientHello.";
        psk_key_exchange_modes =
            "How a pre-shared key may be used: alone, or with a fresh key exchange (which is better).";
        certificate_authorities =
            "Issuers that this end trusts, by their names.";
        oid_filters =
            "Rules for the client's certificate.";
        post_handshake_auth =
            "The client can show its certificate later, when asked.";
        key_share =
            "TLS 1.3: a fresh public key for one group or two, in the hope that the server takes one. If it wants \
             another group it asks again (HelloRetryRequest).";
        quic_transport_parameters =
            "Settings of QUIC, which carries this handshake.";
        encrypted_client_hello =
            "The real ClientHello, encrypted, within this one; or noise that looks so.";
        renegotiation_info =
            "RFC 5746: this end knows how to renegotiate without being tricked. Some clients insist on it.";
        application_settings | application_settings_old =
            "Settings of the application protocol, ahead of time (browsers).";
        next_protocol_negotiation =
            "The forerunner of ALPN.";
    }
}
