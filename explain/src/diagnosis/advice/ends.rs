//! The connection ended, and nobody said why.

use handclasp_codec::{HandshakeType, NamedGroup};
use handclasp_report::{Event, Side, Tag, TransportFault};

use super::{client_certificate, conversation::Conversation, hello, told::Told};

const SERVER_HELLO: Event = Event::Message(HandshakeType::server_hello);

pub(super) fn closed(conversation: &Conversation<'_>, expected: Event) -> Told {
    if conversation.is_client() && expected == SERVER_HELLO {
        return hello::refused(conversation);
    }
    Told::because("It said no more than that it is done.")
        .theirs(format!("read the {}'s log", conversation.peer()))
}

pub(super) fn truncated(
    conversation: &Conversation<'_>,
    expected: Option<Event>,
    anything_came: bool,
) -> Told {
    let peer = conversation.peer();
    match expected {
        None => Told::because(
            "A peer that is sound sends close_notify; without it, an attacker may have cut the rest.",
        )
        .ours("check by the application's own length or end mark whether everything came")
        .theirs(format!("let the {peer} close TLS before it closes the socket")),
        Some(SERVER_HELLO) if conversation.is_client() => silent_server(conversation, anything_came),
        Some(_) if conversation.is_client() && conversation.answered() => after_answer(conversation),
        Some(Event::Message(HandshakeType::client_hello)) if !anything_came => Told::because(
            "Port scans and health checks do that, and clients whose own settings fail to load.",
        )
        .theirs("read the client's log, if it was meant to be a client"),
        Some(_) => client_left(conversation),
    }
}

/// A server that closes on a ClientHello without a word.
fn silent_server(conversation: &Conversation<'_>, anything_came: bool) -> Told {
    let told = Told::because(
        "Servers close so on a ClientHello that they cannot take, and ports that speak no TLS.",
    );
    let told = large_hello(told, conversation);
    told.ours_if(!anything_came, "check the port, and that it speaks TLS from the first byte (no STARTTLS)")
        .and(hello::causes(conversation))
}

/// An ML-KEM share makes a hello of more than 1.2 KB; small peers have buffers for less.
fn large_hello(told: Told, conversation: &Conversation<'_>) -> Told {
    let shares: Vec<NamedGroup> = conversation.words(Side::Client, Tag::KeyShares);
    let large = shares.contains(&NamedGroup::X25519MLKEM768);
    told.ours_if(
        large,
        "send a small ClientHello, which small devices can take: `--group x25519 --group secp256r1`",
    )
}

fn after_answer(conversation: &Conversation<'_>) -> Told {
    if let Some(told) = client_certificate::none_to_show(conversation) {
        return told.theirs("read the server's log");
    }
    Told::because(
        "The server had answered; something in the middle of the handshake displeased it, or it crashed.",
    )
    .theirs("read the server's log")
    .either_if(
        conversation.uses_psk(),
        "compare the keys: `--psk-hex`, `--psk-ascii`, and the check values of both ends",
    )
    .theirs(
        "a small device may have run out of memory: let it send a shorter chain, or negotiate small records",
    )
}

fn client_left(conversation: &Conversation<'_>) -> Told {
    let key = conversation.has(Tag::CertificateKey) || conversation.has(Tag::ChosenScheme);
    Told::because("Clients leave so when they do not like our certificate or our choice and do not say it.")
        .theirs("read the client's log")
        .theirs_if(
            key || conversation.answered(),
            "let the client trust our certificate: its root (`-CAfile`), its name, or our pin",
        )
        .ours("a small device may have run out of memory on our chain: use a short chain with EC keys")
        .shows(&[Tag::Versions, Tag::Suites, Tag::Groups])
}

/// There was no connection, or it broke.
pub(super) fn transport(how: TransportFault) -> Told {
    let told = Told::default();
    match how {
        TransportFault::Refused => told
            .server("start the server, or correct the address and port that it listens on")
            .client("or correct the address and port; a firewall may refuse in the server's place"),
        TransportFault::Unreachable => told
            .client("check the address, and this machine's network: `ip route get ADDRESS`")
            .between("look for a firewall or a missing route"),
        TransportFault::ConnectTimedOut => told
            .client("check the address and port")
            .between("look for a firewall that drops packets")
            .server("check that the host is up"),
        TransportFault::NoAddress => told.client(
            "check the spelling of the host's name, and this machine's resolver: `getent hosts NAME`",
        ),
        TransportFault::Failed => told.either("try again; capture on both sides if it persists"),
    }
}

pub(super) fn timed_out(conversation: &Conversation<'_>, expected: Event, anything_came: bool) -> Told {
    let peer = conversation.peer();
    if conversation.is_client() && expected == SERVER_HELLO && !anything_came {
        let told = Told::because(
            "The connection was accepted and nobody answers: no TLS there, a filter in between, or a server that \
             waits for bytes that a smaller message would not need.",
        )
        .ours("check the port, and that it speaks TLS from the first byte (no STARTTLS)");
        return large_hello(told, conversation)
            .either("try from another network, to see whether a filter eats the packets");
    }
    if !conversation.is_client() && !anything_came {
        return Told::because(
            "Somebody opened a connection and said nothing: a scan, or a client that hangs.",
        )
        .theirs("read the client's log, if it was meant to be a client");
    }
    Told::because("It stopped in the middle: a lost large packet (path MTU), a crash, or a signer or person that is slow.")
        .theirs(format!("read the {peer}'s log"))
        .between("capture at both ends: if large packets get lost, mend the path MTU")
}
