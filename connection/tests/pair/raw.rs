//! A peer that breaks rules: it seals with the keys of a conforming one, taken from the key log.

use handclasp_codec::{ContentType, HandshakeType};
use handclasp_connection::Connection;
use handclasp_crypto::Suite;
use handclasp_provider_aws_lc as aws_lc;
use handclasp_record::RecordKeys;
use handclasp_schedule::TrafficSecret;

const SUITE: &Suite = &aws_lc::TLS_AES_128_GCM_SHA256;

/// Acts as the client of a connected pair, with TLS_AES_128_GCM_SHA256.
pub struct RawClient {
    secret: TrafficSecret,
    keys: RecordKeys,
}

impl RawClient {
    /// `logging` still holds the key log of the connection.
    pub fn new(logging: &mut Connection) -> Self {
        Self::by(logging, "CLIENT_TRAFFIC_SECRET_0")
    }

    /// Seals with the secret of this label, as the side that owns it.
    pub fn by(logging: &mut Connection, label: &str) -> Self {
        let mut log = logging.take_key_log();
        let line = log.iter().position(|line| line.label == label).expect("logged");
        let secret = TrafficSecret::restore(SUITE.hash, log.swap_remove(line).secret);
        let keys = RecordKeys::new(&secret.keys(SUITE)).expect("keys");
        Self { secret, keys }
    }

    pub fn seal(&mut self, content_type: ContentType, content: &[u8]) -> Vec<u8> {
        let mut record = Vec::new();
        self.keys.seal(content_type, content, &mut record).expect("seals");
        record
    }

    /// A KeyUpdate that requests one in return.
    pub fn key_update(&mut self) -> Vec<u8> {
        let record = self.seal(ContentType::handshake, &[HandshakeType::key_update.0, 0, 0, 1, 1]);
        self.secret = self.secret.next();
        self.keys = RecordKeys::new(&self.secret.keys(SUITE)).expect("keys");
        record
    }
}
