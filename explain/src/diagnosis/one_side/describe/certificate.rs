//! Certificates that one of the sides did not accept.

use std::net::IpAddr;

use handclasp_codec::CertificateType;
use handclasp_report::{
    CertificateFault, CrlFault, Evidence, Item, Pin, Side, StapleFault, Tag, is_changed_key, read_key_note,
};

use super::{Context, Description, psk::quoted};
use crate::conversation::from_report::text;

/// Our side did not accept the peer's certificate.
pub(super) fn refused_by_us(context: &Context<'_>, fault: &CertificateFault) -> Description {
    let peer = context.notes.peer();
    let description = context.describe();
    match fault {
        CertificateFault::Malformed { .. } if !context.notes.is_client() => {
            description.peers("check the client's certificate where it is: `handclasp lint CERT`")
        }
        CertificateFault::Malformed { .. } => description.ours(format!(
            "look at what the {peer} shows: `openssl s_client -connect HOST:PORT -showcerts </dev/null | handclasp lint -`"
        )),
        // A clock that was never set is behind: it makes no certificate look expired.
        CertificateFault::Expired => pin(
            description
                .peers(format!(
                    "renew the {peer}'s certificate, and check that the {peer} sends the new one: a program that runs \
                     may have the old one loaded"
                ))
                .ours("if that end is still to come, this machine's clock is ahead: set it"),
            context,
            "for a peer of your own, pin its key, whose dates do not count",
        ),
        CertificateFault::NotYetValid => pin(
            description
                .ours("check this machine's clock first: a device without one believes it is 1970")
                .peers(format!("if the clock is right, renew the {peer}'s certificate")),
            context,
            "for a peer of your own, pin its key, whose dates do not count",
        ),
        CertificateFault::NeverValid { .. } => pin(
            description.peers(
                "issue the certificate again, with a notAfter behind its notBefore (`openssl x509 -days` with a \
                 number above 0)",
            ),
            context,
            "for a peer of your own, pin its key, whose dates do not count",
        ),
        CertificateFault::UnknownIssuer { self_signed } => unknown_issuer(context, *self_signed),
        CertificateFault::NameMismatch { names } => name_mismatch(context, *names),
        CertificateFault::SignatureInvalid => description
            .ours(format!(
                "if the issuer was made again under the same name, give its present certificate: `{} FILE`",
                ca_flag(context)
            ))
            .peers(format!("else the {peer}'s chain is damaged or wrongly issued: reissue it")),
        CertificateFault::PinMismatch
        | CertificateFault::NotKnown
        | CertificateFault::NotListed
        | CertificateFault::PinIsFingerprint => other_key(context, fault),
        other => to_reissue(context, other),
    }
}

/// A key that is not the one expected.
fn other_key(context: &Context<'_>, fault: &CertificateFault) -> Description {
    let peer = context.notes.peer();
    let description = context.describe();
    match fault {
        CertificateFault::PinMismatch if is_changed(context) => description
            .because("Either the peer has a new key, or this is another machine, or an attacker stands in between.")
            .peers(format!(
                "ask the operator of the {peer}, over another channel, for its present pin (handclasp prints it)"
            ))
            .ours(format!("only if it is the one above: `handclasp peers accept --replace NAME {}`", found(context))),
        CertificateFault::PinMismatch => description
            .because("Either the peer has a new key, or this is another machine, or an attacker stands in between.")
            .peers(format!(
                "ask the operator of the {peer}, over another channel, for its present pin (handclasp prints it)"
            ))
            .ours(format!(
                "only if it is the one above: `{} {}`; with `--tofu`: `handclasp peers accept --replace NAME {}`",
                pin_flag(context),
                found(context),
                found(context)
            )),
        CertificateFault::NotKnown => description
            .because("A first contact must be accepted here, and this one was not.")
            .ours(format!(
                "ask the operator of the {peer}, over another channel, for its pin; if it is the one above: `handclasp \
                 peers accept NAME {}`",
                found(context)
            )),
        CertificateFault::NotListed => description
            .because("Its certificate or raw key is in order; only the list of accepted clients lacks it.")
            .peers("use the key that the server knows, where the client has several")
            .ours(format!(
                "if the client's owner confirms that pin, accept it: `{} {}`",
                pin_flag(context),
                found(context)
            )),
        // PinIsFingerprint.
        _ => description.ours(format!(
            "the certificate is the one that was meant; give the pin of its key: `{} {}`",
            pin_flag(context),
            found(context)
        )),
    }
}

/// Whether the file of known peers has another key for the peer.
fn is_changed(context: &Context<'_>) -> bool {
    context.notes.bytes(Tag::CertificateKey).is_some_and(is_changed_key)
}

/// The pin of the key that the peer showed; a placeholder where the report lacks it.
fn found(context: &Context<'_>) -> String {
    match context.notes.report.evidence(&context.fault) {
        Some(Evidence::Pin(pin)) => Pin(&pin).to_string(),
        _ => "sha256/…".to_owned(),
    }
}

/// Faults of a certificate that its owner must have issued anew, and those of our own settings.
fn to_reissue(context: &Context<'_>, fault: &CertificateFault) -> Description {
    let (notes, peer) = (context.notes, context.notes.peer());
    let description = context.describe();
    match fault {
        CertificateFault::WeakSignature => description
            .because("SHA-1 and MD5 are broken.")
            .peers(format!("reissue the {peer}'s chain with SHA-256")),
        CertificateFault::UnsupportedKey => {
            description.peers("use a P-256, P-384, P-521 or Ed25519 key, or RSA with 2048 bits or more")
        }
        CertificateFault::WrongUsage => description.peers(format!(
            "reissue it with the extended key usage {}",
            if notes.is_client() { "serverAuth" } else { "clientAuth" }
        )),
        CertificateFault::ConstraintViolated => description.peers(
            "issue from a CA whose certificate has basicConstraints CA:TRUE, a long enough path, and that name",
        ),
        CertificateFault::CaUsedAsLeaf => pin(
            description
                .peers(format!("give the {peer} a certificate of its own: one with basicConstraints CA:FALSE")),
            context,
            "trust its key itself",
        ),
        CertificateFault::Revoked => {
            description.peers(format!("replace the {peer}'s certificate and its key"))
        }
        CertificateFault::NoExpectedName => {
            description.ours("give the name that the certificate must be for: `--name NAME`")
        }
        CertificateFault::NotConfigured => description
            .peers(format!("let the {peer} use the pre-shared key (openssl: `-nocert -psk HEX`)"))
            .ours("leave the pre-shared key out here and use `--ca` or `--pin`"),
        CertificateFault::IssuerMayNotSign { .. } => description.peers(
            "reissue that issuer's certificate with keyUsage keyCertSign, or issue from a CA that has it \
             (RFC 5280 §4.2.1.3)",
        ),
        CertificateFault::NoStaple => status(context, None),
        CertificateFault::Staple(fault) => status(context, Some(*fault)),
        CertificateFault::Crl(fault) => lists(context, *fault),
        CertificateFault::PathTooLong { .. } => pin(
            description
                .peers(format!("issue the {peer}'s certificate from a CA that is nearer to the root"))
                .ours("trust an intermediate CA as a root"),
            context,
            "trust its key itself",
        ),
        CertificateFault::Budget => description.peers(format!("shorten the {peer}'s chain")),
        // Described by `refused_by_us`.
        _ => description,
    }
}

/// A status that was asked for and proves nothing, or did not come though the certificate promises it.
fn status(context: &Context<'_>, fault: Option<StapleFault>) -> Description {
    let peer = context.notes.peer();
    let description = context.describe();
    match fault {
        None | Some(StapleFault::Missing) => description
            .peers(format!(
                "let the {peer} staple an OCSP response (nginx: `ssl_stapling on`; openssl: `-status_file FILE`; \
                 handclasp: `--ocsp FILE`)"
            ))
            .peers("reissue its certificate without the TLS feature status_request"),
        Some(StapleFault::NotYetValid | StapleFault::Outdated) => description
            .ours("check this machine's clock first: a device without one believes it is 1970")
            .peers(format!("if the clock is right, let the {peer} fetch a new OCSP response")),
        Some(_) => description
            .peers(format!("let the {peer} fetch a new OCSP response from its certificate's issuer"))
            .ours("do not ask for one: leave `--ocsp` out"),
    }
}

/// Revocation lists that do not prove that a certificate is not revoked.
fn lists(context: &Context<'_>, fault: CrlFault) -> Description {
    let flag = if context.notes.is_client() { "--crl" } else { "--client-crl" };
    let description = context.describe();
    match fault {
        CrlFault::Missing => description
            .ours(format!(
                "give the list of each CA below the root: `{flag} FILE` for each; the certificate's \
                 crlDistributionPoints says where it is published"
            ))
            .ours(format!("check only the peer's own certificate: `{flag}-leaf-only`")),
        CrlFault::NotYetValid => description.ours("check this machine's clock first"),
        CrlFault::Outdated => description
            .ours("check this machine's clock first")
            .ours(format!("fetch the CA's current list, or let the CA make a new one, and give it: `{flag} FILE`")),
        CrlFault::IssuerMayNotSign => {
            description.peers("reissue the CA's certificate with keyUsage cRLSign (RFC 5280 §4.2.1.3)")
        }
        // NotAuthentic, WeakSignature.
        _ => description.ours(format!(
            "give the list that this CA signs now, with SHA-256: `{flag} FILE`. A CA that renewed its key has two"
        )),
    }
}

fn unknown_issuer(context: &Context<'_>, self_signed: bool) -> Description {
    let peer = context.notes.peer();
    let description = context.describe().offers(&[Tag::ServerName]);
    if self_signed && !context.notes.is_client() {
        // A server that asks for certificates of a CA: a key beside it is the exception.
        return pin(
            description.peers(
                "give the client a certificate that a CA of `--client-ca` issued (`handclasp ca sign`), and check that it \
                 is the file that the client sends",
            ),
            context,
            "trust this very key, after comparing it with what the client prints",
        )
        .ours("trust its certificate as a root: `--client-ca FILE`");
    }
    if self_signed {
        return pin(
            description,
            context,
            "trust this very key, after comparing it with what the peer prints",
        )
        .ours(format!("trust its certificate as a root: `{} FILE`", ca_flag(context)));
    }
    let description = description
        .ours(format!("give the root that issued it: `{} FILE` (PEM)", ca_flag(context)))
        .peers(format!(
            "if the {peer} leaves out an intermediate certificate, let it send the whole chain but the root"
        ));
    pin(description, context, "trust its key itself, after comparing it with what the peer prints")
}

fn name_mismatch(context: &Context<'_>, names: u8) -> Description {
    let notes = context.notes;
    let expected = notes.text(Tag::ExpectedName).or_else(|| notes.text(Tag::ServerName));
    let is_address = expected.as_ref().is_some_and(|name| name.parse::<IpAddr>().is_ok());
    let kind = if is_address { "IP" } else { "DNS" };
    let name = expected.as_deref().unwrap_or("NAME");
    let extension = format!("(openssl: `-addext subjectAltName={kind}:{name}`)");
    let description = context.describe().offers(&[Tag::ServerName]);
    // The verdict names what was expected where it names what came.
    let description = match (&expected, notes.has(Tag::CertificateName)) {
        (Some(name), false) => description.because(format!("We expected one for {name}.")),
        _ => description,
    };
    let description = match (names, notes.bytes(Tag::CertificateName).map(text)) {
        (0, _) => description.peers(format!("reissue it with a subjectAltName {extension}")),
        (_, Some(found)) => description
            .ours(format!("expect the name that it is for: `--name {}`", found.replace('*', "HOST")))
            .peers(format!("reissue it for {name} too {extension}")),
        (_, None) => description
            .ours(
                "expect the name that it is for: `--name NAME`; its names: `openssl x509 -in CERT -noout -ext \
                 subjectAltName`",
            )
            .peers(format!("reissue it for {name} too {extension}")),
    };
    pin(description, context, "trust its key, whatever its names")
}

/// `--pin` with the key that the peer showed.
fn pin(description: Description, context: &Context<'_>, why: &str) -> Description {
    let shown = context.notes.bytes(Tag::CertificateKey).and_then(read_key_note);
    let flag = pin_flag(context);
    description.ours(match shown {
        Some((_, pin)) => format!("{why}: `{flag} {}`", Pin(&pin)),
        None => format!("{why}: `{flag} sha256/…`"),
    })
}

/// The flag by which our side trusts a key of the peer's.
fn pin_flag(context: &Context<'_>) -> &'static str {
    if context.notes.is_client() { "--pin" } else { "--client-pin" }
}

/// The flag by which our side trusts a root.
fn ca_flag(context: &Context<'_>) -> &'static str {
    if context.notes.is_client() { "--ca" } else { "--client-ca" }
}

/// Our side wanted a certificate and got none.
pub(super) fn none_came(context: &Context<'_>) -> Description {
    if context.notes.is_client() {
        return context
            .describe()
            .because("A server without a certificate is authenticated by a pre-shared key.")
            .server("give the server a certificate and its key")
            .either("use a pre-shared key on both sides: `--psk-hex` or `--psk-ascii`");
    }
    if let Some(identity) = context.notes.text(Tag::PskIdentity) {
        return context
            .describe()
            .because(format!(
                "The client names the pre-shared key \"{identity}\", which we do not have, so that it had to show a \
                 certificate."
            ))
            .peers("give the client the identity and the key that this server has")
            .ours(format!("serve with that key: `--psk-id {}`", quoted(&identity)))
            .offers(&[Tag::PskIdentity]);
    }
    let certificate_type = |item: &Item<'_>| item.tag == Tag::CertificateType && item.from == Side::Client;
    // RFC 7250 §4.1: a client that can only show certificates does not offer types.
    if context
        .notes
        .report
        .items()
        .any(|item| certificate_type(&item) && item.bytes == [CertificateType::X509.0])
    {
        return context
            .describe()
            .because("The client offers certificates and raw public keys, and was asked for a certificate.")
            .peers(
                "if it has a raw key alone, let it offer nothing else (GnuTLS: `--priority \
                 NORMAL:-CTYPE-CLI-ALL:+CTYPE-CLI-RAWPK`)",
            )
            .peers("else configure certificate and key in the client (GnuTLS: `--x509certfile`, `--x509keyfile`)");
    }
    context
        .describe()
        .because(
            "A client sends none when it has none configured, when none fits the issuers that we name, or when its \
             key can do none of our schemes.",
        )
        .peers(
            "configure certificate and key in the client (openssl: `-cert FILE -key FILE`; handclasp: also `--identity DIR`)",
        )
        .offers(&[Tag::Schemes])
}
