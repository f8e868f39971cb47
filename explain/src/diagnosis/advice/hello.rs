//! A server refused our ClientHello in general terms: the likely causes, ranked by what the
//! hello offers. One alert stands for dozens of causes, so the narrow offers come first.

use handclasp_codec::{CipherSuite, ExtensionType, NamedGroup, ProtocolVersion};
use handclasp_report::{Named, Side, Tag};

use super::{conversation::Conversation, psk, told::Told};

const SHOWN: &[Tag] = &[Tag::Versions, Tag::Suites, Tag::Groups, Tag::Schemes, Tag::ServerName, Tag::Alpn];

/// The refusal, and its causes.
pub(super) fn refused(conversation: &Conversation<'_>) -> Told {
    if conversation.offers_only_psk() {
        return psk::refused(conversation);
    }
    Told::because(
        "It refused our ClientHello before it chose anything: something that it needs is not in it.",
    )
    .and(causes(conversation))
}

/// The causes, the narrowest offer first.
pub(super) fn causes(conversation: &Conversation<'_>) -> Told {
    let told = Told::default();
    let told = versions(told, conversation);
    let told = suites(told, conversation);
    let told = groups(told, conversation);
    let told = extensions(told, conversation);
    told.theirs("ask the server's log, or see what it takes: `openssl s_client -connect HOST:PORT`")
        .shows(SHOWN)
}

fn versions(told: Told, conversation: &Conversation<'_>) -> Told {
    match conversation.versions().as_slice() {
        [only] => {
            let other = if *only == ProtocolVersion::TLS_1_3 { "1.2" } else { "1.3" };
            told.ours(format!("we offer {} only: try `--tls {other}`, or leave `--tls` out", Named(*only)))
        }
        _ => told,
    }
}

fn suites(told: Told, conversation: &Conversation<'_>) -> Told {
    let suites: Vec<CipherSuite> =
        conversation.suites().into_iter().filter(|suite| !suite.is_signalling()).collect();
    let older: Vec<CipherSuite> = suites.iter().copied().filter(|suite| !suite.is_tls13()).collect();
    let names = |part: &str| {
        !older.is_empty() && older.iter().all(|suite| suite.name().is_some_and(|name| name.contains(part)))
    };
    let few = !suites.is_empty() && suites.len() <= 2;
    let no_tls13 = older.len() == suites.len();
    told.ours_if(few, "we offer very few cipher suites: leave `--suite` out, or name one that the server has")
        .ours_if(
            !older.is_empty() && !older.iter().any(|suite| suite.name().is_some_and(|name| name.contains("_CBC_"))),
            "if the server has suites with CBC alone, and encrypt_then_mac: `--policy compatible`, and name one: \
             `--suite TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256`, or with RSA or PSK",
        )
        .ours_if(
            no_tls13 && names("_ECDSA_"),
            "all suites offered need a server with an EC key: with an RSA certificate use `--suite \
             TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256`",
        )
        .ours_if(
            no_tls13 && names("_RSA_"),
            "all suites offered need a server with an RSA key: with an EC certificate use `--suite \
             TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256`",
        )
}

fn groups(told: Told, conversation: &Conversation<'_>) -> Told {
    let groups: Vec<NamedGroup> = conversation.words(Side::Client, Tag::Groups);
    let ecdhe = conversation
        .suites()
        .iter()
        .any(|suite| suite.is_tls13() || suite.name().is_some_and(|name| name.starts_with("TLS_ECDHE_")));
    let missing = ecdhe && !conversation.sent(ExtensionType::supported_groups) && groups.is_empty();
    told.ours_if(
        groups.len() == 1,
        "we offer one group only: leave `--group` out, or add `--group secp256r1`",
    )
    .ours_if(missing, "we sent no supported_groups: servers then find no ECDHE suite; `--group secp256r1`")
    .ours_if(
        groups.len() > 1 && !groups.contains(&NamedGroup::secp256r1),
        "we do not offer secp256r1, which a P-256 certificate in TLS 1.2 needs: add `--group secp256r1`",
    )
}

fn extensions(told: Told, conversation: &Conversation<'_>) -> Told {
    let told = match conversation.server_name() {
        None => told.ours("we sent no server_name, and servers with several names need one: `--name NAME`"),
        Some(name) => told.ours(format!("check that {name} is a name that the server knows: `--name NAME`")),
    };
    told.ours_if(
        conversation.has(Tag::Alpn),
        "we ask for an application protocol: leave `--alpn` out to see whether it decides",
    )
    .ours_if(
        !conversation.offers_psk(),
        "if the server has no certificate but a pre-shared key: `--psk-hex` or `--psk-ascii`, and `--psk-id`",
    )
}
