//! Records that OpenSSL sealed (`schedule/tests/vectors/capture.py`), opened with the secrets of its key
//! log: CCM in both versions, CBC with encrypt-then-MAC, and an ECDHE_PSK suite. All keys derive from
//! the logged master or traffic secret with our code.

mod support;
#[path = "../../schedule/tests/vectors/mod.rs"]
mod vectors;

use handclasp_codec::{CipherSuite, ContentType};
use handclasp_crypto::{Secret, Suite};
use handclasp_provider_aws_lc as provider;
use handclasp_record::RecordKeys;
use handclasp_schedule::{MasterSecret, TrafficSecret};
use support::open;
use vectors::Vectors;

/// Application data of each side.
const CLIENT: &[u8] = b"from the client\n";
const SERVER: &[u8] = b"from the server\n";

/// HandshakeType of Finished.
const FINISHED: u8 = 20;

/// Values of one suite.
struct Trace<'v> {
    vectors: &'v Vectors,
    suite: &'static Suite,
}

impl Trace<'_> {
    fn get(&self, name: &str) -> Option<&[u8]> {
        let CipherSuite(number) = self.suite.id;
        self.vectors.get(&format!("{number:04x}_{name}"))
    }

    fn secret(&self, name: &str) -> Secret {
        Secret::copy_from(self.get(name).unwrap()).unwrap()
    }

    fn random(&self, name: &str) -> &[u8; 32] {
        self.get(name).unwrap().try_into().unwrap()
    }

    /// Opens all records of one side, switching to the keys `later`, if any, after a Finished. Returns
    /// the application data.
    fn open(&self, side: &str, mut keys: RecordKeys, mut later: Option<RecordKeys>) -> Vec<u8> {
        let mut data = Vec::new();
        let mut types = Vec::new();
        for index in 0.. {
            let Some(record) = self.get(&format!("{side}_record_{index}")) else { break };
            let (content_type, content) = open(&mut keys, record).unwrap();
            if content_type == ContentType::handshake && content[0] == FINISHED {
                keys = later.take().unwrap_or(keys);
            }
            if content_type == ContentType::application_data {
                data.extend(content);
            }
            types.push(content_type);
        }
        assert_eq!(types.first(), Some(&ContentType::handshake), "{:?}", self.suite);
        assert_eq!(types.last(), Some(&ContentType::alert), "{:?}", self.suite);
        data
    }

    fn check(&self) {
        let (client, server) = match self.get("master_secret") {
            Some(_) => {
                let mut master = MasterSecret::restore(self.suite.hash, &self.secret("master_secret"));
                let (client_random, server_random) =
                    (self.random("client_random"), self.random("server_random"));
                master.derive_keys(self.suite, client_random, server_random);
                let keys = master.keys().unwrap();
                let read = |keys| RecordKeys::new(keys).unwrap();
                (self.open("client", read(&keys.client), None), self.open("server", read(&keys.server), None))
            }
            None => (self.open13("client"), self.open13("server")),
        };
        assert_eq!(client, CLIENT, "{:?}", self.suite);
        assert_eq!(server, [SERVER, &[b'x'; 300], b"\n"].concat(), "{:?}", self.suite);
    }

    fn open13(&self, side: &str) -> Vec<u8> {
        let keys = |name: &str| {
            let secret = TrafficSecret::restore(self.suite.hash, self.secret(&format!("{side}_{name}")));
            RecordKeys::new(&secret.keys(self.suite)).unwrap()
        };
        self.open(side, keys("handshake_traffic_secret"), Some(keys("traffic_secret_0")))
    }
}

fn check(suites: impl IntoIterator<Item = &'static Suite>) {
    let vectors = Vectors::load("openssl");
    for suite in suites {
        Trace { vectors: &vectors, suite }.check();
    }
}

#[test]
fn ccm() {
    // OpenSSL 3.0 has no ECDHE_PSK suite with CCM.
    let ours_alone = CipherSuite::TLS_ECDHE_PSK_WITH_AES_128_CCM_SHA256;
    check(provider::CCM_SUITES.iter().copied().filter(|suite| suite.id != ours_alone));
    check(provider::CCM_8_SUITES.iter().copied());
}

#[test]
fn cbc_with_encrypt_then_mac() {
    check(provider::CBC_ETM_SUITES.iter().copied());
}

#[test]
fn ecdhe_psk() {
    check([&provider::TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256]);
}
