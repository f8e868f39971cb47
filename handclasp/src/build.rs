//! From a policy to the configuration of the machines.

use std::sync::atomic::{AtomicU64, Ordering};

use handclasp_handshake::Config;

use crate::Policy;

/// Every configuration of this process has its own number.
static GENERATION: AtomicU64 = AtomicU64::new(1);

pub(crate) fn handshake_config(policy: Policy) -> Config {
    Config {
        generation: GENERATION.fetch_add(1, Ordering::Relaxed),
        suites: policy.suites.into(),
        groups: policy.groups.into(),
        shares: policy.shares,
        verify: policy.verify.into(),
        alpn: Vec::new(),
        extended_master_secret: policy.extended_master_secret,
        has_psk: false,
        has_credential: false,
    }
}
