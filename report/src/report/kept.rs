//! Reads the messages that a report keeps; their form stands in `keep.rs`. Hosts run this.

use handclasp_codec::{ExtensionType, HELLO_RETRY_REQUEST_RANDOM};

use super::{Item, Side, Tag, keep::CUT_PART};

/// A field of a kept message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Part<'a> {
    /// What is kept of it: its beginning. Of a ClientHello's key_share the groups, one word each; of
    /// its pre_shared_key the identities, see [`Kept::identities`].
    pub bytes: &'a [u8],
    /// Length of the field on the wire.
    pub length: usize,
}

impl<'a> Part<'a> {
    fn whole(bytes: &'a [u8]) -> Self {
        Self { bytes, length: bytes.len() }
    }

    /// Whether not all of it is kept.
    pub fn is_cut(&self) -> bool {
        self.bytes.len() < self.length
    }
}

/// A hello, or EncryptedExtensions, as a report keeps it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Kept<'a> {
    /// The side that sent it.
    pub from: Side,
    /// [`Tag::ClientHello`], [`Tag::ServerHello`] or [`Tag::EncryptedExtensions`].
    pub tag: Tag,
    /// legacy_version, two bytes. Empty in EncryptedExtensions, as are all fields up to the extensions.
    pub legacy_version: &'a [u8],
    /// The last eight bytes of a ServerHello's random.
    pub random_end: &'a [u8],
    /// The session id, or its echo.
    pub session_id: Part<'a>,
    /// The cipher suites offered, or the one chosen.
    pub cipher_suites: Part<'a>,
    /// The compression methods offered, or the one chosen.
    pub compression_methods: Part<'a>,
    /// Whether there is a block of extensions.
    pub has_extensions: bool,
    /// Whether all extensions are kept, at least their types: no length lied, and none was left out.
    pub is_whole: bool,
    types: &'a [u8],
    parts: &'a [u8],
}

impl<'a> Kept<'a> {
    /// Reads a note. Nothing for one that holds no message.
    pub(super) fn parse(note: &Item<'a>) -> Option<Self> {
        let mut kept = Self {
            from: note.from,
            tag: note.tag,
            legacy_version: &[],
            random_end: &[],
            session_id: Part::default(),
            cipher_suites: Part::default(),
            compression_methods: Part::default(),
            has_extensions: false,
            is_whole: !note.cut,
            types: &[],
            parts: &[],
        };
        let mut left = note.bytes;
        match note.tag {
            Tag::ClientHello => {
                kept.legacy_version = take(&mut left, 2);
                kept.session_id = part(&mut left).unwrap_or_default();
                kept.cipher_suites = part(&mut left).unwrap_or_default();
                kept.compression_methods = part(&mut left).unwrap_or_default();
            }
            Tag::ServerHello => {
                kept.legacy_version = take(&mut left, 2);
                kept.random_end = take(&mut left, 8);
                kept.session_id = part(&mut left).unwrap_or_default();
                kept.cipher_suites = Part::whole(take(&mut left, 2));
                kept.compression_methods = Part::whole(take(&mut left, 1));
            }
            Tag::EncryptedExtensions => {}
            _ => return None,
        }
        if let [count, rest @ ..] = left {
            kept.has_extensions = true;
            left = rest;
            kept.types = take(&mut left, usize::from(*count).saturating_mul(2));
            kept.parts = left;
        }
        Some(kept)
    }

    /// Whether there is a part for each extension and nothing behind them. A message that ended early
    /// has fewer fields.
    pub(super) fn is_well_formed(&self) -> bool {
        let mut left = self.parts;
        self.types.chunks_exact(2).all(|_| part(&mut left).is_some()) && left.is_empty()
    }

    /// The extensions, in wire order.
    pub fn extensions(&self) -> impl Iterator<Item = (ExtensionType, Part<'a>)> + use<'a> {
        let mut left = self.parts;
        self.types.chunks_exact(2).map_while(move |word| {
            let number = word.iter().fold(0, |number, byte| (number << 8) | u16::from(*byte));
            part(&mut left).map(|part| (ExtensionType(number), part))
        })
    }

    /// The content of one extension.
    pub fn extension(&self, extension: ExtensionType) -> Option<Part<'a>> {
        self.extensions().find_map(|(found, part)| (found == extension).then_some(part))
    }

    /// Whether this is a HelloRetryRequest.
    pub fn is_retry(&self) -> bool {
        self.tag == Tag::ServerHello
            && self.random_end.len() == 8
            && HELLO_RETRY_REQUEST_RANDOM.ends_with(self.random_end)
    }

    /// The identities of a ClientHello's pre_shared_key. Of a ticket only the length is kept.
    pub fn identities(&self) -> impl Iterator<Item = Part<'a>> + use<'a> {
        let mut left = self.extension(ExtensionType::pre_shared_key).unwrap_or_default().bytes;
        core::iter::from_fn(move || part(&mut left))
    }

    /// The types of the extensions, one word each.
    pub(super) fn types(&self) -> &'a [u8] {
        self.types
    }
}

/// As many bytes as there are, up to `count`.
fn take<'a>(left: &mut &'a [u8], count: usize) -> &'a [u8] {
    let (taken, rest) = left.split_at_checked(count).unwrap_or((left, &[]));
    *left = rest;
    taken
}

/// Takes a part from the front.
fn part<'a>(left: &mut &'a [u8]) -> Option<Part<'a>> {
    let (head, rest) = left.split_first()?;
    let kept = usize::from(*head & !CUT_PART);
    let (length, rest) = match (head & CUT_PART != 0, rest) {
        (true, [high, low, rest @ ..]) => (usize::from(u16::from_be_bytes([*high, *low])), rest),
        (true, _) => return None,
        (false, rest) => (kept, rest),
    };
    let (bytes, rest) = rest.split_at_checked(kept)?;
    *left = rest;
    Some(Part { bytes, length })
}
