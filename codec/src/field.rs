//! Names of wire fields, as in the RFCs. Programs and reports identify a field by number; the text is
//! linked only where [`Field::name`] is used.

macro_rules! fields {
    ($($name:ident),+ $(,)?) => {
        /// A field or structure on the wire, named as in its RFC.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u8)]
        #[allow(non_camel_case_types, missing_docs, reason = "the names are the RFCs' own")]
        pub enum Field { $($name),+ }

        impl Field {
            const ALL: &[Self] = &[$(Self::$name),+];

            /// Returns the name that the RFC uses.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name)),+ }
            }

            /// Returns the number used in reports: the position in this file's list. New names go at the
            /// end.
            #[allow(clippy::as_conversions, reason = "the discriminant of a repr(u8) enum")]
            pub fn number(self) -> u16 {
                u16::from(self as u8)
            }

            /// Returns the field with this number, if there is one.
            pub fn from_number(number: u16) -> Option<Self> {
                Self::ALL.get(usize::from(number)).copied()
            }
        }
    };
}

fields! {
    // record layer
    record, content_type, legacy_record_version, length, fragment, version,
    alert, level, description, change_cipher_spec, change_cipher_spec_type,
    // handshake header
    handshake, msg_type, body,
    // hellos
    client_hello, server_hello, hello_retry_request, legacy_version, random, legacy_session_id,
    cipher_suites, cipher_suite, legacy_compression_methods, compression_method,
    legacy_session_id_echo, legacy_compression_method,
    // other messages
    hello_request, encrypted_extensions, certificate_request, certificate_request_context,
    certificate_types, certificate_type, supported_signature_algorithms, distinguished_name,
    certificate, certificate_list, certificate_entry, cert_data, asn1_cert,
    asn1_subject_public_key_info, certificate_status, status_type, response,
    certificate_verify, algorithm, signature, hash, finished, verify_data, new_session_ticket,
    ticket_lifetime, ticket_age_add, ticket_nonce, ticket, ticket_lifetime_hint, key_update,
    request_update, end_of_early_data, server_hello_done, compressed_certificate,
    uncompressed_length, compressed_certificate_message, server_key_exchange, params,
    curve_type, named_curve, public, dh_p, dh_g, dh_ys, psk_identity_hint,
    client_key_exchange, psk_identity, encrypted,
    // extensions: the block and its entries
    extensions, extension, extension_type, extension_data, opaque,
    // extensions: their names
    server_name, max_fragment_length, status_request, supported_groups, ec_point_formats,
    signature_algorithms, signature_algorithms_cert, use_srtp, heartbeat,
    application_layer_protocol_negotiation, signed_certificate_timestamp,
    client_certificate_type, server_certificate_type, encrypt_then_mac, extended_master_secret,
    compress_certificate, record_size_limit, delegated_credential, session_ticket,
    supported_versions, cookie, psk_key_exchange_modes, certificate_authorities,
    post_handshake_auth, key_share, quic_transport_parameters, encrypted_client_hello,
    renegotiation_info, padding, early_data, pre_shared_key, oid_filters,
    // extensions: their content
    server_name_list, server_name_entry, name_type, host_name, responder_id_list, responder_id,
    request, request_extensions, named_group_list, named_group, ec_point_format_list,
    ec_point_format, signature_scheme, protocol_name_list, protocol_name, algorithms, versions,
    selected_version, ke_modes, ke_mode, authorities, client_shares, server_share,
    key_share_entry, group, key_exchange, selected_group, renegotiated_connection,
    max_early_data_size, identities, identity, obfuscated_ticket_age, binders,
    psk_binder_entry, selected_identity, filters, oid_filter, certificate_extension_oid,
    certificate_extension_values,
    // identity of an imported pre-shared key (RFC 9258)
    imported_identity, external_identity, context, target_protocol, target_kdf,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_back() {
        for (number, field) in (0_u16..).zip(Field::ALL) {
            assert_eq!(field.number(), number);
            assert_eq!(Field::from_number(number), Some(*field));
        }
        assert_eq!(Field::from_number(u16::MAX), None);
        assert_eq!(Field::key_share.name(), "key_share");
    }
}
