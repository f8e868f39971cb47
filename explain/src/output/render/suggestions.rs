//! What other evidence would tell more, and the command that brings it in. Only what could really
//! raise a grade here is proposed.

use crate::conversation::events::{Closed, Conversation, Ending, EventKind};
use crate::conversation::suite::is_psk;
use crate::diagnosis::cause::{Cause, Party};
use crate::diagnosis::explained::{Diagnosis, Explained};
use crate::diagnosis::finding::{Confidence, Finding, Severity};
use crate::input::capture_event::Side;
use crate::input::evidence::Evidence;

/// How to make peers write a key log (RFC 9850).
pub(super) const KEY_LOGS: &[(&str, &str)] = &[
    ("openssl s_client, s_server", "-keylogfile KEYS"),
    ("curl, Python, GnuTLS, browsers", "SSLKEYLOGFILE=KEYS in the environment of the program"),
    ("what uses OpenSSL (mosquitto)", "SSL_CTX_set_keylog_callback, or a preloaded library that calls it"),
    ("Java", "java -javaagent:extract-tls-secrets.jar=KEYS …"),
    ("Node.js", "node --tls-keylog=KEYS …"),
    ("Go", "tls.Config{KeyLogWriter: file}"),
    ("Mbed TLS", "mbedtls_ssl_set_export_keys_cb; its ssl_client2: nss_keylog=1"),
    ("handclasp connect, serve", "--keylog KEYS"),
];

/// One proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct More {
    /// What it would show.
    pub why: String,
    /// The command.
    pub command: String,
    /// Whether it needs a key log, which has to be written while the peers talk.
    pub needs_key_log: bool,
}

/// What to give besides, the most useful first.
pub(super) fn lines(explained: &Explained, evidence: &Evidence, file: &str) -> Vec<More> {
    let Some(told) = explained.main() else { return Vec::new() };
    let failure = told.findings.iter().find(|finding| finding.severity == Severity::Failure);
    let Some(failure) = failure.filter(|failure| failure.confidence != Confidence::Proved) else {
        return Vec::new();
    };
    let asked = Asked { told, failure, evidence, file: quoted(file) };
    [asked.keys(), asked.psk(), asked.roots(), asked.name(), asked.log(), asked.other_end()]
        .into_iter()
        .flatten()
        .take(3)
        .collect()
}

struct Asked<'e> {
    told: &'e Diagnosis,
    failure: &'e Finding,
    evidence: &'e Evidence,
    file: String,
}

impl Asked<'_> {
    fn conversation(&self) -> &Conversation {
        &self.told.conversation
    }

    fn more(&self, why: impl Into<String>, flags: &str) -> Option<More> {
        let needs_key_log = flags.starts_with("--keys");
        let command = format!("handclasp explain {} {flags}", self.file);
        Some(More { why: why.into(), command, needs_key_log })
    }

    /// Protected records that a key log would open.
    fn keys(&self) -> Option<More> {
        let closed = self.conversation().events.iter().any(|item| match &item.kind {
            EventKind::Sealed(sealed) => sealed.why == Closed::NoKeys,
            _ => false,
        });
        // In TLS 1.2 only what concerns the keys themselves lies behind them.
        let about_keys = [
            Cause::KeyExchangeKeysDiffer,
            Cause::TamperInFlight,
            Cause::EtmMismatch,
            Cause::PskValueDiffers,
            Cause::PskValueEncoding,
            Cause::TrustRefusedAfterHandshake,
        ];
        let unread = matches!(self.conversation().ending(), Ending::RefusedUnread { .. });
        let useful = self.conversation().is_tls13() || unread || about_keys.contains(&self.failure.cause);
        if !closed || !useful {
            return None;
        }
        if self.conversation().unsealed.key_log_fits == Some(false) {
            return self.more(
                "The key log that was given has no line for this connection: record capture and key log in the same \
                 run.",
                "--keys KEYS",
            );
        }
        let why = match self.conversation().ending() {
            Ending::RefusedUnread { by, .. } => {
                format!("A key log opens the alert that the {by} sent, and the messages before it.")
            }
            _ => "A key log opens the protected messages.".to_owned(),
        };
        self.evidence.key_log.is_empty().then(|| self.more(why, "--keys KEYS")).flatten()
    }

    /// A pre-shared key that can be tried.
    fn psk(&self) -> Option<More> {
        let plain = self.conversation().suite().filter(|suite| is_psk(*suite));
        let plain = plain.and_then(|suite| suite.name()).is_some_and(|name| name.starts_with("TLS_PSK_"));
        let offered =
            self.conversation().client_hello().is_some_and(|hello| hello.extensions.pre_shared_key.is_some());
        ((plain || offered) && self.evidence.psks.is_empty()).then(|| {
            self.more(
                "The key as it was typed at the ends: every reading of it (text, hex, base64, with a line end …) is \
                 tried against the client's messages, which proves who read what.",
                "--psk @FILE",
            )
        })?
    }

    fn about_certificates(&self) -> bool {
        self.failure.cause.id().starts_with("cert.") || self.failure.cause.id().starts_with("pin.")
    }

    fn roots(&self) -> Option<More> {
        let of_chain = [
            Cause::CertUnknownIssuer,
            Cause::CertSelfSigned,
            Cause::CertMissingIntermediate,
            Cause::PinChangedKey,
            Cause::PinRenewedSameKey,
            Cause::TrustRefusedAfterHandshake,
            Cause::ClientCertUnknownIssuer,
        ];
        let of_client = self.failure.cause == Cause::ClientCertUnknownIssuer;
        (of_chain.contains(&self.failure.cause) && self.evidence.roots.is_none()).then(|| {
            let who = if of_client { "server" } else { "client" };
            self.more(
                format!("What the {who} trusts, or has pinned: the chain is then verified."),
                "--roots ROOTS.pem",
            )
        })?
    }

    fn name(&self) -> Option<More> {
        let unsaid =
            self.conversation().client_hello().is_some_and(|hello| hello.extensions.server_name.is_none());
        (self.about_certificates() && unsaid && self.evidence.name.is_none())
            .then(|| self.more("The name or address that the client wanted to reach.", "--name HOST"))?
    }

    /// What the end that refused, or owes a word, printed.
    fn log(&self) -> Option<More> {
        let of = match self.conversation().ending() {
            Ending::Refused { by, .. }
            | Ending::RefusedUnread { by, .. }
            | Ending::Closed { by }
            | Ending::Reset { by }
            | Ending::Silent { owing: by } => by,
            Ending::Completed | Ending::ConnectionRefused | Ending::NoAnswer | Ending::Unknown => {
                return None;
            }
        };
        let (given, flag) = match of {
            Side::Client => (&self.evidence.client_log, "--client-log LOG"),
            Side::Server => (&self.evidence.server_log, "--server-log LOG"),
        };
        let vague = self.failure.confidence >= Confidence::Inferred
            || self.failure.cause == Cause::RefusedUnexplained;
        (given.is_none() && vague)
            .then(|| self.more(format!("What the {of} printed: it knows its reason."), flag))?
    }

    /// A capture at the other end, where something between may be to blame.
    fn other_end(&self) -> Option<More> {
        matches!(self.failure.side, Party::Network | Party::Attacker).then(|| {
            self.more("A capture made at the other end: what differs was changed on the way.", "OTHER.pcap")
        })?
    }
}

/// For a shell.
fn quoted(text: &str) -> String {
    let plain = |found: char| found.is_ascii_alphanumeric() || "-_.:@/".contains(found);
    match !text.is_empty() && text.chars().all(plain) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', "'\\''")),
    }
}
