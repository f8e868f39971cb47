//! One end of a handshake without records: the machine, and what it wants done.

use std::{collections::VecDeque, sync::LazyLock};

use handclasp_codec::split_handshake;
use handclasp_crypto::{KeyEncoding, KeyKind, SigningKey};
use handclasp_handshake::{
    Action, Actions, Answer, Config, Connected, Context, Credential, Handshake, Input, Need, OpenedTicket,
    PeerIdentity, PskAnswer, Session,
};
use handclasp_provider_aws_lc as aws_lc;
use handclasp_report::{Failed, Fault, Report, Side};
use rustls_pki_types::CertificateDer;

use crate::scenarios::Psk;

pub const NOW: u64 = 1_800_000_000;

/// More questions than any handshake has.
const QUESTIONS_MAX: usize = 200;

/// What goes over the wire.
pub enum Sent {
    Message(Vec<u8>),
    ChangeCipherSpec,
}

/// The keys of the tests, made once.
fn key(kind: KeyKind) -> &'static dyn SigningKey {
    static KEYS: LazyLock<[Box<dyn SigningKey>; 2]> = LazyLock::new(|| {
        [KeyKind::P256, KeyKind::Rsa].map(|kind| {
            let der = aws_lc::KEYS.generate(kind, &mut aws_lc::SystemRandom).expect("a key");
            aws_lc::KEYS.load(KeyEncoding::Pkcs8, &der).expect("loads")
        })
    });
    &*KEYS[usize::from(kind == KeyKind::Rsa)]
}

/// Certificates; the machines do not look into them.
static CHAIN: LazyLock<Vec<CertificateDer<'static>>> =
    LazyLock::new(|| vec![vec![0x30; 300].into(), vec![0x31; 200].into()]);

/// Who answers the needs of an end, and with what.
pub struct Party {
    /// The key that signs, if this end shows a certificate.
    pub own: Option<KeyKind>,
    /// The key of the peer's certificate.
    pub peer: KeyKind,
    pub psk: Option<Psk>,
}

pub struct End {
    machine: Handshake,
    config: Config,
    party: Party,
    report: Report,
    actions: Actions,
    pub out: VecDeque<Sent>,
    pub connected: Option<Box<Connected>>,
    pub sessions: Vec<Session>,
}

impl End {
    pub fn start(
        side: Side,
        config: &Config,
        party: Party,
        machine: impl FnOnce(&mut Context<'_>) -> Result<Handshake, Failed>,
    ) -> Self {
        let (mut report, mut actions) = (Report::new(side), Actions::default());
        let random = &mut aws_lc::SystemRandom;
        let mut context = Context { config, now: NOW, random, report: &mut report, actions: &mut actions };
        let machine = machine(&mut context).expect("starts");
        let (out, sessions) = (VecDeque::new(), Vec::new());
        let config = config.clone();
        let mut end = Self { machine, config, party, report, actions, out, connected: None, sessions };
        end.carry_out();
        end
    }

    /// Hands in what came, and answers what is asked.
    pub fn take(&mut self, sent: &Sent) -> Result<(), Fault> {
        let input = match sent {
            Sent::Message(message) => Input::Message(message),
            Sent::ChangeCipherSpec => Input::ChangeCipherSpec,
        };
        self.call(|machine, context| machine.handle(context, input))?;
        for _ in 0..QUESTIONS_MAX {
            if !self.answer_one()? {
                return Ok(());
            }
        }
        panic!("questions without end");
    }

    fn call(
        &mut self,
        body: impl FnOnce(&mut Handshake, &mut Context<'_>) -> Result<(), Failed>,
    ) -> Result<(), Fault> {
        let mut context = Context {
            config: &self.config,
            now: NOW,
            random: &mut aws_lc::SystemRandom,
            report: &mut self.report,
            actions: &mut self.actions,
        };
        body(&mut self.machine, &mut context).map_err(|failed| self.report.fault_of(failed))?;
        self.carry_out();
        Ok(())
    }

    fn carry_out(&mut self) {
        self.sessions.extend(self.actions.take_sessions());
        let (mut index, mut sent) = (0, 0);
        while let Some(action) = self.actions.get(index) {
            index += 1;
            match action {
                Action::Send(until) => {
                    let mut rest = &self.actions.flight()[sent..until];
                    sent = until;
                    while !rest.is_empty() {
                        let split = split_handshake(rest).expect("whole messages");
                        self.out.push_back(Sent::Message(split.message.to_vec()));
                        rest = split.rest;
                    }
                }
                Action::SendChangeCipherSpec => self.out.push_back(Sent::ChangeCipherSpec),
                Action::Connected => self.connected = self.actions.connected.take(),
                _ => {}
            }
        }
        self.actions.clear();
    }

    /// Answers one need; false where there is none.
    fn answer_one(&mut self) -> Result<bool, Fault> {
        let (own, peer, psk) = (self.party.own, self.party.peer, self.party.psk);
        let Some(need) = self.machine.need() else { return Ok(false) };
        let (signature, bytes);
        let answer = match need {
            Need::Credential(_) => {
                Answer::Credential(own.map(|kind| Credential::x509(&CHAIN, kind, key(kind).schemes())))
            }
            Need::Signature { scheme, message } => {
                let key = key(own.expect("it was shown"));
                signature = key.sign(scheme, message, &mut aws_lc::SystemRandom).expect("signs");
                Answer::Signature(&signature)
            }
            Need::PeerCertificate { last: true, .. } => Answer::PeerAccepted {
                spki: key(peer).public_key(),
                identity: PeerIdentity::new([7; 32], None),
            },
            Need::PeerCertificate { .. } => Answer::CertificateNoted,
            Need::CertificateStatus { .. } => Answer::StatusAccepted,
            Need::Psk { identities, .. } => {
                // A ticket of these tests is the session itself; it stands before the key.
                let ticket = identities.iter().find(|(_, identity)| Session::decode(identity).is_ok());
                let named = |psk: Psk| identities.iter().find(|(_, identity)| *identity == psk.identity);
                match (ticket, psk.and_then(|psk| named(psk).zip(Some(psk)))) {
                    (Some((index, ticket)), _) => {
                        bytes = ticket.to_vec();
                        opened(index, &bytes)
                    }
                    (None, Some(((index, _), psk))) => Answer::Psk(Some(PskAnswer {
                        index,
                        secret: psk.secret,
                        hash: psk.hash,
                        imported: psk.imported,
                    })),
                    (None, None) => Answer::Psk(None),
                }
            }
            Need::Ticket { ticket } => {
                bytes = ticket.to_vec();
                opened(0, &bytes)
            }
            Need::SealTicket { session } => {
                bytes = session.0.to_vec();
                Answer::Ticket(Some(&bytes))
            }
            other => panic!("these tests know no such need: {other:?}"),
        };
        self.call(|machine, context| machine.answer(context, answer))?;
        Ok(true)
    }
}

/// A ticket that reads is taken: what seals it is no part of these tests.
fn opened(index: usize, session: &[u8]) -> Answer<'_> {
    let is_one = Session::decode(session).is_ok();
    Answer::Session(is_one.then_some(OpenedTicket { index, session, renew: true, confirm: false }))
}
