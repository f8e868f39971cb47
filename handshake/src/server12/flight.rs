//! ServerHello and ServerHelloDone, and what all states after them share; the whole flight
//! where a pre-shared key needs no certificate (RFC 5246 §7.4.1.3, RFC 4279 §2, RFC 5489 §2).
//!
//! Called by: `start`, `choose_credential`, `sign_key_exchange`; carried by all that follow.

use alloc::boxed::Box;

use handclasp_codec::{
    ClientHello, CompressionMethod, DOWNGRADE_TLS12, ECCurveType, ECPointFormat, ECPointFormatList, Empty,
    Encode, EncodeError, HandshakeType, List, NamedGroup, ProtocolName, ProtocolNameList, ProtocolVersion,
    RenegotiationInfo, ServerEcdhParams, ServerHello, ServerHelloExtensions, ServerKeyExchangeEcdhePsk,
    SignatureScheme, Writer,
};
use handclasp_crypto::{Exchange, Suite};
use handclasp_report::{Fault, Internal, Side, Tag};
use handclasp_schedule::Transcript;

use super::{
    State, offer,
    start::signals_renegotiation_info,
    wait_client_key_exchange::{UnderWay, WaitClientKeyExchange},
};
use crate::{
    Connected, Env,
    message::{random, share_fault},
    negotiate,
    server::decode_hello,
};

/// The handshake from the ServerHello on.
pub(super) struct Flight {
    pub(super) suite: &'static Suite,
    pub(super) client_random: [u8; 32],
    pub(super) server_random: [u8; 32],
    /// Whether RFC 7627 was agreed.
    pub(super) extended_master_secret: bool,
    pub(super) transcript: Transcript,
    pub(super) agreed: Box<Connected>,
}

/// The flight of a server that needs no certificate. Without a hint plain PSK has no
/// ServerKeyExchange (RFC 4279 §2).
pub(super) fn with_psk(env: &mut Env<'_>, message: &[u8], suite: &'static Suite) -> Result<State, Fault> {
    if suite.exchange != Exchange::EcdhePsk {
        let flight = Flight::begin(env, message, suite, None, None)?;
        return flight.hello_done(env, UnderWay::Psk);
    }
    let group = offer::group(env.config, &decode_hello(message)?).ok_or(Fault::Internal(Internal::Bug))?;
    let private = group.start(env.random).map_err(share_fault(group.group()))?;
    let mut flight = Flight::begin(env, message, suite, Some(group.group()), None)?;
    let key_exchange = ServerKeyExchangeEcdhePsk {
        psk_identity_hint: &[],
        params: ecdh_params(group.group(), private.public()),
    };
    flight.send(env, HandshakeType::server_key_exchange, |writer| key_exchange.encode(writer))?;
    flight.hello_done(env, UnderWay::EcdhePsk(group.group(), private))
}

/// ServerECDHParams (RFC 8422 §5.4).
pub(super) fn ecdh_params(named_curve: NamedGroup, public: &[u8]) -> ServerEcdhParams<'_> {
    ServerEcdhParams { curve_type: ECCurveType::named_curve, named_curve, public }
}

impl Flight {
    /// Sends the ServerHello. `scheme` is there where a certificate authenticates us.
    pub(super) fn begin(
        env: &mut Env<'_>,
        message: &[u8],
        suite: &'static Suite,
        group: Option<NamedGroup>,
        scheme: Option<SignatureScheme>,
    ) -> Result<Self, Fault> {
        let hello = decode_hello(message)?;
        let mut transcript = Transcript::new();
        transcript.add(message);
        transcript.select(suite.hash);
        let mut flight = Self {
            suite,
            client_random: *hello.random,
            server_random: server_random(env)?,
            extended_master_secret: hello.extensions.extended_master_secret.is_some(),
            transcript,
            agreed: agree(env, &hello, suite, group, scheme)?,
        };
        flight.send_server_hello(env, &hello)?;
        Ok(flight)
    }

    /// No session is ever resumed by its id: ours is empty (RFC 5246 §7.4.1.3).
    fn send_server_hello(&mut self, env: &mut Env<'_>, hello: &ClientHello<'_>) -> Result<(), Fault> {
        let offer = &hello.extensions;
        let chosen = self.agreed.alpn.as_deref().map(ProtocolName).map(|name| [name]);
        let server_hello = ServerHello {
            legacy_version: ProtocolVersion::TLS_1_2,
            random: &self.server_random,
            legacy_session_id_echo: &[],
            cipher_suite: self.suite.id,
            legacy_compression_method: CompressionMethod::null,
            extensions: ServerHelloExtensions {
                renegotiation_info: signals_renegotiation_info(hello)
                    .then_some(RenegotiationInfo { renegotiated_connection: &[] }),
                server_name: offer.server_name.filter(|_| self.agreed.scheme.is_some()).map(|_| Empty),
                ec_point_formats: offer.ec_point_formats.filter(|_| self.agreed.group.is_some()).map(|_| {
                    ECPointFormatList { ec_point_format_list: List::of(&[ECPointFormat::uncompressed]) }
                }),
                application_layer_protocol_negotiation: chosen
                    .as_ref()
                    .map(|name| ProtocolNameList { protocol_name_list: List::of(name) }),
                extended_master_secret: offer.extended_master_secret,
                ..Default::default()
            },
        };
        env.report.note_words(Side::Server, Tag::ChosenExtensions, server_hello.extensions.types());
        let sent = env.actions.send(HandshakeType::server_hello, |writer| server_hello.encode(writer))?;
        self.transcript.add(sent);
        Ok(())
    }

    /// Sends a message and adds it to the transcript.
    pub(super) fn send(
        &mut self,
        env: &mut Env<'_>,
        message: HandshakeType,
        body: impl FnOnce(&mut Writer<'_>) -> Result<(), EncodeError>,
    ) -> Result<(), Fault> {
        self.transcript.add(env.actions.send(message, body)?);
        Ok(())
    }

    /// Ends the flight.
    pub(super) fn hello_done(mut self, env: &mut Env<'_>, under_way: UnderWay) -> Result<State, Fault> {
        self.send(env, HandshakeType::server_hello_done, |_| Ok(()))?;
        Ok(State::WaitClientKeyExchange(WaitClientKeyExchange { flight: self, under_way }))
    }
}

/// Our random; its end says so where we could have done TLS 1.3 (RFC 8446 §4.1.3).
fn server_random(env: &mut Env<'_>) -> Result<[u8; 32], Fault> {
    let mut server_random = random(env.random)?;
    let can_13 = env.config.suites.iter().any(|suite| suite.version() == ProtocolVersion::TLS_1_3);
    if can_13 && let Some(end) = server_random.last_chunk_mut() {
        *end = DOWNGRADE_TLS12;
    }
    Ok(server_random)
}

/// What will have been agreed.
fn agree(
    env: &mut Env<'_>,
    hello: &ClientHello<'_>,
    suite: &'static Suite,
    group: Option<NamedGroup>,
    scheme: Option<SignatureScheme>,
) -> Result<Box<Connected>, Fault> {
    let offer = &hello.extensions;
    let alpn = negotiate::alpn(env.config, offer.application_layer_protocol_negotiation)?;
    env.report.note_words(Side::Server, Tag::ChosenSuite, core::iter::once(suite.id));
    if let Some(group) = group {
        env.report.note_words(Side::Server, Tag::ChosenGroup, core::iter::once(group));
    }
    if let Some(scheme) = scheme {
        env.report.note_words(Side::Server, Tag::ChosenScheme, core::iter::once(scheme));
    }
    if let Some(name) = &alpn {
        env.report.note(Side::Server, Tag::ChosenAlpn, name);
    }
    Ok(Box::new(Connected {
        version: ProtocolVersion::TLS_1_2,
        suite: suite.id,
        group,
        scheme,
        alpn,
        server_name: offer.server_name.and_then(|names| names.host_name()).map(<[u8]>::to_vec),
        psk_identity: None,
        peer: None,
        exporter: None,
    }))
}
