//! The ClientHello: what must be in it, and whom to ask (RFC 5246 §7.4.1.2).

use handclasp_codec::{CipherSuite, ClientHello, ECPointFormat, Field, ProtocolVersion};
use handclasp_crypto::KeyExchangeAlgorithm;
use handclasp_report::Fault;

use super::{State, choose_credential::ChooseCredential, flight, offer, open_ticket::OpenTicket};
use crate::{Config, Context, ExtendedMasterSecret, extensions::answer_records, negotiate, server::Hello};

pub(super) fn client_hello(context: &mut Context<'_>, hello: Hello) -> Result<State, Fault> {
    let offer = hello.read()?;
    check(context.config, &offer)?;
    let ticket = offer.extensions.session_ticket.filter(|ticket| !ticket.opaque.is_empty());
    match ticket.filter(|_| context.config.resumption.tickets > 0) {
        Some(_) => Ok(State::OpenTicket(OpenTicket { hello })),
        None => in_full(context, hello),
    }
}

/// A full handshake.
pub(super) fn in_full(context: &mut Context<'_>, hello: Hello) -> Result<State, Fault> {
    let offer = hello.read()?;
    let suite = offer::choose(context.config, &offer)?;
    // Whoever is asked below is asked only if the rest fits.
    negotiate::alpn(context.config, offer.extensions.application_layer_protocol_negotiation)?;
    match suite.exchange {
        KeyExchangeAlgorithm::Ecdhe(_) => {
            Ok(State::ChooseCredential(ChooseCredential::new(context.config, hello)?))
        }
        KeyExchangeAlgorithm::Psk | KeyExchangeAlgorithm::EcdhePsk | KeyExchangeAlgorithm::Tls13 => {
            flight::with_psk(context, &hello, suite)
        }
    }
}

/// The rules about a ClientHello of TLS 1.2.
fn check(config: &Config, hello: &ClientHello<'_>) -> Result<(), Fault> {
    if !hello.legacy_compression_methods.contains(&0) {
        return Err(Fault::NoNullCompression);
    }
    // RFC 8422 §5.1.2
    if let Some(formats) = &hello.extensions.ec_point_formats
        && !formats.ec_point_format_list.contains(&ECPointFormat::uncompressed)
    {
        return Err(Fault::IllegalParameter(Field::ec_point_formats));
    }
    answer_records(config, ProtocolVersion::TLS_1_2, hello)?;
    // RFC 5746 §3.6: a first handshake has nothing to renegotiate.
    if let Some(info) = &hello.extensions.renegotiation_info
        && !info.renegotiated_connection.is_empty()
    {
        return Err(Fault::RenegotiationInfo);
    }
    match config.extended_master_secret {
        ExtendedMasterSecret::Required if hello.extensions.extended_master_secret.is_none() => {
            Err(Fault::NoExtendedMasterSecret)
        }
        ExtendedMasterSecret::Required | ExtendedMasterSecret::Offered => Ok(()),
    }
}

/// Whether the client does RFC 5746 at all, by either signal (§3.3, §3.4).
pub(super) fn signals_renegotiation_info(hello: &ClientHello<'_>) -> bool {
    hello.extensions.renegotiation_info.is_some()
        || hello.cipher_suites.contains(&CipherSuite::TLS_EMPTY_RENEGOTIATION_INFO_SCSV)
}
