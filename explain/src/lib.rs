//! why a handshake failed, from bytes and reports
