//! Certificates that one of the ends did not accept.

use handclasp_codec::AlertDescription;
use handclasp_report::{CertificateFault, Pin, Tag, read_key_note};

use super::{Told, story::Story};

/// We did not accept the peer's.
pub(super) fn refused_by_us(story: &Story<'_>, fault: &CertificateFault) -> Told {
    let peer = story.peer();
    match fault {
        CertificateFault::Malformed { .. } => Told::default()
            .next(format!("look at what the {peer} shows: `openssl s_client -connect HOST:PORT -showcerts`")),
        CertificateFault::Expired { .. } | CertificateFault::NotYetValid { .. } => Told::default()
            .next("check this machine's clock first: a device without one believes it is 1970")
            .next(format!("if the clock is right, renew the {peer}'s certificate"))
            .next(format!("for a peer of your own, a pinned key does not expire: `{} sha256/…`", pin_flag(story))),
        CertificateFault::UnknownIssuer { self_signed } => unknown_issuer(story, *self_signed),
        CertificateFault::NameMismatch { names } => name_mismatch(story, *names),
        CertificateFault::SignatureInvalid => Told::default()
            .next(format!("the {peer}'s chain is damaged, or an issuer in it is another of the same name: reissue it")),
        CertificateFault::WeakSignature => {
            Told::because("SHA-1 and MD5 are broken.").next(format!("reissue the {peer}'s chain with SHA-256"))
        }
        CertificateFault::UnsupportedKey => Told::default()
            .next("use a P-256, P-384, P-521 or Ed25519 key, or RSA with 2048 bits or more"),
        CertificateFault::WrongUsage => Told::default().next(format!(
            "reissue it with the extended key usage {}",
            if story.is_client() { "serverAuth" } else { "clientAuth" }
        )),
        CertificateFault::ConstraintViolated => Told::default()
            .next("issue from a CA whose certificate has basicConstraints CA:TRUE, a long enough path, and that name"),
        CertificateFault::CaUsedAsLeaf => Told::default()
            .next(format!("give the {peer} a certificate of its own: one with basicConstraints CA:FALSE"))
            .and(pin(story, "or believe its key itself")),
        CertificateFault::Revoked => Told::default().next(format!("replace the {peer}'s certificate and its key")),
        CertificateFault::PinMismatch { found } => Told::because(
            "Either the peer got a new key, or this is another machine, or somebody stands in between.",
        )
        .next(format!("ask whoever runs the {peer}, by another way, for its present pin (handclasp prints it)"))
        .next(format!("only if it is the one above: `{} {}`", pin_flag(story), Pin(found))),
        CertificateFault::NotConfigured => Told::default()
            .next(format!("let the {peer} use the pre-shared key (openssl: `-nocert -psk HEX`)"))
            .next("or leave the pre-shared key out here and use `--ca` or `--pin`"),
        CertificateFault::Budget => Told::default().next(format!("shorten the {peer}'s chain")),
    }
}

fn unknown_issuer(story: &Story<'_>, self_signed: bool) -> Told {
    let peer = story.peer();
    let told = Told::default();
    let told = if self_signed {
        told.and(pin(story, "believe this very key, after comparing it with what the peer prints"))
            .next(format!("or believe its certificate as a root: `{} FILE`", ca_flag(story)))
    } else {
        told.next(format!("give the root that issued it: `{} FILE` (PEM)", ca_flag(story)))
            .next(format!(
                "if the {peer} leaves out an intermediate certificate, let it send the whole chain but the root"
            ))
            .and(pin(story, "or believe its key itself, after comparing it with what the peer prints"))
    };
    told.shows(&[Tag::ServerName])
}

fn name_mismatch(story: &Story<'_>, names: u8) -> Told {
    let asked = story.server_name();
    let told = match &asked {
        Some(name) => Told::because(format!("We asked for {name}.")),
        None => Told::because("We asked for no name: an address is no name for server_name."),
    };
    let told = if names == 0 {
        told.next("reissue it with a subjectAltName (openssl: `-addext subjectAltName=DNS:NAME`)")
    } else {
        told.next("say which name it is for: `--name NAME`; its names: `openssl x509 -in CERT -noout -ext subjectAltName`")
            .next("or reissue it with the name that you connect to")
    };
    told.and(pin(story, "or believe its key, whatever its names")).shows(&[Tag::ServerName])
}

/// `--pin` with the key that the peer showed.
fn pin(story: &Story<'_>, why: &str) -> Told {
    let shown = story.bytes(Tag::CertificateKey).and_then(read_key_note);
    Told::default().next(match shown {
        Some((_, pin)) => format!("{why}: `{} {}`", pin_flag(story), Pin(&pin)),
        None => format!("{why}: `{} sha256/…`", pin_flag(story)),
    })
}

/// The flag by which our side believes a key of the peer's.
fn pin_flag(story: &Story<'_>) -> &'static str {
    if story.is_client() { "--pin" } else { "--client-pin" }
}

/// The flag by which our side believes a root.
fn ca_flag(story: &Story<'_>) -> &'static str {
    if story.is_client() { "--ca" } else { "--client-ca" }
}

/// We wanted one and got none.
pub(super) fn none_came(story: &Story<'_>) -> Told {
    if story.is_client() {
        return Told::because("A server without a certificate must be believed by a pre-shared key.")
            .next("use `--psk-hex` or `--psk-ascii`, or give the server a certificate");
    }
    Told::because(
        "A client sends none when it has none configured, when none fits the issuers that we name, or when its \
         key can do none of our schemes.",
    )
    .next("configure certificate and key in the client (openssl: `-cert FILE -key FILE`)")
    .shows(&[Tag::Schemes])
}

/// A raw public key on one side, X.509 alone on the other.
pub(super) fn no_common_type(story: &Story<'_>) -> Told {
    let peer = story.peer();
    Told::because("Without the extensions of RFC 7250 a peer expects an X.509 certificate.")
        .next(format!("let the {peer} use raw public keys (handclasp: `--raw-key`; GnuTLS: `--rawpkfile`)"))
        .next("or show and take certificates on this side: leave `--raw-key` out, give `--cert` and `--key`")
        .shows(&[Tag::Extensions])
}

/// The peer did not accept ours.
pub(super) fn refused_by_peer(story: &Story<'_>, alert: AlertDescription) -> Told {
    let peer = story.peer();
    let (ca, pin) = if story.is_client() { ("--client-ca", "--client-pin") } else { ("--ca", "--pin") };
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
            told.next("renew our certificate if it is expired").next(format!("check the {peer}'s clock"))
        }
        AlertDescription::certificate_revoked => told.next("replace our certificate and its key"),
        AlertDescription::unsupported_certificate => told
            .next("use a P-256 or RSA certificate with digitalSignature and the right extended key usage")
            .shows(&[Tag::Schemes, Tag::Groups]),
        _ => told
            .next(format!(
                "give the {peer} the root of our certificate (openssl: `-CAfile FILE`, handclasp: `{ca} FILE`)"
            ))
            .next(format!("or let it believe our key: `{pin} sha256/…`, as handclasp prints it at the start"))
            .next("send the whole chain but the root in `--cert`, our own certificate first")
            .next("check that our certificate is for the name that the client connects to"),
    };
    told.shows(&[Tag::ServerName])
}
