//! One connection: which peer is the client, what each packet means, and whether the connection ended.
//!
//! The client is the sender of the SYN, or the receiver of the SYN with ACK. Without them the connection
//! begins with the first bytes: the sender of a ClientHello is the client, the sender of a ServerHello is
//! the server, and otherwise the higher port is the client's.

use super::packet::Segment;
use super::stream::Stream;
use super::{FlowId, Listener};
use crate::input::capture_event::{CaptureEvent, CaptureEventKind, Position, Side};

/// One of the two endpoints, in the order of their addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Low,
    High,
}

impl End {
    fn other(self) -> Self {
        match self {
            End::Low => End::High,
            End::High => End::Low,
        }
    }
}

/// State of one direction.
#[derive(Default)]
struct Half {
    stream: Stream,
    /// Sequence number of its SYN.
    syn: Option<u32>,
    /// Whether it sent a RST.
    is_reset: bool,
}

pub(super) struct Flow {
    low: Half,
    high: Half,
    /// Its identifier and the client's endpoint, once they are known.
    begun: Option<(FlowId, End)>,
    packets: u64,
    last: Position,
}

/// State that all connections share.
pub(super) struct Shared<'s> {
    pub next_id: &'s mut u64,
    /// Number of bytes that wait in all streams.
    pub waiting: &'s mut usize,
    pub listener: &'s mut dyn Listener,
}

impl Flow {
    pub fn new() -> Self {
        let (low, high) = (Half::default(), Half::default());
        Self { low, high, begun: None, packets: 0, last: Position::default() }
    }

    /// Its identifier, if it has begun.
    pub fn id(&self) -> Option<FlowId> {
        self.begun.map(|(id, _)| id)
    }

    /// Number of its last packet in the capture.
    pub fn last_frame(&self) -> u64 {
        self.last.frame.unwrap_or_default()
    }

    /// Whether a segment starts another connection between the same ports.
    pub fn is_left_by(&self, segment: &Segment<'_>, from: End) -> bool {
        let (half, peer) = (self.half(from), self.half(from.other()));
        match (segment.syn, half.syn) {
            (true, Some(syn)) => syn != segment.sequence,
            // Its SYN was captured after later packets, or nothing has followed yet.
            (true, None) if half.stream.is_known() => !half.stream.begins_behind(segment.sequence),
            // The answer to the peer's SYN, or a simultaneous open.
            (true, None) => {
                segment.acknowledgment.is_some_and(|number| peer.stream.is_far(number)) || self.is_over()
            }
            (false, _) => {
                self.is_over() && !segment.payload.is_empty() && half.stream.is_far(segment.sequence)
            }
        }
    }

    /// Whether both peers closed, or one reset the connection.
    pub fn is_over(&self) -> bool {
        let is_reset = self.low.is_reset || self.high.is_reset;
        is_reset || (self.low.stream.is_closed() && self.high.stream.is_closed())
    }

    /// Handles a segment.
    pub fn take(&mut self, segment: &Segment<'_>, from: End, position: Position, shared: &mut Shared<'_>) {
        self.packets += 1;
        self.last = position;
        self.set_stream_start(segment, from);
        let Some(begun) = self.begun.or_else(|| self.begin(segment, from, shared)) else {
            self.half_mut(from).stream.finish(segment, position);
            return;
        };
        if segment.syn && self.half(from).syn.is_none() {
            self.half_mut(from).syn = Some(segment.sequence);
            let position = Position { offset: self.half(from).stream.offset(), length: 0, ..position };
            report_syn(segment, from, position, begun, shared);
        }
        if let Some(number) = segment.acknowledgment {
            self.half_mut(from.other()).stream.acknowledge(number);
        }
        self.report_complete(from.other(), position, begun, shared);
        if !segment.rst {
            let mut report = reporter(&mut *shared.listener, begun, from);
            self.half_mut(from).stream.receive(segment, position, shared.waiting, &mut report);
        } else if self.is_reset_in_range(segment, from) {
            self.reset(from, position, begun, shared);
        }
        self.report_complete(from, position, begun, shared);
    }

    /// Handles the end of the capture.
    pub fn finish(mut self, shared: &mut Shared<'_>) {
        let Some(begun) = self.begun else { return };
        let (id, client) = begun;
        for end in [client, client.other()] {
            let position = self.last;
            let mut report = reporter(&mut *shared.listener, begun, end);
            self.half_mut(end).stream.flush(position, shared.waiting, &mut report);
        }
        shared.listener.end(id);
    }

    /// Sets the start of streams whose SYN is not in the capture.
    fn set_stream_start(&mut self, segment: &Segment<'_>, from: End) {
        let sent_syn = self.half(from).syn.is_some();
        let peer = &mut self.half_mut(from.other()).stream;
        let fits = segment.acknowledgment.is_none_or(|number| !peer.is_far(number));
        if let Some(number) = segment.acknowledgment
            && (segment.syn || sent_syn)
            && !segment.rst
        {
            peer.begin(number);
        }
        let stream = &mut self.half_mut(from).stream;
        if segment.syn {
            stream.begin(segment.sequence.wrapping_add(1));
        } else if fits && !segment.rst {
            stream.begin(segment.sequence);
        }
    }

    /// Determines the client, and begins the connection.
    fn begin(&mut self, segment: &Segment<'_>, from: End, shared: &mut Shared<'_>) -> Option<(FlowId, End)> {
        let (is_client, is_late) = match segment {
            Segment { syn: true, acknowledgment: None, .. } => (true, false),
            Segment { syn: true, acknowledgment: Some(_), .. } => (false, false),
            Segment { payload: [], .. } => return None,
            Segment { payload, .. } if begins_hello(payload, CLIENT_HELLO) => (true, false),
            Segment { payload, .. } if begins_hello(payload, SERVER_HELLO) => (false, true),
            _ => (segment.source.port() >= segment.destination.port(), true),
        };
        let (client, server) = match is_client {
            true => (segment.source, segment.destination),
            false => (segment.destination, segment.source),
        };
        let id = FlowId(*shared.next_id);
        *shared.next_id += 1;
        let begun = (id, if is_client { from } else { from.other() });
        self.begun = Some(begun);
        shared.listener.begin(id, client.to_string(), server.to_string(), is_late);
        Some(begun)
    }

    /// Reports what has become complete in one direction.
    fn report_complete(
        &mut self,
        end: End,
        position: Position,
        begun: (FlowId, End),
        shared: &mut Shared<'_>,
    ) {
        let packets = self.packets;
        let stream = &mut self.half_mut(end).stream;
        {
            let mut report = reporter(&mut *shared.listener, begun, end);
            stream.drain(shared.waiting, &mut report);
            stream.check_overdue(packets, position, shared.waiting, &mut report);
        }
        if stream.is_newly_acknowledged() {
            let peer = end.other();
            let offset = self.half(peer).stream.offset();
            let mut report = reporter(&mut *shared.listener, begun, peer);
            report(Position { offset, length: 0, ..position }, CaptureEventKind::Acknowledged);
        }
    }

    /// Handles a RST: bytes sent before it are reported first.
    fn reset(&mut self, from: End, position: Position, begun: (FlowId, End), shared: &mut Shared<'_>) {
        let half = self.half_mut(from);
        if !std::mem::replace(&mut half.is_reset, true) {
            let mut report = reporter(&mut *shared.listener, begun, from);
            half.stream.flush(position, shared.waiting, &mut report);
            report(Position { offset: half.stream.offset(), length: 0, ..position }, CaptureEventKind::Reset);
        }
    }

    /// Whether a RST belongs to this connection, not to an earlier one between the same ports: its numbers
    /// are in range (RFC 9293 §3.5.3).
    fn is_reset_in_range(&self, segment: &Segment<'_>, from: End) -> bool {
        let (own, peer) = (&self.half(from).stream, &self.half(from.other()).stream);
        let sequence_fits = own.is_known() && !own.is_far(segment.sequence);
        match segment.acknowledgment {
            Some(number) => sequence_fits || !peer.is_far(number),
            None => sequence_fits || !own.is_known(),
        }
    }

    fn half(&self, end: End) -> &Half {
        match end {
            End::Low => &self.low,
            End::High => &self.high,
        }
    }

    fn half_mut(&mut self, end: End) -> &mut Half {
        match end {
            End::Low => &mut self.low,
            End::High => &mut self.high,
        }
    }
}

/// Reports a SYN.
fn report_syn(
    segment: &Segment<'_>,
    from: End,
    position: Position,
    begun: (FlowId, End),
    shared: &mut Shared<'_>,
) {
    let mut report = reporter(&mut *shared.listener, begun, from);
    match (from == begun.1, segment.acknowledgment) {
        (true, None) => report(position, CaptureEventKind::Syn),
        // Simultaneous open: reported once.
        (true, Some(_)) => {}
        (false, _) => report(position, CaptureEventKind::SynAck),
    }
}

/// Returns a function that reports events of one peer.
fn reporter<'l>(
    listener: &'l mut dyn Listener,
    (id, client): (FlowId, End),
    end: End,
) -> impl FnMut(Position, CaptureEventKind<'_>) + 'l {
    let from = if end == client { Side::Client } else { Side::Server };
    move |position, kind| listener.on_event(id, &CaptureEvent { from, position, kind })
}

const CLIENT_HELLO: u8 = 1;
const SERVER_HELLO: u8 = 2;

/// Whether these bytes start a record with this handshake message (RFC 8446 §5.1, §4).
fn begins_hello(bytes: &[u8], message: u8) -> bool {
    matches!(bytes, [0x16, 3, 0..=4, _, _, kind, ..] if *kind == message)
}
