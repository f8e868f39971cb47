//! Dialogues of lines, run by the tables of `lines/table.rs`.

mod table;

use std::net::IpAddr;

use super::{Protocol, trouble::Trouble, wire::Wire};
use table::{Outcome, Reply, Step};

/// Asks a server for TLS.
pub async fn negotiate(wire: &mut Wire<'_>, protocol: Protocol) -> Result<(), Trouble> {
    for step in table::client(protocol) {
        let command = step.command.replace("{me}", &our_name(wire));
        if !command.is_empty() {
            wire.send(format!("{command}\r\n")).await?;
        }
        let lines = read(wire, step).await?;
        judge(step, &lines)?;
    }
    wire.nothing_more().await
}

/// What SMTP's EHLO names: an address literal (RFC 5321 §4.1.3), as a name may not be known.
fn our_name(wire: &Wire<'_>) -> String {
    match wire.local().map(|address| address.ip().to_canonical()) {
        Some(IpAddr::V4(address)) => format!("[{address}]"),
        Some(IpAddr::V6(address)) => format!("[IPv6:{address}]"),
        None => "localhost".to_owned(),
    }
}

/// The lines of a reply, its status last.
async fn read(wire: &mut Wire<'_>, step: &Step) -> Result<Vec<String>, Trouble> {
    let expected = step.expected();
    let first = wire.line(&expected).await?;
    let mut lines = vec![first.clone()];
    let is_last = |line: &str| match step.reply {
        Reply::Line => true,
        Reply::Code => match first.split_at_checked(3).filter(|(_, rest)| rest.starts_with('-')) {
            Some((code, _)) => line.strip_prefix(code).is_some_and(|rest| !rest.starts_with('-')),
            None => true,
        },
        Reply::Dotted => line == "." || !step.is_good(&first),
        Reply::Tagged(tag) => line.strip_prefix(tag).is_some_and(|rest| rest.starts_with(' ')),
        Reply::Sieve => ["OK", "NO", "BYE"].iter().any(|word| begins(line, word)),
    };
    let mut last = first.clone();
    while !is_last(&last) {
        last = wire.line(&expected).await?;
        lines.push(last.clone());
    }
    Ok(lines)
}

/// Whether the reply is the one that the step needs.
fn judge(step: &Step, lines: &[String]) -> Result<(), Trouble> {
    let status = match step.reply {
        Reply::Dotted => lines.first(),
        Reply::Line | Reply::Code | Reply::Tagged(_) | Reply::Sieve => lines.last(),
    };
    let status = status.map(String::as_str).unwrap_or_default();
    if !step.is_good(status) {
        if step.may_fail {
            return Ok(());
        }
        let whole = lines.join("\r\n");
        return Err(match step.refusals.iter().any(|refusal| begins(status, refusal)) {
            true => {
                let why = Trouble::unexpected(step.expected(), &whole);
                let Trouble::Unexpected { found, .. } = why else { return Err(why) };
                Trouble::NotOffered(format!("it answered {found} to {}", step.after))
            }
            false => Trouble::unexpected(step.expected(), &whole),
        });
    }
    match step.must_list {
        Some(word) if !lists(lines, word) => {
            let found = super::trouble::printable(lines.join(", ").as_bytes());
            Err(Trouble::NotOffered(format!("its answer to {} lacks {word}: {found}", step.after)))
        }
        Some(_) | None => Ok(()),
    }
}

/// Whether a word stands in some line.
fn lists(lines: &[String], word: &str) -> bool {
    let divides = |c: char| c.is_whitespace() || matches!(c, '-' | '"' | '[' | ']');
    lines.iter().any(|line| line.split(divides).any(|found| found.eq_ignore_ascii_case(word)))
}

/// Whether a line begins with a word, in any case.
fn begins(line: &str, word: &str) -> bool {
    line.split_at_checked(word.len()).is_some_and(|(head, rest)| {
        head.eq_ignore_ascii_case(word) && rest.chars().next().is_none_or(|c| !c.is_ascii_alphanumeric())
    })
}

/// Answers a client up to its request.
pub async fn answer(wire: &mut Wire<'_>, protocol: Protocol) -> Result<(), Trouble> {
    let service = table::server(protocol);
    let expected = service.request;
    wire.send(service.greeting).await?;
    loop {
        let line = wire.line(expected).await?;
        let (tag, command) = match service.is_tagged {
            true => line.split_once(' ').unwrap_or((line.as_str(), "")),
            false => ("", line.as_str()),
        };
        let known = service.commands.iter().find(|(word, _)| begins(command, word));
        let (outcome, reply) = known.map_or((Outcome::GoesOn, service.otherwise), |(_, then)| *then);
        if outcome == Outcome::Starts {
            // Whatever the client has sent by now was not sent by TLS.
            wire.nothing_more().await?;
        }
        wire.send(reply.replace("{tag}", tag_of(tag))).await?;
        match outcome {
            Outcome::GoesOn => {}
            Outcome::Starts => return Ok(()),
            Outcome::Ends => return Err(Trouble::unexpected(expected, command)),
        }
    }
}

/// A tag that can be repeated (RFC 9051 §9); `*` for anything else.
fn tag_of(tag: &str) -> &str {
    let is_good = |c: char| c.is_ascii_graphic() && !"(){%*\"\\+".contains(c);
    if !tag.is_empty() && tag.chars().all(is_good) { tag } else { "*" }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A client of IMAP gets its tag back, and nothing that would mean something else in an answer.
    #[test]
    fn tags_that_are_repeated() {
        for (tag, repeated) in [
            ("a1", "a1"),
            ("A.2-x]", "A.2-x]"),
            ("", "*"),
            ("a{3}", "*"),
            ("a\u{7}", "*"),
            ("a\"", "*"),
            ("ä", "*"),
        ] {
            assert_eq!(tag_of(tag), repeated);
        }
    }
}
