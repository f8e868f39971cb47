//! The result as text.

use handclasp::ProtocolVersion;
use handclasp_explain::Diagnosis;
use handclasp_report::Named;

use super::facts::{ClientCertificate, Facts, Look, Resumption};
use super::handshake_probe::End;
use super::minimal_profile::{MinimalProfile, Proof};
use super::observed::{self, CredentialRequest};
use super::probe::Answer;
use super::survey::{Need, OfVersion};
use super::{large, mbedtls, old_versions, options};
use crate::{
    rows::{Rows, list, wrapped},
    starttls::Protocol,
};

/// Renders the result.
pub fn text(facts: &Facts) -> String {
    let mut rows = Rows::new();
    all(&mut rows, facts);
    rows.text()
}

fn all(out: &mut Rows, facts: &Facts) {
    let name = facts.survey.name.as_deref();
    let asked = name.map_or_else(|| "no name".to_owned(), |name| format!("the name {name}"));
    out.line(format!("{}, probed with {asked}, {} connections", facts.address, facts.questions));
    versions(out, facts);
    if let Some((newest, _)) = facts.survey.old_only() {
        out.line(wrapped(&old_versions::text(newest)));
    } else if facts.survey.accepted.is_empty() && facts.least.is_none() {
        let why = "The server accepted nothing. It may require another name (--name) or a pre-shared key \
                   (--psk-hex), or TLS is on another port.";
        out.line(why);
    }
    names(out, facts);
    for of in &facts.survey.accepted {
        out.line(format!("\n{}", Named(of.version)));
        of_version(out, facts, of);
    }
    if facts.survey.cut {
        out.line("  (The limit on connections was reached: the lists may be incomplete.)");
    }
    certificates(out, facts);
    if let Some(least) = &facts.least {
        the_least(out, facts, least);
    }
}

fn versions(out: &mut Rows, facts: &Facts) {
    let nothing = facts.survey.accepted.is_empty() && facts.survey.old_only().is_none();
    let without_key = facts.survey.is_psk_only() || nothing;
    for (version, answer) in &facts.survey.versions {
        let psk = facts.psk.iter().find(|with| with.version == *version);
        let newest = *version == ProtocolVersion::TLS_1_3;
        let what = match (answer, psk.map(|with| &with.full.end)) {
            (Answer::Accepted(diagnosis), _) if *version < ProtocolVersion::TLS_1_2 => {
                let suite = diagnosis.conversation.suite();
                suite.map_or_else(|| "yes".to_owned(), |suite| format!("yes, with {suite}{}", dh(diagnosis)))
            }
            (Answer::Accepted(_), _) => "yes".to_owned(),
            // A legacy_version is the highest version that is offered (RFC 5246 §E.1).
            (Answer::OtherVersion(other), None) if other < version => {
                format!("no: the server selects {} instead", Named(*other))
            }
            (_, Some(End::Complete | End::Unclear)) => "yes, with the pre-shared key only".to_owned(),
            (other, None) if newest && without_key && matches!(other, Answer::Refused(_)) => {
                format!("no: the server {other} a client without a pre-shared key")
            }
            (other, _) => format!("no: the server {other}"),
        };
        out.row(&Named(*version).to_string(), what);
    }
    for with in &facts.psk {
        let about = format!("PSK, {}", Named(with.version));
        out.row(
            &about,
            match &with.full.end {
                End::Complete => "the handshake is complete".to_owned(),
                End::Unclear => {
                    "the handshake is complete on our side; the server has not confirmed it".to_owned()
                }
                End::Refused(why) | End::Failed(why) => why.clone(),
            },
        );
    }
}

/// The size of a Diffie-Hellman group.
fn dh(diagnosis: &Diagnosis) -> String {
    observed::dh_bits(diagnosis).map(|bits| format!(", a DH group of {bits} bits")).unwrap_or_default()
}

fn names(out: &mut Rows, facts: &Facts) {
    let with_name = facts.survey.accepted.first();
    let shown = |of: &OfVersion, answer: &Answer| match answer.diagnosis() {
        Some(diagnosis) if observed::chain(diagnosis) != observed::chain(&of.diagnosis) => {
            " and sends another certificate"
        }
        Some(_) | None => "",
    };
    for (about, answer) in
        [("without server_name", &facts.survey.without_name), ("with a wrong name", &facts.survey.wrong_name)]
    {
        if let (Some(of), Some(answer)) = (with_name, answer) {
            out.row(about, format!("the server {answer}{}", shown(of, answer)));
        }
    }
    if !facts.survey.accepted.is_empty() {
        out.row(
            "ALPN",
            match facts.survey.protocols.as_slice() {
                [] => "none of those offered".to_owned(),
                protocols => protocols.join(", "),
            },
        );
        out.row("large ClientHello", large::text(&facts.survey.large));
    }
}

fn of_version(out: &mut Rows, facts: &Facts, of: &OfVersion) {
    let survey = &facts.survey;
    out.row("cipher suites", list(&of.suites));
    out.row("groups", groups(of));
    if let Some(bits) = survey.dh_bits.filter(|_| of.version == ProtocolVersion::TLS_1_2) {
        out.row("DH group", dh_words(bits));
    }
    out.row("signs with", list(&of.schemes));
    if of.version == ProtocolVersion::TLS_1_2 {
        if let Some(is_sent) = survey.renegotiation_info {
            out.row("renegotiation_info", if is_sent { "yes" } else { NO_RENEGOTIATION_INFO });
        }
        if let Some(need) = survey.extended_master_secret {
            out.row("extended_master_secret", need_words(need));
        }
        if let Some(etm) = survey.encrypt_then_mac {
            out.row("encrypt_then_mac", if etm { "yes" } else { "no" });
        }
    }
    out.row(
        "max_fragment_length",
        match of.max_fragment_length.as_slice() {
            [] => "no".to_owned(),
            limits => list(limits),
        },
    );
    out.row(
        "record_size_limit",
        match of.record_size_limit {
            Some(limit) => format!("yes; it accepts records of {limit} bytes itself"),
            None => "no".to_owned(),
        },
    );
    let (record, message, flight) = observed::sizes(&of.diagnosis);
    out.row(
        "the server's flight",
        format!("{flight} bytes, largest message {message}, largest record {record}"),
    );
    let look = facts.looks.iter().find(|look| look.version == of.version);
    if let Some(look) = look {
        whole(out, look);
    }
}

/// The groups, with a note if others may be hidden.
fn groups(of: &OfVersion) -> String {
    match of.hidden_by {
        Some(curve) => format!(
            "{}; others, if any, are hidden: the certificate's curve {curve} must be offered with them, and \
             the server prefers it",
            list(&of.groups)
        ),
        None => list(&of.groups),
    }
}

/// Servers without RFC 5746, and the clients that refuse them.
const NO_RENEGOTIATION_INFO: &str = "missing: clients that require it refuse the server (OpenSSL 3 unless \
     Options = UnsafeLegacyServerConnect, or -legacy_server_connect)";

/// Bits below which clients refuse a Diffie-Hellman group.
const DH_BITS: usize = 2048;

fn dh_words(bits: usize) -> String {
    match bits < DH_BITS {
        true => format!(
            "{bits} bits: clients that require {DH_BITS} refuse it (OpenSSL at security level 2: dh key too small)"
        ),
        false => format!("{bits} bits"),
    }
}

fn need_words(need: Need) -> &'static str {
    match need {
        Need::No => "no",
        Need::Can => "yes, not required",
        Need::Must => "required",
    }
}

/// Results of complete handshakes.
fn whole(out: &mut Rows, look: &Look) {
    out.row(
        "client certificate",
        match &look.client_certificate {
            ClientCertificate::NotAsked => "not requested".to_owned(),
            ClientCertificate::Asked(wanted) => format!("requested, not required{}", of(wanted)),
            ClientCertificate::Required(wanted, _) => format!("required{}", of(wanted)),
            ClientCertificate::Unclear(wanted) => {
                format!("requested; a client without one is neither rejected nor answered{}", of(wanted))
            }
            ClientCertificate::Unknown(why) => format!("unknown: {why}"),
        },
    );
    if let ClientCertificate::Required(_, why) = &look.client_certificate {
        out.row("  without one", why);
    }
    if let Some(end) = &look.with_certificate {
        out.row(
            "  with the one given",
            match end {
                End::Complete => "the handshake is complete".to_owned(),
                End::Unclear => {
                    "the handshake is complete on our side; the server has not confirmed it".to_owned()
                }
                End::Refused(why) | End::Failed(why) => why.clone(),
            },
        );
    }
    if let Some(resumption) = look.resumption {
        out.row("resumption by ticket", resumption_words(resumption));
    }
}

fn resumption_words(resumption: Resumption) -> &'static str {
    match resumption {
        Resumption::Resumed => "yes",
        Resumption::NotResumed => "no: the server accepts its ticket but performs a full handshake",
        Resumption::NoTicket => "no",
        Resumption::NoneBeforeData => "no ticket before data; a server may send it with its first data",
    }
}

/// Requirements on the client certificate.
fn of(wanted: &CredentialRequest) -> String {
    let issuers = match wanted.issuers.as_slice() {
        [] => "any issuer".to_owned(),
        names => format!("issued by {}", names.join(" or ")),
    };
    format!("; {issuers}; signing with {}", list(&wanted.schemes))
}

fn certificates(out: &mut Rows, facts: &Facts) {
    let chain = facts.chain();
    if !chain.is_empty() {
        out.line(format!("\nCertificates, {} bytes", chain.iter().map(|shown| shown.bytes).sum::<usize>()));
    }
    chain.iter().for_each(|shown| out.line(format!("  {}, {} bytes", shown.line, shown.bytes)));
}

fn the_least(out: &mut Rows, facts: &Facts, least: &MinimalProfile) {
    let hello = &least.hello;
    let version = hello.versions.first().map(|version| Named(*version).to_string()).unwrap_or_default();
    out.line(format!("\nMinimal configuration: {version}"));
    out.row("cipher suite", list(&hello.suites));
    if !hello.groups.is_empty() {
        out.row("group", list(&hello.groups));
    }
    if !hello.schemes.is_empty() {
        out.row("signature scheme", list(&hello.schemes));
    }
    if least.psk {
        out.row("needs", "a pre-shared key");
    }
    if facts.requires_certificate(least) {
        out.row("needs", "a client certificate");
    }
    for (part, why, _) in &least.needed {
        out.row("needs", format!("{}: without it {why}", part.name()));
    }
    for (part, why) in &least.kept {
        out.row("recommended", format!("{}: {why}", part.name()));
    }
    out.row("ClientHello", format!("{} bytes", least.client_hello));
    out.row(
        "from the server",
        format!(
            "{} bytes of handshake, largest message {}, largest record {}",
            least.flight, least.largest_message, least.largest_record
        ),
    );
    let of = hello.versions.first().and_then(|version| facts.survey.of(*version));
    out.row(
        "data records",
        match (facts.limits(least).first(), of.and_then(|of| of.record_size_limit)) {
            (Some(limit), _) => format!("up to 16384 bytes, or {limit} with max_fragment_length"),
            (None, Some(_)) => "up to 16384 bytes, or fewer with record_size_limit".to_owned(),
            (None, None) => "up to 16384 bytes: the server accepts no smaller limit".to_owned(),
        },
    );
    out.row(
        "verified",
        match &least.proof {
            Proof::Connects(_) => "our client completes a handshake with it".to_owned(),
            Proof::WantsCertificate(_) => "our client succeeds up to the client certificate".to_owned(),
            Proof::NeedsPsk(_) => {
                "up to the pre-shared key, which was not given (--psk-hex, --psk-id)".to_owned()
            }
            Proof::No(why) => format!("only the ClientHello; our own client cannot: {why}"),
        },
    );
    command_lines(out, facts, least);
}

/// The minimal configuration for other programs.
fn command_lines(out: &mut Rows, facts: &Facts, least: &MinimalProfile) {
    let apart = match facts.starttls {
        Some(Protocol::Rdp) => " (s_client has no -starttls for rdp: the rest of the line holds)",
        Some(_) | None => "",
    };
    out.line(format!("\nOpenSSL{apart}\n  {}", options::openssl(facts, least)));
    if let Ok(line) = options::handclasp(facts, least) {
        out.line(format!("handclasp\n  {line}"));
    }
    out.line("Mbed TLS 3.6, mbedtls_config.h");
    let profile = mbedtls::Profile { least, limits: facts.limits(least), own: facts.own(least) };
    mbedtls::lines(&profile).iter().for_each(|line| out.line(format!("  {line}")));
}
