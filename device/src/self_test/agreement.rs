//! Key agreement.

use handclasp_codec::NamedGroup;
use handclasp_crypto::{KeyExchange, Random, RandomFailed};

use super::counting;
use crate::BootError;

/// Answers of a group: the first bytes of the public key whose private key is counting bytes, and of the
/// secret that this key agrees with itself.
struct Known {
    group: NamedGroup,
    public: [u8; 32],
    secret: [u8; 32],
}

const KNOWN: [Known; 3] = [
    Known {
        group: NamedGroup::x25519,
        public: *b"\x79\xa6\x31\xee\xde\x1b\xf9\xc9\x8f\x12\x03\x2c\xde\xad\xd0\xe7\xa0\x79\x39\x8f\xc7\x86\xb8\x8c\xc8\x46\xec\x89\xaf\x85\xa5\x1a",
        secret: *b"\xbc\x99\x79\x2f\x51\xa6\x23\xba\x9b\x71\xde\x87\xce\xd3\x18\x6a\xcc\x18\xf3\xf6\x84\xe9\x59\x42\xe2\x74\x5a\x39\xff\xe8\x38\x4e",
    },
    Known {
        group: NamedGroup::secp256r1,
        public: *b"\x68\xec\x7c\xf0\x8c\xd4\x10\x6e\x43\xb1\x4d\xe8\x95\x42\x65\x22\xbd\x0a\x45\x15\x0c\x02\x7e\x45\xc7\x95\x34\x34\xd7\x47\xe7\xba",
        secret: *b"\xb8\x37\x38\x3f\x5b\xd2\x43\x6f\xb7\x80\xbd\xde\xde\xd7\x24\x6e\x16\x51\x68\x2f\x4f\x17\x60\x3b\x59\xa3\x45\xcc\xfe\x56\x35\x96",
    },
    Known {
        group: NamedGroup::secp384r1,
        public: *b"\x0f\x3b\x4e\x71\x29\x2f\x2d\xe3\xa7\xc7\xbe\xfb\x78\x50\x08\x41\x78\x58\xf3\xcf\xfe\x81\x92\x34\x5e\x11\x73\x5f\x4e\x75\xed\x8a",
        secret: *b"\x7d\x07\x70\x2d\xf0\x6d\x07\xa3\xfa\x98\x0d\x7d\xe4\x9b\x10\x02\xe3\xe9\x41\x85\x33\x30\x00\x3f\x02\x37\x64\x40\xf7\x1e\x07\xc0",
    },
];

/// Where a private key is drawn: bytes that count up.
struct Counting;

impl Random for Counting {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), RandomFailed> {
        for (to, from) in out.iter_mut().zip(counting::<64>(0x40)) {
            *to = from;
        }
        Ok(())
    }
}

pub(super) fn test(exchange: &dyn KeyExchange) -> Result<(), BootError> {
    let group = exchange.group();
    let failed = BootError::Group(group);
    let known = KNOWN.iter().find(|known| known.group == group).ok_or(BootError::UntestedGroup(group))?;
    let pair = exchange.start(&mut Counting).map_err(|_| failed)?;
    let mut public = [0; 1 + 2 * 48];
    let public = public.get_mut(..pair.public().len()).ok_or(failed)?;
    public.copy_from_slice(pair.public());
    // Points of SEC 1 have a byte of their form in front.
    let is_known =
        public.starts_with(&known.public) || public.get(1..).is_some_and(|x| x.starts_with(&known.public));
    if !is_known {
        return Err(failed);
    }
    let secret = pair.agree(public).map_err(|_| failed)?;
    if !secret.expose().starts_with(&known.secret) {
        return Err(failed);
    }
    // A point that is not on the curve, or of small order, must be refused.
    let pair = exchange.start(&mut Counting).map_err(|_| failed)?;
    public.iter_mut().skip(1).for_each(|byte| *byte = 0);
    if let Some(first) = public.first_mut().filter(|first| **first != 4) {
        *first = 0;
    }
    match pair.agree(public) {
        Err(_) => Ok(()),
        Ok(_) => Err(failed),
    }
}
