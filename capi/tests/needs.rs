//! Decisions that a C program leaves to itself: signatures, the peer's certificates. Client and server in
//! memory, both versions.

use std::{
    ffi::CStr,
    process::Command,
    ptr::{null, null_mut},
    slice,
};

use handclasp::*;
use handclasp_codec::SignatureScheme;
use handclasp_identity::Identity;
use handclasp_provider_aws_lc::{KEYS, SHA256, SystemRandom};

/// A certificate and its key, as PEM.
struct Credentials {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

impl Credentials {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let arguments = "req -x509 -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256 -days 7 -subj /CN=capi \
                         -keyout key.pem -out cert.pem";
        let output = Command::new("openssl")
            .current_dir(directory.path())
            .args(arguments.split_whitespace())
            .output()
            .expect("openssl is installed");
        assert!(output.status.success());
        let read = |name| std::fs::read(directory.path().join(name)).unwrap();
        Self { certificate: read("cert.pem"), key: read("key.pem") }
    }

    fn identity(&self) -> Identity {
        Identity::from_pem_with(&self.certificate, &self.key, KEYS).unwrap()
    }

    /// SHA-256 of the public key.
    fn pin(&self) -> [u8; 32] {
        let digest: &[u8] = &SHA256.hash(&[&self.identity().spki()]);
        digest.try_into().unwrap()
    }
}

/// A client and a server, freed on drop.
struct Pair {
    client: *mut Connection,
    server: *mut Connection,
}

impl Pair {
    /// The server's key is with the application; the client is configured by `trust`.
    fn new(credentials: &Credentials, version: u16, trust: impl FnOnce(*mut Config)) -> Self {
        let (mut client, mut server) = (null_mut(), null_mut());
        let (mut of_client, mut of_server) = (null_mut(), null_mut());
        let certificate = &credentials.certificate;
        // SAFETY: handles of this library, variables and vectors of this function.
        unsafe {
            assert_eq!(hc_config_new(HC_CLIENT, &mut of_client), HC_OK);
            let only =
                if version == 0x0303 { hc_client_tls12(of_client) } else { hc_client_tls13(of_client) };
            assert_eq!(only, HC_OK);
            trust(of_client);
            assert_eq!(hc_config_new(HC_SERVER, &mut of_server), HC_OK);
            let set = hc_config_identity_external(of_server, certificate.as_ptr(), certificate.len());
            assert_eq!(set, HC_OK);
            assert_eq!(hc_client_new(of_client, &mut client), HC_OK);
            assert_eq!(hc_server_new(of_server, &mut server), HC_OK);
            hc_config_free(of_client);
            hc_config_free(of_server);
        }
        Self { client, server }
    }

    /// Delivers what waits, until both wait.
    fn run(&self) -> Code {
        let turns = [(self.client, self.server), (self.server, self.client)].repeat(4);
        turns
            .into_iter()
            .map(|(from, to)| Self::deliver(from, to))
            .find(|code| *code != HC_OK)
            .unwrap_or(HC_OK)
    }

    fn deliver(from: *mut Connection, to: *mut Connection) -> Code {
        let (mut length, mut taken) = (0, 0);
        // SAFETY: handles, and variables of this function.
        unsafe {
            let bytes = hc_transmit(from, &mut length);
            if bytes.is_null() {
                return HC_OK;
            }
            let code = hc_receive(to, bytes, length, &mut taken);
            assert_eq!(hc_transmitted(from, taken), HC_OK);
            code
        }
    }

    fn need(&self, of: *mut Connection) -> Need {
        let mut need = Need { kind: 99, version: 0, scheme: 0, message: null(), message_length: 0, items: 0 };
        // SAFETY: a handle and a variable.
        assert_eq!(unsafe { hc_get_need(of, &mut need) }, HC_OK);
        need
    }

    /// Signs as the server's application does.
    fn sign(&self, credentials: &Credentials) -> Code {
        let need = self.need(self.server);
        assert_eq!((need.kind, need.scheme), (HC_NEED_SIGNATURE, 0x0403));
        // SAFETY: the message is valid until the next call that changes the connection.
        let message = unsafe { slice::from_raw_parts(need.message, need.message_length) };
        let scheme = SignatureScheme(need.scheme);
        let signature = credentials.identity().sign(scheme, message, &mut SystemRandom).unwrap();
        // SAFETY: a handle and a vector.
        unsafe { hc_answer_signature(self.server, signature.as_ptr(), signature.len()) }
    }

    fn is_connected(&self) -> bool {
        // SAFETY: handles.
        unsafe { (hc_may(self.client) & hc_may(self.server) & HC_IS_CONNECTED) != 0 }
    }

    fn words(&self, of: *mut Connection) -> String {
        let mut text = [0; 300];
        // SAFETY: a handle and a buffer, which ends in NUL after the call.
        unsafe {
            assert_eq!(hc_words(of, text.as_mut_ptr(), text.len(), null_mut()), HC_OK);
            CStr::from_ptr(text.as_ptr()).to_str().unwrap().to_owned()
        }
    }
}

impl Drop for Pair {
    fn drop(&mut self) {
        // SAFETY: handles that are not used after this.
        unsafe {
            hc_connection_free(self.client);
            hc_connection_free(self.server);
        }
    }
}

/// Trust in the key of these credentials.
fn pinned(credentials: &Credentials) -> impl FnOnce(*mut Config) + use<> {
    let pin = credentials.pin();
    // SAFETY: a handle, and 32 bytes.
    move |config| assert_eq!(unsafe { hc_config_trust_pin(config, pin.as_ptr()) }, HC_OK)
}

#[test]
fn a_key_elsewhere_signs() {
    let credentials = Credentials::new();
    for version in [0x0303, 0x0304] {
        let pair = Pair::new(&credentials, version, pinned(&credentials));
        assert_eq!(pair.run(), HC_OK);
        assert_eq!(pair.sign(&credentials), HC_OK);
        assert_eq!(pair.run(), HC_OK);
        assert!(pair.is_connected());
    }
}

#[test]
fn a_signature_that_does_not_verify_is_not_sent() {
    let (credentials, other) = (Credentials::new(), Credentials::new());
    for version in [0x0303, 0x0304] {
        let pair = Pair::new(&credentials, version, pinned(&credentials));
        assert_eq!(pair.run(), HC_OK);
        // By another key: number 3 in the compact report.
        assert_eq!(pair.sign(&other), HC_FAULT_SIGNER_FAILED << 8 | 3);

        // r and s side by side, as PKCS #11 has them.
        let pair = Pair::new(&credentials, version, pinned(&credentials));
        assert_eq!(pair.run(), HC_OK);
        // SAFETY: a handle, and 64 bytes.
        let code = unsafe { hc_answer_signature(pair.server, [7; 64].as_ptr(), 64) };
        assert_eq!(code, HC_FAULT_SIGNER_FAILED << 8 | 4);
        assert!(pair.words(pair.server).contains("DER"), "{}", pair.words(pair.server));

        // The signer failed: the client sees internal_error (RFC 8446 §6.2).
        let pair = Pair::new(&credentials, version, pinned(&credentials));
        assert_eq!(pair.run(), HC_OK);
        // SAFETY: a handle.
        assert_eq!(unsafe { hc_answer_signature_failed(pair.server) } >> 8, HC_FAULT_SIGNER_FAILED);
        assert_eq!(Pair::deliver(pair.server, pair.client), HC_FAULT_PEER_ALERT << 8 | 80);
    }
}

#[test]
fn the_application_judges_the_peer() {
    let credentials = Credentials::new();
    // SAFETY: a handle.
    let late = |config| assert_eq!(unsafe { hc_config_late(config, HC_LATE_PEER) }, HC_OK);
    for version in [0x0303, 0x0304] {
        let pair = Pair::new(&credentials, version, late);
        assert_eq!(pair.run(), HC_OK);
        assert_eq!(pair.sign(&credentials), HC_OK);
        assert_eq!(pair.run(), HC_OK);
        let need = pair.need(pair.client);
        assert_eq!((need.kind, need.items), (HC_NEED_PEER, 1));
        let mut length = 0;
        // SAFETY: a handle and a variable; the item is valid until the connection changes.
        let certificate = unsafe {
            let item = hc_need_item(pair.client, 0, &mut length);
            slice::from_raw_parts(item, length)
        };
        assert_eq!(certificate, credentials.identity().chain()[0].as_ref());
        assert!(!pair.is_connected());
        // SAFETY: a handle.
        assert_eq!(unsafe { hc_answer_peer_accepted(pair.client) }, HC_OK);
        assert_eq!(pair.run(), HC_OK);
        assert!(pair.is_connected());
        let mut agreed = std::mem::MaybeUninit::<Negotiated>::uninit();
        // SAFETY: a handle, and a variable that is written when the call succeeds.
        let agreed = unsafe {
            assert_eq!(hc_get_negotiated(pair.client, agreed.as_mut_ptr()), HC_OK);
            agreed.assume_init()
        };
        assert_eq!((agreed.version, agreed.has_peer_pin), (version, 1));
        assert_eq!(agreed.peer_pin, credentials.pin());

        // Refused: certificate_revoked is 44 (RFC 8446 §6).
        let pair = Pair::new(&credentials, version, late);
        assert_eq!(pair.run(), HC_OK);
        assert_eq!(pair.sign(&credentials), HC_OK);
        assert_eq!(pair.run(), HC_OK);
        // SAFETY: a handle.
        unsafe {
            assert_eq!(hc_answer_peer_refused(pair.client, 9), HC_UNSUPPORTED);
            let code = hc_answer_peer_refused(pair.client, HC_REFUSED_REVOKED);
            assert_eq!(code, HC_FAULT_CERTIFICATE << 8 | HC_CERTIFICATE_REVOKED);
        }
        assert_eq!(pair.run(), HC_FAULT_PEER_ALERT << 8 | 44);
    }
}
