//! Explanation of each field, shown at its first occurrence. Fields whose name, or whose extension,
//! says enough have none.

use handclasp_codec::Field;

macro_rules! fields {
    (explained { $($explained:ident = $text:literal;)+ } omitted { $($omitted:ident)+ }) => {
        /// The explanation of a field. The match is exhaustive, so a new field cannot be forgotten.
        pub(super) fn sentence(field: Field) -> Option<&'static str> {
            match field {
                $(Field::$explained => Some($text),)+
                $(Field::$omitted)|+ => None,
            }
        }
    };
}

fields! {
    explained {
    record =
        "The framing of everything TLS sends: type, version, length, then the content.";
    content_type =
        "The type of the content: 20 change_cipher_spec, 21 alert, 22 handshake, 23 application data or, in \
         TLS 1.3, anything encrypted.";
    legacy_record_version =
        "Obsolete: 03 01 in a first ClientHello, otherwise 03 03, whatever version is in use.";
    length =
        "The number of bytes that follow. It does not count itself or what precedes it; a length that does \
         makes the receiver wait for bytes that never arrive.";
    fragment =
        "The content: one message, part of one, or several.";
    level =
        "1 warning, 2 fatal. TLS 1.3 ignores it.";
    change_cipher_spec_type =
        "Always 1.";
    msg_type =
        "Which message.";
    legacy_version =
        "Frozen at 03 03 (TLS 1.2). If supported_versions is present, it decides the version.";
    random =
        "32 random bytes that make each handshake unique. Old clients put the time into the first four; a \
         server that supports a higher version than it negotiates ends its random in DOWNGRD.";
    legacy_session_id =
        "TLS 1.2: the session to resume. TLS 1.3: random bytes for middlebox compatibility. The length byte \
         must be present even if the field is empty (00).";
    cipher_suites =
        "The cipher suites that the client supports, in order of preference, two bytes each.";
    cipher_suite =
        "TLS 1.2: the key exchange, the type of the certificate's key, the cipher and the hash that derives \
         keys. TLS 1.3: only cipher and hash. The hash is unrelated to the hash in certificate signatures.";
    legacy_compression_methods =
        "Always 01 00: one method, null. TLS compression has been obsolete since the CRIME attack.";
    compression_method =
        "0: no compression.";
    legacy_session_id_echo =
        "TLS 1.3: the client's session id, echoed byte for byte. TLS 1.2: equal to the client's if the \
         session is resumed.";
    legacy_compression_method =
        "0: no compression.";
    certificate_request_context =
        "Empty during the handshake; afterwards it identifies the request being answered.";
    certificate_types =
        "Key types that the server accepts, such as RSA and ECDSA.";
    certificate_type =
        "1: RSA, 64: ECDSA; curve and hash are negotiated elsewhere.";
    supported_signature_algorithms =
        "Signature schemes that the sender can verify, in order of preference.";
    distinguished_name =
        "The name of an issuer that the server accepts. A client whose certificate has another issuer may \
         send no certificate.";
    certificate_list =
        "The chain: the sender's certificate, then the issuer of each. The root need not be sent.";
    cert_data =
        "One certificate in DER, or a raw public key.";
    asn1_cert =
        "One certificate in DER.";
    asn1_subject_public_key_info =
        "A raw public key instead of a certificate.";
    status_type =
        "1: OCSP.";
    response =
        "The issuer's signed statement about the certificate's status.";
    algorithm =
        "The signature scheme. In TLS 1.3 it fixes algorithm, curve and hash together; in TLS 1.2 0x0603 \
         means only ECDSA with SHA-512, on any curve.";
    signature =
        "The signature. ECDSA: two integers in DER, about twice as long as the key; RSA: as long as the \
         key.";
    verify_data =
        "The MAC over the handshake: 12 bytes in TLS 1.2, as long as the hash in TLS 1.3.";
    ticket_lifetime =
        "Lifetime of the ticket in seconds.";
    ticket_age_add =
        "Obscures the ticket's age, so that an observer cannot link two connections by it.";
    ticket_nonce =
        "Makes the keys derived for several tickets differ.";
    ticket =
        "Encrypted by the server for its own use; opaque to the client.";
    ticket_lifetime_hint =
        "Lifetime of the ticket in seconds.";
    request_update =
        "Whether the peer must update its keys too.";
    uncompressed_length =
        "Length of the certificate message after decompression.";
    compressed_certificate_message =
        "The certificate message, compressed.";
    params =
        "The server's half of the key exchange: the signed part.";
    curve_type =
        "3: a named curve. Other values are not used.";
    named_curve =
        "The curve of the key exchange. It may differ from the certificate's curve.";
    public =
        "A public key: on the NIST curves 04, then x, then y. It must be a point on the curve; if it is \
         not, the sender's arithmetic or memory is faulty.";
    dh_p =
        "The prime. Current clients accept no fewer than 2048 bits.";
    dh_g =
        "The generator.";
    dh_ys =
        "The server's public key.";
    psk_identity_hint =
        "The server's hint about which key to use; usually empty.";
    psk_identity =
        "The name of the pre-shared key that the client uses. The key itself is never sent.";
    encrypted =
        "RSA key exchange: the premaster secret, encrypted to the server's certificate. Obsolete: anyone \
         who obtains the private key later can decrypt the traffic.";
    extensions =
        "All later additions to the protocol, each as type, length and content.";
    max_fragment_length =
        "1 to 4: 512, 1024, 2048 or 4096 bytes.";
    record_size_limit =
        "The limit in bytes of content, in TLS 1.3 plus one for the content type.";
    server_name_list =
        "The list of names; in practice there is one.";
    name_type =
        "0: host_name.";
    host_name =
        "The host name to look for in the certificate; never an IP address.";
    responder_id_list =
        "OCSP responders that the client trusts; empty: the responder named in the certificate.";
    ec_point_format =
        "0: uncompressed.";
    protocol_name =
        "A protocol, such as h2 or http/1.1.";
    versions =
        "The versions that the client supports.";
    selected_version =
        "The version that the server chose.";
    ke_mode =
        "1: the key with an ephemeral key exchange; 0: the key alone, so that anyone who obtains it later \
         can decrypt the traffic.";
    client_shares =
        "Public keys, one for each group that the client expects the server to choose.";
    group =
        "The group that this key belongs to.";
    key_exchange =
        "The public key itself.";
    selected_group =
        "The group for which the server requests a key share.";
    renegotiated_connection =
        "Empty in a first handshake.";
    max_early_data_size =
        "The number of bytes of early data that the server accepts.";
    identities =
        "Identities of pre-shared keys, or tickets, in the client's order of preference.";
    identity =
        "The identity of a pre-shared key, or a ticket.";
    obfuscated_ticket_age =
        "The age of the ticket, obscured by ticket_age_add. 0 for external pre-shared keys.";
    binders =
        "One MAC for each identity.";
    psk_binder_entry =
        "Proves that the client has the key of that identity: an HMAC over this hello, as long as the hash \
         that the key is bound to.";
    selected_identity =
        "The index of the identity that the server accepted, counted from 0.";
    imported_identity =
        "An imported key (RFC 9258): the identity includes the protocol version and the hash it is for.";
    external_identity =
        "The identity of the key before it was imported.";
    context =
        "Context bytes that must be equal on both sides.";
    target_protocol =
        "The version that the imported key is for.";
    target_kdf =
        "The hash that the imported key is for.";
    }
    omitted {
        version
        named_group
        hash
        signature_scheme
        extension_data
    alert description change_cipher_spec handshake body client_hello server_hello hello_retry_request
    hello_request encrypted_extensions certificate_request certificate certificate_entry
    certificate_status certificate_verify finished new_session_ticket key_update end_of_early_data
    server_hello_done compressed_certificate server_key_exchange client_key_exchange extension
    extension_type opaque server_name status_request supported_groups ec_point_formats
    signature_algorithms signature_algorithms_cert use_srtp heartbeat
    application_layer_protocol_negotiation signed_certificate_timestamp client_certificate_type
    server_certificate_type encrypt_then_mac extended_master_secret compress_certificate
    delegated_credential session_ticket supported_versions cookie psk_key_exchange_modes
    certificate_authorities post_handshake_auth key_share quic_transport_parameters
    encrypted_client_hello renegotiation_info padding early_data pre_shared_key oid_filters
    server_name_entry responder_id request request_extensions named_group_list ec_point_format_list
    protocol_name_list algorithms ke_modes authorities server_share key_share_entry filters oid_filter
    certificate_extension_oid certificate_extension_values
    }
}
