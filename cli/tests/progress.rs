//! The progress of a long transfer: a line on the terminal of a person who watches, and nothing anywhere else.

mod program;

use std::{io::Write as _, sync::mpsc::channel, time::Duration};

use program::{out, run_with, server, terminal::Terminal};

/// A server that sends until it is to end; the sum of what it sent.
fn sends() -> (String, impl FnOnce() -> usize) {
    let (stop, stopped) = channel::<()>();
    let (tell, told) = channel();
    let (address, serving) = server(move |mut stream| {
        let mut sent = 0;
        while stopped.recv_timeout(Duration::from_millis(50)).is_err() {
            stream.write_all(&[b'x'; 4096]).unwrap();
            sent += 4096;
        }
        tell.send(sent).unwrap();
        stream.close().unwrap();
    });
    let end = move || {
        stop.send(()).unwrap();
        let sent = told.recv().unwrap();
        serving.join().unwrap();
        sent
    };
    (address, end)
}

#[test]
fn a_terminal_shows_how_much_came() {
    let (address, end) = sends();
    let mut terminal = Terminal::start_shown(&["connect", &address, "--danger-accept-any"], &[]);
    let shown = terminal.shows("/s");
    assert!(shown.contains("received ") && shown.contains(", sent 0 B"), "{shown}");
    let sent = end();
    let (status, shown, came, _) = terminal.ends();
    assert!(status.success(), "{shown}");
    assert!(came.len() == sent && came.bytes().all(|byte| byte == b'x'), "{} of {sent}", came.len());
    // The line is taken away at the end.
    assert!(shown.trim_end_matches(['\r', '\n']).ends_with("\u{1b}[2K"), "{shown:?}");
}

#[test]
fn with_quiet_it_shows_nothing() {
    let (address, end) = sends();
    let arguments = ["connect", &address, "--danger-accept-any", "--quiet"];
    let mut terminal = Terminal::start_shown(&arguments, &[]);
    std::thread::sleep(Duration::from_millis(1500));
    end();
    let (status, shown, ..) = terminal.ends();
    assert!(status.success() && !shown.contains("received"), "{shown}");
}

#[test]
fn a_pipe_gets_facts_alone() {
    let (address, end) = sends();
    let ending = std::thread::spawn(|| {
        std::thread::sleep(Duration::from_millis(1500));
        end()
    });
    let output = run_with(&["connect", &address, "--danger-accept-any"], b"");
    let sent = ending.join().unwrap();
    assert_eq!(out(&output).len(), sent);
    let said = program::err(&output);
    assert!(said.starts_with("connected: ") || said.contains("\nconnected: "), "{said}");
    assert!(!said.contains("received") && !said.contains('\u{1b}'), "{said}");
}

/// The length of a file is known.
#[test]
fn a_file_has_a_rest() {
    let directory = program::Directory::new("progress");
    let file = directory.file("data", &vec![b'y'; 8 << 20]);
    let (address, serving) = server(|mut stream| {
        use std::io::Read as _;
        let (mut chunk, mut sum) = ([0; 16 * 1024], 0);
        // Slow at first, so that the transfer is a long one.
        for _ in 0..30 {
            std::thread::sleep(Duration::from_millis(50));
            sum += stream.read(&mut chunk).unwrap();
        }
        while sum < 8 << 20 {
            sum += stream.read(&mut chunk).unwrap();
        }
        stream.close().unwrap();
    });
    let script =
        format!("exec {} connect {address} --danger-accept-any <{file} 2>/dev/tty", program::program());
    let mut terminal = Terminal::script(&script);
    terminal.shows("of 8.00 MiB");
    serving.join().unwrap();
    assert!(terminal.ends().0.success());
}
