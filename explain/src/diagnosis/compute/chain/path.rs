//! The way from a leaf upwards (RFC 5280 §6.1, RFC 4158): by names, key identifiers and
//! signatures, over what was sent and what is trusted.

use std::collections::HashMap;

use crate::diagnosis::compute::certificate::Certificate;
use crate::diagnosis::compute::signature::Verified;

/// Signatures that are verified for one chain at most; real ones need as many as they have links.
const VERIFICATIONS: usize = 64;
/// Certificates that are stepped on, over all ways that are tried: those of one name that all sign
/// each other make more ways than anybody can walk.
const STEPS: usize = 256;
/// Links of a path at most.
const LENGTH: usize = 16;

/// A certificate on a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Step {
    /// One that was sent, by its place.
    Sent(usize),
    /// One that is trusted.
    Anchor(usize),
}

/// Where a path ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// At a certificate that is trusted.
    Anchored,
    /// At one that its own key verifies, and that is not trusted as far as is known.
    SelfSigned,
    /// At one whose issuer is neither sent nor trusted.
    IssuerAbsent {
        /// A certificate of the issuer's name is there, but its key identifier is another.
        namesake: bool,
    },
    /// At one that the key of its issuer does not verify.
    BadSignature {
        /// The issuer.
        issuer: Step,
        /// How it fails.
        verified: Verified,
    },
    /// At one that does not parse.
    Error,
    /// Too long, or too much work.
    Budget,
}

/// Finds the path that goes furthest; one that ends at an anchor before all others.
pub fn find(sent: &[Option<Certificate>], roots: &[Certificate]) -> (Vec<Step>, End) {
    let mut search = Search { sent, roots, verified: HashMap::new(), steps: 0 };
    search.walk(vec![Step::Sent(0)])
}

struct Search<'a> {
    sent: &'a [Option<Certificate>],
    roots: &'a [Certificate],
    verified: HashMap<(Step, Step), Verified>,
    steps: usize,
}

impl<'a> Search<'a> {
    fn at(&self, step: Step) -> Option<&'a Certificate> {
        match step {
            Step::Sent(index) => self.sent.get(index)?.as_ref(),
            Step::Anchor(index) => self.roots.get(index),
        }
    }

    fn walk(&mut self, path: Vec<Step>) -> (Vec<Step>, End) {
        let last = path.last().copied().unwrap_or(Step::Sent(0));
        let Some(certificate) = self.at(last) else { return (path, End::Error) };
        if self.roots.iter().any(|root| root.der == certificate.der) {
            return (path, End::Anchored);
        }
        self.steps += 1;
        if path.len() >= LENGTH || self.steps > STEPS {
            return (path, End::Budget);
        }
        if certificate.is_self_issued() && self.verifies(last, last) == Some(Verified::Good) {
            return (path, End::SelfSigned);
        }
        let mut end = End::IssuerAbsent { namesake: false };
        let mut furthest: Option<(Vec<Step>, End)> = None;
        for candidate in self.issuers(&path, certificate) {
            let Some(issuer) = self.at(candidate) else { continue };
            if is_other_key(certificate, issuer) {
                end = namesake(end);
                continue;
            }
            match self.verifies(last, candidate) {
                None => return furthest.unwrap_or((path, End::Budget)),
                Some(Verified::Good | Verified::CannotTell) => {
                    let longer = path.iter().copied().chain([candidate]).collect();
                    let found = match candidate {
                        Step::Anchor(_) => (longer, End::Anchored),
                        Step::Sent(_) => self.walk(longer),
                    };
                    if found.1 == End::Anchored {
                        return found;
                    }
                    if furthest.as_ref().is_none_or(|(path, _)| path.len() < found.0.len()) {
                        furthest = Some(found);
                    }
                }
                Some(verified @ (Verified::Bad(_) | Verified::SchemeDoesNotFitKey)) => {
                    end = End::BadSignature { issuer: candidate, verified };
                }
            }
        }
        furthest.unwrap_or((path, end))
    }

    /// Certificates with the name of the issuer, trusted ones first.
    fn issuers(&self, path: &[Step], certificate: &Certificate) -> Vec<Step> {
        let named = |found: &Certificate| is_name(certificate, found);
        let roots = self.roots.iter().enumerate().filter(|(_, root)| named(root));
        let roots = roots.map(|(index, _)| Step::Anchor(index));
        let sent = self.sent.iter().enumerate().filter(|(_, sent)| sent.as_ref().is_some_and(named));
        let sent = sent.map(|(index, _)| Step::Sent(index)).filter(|step| !path.contains(step));
        roots.chain(sent).collect()
    }

    /// A signature, verified once; `None` when there was enough of that.
    fn verifies(&mut self, subject: Step, issuer: Step) -> Option<Verified> {
        if let Some(verified) = self.verified.get(&(subject, issuer)) {
            return Some(verified.clone());
        }
        if self.verified.len() >= VERIFICATIONS {
            return None;
        }
        let verified = self.at(subject)?.verify_under(&self.at(issuer)?.key);
        self.verified.insert((subject, issuer), verified.clone());
        Some(verified)
    }
}

fn namesake(end: End) -> End {
    match end {
        End::IssuerAbsent { .. } => End::IssuerAbsent { namesake: true },
        End::Anchored | End::SelfSigned | End::BadSignature { .. } | End::Error | End::Budget => end,
    }
}

/// Whether that is the issuer by name: as DER, or as text without regard to case and to the kind
/// of string (RFC 5280 §7.1).
pub fn is_name(certificate: &Certificate, issuer: &Certificate) -> bool {
    certificate.issuer == issuer.subject || certificate.issuer_text.eq_ignore_ascii_case(&issuer.subject_text)
}

/// Whether the key identifiers say that another key of that name signed (RFC 5280 §4.2.1.1).
fn is_other_key(certificate: &Certificate, issuer: &Certificate) -> bool {
    let (wanted, there) = (&certificate.extensions.authority_key, &issuer.extensions.subject_key);
    wanted.as_ref().zip(there.as_ref()).is_some_and(|(wanted, there)| wanted != there)
}

#[cfg(test)]
mod tests {
    use x509_parser::pem::Pem;

    use super::*;

    #[test]
    fn ways_in_circles_are_not_all_walked() {
        let text = include_str!("../../../../vectors/chains.pem");
        let block = Pem::iter_from_buffer(text.as_bytes()).next().unwrap().unwrap();
        let known = Certificate::parse(&block.contents).unwrap();
        // Five that a CA named b has issued to a, and six the other way round; nothing tells whether
        // they are signed so.
        let of = |subject: &str, issuer: &str| {
            let mut made = Certificate { algorithm: None, extensions: Default::default(), ..known.clone() };
            (made.subject, made.issuer) = (subject.as_bytes().to_vec(), issuer.as_bytes().to_vec());
            (made.subject_text, made.issuer_text) = (subject.to_owned(), issuer.to_owned());
            Some(made)
        };
        let sent: Vec<_> =
            (0..11).map(|number| if number < 5 { of("a", "b") } else { of("b", "a") }).collect();
        let mut search = Search { sent: &sent, roots: &[], verified: HashMap::new(), steps: 0 };
        let (path, _) = search.walk(vec![Step::Sent(0)]);
        assert!(path.len() > 5, "{path:?}");
        assert!(search.steps < 20 * STEPS, "{} steps", search.steps);
    }
}
