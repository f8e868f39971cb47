//! All conversations of a capture: which one a segment belongs to, and when one is over.
//!
//! At most [`OPEN`] are open at once; the one that was idle longest is ended for a new one. A
//! conversation that closed stays open for a while, as alerts and resets come late.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::net::SocketAddr;
use std::time::Duration;

use super::flow::{End, Flow, Shared};
use super::packet::Segment;
use super::{FlowId, Listener};
use crate::input::capture_event::Position;

/// Conversations that are open at once.
const OPEN: usize = 4096;
/// How long a closed one may still get packets: so many of the capture…
const LATE_PACKETS: u64 = 1000;
/// …or so long.
const LATE: Duration = Duration::from_secs(60);

/// The two ends, in the order of their addresses.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Ends {
    low: SocketAddr,
    high: SocketAddr,
}

struct Closed {
    ends: Ends,
    id: FlowId,
    position: Position,
}

#[derive(Default)]
pub(super) struct Flows {
    open: HashMap<Ends, Flow>,
    /// By the frame of the last packet.
    idle: BTreeMap<u64, Ends>,
    /// In the order in which they closed.
    closed: VecDeque<Closed>,
    next_id: u64,
    /// Bytes that wait in all streams.
    waiting: usize,
}

impl Flows {
    /// Takes a segment.
    pub fn take(&mut self, segment: &Segment<'_>, position: Position, listener: &mut dyn Listener) {
        self.end_closed(position, listener);
        let (ends, from) = Ends::of(segment);
        if self.open.get(&ends).is_some_and(|flow| flow.is_left_by(segment, from)) {
            self.end(ends, listener);
        }
        if !self.open.contains_key(&ends) {
            // The end of something that was not captured.
            if (segment.fin || segment.rst) && !segment.syn && segment.payload.is_empty() {
                return;
            }
            if self.open.len() >= OPEN
                && let Some((_, longest)) = self.idle.first_key_value()
            {
                self.end(*longest, listener);
            }
        }
        let flow = self.open.entry(ends).or_insert_with(Flow::new);
        self.idle.remove(&flow.last_frame());
        let was_over = flow.is_over();
        let mut shared = Shared { next_id: &mut self.next_id, waiting: &mut self.waiting, listener };
        flow.take(segment, from, position, &mut shared);
        self.idle.insert(flow.last_frame(), ends);
        if let Some(id) = flow.id().filter(|_| !was_over && flow.is_over()) {
            self.closed.push_back(Closed { ends, id, position });
        }
    }

    /// The capture has ended; how many conversations there were.
    pub fn finish(mut self, listener: &mut dyn Listener) -> u64 {
        let mut open: Vec<_> = self.open.drain().map(|(_, flow)| flow).collect();
        open.sort_by_key(Flow::id);
        for flow in open {
            let mut shared =
                Shared { next_id: &mut self.next_id, waiting: &mut self.waiting, listener: &mut *listener };
            flow.finish(&mut shared);
        }
        self.next_id
    }

    /// Ends those that closed long ago.
    fn end_closed(&mut self, now: Position, listener: &mut dyn Listener) {
        while let Some(Closed { ends, id, position }) = self.closed.front() {
            let packets = now.frame.unwrap_or_default().saturating_sub(position.frame.unwrap_or_default());
            let waited =
                now.time.zip(position.time).map_or(Duration::ZERO, |(now, then)| now.saturating_sub(then));
            if packets <= LATE_PACKETS && waited <= LATE {
                return;
            }
            let (ends, id) = (*ends, *id);
            self.closed.pop_front();
            if self.open.get(&ends).and_then(Flow::id) == Some(id) {
                self.end(ends, listener);
            }
        }
    }

    fn end(&mut self, ends: Ends, listener: &mut dyn Listener) {
        if let Some(flow) = self.open.remove(&ends) {
            self.idle.remove(&flow.last_frame());
            let mut shared = Shared { next_id: &mut self.next_id, waiting: &mut self.waiting, listener };
            flow.finish(&mut shared);
        }
    }
}

impl Ends {
    /// The two ends of a segment, and from which it is.
    fn of(segment: &Segment<'_>) -> (Self, End) {
        let Segment { source, destination, .. } = *segment;
        match source <= destination {
            true => (Self { low: source, high: destination }, End::Low),
            false => (Self { low: destination, high: source }, End::High),
        }
    }
}
