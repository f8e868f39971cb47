//! One length inside a message that is wrong by a little, as when it counts itself or its
//! type: each length that was read is tried with other values, and the message decoded.

use std::ops::Range;

use handclasp_codec::{Context, ErrorSlot, HandshakeType, Reader, dissect};

use crate::conversation::field_tree::{Content, Node, Recorder};

const HEADER: usize = 4;
/// A length that counts its own bytes, its type, or both, is off by this much at most.
const OFF: u32 = 5;
/// Lengths tried, from the place of the error backwards.
const TRIED: usize = 12;

/// A length that, corrected, makes the message decode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Correction {
    /// The vector's name.
    pub name: &'static str,
    /// Where the length stands, from the message's first byte.
    pub range: Range<usize>,
    /// What it says.
    pub found: u32,
    /// What it should say.
    pub right: u32,
    /// The message with it.
    pub message: Vec<u8>,
}

/// The first correction that makes the message decode.
pub(super) fn correct(msg_type: HandshakeType, context: Context, message: &[u8]) -> Option<Correction> {
    if message.len() > 1 << 16 {
        return None;
    }
    let mut recorder = Recorder::default();
    let body = message.get(HEADER..)?;
    let _ = dissect(msg_type, context, &mut Reader::at(body, HEADER, &mut recorder));
    let mut lengths = Vec::new();
    for node in &recorder.finish() {
        collect(node, &mut lengths);
    }
    lengths.iter().rev().take(TRIED).find_map(|(name, range, found)| {
        let near = (1..=OFF).flat_map(|off| [found.checked_sub(off), found.checked_add(off)]).flatten();
        let to_the_end = u32::try_from(message.len().saturating_sub(range.end)).ok();
        let rights = near.chain(to_the_end).filter(|right| right != found);
        rights.into_iter().find_map(|right| {
            let message = with_length(message, range, right)?;
            let decodes = dissect(
                msg_type,
                context,
                &mut Reader::new(message.get(HEADER..)?, &mut ErrorSlot::default()),
            )
            .is_ok();
            decodes.then(|| Correction { name, range: range.clone(), found: *found, right, message })
        })
    })
}

fn collect(node: &Node, lengths: &mut Vec<(&'static str, Range<usize>, u32)>) {
    if let Content::Length(found) = node.value {
        lengths.push((node.name, node.range.clone(), found));
    }
    for child in &node.children {
        collect(child, lengths);
    }
}

/// The message with another number in the place of a length; none if it does not fit.
fn with_length(message: &[u8], range: &Range<usize>, right: u32) -> Option<Vec<u8>> {
    let mut message = message.to_vec();
    let position = message.get_mut(range.clone())?;
    let bytes = right.to_be_bytes();
    let (high, low) = bytes.split_at_checked(bytes.len().checked_sub(position.len())?)?;
    if high.iter().any(|byte| *byte != 0) {
        return None;
    }
    position.copy_from_slice(low);
    Some(message)
}
