//! A ClientHello made of parts, each of which can be left out: what `check` varies.
//!
//! It is never followed by anything. In TLS 1.3 it brings one key share or none; without one of its
//! group a server answers with a HelloRetryRequest that names the group (RFC 8446 §4.2.8).

use handclasp_codec::{
    CipherSuite, ClientHello, ClientHelloExtensions, ECPointFormat, ECPointFormatList, Empty, Encode as _,
    HandshakeType, KeyShareClientHello, KeyShareEntry, List, MaxFragmentLength, NameType, NamedGroup,
    NamedGroupList, Opaque, ProtocolName, ProtocolNameList, ProtocolVersion, PskKeyExchangeMode,
    PskKeyExchangeModes, RecordSizeLimit, RenegotiationInfo, ServerName, ServerNameList, SignatureScheme,
    SignatureSchemeList, SupportedVersions, encode_handshake,
};

use super::client_share::ClientShare;

/// What a ClientHello offers. `None` and empty lists leave the extension out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hello {
    /// Newest first.
    pub versions: Vec<ProtocolVersion>,
    pub suites: Vec<CipherSuite>,
    pub groups: Vec<NamedGroup>,
    pub schemes: Vec<SignatureScheme>,
    /// For the signatures of the chain (signature_algorithms_cert), where others are wanted there.
    pub chain_schemes: Vec<SignatureScheme>,
    pub server_name: Option<String>,
    pub ec_point_formats: bool,
    pub extended_master_secret: bool,
    pub encrypt_then_mac: bool,
    pub renegotiation_info: bool,
    pub session_ticket: bool,
    pub psk_key_exchange_modes: bool,
    pub max_fragment_length: Option<MaxFragmentLength>,
    pub record_size_limit: Option<u16>,
    pub protocols: Vec<String>,
}

/// The suites of TLS 1.3.
pub const SUITES13: &[CipherSuite] = &[
    CipherSuite::TLS_AES_128_GCM_SHA256,
    CipherSuite::TLS_AES_256_GCM_SHA384,
    CipherSuite::TLS_CHACHA20_POLY1305_SHA256,
    CipherSuite::TLS_AES_128_CCM_SHA256,
    CipherSuite::TLS_AES_128_CCM_8_SHA256,
];

/// The suites of TLS 1.2 that a certificate goes with: what is good, what small devices do, and what
/// is old but still met.
pub const SUITES12: &[CipherSuite] = &[
    CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    CipherSuite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_CCM,
    CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8,
    CipherSuite::TLS_DHE_RSA_WITH_AES_128_GCM_SHA256,
    CipherSuite::TLS_DHE_RSA_WITH_AES_256_GCM_SHA384,
    CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256,
    CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA,
    CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA,
    CipherSuite::TLS_RSA_WITH_AES_128_GCM_SHA256,
    CipherSuite::TLS_RSA_WITH_AES_256_GCM_SHA384,
    CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA,
    CipherSuite::TLS_RSA_WITH_AES_256_CBC_SHA,
    CipherSuite::TLS_RSA_WITH_3DES_EDE_CBC_SHA,
    CipherSuite::TLS_PSK_WITH_AES_128_GCM_SHA256,
    CipherSuite::TLS_PSK_WITH_AES_256_GCM_SHA384,
    CipherSuite::TLS_PSK_WITH_AES_128_CBC_SHA,
    CipherSuite::TLS_PSK_WITH_AES_128_CCM_8,
    CipherSuite::TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA,
    CipherSuite::TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256,
];

/// The groups that are asked for.
pub const GROUPS: &[NamedGroup] = &[
    NamedGroup::x25519,
    NamedGroup::secp256r1,
    NamedGroup::secp384r1,
    NamedGroup::secp521r1,
    NamedGroup::x448,
    NamedGroup::X25519MLKEM768,
    NamedGroup::ffdhe2048,
    NamedGroup::brainpoolP256r1,
    NamedGroup::secp256k1,
];

/// The schemes that are asked for.
pub const SCHEMES: &[SignatureScheme] = &[
    SignatureScheme::ecdsa_secp256r1_sha256,
    SignatureScheme::ecdsa_secp384r1_sha384,
    SignatureScheme::ecdsa_secp521r1_sha512,
    SignatureScheme::ed25519,
    SignatureScheme::rsa_pss_rsae_sha256,
    SignatureScheme::rsa_pss_rsae_sha384,
    SignatureScheme::rsa_pss_rsae_sha512,
    SignatureScheme::rsa_pkcs1_sha256,
    SignatureScheme::rsa_pkcs1_sha384,
    SignatureScheme::rsa_pkcs1_sha512,
    SignatureScheme::rsa_pkcs1_sha1,
    SignatureScheme::ecdsa_sha1,
];

impl Hello {
    /// A hello that nothing is missing in.
    pub fn usual(server_name: Option<&str>) -> Self {
        Self {
            versions: vec![ProtocolVersion::TLS_1_3, ProtocolVersion::TLS_1_2],
            suites: [SUITES13, SUITES12].concat(),
            groups: GROUPS.to_vec(),
            schemes: SCHEMES.to_vec(),
            chain_schemes: Vec::new(),
            server_name: server_name.map(str::to_owned),
            ec_point_formats: true,
            extended_master_secret: true,
            encrypt_then_mac: false,
            renegotiation_info: true,
            session_ticket: true,
            psk_key_exchange_modes: true,
            max_fragment_length: None,
            record_size_limit: None,
            protocols: Vec::new(),
        }
    }

    /// The same for one version, with that version's suites.
    pub fn only(mut self, version: ProtocolVersion) -> Self {
        let suites = if version == ProtocolVersion::TLS_1_3 { SUITES13 } else { SUITES12 };
        (self.versions, self.suites) = (vec![version], suites.to_vec());
        self
    }

    /// Whether TLS 1.3 is offered.
    pub fn tls13(&self) -> bool {
        self.versions.contains(&ProtocolVersion::TLS_1_3)
    }

    /// The record that carries it.
    pub fn record(&self, random: &[u8; 32], share: Option<&ClientShare>) -> Vec<u8> {
        let newest = self.versions.iter().copied().max().unwrap_or(ProtocolVersion::TLS_1_2);
        let names = [ServerName {
            name_type: NameType::host_name,
            host_name: self.server_name.as_deref().unwrap_or_default().as_bytes(),
        }];
        let shares: Vec<KeyShareEntry<'_>> = share
            .into_iter()
            .map(|share| KeyShareEntry { group: share.group, key_exchange: &share.public })
            .collect();
        let protocols: Vec<ProtocolName<'_>> =
            self.protocols.iter().map(|name| ProtocolName(name.as_bytes())).collect();
        let hello = ClientHello {
            legacy_version: newest.min(ProtocolVersion::TLS_1_2),
            random,
            legacy_session_id: &[],
            cipher_suites: List::of(&self.suites),
            legacy_compression_methods: &[0],
            extensions: self.extensions(&names, &protocols, &shares),
        };
        let mut message = Vec::new();
        // Nothing here is long enough to overflow its length.
        let written =
            encode_handshake(&mut message, HandshakeType::client_hello, |writer| hello.encode(writer));
        debug_assert!(written.is_ok());
        let [high, low] = u16::try_from(message.len()).unwrap_or(u16::MAX).to_be_bytes();
        [&[22, 3, 1, high, low], message.as_slice()].concat()
    }

    fn extensions<'a>(
        &'a self,
        names: &'a [ServerName<'a>],
        protocols: &'a [ProtocolName<'a>],
        shares: &'a [KeyShareEntry<'a>],
    ) -> ClientHelloExtensions<'a> {
        let listed = |there: bool| there.then_some(());
        let tls13 = listed(self.tls13());
        ClientHelloExtensions {
            server_name: self
                .server_name
                .is_some()
                .then(|| ServerNameList { server_name_list: List::of(names) }),
            max_fragment_length: self.max_fragment_length,
            supported_groups: listed(!self.groups.is_empty())
                .map(|()| NamedGroupList { named_group_list: List::of(&self.groups) }),
            ec_point_formats: listed(self.ec_point_formats).map(|()| ECPointFormatList {
                ec_point_format_list: List::of(&[ECPointFormat::uncompressed]),
            }),
            signature_algorithms: listed(!self.schemes.is_empty())
                .map(|()| SignatureSchemeList { supported_signature_algorithms: List::of(&self.schemes) }),
            signature_algorithms_cert: listed(!self.chain_schemes.is_empty()).map(|()| SignatureSchemeList {
                supported_signature_algorithms: List::of(&self.chain_schemes),
            }),
            application_layer_protocol_negotiation: listed(!protocols.is_empty())
                .map(|()| ProtocolNameList { protocol_name_list: List::of(protocols) }),
            encrypt_then_mac: listed(self.encrypt_then_mac).map(|()| Empty),
            extended_master_secret: listed(self.extended_master_secret).map(|()| Empty),
            record_size_limit: self
                .record_size_limit
                .map(|record_size_limit| RecordSizeLimit { record_size_limit }),
            session_ticket: listed(self.session_ticket).map(|()| Opaque { opaque: &[] }),
            supported_versions: tls13.map(|()| SupportedVersions { versions: List::of(&self.versions) }),
            psk_key_exchange_modes: tls13
                .filter(|()| self.psk_key_exchange_modes)
                .map(|()| PskKeyExchangeModes { ke_modes: List::of(&[PskKeyExchangeMode::psk_dhe_ke]) }),
            key_share: tls13.map(|()| KeyShareClientHello { client_shares: List::of(shares) }),
            renegotiation_info: listed(self.renegotiation_info)
                .map(|()| RenegotiationInfo { renegotiated_connection: &[] }),
            ..ClientHelloExtensions::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use handclasp_codec::{Decode as _, Field};

    fn decoded(hello: &Hello) -> (usize, Vec<u8>) {
        let record =
            hello.record(&[7; 32], ClientShare::of_first(&hello.groups).filter(|_| hello.tls13()).as_ref());
        let body = record[9..].to_vec();
        ClientHello::from_bytes(&body, Field::client_hello).unwrap();
        (record.len(), body)
    }

    #[test]
    fn what_is_left_out_is_not_there() {
        let mut hello = Hello::usual(Some("a.example")).only(ProtocolVersion::TLS_1_2);
        let (all, body) = decoded(&hello);
        let parsed = ClientHello::from_bytes(&body, Field::client_hello).unwrap();
        assert_eq!(parsed.extensions.server_name.unwrap().host_name(), Some(&b"a.example"[..]));
        assert!(parsed.extensions.supported_versions.is_none());
        hello.server_name = None;
        hello.groups.clear();
        hello.schemes.clear();
        let (less, body) = decoded(&hello);
        let parsed = ClientHello::from_bytes(&body, Field::client_hello).unwrap();
        assert!(less < all && parsed.extensions.supported_groups.is_none());
        assert!(parsed.extensions.signature_algorithms.is_none() && parsed.extensions.server_name.is_none());
    }

    #[test]
    fn tls13_brings_one_share() {
        let (_, body) = decoded(&Hello::usual(None).only(ProtocolVersion::TLS_1_3));
        let parsed = ClientHello::from_bytes(&body, Field::client_hello).unwrap();
        let shares: Vec<_> = parsed.extensions.key_share.unwrap().client_shares.iter().collect();
        assert_eq!(shares.len(), 1);
        assert_eq!((shares[0].group, shares[0].key_exchange.len()), (NamedGroup::x25519, 32));
    }
}
