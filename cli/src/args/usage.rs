//! The usage texts: examples first, then the flags under headings. `-h` has the first sentence of each flag, `--help` all.
//!
//! A new command needs a row in `examples`; headings of flags are in `headings`. All else follows from its definition.

pub mod examples;
mod headings;

use std::ffi::OsString;

use clap::{
    Arg, Command, CommandFactory, FromArgMatches,
    builder::StyledStr,
    error::{ContextKind, ContextValue, ErrorKind},
};

use super::Arguments;

/// A command with fewer flags has no headings.
const MANY_FLAGS: usize = 11;

/// The arguments of the process.
///
/// # Errors
/// Arguments that the definition does not permit; also `--help` and `--version`.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Arguments, clap::Error> {
    let mut command = command();
    let mut matches = command.try_get_matches_from_mut(arguments).map_err(json_of_servers)?;
    Arguments::from_arg_matches_mut(&mut matches).map_err(|error| match error.kind() {
        ErrorKind::DisplayHelp => error,
        _ => error.format(&mut command),
    })
}

/// Commands that run on have no facts to print once: what they log is JSON by another flag than that of other commands.
fn json_of_servers(mut error: clap::Error) -> clap::Error {
    let is_json = error.get(ContextKind::InvalidArg) == Some(&ContextValue::String("--json".to_owned()));
    let is_server = error.get(ContextKind::Usage).is_some_and(|usage| {
        let usage = usage.to_string();
        ["handclasp serve ", "handclasp tunnel ", "handclasp run "].iter().any(|name| usage.contains(name))
    });
    if error.kind() == ErrorKind::UnknownArgument && is_json && is_server {
        let tip = StyledStr::from("the log in JSON, an object a line: --log json".to_owned());
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip]));
    }
    error
}

/// The definition of all commands, with their usage texts.
pub fn command() -> Command {
    with_usage(Arguments::command(), "")
}

/// `words` are those of the command behind `handclasp`.
fn with_usage(command: Command, words: &str) -> Command {
    let command = with_headings(command, words).mut_args(with_short_help);
    let details = details(&command);
    // Examples stand in the template: in front of the usage, in the short and in the long help.
    let template = format!(
        "{{about-with-newline}}\n{}{{usage-heading}} {{usage}}\n\n{{before-help}}{{all-args}}{{after-help}}",
        text_of_examples(words)
    );
    let mut command = command.long_about(None::<&str>).help_template(template);
    if let Some(details) = details {
        command = command.before_long_help(details);
    }
    command.mut_subcommands(|subcommand| {
        let words = format!("{words} {}", subcommand.get_name());
        with_usage(subcommand, words.trim_start())
    })
}

/// What the long description has behind its first line.
fn details(command: &Command) -> Option<String> {
    let (about, long) = (command.get_about()?.to_string(), command.get_long_about()?.to_string());
    let details = long.strip_prefix(&about)?.trim_start_matches('.').trim();
    (!details.is_empty()).then(|| details.to_owned())
}

fn text_of_examples(words: &str) -> String {
    let mut text = String::from("Examples:\n");
    for example in examples::of(words) {
        if !example.what.is_empty() {
            text += &format!("  # {}\n", example.what);
        }
        text += &format!("  {}\n", example.line);
    }
    text + "\n"
}

fn with_headings(command: Command, words: &str) -> Command {
    if command.get_opts().count() < MANY_FLAGS {
        return command;
    }
    let words = words.to_owned();
    command.mut_args(|argument| match argument.get_long().and_then(|flag| headings::of(&words, flag)) {
        Some(heading) => argument.help_heading(heading),
        None => argument,
    })
}

/// The first sentence as the short help.
fn with_short_help(argument: Arg) -> Arg {
    let Some(help) = argument.get_help().map(ToString::to_string) else { return argument };
    let Some((first, _)) = help.split_once(". ") else { return argument };
    let (first, long) = (first.to_owned(), argument.get_long_help().map_or(help, ToString::to_string));
    argument.help(first).long_help(long)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Most flags of a command that stand under `Options`.
    const OPTIONS_MAX: usize = 10;

    /// Every command that a user can give, with its words behind `handclasp`.
    fn each(visit: &mut dyn FnMut(&str, &Command)) {
        fn below(command: &Command, words: &str, visit: &mut dyn FnMut(&str, &Command)) {
            visit(words, command);
            for subcommand in command.get_subcommands() {
                below(subcommand, format!("{words} {}", subcommand.get_name()).trim_start(), visit);
            }
        }
        below(&command(), "", visit);
    }

    /// The commands of a line for a shell: at pipes and `&&`, without the files that `>` names.
    fn commands_of(line: &str) -> Vec<Vec<OsString>> {
        let words = shlex::split(line).unwrap_or_else(|| panic!("not a command line: {line}"));
        let mut commands = vec![Vec::new()];
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            match word.as_str() {
                "|" | "&&" => commands.push(Vec::new()),
                ">" => drop(words.next()),
                _ => commands.last_mut().unwrap().push(OsString::from(word)),
            }
        }
        commands
    }

    #[test]
    fn every_command_has_examples() {
        let mut names = Vec::new();
        each(&mut |words, command| {
            let count = examples::of(words).count();
            let least = if command.get_opts().count() == 0 && !command.has_subcommands() { 1 } else { 2 };
            assert!(
                (least..=5).contains(&count),
                "`handclasp {words}` has {count} examples, expected {least} to 5: add a row to args/usage/examples.rs"
            );
            names.push(words.to_owned());
        });
        for listed in examples::commands() {
            assert!(
                names.iter().any(|name| name == listed),
                "examples of `{listed}`, which is not a command"
            );
        }
    }

    #[test]
    fn every_example_parses() {
        each(&mut |words, _| {
            for example in examples::of(words) {
                let ours: Vec<_> = commands_of(example.line)
                    .into_iter()
                    .filter(|command| command[0] == "handclasp")
                    .collect();
                // Redis takes changes from its own program, too.
                if ours.is_empty() && example.line.starts_with("redis-cli ") {
                    continue;
                }
                assert!(!ours.is_empty(), "{}", example.line);
                let is_named = |command: &Vec<OsString>| {
                    command
                        .iter()
                        .skip(1)
                        .map(|word| word.to_str().unwrap())
                        .collect::<Vec<_>>()
                        .join(" ")
                        .starts_with(words)
                };
                assert!(ours.iter().any(is_named), "an example of `{words}`: {}", example.line);
                for command in ours {
                    if let Err(error) = parse(super::super::joined(command)) {
                        panic!("{}\n{error}", example.line);
                    }
                }
                assert!(!example.line.contains(['{', '}']), "{}: clap reads braces as a tag", example.line);
                assert!(example.line.len() <= 120 && example.what.len() <= 96, "{}", example.line);
            }
        });
    }

    #[test]
    fn help_begins_with_the_examples() {
        let defined = Arguments::command();
        each(&mut |words, command| {
            for help in [command.clone().render_help(), command.clone().render_long_help()] {
                let help = help.to_string();
                let (examples, usage) = (help.find("\nExamples:\n"), help.find("\nUsage: "));
                assert!(examples.is_some() && examples < usage, "{words}: {help}");
            }
            // What the definition says at length is in the long help, after the usage.
            let defined = words
                .split_whitespace()
                .fold(&defined, |command, word| command.find_subcommand(word).unwrap());
            let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            let long = plain(&command.clone().render_long_help().to_string());
            let said = details(defined).unwrap_or_default();
            assert!(long.contains(&plain(&said)), "{words} lacks {said:?}: {long}");
            for argument in defined.get_arguments().filter(|argument| !argument.is_hide_set()) {
                let said = argument.get_long_help().or(argument.get_help()).unwrap().to_string();
                let said = said.lines().next().unwrap();
                assert!(long.contains(&plain(said)), "{words} lacks {said:?}");
            }
        });
    }

    #[test]
    fn flags_stand_under_headings() {
        each(&mut |words, command| {
            let alone: Vec<_> = command
                .get_opts()
                .filter(|argument| argument.get_help_heading().is_none() && !argument.is_hide_set())
                .filter_map(Arg::get_long)
                .collect();
            assert!(
                alone.len() <= OPTIONS_MAX,
                "`handclasp {words}`: give some of {alone:?} a heading in args/usage/headings.rs"
            );
        });
    }

    #[test]
    fn the_short_help_has_first_sentences() {
        let serve = command().find_subcommand("serve").unwrap().clone();
        let (short, long) =
            (serve.clone().render_help().to_string(), serve.clone().render_long_help().to_string());
        assert!(short.lines().count() * 3 < long.lines().count() * 2, "{short}");
        let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(!plain(&short).contains("displaces an unfinished handshake"), "{short}");
        assert!(plain(&long).contains("displaces an unfinished handshake"), "{long}");
    }
}
