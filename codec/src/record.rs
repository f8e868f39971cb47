//! Structures of the record layer: RFC 8446 §5.1 and §6, RFC 5246 §6.2.1, §7.1 and §7.2. The crate
//! `record` decides which versions and lengths are acceptable.

use crate::{AlertDescription, AlertLevel, ContentType, ProtocolVersion, structure::structure};

structure! {
    /// Header of every record, 5 bytes.
    RecordHeader {
        /// Type of the fragment's content; application_data (23) for every protected record of TLS 1.3.
        content_type: ContentType => word,
        /// 0x0303, except that an initial ClientHello may have 0x0301 (RFC 8446 §5.1).
        legacy_record_version: ProtocolVersion => word,
        /// Length of the fragment in bytes.
        length: u16 => u16,
    }
}

structure! {
    /// An alert, 2 bytes.
    Alert in alert {
        /// Severity; ignored in TLS 1.3.
        level: AlertLevel => word,
        /// Reason of the alert.
        description: AlertDescription => word,
    }
}

structure! {
    /// Content of a change_cipher_spec record. It activates new keys in TLS 1.2 and is ignored in TLS
    /// 1.3.
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
        fails!(Alert, "02 28 00", Problem::Trailing, [1, 0, 0], 2);
    }
}
