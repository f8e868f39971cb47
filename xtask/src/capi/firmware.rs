//! The firmware in C, `capi/examples/firmware`: the library for a Cortex-M4 linked by GNU ld with newlib, run
//! under QEMU against OpenSSL over the serial line, and weighed.

use std::ffi::OsStr;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use anyhow::{Result, bail, ensure};

use super::library;
use crate::embedded::Toolchain;
use crate::step::Outcome;
use crate::workspace;

const TARGET: &str = "thumbv7em-none-eabihf";
const FOLDER: &str = "capi/examples/firmware";
const KEY: &str = "000102030405060708090a0b0c0d0e0f";
const WRONG_KEY: &str = "f00102030405060708090a0b0c0d0e0f";

/// A program of the folder.
struct Program {
    name: &'static str,
    /// Features of the library beside the provider and the arena.
    features: &'static str,
    /// Arguments of the C compiler.
    define: Option<&'static str>,
    /// The version for OpenSSL.
    version: &'static str,
    /// What the server answers to a wrong key: bad_record_mac (RFC 5246 §7.2.2); OpenSSL's illegal_parameter
    /// for a wrong binder.
    alert: u8,
}

const PROGRAMS: [Program; 2] = [
    Program { name: "psk12", features: "psk", define: None, version: "-tls1_2", alert: 20 },
    Program { name: "psk13", features: "psk,ecdhe", define: Some("-DTLS13"), version: "-tls1_3", alert: 47 },
];

/// Builds, weighs and runs all programs.
pub fn run() -> Result<Outcome> {
    let toolchain = Toolchain::find()?;
    let mut lines = Vec::new();
    for program in &PROGRAMS {
        let folder = workspace::root().join("target/capi-firmware").join(program.name);
        let library = folder.join("libhandclasp.a");
        library::build(&toolchain, TARGET, &format!("arena,{}", program.features), &library)?;
        let built = link(program, &library, None)?;
        let figures = talk(program, &built)?;
        refused(program, &built)?;
        // Enough for the configuration, and not for the handshake.
        for bytes in [2048, 4096, 5120, 6144] {
            without_memory(program, &link(program, &library, Some(bytes))?)?;
        }
        lines.push(format!("{}: text {} B, {figures}", program.name, text(&built)?));
    }
    Ok(Outcome { details: lines.join("\n"), ..Outcome::passed("two programs, each with both keys") })
}

/// Compiles the program and links it with the library, with an arena of so many bytes.
fn link(program: &Program, library: &Path, arena: Option<u32>) -> Result<PathBuf> {
    let elf = library.with_file_name(format!("firmware{}.elf", arena.unwrap_or_default()));
    let mut gcc = Command::new("arm-none-eabi-gcc");
    gcc.current_dir(workspace::root().join(FOLDER))
        .args(["-std=c99", "-Wall", "-Wextra", "-Werror", "-Os", "-ffunction-sections", "-fdata-sections"])
        .args(["-mcpu=cortex-m4", "-mthumb", "-mfloat-abi=hard", "-mfpu=fpv4-sp-d16", "-I../../include"])
        .args(program.define)
        .args(arena.map(|bytes| format!("-DARENA={bytes}")))
        .args(["-nostartfiles", "--specs=nano.specs", "-T", "link.ld", "-Wl,--gc-sections"])
        // Members for LTO by LLVM that GNU ld passes over, where an LLVM plugin is installed.
        .args(["-fno-lto", "-fno-use-linker-plugin"])
        .args(["psk_client.c", "board.c"])
        .args([library.as_os_str(), OsStr::new("-o"), elf.as_os_str()]);
    workspace::output(&mut gcc)?;
    Ok(elf)
}

/// Bytes of code, constants and initial values.
fn text(elf: &Path) -> Result<u64> {
    use object::{Object as _, ObjectSegment as _, ObjectSymbol as _};
    let bytes = fs::read(elf)?;
    let file = object::File::parse(&*bytes)?;
    // Its memcpy is newlib's.
    let foreign = file.symbols().find(|symbol| symbol.name().is_ok_and(|name| name.contains("builtins3mem")));
    ensure!(foreign.is_none(), "{}: linked {foreign:?} in place of the C library's", elf.display());
    Ok(file.segments().map(|segment| segment.file_range().1).sum())
}

/// A handshake and a line; what the program says of its memory.
fn talk(program: &Program, elf: &Path) -> Result<String> {
    let output = emulate(program, elf, KEY)?;
    let lines: Vec<&str> = output.lines().collect();
    ensure!(lines.contains(&"olleh") && lines.contains(&"left 0"), "{}: {output}", program.name);
    let number = |name: &str| {
        let found = lines.iter().find_map(|line| line.strip_prefix(name)).unwrap_or("?");
        format!("{name}{found} B")
    };
    Ok(format!("{}, {}", number("memory "), number("stack ")))
}

/// A server with another key: the program says so.
fn refused(program: &Program, elf: &Path) -> Result<()> {
    let output = emulate(program, elf, WRONG_KEY)?;
    let expected = format!("alert received {}", program.alert);
    ensure!(output.lines().any(|line| line == expected), "{}: no `{expected}` in: {output}", program.name);
    Ok(())
}

/// Too little memory is a code of the call that needed it, and no panic: `HC_MEMORY` is 6.
fn without_memory(program: &Program, elf: &Path) -> Result<()> {
    let output = emulate(program, elf, KEY)?;
    ensure!(output.lines().any(|line| line == "failed 6"), "{}: no `failed 6` in: {output}", program.name);
    Ok(())
}

/// Runs the program against a server with this key; what it printed.
fn emulate(program: &Program, elf: &Path, key: &str) -> Result<String> {
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let mut server = Command::new("openssl");
    server.args(["s_server", "-quiet", "-rev", "-nocert", "-psk_identity", "device", "-psk", key]);
    server.args([program.version, "-accept", &format!("127.0.0.1:{port}")]);
    let server = server.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let _server = Ends(server);
    listening(port)?;
    let mut qemu = Command::new("qemu-system-arm");
    qemu.args(["-M", "lm3s6965evb", "-cpu", "cortex-m4", "-nographic", "-monitor", "none"])
        .args(["-semihosting-config", "enable=on,target=native"])
        .args(["-serial", &format!("tcp:127.0.0.1:{port}"), "-kernel"])
        .arg(elf)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        // The text of semihosting.
        .stderr(Stdio::piped());
    let mut running = Ends(qemu.spawn()?);
    let deadline = Instant::now() + Duration::from_secs(30);
    while running.0.try_wait()?.is_none() {
        if Instant::now() > deadline {
            bail!("{}: no end within 30 s", program.name);
        }
        thread::sleep(Duration::from_millis(20));
    }
    let mut text = String::new();
    use std::io::Read as _;
    if let (Some(mut out), Some(mut error)) = (running.0.stdout.take(), running.0.stderr.take()) {
        out.read_to_string(&mut text)?;
        error.read_to_string(&mut text)?;
    }
    Ok(text)
}

/// Waits until a program listens, without connecting to it: OpenSSL would count that as a client.
fn listening(port: u16) -> Result<()> {
    let deadline = Instant::now() + Duration::from_secs(10);
    while TcpListener::bind(("127.0.0.1", port)).is_ok() {
        if Instant::now() > deadline {
            bail!("openssl s_server does not listen");
        }
        thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

/// A process that is ended on drop.
struct Ends(Child);

impl Drop for Ends {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
