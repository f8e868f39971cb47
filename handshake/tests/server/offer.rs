//! ClientHellos of a scripted client: good ones of either version, every part of which a test
//! may change.

use handclasp_codec::{
    CertificateAuthorities, CertificateStatusRequest, CertificateStatusType, CertificateType,
    CertificateTypeList, CipherSuite, ClientHello, ClientHelloExtensions, Cookie, DistinguishedName,
    ECPointFormat, ECPointFormatList, Empty, Encode, HandshakeType, KeyShareClientHello, KeyShareEntry, List,
    MaxFragmentLength, NameType, NamedGroup, NamedGroupList, OfferedPsks, Opaque, ProtocolName,
    ProtocolNameList, ProtocolVersion, PskBinderEntry, PskIdentity, PskKeyExchangeMode, PskKeyExchangeModes,
    RecordSizeLimit, RenegotiationInfo, ServerName, ServerNameList, SignatureScheme, SignatureSchemeList,
    SupportedVersions, encode_handshake,
};
use handclasp_crypto::Hash;
use handclasp_schedule::{BinderKind, EarlySecret, Transcript};

use super::harness::{IDENTITY, PSK};

/// What a client offers.
#[derive(Clone)]
pub(super) struct Offer {
    pub(super) legacy_version: ProtocolVersion,
    pub(super) random: [u8; 32],
    pub(super) session_id: Vec<u8>,
    pub(super) suites: Vec<CipherSuite>,
    pub(super) compression: Vec<u8>,
    pub(super) versions: Option<Vec<ProtocolVersion>>,
    pub(super) groups: Option<Vec<NamedGroup>>,
    pub(super) shares: Option<Vec<(NamedGroup, Vec<u8>)>>,
    pub(super) schemes: Option<Vec<SignatureScheme>>,
    pub(super) alpn: Option<Vec<&'static [u8]>>,
    pub(super) names: Vec<&'static [u8]>,
    pub(super) point_formats: Option<Vec<ECPointFormat>>,
    pub(super) extended_master_secret: bool,
    pub(super) renegotiation_info: Option<&'static [u8]>,
    pub(super) early_data: bool,
    pub(super) modes: Option<Vec<PskKeyExchangeMode>>,
    pub(super) psk: Option<Psk>,
    pub(super) server_types: Option<Vec<CertificateType>>,
    pub(super) client_types: Option<Vec<CertificateType>>,
    pub(super) authorities: Vec<&'static [u8]>,
    pub(super) record_size_limit: Option<u16>,
    pub(super) max_fragment_length: Option<MaxFragmentLength>,
    pub(super) status_request: Option<CertificateStatusType>,
    pub(super) encrypt_then_mac: bool,
    pub(super) cookie: Option<Vec<u8>>,
    pub(super) session_ticket: Option<Vec<u8>>,
}

/// Pre-shared keys of TLS 1.3.
#[derive(Clone)]
pub(super) struct Psk {
    pub(super) identities: Vec<&'static [u8]>,
    /// The key behind the binder of each identity.
    pub(super) secrets: Vec<&'static [u8]>,
    pub(super) hash: &'static dyn Hash,
    /// obfuscated_ticket_age of all.
    pub(super) age: u32,
    pub(super) kind: BinderKind,
}

impl Offer {
    /// TLS 1.3 and 1.2, as a browser would; no share yet.
    pub(super) fn new() -> Self {
        Self {
            legacy_version: ProtocolVersion::TLS_1_2,
            random: [7; 32],
            session_id: vec![3; 32],
            // GREASE in front (RFC 8701).
            suites: vec![
                CipherSuite(0x2a2a),
                CipherSuite::TLS_AES_128_GCM_SHA256,
                CipherSuite::TLS_AES_256_GCM_SHA384,
                CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
                CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
            ],
            compression: vec![0],
            versions: Some(vec![ProtocolVersion(0x3a3a), ProtocolVersion::TLS_1_3, ProtocolVersion::TLS_1_2]),
            groups: Some(vec![NamedGroup(0x4a4a), NamedGroup::x25519, NamedGroup::secp256r1]),
            shares: Some(Vec::new()),
            schemes: Some(vec![
                SignatureScheme(0x5a5a),
                SignatureScheme::ecdsa_secp256r1_sha256,
                SignatureScheme::rsa_pss_rsae_sha256,
                SignatureScheme::rsa_pkcs1_sha256,
            ]),
            alpn: None,
            names: vec![b"device.example"],
            point_formats: Some(vec![ECPointFormat::uncompressed]),
            extended_master_secret: true,
            renegotiation_info: Some(&[]),
            early_data: false,
            modes: None,
            psk: None,
            server_types: None,
            client_types: None,
            authorities: Vec::new(),
            record_size_limit: None,
            max_fragment_length: None,
            status_request: None,
            encrypt_then_mac: false,
            cookie: None,
            session_ticket: None,
        }
    }

    /// TLS 1.2 and nothing newer.
    pub(super) fn tls12() -> Self {
        Self { versions: None, shares: None, session_id: Vec::new(), ..Self::new() }
    }

    /// TLS 1.2 with these suites.
    pub(super) fn tls12_with(suites: &[CipherSuite]) -> Self {
        Self { suites: suites.to_vec(), ..Self::tls12() }
    }

    /// With a share.
    pub(super) fn share(mut self, group: NamedGroup, public: &[u8]) -> Self {
        self.shares.get_or_insert_default().push((group, public.to_vec()));
        self
    }

    /// With the test's pre-shared key, bound to that hash.
    pub(super) fn psk(mut self, hash: &'static dyn Hash) -> Self {
        self.modes = Some(vec![PskKeyExchangeMode::psk_dhe_ke]);
        self.psk = Some(Psk {
            identities: vec![IDENTITY],
            secrets: vec![PSK],
            hash,
            age: 0,
            kind: BinderKind::External,
        });
        self
    }

    /// The message; what stands before it matters to the binders alone.
    pub(super) fn encode(&self, before: &Transcript) -> Vec<u8> {
        let Some(psk) = &self.psk else { return self.encode_with(&[]) };
        let zeros: Vec<Vec<u8>> = psk.secrets.iter().map(|_| vec![0; psk.hash.output_len()]).collect();
        let draft = self.encode_with(&zeros);
        let binders_len = 2 + zeros.iter().map(|binder| binder.len() + 1).sum::<usize>();
        let transcript_hash = before.hash_with(psk.hash, &draft[..draft.len() - binders_len]);
        let binder = |secret: &&[u8]| {
            EarlySecret::new(psk.hash, Some(secret)).binder(psk.kind, &transcript_hash).to_vec()
        };
        self.encode_with(&psk.secrets.iter().map(binder).collect::<Vec<_>>())
    }

    /// The message, with these binders.
    pub(super) fn encode_with(&self, binders: &[Vec<u8>]) -> Vec<u8> {
        let shares: Vec<_> =
            self.shares.iter().flatten().map(|(group, public)| share(*group, public)).collect();
        let protocols: Vec<_> = self.alpn.iter().flatten().map(|name| ProtocolName(name)).collect();
        let name = |host_name| ServerName { name_type: NameType::host_name, host_name };
        let names: Vec<_> = self.names.iter().map(|host_name| name(host_name)).collect();
        let identities = self.psk.iter().flat_map(|psk| &psk.identities);
        let obfuscated_ticket_age = self.psk.as_ref().map_or(0, |psk| psk.age);
        let identities: Vec<_> =
            identities.map(|identity| PskIdentity { identity, obfuscated_ticket_age }).collect();
        let authorities: Vec<_> = self.authorities.iter().map(|name| DistinguishedName(name)).collect();
        let binders: Vec<_> = binders.iter().map(|binder| PskBinderEntry(binder)).collect();
        let hello = ClientHello {
            legacy_version: self.legacy_version,
            random: &self.random,
            legacy_session_id: &self.session_id,
            cipher_suites: List::of(&self.suites),
            legacy_compression_methods: &self.compression,
            extensions: ClientHelloExtensions {
                server_name: (!names.is_empty())
                    .then(|| ServerNameList { server_name_list: List::of(&names) }),
                supported_groups: self
                    .groups
                    .as_ref()
                    .map(|list| NamedGroupList { named_group_list: List::of(list) }),
                ec_point_formats: self
                    .point_formats
                    .as_ref()
                    .map(|list| ECPointFormatList { ec_point_format_list: List::of(list) }),
                signature_algorithms: self
                    .schemes
                    .as_ref()
                    .map(|list| SignatureSchemeList { supported_signature_algorithms: List::of(list) }),
                application_layer_protocol_negotiation: self
                    .alpn
                    .as_ref()
                    .map(|_| ProtocolNameList { protocol_name_list: List::of(&protocols) }),
                extended_master_secret: self.extended_master_secret.then_some(Empty),
                supported_versions: self
                    .versions
                    .as_ref()
                    .map(|list| SupportedVersions { versions: List::of(list) }),
                client_certificate_type: self
                    .client_types
                    .as_ref()
                    .map(|list| CertificateTypeList { certificate_types: List::of(list) }),
                server_certificate_type: self
                    .server_types
                    .as_ref()
                    .map(|list| CertificateTypeList { certificate_types: List::of(list) }),
                certificate_authorities: (!authorities.is_empty())
                    .then_some(CertificateAuthorities { authorities: List::of(&authorities) }),
                psk_key_exchange_modes: self
                    .modes
                    .as_ref()
                    .map(|list| PskKeyExchangeModes { ke_modes: List::of(list) }),
                key_share: self
                    .shares
                    .as_ref()
                    .map(|_| KeyShareClientHello { client_shares: List::of(&shares) }),
                renegotiation_info: self
                    .renegotiation_info
                    .map(|renegotiated_connection| RenegotiationInfo { renegotiated_connection }),
                early_data: self.early_data.then_some(Empty),
                record_size_limit: self
                    .record_size_limit
                    .map(|record_size_limit| RecordSizeLimit { record_size_limit }),
                max_fragment_length: self.max_fragment_length,
                // As OCSP writes it: no responders, no extensions of the request.
                status_request: self
                    .status_request
                    .map(|status_type| CertificateStatusRequest::Other(status_type, &[0, 0, 0, 0])),
                encrypt_then_mac: self.encrypt_then_mac.then_some(Empty),
                cookie: self.cookie.as_ref().map(|cookie| Cookie { cookie }),
                session_ticket: self.session_ticket.as_ref().map(|opaque| Opaque { opaque }),
                pre_shared_key: self
                    .psk
                    .as_ref()
                    .map(|_| OfferedPsks { identities: List::of(&identities), binders: List::of(&binders) }),
                ..Default::default()
            },
        };
        let mut message = Vec::new();
        encode_handshake(&mut message, HandshakeType::client_hello, |writer| hello.encode(writer)).unwrap();
        message
    }
}

fn share(group: NamedGroup, key_exchange: &[u8]) -> KeyShareEntry<'_> {
    KeyShareEntry { group, key_exchange }
}
