//! Code points of the handshake layer: RFC 8446 §4 and §B.3, RFC 5246 §7.4, RFC 3749 (compression).

use super::registry;

registry! {
    /// Type of a handshake message.
    HandshakeType(u8, msg_type) {
        hello_request = 0, client_hello = 1, server_hello = 2, hello_verify_request = 3,
        new_session_ticket = 4, end_of_early_data = 5, hello_retry_request_RESERVED = 6,
        encrypted_extensions = 8, request_connection_id = 9, new_connection_id = 10,
        certificate = 11, server_key_exchange = 12, certificate_request = 13,
        server_hello_done = 14, certificate_verify = 15, client_key_exchange = 16,
        client_certificate_request = 17, finished = 20, certificate_url = 21,
        certificate_status = 22, supplemental_data = 23, key_update = 24,
        compressed_certificate = 25, ekt_key = 26, next_protocol = 67, message_hash = 254,
    }
}

registry! {
    /// Whether a KeyUpdate requests one in return (RFC 8446 §4.6.3).
    KeyUpdateRequest(u8, request_update) { update_not_requested = 0, update_requested = 1 }
}

registry! {
    /// Compression method (RFC 3749, RFC 3943); only `null` is used.
    CompressionMethod(u8, compression_method) { null = 0, DEFLATE = 1, LZS = 64 }
}
