//! A new peer as a question. It is asked on the terminal itself, since standard input is the data.

use std::{
    collections::HashSet,
    fs::File,
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    sync::{LazyLock, Mutex, PoisonError, TryLockError},
};

use handclasp::{NewPeer, PeerAnswer, Pin};
use handclasp_codec::Printable;
use handclasp_trust::Role;

use crate::terminal;

/// The longest line that is read: twelve words are shorter.
const ANSWER_MAX: u64 = 512;

/// Answers that are neither yes nor no, before the peer is refused.
const ATTEMPTS: usize = 3;

/// Peers whose refusal is remembered. Strangers can make any number of keys.
const REFUSED_MAX: usize = 1000;

/// The terminal, of which a process has one: a second question meanwhile would take the answer of the first.
static TERMINAL: Mutex<()> = Mutex::new(());

/// What a person has answered since the program started.
static ANSWERS: LazyLock<Mutex<Answers>> = LazyLock::new(Mutex::default);

#[derive(Default)]
struct Answers {
    /// Names and keys. A peer that gave up meanwhile is not asked about when it comes again.
    accepted: HashSet<(Option<String>, Pin)>,
    refused: HashSet<Pin>,
    /// There was no terminal to ask on.
    are_impossible: bool,
}

/// Whether a peer was refused since there is no terminal to ask on.
pub fn is_impossible() -> bool {
    answers(|answers| answers.are_impossible)
}

/// Whether a person has accepted a peer whose handshake is not complete.
pub fn is_approved() -> bool {
    !answers(|answers| answers.accepted.is_empty())
}

/// The file has the peer now: if it is forgotten later, it is new again.
pub fn recorded(pin: Pin) {
    answers(|answers| answers.accepted.retain(|(_, accepted)| *accepted != pin));
}

fn answers<R>(use_them: impl FnOnce(&mut Answers) -> R) -> R {
    use_them(&mut ANSWERS.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Asks about a new peer. Without a terminal it is refused.
pub fn ask(peer: &NewPeer<'_>) -> PeerAnswer {
    let key = (peer.name.map(str::to_owned), peer.pin);
    if answers(|answers| answers.accepted.contains(&key)) {
        return PeerAnswer::Accept;
    }
    // A client that was refused, and one that comes while another one is asked about, cannot interrupt again.
    if peer.role == Role::Client && answers(|answers| answers.refused.contains(&peer.pin)) {
        return PeerAnswer::Refuse;
    }
    let _one_at_a_time = match TERMINAL.try_lock() {
        Ok(held) => held,
        Err(TryLockError::Poisoned(held)) => held.into_inner(),
        Err(TryLockError::WouldBlock) => return PeerAnswer::Refuse,
    };
    let answer = Terminal::open().and_then(|mut terminal| terminal.ask(peer).ok()).unwrap_or(Answer::Unasked);
    answers(|answers| match answer {
        Answer::Yes => {
            answers.accepted.insert(key);
        }
        Answer::No if answers.refused.len() < REFUSED_MAX => {
            answers.refused.insert(peer.pin);
        }
        Answer::Unasked => answers.are_impossible = true,
        Answer::No => {}
    });
    if answer == Answer::Yes { PeerAnswer::Accept } else { PeerAnswer::Refuse }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Yes,
    No,
    /// There is no terminal, or it is another program's.
    Unasked,
}

struct Terminal(File);

impl Terminal {
    fn open() -> Option<Self> {
        terminal::open().map(Self)
    }

    fn ask(&mut self, peer: &NewPeer<'_>) -> io::Result<Answer> {
        // What was typed or pasted before the question was not an answer to it.
        #[cfg(unix)]
        rustix::termios::tcflush(&self.0, rustix::termios::QueueSelector::IFlush)?;
        self.0.write_all(question(peer).as_bytes())?;
        let mut lines = BufReader::new(self.0.try_clone()?);
        for _ in 0..ATTEMPTS {
            write!(self.0, "Trust this key from now on? (yes, no, or the fingerprint as you know it) ")?;
            let mut line = Vec::new();
            let count = lines.by_ref().take(ANSWER_MAX).read_until(b'\n', &mut line)?;
            if count == 0 {
                writeln!(self.0)?;
                return Ok(Answer::No);
            }
            match read(&String::from_utf8_lossy(&line), peer.pin) {
                Ok(answer) => return Ok(answer),
                Err(problem) => writeln!(self.0, "{problem}")?,
            }
        }
        Ok(Answer::No)
    }
}

fn question(peer: &NewPeer<'_>) -> String {
    // `serve` asks in the task of the client.
    let client =
        handclasp_relay::current_client().map(|client| format!(" from {client}")).unwrap_or_default();
    let name = peer.name.map(Printable);
    let who = match (peer.role, name) {
        (Role::Server, name) => format!("The server {} is new", name.unwrap_or(Printable(""))),
        (Role::Client, Some(name)) => {
            format!("A client{client} is new. It calls itself \"{name}\", which anybody can do")
        }
        (Role::Client, None) => format!("A client{client} is new"),
    };
    format!(
        "{who}: {} does not have it.\n  key    {}\n  words  {}\nCompare them with what the owner of the peer tells \
         you, not over this connection.\n",
        peer.path.display(),
        peer.pin,
        peer.pin.words(),
    )
}

/// The answer in a line, or what to type.
fn read(line: &str, pin: Pin) -> Result<Answer, &'static str> {
    let words: Vec<String> = line.split_whitespace().map(str::to_lowercase).collect();
    let words = words.join(" ");
    match words.as_str() {
        "yes" => Ok(Answer::Yes),
        "no" => Ok(Answer::No),
        _ if words == pin.words().to_string().to_lowercase() => Ok(Answer::Yes),
        _ => match Pin::parse(line) {
            Ok(typed) if typed == pin => Ok(Answer::Yes),
            Ok(_) => {
                Err("That is the fingerprint of another key: this peer is not the one you know. Answer no.")
            }
            Err(_) => Err("Type yes or no as a whole word, or the fingerprint."),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_answers_count() {
        let pin = Pin([7; 32]);
        for yes in [
            "yes\n",
            " YES ",
            &pin.to_string(),
            &pin.words().to_string(),
            &pin.words().to_string().to_uppercase(),
        ] {
            assert_eq!(read(yes, pin), Ok(Answer::Yes), "{yes}");
        }
        assert_eq!(read("no\r\n", pin), Ok(Answer::No));
        for other in [
            "",
            "y",
            "n",
            "ye",
            "yes yes",
            "ok",
            &Pin([8; 32]).to_string(),
            &Pin([8; 32]).words().to_string(),
        ] {
            assert!(read(other, pin).is_err(), "{other}");
        }
    }
}
