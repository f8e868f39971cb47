//! A folder with a token of SoftHSM, keys of OpenSSL and scripts, in which the program is run.

#![allow(dead_code, reason = "each test uses a part")]

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpListener,
    process::{Child, Command, Output, Stdio},
    thread,
};

use crate::program::{self, Directory, Running, err, has_ended, out};

pub const PIN: &str = "240862";
pub const MODULE: &str = "/usr/lib/softhsm/libsofthsm2.so";
/// Of OpenSC: passes calls on to another module, and writes them down.
const SPY: &str = "/usr/lib/x86_64-linux-gnu/pkcs11-spy.so";

pub struct Lab(pub Directory);

impl Lab {
    pub fn new(name: &str) -> Self {
        Self(Directory::new(name))
    }

    /// With an empty token "lab".
    pub fn with_token(name: &str) -> Self {
        let lab = Self::new(name);
        fs::create_dir(lab.0.path().join("tokens")).expect("a folder");
        let lines = format!("directories.tokendir = {}\nlog.level = ERROR\n", lab.0.at("tokens"));
        lab.0.file("softhsm2.conf", lines.as_bytes());
        lab.token("lab");
        lab
    }

    pub fn token(&self, label: &str) {
        self.sh(&format!("softhsm2-util --init-token --free --label {label} --so-pin 1111 --pin {PIN}"));
    }

    /// The URI of a key in the token.
    pub fn uri(&self, object: &str) -> String {
        format!("pkcs11:token=lab;object={object}?module-path={MODULE}")
    }

    /// The same behind the spy, which writes to `calls`.
    pub fn spied(&self, object: &str) -> String {
        self.uri(object).replace(MODULE, SPY)
    }

    fn prepared(&self, mut command: Command) -> Command {
        command.current_dir(self.0.path()).envs(self.variables());
        command
    }

    /// The environment of the program.
    pub fn variables(&self) -> [(&'static str, String); 6] {
        [
            ("SOFTHSM2_CONF", self.0.at("softhsm2.conf")),
            ("PKCS11SPY", MODULE.to_owned()),
            ("PKCS11SPY_OUTPUT", self.0.at("calls")),
            ("SSH_AUTH_SOCK", self.0.at("agent")),
            ("TOKEN_PIN", PIN.to_owned()),
            ("WRONG_PIN", "000000".to_owned()),
        ]
    }

    /// The program, without a terminal: a question for a PIN would wait for the person who runs the test.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("setsid");
        command.args(["--wait", program::program()]).args(arguments);
        self.prepared(command)
    }

    pub fn run(&self, arguments: &[&str], input: &str) -> Output {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("starts");
        // It may end without having read all of it.
        let _ = child.stdin.take().expect("piped").write_all(input.as_bytes());
        child.wait_with_output().expect("ends")
    }

    /// Runs the program: its exit code, and words on standard error. Returns standard output.
    #[track_caller]
    pub fn ends(&self, arguments: &[&str], code: i32, words: &[&str]) -> String {
        let output = self.run(arguments, "");
        has_ended(&output, code, words, &format!("{arguments:?}"));
        assert!(!err(&output).contains(PIN) && !out(&output).contains(PIN), "{}", err(&output));
        out(&output)
    }

    /// The same, with standard output in a file.
    #[track_caller]
    pub fn write_out(&self, arguments: &[&str], name: &str) {
        let text = self.ends(arguments, 0, &[]);
        self.0.file(name, text.as_bytes());
    }

    #[track_caller]
    pub fn sh(&self, line: &str) -> String {
        let mut command = Command::new("sh");
        command.args(["-c", line]).stdin(Stdio::null());
        let output = self.prepared(command).output().expect("runs");
        assert!(output.status.success(), "{line}: {}{}", out(&output), err(&output));
        out(&output) + &err(&output)
    }

    pub fn serve(&self, arguments: &[&str]) -> Running {
        // Not below setsid, so that it ends with the test.
        let mut command = Command::new(program::program());
        command.args(["serve", "127.0.0.1:0"]).args(arguments).stdin(Stdio::null()).stdout(Stdio::null());
        Running::start(&mut self.prepared(command))
    }

    /// Starts a peer that says on standard output when it listens.
    pub fn peer(&self, line: &str, ready: &str) -> Peer {
        let mut words = line.split(' ');
        let mut command = Command::new(words.next().expect("a program"));
        command.args(words).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = self.prepared(command).spawn().unwrap_or_else(|error| panic!("{line}: {error}"));
        let mut output = BufReader::new(child.stdout.take().expect("piped"));
        let mut said = String::new();
        while !said.starts_with(ready) {
            said.clear();
            assert_ne!(output.read_line(&mut said).expect("reads"), 0, "{line} ended");
        }
        // What it prints later is not needed, but it must be read.
        thread::spawn(move || drop(output.read_to_end(&mut Vec::new())));
        Peer(child)
    }

    /// Starts a program.
    pub fn started(&self, program: &str, arguments: &[&str]) -> Peer {
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Peer(self.prepared(command).spawn().unwrap_or_else(|error| panic!("{program}: {error}")))
    }

    /// A script that describes the key of a file with these lines and signs so, as a flag's value.
    pub fn signer(&self, key: &str, lines: &str, sign: &str) -> String {
        let body = format!(
            "cd {}\ncase $1 in\ndescribe) printf 'handclasp-signer 1\\n{lines}\\n'; cat {key}.pub ;;\nsign) {sign} \
             ;;\nesac\n",
            self.0.at("")
        );
        // `sh` reads the script, so that it may be open for writing in a process of another test.
        format!("sh {}", self.0.file("signer.sh", body.as_bytes()))
    }

    /// The value of a line of `id show`.
    #[track_caller]
    pub fn fact(&self, folder: &str, name: &str) -> String {
        let shown = self.ends(&["id", "show", folder], 0, &[]);
        let line = shown.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap_or_else(|| panic!("{shown} lacks {name}")).trim().to_owned()
    }
}

/// A process that ends on drop.
pub struct Peer(Child);

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port").port()
}
