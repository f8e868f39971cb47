//! Ways to alter a message.

/// A small generator, so that a seed gives the same choices each time (splitmix64).
#[derive(Clone)]
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    pub fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[0]
    }
}

/// What is done to a message, or with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alteration {
    FlipBit,
    SetByte,
    /// Values at the ends of what a length or a number can be, at several places.
    Extremes,
    RemoveByte,
    InsertByte,
    /// A stretch of zeros, or a stretch of the message twice.
    Zeros,
    Stretch,
    Truncate,
    Drop,
    Repeat,
    /// Behind the message that follows it.
    Swap,
    /// In its place the message of an earlier handshake of the same ends.
    Earlier,
}

impl Alteration {
    const ALL: [Self; 12] = [
        Self::FlipBit,
        Self::SetByte,
        Self::Extremes,
        Self::RemoveByte,
        Self::InsertByte,
        Self::Zeros,
        Self::Stretch,
        Self::Truncate,
        Self::Drop,
        Self::Repeat,
        Self::Swap,
        Self::Earlier,
    ];

    pub fn pick(random: &mut Random) -> Self {
        // Changes inside the message have the most to find.
        match random.below(3) {
            0 => Self::FlipBit,
            _ => Self::ALL[random.below(Self::ALL.len())],
        }
    }

    /// Alters the bytes of one message; the length in its header fits in the end, as the record
    /// layer would not hand out anything else.
    pub fn apply(self, message: &mut Vec<u8>, random: &mut Random) {
        let place = random.below(message.len());
        let in_body = 4 + random.below(message.len() - 4);
        match self {
            Self::FlipBit => message[place] ^= 1 << random.below(8),
            Self::SetByte => message[place] = random.byte(),
            Self::Extremes => {
                for _ in 0..=random.below(3) {
                    let place = random.below(message.len());
                    message[place] = [0, 1, 0x7f, 0x80, 0xff][random.below(5)];
                }
            }
            Self::RemoveByte if in_body < message.len() => drop(message.remove(in_body)),
            Self::InsertByte => message.insert(in_body.min(message.len()), random.byte()),
            Self::Zeros => {
                let end = message.len().min(in_body + 1 + random.below(40));
                message[in_body.min(end)..end].fill(0);
            }
            Self::Stretch => {
                let end = message.len().min(in_body + 1 + random.below(40));
                let again = message[in_body.min(end)..end].to_vec();
                message.splice(end..end, again);
            }
            Self::Truncate => message.truncate(in_body),
            _ => {}
        }
        let length = u32::try_from(message.len() - 4).expect("short").to_be_bytes();
        message[1..4].copy_from_slice(&length[1..]);
    }
}
