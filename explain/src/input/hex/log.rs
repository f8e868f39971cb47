//! Logs that contain dumps: `openssl -msg` and `-debug`, Mbed TLS at debug level 4 with what the systems
//! around it print in front, `javax.net.debug`, `curl --trace`. Only dumps below a heading for bytes of the
//! wire are read. Interleaved lines of several contexts are separated.

use std::{borrow::Cow, collections::BTreeMap};

use handclasp_codec::ContentType;

use super::{HexError, HexProblem, Part, error, heading, line, plain::Dump};
use crate::input::{Direction, Form, begins_client_hello};
use heading::{Below, Heading};

/// Whether the text has such headings.
pub(super) fn is_log(text: &str) -> bool {
    let mut info = None;
    text.lines().any(|line| heading::of(line, &mut info).is_some())
}

/// The parts of each context.
pub(super) fn parse(text: &str) -> Result<Vec<Vec<Part>>, HexError> {
    let mut contexts: BTreeMap<String, Context> = BTreeMap::new();
    let mut order: Vec<String> = Vec::new();
    let mut info = None;
    let mut latest = String::new();
    for (number, line) in joined_headings(text) {
        let line = line.as_ref();
        let goes_on = line::offset_and_data(line).is_none() && heading::of(line, &mut None).is_none();
        let name = match heading::context(line) {
            Some(name) => {
                name.clone_into(&mut latest);
                name
            }
            // The rest of a line that a terminal wrapped.
            None if goes_on => latest.as_str(),
            None => "",
        };
        if !contexts.contains_key(name) {
            order.push(name.to_owned());
        }
        let context = contexts.entry(name.to_owned()).or_default();
        if let Some(heading) = heading::of(line, &mut info) {
            context.begin(heading);
            continue;
        }
        if let Err((column, problem)) = context.line(line) {
            return Err(error(number + 1, column + 1, problem));
        }
    }
    let parts = order.iter().filter_map(|name| contexts.remove(name)).map(Context::finish);
    Ok(parts.filter(|parts| !parts.is_empty()).collect())
}

/// The lines with their numbers, counted from 0; a heading that a terminal wrapped is joined.
fn joined_headings(text: &str) -> Vec<(usize, Cow<'_, str>)> {
    let mut lines: Vec<(usize, Cow<'_, str>)> = Vec::new();
    let mut is_open = false;
    for (number, line) in text.lines().enumerate() {
        match lines.last_mut() {
            Some((_, last)) if is_open && line.ends_with("bytes)") && !line.contains(".c:") => {
                last.to_mut().push_str(line);
                is_open = false;
            }
            _ => {
                is_open = line.contains("dumping '") && !line.contains("bytes)");
                lines.push((number, Cow::Borrowed(line)));
            }
        }
    }
    lines
}

/// The dumps of one context.
#[derive(Default)]
struct Context {
    parts: Vec<Part>,
    open: Option<Open>,
    /// A record header whose record has not been dumped yet.
    header: Option<Vec<u8>>,
    /// The header of a change_cipher_spec: OpenSSL does not report the content of a received one.
    change: Option<Direction>,
}

/// The dump that is being read.
struct Open {
    below: Below,
    /// The length in the heading.
    announced: Option<usize>,
    /// Bytes before the current run: those missing in the middle included.
    before: usize,
    bytes: Vec<u8>,
    /// The rest of a line that has fewer bytes than it should: a terminal may have wrapped it.
    short: Option<(usize, String)>,
    /// Reads a dump without announced length.
    dump: Dump,
}

impl Open {
    /// Reads the rest of a line that a terminal wrapped, or that another message interrupted.
    fn resume(&mut self, line: &str, length: usize) {
        let Some((at, begun)) = self.short.take() else { return };
        let want = length.saturating_sub(at).min(16);
        let joined = line::leading_pairs(&format!("{begun}{line}"), want);
        let mut apart = line::leading_pairs(&begun, want);
        apart.extend(line::leading_pairs(line, want - apart.len()));
        match [joined, apart].into_iter().find(|bytes| bytes.len() == want) {
            Some(bytes) if at >= self.before => {
                self.bytes.truncate(at - self.before);
                self.bytes.extend(bytes);
            }
            _ => self.short = Some((at, begun)),
        }
    }
}

impl Context {
    fn begin(&mut self, heading: Heading) {
        self.close();
        let Heading { below, announced } = heading;
        let dump = Dump::new(true);
        self.open = Some(Open { below, announced, before: 0, bytes: Vec::new(), short: None, dump });
    }

    /// Reads a line that is not a heading. Other output may be between the dumps, and is skipped.
    fn line(&mut self, line: &str) -> Result<(), (usize, HexProblem)> {
        let Some(open) = &mut self.open else { return Ok(()) };
        let Some(length) = open.announced else {
            let data = line::without_prefix(line);
            let again = line::offset_and_data(line).is_some_and(|(offset, _)| offset == 0);
            // Java ends a dump with a bracket.
            if line == ")" || open.dump.restarts(data) || again && !open.dump.is_empty() {
                self.close();
                return Ok(());
            }
            let wanted = !matches!(open.below, Below::Skipped);
            let read = open.dump.line(data).or_else(|problem| match line::offset_and_data(line) {
                // A text column that is cut or of another form.
                Some((offset, data))
                    if matches!(problem.1, HexProblem::NotHex(_) | HexProblem::OddDigits(_)) =>
                {
                    let bytes = line::leading_pairs(data, 16);
                    let pairs: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                    open.dump.line(&format!("{offset:04x}: {}", pairs.join(" ")))
                }
                _ => Err(problem),
            });
            return match read {
                Err(problem @ (_, HexProblem::Offset { .. })) if wanted => Err(problem),
                _ => Ok(()),
            };
        };
        let Some((offset, data)) = line::offset_and_data(line) else {
            open.resume(line, length);
            if line.contains("<SPACES/NULS>") && open.before == 0 && length <= LONGEST {
                open.bytes.resize(length.max(open.bytes.len()), 0);
            }
            return Ok(());
        };
        if data.contains("<SPACES/NULS>") {
            open.bytes.resize(length.min(LONGEST).max(open.bytes.len()), 0);
            return Ok(());
        }
        let at = open.before.saturating_add(open.bytes.len());
        if offset < at && offset == 0 || offset >= length {
            self.close();
            return Ok(());
        }
        if offset < at {
            return Ok(());
        }
        if offset > at {
            let missing = offset - at;
            let (bytes, below) = (std::mem::take(&mut open.bytes), open.below);
            open.before = offset;
            self.push(below, bytes, missing);
        }
        let Some(open) = &mut self.open else { return Ok(()) };
        let want = (length - offset).min(16);
        let bytes = line::leading_pairs(data, want);
        open.short = (bytes.len() < want).then(|| (offset, data.to_owned()));
        open.bytes.extend(bytes);
        Ok(())
    }

    fn close(&mut self) {
        let Some(open) = self.open.take() else { return };
        let (bytes, missing) = match open.announced {
            Some(length) => {
                let shown = open.before.saturating_add(open.bytes.len());
                (open.bytes, length.saturating_sub(shown))
            }
            None => (open.dump.finish(), 0),
        };
        self.push(open.below, bytes, missing);
    }

    /// Adds a dump to the parts; consecutive dumps of one direction are one stream.
    fn push(&mut self, below: Below, bytes: Vec<u8>, missing: usize) {
        let (direction, form) = match below {
            Below::Skipped => return,
            Below::RecordHeader(direction) => {
                self.take_change(None);
                self.change =
                    (bytes.first() == Some(&ContentType::change_cipher_spec.0)).then_some(direction);
                return;
            }
            Below::Header => {
                self.take_header();
                self.header = (missing == 0).then_some(bytes);
                return;
            }
            Below::Wanted(direction, form) => (direction, form),
        };
        if direction == Direction::Received {
            self.header = None;
        }
        self.take_change(Some(form));
        if bytes.is_empty() && missing == 0 {
            return;
        }
        match self.parts.last_mut() {
            Some(last)
                if form == Form::Stream
                    && last.direction == Some(direction)
                    && last.form == form
                    && last.missing == 0
                    && !begins_client_hello(&bytes) =>
            {
                last.bytes.extend(bytes);
                last.missing = missing;
            }
            _ => self.parts.push(Part { missing, ..Part::new(Some(direction), form, bytes) }),
        }
    }

    /// The change_cipher_spec of which only the header was dumped, before what follows.
    fn take_change(&mut self, next: Option<Form>) {
        let form = Form::Content(ContentType::change_cipher_spec);
        if let Some(direction) = self.change.take()
            && next != Some(form)
        {
            self.parts.push(Part::new(Some(direction), form, vec![1]));
        }
    }

    /// A header of a record that was announced and never dumped as a whole.
    fn take_header(&mut self) {
        let Some(header) = self.header.take() else { return };
        if let [_, _, _, high, low] = header[..] {
            let missing = usize::from(u16::from_be_bytes([high, low]));
            let part = Part::new(Some(Direction::Received), Form::Stream, header);
            self.parts.push(Part { missing, ..part });
        }
    }

    fn finish(mut self) -> Vec<Part> {
        self.close();
        self.take_header();
        self.take_change(None);
        self.parts
    }
}

/// Limit on zeros that `<SPACES/NULS>` stands for: a record with its header.
const LONGEST: usize = (1 << 14) + 2048 + 5;
