//! The verbs of this crate: from an input of any kind to an [`Explanation`].

mod pasted;

use std::{
    borrow::Cow,
    fmt,
    fs::File,
    io::{Cursor, Read},
    path::Path,
};

use handclasp_report::{Report, ReportLines};

use crate::{
    conversation::Conversation,
    diagnosis::{
        dissection,
        event_explainer::EventExplainer,
        explanation::{Diagnosis, Explanation, ReportDiagnosis},
        log_messages,
    },
    error::{Error, LONGEST_MIB},
    input::{
        Form, Part, capture,
        capture_event::Side,
        evidence::{Evidence, Supplied},
        hex,
        input_kind::{InputKind, PREFIX, decode_text},
        report_lines::{self, LoggedReports},
    },
};

/// Explains a file: a capture, a report, a hex dump, a log, or raw TLS bytes. The kind is detected from
/// the first bytes.
///
/// A capture is read as a stream, so its size does not matter. Keys that a pcapng file brings in a
/// Decryption Secrets Block are used. To supply other keys, names or trust anchors, use [`Explainer`].
///
/// ```
/// # fn main() -> Result<(), handclasp_explain::Error> {
/// # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/blog1.hex");
/// let explanation = handclasp_explain::explain_file(path)?;
/// for finding in explanation.findings() {
///     println!("{} ({}): {}", finding.cause.id(), finding.confidence.id(), finding.summary);
/// }
/// # assert!(explanation.failed());
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// The file cannot be read, or is of an unsupported kind.
pub fn explain_file(path: impl AsRef<Path>) -> Result<Explanation, Error> {
    Explainer::default().explain_file(path)
}

/// Explains the contents of a file that is in memory: a capture, a report, a hex dump, a log, or raw
/// TLS bytes of one peer. Needs no file system.
///
/// ```
/// # fn main() -> Result<(), handclasp_explain::Error> {
/// use handclasp_explain::{Cause, explain_bytes};
///
/// // An alert record: fatal, handshake_failure.
/// let explanation = explain_bytes(&[0x15, 3, 3, 0, 2, 2, 40])?;
/// assert_eq!(explanation.conversations.len(), 1);
///
/// // Hex is decoded first.
/// let explanation = explain_bytes(b"HTTP/1.1 400 Bad Request\r\n\r\n")?;
/// assert_eq!(explanation.verdict().unwrap().cause, Cause::TransportNotTlsHttp);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// The bytes are of an unsupported kind.
pub fn explain_bytes(bytes: &[u8]) -> Result<Explanation, Error> {
    Explainer::default().explain_bytes(bytes)
}

/// Explains a report of a handclasp connection.
///
/// ```
/// use handclasp_explain::explain_report;
/// use handclasp_report::{Report, Side};
///
/// let explanation = explain_report(&Report::new(Side::Client));
/// assert!(explanation.verdict().is_none(), "an empty report names no failure");
/// assert_eq!(explanation.reports.len(), 1);
/// ```
pub fn explain_report(report: &Report) -> Explanation {
    Explainer::default().explain_report(report)
}

/// The same verbs with evidence beside the input, such as a key log, pre-shared keys or trust anchors.
///
/// ```
/// # fn main() -> Result<(), handclasp_explain::Error> {
/// use handclasp_explain::{Evidence, Explainer};
///
/// # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/blog1.hex");
/// let mut evidence = Evidence::default();
/// evidence.name = Some("www.example".to_owned());
/// let explanation = Explainer::new(&evidence).explain_file(path)?;
/// # assert!(explanation.failed());
/// # Ok(())
/// # }
/// ```
#[derive(Default)]
pub struct Explainer<'a> {
    evidence: Cow<'a, Evidence>,
    progress: Option<&'a mut dyn FnMut(u64)>,
}

impl fmt::Debug for Explainer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Explainer").field("evidence", &self.evidence).finish_non_exhaustive()
    }
}

impl<'a> Explainer<'a> {
    /// An explainer that uses this evidence.
    pub fn new(evidence: &'a Evidence) -> Self {
        Self { evidence: Cow::Borrowed(evidence), progress: None }
    }

    /// Calls `progress` with the number of input bytes read so far.
    ///
    /// ```
    /// use handclasp_explain::{Evidence, Explainer};
    ///
    /// let mut read = 0;
    /// let mut progress = |bytes| read = bytes;
    /// let explanation = Explainer::new(&Evidence::default())
    ///     .with_progress(&mut progress)
    ///     .explain_reader(&b"15 03 03 00 02 02 28"[..]);
    /// assert!(explanation.is_ok());
    /// assert_eq!(read, 20);
    /// ```
    #[must_use]
    pub fn with_progress(mut self, progress: &'a mut dyn FnMut(u64)) -> Self {
        self.progress = Some(progress);
        self
    }

    /// As the function [`explain_file`].
    ///
    /// # Errors
    /// The file cannot be read, or is of an unsupported kind.
    pub fn explain_file(mut self, path: impl AsRef<Path>) -> Result<Explanation, Error> {
        let path = path.as_ref();
        let file = File::open(path)?;
        // Keys may stand behind the packets that they decrypt. A pipe can be read only once.
        if file.metadata()?.is_file() {
            self.add_key_log(capture::key_log(File::open(path)?).unwrap_or_default());
        }
        self.explain_reader(file)
    }

    /// As the function [`explain_bytes`].
    ///
    /// # Errors
    /// The bytes are of an unsupported kind.
    pub fn explain_bytes(mut self, bytes: &[u8]) -> Result<Explanation, Error> {
        self.add_key_log(capture::key_log(bytes).unwrap_or_default());
        self.explain_reader(bytes)
    }

    /// Explains an input that can be read only once, such as standard input. Keys that a capture
    /// brings are used for the connections that begin behind them.
    ///
    /// ```
    /// # fn main() -> Result<(), handclasp_explain::Error> {
    /// use handclasp_explain::{Evidence, Explainer};
    ///
    /// let input = std::io::Cursor::new("15 03 03 00 02 02 28");
    /// let explanation = Explainer::new(&Evidence::default()).explain_reader(input)?;
    /// assert!(explanation.failed());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Reading fails, or the input is of an unsupported kind.
    pub fn explain_reader(self, mut input: impl Read) -> Result<Explanation, Error> {
        let mut prefix = Vec::new();
        input.by_ref().take(PREFIX as u64).read_to_end(&mut prefix)?;
        if prefix.is_empty() {
            return Err(Error::Empty);
        }
        let kind = InputKind::of(&prefix);
        let evidence = self.evidence.as_ref();
        let mut ignored = |_| ();
        let progress = self.progress.unwrap_or(&mut ignored);
        let mut whole = Cursor::new(prefix).chain(input);
        let mut explanation = match kind {
            InputKind::Capture => {
                let mut explainer = EventExplainer::new(evidence);
                let packets = capture::read(whole, progress, &mut explainer).map_err(Error::Capture)?;
                Explanation { packets: Some(packets), ..explainer.finish() }
            }
            InputKind::Compressed(program) => return Err(Error::Compressed(program)),
            InputKind::Report | InputKind::Bytes | InputKind::Text => {
                let bytes = read_whole(&mut whole, progress)?;
                explain_whole(kind, bytes, evidence)?
            }
        };
        // The input itself may have been a log.
        if !explanation.supplied.has_log() {
            explanation.supplied = Supplied::of(evidence);
        }
        Ok(explanation)
    }

    /// As the function [`explain_report`].
    pub fn explain_report(self, report: &Report) -> Explanation {
        let mut explanation = of_report(report.clone(), &self.evidence);
        explanation.supplied = Supplied::of(&self.evidence);
        explanation
    }

    /// Explains [`Evidence::client_log`] and [`Evidence::server_log`] without a capture.
    ///
    /// ```
    /// # fn main() -> Result<(), handclasp_explain::Error> {
    /// use handclasp_explain::{Cause, Evidence, Explainer};
    ///
    /// let mut evidence = Evidence::default();
    /// evidence.client_log = Some("x509: certificate signed by unknown authority".to_owned());
    /// let explanation = Explainer::new(&evidence).explain_logs()?;
    /// assert_eq!(explanation.verdict().unwrap().cause, Cause::CertUnknownIssuer);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// No line of the logs is a known message.
    pub fn explain_logs(self) -> Result<Explanation, Error> {
        of_logs(&self.evidence).ok_or(Error::UnknownLog)
    }

    fn add_key_log(&mut self, key_log: String) {
        if !key_log.is_empty() {
            let known = &mut self.evidence.to_mut().key_log;
            known.push('\n');
            known.push_str(&key_log);
        }
    }
}

/// Reads an input that is not a capture.
fn read_whole(input: &mut impl Read, progress: &mut dyn FnMut(u64)) -> Result<Vec<u8>, Error> {
    let longest = LONGEST_MIB << 20;
    let mut bytes = Vec::new();
    input.take(longest + 1).read_to_end(&mut bytes)?;
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    progress(length);
    if length > longest { Err(Error::TooLong) } else { Ok(bytes) }
}

fn explain_whole(kind: InputKind, bytes: Vec<u8>, evidence: &Evidence) -> Result<Explanation, Error> {
    match kind {
        InputKind::Report => {
            let report = Report::decode(&bytes).map_err(Error::Report)?;
            Ok(of_report(report, evidence))
        }
        InputKind::Bytes if contains(&bytes, ReportLines::MARK.as_bytes()) => {
            // A serial line brings bytes that are not text, at every reset.
            let text = String::from_utf8_lossy(&bytes);
            report_lines::read(&text)
                .map_or_else(|| Ok(of_bytes(bytes.clone(), evidence)), |log| of_logged(log, evidence))
        }
        InputKind::Text => {
            let text = decode_text(&bytes);
            if let Some(log) = report_lines::read(&text) {
                return of_logged(log, evidence);
            }
            match hex::recognise(&text) {
                Some(Ok(pasted)) => pasted::of_listing(pasted, &text, evidence),
                Some(Err(error)) => of_log(&text, evidence).ok_or(Error::Hex(error)),
                None => pasted::of_text(&text, bytes, evidence),
            }
        }
        InputKind::Bytes | InputKind::Capture | InputKind::Compressed(_) => Ok(of_bytes(bytes, evidence)),
    }
}

fn of_report(report: Report, evidence: &Evidence) -> Explanation {
    Explanation { reports: vec![ReportDiagnosis::new(report, evidence)], ..Explanation::default() }
}

/// Explains the reports that a log contains.
fn of_logged(log: LoggedReports, evidence: &Evidence) -> Result<Explanation, Error> {
    if log.reports.is_empty() {
        return Err(Error::ReportLines(log.damaged));
    }
    let explain =
        |(line, report)| ReportDiagnosis { line: Some(line), ..ReportDiagnosis::new(report, evidence) };
    let reports = log.reports.into_iter().map(explain).collect();
    Ok(Explanation { reports, damaged_lines: log.damaged, ..Explanation::default() })
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

fn of_bytes(bytes: Vec<u8>, evidence: &Evidence) -> Explanation {
    let part = Part::new(None, Form::Stream, bytes);
    Explanation::of_dissection(dissection::explain_parts(vec![part], evidence))
}

/// Explains a log without a capture. `None`: no line of it is known.
fn of_log(text: &str, evidence: &Evidence) -> Option<Explanation> {
    let known = log_messages::side(text);
    let side = known.unwrap_or_else(|| log_messages::likely_side(text));
    let mut evidence = evidence.clone();
    evidence.side_of_log_is_assumed = known.is_none();
    match side {
        Side::Client => evidence.client_log = Some(text.to_owned()),
        Side::Server => evidence.server_log = Some(text.to_owned()),
    }
    of_logs(&evidence)
}

/// Explains the logs of the evidence. `None`: no line of them is known.
fn of_logs(evidence: &Evidence) -> Option<Explanation> {
    let logs = [(Side::Client, &evidence.client_log), (Side::Server, &evidence.server_log)];
    let is_known = |(side, log): (Side, &Option<String>)| {
        log.as_deref().is_some_and(|log| !log_messages::read(log, side).is_empty())
    };
    if !logs.into_iter().any(is_known) {
        return None;
    }
    let diagnosis = Diagnosis::new(Conversation::default(), evidence);
    let supplied = Supplied::of(evidence);
    Some(Explanation { conversations: vec![diagnosis], supplied, ..Explanation::default() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::cause::Cause;

    #[test]
    fn errors_name_what_is_wrong() {
        let error = |bytes: &[u8]| explain_bytes(bytes).unwrap_err().to_string();
        assert_eq!(error(b""), "the input is empty (0 bytes)");
        assert!(error(b"H\x04\0\0\0\0").contains("version 4"), "{}", error(b"H\x04\0\0\0\0"));
        assert!(error(b"H\x01\0\0\0\x05").contains("byte 6"), "{}", error(b"H\x01\0\0\0\x05"));
        assert!(error(b"PK\x03\x04").contains("zip"));
        assert!(error(b"zz zz").starts_with("line 1, column 1"));
        assert!(error(b"the connection did not work today").contains("tcpdump"));
        // A dialogue before TLS does not hide the error behind it.
        let dialogue =
            b"220 mx ESMTP\n250 STARTTLS\n220 Ready\nx509: certificate signed by unknown authority";
        let found = Explainer::new(&Evidence::default()).explain_bytes(dialogue).expect("a log");
        assert_eq!(found.verdict().map(|finding| finding.cause.id()), Some("cert.unknown-issuer"));
        let plain = Explainer::new(&Evidence::default()).explain_bytes(b"220 mx ESMTP\r\n").expect("SMTP");
        assert_eq!(plain.verdict().map(|finding| finding.cause.id()), Some("transport.not-tls.smtp"));
    }

    #[test]
    fn a_missing_file_is_an_io_error() {
        assert!(matches!(explain_file("/nonexistent/x.pcap"), Err(Error::Io(_))));
    }

    #[test]
    fn the_answer_of_another_protocol_is_explained() {
        let explanation = explain_bytes(b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
        assert_eq!(explanation.verdict().unwrap().cause, Cause::TransportNotTlsHttp);
        assert!(!explanation.is_without_tls());
        assert!(explain_bytes(&[0x7f, 0x45, 0x4c, 0x46, 2, 1]).unwrap().is_without_tls());
    }

    #[test]
    fn utf_16_is_decoded() {
        let wide: Vec<u8> = [0xfeff_u16]
            .into_iter()
            .chain("15 03 03 00 02 02 28".encode_utf16())
            .flat_map(u16::to_le_bytes)
            .collect();
        let explanation = explain_bytes(&wide).unwrap();
        assert_eq!(explanation.dissection.unwrap().bytes, [0x15, 3, 3, 0, 2, 2, 0x28]);
    }
}
