//! After a ClientHello that leads to a certificate: the caller chooses it, and with the kind of
//! its key the suite (RFC 5246 §7.4.2, RFC 8422 §5.3).

use handclasp_codec::{Encode, HandshakeType, ProtocolVersion};
use handclasp_crypto::Suite;
use handclasp_report::{Failed, Fault, Side};

use super::{
    State,
    choices::{CertificateSuites, PskSuite},
    flight::{self, Start},
    handshake::Handshake,
    sign_key_exchange::SignKeyExchange,
};
use crate::{
    Context, Credential, CredentialRequest, Need,
    certificates::{check_shown, requested, write_certificate12},
    extensions::staple,
    message::share_failed,
    server::hello,
};

/// The caller is asked for a certificate.
pub(crate) struct ChooseCredential {
    pub(super) suites: CertificateSuites,
    /// The alternative if no certificate fits.
    pub(super) psk: Option<PskSuite>,
}

impl ChooseCredential {
    pub(super) fn need<'a>(&self, shared: &'a Handshake) -> Need<'a> {
        Need::Credential(self.request(shared))
    }

    fn request<'a>(&self, shared: &'a Handshake) -> CredentialRequest<'a> {
        let CertificateSuites { ecdsa, rsa, .. } = self.suites;
        hello::request(shared.hello.view(), ProtocolVersion::TLS_1_2, ecdsa.is_some(), rsa.is_some())
    }

    #[inline(never)]
    pub(super) fn credential(
        self,
        shared: &mut Handshake,
        context: &mut Context<'_>,
        answer: Option<Credential<'_>>,
    ) -> Result<State, Failed> {
        let suite = answer.and_then(|credential| self.suites.suite(credential.key));
        match (answer, suite, self.psk) {
            (Some(credential), Some(suite), _) => self.with_certificate(shared, context, suite, &credential),
            (_, _, Some(psk)) => flight::with_psk(shared, context, psk),
            (None, _, None) => Err(context.fail(Fault::NoCredential)),
            (Some(_), None, None) => Err(context.fail(Fault::NoCommonSuite)),
        }
    }

    fn with_certificate(
        self,
        shared: &mut Handshake,
        context: &mut Context<'_>,
        suite: &'static Suite,
        credential: &Credential<'_>,
    ) -> Result<State, Failed> {
        let scheme = check_shown(context.report, Side::Server, &self.request(shared), credential)?;
        let CertificateSuites { on, group, .. } = self.suites;
        let certificate_type = credential.certificate_type;
        // RFC 5246 §7.4.4: only a server that shows a certificate may request one.
        shared.requested = requested(context, shared.hello.view())?;
        shared.shown = Some(certificate_type);
        let private = group
            .start(context.random)
            .map_err(|error| share_failed(error, group.group(), context.report))?;

        let status = staple(hello::requests_ocsp(shared.hello.view()), credential);
        let start = Start { group: Some(group.group()), scheme: Some(scheme), stapled: status.is_some() };
        shared.suite = suite;
        start.send(shared, context)?;
        shared.send(context, HandshakeType::certificate, |writer| {
            write_certificate12(certificate_type, credential.chain, writer)
        })?;
        if let Some(status) = status {
            shared.send(context, HandshakeType::certificate_status, |writer| status.encode(writer))?;
        }
        let state = SignKeyExchange::new(shared, context, on, group.group(), private, scheme)?;
        Ok(State::SignKeyExchange(on, state))
    }
}
