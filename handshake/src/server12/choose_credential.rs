//! After a ClientHello that leads to a certificate: the caller chooses it, and with the kind of
//! its key the suite (RFC 5246 §7.4.2, RFC 8422 §5.3).

use alloc::boxed::Box;

use handclasp_codec::{Encode, HandshakeType, ProtocolVersion};
use handclasp_crypto::Suite;
use handclasp_report::{Fault, Side};

use super::{
    State,
    choices::{CertificateSuites, PskSuite},
    flight::{self, Flight, Shown},
    sign_key_exchange::SignKeyExchange,
    start::Received,
};
use crate::{
    Context, Credential, CredentialRequest, Need,
    certificates::{check_shown, write_certificate12},
    extensions::staple,
    message::share_failed,
};

/// The caller is asked for a certificate.
pub(crate) struct ChooseCredential {
    pub(super) received: Box<Received>,
    pub(super) suites: CertificateSuites,
    /// The alternative if no certificate fits.
    pub(super) psk: Option<PskSuite>,
}

impl ChooseCredential {
    pub(super) fn need(&self) -> Need<'_> {
        Need::Credential(self.request())
    }

    fn request(&self) -> CredentialRequest<'_> {
        let CertificateSuites { ecdsa, rsa, .. } = self.suites;
        self.received.hello.request(ProtocolVersion::TLS_1_2, ecdsa.is_some(), rsa.is_some())
    }

    #[inline(never)]
    pub(super) fn credential(
        self,
        context: &mut Context<'_>,
        answer: Option<Credential<'_>>,
    ) -> Result<State, Fault> {
        let suite = answer.and_then(|credential| self.suites.suite(credential.key));
        match (answer, suite, self.psk) {
            (Some(credential), Some(suite), _) => self.with_certificate(context, suite, &credential),
            (_, _, Some(psk)) => flight::with_psk(context, self.received, psk),
            (None, _, None) => Err(Fault::NoCredential),
            (Some(_), None, None) => Err(Fault::NoCommonSuite),
        }
    }

    fn with_certificate(
        self,
        context: &mut Context<'_>,
        suite: &'static Suite,
        credential: &Credential<'_>,
    ) -> Result<State, Fault> {
        let scheme = check_shown(context.report, Side::Server, &self.request(), credential)?;
        let Self { received, suites: CertificateSuites { on, group, .. }, .. } = self;
        let requested = received.choices.requested?;
        let certificate_type = credential.certificate_type;
        let private = group
            .start(context.random)
            .map_err(|error| share_failed(error, group.group(), context.report))?;

        let status = staple(received.hello.offered.ocsp, credential);
        let shown = Shown { scheme, certificate_type, stapled: status.is_some(), requested };
        let mut flight = Flight::begin(context, received, suite, Some(group.group()), Some(shown))?;
        flight.send(context, HandshakeType::certificate, |writer| {
            write_certificate12(certificate_type, credential.chain, writer)
        })?;
        if let Some(status) = status {
            flight.send(context, HandshakeType::certificate_status, |writer| status.encode(writer))?;
        }
        let state = SignKeyExchange::new(on, flight, group.group(), private, scheme)?;
        Ok(State::SignKeyExchange(on, state))
    }
}
