//! Options of extensions beyond the policy: record limits, OCSP responses, hints about pre-shared keys,
//! cookies.

use crate::{Client, CookieSecret, Server};

impl Client {
    /// Limits records to `bytes` of content in both directions, at least 512: those that are sent, and
    /// those that the server is asked to send, by record_size_limit (RFC 8449) and, for servers that do
    /// not know it, by max_fragment_length (RFC 6066 §4). For peers with little memory, and for devices.
    #[must_use]
    pub fn limit_records(mut self, bytes: u16) -> Self {
        self.change().config.limit_records(bytes);
        self
    }

    /// Asks the server for an OCSP response about its certificate (RFC 6066 §8), which is also returned in
    /// [`crate::Connected::ocsp_response`]. With [`crate::Trust::WebPki`] it must be signed by the
    /// certificate's issuer or a responder that the issuer delegated, current, and good; a certificate
    /// with must-staple (RFC 7633) is refused without one. Other kinds of trust know no issuer: there it
    /// is returned as it came. Without this, revocation is not checked, and sessions that began so are
    /// not resumed with it.
    #[must_use]
    pub fn request_ocsp_response(mut self) -> Self {
        let settings = self.change();
        settings.config.handshake.extensions.status_request = true;
        settings.bind_trust();
        self
    }

    /// As [`Client::request_ocsp_response`], and refuses every server that sends none. With
    /// [`crate::Trust::WebPki`]; other kinds of trust cannot verify a response, and require none.
    #[must_use]
    pub fn require_ocsp_response(mut self) -> Self {
        self.change().requires_status = true;
        self.request_ocsp_response()
    }
}

impl Server {
    /// As [`Client::limit_records`]. A client that sends no limit of its own chooses the size of its
    /// records.
    #[must_use]
    pub fn limit_records(mut self, bytes: u16) -> Self {
        self.change().config.limit_records(bytes);
        self
    }

    /// Sends clients of TLS 1.2 a hint which pre-shared key is wanted (RFC 4279 §5.2). It is not
    /// encrypted: no place for secrets.
    #[must_use]
    pub fn psk_identity_hint(mut self, hint: impl Into<Vec<u8>>) -> Self {
        self.change().config.handshake.extensions.psk_identity_hint = hint.into();
        self
    }

    /// Keeps no state for a first ClientHello that needs a HelloRetryRequest: the client returns it
    /// in a cookie (RFC 8446 §4.2.2). `None` draws a secret for this server alone; servers that
    /// share one can continue each other's handshakes. If the random number generator fails, nothing
    /// changes. Mbed TLS 3.6 refuses every cookie (unsupported_extension), so its clients then need a
    /// key share that this server takes.
    #[must_use]
    pub fn stateless_retry(mut self, secret: Option<CookieSecret>) -> Self {
        let secret = secret.or_else(|| CookieSecret::random().ok()).map(|CookieSecret(secret)| secret);
        self.change().config.handshake.extensions.cookie_secret = secret;
        self
    }
}
