//! What issuers may issue (RFC 5280 §4.2.1.9, §4.2.1.10, §6.1.4).

use super::{Chain, Deviation, NotCa, Step};
use crate::diagnosis::compute::certificate::Certificate;
use crate::diagnosis::compute::names;

/// Constraints that are not kept.
pub fn all(chain: &Chain) -> Vec<Deviation> {
    let steps: Vec<(Step, &Certificate)> = chain.on_path().collect();
    let mut found = Vec::new();
    for (position, (at, issuer)) in steps.iter().enumerate().skip(1) {
        let below = steps.get(..position).unwrap_or_default();
        if let Some(why) = not_ca(*at, issuer) {
            found.push(Deviation::IssuerNotCa { at: *at, why });
        }
        if let Some((_, Some(permitted))) = issuer.extensions.basic_constraints {
            // Certificates by which a CA hands over to its own next key do not count.
            let found_below = below.iter().skip(1).filter(|(_, found)| !found.is_self_issued()).count();
            if found_below > usize::try_from(permitted).unwrap_or(usize::MAX) {
                found.push(Deviation::PathLength { at: *at, permitted, found: found_below });
            }
        }
        if let Some(constraints) = &issuer.extensions.name_constraints {
            let judged = below
                .iter()
                .enumerate()
                .filter(|(position, (_, one))| *position == 0 || !one.is_self_issued());
            let mut violations = judged.filter_map(|(_, (subject, one))| {
                let name = names::violation(one, constraints)?;
                Some(Deviation::NameConstraint { at: *subject, by: *at, name })
            });
            found.extend(violations.next());
        }
    }
    found
}

/// Anchors are trusted as issuers because somebody said so: only their own word against it counts.
fn not_ca(at: Step, issuer: &Certificate) -> Option<NotCa> {
    let is_anchor = matches!(at, Step::Anchor(_));
    match issuer.extensions.basic_constraints {
        Some((false, _)) => Some(NotCa::Denied),
        None if is_anchor => None,
        None if issuer.version < 3 => Some(NotCa::Version),
        None => Some(NotCa::Silent),
        Some((true, _)) => {
            issuer.extensions.key_usage.is_some_and(|usage| !usage.key_cert_sign).then_some(NotCa::KeyUsage)
        }
    }
}
