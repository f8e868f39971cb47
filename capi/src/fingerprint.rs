//! The fingerprint of the configured trust, to which sessions are bound: a session is resumed only under the same
//! trust.

use crate::{provider, settings::Settings};

/// A fingerprint of what is trusted.
pub(crate) fn fingerprint(settings: &Settings) -> [u8; 32] {
    let trust = settings.trust.iter().flat_map(|trust| trust.fingerprint());
    let keys = settings.psks.iter().flat_map(|psk| psk.fingerprint(provider::SHA256));
    let mut context = provider::SHA256.start();
    for part in trust.chain(keys) {
        // Each behind its length: no two lists may run into the same bytes.
        context.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        context.update(&part);
    }
    let mut fingerprint = [0; 32];
    fingerprint.iter_mut().zip(context.current().iter()).for_each(|(to, from)| *to = *from);
    fingerprint
}
