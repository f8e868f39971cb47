//! The built program, run as people and scripts run it.

#![allow(dead_code, reason = "each test uses a part")]

pub mod peer;
pub mod terminal;

use std::{
    io::{BufRead as _, BufReader, Read, Write as _},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Output, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

/// Longer than anything takes on a machine that others use too.
pub const PATIENCE: Duration = Duration::from_secs(30);

pub fn program() -> &'static str {
    env!("CARGO_BIN_EXE_handclasp")
}

/// The program, which hears SIGHUP also where the tests run below nohup.
pub fn daemon() -> Command {
    let mut command = Command::new("env");
    command.args(["--default-signal=HUP", program()]);
    command
}

/// Runs it with nothing to read, to its end.
pub fn run(arguments: &[&str]) -> Output {
    run_with(arguments, b"")
}

/// Runs it with standard input, to its end.
pub fn run_with(arguments: &[&str], input: &[u8]) -> Output {
    let mut command = Command::new(program());
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // It may end without having read all of it.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

pub fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The exit code, and that standard error has these words.
#[track_caller]
pub fn ends(arguments: &[&str], code: i32, words: &[&str]) -> Output {
    let output = run(arguments);
    has_ended(&output, code, words, &format!("{arguments:?}"));
    output
}

#[track_caller]
pub fn has_ended(output: &Output, code: i32, words: &[&str], what: &str) {
    assert_eq!(output.status.code(), Some(code), "{what}: {}", err(output));
    // Long lines are broken where the terminal is narrow.
    let said = err(output).split_whitespace().collect::<Vec<_>>().join(" ");
    for word in words {
        assert!(said.contains(word), "{what} lacks {word:?}: {}", err(output));
    }
}

/// A server of ours that runs until it is dropped.
pub struct Running {
    pub child: Child,
    pub port: u16,
    told: Arc<Mutex<String>>,
}

impl Running {
    /// Starts `command`, which says `listening on …:PORT`.
    pub fn start(command: &mut Command) -> Self {
        let mut child = command.stderr(Stdio::piped()).spawn().expect("the server starts");
        let told = Arc::default();
        let reader = child.stderr.take().unwrap();
        let mut running = Self { child, port: 0, told };
        running.collect(reader);
        running.port = running.listening("listening on ");
        running
    }

    /// Starts a server that is not ours; the line with `wanted` on one of its outputs ends with its port.
    pub fn foreign(command: &mut Command, wanted: &str) -> Self {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the peer is installed");
        let (out, err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let mut running = Self { child, port: 0, told: Arc::default() };
        running.collect(out);
        running.collect(err);
        running.port = running.listening(wanted);
        running
    }

    /// The same of a server whose port is known; it is ready when one of its outputs has `wanted`.
    pub fn foreign_ready(command: &mut Command, wanted: &str) -> Self {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the peer is installed");
        let (out, err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let mut running = Self { child, port: 0, told: Arc::default() };
        running.collect(out);
        running.collect(err);
        running.until(|told| told.contains(wanted).then_some(()));
        running
    }

    /// `handclasp serve 127.0.0.1:0` and these arguments.
    pub fn serve(arguments: &[&str]) -> Self {
        let mut command = daemon();
        Self::start(command.args(["serve", "127.0.0.1:0"]).args(arguments).stdout(Stdio::null()))
    }

    /// The same with `--log json`: the port is a field.
    pub fn serve_in_json(arguments: &[&str]) -> Self {
        let mut command = daemon();
        command.args(["serve", "127.0.0.1:0", "--log", "json"]).args(arguments).stdout(Stdio::null());
        let mut child = command.stderr(Stdio::piped()).spawn().expect("the server starts");
        let reader = child.stderr.take().unwrap();
        let mut running = Self { child, port: 0, told: Arc::default() };
        running.collect(reader);
        running.port = running.until(|told| {
            let line = told.split_once("listening on 127.0.0.1:")?.1;
            line.split(|letter: char| !letter.is_ascii_digit()).next()?.parse().ok()
        });
        running
    }

    fn collect(&self, output: impl Read + Send + 'static) {
        let told = Arc::clone(&self.told);
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                *told.lock().unwrap() += &format!("{line}\n");
            }
        });
    }

    /// The port at the end of the line that has this.
    fn listening(&mut self, wanted: &str) -> u16 {
        let line = self.until(|told| {
            let line = told.lines().find_map(|line| line.split_once(wanted))?.1;
            Some(line.to_owned())
        });
        let port = line.rsplit(':').next().unwrap();
        port.split('.').next().unwrap().parse().unwrap()
    }

    /// What it said on standard error so far.
    pub fn told(&self) -> String {
        self.told.lock().unwrap().clone()
    }

    /// Waits until it has said something.
    #[track_caller]
    pub fn until<T>(&mut self, wanted: impl Fn(&str) -> Option<T>) -> T {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = wanted(&self.told()) {
                return found;
            }
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none() && Instant::now() < end, "{ended:?}: {}", self.told());
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// What it said, once it has said this; also after its end.
    #[track_caller]
    pub fn told_in_time(&self, wanted: &str) -> String {
        let end = Instant::now() + PATIENCE;
        while !self.told().contains(wanted) {
            assert!(Instant::now() < end, "it lacks {wanted:?}: {}", self.told());
            thread::sleep(Duration::from_millis(10));
        }
        self.told()
    }

    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Waits for its end.
    pub fn wait(&mut self) -> ExitStatus {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < end, "it does not end: {}", self.told());
            thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A directory of this test alone, gone with this value.
pub struct Directory(PathBuf);

impl Directory {
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("handclasp-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn at(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }

    /// A file that only its owner reads, as secrets must be.
    pub fn file(&self, name: &str, content: &[u8]) -> String {
        let path = self.0.join(name);
        std::fs::write(&path, content).unwrap();
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        path.display().to_string()
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A TLS server of one connection in this process, whose end is in the test's hands.
pub fn server(
    script: impl FnOnce(handclasp::Stream<std::net::TcpStream>) + Send + 'static,
) -> (String, thread::JoinHandle<()>) {
    let identity = handclasp::Identity::self_signed(&["localhost"]).unwrap();
    let server = handclasp::Server::new(identity);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let serving = thread::spawn(move || {
        let (transport, _) = listener.accept().unwrap();
        script(server.accept(transport).unwrap());
    });
    (address, serving)
}

/// Reads until these bytes came.
pub fn read_until(stream: &mut impl std::io::Read, end: &[u8]) -> Vec<u8> {
    let mut came = Vec::new();
    while !came.ends_with(end) {
        let mut one = [0];
        assert_eq!(stream.read(&mut one).unwrap(), 1, "{came:?}");
        came.push(one[0]);
    }
    came
}
