//! After a ClientHello that leads to a certificate: the caller chooses it, and with the kind of
//! its key the suite (RFC 5246 §7.4.2, RFC 8422 §5.3).

use handclasp_codec::{ClientHello, Encode, HandshakeType, ProtocolVersion};
use handclasp_crypto::{Authentication, KeyExchangeAlgorithm, Suite};
use handclasp_report::{Fault, Internal, Side};

use super::{
    State,
    flight::{self, Flight, Shown},
    offer,
    sign_key_exchange::SignKeyExchange,
};
use crate::{
    Config, Context, Credential, CredentialRequest, Need,
    certificates::{check_shown, permitted, write_certificate12},
    extensions::staple,
    message::share_fault,
    server::Hello,
};

/// The hello for which a certificate is asked.
pub(crate) struct ChooseCredential {
    /// Kept because the need borrows from it.
    hello: Hello,
    /// Whether a suite in common wants an EC or EdDSA key.
    ecdsa: bool,
    /// Whether a suite in common wants an RSA key.
    rsa: bool,
}

impl ChooseCredential {
    pub(super) fn new(config: &Config, hello: Hello) -> Result<Self, Fault> {
        let offer = hello.read()?;
        let wants = |by| {
            offer::candidates(config, &offer).any(|suite| suite.exchange == KeyExchangeAlgorithm::Ecdhe(by))
        };
        let (ecdsa, rsa) = (wants(Authentication::Ecdsa), wants(Authentication::Rsa));
        Ok(Self { hello, ecdsa, rsa })
    }

    pub(super) fn need(&self) -> Option<Need<'_>> {
        self.hello.read().ok().map(|hello| Need::Credential(self.wanted(&hello)))
    }

    fn wanted<'a>(&self, hello: &ClientHello<'a>) -> CredentialRequest<'a> {
        let offer = &hello.extensions;
        let schemes_cert = offer.signature_algorithms_cert.as_ref();
        CredentialRequest {
            version: ProtocolVersion::TLS_1_2,
            server_name: offer.server_name.as_ref().and_then(|names| names.host_name()),
            schemes: offer::schemes(hello),
            schemes_cert: schemes_cert.map(|list| list.supported_signature_algorithms),
            ecdsa: self.ecdsa,
            rsa: self.rsa,
            curves: offer.supported_groups.as_ref().map(|list| list.named_group_list),
            // A client that offers both versions believes the same authorities in both.
            authorities: offer
                .certificate_authorities
                .as_ref()
                .map(|list| list.authorities)
                .unwrap_or_default(),
            types: permitted(offer.server_certificate_type.as_ref().map(|list| list.certificate_types)),
        }
    }

    pub(super) fn credential(
        self,
        context: &mut Context<'_>,
        answer: Option<Credential<'_>>,
    ) -> Result<State, Fault> {
        let hello = self.hello.read()?;
        let candidate = |wanted: &dyn Fn(&Suite) -> bool| {
            offer::candidates(context.config, &hello).find(|suite| wanted(suite))
        };
        let of_answer = answer.map(|credential| candidate(&|suite| offer::suits(suite, credential.key)));
        match (answer, of_answer) {
            (Some(credential), Some(Some(suite))) => self.with_certificate(context, suite, &credential),
            // A pre-shared key may still do, where both are configured.
            (_, of_answer) => {
                match candidate(&|suite| !matches!(suite.exchange, KeyExchangeAlgorithm::Ecdhe(_))) {
                    Some(suite) => flight::with_psk(context, &self.hello, suite),
                    None if of_answer.is_none() => Err(Fault::NoCredential),
                    None => Err(Fault::NoCommonSuite),
                }
            }
        }
    }

    fn with_certificate(
        &self,
        context: &mut Context<'_>,
        suite: &'static Suite,
        credential: &Credential<'_>,
    ) -> Result<State, Fault> {
        let hello = self.hello.read()?;
        let scheme = check_shown(context.report, Side::Server, &self.wanted(&hello), credential)?;
        let certificate_type = credential.certificate_type;
        let group = offer::group(context.config, &hello).ok_or(Fault::Internal(Internal::Bug))?;
        let private = group.start(context.random).map_err(share_fault(group.group()))?;

        let status = staple(&hello, credential);
        let shown = Shown { scheme, certificate_type, stapled: status.is_some() };
        let mut flight = Flight::begin(context, &self.hello, suite, Some(group.group()), Some(shown))?;
        flight.send(context, HandshakeType::certificate, |writer| {
            write_certificate12(certificate_type, credential.chain, writer)
        })?;
        if let Some(status) = status {
            flight.send(context, HandshakeType::certificate_status, |writer| status.encode(writer))?;
        }
        SignKeyExchange::new(flight, group.group(), private, scheme).map(State::SignKeyExchange)
    }
}
