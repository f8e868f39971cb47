//! Certificates that one of the ends did not accept.

use std::net::IpAddr;

use handclasp_codec::AlertDescription;
use handclasp_report::{CertificateFault, Pin, StapleFault, Tag, read_key_note};

use super::{
    conversation::{Conversation, text},
    told::Told,
};

/// We did not accept the peer's.
pub(super) fn refused_by_us(conversation: &Conversation<'_>, fault: &CertificateFault) -> Told {
    let peer = conversation.peer();
    match fault {
        CertificateFault::Malformed { .. } => Told::default()
            .ours(format!("look at what the {peer} shows: `openssl s_client -connect HOST:PORT -showcerts`")),
        CertificateFault::Expired { .. } | CertificateFault::NotYetValid { .. } => dates(conversation),
        CertificateFault::NeverValid { .. } => Told::default()
            .theirs("issue the certificate again, with a notAfter behind its notBefore (`openssl x509 -days` with a number above 0)")
            .and(pin(conversation, "for a peer of your own, pin its key, whose dates do not count")),
        CertificateFault::UnknownIssuer { self_signed } => unknown_issuer(conversation, *self_signed),
        CertificateFault::NameMismatch { names } => name_mismatch(conversation, *names),
        CertificateFault::SignatureInvalid => Told::default()
            .ours(format!(
                "if the issuer was made again under the same name, give its present certificate: `{} FILE`",
                ca_flag(conversation)
            ))
            .theirs(format!("else the {peer}'s chain is damaged or wrongly issued: reissue it")),
        CertificateFault::WeakSignature => {
            Told::because("SHA-1 and MD5 are broken.").theirs(format!("reissue the {peer}'s chain with SHA-256"))
        }
        CertificateFault::UnsupportedKey => Told::default()
            .theirs("use a P-256, P-384, P-521 or Ed25519 key, or RSA with 2048 bits or more"),
        CertificateFault::WrongUsage => Told::default().theirs(format!(
            "reissue it with the extended key usage {}",
            if conversation.is_client() { "serverAuth" } else { "clientAuth" }
        )),
        CertificateFault::ConstraintViolated => Told::default()
            .theirs("issue from a CA whose certificate has basicConstraints CA:TRUE, a long enough path, and that name"),
        CertificateFault::CaUsedAsLeaf => Told::default()
            .theirs(format!("give the {peer} a certificate of its own: one with basicConstraints CA:FALSE"))
            .and(pin(conversation, "or trust its key itself")),
        CertificateFault::Revoked => Told::default().theirs(format!("replace the {peer}'s certificate and its key")),
        CertificateFault::PinMismatch { found } => Told::because(
            "Either the peer got a new key, or this is another machine, or somebody stands in between.",
        )
        .theirs(format!("ask the operator of the {peer}, over another channel, for its present pin (handclasp prints it)"))
        .ours(format!("only if it is the one above: `{} {}`", pin_flag(conversation), Pin(found))),
        CertificateFault::PinIsFingerprint { found } => Told::default()
            .ours(format!("the certificate is the one that was meant; give the pin of its key: `{} {}`", pin_flag(conversation), Pin(found))),
        CertificateFault::NoExpectedName => {
            Told::default().ours("give the name that the certificate must be for: `--name NAME`")
        }
        CertificateFault::NotConfigured => Told::default()
            .theirs(format!("let the {peer} use the pre-shared key (openssl: `-nocert -psk HEX`)"))
            .ours("or leave the pre-shared key out here and use `--ca` or `--pin`"),
        CertificateFault::IssuerMayNotSign { .. } => Told::default().theirs(
            "reissue that issuer's certificate with keyUsage keyCertSign, or issue from a CA that has it (RFC 5280 \
             §4.2.1.3)",
        ),
        CertificateFault::NoStaple => status(conversation, None),
        CertificateFault::Staple(fault) => status(conversation, Some(*fault)),
        CertificateFault::PathTooLong { .. } => Told::default()
            .theirs(format!("issue the {peer}'s certificate from a CA that is nearer to the root"))
            .ours("or trust an intermediate CA as a root")
            .and(pin(conversation, "or trust its key itself")),
        CertificateFault::Budget => Told::default().theirs(format!("shorten the {peer}'s chain")),
    }
}

/// A status that was asked for and proves nothing, or did not come though the certificate promises it.
fn status(conversation: &Conversation<'_>, fault: Option<StapleFault>) -> Told {
    let peer = conversation.peer();
    match fault {
        None => Told::default()
            .theirs(format!(
                "let the {peer} staple an OCSP response (nginx: `ssl_stapling on`; openssl: `-status_file FILE`; \
                 handclasp: `--ocsp FILE`)"
            ))
            .theirs("or reissue its certificate without the TLS feature status_request"),
        Some(StapleFault::NotYetValid { .. } | StapleFault::Outdated { .. }) => Told::default()
            .ours("check this machine's clock first: a device without one believes it is 1970")
            .theirs(format!("if the clock is right, let the {peer} fetch a new OCSP response")),
        Some(_) => Told::default()
            .theirs(format!("let the {peer} fetch a new OCSP response from its certificate's issuer"))
            .ours("or do not ask for one: leave `--ocsp` out"),
    }
}

fn dates(conversation: &Conversation<'_>) -> Told {
    let peer = conversation.peer();
    Told::default()
        .ours("check this machine's clock first: a device without one believes it is 1970")
        .theirs(format!("if the clock is right, renew the {peer}'s certificate"))
        .and(pin(conversation, "for a peer of your own, pin its key, whose dates do not count"))
}

fn unknown_issuer(conversation: &Conversation<'_>, self_signed: bool) -> Told {
    let peer = conversation.peer();
    let told = Told::default();
    let told = if self_signed {
        told.and(pin(conversation, "trust this very key, after comparing it with what the peer prints"))
            .ours(format!("or trust its certificate as a root: `{} FILE`", ca_flag(conversation)))
    } else {
        told.ours(format!("give the root that issued it: `{} FILE` (PEM)", ca_flag(conversation)))
            .theirs(format!(
                "if the {peer} leaves out an intermediate certificate, let it send the whole chain but the root"
            ))
            .and(pin(conversation, "or trust its key itself, after comparing it with what the peer prints"))
    };
    told.shows(&[Tag::ServerName])
}

fn name_mismatch(conversation: &Conversation<'_>, names: u8) -> Told {
    let expected = conversation.bytes(Tag::ExpectedName).map(text).or_else(|| conversation.server_name());
    let is_address = expected.as_ref().is_some_and(|name| name.parse::<IpAddr>().is_ok());
    let kind = if is_address { "IP" } else { "DNS" };
    let name = expected.as_deref().unwrap_or("NAME");
    let extension = format!("(openssl: `-addext subjectAltName={kind}:{name}`)");
    // The verdict names what was expected where it names what came.
    let told = match (&expected, conversation.has(Tag::CertificateName)) {
        (Some(name), false) => Told::because(format!("We expected one for {name}.")),
        _ => Told::default(),
    };
    let told = match (names, conversation.bytes(Tag::CertificateName).map(text)) {
        (0, _) => told.theirs(format!("reissue it with a subjectAltName {extension}")),
        (_, Some(found)) => told
            .ours(format!("expect the name that it is for: `--name {}`", found.replace('*', "HOST")))
            .theirs(format!("or reissue it for {name} too {extension}")),
        (_, None) => told
            .ours("expect the name that it is for: `--name NAME`; its names: `openssl x509 -in CERT -noout -ext subjectAltName`")
            .theirs(format!("or reissue it for {name} too {extension}")),
    };
    told.and(pin(conversation, "or trust its key, whatever its names")).shows(&[Tag::ServerName])
}

/// `--pin` with the key that the peer showed.
fn pin(conversation: &Conversation<'_>, why: &str) -> Told {
    let shown = conversation.bytes(Tag::CertificateKey).and_then(read_key_note);
    Told::default().ours(match shown {
        Some((_, pin)) => format!("{why}: `{} {}`", pin_flag(conversation), Pin(&pin)),
        None => format!("{why}: `{} sha256/…`", pin_flag(conversation)),
    })
}

/// The flag by which our side trusts a key of the peer's.
fn pin_flag(conversation: &Conversation<'_>) -> &'static str {
    if conversation.is_client() { "--pin" } else { "--client-pin" }
}

/// The flag by which our side trusts a root.
fn ca_flag(conversation: &Conversation<'_>) -> &'static str {
    if conversation.is_client() { "--ca" } else { "--client-ca" }
}

/// We wanted one and got none.
pub(super) fn none_came(conversation: &Conversation<'_>) -> Told {
    if conversation.is_client() {
        return Told::because("A server without a certificate is authenticated by a pre-shared key.")
            .server("give the server a certificate and its key")
            .either("or use a pre-shared key on both sides: `--psk-hex` or `--psk-ascii`");
    }
    Told::because(
        "A client sends none when it has none configured, when none fits the issuers that we name, or when its \
         key can do none of our schemes.",
    )
    .theirs("configure certificate and key in the client (openssl: `-cert FILE -key FILE`)")
    .shows(&[Tag::Schemes])
}

/// A raw public key on one side, X.509 alone on the other.
pub(super) fn no_common_type(conversation: &Conversation<'_>) -> Told {
    let peer = conversation.peer();
    Told::because("Without the extensions of RFC 7250 a peer expects an X.509 certificate.")
        .theirs(format!("let the {peer} use raw public keys (handclasp: `--raw-key`; GnuTLS: `--rawpkfile`)"))
        .ours("or show and take certificates on this side: leave `--raw-key` out, give `--cert` and `--key`")
        .shows(&[Tag::Extensions])
}

/// The peer did not accept ours.
pub(super) fn refused_by_peer(conversation: &Conversation<'_>, alert: AlertDescription) -> Told {
    let peer = conversation.peer();
    let (ca, pin) =
        if conversation.is_client() { ("--client-ca", "--client-pin") } else { ("--ca", "--pin") };
    let told = Told::because(match alert {
        AlertDescription::unknown_ca => {
            format!("The {peer} does not trust our certificate: it knows no root that leads to it.")
        }
        AlertDescription::certificate_expired => {
            format!("The {peer} holds our certificate for expired or not yet valid.")
        }
        AlertDescription::certificate_revoked => format!("The {peer} holds our certificate for revoked."),
        AlertDescription::unsupported_certificate => {
            format!(
                "The {peer} cannot do our certificate's kind of key, or its key usage does not permit this."
            )
        }
        // bad_certificate and certificate_unknown say no more than that.
        _ => format!(
            "The {peer} does not trust our certificate: an unknown issuer, another name, the dates, or a pin."
        ),
    });
    let told = match alert {
        AlertDescription::certificate_expired => {
            told.ours("renew our certificate if it is expired").theirs(format!("check the {peer}'s clock"))
        }
        AlertDescription::certificate_revoked => told.ours("replace our certificate and its key"),
        AlertDescription::unsupported_certificate => told
            .ours("use a P-256 or RSA certificate with digitalSignature and the right extended key usage")
            .shows(&[Tag::Schemes, Tag::Groups]),
        _ => told
            .theirs(format!(
                "give the {peer} the root of our certificate (openssl: `-CAfile FILE`, handclasp: `{ca} FILE`)"
            ))
            .theirs(format!("or let it trust our key: `{pin} sha256/…`, as handclasp prints it at the start"))
            .ours("send the whole chain but the root in `--cert`, our own certificate first")
            .ours("check that our certificate is for the name that the client connects to"),
    };
    told.shows(&[Tag::ServerName])
}
