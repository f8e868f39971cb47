//! What each field is for, the first time that a reader meets it. Where the name says it, or the
//! extension around it does, there is nothing to say.

use handclasp_codec::Field;

macro_rules! fields {
    (said { $($said:ident = $text:literal;)+ } unsaid { $($unsaid:ident)+ }) => {
        /// One sentence or two; every field stands here, so that none is forgotten.
        pub(super) fn sentence(field: Field) -> Option<&'static str> {
            match field {
                $(Field::$said => Some($text),)+
                $(Field::$unsaid)|+ => None,
            }
        }
    };
}

fields! {
    said {
    record =
        "The envelope of everything: type, version, length, then the content.";
    content_type =
        "What is inside: 20 change_cipher_spec, 21 alert, 22 handshake, 23 application data or, in TLS \
         1.3, anything encrypted.";
    legacy_record_version =
        "Means nothing any more: 03 01 in a first ClientHello, 03 03 else, whatever the version is.";
    length =
        "How many bytes follow. It does not count itself or what stands before it; a length that does \
         makes the other end wait for bytes that never come.";
    fragment =
        "The content: a message, a part of one, or several.";
    level =
        "1 warning, 2 fatal. TLS 1.3 does not look at it.";
    change_cipher_spec_type =
        "Always 1.";
    msg_type =
        "Which message.";
    legacy_version =
        "Frozen at 03 03 (TLS 1.2). Where supported_versions is sent, that one counts.";
    random =
        "32 fresh bytes, so that no two handshakes are alike. Old clients put their clock into the first \
         four; a server that could do more ends its own in DOWNGRD.";
    legacy_session_id =
        "TLS 1.2: a session to be resumed. TLS 1.3: random bytes that only please middleboxes. Its length \
         byte must be there even if it is empty (00).";
    cipher_suites =
        "All algorithms that the client can do, its favourites first, two bytes each.";
    cipher_suite =
        "In TLS 1.2 key exchange, certificate's kind of key, cipher and the hash that derives keys; in \
         TLS 1.3 only cipher and hash. The hash has nothing to do with the one in certificates.";
    legacy_compression_methods =
        "Always 01 00: one method, none. Compression inside TLS is dead since CRIME.";
    compression_method =
        "0: none.";
    legacy_session_id_echo =
        "TLS 1.3: the client's session id, repeated byte for byte. TLS 1.2: the same as the client's if \
         the session is resumed.";
    legacy_compression_method =
        "0: none.";
    certificate_request_context =
        "Empty in the handshake; else it tells which request is answered.";
    certificate_types =
        "Kinds of keys that the server takes: RSA, ECDSA.";
    certificate_type =
        "1: RSA, 64: ECDSA; the curve and hash are said elsewhere.";
    supported_signature_algorithms =
        "Signatures that this end can check, its favourites first.";
    distinguished_name =
        "The name of an issuer that the server takes. A client with a certificate of another issuer may \
         send none at all.";
    certificate_list =
        "The chain: the sender's own certificate, then the issuer of each. The root need not be sent.";
    cert_data =
        "One certificate in DER, or a bare public key.";
    asn1_cert =
        "One certificate in DER.";
    asn1_subject_public_key_info =
        "A bare public key instead of a certificate.";
    status_type =
        "1: OCSP.";
    response =
        "The issuer's signed word about the certificate.";
    algorithm =
        "How it is signed. In TLS 1.3 name, curve and hash go together; in TLS 1.2 0x0603 is just ECDSA \
         with SHA-512, on any curve.";
    signature =
        "The signature itself. ECDSA: two numbers in DER, about twice as long as the key; RSA: as long as \
         the key.";
    verify_data =
        "The checksum over the conversation: 12 bytes in TLS 1.2, as long as the hash in TLS 1.3.";
    ticket_lifetime =
        "How many seconds the ticket is good for.";
    ticket_age_add =
        "Blurs the ticket's age, so that nobody can link two connections by it.";
    ticket_nonce =
        "Makes the keys of several tickets different.";
    ticket =
        "Sealed by the server for itself; nobody else can read it.";
    ticket_lifetime_hint =
        "How many seconds the ticket is good for.";
    request_update =
        "Whether the other end must change its keys too.";
    uncompressed_length =
        "How long the certificate message is, unpacked.";
    compressed_certificate_message =
        "The certificate message, packed.";
    params =
        "The server's half of the key exchange: this is what is signed.";
    curve_type =
        "3: a curve by its name. Nothing else is used.";
    named_curve =
        "The curve of the key exchange. It need not be that of the certificate.";
    public =
        "A public key: on the NIST curves 04, then x, then y. It must be a point of the curve; if it is \
         not, the sender's arithmetic or memory is broken.";
    dh_p =
        "The prime. 2048 bits are the least that clients take today.";
    dh_g =
        "The generator.";
    dh_ys =
        "The server's public key.";
    psk_identity_hint =
        "The server hints at which key it wants; usually empty.";
    psk_identity =
        "Which pre-shared key the client uses, by its name. The key itself is never sent.";
    encrypted =
        "RSA key exchange: the secret, encrypted to the server's certificate. Not in use any more: who \
         gets the private key later can read everything.";
    extensions =
        "Everything that was invented later. Type, length, content each.";
    max_fragment_length =
        "1 to 4: 512, 1024, 2048 or 4096 bytes.";
    record_size_limit =
        "Bytes of content, in TLS 1.3 one more for the type.";
    server_name_list =
        "Names; there is one in practice.";
    name_type =
        "0: a host name.";
    host_name =
        "The name, as it stands in the certificate; never an IP address.";
    responder_id_list =
        "Who may answer; empty: whoever the certificate names.";
    ec_point_format =
        "0: uncompressed.";
    protocol_name =
        "A protocol, such as h2 or http/1.1.";
    versions =
        "All versions that the client can do.";
    selected_version =
        "The version that the server chose.";
    ke_mode =
        "1: the key with a fresh key exchange; 0: the key alone, so that who gets it later can read \
         everything.";
    client_shares =
        "Public keys, one for each group that the client bets on.";
    group =
        "Which group this key is of.";
    key_exchange =
        "The public key itself.";
    selected_group =
        "The group that the server wants a key share of.";
    renegotiated_connection =
        "Empty in a first handshake.";
    max_early_data_size =
        "How many bytes of early data the server takes.";
    identities =
        "Names of pre-shared keys or tickets, in the client's order.";
    identity =
        "The name of a key, or a ticket.";
    obfuscated_ticket_age =
        "How old the ticket is, blurred. 0 for keys that were agreed by hand.";
    binders =
        "One checksum for each identity.";
    psk_binder_entry =
        "Proves that the client has the key of that identity: HMAC over this hello. As long as the hash \
         that the key is bound to.";
    selected_identity =
        "Which of the identities the server took, counted from 0.";
    imported_identity =
        "A key that was imported for TLS 1.3 (RFC 9258): its name carries where it is for.";
    external_identity =
        "The name of the key before it was imported.";
    context =
        "Both ends give it alike.";
    target_protocol =
        "The version that the imported key is for.";
    target_kdf =
        "The hash that the imported key is for.";
    }
    unsaid {
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
