//! Runs of `psk-client`.

use interop::credentials::{PSK_ASCII, PSK_ID};

use crate::firmware::machine::{Settings, Tag};
use crate::firmware::run::ClientRun;

/// The runs: each suite, and a wrong key.
pub fn runs() -> Vec<ClientRun> {
    let key = |key: &str| {
        Settings::default().with(Tag::PskIdentity, PSK_ID.as_bytes()).with(Tag::Psk, key.as_bytes())
    };
    let connects = |name, profile, server, peer| ClientRun {
        name,
        profile,
        both_cores: true,
        settings: key(PSK_ASCII).number(Tag::Connections, 2),
        server,
        ready: "ACCEPT",
        board: &["connected", "received olleh", "closed"],
        peer,
        explained: "",
        figures: "connected",
    };
    let refused = |profile, server, peer, explained| ClientRun {
        name: "wrong key",
        both_cores: false,
        settings: key("0123456789abcdeF"),
        board: &["failed"],
        explained,
        figures: "",
        ..connects("", profile, server, peer)
    };
    const SERVER_12: &str = "openssl s_server -accept 127.0.0.1:{port} -tls1_2 -nocert -rev -psk \
                             30313233343536373839616263646566 -psk_identity device-7";
    const SERVER_12_CCM_8: &str = "openssl s_server -accept 127.0.0.1:{port} -tls1_2 -nocert -rev -cipher \
                                   PSK-AES128-CCM8:@SECLEVEL=0 -psk 30313233343536373839616263646566 \
                                   -psk_identity device-7";
    const SERVER_13: &str = "openssl s_server -accept 127.0.0.1:{port} -tls1_3 -nocert -rev -psk \
                             30313233343536373839616263646566 -psk_identity device-7";
    vec![
        connects("OpenSSL", "1.2 PSK client", SERVER_12, &["Ciphersuite: PSK-AES128-GCM-SHA256"]),
        connects("OpenSSL", "1.2 PSK client, CCM_8", SERVER_12_CCM_8, &["Ciphersuite: PSK-AES128-CCM8"]),
        connects("OpenSSL", "1.3 PSK client", SERVER_13, &["Ciphersuite: TLS_AES_128_GCM_SHA256"]),
        refused(
            "1.2 PSK client",
            SERVER_12,
            &["decryption failed or bad record mac"],
            "read the same key differently",
        ),
        refused(
            "1.3 PSK client",
            SERVER_13,
            &["binder does not verify"],
            "illegal_parameter (47). The server accepts the identity but rejects the binder",
        ),
    ]
}
