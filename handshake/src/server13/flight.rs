//! The server's flight, in two halves with the certificate's messages between them:
//! ServerHello and EncryptedExtensions, then Finished (RFC 8446 §2, §4.1.3, §4.3.1, §4.4.4).

use handclasp_codec::{Encode, ExtensionType, Field, Finished, HandshakeType, NamedGroup, ProtocolVersion};
use handclasp_crypto::{Encapsulated, KeyExchange};
use handclasp_report::Failed;
use handclasp_schedule::{EarlySecret, Epoch, Exporter, HandshakeSecret, Sender, key_log};

use super::{
    State, certificate_request, handshake::Handshake, wait_certificate::WaitCertificate,
    wait_finished::WaitFinished,
};
use crate::{
    Action, Context, capability,
    certificates::Requested,
    extensions::{write_answers, write_extension},
    message::{random, share_failed},
    negotiate::key_share,
    server::{
        hello::offers_on_host,
        server_hello::{self, write_head},
    },
};

/// ServerHello, then keys, then EncryptedExtensions. `group` is `None` with psk_ke alone.
/// `selected_identity`: the place of the pre-shared key or ticket in the client's list.
pub(super) fn begin(
    shared: &mut Handshake,
    context: &mut Context<'_>,
    early: EarlySecret,
    group: Option<&'static dyn KeyExchange>,
    selected_identity: Option<u16>,
) -> Result<HandshakeSecret, Failed> {
    let ours = match group {
        Some(group) => Some((group.group(), exchange(shared, context, group)?)),
        None => None,
    };
    let (suite, group) = (shared.suite.id, ours.as_ref().map(|(group, _)| *group));
    let agreed = shared.agreed();
    (agreed.suite, agreed.group) = (suite, group);
    if selected_identity.is_some() {
        shared.requested = None;
    }

    // In this order nothing is kept: a first hello goes straight into the hash.
    shared.transcript.select(shared.suite.hash);
    shared.transcript.add(shared.hello.view().message());
    send_server_hello(shared, context, ours.as_ref(), selected_identity)?;
    let hello = shared.hello.view();
    // Once a connection, behind our first message (RFC 8446 §D.4).
    if shared.retry.is_none() && !hello.session_id().is_empty() {
        context.actions.push(Action::SendChangeCipherSpec);
    }
    if hello.offers(ExtensionType::early_data) {
        context.actions.push(Action::SkipEarlyData);
    }

    let secret_of_both = ours.as_ref().map(|(_, ours)| &ours.shared);
    let secret = early.handshake(secret_of_both, &shared.transcript.hash());
    install_handshake_keys(shared, context, &secret);
    send_encrypted_extensions(shared, context)?;
    if shared.requested.is_some() {
        certificate_request::send(shared, context)?;
    }
    Ok(secret)
}

/// Our share and the secret, in answer to the client's share.
fn exchange(
    shared: &Handshake,
    context: &mut Context<'_>,
    group: &dyn KeyExchange,
) -> Result<Encapsulated, Failed> {
    let theirs = key_share(shared.hello.view(), group.group()).unwrap_or_default();
    group
        .encapsulate(theirs, context.random)
        .map_err(|error| share_failed(error, group.group(), context.report))
}

fn send_server_hello(
    shared: &mut Handshake,
    context: &mut Context<'_>,
    ours: Option<&(NamedGroup, Encapsulated)>,
    selected_identity: Option<u16>,
) -> Result<(), Failed> {
    let server_random = random(context)?;
    let session_id = shared.hello.view().session_id();
    let sent = server_hello::send(context, HandshakeType::server_hello, |writer| {
        write_head(&server_random, session_id, shared.suite.id, writer);
        writer.vector16(Field::extensions, |writer| {
            write_extension(ExtensionType::supported_versions, writer, |content| {
                content.word(ProtocolVersion::TLS_1_3);
            });
            if let Some((group, ours)) = ours {
                write_extension(ExtensionType::key_share, writer, |content| {
                    content.word(*group);
                    content.opaque16(Field::key_exchange, &ours.public);
                });
            }
            if let Some(index) = selected_identity {
                write_extension(ExtensionType::pre_shared_key, writer, |content| content.u16(index));
            }
        });
    })?;
    shared.transcript.add(sent);
    Ok(())
}

/// Both directions: the client's next message comes under its handshake keys.
fn install_handshake_keys(shared: &Handshake, context: &mut Context<'_>, secret: &HandshakeSecret) {
    for (label, sender) in [
        (key_log::CLIENT_HANDSHAKE_TRAFFIC_SECRET, Sender::Client),
        (key_log::SERVER_HANDSHAKE_TRAFFIC_SECRET, Sender::Server),
    ] {
        let secret = secret.traffic(sender).secret();
        context.actions.log(context.config, label, &shared.client_random, secret);
    }
    context.actions.push(Action::InstallWriteKeys(Epoch::Handshake));
    context.actions.push(Action::InstallReadKeys(Epoch::Handshake));
}

/// Answers to what was offered, and nothing else (§4.3.1).
fn send_encrypted_extensions(shared: &mut Handshake, context: &mut Context<'_>) -> Result<(), Failed> {
    use ExtensionType as Type;
    let (hello, agreed) = (shared.hello.view(), shared.agreed_so_far());
    let Handshake { records, shown, requested, .. } = &*shared;
    if let Some(limits) = records.limits {
        context.actions.push(Action::LimitRecords(limits));
    }
    // A name says which certificate to show, and there is none with a pre-shared key.
    let named = agreed.is_some_and(|agreed| agreed.scheme.is_some()) && hello.offers(Type::server_name);
    // Answered where offered, also where X.509 is the answer (RFC 7250 §4.2), and where a
    // session is resumed: to some clients no answer means X.509, which they may not take.
    let server_type = shown.filter(|_| offers_on_host(hello, Type::server_certificate_type));
    let client_type = requested.filter(|_| offers_on_host(hello, Type::client_certificate_type));
    let server_type = server_type.map(|shown| [shown.0]);
    let client_type = client_type.map(|requested| [requested.certificate_type.0]);
    let answers = [
        (Type::server_name, named.then_some(&[][..])),
        (Type::max_fragment_length, records.max_fragment_length.as_ref().map(|code| &code[..])),
        (Type::application_layer_protocol_negotiation, agreed.and_then(|agreed| agreed.alpn.as_deref())),
        (Type::client_certificate_type, client_type.as_ref().map(|one| &one[..])),
        (Type::server_certificate_type, server_type.as_ref().map(|one| &one[..])),
        (Type::record_size_limit, records.record_size_limit.as_ref().map(|limit| &limit[..])),
    ];
    let sent = server_hello::send(context, HandshakeType::encrypted_extensions, |writer| {
        write_answers(&answers, writer);
    })?;
    shared.transcript.add(sent);
    Ok(())
}

/// Finished, then the keys for application data in our direction; the client's direction
/// follows with its Finished.
pub(super) fn finish(
    shared: &mut Handshake,
    context: &mut Context<'_>,
    secret: HandshakeSecret,
) -> Result<State, Failed> {
    // Nothing is looked up in the hello any more.
    shared.hello = Default::default();
    let verify_data = secret.traffic(Sender::Server).finished(&shared.transcript.hash());
    let message = Finished { verify_data: &verify_data };
    let sent = context.send(HandshakeType::finished, |writer| message.encode(writer))?;
    shared.transcript.add(sent);

    let client_random = shared.client_random;
    let transcript_hash = shared.transcript.hash();
    let main = secret.main(&transcript_hash);
    let exporter =
        capability::Exporter::get().map(|_| main.exporter(&transcript_hash, &mut shared.agreed().exporter));
    let exporter = exporter.and_then(Exporter::secret);
    let traffic = |sender| Some(main.traffic(Epoch::Application, sender).secret());
    for (label, secret) in [
        (key_log::CLIENT_TRAFFIC_SECRET_0, traffic(Sender::Client)),
        (key_log::SERVER_TRAFFIC_SECRET_0, traffic(Sender::Server)),
        (key_log::EXPORTER_SECRET, exporter),
    ] {
        if let Some(secret) = secret {
            context.actions.log(context.config, label, &client_random, secret);
        }
    }
    context.actions.push(Action::InstallWriteKeys(Epoch::Application));
    Ok(match shared.requested {
        Some(Requested { on, certificate_type }) => {
            State::WaitCertificate(on, WaitCertificate { main, certificate_type })
        }
        None => State::WaitFinished(WaitFinished { main }),
    })
}
