//! Choices of the server that stand in no message which the report keeps.

use handclasp_codec::CodePoint;
use handclasp_report::{Report, Side, Tag};

/// A choice of the server's.
pub(crate) fn chose<W: CodePoint>(report: &mut Report, tag: Tag, word: W) {
    report.note_words(Side::Server, tag, core::iter::once(word));
}
