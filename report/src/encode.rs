//! The compact form of a [`Fault`]: one number of 8 bytes. The lowest byte is the number of the variant, the
//! parts follow in the order of the table, each in a place of fixed size, what is left is 0.
//!
//! A device packs and never unpacks: with the fault a constant its packed form is a constant too. Each
//! variant is listed once, for both directions (`encode/faults.rs`, `encode/parts.rs`). A number is never
//! used again for something else.

use handclasp_codec::{
    AlertDescription, CodePoint, ContentType, ExtensionType, Field, HandshakeType, NamedGroup,
    ProtocolVersion, SignatureScheme,
};
use handclasp_crypto::KeyKind;

use crate::{Evidence, Fault, FaultCode, Uint, evidence::Kind};

/// The forms in which faults are read. In the first two versions of a report parts are big-endian and as
/// long as they need to be, and evidence follows without its kind.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Variable,
    Fixed,
}

/// Bytes of the longest fault with its evidence.
pub(crate) const FAULT_MAX: usize = FaultCode::SIZE + Evidence::MAX;

impl Form {
    /// That of a version of the report.
    pub(crate) fn of(version: u8) -> Self {
        if version < 3 { Self::Variable } else { Self::Fixed }
    }
}

/// Reads a fault and its evidence, which fill these bytes.
pub(crate) fn read(form: Form, bytes: &[u8]) -> Option<(Fault, Option<Evidence>)> {
    let mut input = Input { left: bytes, form };
    let fault = Fault::take(&mut input)?;
    if input.left.is_empty() {
        return Some((fault, None));
    }
    if form == Form::Fixed {
        let [kind, evidence @ ..] = input.left else { return None };
        // Evidence of another kind of fault says nothing about this one.
        return Some((fault, fault.fitting(Some(Evidence::from_bytes(*kind, evidence)?))));
    }
    let evidence = match fault.evidence_kind() {
        Kind::Numbers(count) => {
            let mut numbers = [0; 3];
            for number in numbers.iter_mut().take(count) {
                *number = Packed::take(&mut input)?;
            }
            Evidence::Numbers(numbers)
        }
        Kind::Dates => Evidence::Dates { limit: input.date()?, now: input.date()? },
        Kind::Pin => Evidence::Pin(Packed::take(&mut input)?),
        Kind::Words | Kind::Nothing => return None,
    };
    input.left.is_empty().then_some((fault, Some(evidence)))
}

/// The packed form of a fault: its number, and parts behind it.
#[derive(Clone, Copy)]
struct Parts {
    bits: u64,
    /// Where the next part begins, in bits.
    place: u32,
}

impl Parts {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn new(number: u8) -> Self {
        Self { bits: number.into(), place: u8::BITS }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn and<P: Packed>(self, part: P) -> Self {
        let bits = self.bits | part.pack().wrapping_shl(self.place);
        Self { bits, place: self.place.wrapping_add(P::SIZE.wrapping_mul(u8::BITS)) }
    }
}

struct Input<'b> {
    left: &'b [u8],
    form: Form,
}

impl Input<'_> {
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.left.split_first_chunk()?;
        self.left = rest;
        Some(*taken)
    }

    /// A number of that many bytes.
    fn number(&mut self, size: usize) -> Option<u64> {
        let (taken, rest) = self.left.split_at_checked(size)?;
        self.left = rest;
        let join = |number: u64, byte: &u8| (number << 8) | u64::from(*byte);
        Some(match self.form {
            Form::Variable => taken.iter().fold(0, join),
            Form::Fixed => taken.iter().rev().fold(0, join),
        })
    }

    fn date(&mut self) -> Option<u64> {
        self.number(size_of::<u64>())
    }

    /// The rest of a place of `size` bytes, of which the first are taken: zeros.
    fn rest(&mut self, before: usize, size: u32) -> Option<()> {
        if self.form == Form::Variable {
            return Some(());
        }
        let taken = before.checked_sub(self.left.len())?;
        let unused = usize::try_from(size).ok()?.checked_sub(taken)?;
        (self.number(unused)? == 0).then_some(())
    }
}

/// A fault, or a part of one.
trait Packed: Copy {
    /// Bytes of its place.
    const SIZE: u32;
    /// The numbers of an enum's variants, for a test that none is forgotten.
    #[cfg(test)]
    const NUMBERS: &[u8] = &[];
    fn pack(self) -> u64;
    fn take(input: &mut Input<'_>) -> Option<Self>;
}

impl Packed for u8 {
    const SIZE: u32 = 1;
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn pack(self) -> u64 {
        self.into()
    }
    fn take(input: &mut Input<'_>) -> Option<Self> {
        input.array().map(|[byte]| byte)
    }
}

impl Packed for u16 {
    const SIZE: u32 = 2;
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn pack(self) -> u64 {
        self.into()
    }
    fn take(input: &mut Input<'_>) -> Option<Self> {
        input.number(2).and_then(|number| number.try_into().ok())
    }
}

impl Packed for u32 {
    const SIZE: u32 = 4;
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn pack(self) -> u64 {
        self.into()
    }
    fn take(input: &mut Input<'_>) -> Option<Self> {
        input.number(4).and_then(|number| number.try_into().ok())
    }
}

macro_rules! registered {
    ($($word:ident, $size:literal;)+) => {$(
        impl Packed for $word {
            const SIZE: u32 = $size;
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn pack(self) -> u64 {
                self.0.into()
            }
            fn take(input: &mut Input<'_>) -> Option<Self> {
                input.number(<Self as CodePoint>::SIZE).and_then(|number| number.try_into().ok()).map(Self::from_number)
            }
        }
    )+};
}

registered! {
    AlertDescription, 1;
    ContentType, 1;
    HandshakeType, 1;
    ExtensionType, 2;
    NamedGroup, 2;
    ProtocolVersion, 2;
    SignatureScheme, 2;
}

impl<const N: usize> Packed for [u8; N] {
    const SIZE: u32 = Uint::<N>::BYTES;
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn pack(self) -> u64 {
        self.iter().rev().fold(0, |bits, byte| (bits << 8) | u64::from(*byte))
    }
    fn take(input: &mut Input<'_>) -> Option<Self> {
        input.array()
    }
}

impl Packed for bool {
    const SIZE: u32 = 1;
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn pack(self) -> u64 {
        self.into()
    }
    fn take(input: &mut Input<'_>) -> Option<Self> {
        match u8::take(input)? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

impl<P: Packed> Packed for Option<P> {
    const SIZE: u32 = P::SIZE.saturating_add(1);
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn pack(self) -> u64 {
        self.map_or(0, |inside| Parts::new(1).and(inside).bits)
    }
    fn take(input: &mut Input<'_>) -> Option<Self> {
        let before = input.left.len();
        let found = if bool::take(input)? { Some(P::take(input)?) } else { None };
        input.rest(before, Self::SIZE)?;
        Some(found)
    }
}

impl Packed for Field {
    const SIZE: u32 = 1;
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn pack(self) -> u64 {
        self.number().into()
    }
    fn take(input: &mut Input<'_>) -> Option<Self> {
        let size = if input.form == Form::Fixed { 1 } else { 2 };
        Self::from_number(input.number(size)?.try_into().ok()?)
    }
}

/// In a report of version 1 or 2 in 2, 4 or 8 bytes.
impl<const N: usize> Packed for Uint<N> {
    const SIZE: u32 = Self::BYTES;
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn pack(self) -> u64 {
        self.get()
    }
    fn take(input: &mut Input<'_>) -> Option<Self> {
        let size = if input.form == Form::Fixed { N } else { N.next_power_of_two() };
        input.number(size).map(Self::saturating)
    }
}

/// Variants with their numbers, and the bytes of their place: `1 = A`, `2 = B(part)`, `3 = C { part, part }`;
/// with `=> name` the alert that a fault leads to.
macro_rules! packed {
    ($type:ident, $size:literal {
        $($number:literal = $variant:ident $(($only:ident))? $({ $($part:ident),+ })? $(=> $alert:ident)?;)+
    }) => {
        impl Packed for $type {
            const SIZE: u32 = $size;
            #[cfg(test)]
            const NUMBERS: &[u8] = &[$($number),+];
            // Where the variant is known, one number remains of all this.
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn pack(self) -> u64 {
                match self {
                    $(Self::$variant $(($only))? $({ $($part),+ })? => {
                        Parts::new($number) $(.and($only))? $($(.and($part))+)?.bits
                    })+
                }
            }
            fn take(input: &mut Input<'_>) -> Option<Self> {
                let before = input.left.len();
                let found = match u8::take(input)? {
                    $($number => Self::$variant $(({
                        let $only = Packed::take(input)?;
                        $only
                    }))? $({ $($part: Packed::take(input)?),+ })?,)+
                    _ => return None,
                };
                input.rest(before, Self::SIZE)?;
                Some(found)
            }
        }

        packed! { alerts $type { $($($number = $alert;)?)+ } }
    };
    (alerts $type:ident {}) => {};
    (alerts $type:ident { $($number:literal = $alert:ident;)+ }) => {
        impl $type {
            /// The alert of the variant with this number.
            pub(crate) fn usual_alert(number: u8) -> Option<Alert> {
                // Numbers are below; a match would become jumps.
                const LENGTH: usize = $crate::encode::greatest(&[$($number),+]) + 1;
                const ALERTS: [u8; LENGTH] = {
                    let mut alerts = [NOTHING; LENGTH];
                    $(alerts[$number] = packed!(alert $alert);)+
                    alerts
                };
                let alert = ALERTS.get(usize::from(number)).copied().unwrap_or(NOTHING);
                (alert != NOTHING).then_some(Alert(alert))
            }
        }
    };
    (alert nothing) => { NOTHING };
    (alert $alert:ident) => { Alert::$alert.0 };
}

/// The greatest of these numbers.
const fn greatest(numbers: &[usize]) -> usize {
    let (mut found, mut rest) = (0, numbers);
    while let [number, after @ ..] = rest {
        if *number > found {
            found = *number;
        }
        rest = after;
    }
    found
}

mod faults;
mod parts;

/// The packed form of a fault.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn pack(fault: Fault) -> u64 {
    fault.pack()
}

/// The bytes of a `CertificateKey` note.
pub fn key_note(kind: KeyKind, pin: &[u8; 32]) -> [u8; 33] {
    let mut note = [0; 33];
    let [first, rest @ ..] = &mut note;
    [*first, ..] = kind.pack().to_le_bytes();
    rest.copy_from_slice(pin);
    note
}

/// Reads a `CertificateKey` note.
pub fn read_key_note(bytes: &[u8]) -> Option<(KeyKind, [u8; 32])> {
    let mut input = Input { left: bytes, form: Form::Fixed };
    let kind = KeyKind::take(&mut input)?;
    Some((kind, input.array()?))
}

/// The bytes of a `CertificateKey` note of a key that is refused since the file of known peers has another one for that
/// peer: as [`key_note`], then one byte that readers before it pass over.
pub fn changed_key_note(kind: KeyKind, pin: &[u8; 32]) -> [u8; 34] {
    let mut note = [CHANGED; 34];
    for (to, from) in note.iter_mut().zip(key_note(kind, pin)) {
        *to = from;
    }
    note
}

/// Whether a `CertificateKey` note is that of [`changed_key_note`].
pub fn is_changed_key(note: &[u8]) -> bool {
    note.get(33..) == Some(&[CHANGED])
}

const CHANGED: u8 = 1;

#[cfg(test)]
mod tests;
