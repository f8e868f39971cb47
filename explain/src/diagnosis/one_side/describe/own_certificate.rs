//! Our certificate, where the peer did not accept it, or a client that shows none.

use handclasp_codec::AlertDescription;
use handclasp_report::{Fault, NoneShown, Tag};

use super::{Context, Description};

/// The peer did not accept our certificate, or refused our client because it showed none.
pub(super) fn refused_by_peer(context: &Context<'_>) -> Description {
    let notes = context.notes;
    let none_shown = notes.bytes(Tag::NoneShown).filter(|_| notes.is_client()).map(NoneShown::from_note);
    if let Some(why) = none_shown {
        return missing(context, why);
    }
    let (peer, description) = (notes.peer(), context.describe());
    if notes.is_client() && notes.has(Tag::IssuerNotListed) {
        return description
            .client(
                "show a certificate that one of those authorities issued, with the intermediates up to it in \
                 `--cert`",
            )
            .server("trust our issuer (openssl: `-CAfile FILE`, handclasp: `--client-ca FILE`)")
            .server("trust our key: `--client-pin sha256/…`, as handclasp prints it at the start");
    }
    let pin = flags_of_peer(context).1;
    let description = match context.fault {
        Fault::PeerAlert(AlertDescription::certificate_required) => return missing(context, None),
        Fault::PeerAlert(AlertDescription::certificate_expired) => description
            .ours("renew our certificate if it is expired")
            .peers(format!("check the {peer}'s clock: to it the certificate is expired or not yet valid")),
        Fault::PeerAlert(AlertDescription::certificate_revoked) => {
            description.ours("replace our certificate and its key")
        }
        Fault::PeerAlert(AlertDescription::access_denied) => description
            .peers(format!(
                "admit our key (handclasp: `{pin} sha256/…`; a server with `--tofu`: `handclasp peers accept`), as our \
                 side prints it at the start or by `handclasp id show`"
            ))
            .ours("use the certificate or key that it admits, if we have several"),
        Fault::PeerAlert(AlertDescription::unsupported_certificate) => description
            .ours(format!(
                "use a certificate with the extended key usage {}, the key usage digitalSignature, and a P-256 or RSA key; \
                 what ours has: `handclasp lint CERT --purpose {}`",
                if notes.is_client() { "clientAuth" } else { "serverAuth" },
                if notes.is_client() { "client" } else { "server" },
            ))
            .offers(&[Tag::Schemes, Tag::Groups]),
        Fault::PeerAlert(alert) => not_trusted(context, alert),
        _ => not_trusted(context, AlertDescription::unknown_ca),
    };
    description.offers(&[Tag::ServerName])
}

/// The flags by which the peer trusts a root, and our key.
fn flags_of_peer(context: &Context<'_>) -> (&'static str, &'static str) {
    if context.notes.is_client() { ("--client-ca", "--client-pin") } else { ("--ca", "--pin") }
}

/// The peer does not trust our certificate, and its alert does not say more. The report lacks our chain, so that each
/// way names the certificate for which it is; the alert decides which is the first.
fn not_trusted(context: &Context<'_>, alert: AlertDescription) -> Description {
    let (peer, (ca, pin)) = (context.notes.peer(), flags_of_peer(context));
    let root = format!(
        "if a CA issued our certificate, give the {peer} its root (openssl: `-CAfile FILE`, handclasp: `{ca} FILE`)"
    );
    let key = format!(
        "if it is self-signed or a raw key, let the {peer} trust our key, once the pin is compared with what our side \
         prints: `{pin} sha256/…`; where it knows another key of ours (`--tofu`): `handclasp peers accept --replace \
         NAME sha256/…`"
    );
    let chain = "send the whole chain but the root in `--cert`, our own certificate first";
    let (is_server, name) = (
        !context.notes.is_client(),
        "check that our certificate is for the name that the client connects to",
    );
    let description = context.describe();
    match alert {
        // RFC 8446 §6.2: the chain does not lead to a known CA. A key that is not the pinned one has other alerts.
        AlertDescription::unknown_ca => {
            description.peers(root).peers(key).ours(chain).ours_if(is_server, name)
        }
        // The certificate of another name, in most stacks; a peer that compares keys says certificate_unknown.
        AlertDescription::bad_certificate => description
            .fact(
                "Most programs send it for another name; those in Go send it for every certificate that they \
                     do not accept, also for an unknown issuer.",
            )
            .ours_if(is_server, name)
            .peers(root)
            .peers(key)
            .ours(chain),
        // Java and browsers: any certificate that they do not accept; most are of a CA.
        AlertDescription::certificate_unknown => {
            description.peers(root).peers(key).ours(chain).ours_if(is_server, name)
        }
        _ => description.peers(key).peers(root).ours(chain).ours_if(is_server, name),
    }
}

fn missing(context: &Context<'_>, why: Option<NoneShown>) -> Description {
    let description = context.describe();
    let description = match why {
        Some(NoneShown::NoCommonScheme) => description
            .client("show a certificate with another kind of key: nearly every server accepts P-256 and RSA")
            .server("accept the schemes of our key's kind (openssl: `-client_sigalgs`)")
            .offers(&[Tag::Schemes]),
        Some(NoneShown::NoCommonType) => {
            description.client("show an X.509 certificate: leave `--raw-key` out, give `--cert` and `--key`")
        }
        _ => description
            .client("give the certificate and its key: `--cert FILE --key FILE` or `--identity DIR`"),
    };
    description
        .server("let clients in without one, if that is meant (openssl: `-verify` in place of `-Verify`)")
}
