//! From the premaster secret to keys (RFC 5246 §8.1, §6.3; RFC 7627 §4).

use handclasp_schedule::{MasterSecret, key_log};

use super::{
    State, handshake::Handshake, wait_certificate_verify::WaitCertificateVerify,
    wait_change_cipher_spec::WaitChangeCipherSpec,
};
use crate::{Context, capability, verify::PeerKey};

/// The transcript ends with ClientKeyExchange, which is where RFC 7627 takes its hash.
/// `peer` has still to prove that it holds its key.
pub(super) fn derive(
    shared: &Handshake,
    context: &mut Context<'_>,
    premaster: &[u8],
    peer: Option<(capability::ClientAuth, PeerKey)>,
) -> State {
    let Handshake { suite, client_random, server_random, .. } = shared;
    let mut master = match shared.extended_master_secret {
        true => MasterSecret::extended(suite.hash, premaster, &shared.transcript.hash()),
        false => MasterSecret::new(suite.hash, premaster, client_random, server_random),
    };
    context.actions.log(context.config, key_log::CLIENT_RANDOM, client_random, master.secret());
    master.derive_keys(suite, client_random, server_random);
    match peer {
        Some((on, peer)) => State::WaitCertificateVerify(on, WaitCertificateVerify { master, peer }),
        None => State::WaitChangeCipherSpec(WaitChangeCipherSpec { master, finished: false }),
    }
}
