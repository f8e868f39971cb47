//! Offers without anything in common, and requirements that one side sets.

use handclasp_codec::{CipherSuite, ExtensionType, NamedGroup, ProtocolVersion, SuiteAuthentication};
use handclasp_report::{Fault, Named, Side, Tag};

use super::{Context, Description, psk};
use crate::diagnosis::cause::Cause;

/// What there is to say about a cause of this family.
pub(super) fn describe(cause: Cause, context: &Context<'_>) -> Option<Description> {
    Some(match cause {
        Cause::VersionNoneInCommon => version(context),
        Cause::SuiteNoneInCommon if context.fault == Fault::NoEncryptThenMac => encrypt_then_mac(context),
        Cause::SuiteNoneInCommon => suite(context),
        Cause::SuiteKeyType if context.fault == Fault::NoCommonCertificateType => certificate_type(context),
        Cause::SuiteKeyType => key_type(context),
        Cause::GroupNoneInCommon => group(context),
        Cause::SigalgNoneInCommon => scheme(context),
        Cause::CertCurveNotOffered => curve(context),
        Cause::HelloNoSignatureAlgorithms => no_signature_algorithms(context),
        Cause::HelloNoSupportedGroups => no_groups(context),
        Cause::AlpnNoneInCommon => alpn(context),
        Cause::SniMissing => name_missing(context),
        Cause::SniUnrecognized => name(context),
        Cause::PolicyEmsRequired => extended_master_secret(context),
        Cause::PolicyFallbackScsv => fallback(context),
        Cause::VersionDowngradeAttack => downgrade(context),
        _ => return None,
    })
}

/// No version in common: the configuration of our side decides, else the versions of the peer.
fn version(context: &Context<'_>) -> Description {
    let (notes, peer) = (context.notes, context.notes.peer());
    let description = context.describe().offers(&[Tag::Versions]);
    let offers_psk = context.notes.offers_psk();
    let psk_decides = if notes.is_client() { offers_psk } else { notes.has(Tag::PskAlone) };
    let old = matches!(context.fault, Fault::NoCommonVersion { peer } if peer < ProtocolVersion::TLS_1_2);
    let ours: Vec<ProtocolVersion> = notes.numbers(notes.own(), Tag::Versions);
    let description = match ours.as_slice() {
        _ if old => description
            .because("handclasp speaks TLS 1.2 and 1.3 only; older versions are broken.")
            .peers(format!(
                "switch TLS 1.2 or 1.3 on in the {peer}, or update it (openssl: no `-tls1`, `-tls1_1`)"
            )),
        [only] if psk_decides => return psk::one_version(context, *only),
        [only] => {
            let other = if *only == ProtocolVersion::TLS_1_3 { "1.2" } else { "1.3" };
            description
                .because(format!("This side was told to speak {} only.", Named(*only)))
                .ours(format!("allow TLS {other}: `--tls {other}`, or leave `--tls` out"))
        }
        _ => description.peers(format!("switch TLS 1.2 or 1.3 on in the {peer}, or update it")),
    };
    description.either_if(offers_psk, psk::ONE_VERSION)
}

fn suite(context: &Context<'_>) -> Description {
    if context.notes.is_client() {
        return few_suites(context.describe(), context)
            .ours("leave `--suite` out, or name one that the server has");
    }
    let ours: Vec<CipherSuite> = context.notes.numbers(Side::Server, Tag::Suites);
    let client = context.notes.suites();
    let offers = [Tag::Versions, Tag::Suites];
    if client.iter().any(|suite| ours.contains(suite)) {
        // In common, and still unusable: what authenticates it is missing.
        return key_type(context).offers(&offers);
    }
    let all = |list: &[CipherSuite], is: fn(CipherSuite) -> bool| {
        !list.is_empty() && list.iter().all(|suite| is(*suite))
    };
    let client_psk = all(&client, CipherSuite::is_psk);
    let server_psk = !client_psk && all(&ours, CipherSuite::is_psk);
    let is_modern = |suite: &CipherSuite| suite.is_tls13() || suite.uses_group() && !suite.is_cbc();
    let old = !client_psk && !client.is_empty() && !client.iter().any(is_modern);
    context
        .describe()
        .because_if(
            old,
            "The client offers no suite with ECDHE and AES-GCM, AES-CCM or ChaCha20-Poly1305, of which handclasp needs one.",
        )
        .peers_if(
            old,
            "update the client, or let it offer such suites (openssl: `-cipher ECDHE+AESGCM:ECDHE+CHACHA20`)",
        )
        .because_if(client_psk, "The client offers pre-shared keys only.")
        .ours_if(
            client_psk,
            "serve with the pre-shared key: `--psk-hex` or `--psk-ascii`, and `--psk-id`, `--tls 1.2`",
        )
        .ours_if(
            client_psk,
            "a pre-shared key that this server has serves TLS 1.3 alone, unless `--tls 1.2` is given",
        )
        .because_if(server_psk, "This server offers pre-shared keys only.")
        .peers_if(server_psk, "connect with the key: `openssl s_client -tls1_2 -psk HEX -psk_identity ID`")
        .ours_if(server_psk, "serve with a certificate: `--cert` and `--key`, or `--self-signed NAME`")
        .ours_if(
            all(&client, CipherSuite::is_tls13),
            "the client offers suites of TLS 1.3 only: leave `--tls 1.2` out",
        )
        .ours("leave `--suite` out on this side, or name one that the client offers")
        .peers("with OpenSSL, `-cipher` is for TLS 1.2 and `-ciphersuites` for TLS 1.3")
        .offers(&offers)
}

/// Suites that our own client could offer besides.
pub(super) fn few_suites(description: Description, context: &Context<'_>) -> Description {
    let suites = context.notes.suites();
    let older: Vec<CipherSuite> = suites.iter().copied().filter(|suite| !suite.is_tls13()).collect();
    let few = !suites.is_empty() && suites.len() <= 2;
    let no_cbc = !older.is_empty() && !older.iter().any(|suite| suite.is_cbc());
    key_of_suites(description, &suites)
        .ours_if(few, "we offer very few cipher suites: leave `--suite` out, or name one that the server has")
        .ours_if(
            no_cbc,
            "if the server has suites with CBC alone, and encrypt_then_mac: `--policy compatible`, and name one: \
             `--suite TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256`, or with RSA or PSK",
        )
        .offers(&[Tag::Versions, Tag::Suites])
}

/// The other kind of key, where all suites that our client offers are for one kind.
fn key_of_suites(description: Description, suites: &[CipherSuite]) -> Description {
    let all = |kind| !suites.is_empty() && suites.iter().all(|suite| suite.authentication() == Some(kind));
    description
        .ours_if(
            all(SuiteAuthentication::Ecdsa),
            "all suites offered need a server with an EC key: with an RSA certificate use `--suite \
             TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256`",
        )
        .ours_if(
            all(SuiteAuthentication::Rsa),
            "all suites offered need a server with an RSA key: with an EC certificate use `--suite \
             TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256`",
        )
}

fn key_type(context: &Context<'_>) -> Description {
    let description =
        context.describe().offers(&[Tag::Versions, Tag::Suites, Tag::Schemes, Tag::PskIdentity]);
    if context.notes.is_client() {
        return key_of_suites(description, &context.notes.suites())
            .server("give the server a certificate with the kind of key that the suites need");
    }
    if context.notes.offers_only_psk() {
        return psk::none_at_server(context);
    }
    if context.notes.has(Tag::PskAlone) && !context.notes.offers_psk() {
        return description
            .because("This server has pre-shared keys and no certificate, and the client offers no pre-shared key.")
            .peers(
                "give the client the key and its identity (handclasp: `--psk-hex`, `--psk-id`; openssl: `-psk HEX \
                 -psk_identity ID`)",
            )
            .ours("for clients without the key, serve with a certificate: `--cert` and `--key`, or `--identity DIR`");
    }
    let suites = context.notes.suites();
    let description = description
        .because("The client's offers need a certificate of a kind that this server was not given.");
    let other = match () {
        () if only(&suites, SuiteAuthentication::Rsa) => Some("an RSA"),
        () if only(&suites, SuiteAuthentication::Ecdsa) => Some("an EC"),
        () => None,
    };
    match other {
        Some(kind) if !context.notes.has(Tag::PskAlone) => description.ours(format!(
            "serve with a certificate for {kind} key too: `--cert` and `--key` once more, in the same order"
        )),
        _ => description.ours("serve with a certificate: `--cert` and `--key`, or `--self-signed NAME`"),
    }
    .peers("suites with ECDSA need an EC or Ed25519 key, suites with RSA an RSA key: offer the other kind")
}

/// Whether all suites with a certificate need the same kind of key.
fn only(suites: &[CipherSuite], kind: SuiteAuthentication) -> bool {
    let mut kinds = suites.iter().filter_map(|suite| suite.authentication()).peekable();
    kinds.peek().is_some() && kinds.all(|found| found == kind)
}

/// A raw public key on one side, X.509 alone on the other.
fn certificate_type(context: &Context<'_>) -> Description {
    let peer = context.notes.peer();
    context
        .describe()
        .because("Without the extensions of RFC 7250 a peer expects an X.509 certificate.")
        .peers(format!("let the {peer} use raw public keys (handclasp: `--raw-key`; GnuTLS: `--rawpkfile`)"))
        .ours("show and accept certificates on this side: leave `--raw-key` out, give `--cert` and `--key`")
        .offers(&[Tag::Extensions])
}

fn group(context: &Context<'_>) -> Description {
    let client: Vec<NamedGroup> = context.notes.numbers(Side::Client, Tag::Groups);
    let server: Vec<NamedGroup> = context.notes.numbers(Side::Server, Tag::Groups);
    let usual = [NamedGroup::x25519, NamedGroup::secp256r1];
    let lacks = |list: &[NamedGroup]| !list.is_empty() && !list.iter().any(|group| usual.contains(group));
    context
        .describe()
        .because_if(
            lacks(&client),
            "The client offers neither x25519 nor secp256r1, which nearly every other client does.",
        )
        .because_if(
            !lacks(&client) && lacks(&server),
            "This server was told to use neither x25519 nor secp256r1.",
        )
        .ours("leave `--group` out, or use `--group x25519 --group secp256r1`")
        .peers("with OpenSSL: `-groups X25519:P-256`")
        .offers(&[Tag::Groups, Tag::KeyShares])
}

fn scheme(context: &Context<'_>) -> Description {
    let peer = context.notes.peer();
    let description = context.describe().offers(&[Tag::Schemes, Tag::Suites]);
    if context.notes.is_client() {
        return description
            .server("show a certificate with another kind of key: nearly every client accepts P-256");
    }
    description
        .peers(format!("let the {peer} accept schemes of our key's kind (openssl: `-sigalgs`)"))
        .ours("show a certificate with another kind of key: nearly every client accepts P-256")
}

/// A certificate whose curve the client of TLS 1.2 does not list.
fn curve(context: &Context<'_>) -> Description {
    let Fault::CurveNotOffered { curve } = context.fault else { return group(context) };
    let listed: Vec<NamedGroup> = context.notes.numbers(Side::Client, Tag::Groups);
    let curves = [
        (NamedGroup::secp256r1, "P-256"),
        (NamedGroup::secp384r1, "P-384"),
        (NamedGroup::secp521r1, "P-521"),
    ];
    let other = curves.iter().find(|(group, _)| listed.contains(group)).map(|(_, name)| *name);
    let named = curves.iter().find(|(group, _)| *group == curve).map_or("NAME", |(_, name)| *name);
    let rsa = context
        .notes
        .suites()
        .iter()
        .any(|suite| suite.uses_group() && suite.authentication() == Some(SuiteAuthentication::Rsa));
    context
        .describe()
        .because(
            "In TLS 1.2 supported_groups is also the list of curves that certificates may be on (RFC 8422 §5.1).",
        )
        .client(format!("let the client offer {curve} too (openssl: `-groups`, with {named} in the list)"))
        .server_if(
            other.is_some(),
            format!(
                "give the server a certificate with a {} key, which the client accepts",
                other.unwrap_or_default()
            ),
        )
        .server_if(rsa, "give the server an RSA certificate: the client offers suites for it")
        .either("speak TLS 1.3, where the groups say nothing about certificates")
        .offers(&[Tag::Groups, Tag::Suites])
}

/// A client without signature_algorithms.
fn no_signature_algorithms(context: &Context<'_>) -> Description {
    context
        .describe()
        .because(
            "RFC 5246 §7.4.1.4.1 gives a client without that extension SHA-1, which can be forged today.",
        )
        .client("let the client send signature_algorithms with SHA-256, or better ones")
        .either("use a pre-shared key, which needs no signature: `--psk-hex`, `--psk-id`, `--tls 1.2`")
        .offers(&[Tag::Versions, Tag::Suites, Tag::Extensions])
}

fn no_groups(context: &Context<'_>) -> Description {
    context
        .describe()
        .ours_if(context.notes.is_client(), "add a group: `--group x25519 --group secp256r1`")
        .client(
            "let the client send supported_groups; in TLS 1.3 with certificates it must send key_share and \
             signature_algorithms too (RFC 8446 §9.2)",
        )
        .offers(&[Tag::Versions, Tag::Suites, Tag::Extensions])
}

fn alpn(context: &Context<'_>) -> Description {
    let peer = context.notes.peer();
    context
        .describe()
        .ours(format!("use a name that the {peer} has: `--alpn NAME`, or leave `--alpn` out on both sides"))
        .peers("with OpenSSL: `-alpn NAME`")
        .offers(&[Tag::Alpn])
}

fn name_missing(context: &Context<'_>) -> Description {
    context
        .describe()
        .ours_if(context.notes.is_client(), "send the name: `--name NAME` (an address cannot be one)")
        .peers_if(!context.notes.is_client(), "let the client send server_name (openssl: `-servername NAME`)")
        .offers(&[Tag::ServerName])
}

fn name(context: &Context<'_>) -> Description {
    let description = context.describe().offers(&[Tag::ServerName]);
    if context.notes.is_client() {
        return description
            .client("ask for a name that the server has: `--name NAME`")
            .server("configure that name on the server");
    }
    let name =
        context.notes.text(Tag::ServerName).map_or(String::new(), |name| format!(" instead of {name}"));
    description
        .client(format!(
            "let the client ask for a name that this server has{name} (openssl: `-servername NAME`)"
        ))
        .server("give this server a certificate for that name")
}

fn extended_master_secret(context: &Context<'_>) -> Description {
    let (own, peer) = (context.notes.own(), context.notes.peer());
    let description = context.describe().offers(&[Tag::Extensions]);
    if context.fault != Fault::NoExtendedMasterSecret {
        return description.either("use TLS 1.3 on both sides, which needs no such extension");
    }
    description
        .because("Without it a man in the middle can make two connections share one master secret (RFC 7627).")
        .ours(format!(
            "leave `--require-ems` out on this side, the {own}: the connection then works, and is not resumed; in \
             a program, leave out `Policy::require_extended_master_secret`"
        ))
        .peers(format!(
            "switch it on in the {peer}, where its library has it: OpenSSL since 1.1.0, Go since 1.20, Mbed TLS \
             with MBEDTLS_SSL_EXTENDED_MASTER_SECRET; LibreSSL, Erlang/OTP 25 and BearSSL do not"
        ))
        .either("use TLS 1.3 on both sides, which needs no such extension")
}

fn encrypt_then_mac(context: &Context<'_>) -> Description {
    let peer = context.notes.peer();
    context
        .describe()
        .because("CBC with the MAC inside leaks the padding (Lucky 13), so handclasp refuses it.")
        .peers(format!("give the {peer} a suite of GCM, CCM or ChaCha20-Poly1305"))
        .peers(format!(
            "let the {peer} do encrypt_then_mac (RFC 7366): OpenSSL does unless -no_etm is given, GnuTLS unless \
             %NO_ETM, Mbed TLS with MBEDTLS_SSL_ENCRYPT_THEN_MAC"
        ))
        .offers(&[Tag::Suites, Tag::Extensions])
}

fn fallback(context: &Context<'_>) -> Description {
    context
        .describe()
        .because(
            "The client's first attempt with a higher version failed; that failure is the one to explain.",
        )
        .client("find why the client's first attempt failed, and remove the fallback from the client")
        .offers(&[Tag::Versions])
}

fn downgrade(context: &Context<'_>) -> Description {
    context
        .describe()
        .between("look for a middlebox or attacker that edits ClientHello: capture on both sides and compare versions")
        .ours(format!(
            "if the {} is known to be sound and old, ask for its version outright: `--tls 1.2`",
            context.notes.peer()
        ))
        .offers(&[Tag::Versions])
}

/// An extension that the peer had to send.
pub(super) fn missing_extension(context: &Context<'_>, which: ExtensionType) -> Description {
    let description = context
        .describe()
        .peers(format!("repair or update the {}: it must send {which}", context.notes.peer()))
        .offers(&[Tag::Versions, Tag::Extensions]);
    match which {
        ExtensionType::supported_groups | ExtensionType::key_share | ExtensionType::signature_algorithms => {
            description.peers(
                "a ClientHello of TLS 1.3 with certificates needs all of supported_groups, key_share and \
                 signature_algorithms (RFC 8446 §9.2)",
            )
        }
        ExtensionType::psk_key_exchange_modes => description
            .peers("a ClientHello with pre_shared_key needs psk_key_exchange_modes (RFC 8446 §4.2.9)"),
        ExtensionType::cookie => description
            .because(
                "Our HelloRetryRequest carried a cookie, which the second ClientHello must bring back \
                 (RFC 8446 §4.2.2).",
            )
            .ours("serve without `--stateless-retry`: then there is no cookie"),
        // The registry is open.
        _ => description,
    }
}
