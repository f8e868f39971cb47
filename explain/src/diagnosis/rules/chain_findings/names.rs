//! Names and dates of a certificate that are not as the peer wants them (RFC 9525, RFC 5280
//! §4.1.2.5).

use handclasp_report::Date;

use super::super::Case;
use super::{Teller, Told, capital};
use crate::diagnosis::cause::Cause;
use crate::diagnosis::compute::chain::Step;
use crate::diagnosis::compute::{expected, now};
use crate::diagnosis::finding::Confidence;

fn date(seconds: i64) -> String {
    match u64::try_from(seconds) {
        Ok(seconds) => Date(seconds).to_string(),
        Err(_) => "before 1970".to_owned(),
    }
}

/// A time given by the user proves; the clock of the machine that recorded the capture is only observed.
fn by_time(case: &Case<'_>) -> Confidence {
    if case.evidence.at.is_some() { Confidence::Proved } else { Confidence::Observed }
}

fn judged_at(case: &Case<'_>) -> String {
    let now = now(case.conversation, case.evidence).map_or_else(|| "an unknown time".to_owned(), date);
    let what = if case.evidence.at.is_some() { "checked at" } else { "captured at" };
    format!("{what} {now}")
}

pub(super) fn expired(teller: &Teller<'_>, at: Step, not_after: i64) -> Told {
    let summary = format!("{} expired on {}.", capital(&teller.chain.describe(at)), date(not_after));
    let is_root = at != Step::Sent(0) && teller.chain.at(at).is_some_and(|found| found.is_self_issued());
    let told = match is_root || matches!(at, Step::Anchor(_)) {
        true => teller.tell(Cause::CertRootExpired, by_time(teller.case), summary).or_fix(
            "the server's own certificate need not be replaced; a server that sends its root, or a chain \
             to an old cross-signed one, can send the chain to the newer root instead",
        ),
        false => teller.tell(Cause::CertExpired, by_time(teller.case), summary),
    };
    told.evidence(format!("notAfter {}; {}", date(not_after), judged_at(teller.case)))
}

pub(super) fn not_yet_valid(teller: &Teller<'_>, at: Step, not_before: i64) -> Told {
    let who = capital(&teller.chain.describe(at));
    let summary = format!("{who} is not valid before {}.", date(not_before));
    let told = teller.tell(Cause::CertNotYetValid, by_time(teller.case), summary);
    told.evidence(format!("notBefore {}; {}", date(not_before), judged_at(teller.case)))
        .or_fix("or correct the clock of the machine that issued it")
}

/// Whether the user gave the name, so that it is known what the client wants.
fn is_given(case: &Case<'_>) -> bool {
    expected(case.conversation, case.evidence).is_some_and(|expected| expected.given)
}

pub(super) fn mismatch(teller: &Teller<'_>, wanted: &str) -> Told {
    let given = is_given(teller.case);
    let leaf = teller.chain.leaf();
    let names = leaf.map(|leaf| leaf.names_text()).filter(|names| !names.is_empty());
    let common = leaf.and_then(|leaf| leaf.common_name.as_ref().map(|name| format!("CN = {name}")));
    let is_for = names.clone().or(common).unwrap_or_else(|| "no name at all".to_owned());
    let summary = format!("The server's certificate is for {is_for}, but the client expects {wanted}.");
    let confidence = if given { Confidence::Proved } else { Confidence::Inferred };
    let told = teller.tell(Cause::CertNameMismatch, confidence, summary).evidence(match given {
        true => format!("expected name {wanted}, as given"),
        false => {
            format!(
                "expected name {wanted}: server_name of the ClientHello; the client may check another name"
            )
        }
    });
    let is_address = wanted.parse::<std::net::IpAddr>().is_ok();
    if !is_address || names.is_none_or(|names| names.contains("IP:")) {
        return told;
    }
    told.evidence("an address must match an iPAddress entry of subjectAltName, and the certificate has none")
        .or_fix(format!("or reissue it with the address: openssl -addext subjectAltName=IP:{wanted}"))
}

pub(super) fn no_san(teller: &Teller<'_>, common_name_fits: Option<bool>) -> Told {
    let name = teller.chain.leaf().and_then(|leaf| leaf.common_name.clone()).unwrap_or_default();
    let summary = format!(
        "The server's certificate has no subjectAltName, only the common name {name}, which current clients \
         ignore."
    );
    let confidence = match common_name_fits {
        Some(true) if is_given(teller.case) => Confidence::Proved,
        Some(true | false) | None => Confidence::Inferred,
    };
    teller
        .tell(Cause::CertNoSan, confidence, summary)
        .evidence("names are matched only against subjectAltName (RFC 9525 §6.3)")
        .or_fix(format!(
            "openssl req -x509 -addext subjectAltName=DNS:{name}; for a CA: an extension file with that \
             line"
        ))
}
