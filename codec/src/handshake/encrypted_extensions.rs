//! EncryptedExtensions: RFC 8446 §4.3.1.

use crate::{EncryptedExtensionsBlock, structure::structure};

structure! {
    /// Body of an EncryptedExtensions message.
    EncryptedExtensions<'a> in encrypted_extensions {
        /// The server's answers to extensions of the ClientHello.
        extensions: EncryptedExtensionsBlock<'a> => nested,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::{encoded, known, sound};
    use crate::*;

    #[test]
    fn answers() {
        let names = [ProtocolName(b"h2")];
        let extensions = EncryptedExtensionsBlock {
            server_name: Some(Empty),
            max_fragment_length: Some(MaxFragmentLength::two_pow_12),
            supported_groups: Some(NamedGroupList { named_group_list: List::of(&[NamedGroup::x25519]) }),
            application_layer_protocol_negotiation: Some(ProtocolNameList {
                protocol_name_list: List::of(&names),
            }),
            client_certificate_type: Some(CertificateType::RawPublicKey),
            server_certificate_type: Some(CertificateType::RawPublicKey),
            record_size_limit: Some(RecordSizeLimit { record_size_limit: 64 }),
            early_data: Some(Empty),
            quic_transport_parameters: Some(Opaque { opaque: b"q" }),
            ..Default::default()
        };
        let wire = encoded(&EncryptedExtensions { extensions });
        sound::<EncryptedExtensions<'_>>(&wire);
        known!(EncryptedExtensions<'_>, EncryptedExtensions { extensions: Default::default() }, "0000");
    }
}
