//! A subscriber that keeps everything, and a search for secrets in it.

use std::{
    collections::{BTreeMap, HashMap},
    fmt::{Debug, Write as _},
    io::{self, Write},
    sync::{Arc, Mutex},
    thread::{self, ThreadId},
};

use handclasp::KeyLog;
use tracing::{
    Event, Id, Metadata, Subscriber,
    field::{Field, Visit},
    level_filters::LevelFilter,
    span::{Attributes, Record},
};

pub type Fields = BTreeMap<&'static str, String>;

/// A span as it was at its end.
#[derive(Clone, Debug, Default)]
pub struct Spanned {
    pub name: &'static str,
    pub fields: Fields,
    /// Messages of the events inside, with their fields.
    pub events: Vec<Fields>,
    pub is_closed: bool,
}

#[derive(Debug, Default)]
struct Kept {
    spans: Vec<Spanned>,
    /// Handles of each span.
    handles: Vec<usize>,
    /// Events outside of every span.
    events: Vec<Fields>,
    /// Spans that each thread has entered.
    inside: HashMap<ThreadId, Vec<usize>>,
    /// All that was recorded, as text.
    text: String,
}

/// Keeps every span and event at every level, of every crate.
#[derive(Clone, Default)]
pub struct Recorder(Arc<Mutex<Kept>>);

struct Visitor<'k>(&'k mut Fields, &'k mut String);

impl Visit for Visitor<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let value = format!("{value:?}");
        let _ = writeln!(self.1, "{}={value}", field.name());
        self.0.insert(field.name(), value.trim_matches('"').to_owned());
    }
}

impl Recorder {
    pub fn spans(&self) -> Vec<Spanned> {
        self.0.lock().expect("whole").spans.clone()
    }

    /// Events outside of every span.
    pub fn events(&self) -> Vec<Fields> {
        self.0.lock().expect("whole").events.clone()
    }

    pub fn text(&self) -> String {
        self.0.lock().expect("whole").text.clone()
    }

    /// Runs with this subscriber in this thread.
    pub fn during<R>(&self, run: impl FnOnce() -> R) -> R {
        tracing::subscriber::with_default(self.clone(), run)
    }
}

impl Subscriber for Recorder {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::TRACE)
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let mut kept = self.0.lock().expect("whole");
        let Kept { spans, handles, text, .. } = &mut *kept;
        let mut span = Spanned { name: attributes.metadata().name(), ..Spanned::default() };
        attributes.record(&mut Visitor(&mut span.fields, text));
        spans.push(span);
        handles.push(1);
        Id::from_u64(spans.len() as u64)
    }

    fn record(&self, id: &Id, values: &Record<'_>) {
        let mut kept = self.0.lock().expect("whole");
        let Kept { spans, text, .. } = &mut *kept;
        values.record(&mut Visitor(&mut spans[place(id)].fields, text));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut kept = self.0.lock().expect("whole");
        let mut fields = Fields::from([("level", event.metadata().level().to_string())]);
        event.record(&mut Visitor(&mut fields, &mut kept.text));
        let inside = kept.inside.get(&thread::current().id()).and_then(|inside| inside.last().copied());
        match inside {
            Some(inside) => kept.spans[inside].events.push(fields),
            None => kept.events.push(fields),
        }
    }

    fn enter(&self, id: &Id) {
        self.0.lock().expect("whole").inside.entry(thread::current().id()).or_default().push(place(id));
    }

    fn exit(&self, id: &Id) {
        let mut kept = self.0.lock().expect("whole");
        let left = kept.inside.get_mut(&thread::current().id()).and_then(Vec::pop);
        assert_eq!(left, Some(place(id)), "spans end in the order in which they were entered");
    }

    fn clone_span(&self, id: &Id) -> Id {
        self.0.lock().expect("whole").handles[place(id)] += 1;
        id.clone()
    }

    fn try_close(&self, id: Id) -> bool {
        let mut kept = self.0.lock().expect("whole");
        kept.handles[place(&id)] -= 1;
        let is_closed = kept.handles[place(&id)] == 0;
        kept.spans[place(&id)].is_closed = is_closed;
        is_closed
    }
}

fn place(id: &Id) -> usize {
    id.into_u64() as usize - 1
}

/// A key log in memory.
#[derive(Clone, Default)]
pub struct Secrets(Arc<Mutex<Vec<u8>>>);

impl Write for Secrets {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("whole").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Secrets {
    pub fn log(&self) -> KeyLog {
        KeyLog::to(self.clone())
    }

    /// The secrets of all connections: what stands last on each line.
    pub fn all(&self) -> Vec<Vec<u8>> {
        let lines = String::from_utf8(self.0.lock().expect("whole").clone()).expect("text");
        lines.lines().map(|line| unhex(line.rsplit(' ').next().expect("a secret"))).collect()
    }
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len() / 2).map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).expect("hex")).collect()
}

/// Whether a text holds 8 bytes of a secret, in one of the forms in which programs print bytes.
pub fn shows(text: &str, secret: &[u8]) -> bool {
    let text = text.to_lowercase();
    secret.windows(8.min(secret.len())).any(|part| {
        let joined = |separator: &str, form: fn(&u8) -> String| {
            part.iter().map(form).collect::<Vec<_>>().join(separator)
        };
        let hex: fn(&u8) -> String = |byte| format!("{byte:02x}");
        let forms = [
            String::from_utf8_lossy(part).to_lowercase(),
            joined("", hex),
            joined(":", hex),
            joined(" ", hex),
            joined(", ", hex),
            joined(", ", |byte| format!("0x{byte:02x}")),
            joined(", ", |byte| byte.to_string()),
        ];
        forms.iter().any(|form| text.contains(form.as_str()))
    })
}
