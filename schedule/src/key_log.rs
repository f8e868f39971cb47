//! Labels of key log files (RFC 9850). A line consists of the label, the client random and the secret,
//! the latter two in hexadecimal.

/// Master secret of TLS 1.2.
pub const CLIENT_RANDOM: &str = "CLIENT_RANDOM";
/// client_early_traffic_secret; this stack never derives it, but other programs log it.
pub const CLIENT_EARLY_TRAFFIC_SECRET: &str = "CLIENT_EARLY_TRAFFIC_SECRET";
/// client_handshake_traffic_secret.
pub const CLIENT_HANDSHAKE_TRAFFIC_SECRET: &str = "CLIENT_HANDSHAKE_TRAFFIC_SECRET";
/// server_handshake_traffic_secret.
pub const SERVER_HANDSHAKE_TRAFFIC_SECRET: &str = "SERVER_HANDSHAKE_TRAFFIC_SECRET";
/// client_application_traffic_secret_0; later generations derive from it.
pub const CLIENT_TRAFFIC_SECRET_0: &str = "CLIENT_TRAFFIC_SECRET_0";
/// server_application_traffic_secret_0; later generations derive from it.
pub const SERVER_TRAFFIC_SECRET_0: &str = "SERVER_TRAFFIC_SECRET_0";
/// exporter_secret of TLS 1.3.
pub const EXPORTER_SECRET: &str = "EXPORTER_SECRET";
