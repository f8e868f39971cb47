//! Compares the outcome of a handshake with the expectations in the flags.

use handclasp_codec::{CertificateType, CipherSuite, ExtensionType, ProtocolVersion, SignatureScheme};
use handclasp_handshake::Connected;
use handclasp_report::{Item, Report, Side, Tag};
use rustls_pki_types::{CertificateDer, pem::PemObject};

use crate::{end::End, link::Link, memory::Proof};

/// Compares every expectation with what was negotiated.
pub fn check(link: &Link<'_>) -> Result<(), End> {
    let Some(connected) = link.connection.connected() else { return End::unless(false, "connected") };
    let expect = &link.options.expect;
    let report = link.connection.report();
    End::unless(!expect.never_connected, "never connected")?;
    let wanted = link.place.is_resume && !expect.session_miss;
    End::unless(connected.resumed == wanted, "resumption as the flags say")?;
    End::unless(expect.version.is_none_or(|want| connected.version.0 == want), "version")?;
    End::unless(expect.suite.is_none_or(|want| connected.suite.0 == want), "suite")?;
    End::unless(connected.alpn.as_deref().unwrap_or_default() == expect.alpn, "alpn")?;
    let retried = report.items().any(|item| item.tag == Tag::HelloRetry);
    End::unless(expect.retry.is_none_or(|want| retried == want), "retry")?;
    // RFC 7627 §5.4: without extended_master_secret there is no exporter.
    let extended = connected.version == ProtocolVersion::TLS_1_3 || connected.exporter.is_some();
    End::unless(!expect.extended_master_secret || extended, "extended_master_secret")?;
    let name = connected.server_name.as_deref();
    let wanted = expect.server_name.as_deref().map(str::as_bytes);
    End::unless(wanted.is_none() || name == wanted, "server_name")?;
    End::unless(!expect.no_server_name || name.is_none(), "no server_name")?;
    End::unless(
        expect.advertised_alpn.as_ref().is_none_or(|want| *want == offered_alpn(report)),
        "offered alpn",
    )?;
    End::unless(!expect.secure_renegotiation || renegotiates_safely(connected, report), "RFC 5746")?;
    // Our client does not offer it and our server does not accept it; a client may offer it to us.
    let ours = |item: &Item<'_>| {
        item.from == report.own() && matches!(item.tag, Tag::Extensions | Tag::ChosenExtensions)
    };
    let early = offered(report, ours, ExtensionType::early_data);
    End::unless(!expect.no_early_data || !early, "no early data")?;
    // In TLS 1.3 the server's field echoes the client's.
    let is_empty = connected.version == ProtocolVersion::TLS_1_3 || link.session_id_length == Some(0);
    End::unless(!expect.no_session_id || connected.resumed || is_empty, "no session ID")?;

    let now = &link.answers.proof;
    if !connected.resumed {
        check_proof(link, now)?;
        return check_choices(link);
    }
    // A session's peer authenticated once: a resumed handshake has no certificate and no signature, and
    // the peer is that of the original session. Expectations about the peer apply to that one.
    End::unless(
        now.chain.is_empty() && signed_by(report).is_none(),
        "no certificate or signature in a resumed handshake",
    )?;
    let then = &link.answers.memory.proof;
    End::unless(connected.peer == then.peer, "the peer of the original session")?;
    let is_tls13 = connected.version == ProtocolVersion::TLS_1_3;
    let group = if is_tls13 { connected.group } else { then.group };
    check_proof(link, &Proof { group, ..then.clone() })
}

/// Checks how the peer authenticated.
fn check_proof(link: &Link<'_>, proof: &Proof) -> Result<(), End> {
    let expect = &link.options.expect;
    End::unless(expect.group.is_none_or(|want| proof.group == Some(want)), "group")?;
    End::unless(expect.scheme.is_none_or(|want| proof.scheme == Some(want)), "scheme")?;
    End::unless(!expect.no_peer_certificate || proof.chain.is_empty(), "no peer certificate")?;
    let judged = proof.chain_type.unwrap_or(CertificateType::X509);
    End::unless(expect.peer_certificate_type.is_none_or(|want| judged == want), "the certificate type")?;
    let pin = proof.peer.as_ref().map(|peer| peer.pin.as_slice());
    End::unless(expect.peer_pin.is_none() || pin == expect.peer_pin.as_deref(), "the peer's public key")?;
    // `judge` was asked about every peer. A client may stay anonymous if the server does not require a
    // certificate; that is not a failed verification.
    let may_be_unknown = link.options.server && !link.options.require_certificate;
    let is_known = !proof.chain.is_empty();
    let was_verified = proof.peer.is_some() == is_known && (is_known || may_be_unknown);
    End::unless(!expect.verify_result || was_verified, "a verified peer")?;
    let response = proof.ocsp_response.as_deref();
    let wanted = expect.ocsp_response.as_deref();
    End::unless(wanted.is_none() || response == wanted, "OCSP response")?;
    if let Some(file) = &expect.peer_chain {
        let chain = CertificateDer::pem_file_iter(file).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let chain = chain.map_err(|error| End::Unmet(error.to_string()))?;
        End::unless(proof.chain.iter().eq(chain.iter().map(AsRef::as_ref)), "peer chain")?;
    }
    Ok(())
}

/// Checks which certificates the peer requested and which credential we sent.
fn check_choices(link: &Link<'_>) -> Result<(), End> {
    let (expect, answers) = (&link.options.expect, &link.answers);
    let authorities = expect.authorities.as_ref();
    End::unless(authorities.is_none_or(|want| *want == answers.authorities), "authorities")?;
    let schemes = &expect.peer_schemes;
    End::unless(schemes.is_empty() || *schemes == answers.peer_schemes, "peer's schemes")?;
    let shown = answers.shown.and_then(|shown| answers.own.get(shown)).map(|own| own.place);
    // -1 also means that no credential was sent.
    let shown = answers.taken.or(shown).unwrap_or(-1);
    End::unless(expect.selected_credential.is_none_or(|want| shown == want), "selected credential")
}

/// Returns the scheme of the peer's signature.
pub fn signed_by(report: &Report) -> Option<SignatureScheme> {
    let chose = |item: &Item<'_>| item.from == report.own().other() && item.tag == Tag::ChosenScheme;
    report.items().find(chose).and_then(|item| item.words().next())
}

/// Whether an attacker cannot inject a renegotiation: TLS 1.3 has none, and in TLS 1.2 both sides must
/// signal support (RFC 5746 §3.4 and §3.6; the client may use the SCSV).
fn renegotiates_safely(connected: &Connected, report: &Report) -> bool {
    let by_extension = |tag| offered(report, |item| item.tag == tag, ExtensionType::renegotiation_info);
    let by_suite = || {
        let suites = |item: &Item<'_>| item.tag == Tag::Suites;
        offered(report, suites, CipherSuite::TLS_EMPTY_RENEGOTIATION_INFO_SCSV)
    };
    let tag = if report.own() == Side::Server { Tag::Extensions } else { Tag::ChosenExtensions };
    connected.version == ProtocolVersion::TLS_1_3 || by_extension(tag) || by_suite()
}

/// Whether a code point was offered in this field.
fn offered<W: handclasp_codec::CodePoint + PartialEq>(
    report: &Report,
    wanted: impl Fn(&Item<'_>) -> bool,
    word: W,
) -> bool {
    report.items().filter(|item| wanted(item)).any(|item| item.words::<W>().any(|found| found == word))
}

/// Returns the protocols that the client offered, as on the wire.
fn offered_alpn(report: &Report) -> Vec<u8> {
    let offered = |item: &Item<'_>| item.from == Side::Client && item.tag == Tag::Alpn;
    report.items().find(offered).map(|item| item.bytes.to_vec()).unwrap_or_default()
}
