//! Which extensions each message may carry: the table of RFC 8446 §4.2, and the RFCs of TLS 1.2 for the
//! hellos. A type that is known to this crate but has no field in a block is read there as opaque bytes.
//! `types()` still lists it, and the state machine chooses the alert.

use super::extension_block;
use crate::{
    CertificateAuthorities, CertificateCompressionAlgorithms, CertificateStatus, CertificateStatusRequest,
    CertificateType, CertificateTypeList, Cookie, ECPointFormatList, EarlyDataSize, Empty, ExtensionType,
    KeyShareClientHello, KeyShareHelloRetryRequest, KeyShareServerHello, MaxFragmentLength, NamedGroupList,
    OfferedPsks, OidFilters, Opaque, Padding, PreSharedKeyServerHello, ProtocolNameList, PskKeyExchangeModes,
    RecordSizeLimit, RenegotiationInfo, SelectedVersion, ServerNameList, SignatureSchemeList,
    SupportedVersions,
};

extension_block! {
    /// Extensions of a ClientHello, for TLS 1.2 and 1.3.
    ClientHelloExtensions<'a>, last: Some(ExtensionType::pre_shared_key); {
        server_name: ServerNameList<'a>,
        max_fragment_length: MaxFragmentLength,
        status_request: CertificateStatusRequest<'a>,
        supported_groups: NamedGroupList<'a>,
        ec_point_formats: ECPointFormatList<'a>,
        signature_algorithms: SignatureSchemeList<'a>,
        signature_algorithms_cert: SignatureSchemeList<'a>,
        use_srtp: Opaque<'a>,
        heartbeat: Opaque<'a>,
        application_layer_protocol_negotiation: ProtocolNameList<'a>,
        signed_certificate_timestamp: Empty,
        client_certificate_type: CertificateTypeList<'a>,
        server_certificate_type: CertificateTypeList<'a>,
        encrypt_then_mac: Empty,
        extended_master_secret: Empty,
        compress_certificate: CertificateCompressionAlgorithms<'a>,
        record_size_limit: RecordSizeLimit,
        delegated_credential: Opaque<'a>,
        session_ticket: Opaque<'a>,
        supported_versions: SupportedVersions<'a>,
        cookie: Cookie<'a>,
        psk_key_exchange_modes: PskKeyExchangeModes<'a>,
        certificate_authorities: CertificateAuthorities<'a>,
        post_handshake_auth: Empty,
        key_share: KeyShareClientHello<'a>,
        quic_transport_parameters: Opaque<'a>,
        encrypted_client_hello: Opaque<'a>,
        renegotiation_info: RenegotiationInfo<'a>,
        padding: Padding<'a>,
        early_data: Empty,
        pre_shared_key: OfferedPsks<'a>,
    }
}

extension_block! {
    /// Extensions of a ServerHello, for TLS 1.2 and 1.3 (TLS 1.3 uses only the last three).
    ServerHelloExtensions<'a>, last: None; {
        renegotiation_info: RenegotiationInfo<'a>,
        server_name: Empty,
        max_fragment_length: MaxFragmentLength,
        status_request: Empty,
        ec_point_formats: ECPointFormatList<'a>,
        use_srtp: Opaque<'a>,
        heartbeat: Opaque<'a>,
        application_layer_protocol_negotiation: ProtocolNameList<'a>,
        signed_certificate_timestamp: Opaque<'a>,
        client_certificate_type: CertificateType,
        server_certificate_type: CertificateType,
        encrypt_then_mac: Empty,
        extended_master_secret: Empty,
        record_size_limit: RecordSizeLimit,
        session_ticket: Empty,
        supported_versions: SelectedVersion,
        key_share: KeyShareServerHello<'a>,
        pre_shared_key: PreSharedKeyServerHello,
    }
}

extension_block! {
    /// Extensions of a HelloRetryRequest.
    HelloRetryRequestExtensions<'a>, last: None; {
        supported_versions: SelectedVersion,
        cookie: Cookie<'a>,
        key_share: KeyShareHelloRetryRequest,
    }
}

extension_block! {
    /// Extensions of EncryptedExtensions.
    EncryptedExtensionsBlock<'a>, last: None; {
        server_name: Empty,
        max_fragment_length: MaxFragmentLength,
        supported_groups: NamedGroupList<'a>,
        use_srtp: Opaque<'a>,
        heartbeat: Opaque<'a>,
        application_layer_protocol_negotiation: ProtocolNameList<'a>,
        client_certificate_type: CertificateType,
        server_certificate_type: CertificateType,
        record_size_limit: RecordSizeLimit,
        early_data: Empty,
        quic_transport_parameters: Opaque<'a>,
        encrypted_client_hello: Opaque<'a>,
    }
}

extension_block! {
    /// Extensions of one CertificateEntry of TLS 1.3.
    CertificateEntryExtensions<'a>, last: None; {
        status_request: CertificateStatus<'a>,
        signed_certificate_timestamp: Opaque<'a>,
        delegated_credential: Opaque<'a>,
    }
}

extension_block! {
    /// Extensions of a CertificateRequest of TLS 1.3.
    CertificateRequestExtensions<'a>, last: None; {
        status_request: Opaque<'a>,
        signature_algorithms: SignatureSchemeList<'a>,
        signature_algorithms_cert: SignatureSchemeList<'a>,
        signed_certificate_timestamp: Empty,
        compress_certificate: CertificateCompressionAlgorithms<'a>,
        delegated_credential: Opaque<'a>,
        certificate_authorities: CertificateAuthorities<'a>,
        oid_filters: OidFilters<'a>,
    }
}

extension_block! {
    /// Extensions of a NewSessionTicket of TLS 1.3.
    NewSessionTicketExtensions<'a>, last: None; {
        early_data: EarlyDataSize,
    }
}
