//! How much content a record of one direction may have: what the protocol permits, or less where
//! that was negotiated (RFC 8449 §4, RFC 6066 §4).

use handclasp_record::MAX_PLAINTEXT;

/// With keys and without.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    protected: usize,
    bare: usize,
}

impl Limits {
    /// Nothing was negotiated (RFC 8446 §5.1).
    pub(crate) const NONE: Self = Self { protected: MAX_PLAINTEXT, bare: MAX_PLAINTEXT };

    /// `content` bytes; whether for records without protection as well.
    pub(crate) fn new(content: u16, unprotected: bool) -> Self {
        let content = usize::from(content).min(MAX_PLAINTEXT);
        Self { protected: content, bare: if unprotected { content } else { MAX_PLAINTEXT } }
    }

    pub(crate) fn of(self, protected: bool) -> usize {
        if protected { self.protected } else { self.bare }
    }
}
