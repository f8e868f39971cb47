//! Purpose of each extension (the IANA registry and the RFCs it refers to).

use handclasp_codec::ExtensionType as Extension;

sentences! {
    Extension {
        server_name =
            "The host name that the client connects to, so that a server hosting many names sends the right \
             certificate. The server's response is empty: that is an acknowledgement, not a missing name.";
        max_fragment_length =
            "Requests records of at most 512, 1024, 2048 or 4096 bytes, for small devices. The server may \
             ignore it.";
        status_request | status_request_v2 =
            "Requests a recent statement of the issuer that the certificate is not revoked (OCSP stapling).";
        supported_groups =
            "Groups for the key exchange, such as curves. Without it many servers find no cipher suite in \
             common.";
        ec_point_formats =
            "The encoding of curve points. Only uncompressed is still in use.";
        signature_algorithms =
            "Signature schemes that the sender can verify. In TLS 1.2 the pair (hash, ECDSA) does not \
             constrain the curve. Without this extension TLS 1.2 assumes SHA-1, which current peers \
             refuse.";
        signature_algorithms_cert =
            "The schemes for signatures inside certificates, where they differ.";
        use_srtp =
            "Requests keys for media streams (DTLS-SRTP), derived from this handshake.";
        heartbeat =
            "Keep-alive messages; known for Heartbleed.";
        application_layer_protocol_negotiation =
            "ALPN: the application protocol to use, such as h2 or http/1.1.";
        signed_certificate_timestamp =
            "Proof that the certificate is in a public log (Certificate Transparency).";
        client_certificate_type | server_certificate_type =
            "Whether certificates or raw public keys are used (RFC 7250).";
        padding =
            "Zeros that lengthen the hello, because some old servers fail on certain lengths.";
        encrypt_then_mac =
            "For CBC suites only: the record is encrypted first, then authenticated. It has no effect with \
             GCM, CCM or ChaCha20.";
        extended_master_secret =
            "TLS 1.2: binds the keys to all preceding handshake messages, against an attacker in the \
             middle. Some clients require it.";
        compress_certificate =
            "Certificates may be sent compressed.";
        record_size_limit =
            "The largest record that the sender accepts (RFC 8449).";
        delegated_credential =
            "A short-lived key in place of the certificate's own.";
        session_ticket =
            "TLS 1.2: the client supports session tickets (empty), or presents one.";
        pre_shared_key =
            "TLS 1.3: identities of keys that both sides should have, and for each a binder: a MAC that \
             requires the key. It must be the last extension.";
        early_data =
            "The client sends data before the server has answered (0-RTT).";
        supported_versions =
            "The actual versions: the version field at the start of the hello is frozen at TLS 1.2.";
        cookie =
            "Opaque data of the server, to be returned in the second ClientHello.";
        psk_key_exchange_modes =
            "How a pre-shared key may be used: alone, or with an ephemeral key exchange (recommended).";
        certificate_authorities =
            "Names of the issuers that the sender trusts.";
        oid_filters =
            "Requirements on the extensions of the client's certificate.";
        post_handshake_auth =
            "The client can authenticate with a certificate after the handshake, on request.";
        key_share =
            "TLS 1.3: an ephemeral public key for one or two groups that the server is expected to accept. \
             If it prefers another group it requests a new hello (HelloRetryRequest).";
        quic_transport_parameters =
            "Settings of QUIC, which carries this handshake.";
        encrypted_client_hello =
            "The actual ClientHello, encrypted inside this one; or random bytes that look like it (GREASE).";
        renegotiation_info =
            "RFC 5746: the sender supports secure renegotiation. Some clients require it.";
        application_settings | application_settings_old =
            "Settings of the application protocol, exchanged early (browsers).";
        next_protocol_negotiation =
            "The predecessor of ALPN.";
    }
}
