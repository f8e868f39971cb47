//! Further evidence that would raise the confidence, with the command that supplies it. Suggests only
//! evidence that is useful for this conversation.

use handclasp_codec::KeyExchangeAlgorithm;

use crate::conversation::{Conversation, Ending, EventKind, UndecryptedReason};
use crate::diagnosis::cause::{Cause, CauseFamily, Party};
use crate::diagnosis::explanation::{Diagnosis, Explanation};
use crate::diagnosis::finding::{Confidence, Finding, Severity};
use crate::input::capture_event::Side;
use crate::{error::CAPTURE, input::evidence::Supplied};

/// How to make peers write a key log (RFC 9850).
pub(super) const KEY_LOGS: &[(&str, &str)] = &[
    ("openssl s_client, s_server", "-keylogfile KEYS"),
    ("curl, Python, GnuTLS, browsers", "SSLKEYLOGFILE=KEYS in the environment of the program"),
    ("OpenSSL programs (mosquitto)", "SSL_CTX_set_keylog_callback, or a preloaded library that calls it"),
    ("Java", "java -javaagent:extract-tls-secrets.jar=KEYS …"),
    ("Node.js", "node --tls-keylog=KEYS …"),
    ("Go", "tls.Config{KeyLogWriter: file}"),
    ("Mbed TLS", "mbedtls_ssl_set_export_keys_cb; its ssl_client2: nss_keylog=1"),
    ("handclasp connect, serve", "--keylog KEYS"),
];

/// One suggestion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Suggestion {
    /// What the evidence would show.
    pub why: String,
    /// Command line that supplies the evidence.
    pub command: String,
    /// Whether it needs a key log, which must be recorded during the connection.
    pub needs_key_log: bool,
}

/// At most three suggestions, most useful first.
pub(super) fn lines(explained: &Explanation, file: &str) -> Vec<Suggestion> {
    let Some(diagnosis) = explained.main() else { return Vec::new() };
    let failure = diagnosis.findings.iter().find(|finding| finding.severity == Severity::Failure);
    let Some(failure) = failure.filter(|failure| failure.confidence != Confidence::Proved) else {
        return Vec::new();
    };
    // Of a log alone nothing can be recomputed.
    if diagnosis.conversation.events.is_empty() && explained.supplied.has_log() {
        return vec![of_log(&explained.supplied)];
    }
    let suggester = Suggester { diagnosis, failure, supplied: &explained.supplied, file: quoted(file) };
    [
        suggester.keys(),
        suggester.ask(),
        suggester.psk(),
        suggester.roots(),
        suggester.name(),
        suggester.log(),
        suggester.other_end(),
    ]
    .into_iter()
    .flatten()
    .take(3)
    .collect()
}

/// What shows more than a log does.
fn of_log(supplied: &Supplied) -> Suggestion {
    let flag = if supplied.client_log { "--client-log LOG" } else { "--server-log LOG" };
    Suggestion {
        why: format!(
            "A capture, begun before the client connects, shows what each side offered and how the connection \
             ended: {CAPTURE} (with the port of the server)."
        ),
        command: format!("handclasp explain handshake.pcap {flag}"),
        needs_key_log: false,
    }
}

struct Suggester<'e> {
    diagnosis: &'e Diagnosis,
    failure: &'e Finding,
    supplied: &'e Supplied,
    file: String,
}

impl Suggester<'_> {
    fn conversation(&self) -> &Conversation {
        &self.diagnosis.conversation
    }

    fn suggest(&self, why: impl Into<String>, flags: &str) -> Option<Suggestion> {
        let needs_key_log = flags.starts_with("--keys");
        let command = format!("handclasp explain {} {flags}", self.file);
        Some(Suggestion { why: why.into(), command, needs_key_log })
    }

    /// A key log, if protected records could not be decrypted.
    fn keys(&self) -> Option<Suggestion> {
        let closed = self.conversation().events.iter().any(|item| match &item.kind {
            EventKind::Protected(sealed) => sealed.reason == UndecryptedReason::NoKeys,
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
        let unread = matches!(self.conversation().ending(), Ending::RefusedEncrypted { .. });
        let useful = self.conversation().is_tls13() || unread || about_keys.contains(&self.failure.cause);
        if !closed || !useful {
            return None;
        }
        if self.conversation().decryption.key_log_fits == Some(false) {
            return self.suggest(
                "The given key log has no line for this connection: record the capture and the key log in \
                 the same run.",
                "--keys KEYS",
            );
        }
        let why = match self.conversation().ending() {
            Ending::RefusedEncrypted { by, .. } => {
                format!("A key log decrypts the {by}'s alert and the messages before it.")
            }
            _ => "A key log decrypts the protected messages.".to_owned(),
        };
        (!self.supplied.key_log).then(|| self.suggest(why, "--keys KEYS")).flatten()
    }

    /// The pre-shared key, if it can be tested against the capture.
    fn psk(&self) -> Option<Suggestion> {
        let exchange = self.conversation().suite().and_then(|suite| suite.key_exchange_algorithm());
        let plain = exchange == Some(KeyExchangeAlgorithm::Psk);
        let offered =
            self.conversation().client_hello().is_some_and(|hello| hello.extensions.pre_shared_key.is_some());
        ((plain || offered) && self.supplied.psks.is_empty()).then(|| {
            self.suggest(
                "The pre-shared key as it was typed: every reading of it (text, hex, base64, with a line \
                 end …) is tested against the client's messages, which proves how each side read it.",
                "--psk @FILE",
            )
        })?
    }

    /// The server itself, if its certificate may be the reason and does not show.
    fn ask(&self) -> Option<Suggestion> {
        let conversation = self.conversation();
        let hidden = conversation.is_tls13() && conversation.chain(Side::Server).is_none();
        let known = !conversation.server.is_empty() && conversation.client_hello().is_some();
        let useful = self.about_certificates() && hidden && known && !self.supplied.server_now;
        useful
            .then(|| {
                self.suggest(
                    "The certificates that the server sends now: this connects to it with the offer of the \
                     captured ClientHello.",
                    "--ask",
                )
            })
            .flatten()
    }

    fn about_certificates(&self) -> bool {
        matches!(self.failure.cause.family(), CauseFamily::Certificate | CauseFamily::Pin)
    }

    fn roots(&self) -> Option<Suggestion> {
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
        (of_chain.contains(&self.failure.cause) && !self.supplied.roots).then(|| {
            let who = if of_client { "server" } else { "client" };
            self.suggest(
                format!(
                    "The certificates that the {who} trusts or pins: the chain is then verified against \
                     them."
                ),
                "--roots ROOTS.pem",
            )
        })?
    }

    fn name(&self) -> Option<Suggestion> {
        let unsaid =
            self.conversation().client_hello().is_some_and(|hello| hello.extensions.server_name.is_none());
        (self.about_certificates() && unsaid && !self.supplied.name).then(|| {
            self.suggest("The host name or address that the client intended to reach.", "--name HOST")
        })?
    }

    /// The log of the side that refused the handshake or stopped responding.
    fn log(&self) -> Option<Suggestion> {
        let of = match self.conversation().ending() {
            Ending::Refused { by, .. }
            | Ending::RefusedEncrypted { by, .. }
            | Ending::Closed { by }
            | Ending::Reset { by }
            | Ending::Silent { expected: by } => by,
            Ending::Completed | Ending::ConnectionRefused | Ending::NoAnswer | Ending::Unknown => {
                return None;
            }
        };
        let (given, flag) = match of {
            Side::Client => (self.supplied.client_log, "--client-log LOG"),
            Side::Server => (self.supplied.server_log, "--server-log LOG"),
        };
        let vague = self.failure.confidence >= Confidence::Inferred
            || self.failure.cause == Cause::RefusedUnexplained;
        (!given && vague)
            .then(|| self.suggest(format!("The {of}'s log, which may state the reason."), flag))?
    }

    /// A capture made at the other side, if something in between may be responsible.
    fn other_end(&self) -> Option<Suggestion> {
        matches!(self.failure.side, Party::Network | Party::Attacker).then(|| {
            self.suggest(
                "A capture made at the other side: every difference was introduced in transit.",
                "OTHER.pcap",
            )
        })?
    }
}

/// Quotes an argument for a POSIX shell.
fn quoted(text: &str) -> String {
    let plain = |found: char| found.is_ascii_alphanumeric() || "-_.:@/".contains(found);
    match !text.is_empty() && text.chars().all(plain) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', "'\\''")),
    }
}
