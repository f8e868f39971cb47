//! Code points of the record layer: RFC 8446 §5.1, RFC 6520 (heartbeat).

use super::registry;

registry! {
    /// Type of a record's content.
    ContentType(u8, content_type) {
        change_cipher_spec = 20, alert = 21, handshake = 22, application_data = 23, heartbeat = 24,
        tls12_cid = 25, ACK = 26,
    }
}

registry! {
    /// A protocol version. Ordering compares the numbers, so a later TLS version is greater.
    ProtocolVersion(u16, version) {
        SSL_2_0 = 0x0002, SSL_3_0 = 0x0300, TLS_1_0 = 0x0301, TLS_1_1 = 0x0302, TLS_1_2 = 0x0303,
        TLS_1_3 = 0x0304, DTLS_1_0 = 0xfeff, DTLS_1_2 = 0xfefd, DTLS_1_3 = 0xfefc,
    }
}
