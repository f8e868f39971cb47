//! Refusals without a reason, and connections that end without an alert: what our side can try.

use handclasp_codec::{AlertDescription as Alert, ExtensionType, NamedGroup, ProtocolVersion};
use handclasp_report::{Fault, Named, Side, Tag, TransportFault};

use super::{Context, Description, negotiation};
use crate::conversation::Stage;

/// The peer refuses, and nothing says why.
pub(super) fn refused(context: &Context<'_>) -> Description {
    let (notes, peer) = (context.notes, context.notes.peer());
    let description = context.describe();
    if notes.retried_with_cookie() {
        return description
            .server("serve without `--stateless-retry`: then there is no cookie")
            .client("update the client")
            .offers(&[Tag::Groups, Tag::KeyShares]);
    }
    let Fault::PeerAlert(alert) = context.fault else { return description };
    let description = match alert {
        Alert::handshake_failure | Alert::insufficient_security if context.is_hello_refused() => {
            return hello(description, context);
        }
        Alert::handshake_failure | Alert::insufficient_security if !notes.is_client() => description
            .either("compare the choices below with what the client accepts: suite, group, signature scheme, key size")
            .peers_if(
                !notes.is_tls13(),
                "some clients require extended_master_secret or secure renegotiation: handclasp answers both when \
                 asked",
            )
            .offers(&[Tag::Suites, Tag::Schemes]),
        Alert::decode_error | Alert::record_overflow => description
            .ours(SMALL_HELLO)
            .peers("a message may be too long for the buffers of a small device: raise them"),
        // Java says so where the two sides have no group in common.
        Alert::unexpected_message => description.ours("try other groups: `--group secp256r1`"),
        // Java says so where the two sides have no signature scheme in common.
        Alert::internal_error => description.offers(&[Tag::Schemes]),
        Alert::illegal_parameter => description
            .ours("paste our bytes into `handclasp explain -`, if another program made them")
            .ours("force another group: `--group secp256r1` or `--group x25519`")
            .offers(&[Tag::KeyShares, Tag::Schemes]),
        Alert::bad_record_mac | Alert::decrypt_error | Alert::decryption_failed => {
            return super::keys::refused(context).ours(
                "force another group to see whether the fault follows it: `--group secp256r1` or `--group x25519`",
            );
        }
        // The registry is open; the other alerts suggest nothing to try.
        _ => description,
    };
    description.peers(format!("read the {peer}'s log")).offers(&[Tag::Versions, Tag::Groups, Tag::Extensions])
}

/// A server refuses our ClientHello: what to offer besides, the narrowest offer first.
pub(super) fn hello(description: Description, context: &Context<'_>) -> Description {
    let notes = context.notes;
    let groups: Vec<NamedGroup> = notes.numbers(Side::Client, Tag::Groups);
    let uses_group = context.notes.suites().iter().any(|suite| suite.uses_group());
    let missing = uses_group && groups.is_empty() && !context.notes.sent(ExtensionType::supported_groups);
    let description = match context.notes.versions().as_slice() {
        [only] => {
            let other = if *only == ProtocolVersion::TLS_1_3 { "1.2" } else { "1.3" };
            description
                .ours(format!("we offer {} only: try `--tls {other}`, or leave `--tls` out", Named(*only)))
        }
        _ => description,
    };
    let description = negotiation::few_suites(description, context)
        .ours_if(
            groups.len() == 1,
            "we offer one group only: leave `--group` out, or add `--group secp256r1`",
        )
        .ours_if(
            missing,
            "we sent no supported_groups: servers then find no ECDHE suite; `--group secp256r1`",
        )
        .ours_if(
            groups.len() > 1 && !groups.contains(&NamedGroup::secp256r1),
            "we do not offer secp256r1, which a P-256 certificate in TLS 1.2 needs: add `--group secp256r1`",
        );
    let description = match notes.text(Tag::ServerName) {
        None => {
            description.ours("we sent no server_name, and servers with several names need one: `--name NAME`")
        }
        Some(name) => {
            description.ours(format!("check that {name} is a name that the server knows: `--name NAME`"))
        }
    };
    description
        .ours_if(
            notes.has(Tag::Alpn),
            "we ask for an application protocol: leave `--alpn` out to see whether it decides",
        )
        .ours_if(
            !context.notes.offers_psk(),
            "if the server has no certificate but a pre-shared key: `--psk-hex` or `--psk-ascii`, and `--psk-id`",
        )
        .peers("ask the server's log, or see what it takes: `openssl s_client -connect HOST:PORT`")
        .offers(HELLO)
}

/// Offers that a refused ClientHello is judged by.
const HELLO: &[Tag] = &[Tag::Versions, Tag::Suites, Tag::Groups, Tag::Schemes, Tag::ServerName, Tag::Alpn];

/// The peer leaves without an alert, or does not go on.
pub(super) fn left(context: &Context<'_>) -> Description {
    let (notes, peer) = (context.notes, context.notes.peer());
    let description = context.describe();
    match (notes.own(), context.fault) {
        (_, Fault::Transport(how)) => transport(description, how),
        (_, Fault::Truncated { expected: None, .. }) => description
            .because("A sound peer sends close_notify; without it, an attacker may have cut off the rest.")
            .ours("check by the application's own length or end mark whether everything came")
            .peers(format!("let the {peer} close TLS before it closes the socket")),
        (Side::Client, _) if context.case.stage <= Stage::ClientHello => without_answer(context),
        (Side::Client, _) => description
            .fact(
                "The server had answered; it stopped in the middle of the handshake: a refusal without an alert, a \
                 crash, or a large packet that was lost.",
            )
            .peers("read the server's log")
            .either_if(
                context.notes.uses_psk(),
                "compare the keys: `--psk-hex`, `--psk-ascii`, and the check values of both sides",
            )
            .peers(
                "a small device may have run out of memory: let it send a shorter chain, or negotiate small records",
            )
            .between("capture on both sides: if large packets get lost, correct the path MTU"),
        (Side::Server, Fault::Truncated { anything_came: false, .. } | Fault::TimedOut { anything_came: false, .. }) => {
            description
                .fact("Port scans and health checks do that, and clients whose own settings fail to load.")
                .peers("read the client's log, if it was meant to be a client")
        }
        (Side::Server, _) if context.case.stage < Stage::ClientHello => description
            .fact(
                "It began to send, and left before its ClientHello was complete: a program that was ended or cut off, or \
                 one that does not speak TLS and gave up.",
            )
            .peers("read the client's log, if it was meant to be a client")
            .between("capture on both sides: if large packets get lost, correct the path MTU"),
        (Side::Server, _) => description
            .fact("Clients leave like that when they refuse our certificate or our choice without an alert.")
            .peers("read the client's log")
            .peers_if(
                context.case.stage >= Stage::ServerHello,
                "let the client trust our certificate: its root (`-CAfile`), its name, or our pin",
            )
            .ours("a small device may have run out of memory on our chain: use a short chain with EC keys")
            .between("capture on both sides: if large packets get lost, correct the path MTU")
            .offers(&[Tag::Versions, Tag::Suites, Tag::Groups]),
    }
}

/// A server that leaves or stays silent after our ClientHello.
fn without_answer(context: &Context<'_>) -> Description {
    let fault = context.fault;
    let silent = matches!(
        fault,
        Fault::Truncated { anything_came: false, .. } | Fault::TimedOut { anything_came: false, .. }
    );
    let timed_out = matches!(fault, Fault::TimedOut { .. });
    let shares: Vec<NamedGroup> = context.notes.numbers(Side::Client, Tag::KeyShares);
    let why = match timed_out {
        true => {
            "The connection was accepted and nothing answers: no TLS there, a filter in between, or a \
             server that waits for more bytes."
        }
        false => {
            "Servers close like that on a ClientHello that they cannot process, and ports that do not \
             speak TLS."
        }
    };
    let description = context
        .describe()
        .fact(why)
        .ours_if(shares.contains(&NamedGroup::X25519MLKEM768), SMALL_HELLO)
        .ours_if(silent, "check the port, and that it speaks TLS from the first byte (no STARTTLS)")
        .either_if(timed_out, "try from another network, to see whether a filter drops the packets");
    if timed_out { description } else { hello(description, context) }
}

/// No connection was made, or it broke.
fn transport(description: Description, how: TransportFault) -> Description {
    match how {
        TransportFault::Refused => description
            .server("start the server, or correct the address and port that it listens on")
            .client("correct the address and port; a firewall may refuse in the server's place"),
        TransportFault::Unreachable => description
            .client("check the address, and this machine's network: `ip route get ADDRESS`")
            .between("look for a firewall or a missing route"),
        TransportFault::ConnectTimedOut => description
            .client("check the address and port")
            .between("look for a firewall that drops packets")
            .server("check that the host is up"),
        TransportFault::NoAddress => description.client(
            "check the spelling of the host's name, and this machine's resolver: `getent hosts NAME`",
        ),
        _ => description.either("try again; capture on both sides if it persists"),
    }
}

/// An ML-KEM share makes a hello of more than 1.2 KB; small peers have buffers for less.
const SMALL_HELLO: &str =
    "send a small ClientHello, which small devices can take: `--group x25519 --group secp256r1`";
