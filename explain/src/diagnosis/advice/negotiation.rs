//! We found nothing in common with the peer, or its choice or offer breaks a rule of ours.

use handclasp_codec::{CipherSuite, ExtensionType, NamedGroup, ProtocolVersion};
use handclasp_report::{Named, Side, Tag};

use super::{conversation::Conversation, told::Told};

pub(super) fn version(conversation: &Conversation<'_>, peer_speaks: ProtocolVersion) -> Told {
    let peer = conversation.peer();
    let ours: Vec<ProtocolVersion> = conversation.words(conversation.own(), Tag::Versions);
    let told = if peer_speaks < ProtocolVersion::TLS_1_2 {
        Told::because("handclasp speaks TLS 1.2 and 1.3 only; what is older is broken.").theirs(format!(
            "switch TLS 1.2 or 1.3 on in the {peer}, or update it (openssl: no `-tls1`, `-tls1_1`)"
        ))
    } else {
        let told = Told::default();
        let psk_decides = if conversation.is_client() {
            conversation.offers_psk()
        } else {
            conversation.has(Tag::PskAlone)
        };
        match ours.as_slice() {
            [only] if psk_decides => return super::psk::one_version(conversation, *only),
            [only] => told.why(format!("We were told to speak {} only.", Named(*only))).ours(format!(
                "leave `--tls` out, or use `--tls {}`",
                if *only == ProtocolVersion::TLS_1_3 { "1.2" } else { "1.3" }
            )),
            _ => told.theirs(format!("switch another version on in the {peer}")),
        }
    };
    told.either_if(
        conversation.offers_psk(),
        "a pre-shared key serves one version: 1.3, or 1.2 with `--tls 1.2`; both ends must mean the same",
    )
    .shows(&[Tag::Versions])
}

pub(super) fn suite(conversation: &Conversation<'_>) -> Told {
    let ours: Vec<CipherSuite> = conversation.words(Side::Server, Tag::Suites);
    let client: Vec<CipherSuite> =
        conversation.suites().into_iter().filter(|suite| !suite.is_signalling()).collect();
    let shows = [Tag::Versions, Tag::Suites];
    if !ours.is_empty() && client.iter().any(|suite| ours.contains(suite)) {
        // In common, and still unusable: what authenticates it is missing.
        return credential(conversation).shows(&shows);
    }
    let mut told = Told::default();
    if !client.is_empty() && client.iter().all(|suite| suite.is_psk()) {
        told = told
            .why("The client offers pre-shared keys only.")
            .ours("serve with the pre-shared key: `--psk-hex` or `--psk-ascii`, and `--psk-id`, `--tls 1.2`")
            .ours("a pre-shared key that this server has serves TLS 1.3 alone, unless `--tls 1.2` is said");
    } else if !ours.is_empty() && ours.iter().all(|suite| suite.is_psk()) {
        told = told
            .why("This server offers pre-shared keys only.")
            .theirs("connect with the key: `openssl s_client -tls1_2 -psk HEX -psk_identity ID`")
            .ours("or serve with a certificate: `--cert` and `--key`, or `--self-signed NAME`");
    }
    if !client.is_empty() && client.iter().all(|suite| suite.is_tls13()) {
        told = told.ours("the client offers suites of TLS 1.3 only: leave `--tls 1.2` out");
    }
    told.ours("leave `--suite` out on this side, or name one that the client offers")
        .theirs("with OpenSSL, `-cipher` is for TLS 1.2 and `-ciphersuites` for TLS 1.3")
        .shows(&shows)
}

pub(super) fn group(conversation: &Conversation<'_>) -> Told {
    let client: Vec<NamedGroup> = conversation.words(Side::Client, Tag::Groups);
    let server: Vec<NamedGroup> = conversation.words(Side::Server, Tag::Groups);
    let known = [NamedGroup::x25519, NamedGroup::secp256r1];
    let offers = |list: &[NamedGroup]| list.is_empty() || list.iter().any(|group| known.contains(group));
    let told = match (offers(&client), offers(&server)) {
        (false, _) => {
            Told::because("The client offers neither x25519 nor secp256r1, which everybody else does.")
        }
        (true, false) => Told::because("This server was told to use neither x25519 nor secp256r1."),
        (true, true) => Told::default(),
    };
    told.ours("leave `--group` out, or use `--group x25519 --group secp256r1`")
        .theirs("with OpenSSL: `-groups X25519:P-256`")
        .shows(&[Tag::Groups, Tag::KeyShares])
}

pub(super) fn scheme(conversation: &Conversation<'_>) -> Told {
    let peer = conversation.peer();
    Told::default()
        .theirs(format!("let the {peer} accept schemes of our key's kind (openssl: `-sigalgs`)"))
        .ours("or show a certificate with another kind of key: P-256 is accepted by nearly everybody")
        .shows(&[Tag::Schemes, Tag::Suites])
}

/// A certificate whose curve the client of TLS 1.2 does not list.
pub(super) fn curve(conversation: &Conversation<'_>, curve: NamedGroup) -> Told {
    let listed: Vec<NamedGroup> = conversation.words(Side::Client, Tag::Groups);
    let curves = [
        (NamedGroup::secp256r1, "P-256"),
        (NamedGroup::secp384r1, "P-384"),
        (NamedGroup::secp521r1, "P-521"),
    ];
    let other = curves.iter().find(|(group, _)| listed.contains(group));
    let named = curves.iter().find(|(group, _)| *group == curve).map_or("NAME", |(_, name)| *name);
    let rsa = conversation
        .suites()
        .iter()
        .any(|suite| suite.name().is_some_and(|name| name.starts_with("TLS_ECDHE_RSA_")));
    let told = Told::because(
        "In TLS 1.2 supported_groups is also the list of curves that certificates may be on (RFC 8422 §5.1).",
    )
    .client(format!("let the client offer {curve} too (openssl: `-groups`, with {named} in the list)"));
    let told = match other {
        Some((_, name)) => {
            told.server(format!("or give the server a certificate with a {name} key, which the client takes"))
        }
        None => told,
    };
    told.server_if(rsa, "or give the server an RSA certificate: the client offers suites for it")
        .either("or speak TLS 1.3, where the groups say nothing about certificates")
        .shows(&[Tag::Groups, Tag::Suites])
}

/// A client of TLS 1.2 without signature_algorithms.
pub(super) fn no_signature_algorithms() -> Told {
    Told::because(
        "RFC 5246 §7.4.1.4.1 gives a client without that extension SHA-1, which can be forged today.",
    )
    .client("let the client send signature_algorithms with SHA-256, or better ones")
    .either("or use a pre-shared key, which needs no signature: `--psk-hex`, `--psk-id`, `--tls 1.2`")
    .shows(&[Tag::Versions, Tag::Suites, Tag::Extensions])
}

pub(super) fn credential(conversation: &Conversation<'_>) -> Told {
    let only_psk = conversation.offers_only_psk();
    let has_psk = conversation.has(Tag::PskAlone);
    Told::because(if only_psk {
        "The client offers pre-shared keys only."
    } else {
        "The client's offers need a certificate of a kind that this server was not given."
    })
    .ours_if(
        only_psk && !has_psk,
        "serve with the pre-shared key: `--psk-hex` or `--psk-ascii`, and `--psk-id`",
    )
    .either_if(
        only_psk && has_psk,
        "bind the key to the same hash on both sides: SHA-256, unless `--psk-hash` says another",
    )
    .ours_if(!only_psk, "serve with a certificate: `--cert` and `--key`, or `--self-signed NAME`")
    .theirs_if(
        !only_psk,
        "suites with ECDSA need an EC or Ed25519 key, suites with RSA an RSA key: offer the other kind",
    )
    .either_if(
        only_psk,
        "a pre-shared key serves one version: 1.3, or 1.2 with `--tls 1.2`; both ends must mean the same",
    )
    .shows(&[Tag::Versions, Tag::Suites, Tag::Schemes, Tag::PskIdentity])
}

pub(super) fn alpn(conversation: &Conversation<'_>) -> Told {
    let side = if conversation.is_client() { "server" } else { "client" };
    Told::default()
        .ours(format!(
            "use a name that the {side} offers: `--alpn NAME`, or leave `--alpn` out on both sides"
        ))
        .theirs("with OpenSSL: `-alpn NAME`")
        .shows(&[Tag::Alpn])
}

pub(super) fn name(conversation: &Conversation<'_>) -> Told {
    let name = conversation.server_name().map_or(String::new(), |name| format!(" instead of {name}"));
    Told::default()
        .theirs(format!(
            "let the client ask for a name that this server has{name} (openssl: `-servername NAME`)"
        ))
        .ours("or give this server a certificate for that name")
        .shows(&[Tag::ServerName])
}

pub(super) fn extended_master_secret(conversation: &Conversation<'_>) -> Told {
    let (own, peer) = (conversation.own(), conversation.peer());
    Told::because(
        "Without it a man in the middle can make two connections share one master secret (RFC 7627).",
    )
    .ours(format!(
        "leave `--require-ems` out on this side, the {own}: the connection then works, and is not resumed; in a \
         program, leave out `Policy::require_extended_master_secret`"
    ))
    .theirs(format!(
        "or switch it on in the {peer}, where its library has it: OpenSSL since 1.1.0, Go since 1.20, Mbed TLS \
         with MBEDTLS_SSL_EXTENDED_MASTER_SECRET; LibreSSL, Erlang/OTP 25 and BearSSL do not"
    ))
    .either("or use TLS 1.3 on both sides, which needs no such extension")
    .shows(&[Tag::Extensions])
}

pub(super) fn encrypt_then_mac(conversation: &Conversation<'_>) -> Told {
    let peer = conversation.peer();
    Told::because(
        "CBC with the MAC inside tells an attacker about the padding (Lucky 13), so it is not spoken.",
    )
    .theirs(format!("give the {peer} a suite of GCM, CCM or ChaCha20-Poly1305"))
    .theirs(format!(
        "or let the {peer} do encrypt_then_mac (RFC 7366): OpenSSL does unless told -no_etm, GnuTLS unless \
             %NO_ETM, Mbed TLS with MBEDTLS_SSL_ENCRYPT_THEN_MAC"
    ))
    .shows(&[Tag::Suites, Tag::Extensions])
}

pub(super) fn fallback() -> Told {
    Told::because("Its first attempt with a higher version failed; the reason for that is the thing to find.")
        .theirs("find why the client's first try failed, and remove the fallback from the client")
        .shows(&[Tag::Versions])
}

pub(super) fn downgrade(conversation: &Conversation<'_>) -> Told {
    Told::default()
        .between("look for a middlebox or attacker that edits ClientHello: capture at both ends and compare versions")
        .ours(format!(
            "if the {} is known to be sound and old, ask for its version outright: `--tls 1.2`",
            conversation.peer()
        ))
        .shows(&[Tag::Versions])
}

pub(super) fn missing_extension(conversation: &Conversation<'_>, which: ExtensionType) -> Told {
    let peer = conversation.peer();
    let told = Told::default().theirs(format!("repair or update the {peer}: it must send {which}"));
    let told = match which {
        ExtensionType::supported_groups | ExtensionType::key_share | ExtensionType::signature_algorithms => {
            told.theirs(
                "a ClientHello of TLS 1.3 with certificates needs all of supported_groups, key_share and \
                       signature_algorithms (RFC 8446 §9.2)",
            )
        }
        ExtensionType::psk_key_exchange_modes => {
            told.theirs("a ClientHello with pre_shared_key needs psk_key_exchange_modes (RFC 8446 §4.2.9)")
        }
        ExtensionType::cookie => told
            .why(
                "Our HelloRetryRequest carried a cookie, which the second ClientHello must bring back \
                  (RFC 8446 §4.2.2).",
            )
            .ours("or serve without `--stateless-retry`: then there is no cookie"),
        // The registry is open.
        _ => told,
    };
    told.shows(&[Tag::Versions, Tag::Extensions])
}
