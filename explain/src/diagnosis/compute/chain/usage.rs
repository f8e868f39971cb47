//! What keys and certificates are for (RFC 5280 §4.2.1.3 and §4.2.1.12, RFC 8446 §4.4.2.2).

use super::{Chain, Deviation, Purpose, Step};
use crate::diagnosis::compute::certificate::Certificate;
use crate::input::capture_event::Side;

/// Uses that are not permitted.
pub fn all(chain: &Chain, purpose: Option<Purpose>) -> Vec<Deviation> {
    let mut found = Vec::new();
    for (at, certificate) in chain.on_path() {
        let is_leaf = at == Step::Sent(0);
        let listed = certificate.extensions.extended_key_usage.as_ref();
        // Verifiers disagree whether an anchor may restrict itself.
        let judged = is_leaf || matches!(at, Step::Sent(_));
        if let Some(listed) = listed.filter(|_| judged) {
            let permitted = match chain.of {
                Side::Client => listed.client_auth,
                Side::Server => listed.server_auth,
            };
            if !permitted {
                found.push(Deviation::ExtendedKeyUsage { at, lists: listed.text.clone() });
            }
        }
    }
    found.extend(chain.leaf().zip(purpose).and_then(|(leaf, purpose)| key_usage(leaf, purpose)));
    found
}

fn key_usage(leaf: &Certificate, purpose: Purpose) -> Option<Deviation> {
    let usage = leaf.extensions.key_usage?;
    let (permitted, lacks) = match purpose {
        Purpose::Sign => (usage.digital_signature, "digitalSignature"),
        Purpose::Decrypt => (usage.key_encipherment, "keyEncipherment"),
        Purpose::Agree => (usage.key_agreement, "keyAgreement"),
    };
    (!permitted).then_some(Deviation::KeyUsage { lacks, purpose })
}
