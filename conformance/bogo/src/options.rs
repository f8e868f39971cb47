//! What the flags ask of each connection of a test.

use std::path::PathBuf;

use handclasp_codec::{CertificateType, NamedGroup, ProtocolVersion, SignatureScheme};

use handclasp_handshake::PskHash;

use crate::{end::End, flags};

/// What the flags ask of one connection.
#[derive(Clone)]
pub struct Options {
    // ---- runner
    pub port: u16,
    pub ipv6: bool,
    pub shim_id: u64,
    pub server: bool,
    /// Number of connections after the first.
    pub resume_count: usize,
    /// Seconds between this connection and the next.
    pub resumption_delay: u64,

    // ---- what we offer and accept
    pub min_version: ProtocolVersion,
    pub max_version: ProtocolVersion,
    /// Versions that are disabled one by one.
    pub without: Vec<ProtocolVersion>,
    /// Only suites whose names contain one of these.
    pub suites: Option<Vec<&'static str>>,
    pub groups: Option<Vec<NamedGroup>>,
    /// Groups with a key share in the first ClientHello.
    pub shares: Option<Vec<NamedGroup>>,
    pub verify: Option<Vec<SignatureScheme>>,
    /// Protocols of a client or a server, in order of preference.
    pub alpn: Vec<Vec<u8>>,
    pub server_name: Option<String>,
    pub record_size: usize,
    pub certificates_limit: Option<u32>,
    pub status_request: bool,
    pub no_tickets: bool,
    /// A server issues no ticket.
    pub skip_tickets: bool,
    /// A server issues a new ticket for each one that it redeems.
    pub renew_tickets: bool,
    /// A server requests a certificate; a client always receives one.
    pub request_certificate: bool,
    pub require_certificate: bool,
    /// Distinguished names (DER) of the authorities that a server sends.
    pub authorities: Vec<Vec<u8>>,
    /// Certificate types that a client offers for its own certificate.
    pub own_types: Vec<CertificateType>,
    pub peer_types: Vec<CertificateType>,

    // ---- our credentials
    /// The credential that is not introduced by a flag of its own, if its files are given.
    pub credential: CredentialOptions,
    /// Credentials introduced by `-new-…-credential`, in order of preference.
    pub credentials: Vec<CredentialOptions>,
    /// Sends no OCSP response, even if the credentials have one.
    pub without_staple: bool,
    pub psk: Option<Vec<u8>>,
    pub psk_identity: Vec<u8>,

    // ---- verifying the peer
    pub refuse_peer: bool,
    /// Verifies the peer again when a session is resumed.
    pub judge_again: bool,
    /// The store of our credentials fails when asked for one.
    pub credential_fails: bool,

    // ---- transport and data
    /// Input arrives byte by byte.
    pub one_byte: bool,
    pub read_size: usize,
    pub write_first: bool,
    pub initial_write: Vec<u8>,
    pub initial_writes: usize,
    pub unfinished_write: bool,
    pub record_sizes: bool,
    pub shut_down: bool,
    pub check_close_notify: bool,
    pub export: Option<usize>,
    pub export_label: Vec<u8>,
    pub export_context: Vec<u8>,
    pub use_export_context: bool,
    pub export_between_reads: bool,
    pub export_traffic_secrets: bool,
    pub key_update: bool,
    pub key_update_before_read: bool,

    pub expect: Expectations,
}

/// The files of a certificate and key.
#[derive(Clone, Default)]
pub struct CredentialOptions {
    pub certificate: Option<PathBuf>,
    pub key: Option<PathBuf>,
    pub schemes: Vec<SignatureScheme>,
    /// Sends the key without a certificate (RFC 7250).
    pub raw: bool,
    pub ocsp_response: Vec<u8>,
    /// Sent only if the peer lists its authority.
    pub must_match_issuer: bool,
    /// A pre-shared key in place of a certificate.
    pub imported: Option<Imported>,
}

/// A pre-shared key to be imported into TLS 1.3 (RFC 9258).
#[derive(Clone)]
pub struct Imported {
    pub key: Vec<u8>,
    pub identity: Vec<u8>,
    pub context: Vec<u8>,
    /// Hash of the external key.
    pub hash: PskHash,
}

impl Default for Imported {
    fn default() -> Self {
        Self { key: Vec::new(), identity: Vec::new(), context: Vec::new(), hash: PskHash::Sha256 }
    }
}

/// Expected outcome of a handshake.
#[derive(Clone, Default)]
pub struct Expectations {
    pub never_connected: bool,
    pub no_session: bool,
    /// A ticket is issued when a TLS 1.2 session is resumed.
    pub ticket_renewal: bool,
    /// The offered session is not resumed.
    pub session_miss: bool,
    pub version: Option<u16>,
    pub suite: Option<u16>,
    pub group: Option<NamedGroup>,
    pub scheme: Option<SignatureScheme>,
    /// Signature schemes that the peer accepts, in its order.
    pub peer_schemes: Vec<SignatureScheme>,
    pub alpn: Vec<u8>,
    /// Protocol list that a client must have sent, as on the wire.
    pub advertised_alpn: Option<Vec<u8>>,
    pub server_name: Option<String>,
    pub no_server_name: bool,
    pub extended_master_secret: bool,
    pub retry: Option<bool>,
    pub peer_chain: Option<PathBuf>,
    pub no_peer_certificate: bool,
    pub selected_credential: Option<i64>,
    pub authorities: Option<Vec<Vec<u8>>>,
    pub peer_certificate_type: Option<CertificateType>,
    /// SHA-256 of the peer's SubjectPublicKeyInfo.
    pub peer_pin: Option<Vec<u8>>,
    pub ocsp_response: Option<Vec<u8>>,
    /// The peer sent a certificate or key, and it was accepted.
    pub verify_result: bool,
    /// A TLS 1.2 server sent no session ID: it keeps no sessions.
    pub no_session_id: bool,
    /// No data is accepted before the handshake is complete.
    pub no_early_data: bool,
    /// An attacker cannot inject a renegotiation (RFC 5746).
    pub secure_renegotiation: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            port: 0,
            ipv6: false,
            shim_id: 0,
            server: false,
            resume_count: 0,
            resumption_delay: 0,
            min_version: ProtocolVersion::TLS_1_2,
            max_version: ProtocolVersion::TLS_1_3,
            without: Vec::new(),
            suites: None,
            groups: None,
            shares: None,
            verify: None,
            alpn: Vec::new(),
            server_name: None,
            record_size: 16_384,
            certificates_limit: None,
            status_request: false,
            no_tickets: false,
            skip_tickets: false,
            renew_tickets: false,
            request_certificate: false,
            require_certificate: false,
            authorities: Vec::new(),
            own_types: Vec::new(),
            peer_types: Vec::new(),
            credential: CredentialOptions::default(),
            credentials: Vec::new(),
            without_staple: false,
            psk: None,
            psk_identity: Vec::new(),
            refuse_peer: false,
            judge_again: false,
            credential_fails: false,
            one_byte: false,
            // BoringSSL's shim reads this many bytes at a time.
            read_size: 512,
            write_first: false,
            initial_write: b"hello".to_vec(),
            initial_writes: 1,
            unfinished_write: false,
            record_sizes: false,
            shut_down: false,
            check_close_notify: false,
            export: None,
            export_label: Vec::new(),
            export_context: Vec::new(),
            use_export_context: false,
            export_between_reads: false,
            export_traffic_secrets: false,
            key_update: false,
            key_update_before_read: false,
            expect: Expectations::default(),
        }
    }
}

impl Options {
    /// Rejects combinations that are not implemented.
    fn check(&self) -> Result<(), End> {
        if self.no_tickets && self.resume_count > 0 && !self.expect.session_miss {
            return End::not_implemented("resumption by session IDs is not supported");
        }
        if self.refuse_peer && self.expect.verify_result {
            return End::not_implemented(
                "there is no mode in which a peer fails verification and the handshake continues",
            );
        }
        Ok(())
    }
}

/// Options of the first connection and of later ones.
#[derive(Default)]
pub struct Phases {
    first: Options,
    later: Options,
}

impl Phases {
    /// Parses the command line.
    pub fn parse(arguments: &[String]) -> Result<Self, End> {
        let mut phases = Self::default();
        let mut rest = arguments.iter().map(String::as_str);
        while let Some(argument) = rest.next() {
            let (name, first, later) = if let Some(name) = argument.strip_prefix("-on-initial") {
                (name, true, false)
            } else if let Some(name) = argument.strip_prefix("-on-resume") {
                (name, false, true)
            } else {
                (argument, true, true)
            };
            let mut after = rest.clone();
            for (wanted, options) in [(first, &mut phases.first), (later, &mut phases.later)] {
                if wanted {
                    after = rest.clone();
                    flags::set(options, name, &mut after)?;
                }
            }
            rest = after;
        }
        phases.connections().try_for_each(Options::check)?;
        Ok(phases)
    }

    /// Returns the options of each connection.
    pub fn connections(&self) -> impl Iterator<Item = &Options> {
        std::iter::once(&self.first).chain(std::iter::repeat_n(&self.later, self.first.resume_count))
    }
}
