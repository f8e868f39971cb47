//! An alert of the peer's, in the light of what was offered and how far we had come. One
//! number has many causes; the point at which it comes tells most of them apart.

use handclasp_codec::{AlertDescription as Alert, ExtensionType, ProtocolVersion};
use handclasp_report::{Named, Tag};

use super::{
    bytes, certificate, client_certificate, conversation::Conversation, hello, negotiation, psk, told::Told,
};

/// What the alert means here.
pub(super) fn received(conversation: &Conversation<'_>, alert: Alert) -> Told {
    if let Some(told) = client_certificate::refused(alert, conversation) {
        return told;
    }
    if conversation.retried_with_cookie() {
        return cookie_refused(alert);
    }
    match alert {
        Alert::handshake_failure | Alert::insufficient_security => handshake_failure(conversation),
        Alert::bad_record_mac | Alert::decrypt_error | Alert::decryption_failed => keys(conversation, alert),
        Alert::illegal_parameter => illegal_parameter(conversation),
        Alert::unknown_psk_identity => unknown_psk_identity(conversation),
        Alert::unknown_ca
        | Alert::bad_certificate
        | Alert::certificate_expired
        | Alert::certificate_unknown
        | Alert::certificate_revoked
        | Alert::unsupported_certificate => certificate::refused_by_peer(conversation, alert),
        Alert::protocol_version => protocol_version(conversation),
        Alert::no_application_protocol => negotiation::alpn(conversation).why(format!(
            "The {} has none of the protocols offered, or wants none at all.",
            conversation.peer()
        )),
        Alert::unrecognized_name => unrecognized_name(conversation),
        Alert::missing_extension => missing_extension(conversation),
        Alert::certificate_required => {
            Told::because("The server requires a client certificate, and takes ours for none.")
                .client("give the certificate and its key: `--cert FILE --key FILE`")
                .server(
                    "let clients in without one, if that is meant (openssl: `-verify` in place of `-Verify`)",
                )
        }
        Alert::inappropriate_fallback => negotiation::fallback(),
        Alert::close_notify | Alert::user_canceled => {
            Told::because(format!("Somebody at the {} ended it on purpose.", conversation.peer()))
                .theirs(format!("read the {}'s log", conversation.peer()))
        }
        _ => unexplained(conversation, alert),
    }
}

/// The client refuses our HelloRetryRequest, which is all that it has seen of us.
fn cookie_refused(alert: Alert) -> Told {
    let told = match alert {
        Alert::unsupported_extension => Told::because(
            "It came in answer to our HelloRetryRequest, where the only extension that the client had not asked \
             for is our cookie. RFC 8446 §4.2 permits just that one; some clients refuse it all the same \
             (Mbed TLS 3.6).",
        ),
        // Of the other alerts none names the cookie.
        _ => Told::because(
            "It came in answer to our HelloRetryRequest, which carries a cookie: some clients refuse that, or \
             cannot send it back.",
        ),
    };
    told.server("serve without `--stateless-retry`: then there is no cookie")
        .client("update the client")
        .shows(&[Tag::Groups, Tag::KeyShares])
}

fn handshake_failure(conversation: &Conversation<'_>) -> Told {
    if conversation.is_client() && !conversation.answered() {
        return hello::refused(conversation);
    }
    let peer = conversation.peer();
    if conversation.is_client() {
        let why = match conversation.has(Tag::CertificateRequest) {
            true => "It had chosen already, asked for a certificate, and refused what we sent.",
            false => "It had chosen already and then refused, without asking for a certificate.",
        };
        return Told::because(why).theirs("read the server's log").shows(&[Tag::Schemes, Tag::Extensions]);
    }
    let renegotiation = !conversation.is_tls13() && !conversation.has(Tag::Connected);
    Told::because(format!("The {peer} did not like what this server chose or showed."))
        .either("compare the choices below with what the client accepts: suite, group, signature scheme, key size")
        .theirs_if(
            renegotiation,
            "some clients require extended_master_secret or secure renegotiation: handclasp answers both when asked",
        )
        .theirs("read the client's log")
        .shows(&[Tag::Versions, Tag::Suites, Tag::Groups, Tag::Schemes, Tag::Extensions])
}

/// Alerts that speak of keys: with a pre-shared key that decides it.
fn keys(conversation: &Conversation<'_>, alert: Alert) -> Told {
    let peer = conversation.peer();
    if conversation.uses_psk() && !conversation.is_tls13() {
        let sent = match conversation.is_client() {
            true => "It came in answer to our Finished: the server could not read it with its key.",
            false => "It came in answer to our Finished or to our choice: the client has other keys.",
        };
        return Told::because(sent).and(psk::keys_differ(conversation));
    }
    if conversation.is_client() && !conversation.answered() && conversation.offers_psk() {
        return Told::because(
            "It came in answer to our ClientHello: the server did not accept the binder of our key.",
        )
        .and(psk::binder(conversation));
    }
    if conversation.uses_psk() {
        return Told::because("It came after the keys were chosen.").and(psk::keys_differ(conversation));
    }
    if alert == Alert::decrypt_error {
        return Told::because(format!(
            "A signature, a Finished or a binder of ours did not verify at the {peer}: our private key may not \
             belong to our certificate, or bytes were changed on the way."
        ))
        .ours("check that `--key` belongs to `--cert`")
        .either("capture at both ends and compare; suspect arithmetic or memory on small devices");
    }
    Told::because(format!(
        "The {peer} could not read a protected record of ours: both ends computed different keys, or bytes were \
         changed on the way. With certificates this is no matter of configuration."
    ))
    .ours("force another group to see whether the fault follows it: `--group secp256r1` or `--group x25519`")
    .either("capture at both ends and compare")
}

/// OpenSSL answers a wrong binder so; a wrong point or share as well.
fn illegal_parameter(conversation: &Conversation<'_>) -> Told {
    if conversation.is_client()
        && !conversation.answered()
        && conversation.sent(ExtensionType::pre_shared_key)
    {
        return Told::because(
            "It came in answer to a ClientHello with a pre-shared key: OpenSSL says so when the binder does not \
             verify.",
        )
        .and(psk::binder(conversation));
    }
    Told::because("It holds a value of ours for one that cannot be: a choice, a share, a signature scheme.")
        .ours("paste our bytes into `handclasp explain -`, if another program made them")
        .ours("force another group: `--group secp256r1` or `--group x25519`")
        .shows(&[Tag::Groups, Tag::KeyShares, Tag::Schemes])
}

fn unknown_psk_identity(conversation: &Conversation<'_>) -> Told {
    let identity = conversation.identity().unwrap_or_else(|| "none".to_owned());
    Told::because(format!("It knows no pre-shared key of the identity that we named: {identity}."))
        .ours("use an identity that the server has: `--psk-id ID` (OpenSSL's own is Client_identity)")
        .server("or give the server that identity")
        .shows(&[Tag::PskIdentity])
}

fn protocol_version(conversation: &Conversation<'_>) -> Told {
    let told = match conversation.versions().as_slice() {
        [only] if conversation.is_client() && conversation.offers_psk() => {
            return psk::one_version(conversation, *only);
        }
        [ProtocolVersion::TLS_1_3] => Told::because("We offer TLS 1.3 only, and it does not speak that.")
            .ours("allow TLS 1.2: `--tls 1.2`, or leave `--tls` out"),
        [ProtocolVersion::TLS_1_2] => {
            Told::because("We offer TLS 1.2 only, and it does not speak that any more.")
                .ours("allow TLS 1.3: `--tls 1.3`, or leave `--tls` out")
        }
        [only] => Told::because(format!("The offer is {} only.", Named(*only))),
        _ => Told::because("It speaks none of the versions offered, so probably none above TLS 1.1.")
            .theirs(format!("switch TLS 1.2 or 1.3 on in the {}, or update it", conversation.peer())),
    };
    told.either_if(
        conversation.offers_psk(),
        "a pre-shared key serves one version: 1.3, or 1.2 with `--tls 1.2`; both ends must mean the same",
    )
    .shows(&[Tag::Versions])
}

fn unrecognized_name(conversation: &Conversation<'_>) -> Told {
    match conversation.server_name() {
        Some(name) => Told::because(format!("The server has nothing for the name {name}."))
            .ours("ask for a name that it has: `--name NAME`"),
        None => Told::because("We sent no server_name, and the server needs one to choose its certificate.")
            .ours("send the name: `--name NAME` (an address cannot be one)"),
    }
    .shows(&[Tag::ServerName])
}

fn missing_extension(conversation: &Conversation<'_>) -> Told {
    let no_name = conversation.is_client() && !conversation.has(Tag::ServerName);
    Told::because("It wants an extension that we did not send.")
        .ours_if(no_name, "most likely server_name, which servers with several names need: `--name NAME`")
        .ours("compare what was sent with what it requires; RFC 8446 §9.2 names what TLS 1.3 needs")
        .shows(&[Tag::Versions, Tag::Extensions])
}

/// Alerts that say only that something is wrong, and those not registered.
fn unexplained(conversation: &Conversation<'_>, alert: Alert) -> Told {
    let peer = conversation.peer();
    let told = match alert {
        Alert::decode_error | Alert::record_overflow => Told::because(format!(
            "The {peer} could not parse a message of ours: too long for its buffers, perhaps."
        ))
        .ours("send a small ClientHello, which small devices can take: `--group x25519 --group secp256r1`"),
        Alert::unexpected_message => Told::because(format!(
            "The {peer} waited for another message: Java says so where no group is in common."
        ))
        .ours("try other groups: `--group secp256r1`"),
        Alert::unsupported_extension => {
            Told::because(format!("The {peer} got an answer to an extension that it did not send."))
                .and(bytes::violation(conversation))
        }
        Alert::internal_error => Told::because(format!(
            "The {peer} failed inside; Java says so where no signature scheme is in common."
        ))
        .shows(&[Tag::Schemes]),
        Alert::access_denied => Told::because(format!("The {peer} knows who we are and does not let us in.")),
        Alert::no_renegotiation => {
            Told::because(format!("The {peer} does not renegotiate, and neither do we."))
        }
        // The registry is open, and the rest is obsolete or of extensions that we never send.
        _ => Told::default(),
    };
    told.theirs(format!("read the {peer}'s log")).shows(&[Tag::Versions, Tag::Groups, Tag::Extensions])
}
