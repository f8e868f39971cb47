//! What each field is for, the first time that a reader meets it.
//! Long because: it is the list of all fields.
//!
//! Called by: `teach`.

use handclasp_codec::Field;

/// One sentence or two; nothing where the name says it, or the extension around it does.
pub(super) fn sentence(field: Field) -> Option<&'static str> {
    Some(match field {
        Field::record => "The envelope of everything: type, version, length, then the content.",
        Field::content_type => {
            "What is inside: 20 change_cipher_spec, 21 alert, 22 handshake, 23 application data or, in TLS 1.3, anything encrypted."
        }
        Field::legacy_record_version => {
            "Means nothing any more: 03 01 in a first ClientHello, 03 03 else, whatever the version is."
        }
        Field::length => {
            "How many bytes follow. It does not count itself or what stands before it; a length that does makes the other end wait for bytes that never come."
        }
        Field::fragment => "The content: a message, a part of one, or several.",
        Field::version => "A version of the protocol.",
        Field::level => "1 warning, 2 fatal. TLS 1.3 does not look at it.",
        Field::change_cipher_spec_type => "Always 1.",
        Field::msg_type => "Which message.",
        Field::legacy_version => {
            "Frozen at 03 03 (TLS 1.2). Where supported_versions is sent, that one counts."
        }
        Field::random => {
            "32 fresh bytes, so that no two handshakes are alike. Old clients put their clock into the first four; a server that could do more ends its own in DOWNGRD."
        }
        Field::legacy_session_id => {
            "TLS 1.2: a session to be resumed. TLS 1.3: random bytes that only please middleboxes. Its length byte must be there even if it is empty (00)."
        }
        Field::cipher_suites => {
            "All algorithms that the client can do, its favourites first, two bytes each."
        }
        Field::cipher_suite => {
            "In TLS 1.2 key exchange, certificate's kind of key, cipher and the hash that derives keys; in TLS 1.3 only cipher and hash. The hash has nothing to do with the one in certificates."
        }
        Field::legacy_compression_methods => {
            "Always 01 00: one method, none. Compression inside TLS is dead since CRIME."
        }
        Field::compression_method => "0: none.",
        Field::legacy_session_id_echo => {
            "TLS 1.3: the client's session id, repeated byte for byte. TLS 1.2: the same as the client's if the session is resumed."
        }
        Field::legacy_compression_method => "0: none.",
        Field::certificate_request_context => {
            "Empty in the handshake; else it tells which request is answered."
        }
        Field::certificate_types => "Kinds of keys that the server takes: RSA, ECDSA.",
        Field::certificate_type => "1: RSA, 64: ECDSA; the curve and hash are said elsewhere.",
        Field::supported_signature_algorithms => "Signatures that this end can check, its favourites first.",
        Field::distinguished_name => {
            "The name of an issuer that the server takes. A client with a certificate of another issuer may send none at all."
        }
        Field::certificate_list => {
            "The chain: the sender's own certificate, then the issuer of each. The root need not be sent."
        }
        Field::cert_data => "One certificate in DER, or a bare public key.",
        Field::asn1_cert => "One certificate in DER.",
        Field::asn1_subject_public_key_info => "A bare public key instead of a certificate.",
        Field::status_type => "1: OCSP.",
        Field::response => "The issuer's signed word about the certificate.",
        Field::algorithm => {
            "How it is signed. In TLS 1.3 name, curve and hash go together; in TLS 1.2 0x0603 is just ECDSA with SHA-512, on any curve."
        }
        Field::signature => {
            "The signature itself. ECDSA: two numbers in DER, about twice as long as the key; RSA: as long as the key."
        }
        Field::hash => "A hash.",
        Field::verify_data => {
            "The checksum over the conversation: 12 bytes in TLS 1.2, as long as the hash in TLS 1.3."
        }
        Field::ticket_lifetime => "How many seconds the ticket is good for.",
        Field::ticket_age_add => "Blurs the ticket's age, so that nobody can link two connections by it.",
        Field::ticket_nonce => "Makes the keys of several tickets different.",
        Field::ticket => "Sealed by the server for itself; nobody else can read it.",
        Field::ticket_lifetime_hint => "How many seconds the ticket is good for.",
        Field::request_update => "Whether the other end must change its keys too.",
        Field::uncompressed_length => "How long the certificate message is, unpacked.",
        Field::compressed_certificate_message => "The certificate message, packed.",
        Field::params => "The server's half of the key exchange: this is what is signed.",
        Field::curve_type => "3: a curve by its name. Nothing else is used.",
        Field::named_curve => "The curve of the key exchange. It need not be that of the certificate.",
        Field::public => {
            "A public key: on the NIST curves 04, then x, then y. It must be a point of the curve; if it is not, the sender's arithmetic or memory is broken."
        }
        Field::dh_p => "The prime. 2048 bits are the least that clients take today.",
        Field::dh_g => "The generator.",
        Field::dh_ys => "The server's public key.",
        Field::psk_identity_hint => "The server hints at which key it wants; usually empty.",
        Field::psk_identity => {
            "Which pre-shared key the client uses, by its name. The key itself is never sent."
        }
        Field::encrypted => {
            "RSA key exchange: the secret, encrypted to the server's certificate. Not in use any more: who gets the private key later can read everything."
        }
        Field::extensions => "Everything that was invented later. Type, length, content each.",
        Field::extension_data => "Its content.",
        Field::max_fragment_length => "1 to 4: 512, 1024, 2048 or 4096 bytes.",
        Field::record_size_limit => "Bytes of content, in TLS 1.3 one more for the type.",
        Field::server_name_list => "Names; there is one in practice.",
        Field::name_type => "0: a host name.",
        Field::host_name => "The name, as it stands in the certificate; never an IP address.",
        Field::responder_id_list => "Who may answer; empty: whoever the certificate names.",
        Field::named_group => "A curve or group.",
        Field::ec_point_format => "0: uncompressed.",
        Field::signature_scheme => "A kind of signature.",
        Field::protocol_name => "A protocol, such as h2 or http/1.1.",
        Field::versions => "All versions that the client can do.",
        Field::selected_version => "The version that the server chose.",
        Field::ke_mode => {
            "1: the key with a fresh key exchange; 0: the key alone, so that who gets it later can read everything."
        }
        Field::client_shares => "Public keys, one for each group that the client bets on.",
        Field::group => "Which group this key is of.",
        Field::key_exchange => "The public key itself.",
        Field::selected_group => "The group that the server wants a key share of.",
        Field::renegotiated_connection => "Empty in a first handshake.",
        Field::max_early_data_size => "How many bytes of early data the server takes.",
        Field::identities => "Names of pre-shared keys or tickets, in the client's order.",
        Field::identity => "The name of a key, or a ticket.",
        Field::obfuscated_ticket_age => {
            "How old the ticket is, blurred. 0 for keys that were agreed by hand."
        }
        Field::binders => "One checksum for each identity.",
        Field::psk_binder_entry => {
            "Proves that the client has the key of that identity: HMAC over this hello. As long as the hash that the key is bound to."
        }
        Field::selected_identity => "Which of the identities the server took, counted from 0.",
        Field::imported_identity => {
            "A key that was imported for TLS 1.3 (RFC 9258): its name carries where it is for."
        }
        Field::external_identity => "The name of the key before it was imported.",
        Field::context => "Both ends give it alike.",
        Field::target_protocol => "The version that the imported key is for.",
        Field::target_kdf => "The hash that the imported key is for.",
        Field::alert
        | Field::description
        | Field::change_cipher_spec
        | Field::handshake
        | Field::body
        | Field::client_hello
        | Field::server_hello
        | Field::hello_retry_request
        | Field::hello_request
        | Field::encrypted_extensions
        | Field::certificate_request
        | Field::certificate
        | Field::certificate_entry
        | Field::certificate_status
        | Field::certificate_verify
        | Field::finished
        | Field::new_session_ticket
        | Field::key_update
        | Field::end_of_early_data
        | Field::server_hello_done
        | Field::compressed_certificate
        | Field::server_key_exchange
        | Field::client_key_exchange
        | Field::extension
        | Field::extension_type
        | Field::opaque
        | Field::server_name
        | Field::status_request
        | Field::supported_groups
        | Field::ec_point_formats
        | Field::signature_algorithms
        | Field::signature_algorithms_cert
        | Field::use_srtp
        | Field::heartbeat
        | Field::application_layer_protocol_negotiation
        | Field::signed_certificate_timestamp
        | Field::client_certificate_type
        | Field::server_certificate_type
        | Field::encrypt_then_mac
        | Field::extended_master_secret
        | Field::compress_certificate
        | Field::delegated_credential
        | Field::session_ticket
        | Field::supported_versions
        | Field::cookie
        | Field::psk_key_exchange_modes
        | Field::certificate_authorities
        | Field::post_handshake_auth
        | Field::key_share
        | Field::quic_transport_parameters
        | Field::encrypted_client_hello
        | Field::renegotiation_info
        | Field::padding
        | Field::early_data
        | Field::pre_shared_key
        | Field::oid_filters
        | Field::server_name_entry
        | Field::responder_id
        | Field::request
        | Field::request_extensions
        | Field::named_group_list
        | Field::ec_point_format_list
        | Field::protocol_name_list
        | Field::algorithms
        | Field::ke_modes
        | Field::authorities
        | Field::server_share
        | Field::key_share_entry
        | Field::filters
        | Field::oid_filter
        | Field::certificate_extension_oid
        | Field::certificate_extension_values => return None,
    })
}
