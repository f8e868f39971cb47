//! The terminal of the process, which is not its standard input: that is the data.

use std::fs::File;
#[cfg(unix)]
use std::io::{self, Read, Write as _};

#[cfg(unix)]
use rustix::{
    process::{Signal, getpgrp, getpid, kill_process},
    termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcgetpgrp, tcsetattr},
};
use zeroize::Zeroizing;

/// The longest secret that is read, in bytes. The buffer is of this size from the beginning, so that a longer one
/// does not leave copies behind.
#[cfg(unix)]
const SECRET_MAX: usize = 1024;

/// The terminal of this process. `None` if there is none, or if the process is in the background: a read would
/// stop it.
#[cfg(unix)]
pub fn open() -> Option<File> {
    let file = File::options().read(true).write(true).open("/dev/tty").ok()?;
    (tcgetpgrp(&file).ok()? == getpgrp()).then_some(file)
}

#[cfg(not(unix))]
pub fn open() -> Option<File> {
    None
}

/// Asks for a passphrase or PIN, which is not shown. `None` without a terminal, and if nothing is typed. Ctrl-C
/// ends the program, with the terminal as it was.
#[cfg(unix)]
pub fn secret(question: &str) -> Option<Zeroizing<String>> {
    let file = open()?;
    let silent = Silent::new(&file).ok()?;
    let mut terminal = &file;
    terminal.write_all(question.as_bytes()).ok()?;
    let typed = line(&mut terminal);
    drop(silent);
    let _ = terminal.write_all(b"\n");
    let typed = match typed {
        Ok(typed) => typed?,
        Err(error) if error.kind() == io::ErrorKind::Interrupted => {
            let _ = kill_process(getpid(), Signal::INT);
            return None;
        }
        Err(_) => return None,
    };
    let text = std::str::from_utf8(&typed).ok().filter(|typed| !typed.is_empty())?;
    Some(Zeroizing::new(text.to_owned()))
}

#[cfg(not(unix))]
pub fn secret(question: &str) -> Option<Zeroizing<String>> {
    rpassword::prompt_password(question).ok().map(Zeroizing::new).filter(|typed| !typed.is_empty())
}

/// A terminal that shows nothing of what is typed, passes each key on and sends no signals, until it is dropped.
#[cfg(unix)]
struct Silent<'t> {
    terminal: &'t File,
    before: Termios,
}

#[cfg(unix)]
impl<'t> Silent<'t> {
    fn new(terminal: &'t File) -> io::Result<Self> {
        let before = tcgetattr(terminal)?;
        let mut silent = before.clone();
        silent.local_modes -= LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ICANON | LocalModes::ISIG;
        // What was typed before the question is no answer to it: a wrong PIN counts.
        tcsetattr(terminal, OptionalActions::Flush, &silent)?;
        Ok(Self { terminal, before })
    }
}

#[cfg(unix)]
impl Drop for Silent<'_> {
    fn drop(&mut self) {
        let _ = tcsetattr(self.terminal, OptionalActions::Now, &self.before);
    }
}

/// A line of keys, up to Enter or the end of input. `None`: longer than any secret.
#[cfg(unix)]
fn line(from: &mut impl Read) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
    let mut typed = Zeroizing::new(Vec::with_capacity(SECRET_MAX));
    let mut is_whole = true;
    loop {
        let mut key = Zeroizing::new([0]);
        let [byte] = match from.read(&mut key[..])? {
            0 => break,
            _ => *key,
        };
        match byte {
            b'\n' | b'\r' => break,
            // Ctrl-C, Ctrl-\.
            0x03 | 0x1c => return Err(io::ErrorKind::Interrupted.into()),
            // Ctrl-D.
            0x04 => {
                typed.clear();
                break;
            }
            // Backspace, which takes the bytes of one character.
            0x08 | 0x7f => while typed.pop().is_some_and(|byte| byte & 0xc0 == 0x80) {},
            // Ctrl-U, Ctrl-W.
            0x15 | 0x17 => typed.clear(),
            _ if typed.len() < SECRET_MAX => typed.push(byte),
            _ => is_whole = false,
        }
    }
    Ok(is_whole.then_some(typed))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn typed(keys: &[u8]) -> Option<Vec<u8>> {
        line(&mut &keys[..]).unwrap().map(|typed| typed.to_vec())
    }

    #[test]
    fn keys_edit_the_line() {
        for (keys, expected) in [
            (&b"secret\n"[..], &b"secret"[..]),
            (b"secret\rmore", b"secret"),
            (b"secret", b"secret"),
            (b"wrong\x15se\x7f\x7fright\x08\n", b"righ"),
            (b"\x7f\x7fx\n", b"x"),
            ("gr\u{fc}\u{20ac}\x7f\x7fu\n".as_bytes(), b"gru"),
            (b"half\x04\n", b""),
            (b" a b \n", b" a b "),
        ] {
            assert_eq!(typed(keys).as_deref(), Some(expected), "{keys:?}");
        }
        assert_eq!(line(&mut &b"sec\x03ret\n"[..]).unwrap_err().kind(), io::ErrorKind::Interrupted);
        assert_eq!(typed(&[b'x'; SECRET_MAX]).map(|typed| typed.len()), Some(SECRET_MAX));
        assert_eq!(typed(&[b'x'; SECRET_MAX + 1]), None, "a part of it would be another secret");
    }
}
