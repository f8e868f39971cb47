//! Deviations of a chain as findings: cause, words, the fix, and how sure a computed
//! deviation can be as a cause. Whether it is the reason for anything is said elsewhere.
//!
//! | file | what |
//! |---|---|
//! | `names` | names, dates |
//! | `issuers` | who issued it, and whether that may be |
//! | `uses` | what it may be used for, and how strong it is |

mod issuers;
mod names;
mod uses;

use handclasp_codec::HandshakeType;

use super::{Case, Side};
use crate::diagnosis::cause::Cause;
use crate::diagnosis::compute::chain::{Chain, Deviation};
use crate::diagnosis::finding::{Confidence, Finding};

/// A deviation as a finding, and what kind of reason it is.
pub(super) struct Told {
    pub finding: Finding,
    /// Policies differ about it: it is a reason only where nothing else is.
    pub policy: bool,
}

impl Told {
    fn evidence(mut self, line: impl Into<String>) -> Self {
        self.finding = self.finding.evidence(line);
        self
    }

    fn fix(mut self, fix: impl Into<String>) -> Self {
        self.finding = self.finding.fix(fix);
        self
    }

    fn or_fix(mut self, fix: impl Into<String>) -> Self {
        self.finding = self.finding.or_fix(fix);
        self
    }

    fn policy(self) -> Self {
        Self { policy: true, ..self }
    }
}

/// The input of the findings about deviations.
struct Teller<'a> {
    case: &'a Case<'a>,
    chain: &'a Chain,
    /// Where the chain comes from, as a line of evidence.
    source: String,
}

impl Teller<'_> {
    fn tell(&self, cause: Cause, confidence: Confidence, summary: String) -> Told {
        let finding = Finding::failure(cause, confidence, summary).evidence(self.source.clone());
        Told { finding, policy: false }
    }
}

/// Says a deviation; an unknown issuer has two names.
pub(super) fn told(case: &Case<'_>, chain: &Chain, deviation: &Deviation) -> Vec<Told> {
    let at = case.at(chain.of, HandshakeType::certificate);
    told_of(case, chain, deviation, format!("{at}: the Certificate message"))
}

/// As [`told`], of a chain that the capture does not show; `source` is the line that names where it
/// comes from.
pub(super) fn told_of(case: &Case<'_>, chain: &Chain, deviation: &Deviation, source: String) -> Vec<Told> {
    let teller = Teller { case, chain, source };
    let mut list = match deviation {
        Deviation::Error { at } => {
            let summary = format!("{} cannot be parsed as a certificate.", capital(&chain.describe(*at)));
            vec![teller.tell(Cause::MessageMalformed, Confidence::Proved, summary)]
        }
        Deviation::Expired { at, not_after } => vec![names::expired(&teller, *at, *not_after)],
        Deviation::NotYetValid { at, not_before } => vec![names::not_yet_valid(&teller, *at, *not_before)],
        Deviation::NameMismatch { expected } => vec![names::mismatch(&teller, expected)],
        Deviation::NoSan { common_name_fits } => vec![names::no_san(&teller, *common_name_fits)],
        Deviation::SelfSigned => vec![issuers::self_signed(&teller)],
        Deviation::UnknownIssuer { at, root_sent, namesake, at_hand } => {
            let unknown = issuers::unknown(&teller, *at, *root_sent, *namesake);
            let missing = || issuers::missing(&teller, *at, at_hand.as_deref());
            let missing = (!root_sent).then(missing).flatten();
            match missing {
                // What is merely possible comes behind what as many signs speak for.
                Some(missing) if unknown.finding.confidence == Confidence::Possible => vec![missing, unknown],
                missing => [Some(unknown), missing].into_iter().flatten().collect(),
            }
        }
        Deviation::Order { leaf_not_first } => vec![issuers::order(&teller, *leaf_not_first)],
        Deviation::PathLength { at, permitted, found } => {
            vec![issuers::path_length(&teller, *at, *permitted, *found)]
        }
        Deviation::NameConstraint { at, by, name } => vec![issuers::constraint(&teller, *at, *by, name)],
        Deviation::IssuerNotCa { at, why } => vec![issuers::not_ca(&teller, *at, *why)],
        Deviation::SignatureInvalid { at, issuer, verified } => {
            vec![issuers::signature(&teller, *at, *issuer, verified)]
        }
        Deviation::ExtendedKeyUsage { at, lists } => vec![uses::extended(&teller, *at, lists)],
        Deviation::KeyUsage { lacks, purpose } => vec![uses::key_usage(&teller, lacks, *purpose)],
        Deviation::WeakKey { at } => vec![uses::weak_key(&teller, *at)],
        Deviation::WeakSignature { at, hash } => vec![uses::weak_signature(&teller, *at, *hash)],
        Deviation::UnknownCritical { at, identifier } => {
            vec![uses::unknown_critical(&teller, *at, identifier)]
        }
    };
    if chain.of == Side::Client {
        list.iter_mut().for_each(as_client);
    }
    list
}

/// The same causes under their names for the client's certificate.
fn as_client(told: &mut Told) {
    let cause = match told.finding.cause {
        Cause::CertExpired => Cause::ClientCertExpired,
        Cause::CertNotYetValid => Cause::ClientCertNotYetValid,
        Cause::CertEku => Cause::ClientCertEku,
        Cause::CertKeyUsage => Cause::ClientCertKeyUsage,
        Cause::CertRootExpired => Cause::ClientCertExpired,
        Cause::CertWeakKey => Cause::ClientCertWeakKey,
        Cause::CertWeakSignature => Cause::ClientCertWeakSignature,
        Cause::CertProfile => Cause::ClientCertProfile,
        Cause::CertUnknownIssuer
        | Cause::CertSelfSigned
        | Cause::CertMissingIntermediate
        | Cause::CertIssuerNotCa
        | Cause::CertPathLength
        | Cause::CertNameConstraint
        | Cause::CertSignatureInvalid
        | Cause::CertChainOrder => Cause::ClientCertUnknownIssuer,
        // Those that mean the same of both sides.
        other => other,
    };
    if told.finding.fix.first().is_some_and(|fix| fix.text == told.finding.cause.fix()) {
        told.finding.fix = vec![cause.fix().into()];
    }
    told.finding.cause = cause;
    told.finding.side = cause.at();
}

/// With a capital in front.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
