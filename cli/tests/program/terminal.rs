//! The built program on a terminal of its own: what it shows there, and what a person types.

use std::{
    fs::File,
    io::{Read, Write as _},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use super::{PATIENCE, program};

type Text = Arc<Mutex<String>>;

const END: &str = "<the program has ended>";

/// A program whose controlling terminal is the test's, while its standard streams are a file and pipes.
pub struct Terminal {
    master: File,
    /// Open as long as the test, so that the terminal is never hung up.
    slave: File,
    pub child: Child,
    shown: Text,
    out: Text,
    err: Text,
    readers: Vec<JoinHandle<()>>,
}

impl Terminal {
    /// Starts `handclasp` with these arguments; standard input is this file.
    pub fn start(arguments: &[&str], input: &str) -> Self {
        Self::run(r#"input=$1; shift; exec "$@" <"$input""#, input, arguments, &[])
    }

    /// The same with standard error on the terminal, too, as for a person who redirects it nowhere.
    pub fn start_shown(arguments: &[&str], variables: &[(&str, String)]) -> Self {
        Self::run(r#"shift; exec "$@" </dev/null 2>/dev/tty"#, "", arguments, variables)
    }

    /// Runs a script of a shell, whose standard output is a pipe.
    pub fn script(script: &str) -> Self {
        Self::run(script, "", &[], &[])
    }

    /// The same in the background of the terminal, where a read from it would stop the program.
    pub fn in_background(arguments: &[&str], input: &str) -> Self {
        Self::run(r#"set -m; input=$1; shift; "$@" <"$input" & wait $!"#, input, arguments, &[])
    }

    fn run(script: &str, input: &str, arguments: &[&str], variables: &[(&str, String)]) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let path = ptsname(&master, Vec::new()).unwrap().into_string().unwrap();
        let slave = File::options().read(true).write(true).without_control().open(path).unwrap();
        // setsid makes the terminal on its standard input the one of a new session; the shell then replaces standard
        // input by the data.
        // `env` restores Ctrl-C, which is ignored where the tests themselves were started in the background.
        let mut command = Command::new("env");
        command.args(["--default-signal=INT,QUIT", "setsid", "--ctty", "sh", "-c", script, "sh", input]);
        command.arg(program()).args(arguments);
        command.envs(variables.iter().map(|(name, value)| (name, value)));
        command.stdin(slave.try_clone().unwrap()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("setsid (package util-linux) starts");
        let (shown, out, err) = (Text::default(), Text::default(), Text::default());
        let master = File::from(master);
        collect(master.try_clone().unwrap(), &shown);
        let readers =
            vec![collect(child.stdout.take().unwrap(), &out), collect(child.stderr.take().unwrap(), &err)];
        Self { master, slave, child, shown, out, err, readers }
    }

    /// Types, as a person does who presses the keys of this text.
    pub fn types(&mut self, text: &str) {
        self.master.write_all(text.as_bytes()).unwrap();
    }

    /// Whether it shows what is typed, line by line, and Ctrl-C ends programs: as a shell leaves it.
    pub fn is_usual(&self) -> bool {
        use rustix::termios::LocalModes;
        let modes = rustix::termios::tcgetattr(&self.master).unwrap().local_modes;
        modes.contains(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG)
    }

    /// What the terminal shows, once it shows this.
    #[track_caller]
    pub fn shows(&self, wanted: &str) -> String {
        until(&self.shown, wanted)
    }

    /// What it shows so far.
    pub fn shown(&self) -> String {
        self.shown.lock().unwrap().clone()
    }

    /// Standard error, once it has this.
    #[track_caller]
    pub fn says(&self, wanted: &str) -> String {
        until(&self.err, wanted)
    }

    /// The port of `serve`.
    #[track_caller]
    pub fn address(&self) -> String {
        let said = until(&self.err, "\n");
        said.lines().find_map(|line| line.strip_prefix("listening on ")).unwrap().to_owned()
    }

    /// What it showed, standard output and standard error, at its end; and how it ended.
    pub fn ends(&mut self) -> (std::process::ExitStatus, String, String, String) {
        let end = Instant::now() + PATIENCE;
        let status = loop {
            match self.child.try_wait().unwrap() {
                Some(status) => break status,
                None if Instant::now() < end => thread::sleep(Duration::from_millis(5)),
                None => panic!("it does not end: {}", self.shown.lock().unwrap()),
            }
        };
        for reader in self.readers.drain(..) {
            reader.join().unwrap();
        }
        // What the program wrote to the terminal comes before this.
        self.slave.write_all(END.as_bytes()).unwrap();
        until(&self.shown, END);
        let text = |text: &Text| text.lock().unwrap().clone();
        (status, text(&self.shown).replace(END, ""), text(&self.out), text(&self.err))
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn collect(mut from: impl Read + Send + 'static, into: &Text) -> JoinHandle<()> {
    let into = Arc::clone(into);
    thread::spawn(move || {
        let mut chunk = [0; 1024];
        while let Ok(count @ 1..) = from.read(&mut chunk) {
            *into.lock().unwrap() += &String::from_utf8_lossy(&chunk[..count]);
        }
    })
}

#[track_caller]
fn until(text: &Text, wanted: &str) -> String {
    let end = Instant::now() + PATIENCE;
    loop {
        let now = text.lock().unwrap().clone();
        if now.contains(wanted) {
            return now;
        }
        assert!(Instant::now() < end, "it lacks {wanted:?}: {now}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// `O_NOCTTY`, so that the terminal does not become the one of the test.
trait WithoutControl {
    fn without_control(&mut self) -> &mut Self;
}

impl WithoutControl for std::fs::OpenOptions {
    fn without_control(&mut self) -> &mut Self {
        let flags = i32::try_from(rustix::fs::OFlags::NOCTTY.bits()).unwrap();
        std::os::unix::fs::OpenOptionsExt::custom_flags(self, flags)
    }
}
