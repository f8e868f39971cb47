//! A transport that remembers what passes, so that the same rules explain a live connection which
//! explain a capture of it.

use std::{
    io::{self, ErrorKind, Read, Write},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use handclasp::{Timeouts, Transport};
use handclasp_explain::{
    Diagnosis, Evidence, Explanation, Side,
    capture::{CaptureEvent, CaptureEventKind, EventExplainer, FlowId, Listener as _, Position},
};

/// Bytes remembered of one connection; handshakes are shorter.
const LONGEST: usize = 1 << 20;

/// What passed.
enum Passed {
    Bytes(Vec<u8>),
    Closed,
    Reset,
}

/// A transport with a memory.
pub struct Tape<T> {
    transport: T,
    recording: Recording,
}

impl<T> Tape<T> {
    /// Remembers from here on; `own` is who writes.
    pub fn new(transport: T, own: Side) -> Self {
        Self { transport, recording: Recording::new(own) }
    }

    /// What is underneath.
    pub fn transport(&self) -> &T {
        &self.transport
    }

    /// What it remembers, also after it is gone.
    pub fn recording(&self) -> Recording {
        self.recording.clone()
    }
}

/// What a tape remembers.
#[derive(Clone)]
pub struct Recording {
    own: Side,
    /// When the connection was open, since 1970.
    begun: Duration,
    inner: Arc<Mutex<Inner>>,
}

#[derive(Default)]
struct Inner {
    /// Whose, when, and what.
    passed: Vec<(Side, Duration, Passed)>,
    bytes: usize,
}

impl Recording {
    fn new(own: Side) -> Self {
        Self { own, begun: now(), inner: Arc::default() }
    }

    /// The conversation on this transport so far, and the findings about it.
    pub fn diagnosis(&self, evidence: &Evidence) -> Option<Diagnosis> {
        self.explained(evidence).conversations.into_iter().next()
    }

    /// Explains what passed so far, as a capture of it would be explained.
    pub fn explained(&self, evidence: &Evidence) -> Explanation {
        let mut explainer = EventExplainer::new(evidence);
        let id = FlowId(0);
        explainer.begin(id, String::new(), String::new(), false);
        for (from, event) in [(Side::Client, CaptureEventKind::Syn), (Side::Server, CaptureEventKind::SynAck)]
        {
            explainer.on_event(id, &CaptureEvent::new(from, Position::of_live(self.begun, 0, 0), event));
        }
        let mut offsets = [0_u64; 2];
        // Nobody panics while holding it; and if so, what stands there is still true.
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        for (from, at, passed) in &inner.passed {
            let Some(offset) = offsets.get_mut(usize::from(*from == Side::Server)) else { continue };
            let (event, length) = match passed {
                Passed::Bytes(bytes) => {
                    (CaptureEventKind::Bytes(bytes), u64::try_from(bytes.len()).unwrap_or(u64::MAX))
                }
                Passed::Closed => (CaptureEventKind::Fin, 0),
                Passed::Reset => (CaptureEventKind::Reset, 0),
            };
            let position = Position::of_live(*at, *offset, length);
            *offset = offset.saturating_add(length);
            explainer.on_event(id, &CaptureEvent::new(*from, position, event));
        }
        explainer.end(id);
        explainer.finish()
    }

    fn note(&self, from: Side, passed: Passed) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = match &passed {
            Passed::Bytes(bytes) => bytes.len(),
            Passed::Closed | Passed::Reset => 0,
        };
        let ends = |passed: &Passed| matches!(passed, Passed::Closed | Passed::Reset);
        let again =
            ends(&passed) && inner.passed.iter().any(|(other, _, event)| *other == from && ends(event));
        if again || inner.bytes.saturating_add(bytes) > LONGEST {
            return;
        }
        inner.bytes += bytes;
        inner.passed.push((from, now(), passed));
    }
}

fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

impl<T: Read> Read for Tape<T> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let peer = self.recording.own.other();
        let read = self.transport.read(out);
        match &read {
            Ok(0) if out.is_empty() => {}
            Ok(0) => self.recording.note(peer, Passed::Closed),
            Ok(count) => {
                self.recording.note(peer, Passed::Bytes(out.get(..*count).unwrap_or_default().to_vec()))
            }
            Err(error)
                if matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted) =>
            {
                self.recording.note(peer, Passed::Reset);
            }
            // Nothing passed.
            Err(_) => {}
        }
        read
    }
}

impl<T: Write> Write for Tape<T> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.transport.write(bytes)?;
        let written = bytes.get(..count).unwrap_or_default().to_vec();
        self.recording.note(self.recording.own, Passed::Bytes(written));
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.transport.flush()
    }
}

impl<T: Transport> Transport for Tape<T> {
    fn timeouts(&self) -> io::Result<Timeouts> {
        self.transport.timeouts()
    }

    fn set_timeouts(&mut self, timeouts: Timeouts) -> io::Result<()> {
        self.transport.set_timeouts(timeouts)
    }

    fn shutdown_write(&mut self) -> io::Result<()> {
        self.transport.shutdown_write()
    }
}
