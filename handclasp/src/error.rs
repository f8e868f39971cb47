//! The error of handshakes and streams: which side failed, why, and the report.

use std::{fmt, io};

use handclasp_report::{
    Blame, CertificateFault, Fault, Pin, Report, Side, Tag, TransportFault, read_key_note,
};
use handclasp_trust::PeerRefusal;

use crate::misuse::Problem;

/// The error that ended a handshake or a stream.
///
/// `Display` and `Debug` are one or two sentences that name the failure, so that
/// `fn main() -> Result<(), Box<dyn std::error::Error>>` prints them. The whole advice is one call
/// away: which side failed, the offers that decided it and what to try next, as the program `handclasp`
/// prints it. With the feature `explain` of this crate:
///
/// ```no_run
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let client = handclasp::Client::new(handclasp::Trust::DangerNobody);
/// if let Err(error) = client.connect("example.org:443") {
///     eprintln!("{error}");
///     # #[cfg(feature = "explain")]
///     eprintln!("{}", error.advice());
/// }
/// # Ok(())
/// # }
/// ```
///
/// Without the feature the crate `handclasp-explain` says the same of [`Error::report`], on this
/// machine or another one: `handclasp_explain::advice::advice(error.report())`. A report encodes to at most
/// 512 bytes ([`Report::encode`]), and `handclasp explain FILE` reads them.
///
/// Streams return [`io::Error`]; [`Error::in_io_error`] finds the error inside, and [`Error::in_chain`] in errors of other
/// crates.
pub struct Error {
    cause: Cause,
    report: Box<Report>,
}

enum Cause {
    /// A fault of the protocol.
    Fault(Fault),
    /// A peer that the file of known peers refuses.
    Refused(Fault, Box<PeerRefusal>),
    /// A mistake of the application, with the value that it gave and what to give in its place.
    Misuse(Fault, Box<str>),
    /// An error of the operating system, and what was being done.
    Io(Option<Box<str>>, io::Error),
}

impl Error {
    pub(crate) fn from_fault(fault: impl Into<Fault>, report: &Report) -> Self {
        let fault = fault.into();
        Self::new(Cause::Fault(fault), fault, report)
    }

    /// The same with what the file of known peers says.
    pub(crate) fn with_refusal(mut self, refusal: Option<&PeerRefusal>) -> Self {
        if let (Cause::Fault(fault), Some(refusal)) = (&self.cause, refusal) {
            self.cause = Cause::Refused(*fault, Box::new(refusal.clone()));
        }
        self
    }

    /// The refusal of the peer by the file of known peers, if that is why the handshake ended: file, lines and
    /// keys.
    pub fn peer_refusal(&self) -> Option<&PeerRefusal> {
        match &self.cause {
            Cause::Refused(_, refusal) => Some(refusal),
            _ => None,
        }
    }

    pub(crate) fn from_io(error: io::Error, report: &Report) -> Self {
        let why = Fault::Transport(TransportFault::Failed);
        Self::new(Cause::Io(None, error), why, report)
    }

    /// No TCP connection to `address` was made.
    pub(crate) fn no_connection(address: &str, error: io::Error, looked_up: bool) -> Self {
        let why = match error.kind() {
            io::ErrorKind::ConnectionRefused => TransportFault::Refused,
            io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => TransportFault::Unreachable,
            io::ErrorKind::TimedOut => TransportFault::ConnectTimedOut,
            _ if !looked_up => TransportFault::NoAddress,
            _ => TransportFault::Failed,
        };
        let doing = match looked_up {
            true => format!("cannot connect to {address}"),
            false => format!("cannot look up the host of {address}"),
        };
        let cause = Cause::Io(Some(doing.into()), error);
        Self::new(cause, Fault::Transport(why), &Report::new(Side::Client))
    }

    /// The application's input cannot be used.
    pub(crate) fn misuse(problem: Problem, report: &Report) -> Self {
        let Problem { misuse, sentence } = problem;
        let fault = Fault::Misuse(misuse);
        Self::new(Cause::Misuse(fault, sentence.into()), fault, report)
    }

    /// The report names the fault, so that it says by itself what failed.
    fn new(cause: Cause, fault: Fault, report: &Report) -> Self {
        let mut report = Box::new(report.clone());
        let _failed = report.fail(fault);
        Self { cause, report }
    }

    /// The error that travels in an [`io::Error`] of a stream, if it is one of ours and not the
    /// operating system's.
    pub fn in_io_error(error: &io::Error) -> Option<&Self> {
        error.get_ref()?.downcast_ref()
    }

    /// The error that travels in an error of another crate, however deep: hyper, tonic and others wrap the [`io::Error`] of a
    /// stream in errors of their own. Where such a crate keeps only the text of an error, as h2 does of one that comes after
    /// the handshake, there is nothing to find.
    ///
    /// ```
    /// fn explain(error: &(dyn std::error::Error + 'static)) {
    ///     match handclasp::Error::in_chain(error) {
    ///         Some(tls) => eprintln!("{tls} ({:?})", tls.blame()),
    ///         None => eprintln!("{error}"),
    ///     }
    /// }
    /// # explain(&std::io::Error::other("not TLS"));
    /// ```
    pub fn in_chain<'e>(mut error: &'e (dyn std::error::Error + 'static)) -> Option<&'e Self> {
        loop {
            if let Some(found) = error.downcast_ref() {
                return Some(found);
            }
            // The source of an `io::Error` is that of the error inside, not this one itself.
            error = match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
                Some(inside) => inside,
                None => error.source()?,
            };
        }
    }

    /// Which side ended the connection.
    pub fn blame(&self) -> Blame {
        match &self.cause {
            Cause::Fault(fault) | Cause::Refused(fault, _) => fault.blame(),
            Cause::Misuse(..) => Blame::Ours,
            Cause::Io(..) => Blame::Transport,
        }
    }

    /// The fault, with its evidence; `None` when the transport reported an error.
    pub fn fault(&self) -> Option<&Fault> {
        match &self.cause {
            Cause::Fault(fault) | Cause::Refused(fault, _) | Cause::Misuse(fault, _) => Some(fault),
            Cause::Io(..) => None,
        }
    }

    /// What both sides offered, what was chosen and how it ended; without secrets.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// The key that was refused, for a reader who knows that it is right and wants to pin it.
    fn refused_key(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let note = self.report.items().find(|item| item.tag == Tag::CertificateKey);
        match note.and_then(|note| read_key_note(note.bytes)) {
            Some((_, pin)) => write!(f, " Its key is {}.", Pin(&pin)),
            None => Ok(()),
        }
    }

    /// Which side failed and why, the offers that decided it, and what to try next, the likeliest first.
    #[cfg(feature = "explain")]
    pub fn advice(&self) -> handclasp_explain::advice::Advice {
        match &self.cause {
            Cause::Fault(_) => handclasp_explain::advice::advice(&self.report),
            // The report holds no text: the value that was given, or the address, stands here.
            Cause::Refused(..) | Cause::Misuse(..) | Cause::Io(..) => {
                handclasp_explain::advice::advice_about(&self.report, &sentence(&self.to_string()))
            }
        }
    }
}

/// The text as a sentence: with a capital and a full stop.
#[cfg(feature = "explain")]
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    let end = if text.ends_with('.') { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cause {
            Cause::Fault(fault) => {
                write!(f, "{}", self.report.sentence(fault))?;
                match fault {
                    // Their sentences name the key.
                    Fault::Certificate(
                        CertificateFault::PinMismatch
                        | CertificateFault::NotListed
                        | CertificateFault::NotKnown
                        | CertificateFault::PinIsFingerprint,
                    ) => Ok(()),
                    Fault::Certificate(_) => self.refused_key(f),
                    _ => Ok(()),
                }
            }
            Cause::Refused(_, refusal) => write!(f, "{refusal}"),
            Cause::Misuse(_, sentence) => f.write_str(sentence),
            Cause::Io(None, error) => write!(f, "the transport failed: {error}"),
            Cause::Io(Some(doing), error) => write!(f, "{doing}: {error}"),
        }
    }
}

/// As `Display`: what `?` in `main` prints.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.cause {
            Cause::Refused(_, refusal) => Some(&**refusal),
            Cause::Fault(_) | Cause::Misuse(..) => None,
            Cause::Io(_, error) => Some(error),
        }
    }
}

/// The error is inside: [`Error::in_io_error`].
impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        let kind = match (&error.cause, error.blame()) {
            (Cause::Io(_, inner), _) => inner.kind(),
            (Cause::Misuse(..), _) => io::ErrorKind::InvalidInput,
            (Cause::Fault(Fault::TimedOut { .. }), _) => io::ErrorKind::TimedOut,
            (Cause::Fault(_), Blame::Transport) => io::ErrorKind::UnexpectedEof,
            (Cause::Fault(_), Blame::RefusedByPeer) => io::ErrorKind::ConnectionAborted,
            (Cause::Fault(_), Blame::Ours) => io::ErrorKind::Other,
            // RefusedByUs.
            (Cause::Fault(_) | Cause::Refused(..), _) => io::ErrorKind::InvalidData,
        };
        io::Error::new(kind, error)
    }
}
