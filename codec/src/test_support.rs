//! Checks for the tests of every structure: known bytes, a round trip, every truncation, every byte
//! changed, and a trace without gap or overlap.

use alloc::{string::String, vec::Vec};
use core::ops::Range;

use crate::{Decode, DecodeError, Encode, ErrorSlot, Field, Reader, Trace, Value};

/// A trace that records fields and checks that they follow each other without gap or overlap.
#[derive(Default)]
pub(crate) struct Recorder {
    pub(crate) leaves: Vec<(Field, Range<usize>, String)>,
    pub(crate) open: Vec<Field>,
    pub(crate) structures: Vec<Field>,
    pub(crate) next: usize,
    pub(crate) slot: ErrorSlot,
}

impl Trace for Recorder {
    fn field(&mut self, field: Field, bytes: Range<usize>, value: Value<'_>) {
        assert_eq!(bytes.start, self.next, "gap or overlap before {field:?}");
        self.next = bytes.end;
        self.leaves.push((field, bytes, alloc::format!("{value:?}")));
    }
    fn open(&mut self, field: Field, offset: usize) {
        assert_eq!(offset, self.next, "{field:?} opens elsewhere");
        self.open.push(field);
        self.structures.push(field);
    }
    fn close(&mut self, offset: usize) {
        assert_eq!(offset, self.next);
        self.open.pop().expect("closed more than was opened");
    }
    fn failed(&mut self, error: DecodeError, numbers: [u32; 3]) {
        self.slot.failed(error, numbers);
    }
}

pub(crate) fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u32> = hex.chars().filter_map(|digit| digit.to_digit(16)).collect();
    assert_eq!(digits.len() % 2, 0, "odd number of digits");
    digits.chunks(2).map(|pair| (pair[0] << 4 | pair[1]) as u8).collect()
}

pub(crate) fn encoded<M: Encode + ?Sized>(message: &M) -> Vec<u8> {
    let mut output = Vec::new();
    message.encode_to(&mut output).unwrap();
    output
}

/// Decodes all of `wire` with a recorder as its trace.
fn traced<'a, M: Decode<'a>>(wire: &'a [u8]) -> Result<M, DecodeError> {
    let mut recorder = Recorder::default();
    let decoded = Reader::new(wire, &mut recorder).whole(Field::body, |reader| M::decode(reader));
    let message = decoded.map_err(|malformed| recorder.slot.error(malformed))?;
    assert_eq!(recorder.next, wire.len(), "bytes that no field covers");
    assert!(recorder.open.is_empty(), "left open: {:?}", recorder.open);
    Ok(message)
}

/// Checks that the bytes decode, encode to the same bytes, and survive truncation and changes.
pub(crate) fn sound<'a, M: Decode<'a> + Encode>(wire: &'a [u8]) {
    let message = traced::<M>(wire).unwrap();
    assert_eq!(encoded(&message), wire);
    for end in 0..wire.len() {
        let shorter = &wire[..end];
        match traced::<M>(shorter) {
            Err(error) => assert!(error.offset as usize <= end, "{error:?} behind {end}"),
            // A valid shorter message; a hello may end before its extensions.
            Ok(message) => {
                let again = encoded(&message);
                assert!(again == shorter || again.strip_suffix(&[0, 0]) == Some(shorter), "cut at {end}");
            }
        }
    }
}

/// Checks that no change of a byte makes decoding panic or leaves a gap in the trace.
pub(crate) fn bears_change<M>(wire: &[u8], decode: impl Fn(&[u8]) -> Result<M, DecodeError>) {
    let mut changed = wire.to_vec();
    for at in 0..wire.len() {
        for value in [0, 0xff, wire[at] ^ 1, wire[at] ^ 0x80, wire[at].wrapping_add(1)] {
            changed[at] = value;
            if let Err(error) = decode(&changed) {
                assert!(error.offset as usize <= wire.len());
            }
        }
        changed[at] = wire[at];
    }
}

/// Decodes a structure at the begin of `wire` with a recorder as its trace.
pub(crate) fn recorded<'a, M: Decode<'a>>(wire: &'a [u8]) -> Result<M, DecodeError> {
    let mut recorder = Recorder::default();
    let decoded = M::decode(&mut Reader::new(wire, &mut recorder));
    decoded.map_err(|malformed| recorder.slot.error(malformed))
}

/// `known!(Type, value, "hex")`: checks that the value encodes to exactly these bytes, and that they are
/// [`sound`].
macro_rules! known {
    ($type:ty, $value:expr, $hex:expr) => {{
        let wire = $crate::test_support::encoded(&$value);
        assert_eq!(wire, $crate::test_support::bytes($hex), "{wire:02x?}");
        $crate::test_support::sound::<$type>(&wire);
        $crate::test_support::bears_change(&wire, |changed| {
            $crate::test_support::recorded::<$type>(changed).map(|_| ())
        });
    }};
}
pub(crate) use known;

/// Decodes all of `wire`; an error with its numbers.
pub(crate) fn outcome<'a, M: Decode<'a>>(wire: &'a [u8]) -> Result<M, (DecodeError, [u32; 3])> {
    let mut slot = ErrorSlot::default();
    let decoded = Reader::new(wire, &mut slot).whole(Field::body, |reader| M::decode(reader));
    decoded.map_err(|malformed| {
        let error = slot.error(malformed);
        (error, slot.numbers(error).expect("an error leaves its numbers"))
    })
}

/// `fails!(Type, "hex", problem, [numbers], offset)`: checks that decoding fails with that problem and
/// these numbers, a pattern, at that offset.
macro_rules! fails {
    ($type:ty, $hex:expr, $problem:pat, $numbers:pat, $offset:expr) => {{
        let wire = $crate::test_support::bytes($hex);
        let (error, numbers) = $crate::test_support::outcome::<$type>(&wire).map(|_| ()).unwrap_err();
        assert!(matches!(error.problem, $problem) && matches!(numbers, $numbers), "{error:?} {numbers:?}");
        assert_eq!(error.offset, $offset, "{error:?}");
    }};
}
pub(crate) use fails;
