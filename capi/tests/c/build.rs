//! Builds the library once, and C programs against it.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

/// How a C program is compiled.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Plain,
    /// With AddressSanitizer and UndefinedBehaviorSanitizer.
    Sanitized,
}

/// Runs a program to its end; what it printed. Panics unless it succeeded.
pub fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program)
        .args(arguments)
        .output()
        .unwrap_or_else(|error| panic!("{program}: {error}; cargo xtask test --install-peers installs it"));
    let (out, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{program} {arguments:?}: {}\n{out}{error}", output.status);
    out.into_owned()
}

pub fn source(path: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path).display().to_string()
}

pub fn include() -> String {
    source("include")
}

pub fn include_file() -> String {
    source("include/handclasp.h")
}

/// A directory of these tests, removed with the build directory.
pub fn directory() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
}

fn cargo(arguments: &[&str]) {
    let output = Command::new(env!("CARGO")).current_dir(source("..")).args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// The static library.
pub fn library() -> String {
    static BUILT: OnceLock<String> = OnceLock::new();
    let build = || {
        cargo(&["build", "--quiet", "--package", "handclasp-capi", "--lib"]);
        let target = directory().parent().unwrap().join("debug/libhandclasp.a");
        target.display().to_string()
    };
    BUILT.get_or_init(build).clone()
}

/// Installs headers, library, CMake and pkg-config files as `cargo xtask capi --install` does; the prefix.
pub fn install() -> String {
    let prefix = directory().join("prefix").display().to_string();
    let _ = std::fs::remove_dir_all(&prefix);
    library();
    cargo(&["run", "--quiet", "--package", "xtask", "--", "capi", "--debug", "--install", &prefix]);
    prefix
}

/// Compiles a program of these sources; its path.
pub fn compile(name: &str, sources: &[&str], kind: Kind) -> String {
    compile_with(name, sources, kind, &[])
}

/// As [`compile`], with more arguments of the C compiler.
pub fn compile_with(name: &str, sources: &[&str], kind: Kind, more: &[&str]) -> String {
    let suffix = if kind == Kind::Sanitized { "-sanitized" } else { "" };
    let unique = std::thread::current().name().unwrap_or_default().replace("::", "-");
    let program = directory().join(format!("{name}-{unique}{suffix}")).display().to_string();
    let sources: Vec<String> = sources.iter().map(|path| source(path)).collect();
    let sources: Vec<&str> = sources.iter().map(String::as_str).collect();
    let (include, library) = (include(), library());
    let mut arguments = vec!["-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic", "-g", "-I", &include];
    if kind == Kind::Sanitized {
        arguments.extend(["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]);
    }
    arguments.extend(["-o", &program]);
    arguments.extend(sources);
    arguments.extend(more);
    arguments.extend([library.as_str(), "-lm", "-lpthread", "-ldl"]);
    run("cc", &arguments);
    program
}

/// Compiles an example for hosts.
pub fn example(name: &str, kind: Kind) -> String {
    compile(name, &[&format!("examples/{name}.c"), "examples/common.c"], kind)
}
