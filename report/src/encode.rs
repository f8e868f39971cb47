//! The compact encoding of a [`Fault`]: a number for the variant, then its parts, big-endian, then its
//! evidence if there is any.
//! Each variant is listed once, for writing and for reading. A number is never used again for
//! something else; whatever changes the form of a variant takes a new number.

use handclasp_codec::{
    AlertDescription, CodePoint, ContentType, ExtensionType, Field, HandshakeType, NamedGroup,
    ProtocolVersion, SignatureScheme,
};
use handclasp_crypto::KeyKind;

use crate::{Evidence, Fault, SignerFault, Uint, evidence::Kind};

/// Bytes of the longest fault: a certificate's pin, and the numbers before it.
pub(crate) const FAULT_MAX: usize = 40;

/// Writes a fault and its evidence; how many bytes it took, or nothing if there is no room.
pub(crate) fn write(fault: &Fault, evidence: Option<Evidence>, into: &mut [u8]) -> Option<usize> {
    let mut output = Output { bytes: into, length: 0 };
    fault.put(&mut output);
    match (fault.evidence_kind(), evidence) {
        (Kind::Numbers(count), Some(Evidence::Numbers(numbers))) => {
            numbers.iter().take(count).for_each(|number| number.put(&mut output));
        }
        (Kind::Dates, Some(Evidence::Dates { limit, now })) => {
            limit.put(&mut output);
            now.put(&mut output);
        }
        (Kind::Pin, Some(Evidence::Pin(pin))) => pin.put(&mut output),
        // A text of the caller's is not kept.
        _ => {}
    }
    output.written()
}

/// Whether two faults are encoded alike. A device links the encoding in any case; a comparison of all
/// variants would take hundreds of bytes more.
pub(crate) fn are_alike(one: &Fault, other: &Fault) -> bool {
    let encoded = |fault| {
        let mut bytes = [0; FAULT_MAX];
        (write(fault, None, &mut bytes), bytes)
    };
    encoded(one) == encoded(other)
}

/// Reads a fault and its evidence, which fill these bytes.
pub(crate) fn read(bytes: &[u8]) -> Option<(Fault, Option<Evidence>)> {
    let mut input = Input { left: bytes };
    let fault = Fault::take(&mut input)?;
    if input.left.is_empty() {
        return Some((fault, None));
    }
    let evidence = match fault.evidence_kind() {
        Kind::Numbers(count) => {
            let mut numbers = [0; 3];
            for number in numbers.iter_mut().take(count) {
                *number = Packed::take(&mut input)?;
            }
            Evidence::Numbers(numbers)
        }
        Kind::Dates => Evidence::Dates { limit: Packed::take(&mut input)?, now: Packed::take(&mut input)? },
        Kind::Pin => Evidence::Pin(Packed::take(&mut input)?),
        Kind::Words | Kind::Nothing => return None,
    };
    input.left.is_empty().then_some((fault, Some(evidence)))
}

struct Output<'b> {
    bytes: &'b mut [u8],
    length: usize,
}

// A part of a fault is written by one call: inlined, these took kilobytes on devices.
impl Output<'_> {
    #[inline(never)]
    fn byte(&mut self, byte: u8) {
        if let Some(place) = self.bytes.get_mut(self.length) {
            *place = byte;
        }
        self.length = self.length.saturating_add(1);
    }

    /// The last `size` bytes of a number.
    #[inline(never)]
    fn number(&mut self, number: u32, size: usize) {
        let bytes = number.to_be_bytes();
        bytes.iter().skip(bytes.len().saturating_sub(size)).for_each(|byte| self.byte(*byte));
    }

    fn bytes(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.byte(*byte));
    }

    /// How many bytes were written; `None` if there was no room for all.
    fn written(&self) -> Option<usize> {
        (self.length <= self.bytes.len()).then_some(self.length)
    }
}

struct Input<'b> {
    left: &'b [u8],
}

impl Input<'_> {
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.left.split_first_chunk()?;
        self.left = rest;
        Some(*taken)
    }
}

/// Something that a report can hold.
trait Packed: Sized {
    /// The numbers of an enum's variants, for a test that none is forgotten.
    #[cfg(test)]
    const NUMBERS: &[u8] = &[];
    fn put(&self, output: &mut Output<'_>);
    fn take(input: &mut Input<'_>) -> Option<Self>;
}

macro_rules! numbers {
    ($($int:ident),+) => {$(
        impl Packed for $int {
            fn put(&self, output: &mut Output<'_>) {
                output.number(u32::from(*self), size_of::<Self>());
            }
            fn take(input: &mut Input<'_>) -> Option<Self> {
                input.array().map(Self::from_be_bytes)
            }
        }
    )+};
}
numbers!(u16, u32);

impl Packed for u8 {
    fn put(&self, output: &mut Output<'_>) {
        output.byte(*self);
    }
    fn take(input: &mut Input<'_>) -> Option<Self> {
        input.array().map(|[byte]| byte)
    }
}

impl Packed for u64 {
    fn put(&self, output: &mut Output<'_>) {
        output.bytes(&self.to_be_bytes());
    }
    fn take(input: &mut Input<'_>) -> Option<Self> {
        input.array().map(Self::from_be_bytes)
    }
}

macro_rules! registered {
    ($($word:ident),+) => {$(
        impl Packed for $word {
            fn put(&self, output: &mut Output<'_>) {
                self.0.put(output);
            }
            fn take(input: &mut Input<'_>) -> Option<Self> {
                let mut number = 0_u32;
                for _ in 0..Self::SIZE {
                    number = (number << 8) | u32::from(u8::take(input)?);
                }
                Some(Self::from_number(number))
            }
        }
    )+};
}
registered!(
    AlertDescription,
    ContentType,
    ExtensionType,
    HandshakeType,
    NamedGroup,
    ProtocolVersion,
    SignatureScheme
);

impl<const N: usize> Packed for [u8; N] {
    fn put(&self, output: &mut Output<'_>) {
        output.bytes(self);
    }
    fn take(input: &mut Input<'_>) -> Option<Self> {
        input.array()
    }
}

impl Packed for bool {
    fn put(&self, output: &mut Output<'_>) {
        output.byte((*self).into());
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
    fn put(&self, output: &mut Output<'_>) {
        self.is_some().put(output);
        if let Some(inside) = self {
            inside.put(output);
        }
    }
    fn take(input: &mut Input<'_>) -> Option<Self> {
        if bool::take(input)? { P::take(input).map(Some) } else { Some(None) }
    }
}

impl Packed for Field {
    fn put(&self, output: &mut Output<'_>) {
        self.number().put(output);
    }
    fn take(input: &mut Input<'_>) -> Option<Self> {
        u16::take(input).and_then(Self::from_number)
    }
}

/// In 2, 4 or 8 bytes.
impl<const N: usize> Packed for Uint<N> {
    fn put(&self, output: &mut Output<'_>) {
        let number = self.get().to_be_bytes();
        let zeros = number.len().saturating_sub(N.next_power_of_two());
        output.bytes(number.get(zeros..).unwrap_or_default());
    }
    fn take(input: &mut Input<'_>) -> Option<Self> {
        let mut number = 0_u64;
        for _ in 0..N.next_power_of_two() {
            number = (number << 8) | u64::from(u8::take(input)?);
        }
        Some(Self::saturating(number))
    }
}

/// Variants with their numbers: `1 = A`, `2 = B(part)`, `3 = C { part, part }`.
macro_rules! packed {
    ($(#[$inlining:meta])? $type:ident { $($number:literal = $variant:ident $(($only:ident))? $({ $($part:ident),+ })?;)+ }) => {
        impl Packed for $type {
            #[cfg(test)]
            const NUMBERS: &[u8] = &[$($number),+];
            fn put(&self, output: &mut Output<'_>) {
                $(#[$inlining])?
                fn number(of: &$type) -> u8 {
                    match of {
                        $($type::$variant { .. } => $number,)+
                    }
                }
                output.byte(number(self));
                match self {
                    $(Self::$variant $(($only))? $({ $($part),+ })? => {
                        $($only.put(output);)?
                        $($($part.put(output);)+)?
                    })+
                }
            }
            fn take(input: &mut Input<'_>) -> Option<Self> {
                Some(match u8::take(input)? {
                    $($number => Self::$variant $(({
                        let $only = Packed::take(input)?;
                        $only
                    }))? $({ $($part: Packed::take(input)?),+ })?,)+
                    _ => return None,
                })
            }
        }
    };
}

// Apart from the parts, the numbers become a table, and variants with equal parts share their code.
packed! { #[inline(never)] Fault {
    1 = Decode { within, field, offset, problem };
    2 = Unexpected { expected, found };
    3 = NotTls { first };
    4 = UnknownContentType(found);
    5 = RecordVersion(found);
    6 = RecordOverflow { limit, found };
    7 = EmptyRecord(found);
    8 = OnlyPadding;
    9 = MalformedRecord(found);
    10 = MessageTooLarge { message, limit, found };
    11 = KeyChangeInsideMessage;
    12 = Flood(of);
    13 = RecordNotAuthentic { sequence, handshaking };
    14 = NoCommonVersion { peer };
    15 = NoCommonSuite;
    16 = NoCommonGroup;
    17 = NoCommonScheme;
    18 = NoCredential;
    19 = NoCommonAlpn;
    20 = UnrecognizedName;
    21 = NoExtendedMasterSecret;
    22 = InappropriateFallback { ours };
    23 = NoNullCompression;
    24 = MissingExtension(which);
    25 = UnsolicitedExtension(which);
    26 = MisplacedExtension(which);
    27 = NotOffered { choice, found };
    28 = SessionIdNotEchoed;
    29 = Downgrade { chosen };
    30 = UselessRetry;
    31 = RetryMismatch(field);
    32 = RenegotiationInfo;
    33 = IllegalParameter(field);
    34 = KeyShare { group, problem };
    35 = SignatureInvalid { signed, scheme, key };
    36 = SchemeKeyMismatch { signed, scheme, key };
    37 = FinishedInvalid;
    38 = BinderInvalid { identity };
    39 = UnknownPskIdentity;
    40 = Certificate(why);
    // 41 was NoCertificate without the version.
    42 = PeerAlert(alert);
    43 = ClosedInHandshake { expected };
    44 = Truncated { expected, anything_came };
    45 = TimedOut { expected, anything_came };
    46 = CallerRefused;
    // 47 was SignerFailed without the reason.
    48 = Misuse(how);
    49 = Internal(what);
    50 = Encode(error);
    51 = NoCertificate { version };
    52 = NoCommonCertificateType;
    53 = NoEncryptThenMac;
    54 = NoSignatureAlgorithms;
    55 = CurveNotOffered { curve };
    56 = TooMany { what, limit, found };
    57 = Transport(how);
    58 = SignerFailed(why);
} }

impl Packed for SignerFault {
    #[cfg(test)]
    const NUMBERS: &[u8] = &[1, 2, 3, 4];
    fn put(&self, output: &mut Output<'_>) {
        let number: u8 = match self {
            // A text of the caller's is not read back.
            Self::Failed | Self::Said => 1,
            Self::Scheme => 2,
            Self::DoesNotVerify => 3,
            Self::RawEcdsa => 4,
        };
        output.byte(number);
    }
    fn take(input: &mut Input<'_>) -> Option<Self> {
        Some(match u8::take(input)? {
            1 => Self::Failed,
            2 => Self::Scheme,
            3 => Self::DoesNotVerify,
            4 => Self::RawEcdsa,
            _ => return None,
        })
    }
}

mod parts;

/// The bytes of a `CertificateKey` note.
pub fn key_note(kind: KeyKind, pin: &[u8; 32]) -> [u8; 33] {
    let mut note = [0; 33];
    let mut output = Output { bytes: &mut note, length: 0 };
    // The array has room for both.
    kind.put(&mut output);
    output.bytes(pin);
    note
}

/// Reads a `CertificateKey` note.
pub fn read_key_note(bytes: &[u8]) -> Option<(KeyKind, [u8; 32])> {
    let mut input = Input { left: bytes };
    let kind = KeyKind::take(&mut input)?;
    Some((kind, input.array()?))
}

#[cfg(test)]
mod tests;
