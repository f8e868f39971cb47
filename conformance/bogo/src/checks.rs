//! What the flags expect of the handshake's outcome.
//! Called by `exchange` once connected.

use handclasp_codec::{CertificateType, ProtocolVersion};
use handclasp_handshake::Connected;
use handclasp_report::{Item, Report, Side, Tag};
use rustls_pki_types::{CertificateDer, pem::PemObject};

use crate::{end::End, link::Link};

/// Compares every expectation with what was agreed.
pub fn check(link: &Link<'_>) -> Result<(), End> {
    let Some(connected) = link.connection.connected() else { return End::unless(false, "connected") };
    let expect = &link.options.expect;
    let report = link.connection.report();
    End::unless(!expect.never_connected, "never connected")?;
    let wanted = link.place.is_resume && !expect.session_miss;
    End::unless(connected.resumed == wanted, "resumed, or not")?;
    End::unless(expect.version.is_none_or(|want| connected.version.0 == want), "version")?;
    End::unless(expect.suite.is_none_or(|want| connected.suite.0 == want), "suite")?;
    // A session carries who the peer is, not how it proved it: what belongs to certificates and,
    // in TLS 1.2, to the key exchange is expected of the first handshake only.
    let is_fresh = !connected.resumed;
    let has_group = is_fresh || connected.version == ProtocolVersion::TLS_1_3;
    let group = expect.group.filter(|_| has_group);
    End::unless(group.is_none_or(|want| connected.group == Some(want)), "group")?;
    let scheme = expect.scheme.filter(|_| is_fresh);
    let chose = |item: &Item<'_>| item.from == report.own().other() && item.tag == Tag::ChosenScheme;
    let signed_by = report.items().find(chose).and_then(|item| item.words().next());
    End::unless(scheme.is_none() || signed_by == scheme, "scheme")?;
    End::unless(connected.alpn.as_deref().unwrap_or_default() == expect.alpn, "alpn")?;
    let retried = report.items().any(|item| item.tag == Tag::HelloRetry);
    End::unless(expect.retry.is_none_or(|want| retried == want), "retry")?;
    // RFC 7627 §5.4: without it there is no exporter.
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
    if is_fresh { check_identities(link, connected) } else { Ok(()) }
}

/// Who the peer is, and as whom we showed ourselves.
fn check_identities(link: &Link<'_>, connected: &Connected) -> Result<(), End> {
    let (expect, answers) = (&link.options.expect, &link.answers);
    End::unless(!expect.no_peer_certificate || answers.chain.is_empty(), "no peer certificate")?;
    let judged = answers.chain_type.unwrap_or(CertificateType::X509);
    End::unless(expect.peer_certificate_type.is_none_or(|want| judged == want), "type of certificate")?;
    let pin = connected.peer.as_ref().map(|peer| peer.pin.as_slice());
    End::unless(expect.peer_pin.is_none() || pin == expect.peer_pin.as_deref(), "key of the peer")?;
    let response = connected.ocsp_response.as_deref();
    let wanted = expect.ocsp_response.as_deref();
    End::unless(wanted.is_none() || response == wanted, "OCSP response")?;
    let authorities = expect.authorities.as_ref();
    End::unless(authorities.is_none_or(|want| *want == answers.authorities), "authorities")?;
    if let Some(file) = &expect.peer_chain {
        let chain = CertificateDer::pem_file_iter(file).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let chain = chain.map_err(|error| End::Unmet(error.to_string()))?;
        End::unless(answers.chain.iter().eq(chain.iter().map(AsRef::as_ref)), "peer chain")?;
    }
    let schemes = &expect.peer_schemes;
    End::unless(schemes.is_empty() || *schemes == answers.peer_schemes, "peer's schemes")?;
    let shown = answers.shown.and_then(|shown| answers.own.get(shown)).map(|own| own.place);
    let shown = answers.taken.or(shown);
    // -1 is also none at all.
    let shown = shown.unwrap_or(-1);
    End::unless(expect.selected_credential.is_none_or(|want| shown == want), "selected credential")
}

/// The protocols that the client offered, as on the wire.
fn offered_alpn(report: &Report) -> Vec<u8> {
    let offered = |item: &Item<'_>| item.from == Side::Client && item.tag == Tag::Alpn;
    report.items().find(offered).map(|item| item.bytes.to_vec()).unwrap_or_default()
}
