//! After a ClientHello that leads to a certificate: the caller chooses it, and with the kind of
//! its key the suite (RFC 5246 §7.4.2, RFC 8422 §5.3).
//! Called by the table.

use alloc::vec::Vec;

use handclasp_codec::{
    Asn1Cert, Certificate12, ClientHello, Encode, EncodeError, HandshakeType, List, ProtocolVersion, Writer,
};
use handclasp_crypto::{Authentication, Exchange, Suite};
use handclasp_report::{Fault, Internal, Misuse};

use super::{
    State,
    flight::{self, Flight},
    offer,
    sign_key_exchange::SignKeyExchange,
};
use crate::{Config, Credential, Env, Need, message::share_fault, negotiate, server::decode_hello};

/// The hello for which a certificate is asked.
pub(crate) struct ChooseCredential {
    /// Kept because the need borrows from it.
    message: Vec<u8>,
    /// Whether a suite in common wants an EC or EdDSA key.
    ecdsa: bool,
    /// Whether a suite in common wants an RSA key.
    rsa: bool,
}

impl ChooseCredential {
    pub(super) fn new(config: &Config, hello: &ClientHello<'_>, message: &[u8]) -> Self {
        let wants = |by| offer::candidates(config, hello).any(|suite| suite.exchange == Exchange::Ecdhe(by));
        let (ecdsa, rsa) = (wants(Authentication::Ecdsa), wants(Authentication::Rsa));
        Self { message: message.to_vec(), ecdsa, rsa }
    }

    pub(super) fn need(&self) -> Option<Need<'_>> {
        let hello = decode_hello(&self.message).ok()?;
        let schemes = offer::schemes(&hello);
        let server_name = hello.extensions.server_name.and_then(|names| names.host_name());
        Some(Need::Credential { server_name, schemes, ecdsa: self.ecdsa, rsa: self.rsa })
    }

    pub(super) fn credential(
        self,
        env: &mut Env<'_>,
        answer: Option<Credential<'_>>,
    ) -> Result<State, Fault> {
        let hello = decode_hello(&self.message)?;
        let candidate = |wanted: &dyn Fn(&Suite) -> bool| {
            offer::candidates(env.config, &hello).find(|suite| wanted(suite))
        };
        let of_answer = answer.map(|credential| candidate(&|suite| offer::suits(suite, credential.key)));
        match (answer, of_answer) {
            (Some(credential), Some(Some(suite))) => self.with_certificate(env, suite, &credential),
            // A pre-shared key may still do, where both are configured.
            (_, of_answer) => match candidate(&|suite| !matches!(suite.exchange, Exchange::Ecdhe(_))) {
                Some(suite) => flight::with_psk(env, &self.message, suite),
                None if of_answer.is_none() => Err(Fault::NoCredential),
                None => Err(Fault::NoCommonSuite),
            },
        }
    }

    fn with_certificate(
        &self,
        env: &mut Env<'_>,
        suite: &'static Suite,
        credential: &Credential<'_>,
    ) -> Result<State, Fault> {
        let hello = decode_hello(&self.message)?;
        if credential.chain.is_empty() {
            return Err(Fault::Misuse(Misuse::WrongAnswer));
        }
        if !offer::knows_curve(&hello, credential.key) {
            return Err(Fault::NoCommonScheme);
        }
        let scheme = negotiate::scheme(
            ProtocolVersion::TLS_1_2,
            credential.key,
            credential.schemes,
            offer::schemes(&hello),
        )?;
        let group = offer::group(env.config, &hello).ok_or(Fault::Internal(Internal::Bug))?;
        let private = group.start(env.random).map_err(share_fault(group.group()))?;

        let mut flight = Flight::begin(env, &self.message, suite, Some(group.group()), Some(scheme))?;
        flight.send(env, HandshakeType::certificate, |writer| certificate(credential, writer))?;
        SignKeyExchange::new(flight, group.group(), private, scheme).map(State::SignKeyExchange)
    }
}

/// Certificate, borrowed from the caller's chain.
fn certificate(credential: &Credential<'_>, writer: &mut Writer<'_>) -> Result<(), EncodeError> {
    let entries: Vec<_> = credential.chain.iter().map(|der| Asn1Cert(der)).collect();
    Certificate12 { certificate_list: List::of(&entries) }.encode(writer)
}
