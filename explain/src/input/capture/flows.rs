//! All connections of a capture: finds the connection of a segment, and ends connections.
//!
//! At most [`OPEN`] are open at once; the one that was idle longest is ended for a new one. A closed
//! connection stays open for a while, since alerts and resets may arrive late.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::net::SocketAddr;
use std::time::Duration;

use super::flow::{End, Flow, Shared};
use super::packet::Segment;
use super::{FlowId, Listener};
use crate::input::capture_event::Position;

/// Limit on open connections.
const OPEN: usize = 4096;
/// A closed connection ends after this many packets of the capture…
const LATE_PACKETS: u64 = 1000;
/// …or after this time.
const LATE: Duration = Duration::from_secs(60);

/// Both endpoints, in the order of their addresses.
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
    /// Open connections by the frame of their last packet.
    idle: BTreeMap<u64, Ends>,
    /// Closed connections in order.
    closed: VecDeque<Closed>,
    next_id: u64,
    /// Number of bytes that wait in all streams.
    waiting: usize,
}

impl Flows {
    /// Handles a segment.
    pub fn take(&mut self, segment: &Segment<'_>, position: Position, listener: &mut dyn Listener) {
        self.end_closed(position, listener);
        let (ends, from) = Ends::of(segment);
        if self.open.get(&ends).is_some_and(|flow| flow.is_left_by(segment, from)) {
            self.end(ends, listener);
        }
        if !self.open.contains_key(&ends) {
            // The last packets of a connection that was not captured.
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

    /// Handles the end of the capture. Returns the number of connections.
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

    /// Ends connections that closed long ago.
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
    /// Both endpoints of a segment, and its sender.
    fn of(segment: &Segment<'_>) -> (Self, End) {
        let Segment { source, destination, .. } = *segment;
        match source <= destination {
            true => (Self { low: source, high: destination }, End::Low),
            false => (Self { low: destination, high: source }, End::High),
        }
    }
}
