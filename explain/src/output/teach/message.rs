//! What each handshake message is for (RFC 8446 §4, RFC 5246 §7.4).

use handclasp_codec::HandshakeType;

sentences! {
    HandshakeType {
        hello_request =
            "A server of TLS 1.2 asks for a new handshake on the same connection (renegotiation).";
        client_hello =
            "The client opens: everything that it can do. The server chooses from these lists and from nothing \
             else, so when nothing fits, the reason stands here.";
        server_hello =
            "The server's choice: one version, one suite, in TLS 1.3 also its half of the key exchange. All must \
             come from the client's lists. With one special random it is a HelloRetryRequest: please ask again, \
             with a key share of another group.";
        hello_verify_request =
            "DTLS only: the server wants its cookie back before it works.";
        new_session_ticket =
            "A sealed memory of this session. The client shows it next time and saves the certificates and \
             signatures.";
        end_of_early_data =
            "The client's early data (0-RTT) ends here; the keys change.";
        hello_retry_request_RESERVED =
            "A number that drafts of TLS 1.3 used.";
        encrypted_extensions =
            "The first encrypted message of a TLS 1.3 server: answers to extensions that need not be seen by \
             everybody, such as the application protocol.";
        request_connection_id | new_connection_id =
            "DTLS only: a name for the connection that outlives a change of address.";
        certificate =
            "Who I am: the sender's own certificate first, then those that lead to a root. It proves nothing yet; \
             the signature that follows does.";
        server_key_exchange =
            "TLS 1.2: the server's fresh public key, signed with the key of its certificate over both randoms. If \
             this signature fails, certificate and private key do not belong together, or bytes were changed.";
        certificate_request =
            "The server wants to know who the client is: which kinds of keys, which signatures, and of which issuers.";
        server_hello_done =
            "TLS 1.2: it is the client's turn now.";
        certificate_verify =
            "The proof: a signature over the whole conversation so far, with the key of the certificate just shown. \
             Its scheme must fit that key.";
        client_key_exchange =
            "TLS 1.2: the client's half of the key exchange; for a pre-shared key the identity alone. Both ends can \
             compute the keys now.";
        client_certificate_request =
            "A client asks for the server's certificates of a later time (a draft).";
        finished =
            "A checksum over everything said, made with the new keys. It is the first proof that both ends hold the \
             same keys and saw the same messages: different pre-shared keys show here first.";
        certificate_url =
            "TLS 1.2: where a certificate can be fetched, instead of the certificate.";
        certificate_status =
            "TLS 1.2: the certificate's issuer says that it is not revoked (OCSP stapling).";
        supplemental_data =
            "TLS 1.2: data of other protocols about who the sender is. Hardly used.";
        key_update =
            "TLS 1.3: the sender changes to its next keys, so that none is used too long.";
        compressed_certificate =
            "A Certificate message, compressed (RFC 8879).";
        ekt_key =
            "A key for encrypted media (RFC 8870).";
        next_protocol =
            "The forerunner of ALPN: the client says what it will speak.";
    }
}
