//! Paths and commands of the workspace.

use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use cargo_metadata::Message;

/// The root of the repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("/"))
}

/// The `cargo` that runs this program, to be run at the root.
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    // Cargo sets these for the package that it runs; a nested cargo builds other packages.
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_")) {
            command.env_remove(name);
        }
    }
    command.env_remove("CARGO_MANIFEST_DIR").env_remove("CARGO_MANIFEST_PATH");
    command
}

/// Runs a command to its end and returns its standard output. An error quotes the command's output.
pub fn output(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("{} did not start", shown(command)))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        // Lines of cargo's JSON are for programs.
        let out: Vec<&str> = text.lines().filter(|line| !line.starts_with("{\"reason\"")).collect();
        let err = String::from_utf8_lossy(&output.stderr);
        bail!("{}: {}\n{}\n{err}", shown(command), output.status, out.join("\n"));
    }
    Ok(text)
}

/// A command as one types it in a shell.
pub fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let mut words = vec![program.file_name().unwrap_or_default().to_string_lossy().into_owned()];
    words.extend(command.get_args().map(|word| {
        let word = word.to_string_lossy();
        if word.contains(' ') { format!("'{word}'") } else { word.into_owned() }
    }));
    words.join(" ")
}

/// Reads a text file; the path is relative to the root.
pub fn read(path: impl AsRef<Path>) -> Result<String> {
    let path = root().join(path);
    fs::read_to_string(&path).with_context(|| path.display().to_string())
}

/// Arguments of [`build_program`] for the program as the suites run it: optimised, and built in much less time than a
/// release.
pub const PROGRAM_OF_SUITES: &[&str] = &["--profile", "suites", "--package", "handclasp-cli"];

/// Runs `cargo build` with these arguments and returns the path of the program that it built.
pub fn build_program(arguments: &[&str]) -> Result<PathBuf> {
    let mut cargo = cargo();
    cargo.args(["build", "--quiet", "--message-format=json-render-diagnostics"]).args(arguments);
    let text = output(&mut cargo)?;
    let mut program = None;
    for message in Message::parse_stream(Cursor::new(text)) {
        if let Message::CompilerArtifact(artifact) = message? {
            program = artifact.executable.map(PathBuf::from).or(program);
        }
    }
    program.with_context(|| format!("{} built no program", shown(&cargo)))
}
