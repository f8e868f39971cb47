//! A root that has expired in the store of the end that verifies: the certificates that were sent are
//! valid, and the path that this side builds leads to the expired root. Cross-signed roots make such paths:
//! the same key stands under a newer root as well, which other verifiers find (RFC 4158 §2.3).

use handclasp_codec::{AlertDescription as Alert, HandshakeType};
use handclasp_report::Date;

use super::super::peer_verdict::Taken;
use super::super::{Case, Side};
use crate::diagnosis::cause::Cause;
use crate::diagnosis::compute::certificate::Certificate;
use crate::diagnosis::compute::chain::{Chain, Deviation, End, Step};
use crate::diagnosis::compute::now;
use crate::diagnosis::compute::signature::Verified;
use crate::diagnosis::finding::{Confidence, Finding};

/// Public roots that have expired and under which others were cross-signed: common name and the last day,
/// in seconds since 1970.
const EXPIRED: [(&str, i64); 7] = [
    ("Equifax Secure Certificate Authority", 1_534_956_111),
    ("AddTrust External CA Root", 1_590_835_718),
    ("DST Root CA X3", 1_633_010_475),
    ("Cybertrust Global Root", 1_639_555_200),
    ("GlobalSign Root CA - R2", 1_639_555_200),
    ("GeoTrust Global CA", 1_653_105_600),
    ("Baltimore CyberTrust Root", 1_747_094_340),
];

/// What shows that the client's path may end at an expired root, where it refuses a server's chain whose
/// path is valid as far as it was sent.
pub(super) fn expired(case: &Case<'_>, chain: &Chain, taken: Taken) -> Option<Finding> {
    let may_mean_it =
        [Alert::certificate_expired, Alert::certificate_unknown, Alert::bad_certificate, Alert::unknown_ca];
    let Taken::Refused(alert) = taken else { return None };
    let now = now(case.conversation, case.evidence)?;
    let dated =
        |found: &Deviation| matches!(found, Deviation::Expired { .. } | Deviation::NotYetValid { .. });
    let says_expired = alert == Alert::certificate_expired;
    if chain.of == Side::Client || !may_mean_it.contains(&alert) || chain.deviations.iter().any(dated) {
        return None;
    }
    let at = case.at(Side::Server, HandshakeType::certificate);
    let told = |confidence, summary: String, what: String| {
        let confidence = if says_expired { confidence } else { Confidence::Possible };
        Finding::failure(Cause::CertRootExpired, confidence, summary)
            .evidence(what)
            .evidence(format!("{at}: the certificates of the path are valid on {}", date(now)))
            .evidence(case.ended())
            .or_fix(
                "openssl 1.0.2 and older, GnuTLS before 3.6.14 and many devices follow the chain as it was \
                 sent: remove the expired root from the client's store (openssl verify -trusted_first \
                 prefers the newer one), or serve the chain without the cross-signed certificate",
            )
    };
    if let Some(root) = other_path(chain, now) {
        let summary = format!(
            "A path of the server's chain leads to the root {}, which expired on {}; the client apparently \
             takes that path, although another one exists.",
            root.subject_text,
            date(root.not_after)
        );
        let what = format!("the expired root is {}", root.subject_text);
        return Some(told(Confidence::Inferred, summary, what));
    }
    let last = chain.path.last().copied()?;
    let top = chain.at(last).filter(|_| matches!(chain.end, End::IssuerAbsent { .. }))?;
    let known = EXPIRED.iter().find(|(name, ends)| names(&top.issuer_text, name) && *ends < now);
    if let Some((_, ends)) = known {
        let summary = format!(
            "The server's chain ends at the root {}, which expired on {}: the client still has it and follows \
             the chain to it.",
            top.issuer_text,
            date(*ends)
        );
        let what = format!("issuer of {}: {}", chain.describe(last), top.issuer_text);
        return Some(told(Confidence::Inferred, summary, what));
    }
    let cross_signed = matches!(last, Step::Sent(index) if index > 0) && names(&top.subject_text, "root");
    if !says_expired || !cross_signed {
        return None;
    }
    let summary = format!(
        "Every certificate that the server sends is valid, and the last of them is a root cross-signed by {}: \
         that root may have expired in the client's store.",
        top.issuer_text
    );
    let what = format!("issuer of {}: {}", chain.describe(last), top.issuer_text);
    Some(told(Confidence::Inferred, summary, what))
}

/// An expired root that was sent or given and that a certificate of the chain leads to, beside the path
/// that is valid.
fn other_path(chain: &Chain, now: i64) -> Option<&Certificate> {
    let is_expired = |root: &&Certificate| root.is_self_issued() && root.not_after < now;
    let mut roots = chain.sent.iter().skip(1).flatten().chain(chain.roots.iter().flatten());
    let issued = |root: &&Certificate| {
        chain.sent.iter().flatten().any(|sent| {
            !sent.is_self_issued()
                && sent.issuer == root.subject
                && matches!(sent.verify_under(&root.key), Verified::Good | Verified::CannotTell)
        })
    };
    roots.find(|root| is_expired(root) && issued(root))
}

/// Whether a name contains these words, without regard to case.
fn names(text: &str, words: &str) -> bool {
    text.to_lowercase().contains(&words.to_lowercase())
}

fn date(seconds: i64) -> String {
    u64::try_from(seconds)
        .map_or_else(|_| "a day before 1970".to_owned(), |seconds| Date(seconds).to_string())
}
