//! The software of a server by the certificate that it makes for itself where none is configured for a name.

use super::Software;
use crate::{conversation::Conversation, input::capture_event::Side};

/// The software whose default certificate is served.
pub(super) fn software(conversation: &Conversation) -> Option<Software> {
    let chain = conversation.chain(Side::Server)?;
    let leaf = chain.first()?;
    let has = |text: &str| leaf.windows(text.len()).any(|part| part == text.as_bytes());
    DEFAULTS.iter().find(|(text, _)| has(text)).map(|(_, software)| *software)
}

/// A subject that only the default certificate has.
const DEFAULTS: &[(&str, Software)] = &[
    ("Kubernetes Ingress Controller Fake Certificate", Software::IngressNginx),
    ("TRAEFIK DEFAULT CERT", Software::Traefik),
];
