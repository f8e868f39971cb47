//! Explanation of each handshake message (RFC 8446 §4, RFC 5246 §7.4).

use handclasp_codec::HandshakeType;

sentences! {
    HandshakeType {
        hello_request =
            "A TLS 1.2 server requests a new handshake on the same connection (renegotiation).";
        client_hello =
            "The client starts the handshake and lists everything it supports. The server may choose only \
             from these lists, so when negotiation fails, the reason is here.";
        server_hello =
            "The server's choice: one version, one cipher suite and, in TLS 1.3, its half of the key \
             exchange. Each must come from the client's lists. With one reserved random value the message \
             is a HelloRetryRequest: the client must send its hello again, usually with a key share for \
             another group.";
        hello_verify_request =
            "DTLS only: the server asks the client to return a cookie before it allocates state.";
        new_session_ticket =
            "The session state, encrypted by the server. The client presents it to resume the session \
             without certificates and signatures.";
        end_of_early_data =
            "The client's early data (0-RTT) ends here; the keys change.";
        hello_retry_request_RESERVED =
            "A message type that drafts of TLS 1.3 used.";
        encrypted_extensions =
            "The first encrypted message of a TLS 1.3 server: responses to extensions that need not be \
             public, such as the application protocol.";
        request_connection_id | new_connection_id =
            "DTLS only: a connection identifier that stays valid when an address changes.";
        certificate =
            "The sender's certificate, followed by the issuers that lead to a root. It does not prove \
             possession of the key; the signature that follows does.";
        server_key_exchange =
            "TLS 1.2: the server's ephemeral public key, signed together with both randoms under the \
             certificate's key. If this signature does not verify, the private key does not match the \
             certificate, or bytes were changed.";
        certificate_request =
            "The server requests a client certificate and lists the key types, signature schemes and \
             issuers it accepts.";
        server_hello_done =
            "TLS 1.2: the server's flight is complete; the client sends next.";
        certificate_verify =
            "Proof of possession: a signature over the handshake so far, made with the key of the \
             certificate just sent. The scheme must match the type of that key.";
        client_key_exchange =
            "TLS 1.2: the client's half of the key exchange; with a plain pre-shared key only the identity. \
             Both sides can now compute the keys.";
        client_certificate_request =
            "A client requests a certificate from the server after the handshake (a draft).";
        finished =
            "A MAC over all handshake messages, computed with the new keys. It is the first proof that both \
             sides have the same keys and saw the same messages: differing pre-shared keys show here \
             first.";
        certificate_url =
            "TLS 1.2: a URL of the certificate, instead of the certificate.";
        certificate_status =
            "TLS 1.2: the issuer's statement that the certificate is not revoked (OCSP stapling).";
        supplemental_data =
            "TLS 1.2: authorization data of other protocols. Rarely used.";
        key_update =
            "TLS 1.3: the sender switches to its next traffic keys, which limits how much data one key \
             protects.";
        compressed_certificate =
            "A Certificate message, compressed (RFC 8879).";
        ekt_key =
            "A key for encrypted media (RFC 8870).";
        next_protocol =
            "The predecessor of ALPN: the client names the application protocol it will use.";
    }
}
