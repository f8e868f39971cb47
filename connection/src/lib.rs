//! record and handshake joined, without a socket
