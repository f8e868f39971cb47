//! Our second flight (RFC 5246 §7.3): ClientKeyExchange, CertificateVerify if we showed a
//! certificate, change_cipher_spec, Finished; and the master secret (§8.1, RFC 7627 §4).

use alloc::boxed::Box;

use handclasp_codec::{
    CertificateVerify, ClientKeyExchangeEcdhe, ClientKeyExchangeEcdhePsk, ClientKeyExchangePsk, Encode,
    Finished, HandshakeType, SignatureScheme,
};
use handclasp_report::{Failed, Side, Tag};
use handclasp_schedule::{Epoch, MasterSecret, Sender, key_log, psk_premaster};

use super::{
    State,
    handshake::{Agreement, Handshake, Premaster},
    resume,
};
use crate::{Action, Context, client::Psk};

/// The ClientKeyExchange is sent.
pub(super) struct OurFlight {
    pub(super) handshake: Box<Handshake>,
    master: MasterSecret,
}

impl OurFlight {
    /// Sends the ClientKeyExchange. With it the premaster secret, our share and the pre-shared
    /// key are gone.
    pub(super) fn begin(
        mut handshake: Box<Handshake>,
        premaster: Premaster,
        context: &mut Context<'_>,
    ) -> Result<Self, Failed> {
        let master = match premaster {
            Premaster::Ecdhe(_, Agreement { public, shared }) => {
                client_key_exchange(&mut handshake, context, &ClientKeyExchangeEcdhe { public: &public })?;
                master(&handshake, shared.expose())
            }
            Premaster::Psk(psk) => {
                let exchange = ClientKeyExchangePsk { psk_identity: &psk.key.identity };
                client_key_exchange(&mut handshake, context, &exchange)?;
                let premaster = psk_premaster(None, &psk.key.secret);
                uses_psk(&mut handshake, context, psk);
                master(&handshake, &premaster)
            }
            Premaster::EcdhePsk(_, Agreement { public, shared }, psk) => {
                let exchange = ClientKeyExchangeEcdhePsk { psk_identity: &psk.key.identity, public: &public };
                client_key_exchange(&mut handshake, context, &exchange)?;
                let premaster = psk_premaster(Some(shared.expose()), &psk.key.secret);
                uses_psk(&mut handshake, context, psk);
                master(&handshake, &premaster)
            }
        };
        context.actions.log(
            context.config,
            key_log::CLIENT_RANDOM,
            &handshake.client_random,
            master.secret(),
        );
        Ok(Self { handshake, master })
    }

    /// Sends a CertificateVerify.
    pub(super) fn certificate_verify(
        &mut self,
        context: &mut Context<'_>,
        algorithm: SignatureScheme,
        signature: &[u8],
    ) -> Result<(), Failed> {
        let verify = CertificateVerify { algorithm, signature };
        let message = context.send(HandshakeType::certificate_verify, |writer| verify.encode(writer))?;
        self.handshake.transcript.add(message);
        self.handshake.agreed.client_scheme = Some(algorithm);
        self.handshake.transcript.drop_messages();
        Ok(())
    }

    /// Sends change_cipher_spec and Finished.
    #[inline(never)]
    pub(super) fn finish(self, context: &mut Context<'_>) -> Result<State, Failed> {
        let Self { mut handshake, mut master } = self;
        master.derive_keys(handshake.suite, &handshake.client_random, &handshake.server_random);
        send_finished(&mut handshake, context, &master)?;
        Ok(resume::wait(handshake, master, true))
    }
}

/// change_cipher_spec and our Finished.
pub(super) fn send_finished(
    handshake: &mut Handshake,
    context: &mut Context<'_>,
    master: &MasterSecret,
) -> Result<(), Failed> {
    context.actions.push(Action::SendChangeCipherSpec);
    context.actions.push(Action::InstallWriteKeys(Epoch::Application));
    let verify_data = master.finished(Sender::Client, &handshake.transcript.hash());
    let finished = Finished { verify_data: &verify_data };
    let message = context.send(HandshakeType::finished, |writer| finished.encode(writer))?;
    handshake.transcript.add(message);
    Ok(())
}

fn client_key_exchange(
    handshake: &mut Handshake,
    context: &mut Context<'_>,
    exchange: &impl Encode,
) -> Result<(), Failed> {
    let message = context.send(HandshakeType::client_key_exchange, |writer| exchange.encode(writer))?;
    handshake.transcript.add(message);
    Ok(())
}

/// Tells that the key is in use. In TLS 1.2 this is where its identity is first sent.
fn uses_psk(handshake: &mut Handshake, context: &mut Context<'_>, psk: Psk) {
    context.report.note(Side::Client, Tag::PskIdentity, &psk.key.identity);
    context.report.note(Side::Server, Tag::ChosenPsk, &[]);
    handshake.agreed.psk_identity = Some(psk.key.identity);
}

/// The master secret, after the ClientKeyExchange was added to the transcript.
fn master(handshake: &Handshake, premaster: &[u8]) -> MasterSecret {
    let hash = handshake.suite.hash;
    match handshake.extended_master_secret {
        true => MasterSecret::extended(hash, premaster, &handshake.transcript.hash()),
        false => MasterSecret::new(hash, premaster, &handshake.client_random, &handshake.server_random),
    }
}
