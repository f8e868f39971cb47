//! The runner's flags. A flag that is not in one of these tables is not implemented, and neither is a
//! value that names an algorithm or version that this stack lacks.
//!
//! To enable a new feature of the stack, add rows for its flags.

use base64ct::{Base64, Encoding as _};
use handclasp_codec::{CertificateType, NamedGroup, ProtocolVersion, SignatureScheme};
use handclasp_handshake::PskHash;
use handclasp_provider_aws_lc as aws_lc;

use crate::{
    end::End,
    not_done,
    options::{CredentialOptions, Expectations, Imported, Options},
    setup,
};

/// Values after a flag.
type Values<'v> = dyn Iterator<Item = &'v str> + 'v;

/// Sets what a flag asks for.
pub fn set<'v>(options: &mut Options, name: &str, values: &mut Values<'v>) -> Result<(), End> {
    let known = without_effect(name)
        || of_runner(options, name, values)?
        || of_offer(options, name, values)?
        || of_identity(options, name, values)?
        || of_peer(options, name, values)?
        || of_exchange(options, name, values)?
        || of_expectation(options, name, values)?;
    if known { Ok(()) } else { End::not_implemented(not_done::reason(name)) }
}

/// Flags that select among calls of BoringSSL's API where ours has a single one, or enable what this
/// stack always does. They have no values.
fn without_effect(name: &str) -> bool {
    [
        "-implicit-handshake",
        "-use-early-callback",
        "-use-old-client-cert-callback",
        "-use-custom-verify-callback",
        "-use-ocsp-callback",
        "-set-ocsp-in-callback",
        "-install-ddos-callback",
        "-no-op-extra-handshake",
        "-handshake-twice",
        "-partial-write",
        "-peek-then-read",
        "-server-preference",
        "-cbc-record-splitting",
        "-use-ticket-callback",
        "-use-ticket-aead-callback",
    ]
    .contains(&name)
}

fn of_runner<'v>(options: &mut Options, name: &str, values: &mut Values<'v>) -> Result<bool, End> {
    match name {
        "-port" => options.port = number(values)?,
        "-ipv6" => options.ipv6 = true,
        "-shim-id" => options.shim_id = number(values)?,
        "-server" => options.server = true,
        "-resume-count" => options.resume_count = number(values)?,
        "-resumption-delay" => options.resumption_delay = number(values)?,
        // The root of the peer's certificate: as in BoringSSL's shim, no path is built.
        "-trust-cert" => drop(text(values)?),
        _ => return Ok(false),
    }
    Ok(true)
}

fn of_offer<'v>(options: &mut Options, name: &str, values: &mut Values<'v>) -> Result<bool, End> {
    match name {
        "-min-version" => options.min_version = ProtocolVersion(number(values)?),
        "-max-version" => options.max_version = ProtocolVersion(number(values)?),
        "-no-tls13" => options.without.push(ProtocolVersion::TLS_1_3),
        "-no-tls12" => options.without.push(ProtocolVersion::TLS_1_2),
        // This stack never does these two.
        "-no-tls11" => options.without.push(ProtocolVersion::TLS_1_1),
        "-no-tls1" => options.without.push(ProtocolVersion::TLS_1_0),
        "-no-ticket" => options.no_tickets = true,
        "-cipher" => options.suites = Some(suites(text(values)?)?),
        "-curves" => options.groups.get_or_insert_default().push(group(values)?),
        "-key-shares" => options.shares.get_or_insert_default().push(group(values)?),
        "-no-key-shares" => options.shares = Some(Vec::new()),
        "-verify-prefs" => options.verify.get_or_insert_default().push(scheme(values)?),
        "-advertise-alpn" => options.alpn = protocols(text(values)?),
        "-select-alpn" => {
            let protocol = text(values)?.as_bytes().to_vec();
            options.expect.alpn.clone_from(&protocol);
            options.alpn = vec![protocol];
        }
        "-decline-alpn" => {}
        // A protocol that no client can offer.
        "-reject-alpn" => options.alpn = vec![vec![0]],
        "-skip-ticket" => options.skip_tickets = true,
        "-renew-ticket" => options.renew_tickets = true,
        "-host-name" => options.server_name = Some(text(values)?.to_owned()),
        "-max-send-fragment" => options.record_size = number(values)?,
        "-max-cert-list" => options.certificates_limit = Some(number(values)?),
        _ => return Ok(false),
    }
    Ok(true)
}

fn of_identity<'v>(options: &mut Options, name: &str, values: &mut Values<'v>) -> Result<bool, End> {
    match name {
        "-new-x509-credential" => options.credentials.push(CredentialOptions::default()),
        "-cert-file" => credential(options).certificate = Some(text(values)?.into()),
        "-key-file" => credential(options).key = Some(text(values)?.into()),
        "-signing-prefs" => credential(options).schemes.push(scheme(values)?),
        "-new-rpk-credential" => {
            options.credentials.push(CredentialOptions { raw: true, ..CredentialOptions::default() });
        }
        "-new-psk-credential" => {
            let imported = Some(Imported::default());
            options.credentials.push(CredentialOptions { imported, ..CredentialOptions::default() });
        }
        "-psk-importer-key" => imported(options)?.key = bytes(values)?,
        "-psk-importer-identity" => imported(options)?.identity = bytes(values)?,
        "-psk-importer-context" => imported(options)?.context = bytes(values)?,
        "-psk-importer-sha256" => imported(options)?.hash = PskHash::Sha256,
        "-psk-importer-sha384" => imported(options)?.hash = PskHash::Sha384,
        "-ocsp-response" => credential(options).ocsp_response = bytes(values)?,
        "-decline-ocsp-callback" => options.without_staple = true,
        "-fail-cert-callback" => options.credential_fails = true,
        "-must-match-issuer" => credential(options).must_match_issuer = true,
        "-available-client-cert-types" => options.own_types.push(CertificateType(number(values)?)),
        "-psk" => options.psk = Some(text(values)?.as_bytes().to_vec()),
        "-psk-identity" => options.psk_identity = text(values)?.as_bytes().to_vec(),
        _ => return Ok(false),
    }
    Ok(true)
}

fn of_peer<'v>(options: &mut Options, name: &str, values: &mut Values<'v>) -> Result<bool, End> {
    match name {
        "-verify-peer" => options.request_certificate = true,
        "-require-any-client-certificate" => options.require_certificate = true,
        "-use-client-ca-list" => options.authorities = names(text(values)?)?,
        "-accepted-peer-cert-types" => options.peer_types.push(CertificateType(number(values)?)),
        "-enable-ocsp-stapling" => options.status_request = true,
        "-verify-fail" => options.refuse_peer = true,
        "-reverify-on-resume" => options.judge_again = true,
        _ => return Ok(false),
    }
    Ok(true)
}

fn of_exchange<'v>(options: &mut Options, name: &str, values: &mut Values<'v>) -> Result<bool, End> {
    match name {
        "-async" => options.one_byte = true,
        "-read-size" => options.read_size = number(values)?,
        "-shim-writes-first" => options.write_first = true,
        "-shim-initial-write" => options.initial_write = text(values)?.as_bytes().to_vec(),
        "-repeat-shim-initial-write" => options.initial_writes = number(values)?,
        "-read-with-unfinished-write" => options.unfinished_write = true,
        "-write-different-record-sizes" => options.record_sizes = true,
        "-shim-shuts-down" => options.shut_down = true,
        "-check-close-notify" => options.check_close_notify = true,
        "-export-keying-material" => options.export = Some(number(values)?),
        "-export-label" => options.export_label = text(values)?.as_bytes().to_vec(),
        "-export-context" => options.export_context = text(values)?.as_bytes().to_vec(),
        "-use-export-context" => options.use_export_context = true,
        "-export-traffic-secrets" => options.export_traffic_secrets = true,
        "-use-exporter-between-reads" => options.export_between_reads = true,
        "-key-update" => options.key_update = true,
        "-key-update-before-read" => options.key_update_before_read = true,
        _ => return Ok(false),
    }
    Ok(true)
}

fn of_expectation<'v>(options: &mut Options, name: &str, values: &mut Values<'v>) -> Result<bool, End> {
    let expect = &mut options.expect;
    match name {
        "-handshake-never-done" => expect.never_connected = true,
        "-expect-no-session" => expect.no_session = true,
        "-expect-ticket-renewal" => expect.ticket_renewal = true,
        "-expect-session-miss" => expect.session_miss = true,
        "-expect-version" => expect.version = Some(number(values)?),
        "-expect-cipher" => expect.suite = Some(number(values)?),
        "-expect-cipher-aes" => expect_suite(expect, setup::has_aes(), number(values)?),
        "-expect-cipher-no-aes" => expect_suite(expect, !setup::has_aes(), number(values)?),
        "-expect-curve-id" => expect.group = Some(NamedGroup(number(values)?)),
        "-expect-peer-signature-algorithm" => expect.scheme = Some(SignatureScheme(number(values)?)),
        "-expect-peer-verify-pref" => expect.peer_schemes.push(SignatureScheme(number(values)?)),
        "-expect-alpn" => expect.alpn = text(values)?.as_bytes().to_vec(),
        "-expect-advertised-alpn" => expect.advertised_alpn = Some(text(values)?.as_bytes().to_vec()),
        "-expect-server-name" => expect.server_name = Some(text(values)?.to_owned()),
        "-expect-no-server-name" => expect.no_server_name = true,
        "-expect-no-session-id" => expect.no_session_id = true,
        // Any other reason requires a stack that supports 0-RTT.
        "-expect-early-data-reason" if text(values)? == "disabled" => expect.no_early_data = true,
        "-expect-verify-result" => expect.verify_result = true,
        "-expect-secure-renegotiation" => expect.secure_renegotiation = true,
        "-expect-extended-master-secret" => expect.extended_master_secret = true,
        "-expect-hrr" => expect.retry = Some(true),
        "-expect-no-hrr" => expect.retry = Some(false),
        "-expect-peer-cert-file" => expect.peer_chain = Some(text(values)?.into()),
        "-expect-no-peer-cert" => expect.no_peer_certificate = true,
        "-expect-client-ca-list" => expect.authorities = Some(names(text(values)?)?),
        "-expect-peer-certificate-type" => {
            expect.peer_certificate_type = Some(CertificateType(number(values)?));
        }
        "-expect-peer-rpk-sha256" => expect.peer_pin = Some(bytes(values)?),
        "-expect-ocsp-response" => expect.ocsp_response = Some(bytes(values)?),
        "-expect-selected-credential" => expect.selected_credential = Some(number(values)?),
        _ => return Ok(false),
    }
    Ok(true)
}

/// Expects a suite on machines of one kind only.
fn expect_suite(expect: &mut Expectations, is_ours: bool, suite: u16) {
    if is_ours {
        expect.suite = Some(suite);
    }
}

/// Returns the credential that the following flags describe: the one introduced last.
fn credential(options: &mut Options) -> &mut CredentialOptions {
    options.credentials.last_mut().unwrap_or(&mut options.credential)
}

/// Returns the imported key that the following flags describe.
fn imported(options: &mut Options) -> Result<&mut Imported, End> {
    let imported = credential(options).imported.as_mut();
    imported.ok_or_else(|| End::Unmet("an imported key that this flag describes".into()))
}

fn text<'v>(values: &mut Values<'v>) -> Result<&'v str, End> {
    values.next().ok_or_else(|| End::Unmet("a value after the last flag".into()))
}

fn number<'v, N: std::str::FromStr>(values: &mut Values<'v>) -> Result<N, End> {
    let text = text(values)?;
    text.parse().map_err(|_| End::Unmet(format!("{text} to be a number in range")))
}

/// Decodes base64.
fn bytes<'v>(values: &mut Values<'v>) -> Result<Vec<u8>, End> {
    let text = text(values)?;
    Base64::decode_vec(text).map_err(|_| End::Unmet(format!("{text} base64")))
}

fn group<'v>(values: &mut Values<'v>) -> Result<NamedGroup, End> {
    let group = NamedGroup(number(values)?);
    if setup::known_groups().any(|known| known.group() == group) {
        Ok(group)
    } else {
        End::not_implemented(format_args!("{group} is not supported"))
    }
}

fn scheme<'v>(values: &mut Values<'v>) -> Result<SignatureScheme, End> {
    let scheme = SignatureScheme(number(values)?);
    let known = aws_lc::VERIFY.iter().any(|known| known.scheme() == scheme);
    if known { Ok(scheme) } else { End::not_implemented(not_done::scheme(scheme)) }
}

/// Protocol names, each with a length prefix (RFC 7301 §3.1).
fn protocols(list: &str) -> Vec<Vec<u8>> {
    let mut names = Vec::new();
    let mut rest = list.as_bytes();
    while let Some((length, after)) = rest.split_first() {
        let (name, behind) = after.split_at(after.len().min(usize::from(*length)));
        names.push(name.to_vec());
        rest = behind;
    }
    names
}

/// Distinguished names (DER) in hexadecimal, separated by commas.
fn names(list: &str) -> Result<Vec<Vec<u8>>, End> {
    if ["<NULL>", "<EMPTY>"].contains(&list) {
        return Ok(Vec::new());
    }
    let digits = |name: &str| {
        let pair = |at: usize| name.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
        (0..name.len()).step_by(2).map(pair).collect::<Option<Vec<u8>>>()
    };
    let all = list.split(',').map(digits).collect::<Option<_>>();
    all.ok_or_else(|| End::Unmet(format!("{list} to be names in hexadecimal")))
}

/// BoringSSL's cipher string syntax, as far as the tests use it with a meaning that we share.
fn suites(rule: &str) -> Result<Vec<&'static str>, End> {
    match rule {
        "DEFAULT:!AES" => Ok(vec!["CHACHA20"]),
        "AES128" => Ok(vec!["AES_128"]),
        // Bars separate suites among which the peer's order decides.
        equal if equal.contains('|') => End::not_implemented("suites of equal preference are not supported"),
        other => End::not_implemented(format_args!("BoringSSL's rule for suites {other:?} is not supported")),
    }
}
