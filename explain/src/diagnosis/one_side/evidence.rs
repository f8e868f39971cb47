//! The notes of a report as lines of text.

use handclasp_codec::{
    AlertDescription, CertificateType, CipherSuite, CodePoint, ExtensionType, NamedGroup, ProtocolVersion,
    SignatureScheme,
};
use handclasp_report::{
    Date, Item, Named, NoneShown, NotJudged, Pin, Report, RevokedNote, Side, Tag, read_key_note,
};

use crate::conversation::from_report::text;

/// Names in one line; what a hello of OpenSSL has more is seldom the point.
const NAMES: usize = 16;

/// The offers asked for, and all that was chosen and said.
pub(super) fn lines(report: &Report, offers: &[Tag]) -> Vec<String> {
    let mut lines: Vec<String> =
        report.items().filter(|item| wanted(item.tag, offers)).filter_map(line).collect();
    if report.dropped() > 0 {
        lines.push(format!("({} more notes had no room in the report)", report.dropped()));
    }
    lines
}

fn wanted(tag: Tag, offers: &[Tag]) -> bool {
    match tag {
        Tag::Versions
        | Tag::Suites
        | Tag::Groups
        | Tag::KeyShares
        | Tag::Schemes
        | Tag::Extensions
        | Tag::Alpn
        | Tag::ServerName
        // The verdict names them.
        | Tag::ExpectedName
        | Tag::CertificateName
        | Tag::Revoked
        | Tag::PskIdentity
        | Tag::PskIdentityHint => offers.contains(&tag),
        Tag::ChosenVersion
        | Tag::ChosenSuite
        | Tag::ChosenGroup
        | Tag::ChosenScheme
        | Tag::ChosenAlpn
        | Tag::ChosenPsk
        | Tag::ChosenExtensions
        | Tag::CertificateKey
        | Tag::CertificateRequest
        | Tag::NoneShown
        | Tag::NotJudged
        | Tag::IssuerNotListed
        | Tag::CertificateType
        | Tag::HelloRetry
        | Tag::RetryCookie
        | Tag::Resumed
        | Tag::TicketRefused
        | Tag::NoExtendedMasterSecret
        | Tag::AlertSent
        | Tag::AlertReceived
        | Tag::Connected
        | Tag::PskAlone
        | Tag::CloseNotify => true,
        // It is the verdict; and of messages the items say what they offer and choose.
        Tag::Fault | Tag::ClientHello | Tag::ServerHello | Tag::EncryptedExtensions => false,
    }
}

fn line(item: Item<'_>) -> Option<String> {
    let from = item.from;
    let offered = |what, list| format!("{from} offered {what}: {list}");
    let chose = |what, list| format!("{from} chose {what} {list}");
    Some(match item.tag {
        Tag::Versions => offered("versions", spoken::<ProtocolVersion>(&item)),
        Tag::Suites => offered("cipher suites", named::<CipherSuite>(&item)),
        Tag::Groups => offered("groups", named::<NamedGroup>(&item)),
        Tag::KeyShares => offered("key shares for", named::<NamedGroup>(&item)),
        Tag::Schemes => offered("signature schemes", named::<SignatureScheme>(&item)),
        Tag::Extensions => offered("extensions", named::<ExtensionType>(&item)),
        Tag::Alpn => offered("application protocols", joined(item.names().map(text), item.cut)),
        Tag::ServerName => format!("{from} asked for the name {}", text(item.bytes)),
        Tag::PskIdentity => format!("{from} named the PSK identity {}", text(item.bytes)),
        Tag::PskIdentityHint => format!("{from} hinted at the PSK it wants: {}", text(item.bytes)),
        Tag::PskAlone => format!("{from} has pre-shared keys and no certificate"),
        Tag::ChosenVersion => chose("version", spoken::<ProtocolVersion>(&item)),
        Tag::ChosenSuite => chose("cipher suite", named::<CipherSuite>(&item)),
        Tag::ChosenGroup => chose("group", named::<NamedGroup>(&item)),
        Tag::ChosenScheme => chose("signature scheme", named::<SignatureScheme>(&item)),
        Tag::ChosenAlpn => chose("application protocol", text(item.bytes)),
        Tag::ChosenPsk => "a pre-shared key was chosen".to_owned(),
        Tag::ChosenExtensions if item.bytes.is_empty() => return None,
        Tag::ChosenExtensions => format!("{from} answered extensions: {}", named::<ExtensionType>(&item)),
        Tag::CertificateKey => {
            let (kind, pin) = read_key_note(item.bytes)?;
            format!("{from} showed a certificate with a {} key, {}", Named(kind), Pin(&pin))
        }
        Tag::ExpectedName => format!("{from} expected a certificate for {}", text(item.bytes)),
        Tag::CertificateName => format!("{from}'s certificate is for {}", text(item.bytes)),
        Tag::NoneShown => format!("{from} showed no certificate{}", none_shown(item.bytes)),
        Tag::Revoked => revoked(from, item.bytes)?,
        Tag::NotJudged => not_judged(from, item.bytes)?,
        Tag::CertificateRequest => format!("{from} asked for a certificate"),
        Tag::IssuerNotListed => {
            format!(
                "{from} showed a certificate that leads to none of the authorities the {} names",
                from.other()
            )
        }
        Tag::CertificateType => {
            format!("{from} shows a certificate of type {}", named::<CertificateType>(&item))
        }
        Tag::RetryCookie => format!("{from} sent a cookie with that (RFC 8446 §4.2.2)"),
        Tag::HelloRetry if item.bytes.is_empty() => format!("{from} asked to try again"),
        Tag::HelloRetry => format!("{from} asked for a share of {}", named::<NamedGroup>(&item)),
        Tag::AlertSent | Tag::AlertReceived => {
            let alert = item.words::<AlertDescription>().next()?;
            format!("{from} sent the alert {}", Named(alert))
        }
        Tag::Resumed => "an earlier session was resumed".to_owned(),
        Tag::TicketRefused => format!("{from} did not take its ticket back: {}", ticket_refusal(item.bytes)),
        Tag::NoExtendedMasterSecret => {
            format!("{from} does not do extended_master_secret: no resumption and no exporter")
        }
        Tag::Connected => format!("{from} saw the handshake completed"),
        Tag::CloseNotify => format!("{from} sent close_notify"),
        Tag::Fault | Tag::ClientHello | Tag::ServerHello | Tag::EncryptedExtensions => return None,
    })
}

/// What a [`Tag::NoneShown`] note says.
fn none_shown(bytes: &[u8]) -> &'static str {
    match NoneShown::from_note(bytes) {
        Some(NoneShown::NotConfigured) => ": none is configured",
        Some(NoneShown::NoCommonScheme) => ": its key can make none of the server's signature schemes",
        Some(NoneShown::NoCommonType) => ": the server takes another type of certificate",
        None | Some(_) => "",
    }
}

/// What a [`Tag::Revoked`] note says.
fn revoked(from: Side, bytes: &[u8]) -> Option<String> {
    let issuer = text(RevokedNote::from_note(bytes)?.issuer);
    Some(format!("{from}'s certificate chain has a certificate of {issuer} that was revoked"))
}

/// What a [`Tag::NotJudged`] note says.
fn not_judged(from: Side, bytes: &[u8]) -> Option<String> {
    let peer = from.other();
    match NotJudged::from_note(bytes)? {
        NotJudged::AllButKey => {
            Some(format!("{from} judged the {peer}'s key, which is pinned, and no names, dates or issuer"))
        }
        NotJudged::NotBefore { earliest } => Some(format!(
            "{from} does not know the time: dates were compared with {}, the earliest that it can be",
            Date(earliest)
        )),
        _ => None,
    }
}

/// What a [`Tag::TicketRefused`] note says: what has changed since the ticket was made.
fn ticket_refusal(bytes: &[u8]) -> &'static str {
    match bytes {
        [1] => "it is of another version",
        [2] => "its cipher suite is not in use any more",
        [3] => "it is for another server name",
        [4] => "a client certificate is required now",
        [5] => "whom the server believes, or who it is, has changed",
        [6] => "the certificate behind it has expired",
        [7] => "it is too old",
        [8] => "the client does not take the type of certificate that the session began with",
        [9] => "it was used before, and is good for one use",
        [10] => "its client was revoked",
        [11] => "what knows whether it was used before did not answer in time",
        _ => "its reason is not known to this program",
    }
}

fn named<W: CodePoint + std::fmt::Display + 'static>(item: &Item<'_>) -> String {
    joined(item.words::<W>().map(|word| word.to_string()), item.cut)
}

fn spoken<W: CodePoint + 'static>(item: &Item<'_>) -> String
where
    Named<W>: std::fmt::Display,
{
    joined(item.words::<W>().map(|word| Named(word).to_string()), item.cut)
}

fn joined(names: impl Iterator<Item = String>, cut: bool) -> String {
    let all: Vec<String> = names.collect();
    if all.is_empty() {
        return "none".to_owned();
    }
    let (shown, rest) = all.split_at(all.len().min(NAMES));
    let more = match (rest.len(), cut) {
        (0, false) => String::new(),
        (0, true) => " and more".to_owned(),
        (count, _) => format!(" and {count}{} more", if cut { " or" } else { "" }),
    };
    format!("{}{more}", shown.join(", "))
}
