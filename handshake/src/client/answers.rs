//! What both versions ask of a server's extensions: answers to what was offered and nothing
//! else, each in its place (RFC 8446 §4.2, RFC 5246 §7.4.1.4); one protocol of ours (RFC 7301).

use alloc::vec::Vec;

use handclasp_codec::{ExtensionType, Field, ProtocolNameList};
use handclasp_report::{Choice, Failed, Fault};

use crate::{Context, capability, extensions::OfferedExtensions};

/// Refuses an answer to what was not `offered`, and one that may not stand here.
///
/// # Errors
/// The first such extension.
pub(crate) fn only_answers(
    context: &mut Context<'_>,
    offered: OfferedExtensions,
    permitted: &[ExtensionType],
    mut found: impl Iterator<Item = ExtensionType>,
) -> Result<(), Failed> {
    found.try_for_each(|found| match (offered.contains(found), permitted.contains(&found)) {
        (true, true) => Ok(()),
        (true, false) => Err(context.fail(Fault::MisplacedExtension(found))),
        (false, _) => Err(context.fail(Fault::UnsolicitedExtension(found))),
    })
}

/// The protocol that the server chose, if it chose one.
///
/// # Errors
/// More than one, or one that is not ours.
pub(crate) fn chosen_alpn(
    context: &mut Context<'_>,
    answer: Option<&ProtocolNameList<'_>>,
) -> Result<Option<Vec<u8>>, Failed> {
    let Some(answer) = answer.filter(|_| capability::HostExtensions::ON) else { return Ok(None) };
    let mut names = answer.protocol_name_list.iter();
    let (Some(name), None) = (names.next(), names.next()) else {
        return Err(context.fail(Fault::IllegalParameter(Field::protocol_name_list)));
    };
    match context.config.alpn.iter().any(|ours| ours == name.0) {
        true => Ok(Some(Vec::from(name.0))),
        // A protocol has a name and no number; the name stands in the report.
        false => Err(context.fail(Fault::NotOffered { choice: Choice::Alpn, found: 0 })),
    }
}
