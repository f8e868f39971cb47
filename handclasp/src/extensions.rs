//! What either side may say about extensions beyond its policy: limits of records, OCSP
//! responses, hints about pre-shared keys, cookies.

use std::sync::Arc;

use crate::{Client, CookieSecret, Server};
use handclasp_connection::Config;

/// What both sides have in common.
fn limit_records(config: &mut Arc<Config>, bytes: u16) {
    Arc::make_mut(config).limit_records(bytes);
}

impl Client {
    /// Records of at most `bytes` of content in both directions, at least 512: what is sent, and
    /// what the server is asked to send, by record_size_limit (RFC 8449) and, for servers that
    /// do not know that, by max_fragment_length (RFC 6066 §4). For peers with little memory, and
    /// for being one.
    #[must_use]
    pub fn limit_records(mut self, bytes: u16) -> Self {
        limit_records(&mut self.config, bytes);
        self
    }

    /// Asks the server for an OCSP response about its certificate (RFC 6066 §8), which also comes as
    /// [`handclasp_handshake::Connected::ocsp_response`]. With [`crate::Trust::WebPki`] it must be
    /// signed by the certificate's issuer or a responder of it, of now, and good; a certificate that
    /// promises one (must-staple, RFC 7633) is refused without. Other kinds of trust know no issuer:
    /// there it is handed over as it came. Without this, nothing about revocation is looked at, and
    /// sessions that began so are not resumed with it.
    #[must_use]
    pub fn request_ocsp_response(mut self) -> Self {
        Arc::make_mut(&mut self.config).handshake.extensions.status_request = true;
        self.believing()
    }
}

impl Server {
    /// As [`Client::limit_records`]. A client that tells no limit of its own sends what it likes.
    #[must_use]
    pub fn limit_records(mut self, bytes: u16) -> Self {
        limit_records(&mut self.config, bytes);
        self
    }

    /// Tells clients of TLS 1.2 which pre-shared key is wanted (RFC 4279 §5.2), before anything is
    /// protected: not a place for secrets.
    #[must_use]
    pub fn psk_identity_hint(mut self, hint: impl Into<Vec<u8>>) -> Self {
        Arc::make_mut(&mut self.config).handshake.extensions.psk_identity_hint = hint.into();
        self
    }

    /// Keeps nothing of a first ClientHello that needs a HelloRetryRequest: the client carries it
    /// in a cookie (RFC 8446 §4.2.2). `None` draws a secret for this server alone; servers that
    /// share one may take over from each other. Without randomness nothing changes. Mbed TLS 3.6
    /// refuses every cookie (unsupported_extension), so its clients then need a share that we take.
    #[must_use]
    pub fn stateless_retry(mut self, secret: Option<CookieSecret>) -> Self {
        let secret = secret.or_else(|| CookieSecret::random().ok()).map(|CookieSecret(secret)| secret);
        Arc::make_mut(&mut self.config).handshake.extensions.cookie_secret = secret;
        self
    }
}
