//! The record layer's structures: RFC 8446 §5.1 and §6, RFC 5246 §6.2.1, §7.1 and §7.2.
//! What a version or a length means there is the business of the room `record`.

use crate::{AlertDescription, AlertLevel, ContentType, ProtocolVersion, structure::structure};

structure! {
    /// The five bytes in front of every record.
    RecordHeader {
        /// What the fragment carries; 23 for all that is encrypted in 1.3.
        content_type: ContentType => word,
        /// Frozen at 0x0303, except in a first ClientHello.
        legacy_record_version: ProtocolVersion => word,
        /// Bytes of the fragment that follows.
        length: u16 => u16,
    }
}

structure! {
    /// An alert.
    Alert in alert {
        /// Without meaning in 1.3.
        level: AlertLevel => word,
        /// Why.
        description: AlertDescription => word,
    }
}

structure! {
    /// The message of its own content type that switches keys in 1.2 and nothing in 1.3.
    ChangeCipherSpec in change_cipher_spec {
        /// Always 1.
        change_cipher_spec_type: u8 => u8,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::{fails, known};
    use crate::*;

    #[test]
    fn header_and_alert() {
        let header = RecordHeader {
            content_type: ContentType::handshake,
            legacy_record_version: ProtocolVersion::TLS_1_0,
            length: 0x0102,
        };
        known!(RecordHeader, header, "16 0301 0102");
        let alert = Alert { level: AlertLevel::fatal, description: AlertDescription::handshake_failure };
        known!(Alert, alert, "02 28");
        known!(ChangeCipherSpec, ChangeCipherSpec { change_cipher_spec_type: 1 }, "01");
        fails!(Alert, "02 28 00", Problem::Trailing { extra: 1 }, 2);
    }
}
