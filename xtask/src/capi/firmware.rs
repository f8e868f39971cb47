//! The firmware in C, `capi/examples/firmware`: the library for a Cortex-M4 linked by GNU ld with newlib, run
//! under QEMU against OpenSSL over the serial line, and weighed.

use std::ffi::OsStr;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use anyhow::{Context as _, Result, bail, ensure};

use super::library;
use crate::budgets::{self, Budget};
use crate::embedded::Toolchain;
use crate::step::Outcome;
use crate::workspace;

const TARGET: &str = "thumbv7em-none-eabihf";
const FOLDER: &str = "capi/examples/firmware";

/// The limits.
const BUDGETS: &str = "capi/examples/firmware/budgets.tsv";

/// A program of the folder.
struct Program {
    name: &'static str,
    /// Features of the library beside the provider and the arena.
    features: &'static str,
    /// Arguments of the C compiler.
    define: Option<&'static str>,
    /// Arguments of `openssl s_server`, in the folder of the program.
    server: &'static str,
    /// Servers and clients that do not fit.
    refused: &'static [Refused],
    /// Arenas in which the configuration fits, and not the handshake.
    too_small: &'static [u32],
}

/// A connection that fails.
struct Refused {
    /// Arguments of the C compiler.
    define: Option<&'static str>,
    server: &'static str,
    /// The line that the program prints.
    prints: &'static str,
}

const PROGRAMS: [Program; 3] = [
    Program {
        name: "psk12",
        features: "psk",
        define: None,
        server: "-tls1_2 -nocert -psk_identity device -psk 000102030405060708090a0b0c0d0e0f",
        refused: &[Refused {
            define: None,
            server: "-tls1_2 -nocert -psk_identity device -psk f00102030405060708090a0b0c0d0e0f",
            // bad_record_mac (RFC 5246 §7.2.2).
            prints: "alert received 20",
        }],
        too_small: &[2048, 4096, 5120, 6144],
    },
    Program {
        name: "psk13",
        features: "psk,ecdhe",
        define: Some("-DTLS13"),
        server: "-tls1_3 -nocert -psk_identity device -psk 000102030405060708090a0b0c0d0e0f",
        refused: &[Refused {
            define: None,
            server: "-tls1_3 -nocert -psk_identity device -psk f00102030405060708090a0b0c0d0e0f",
            // OpenSSL's illegal_parameter for a wrong binder.
            prints: "alert received 47",
        }],
        too_small: &[2048, 4096, 5120, 6144],
    },
    Program {
        name: "roots13",
        features: "certificates,ecdhe",
        define: Some("-DROOTS"),
        server: CHAIN,
        // HC_FAULT_CERTIFICATE is 40, the detail stands in the low byte.
        refused: &[
            // HC_CERTIFICATE_NAME_MISMATCH
            Refused { define: Some("-DNAME=\"other.test\""), server: CHAIN, prints: "failed 10245" },
            // HC_CERTIFICATE_EXPIRED: without a clock, by the earliest time.
            Refused { define: Some("-DEARLIEST=4000000000u"), server: CHAIN, prints: "failed 10242" },
            // HC_CERTIFICATE_UNKNOWN_ISSUER: the certificate between is not sent.
            Refused { define: None, server: "-tls1_3 -cert leaf.pem -key leaf.key", prints: "failed 10244" },
        ],
        too_small: &[4096, 6144],
    },
];

/// A server with a certificate under another one.
const CHAIN: &str = "-tls1_3 -cert leaf.pem -key leaf.key -cert_chain between.pem";

/// A root, a CA under it and a server's certificate under that one; the root also as a header for C.
const PKI: &str = r#"
    key="-nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256 -days 30"
    ca="-addext basicConstraints=critical,CA:TRUE"
    openssl req -x509 $key $ca -subj /CN=root -keyout root.key -out root.pem
    openssl req -x509 $key $ca -subj /CN=between -CA root.pem -CAkey root.key -keyout between.key -out between.pem
    openssl req -x509 $key -addext basicConstraints=CA:FALSE -subj /CN=leaf -addext subjectAltName=DNS:device.test \
        -CA between.pem -CAkey between.key -keyout leaf.key -out leaf.pem
    openssl x509 -in root.pem -outform DER -out root.der
    { echo 'static const uint8_t ROOT[] = {'; od -An -v -tu1 -w16 root.der | sed 's/ *\([0-9]\+\)/\1,/g'; echo '};'; } > root.h
"#;

/// Builds, weighs and runs all programs.
pub fn run() -> Result<Outcome> {
    let toolchain = Toolchain::find()?;
    let budgets = budgets::read(BUDGETS, &["text", "memory", "stack"])?;
    let (mut lines, mut complaints) = (Vec::new(), Vec::new());
    for program in &PROGRAMS {
        let folder = workspace::root().join("target/capi-firmware").join(program.name);
        let library = folder.join("libhandclasp.a");
        library::build(&toolchain, TARGET, &format!("arena,{}", program.features), &library)?;
        workspace::output(Command::new("sh").current_dir(&folder).args(["-ec", PKI]))?;
        let built = link(program, &library, &[])?;
        let mut figures = talk(program, &built)?;
        figures.insert(0, ("text", text(&built)?));
        for refused in program.refused {
            let elf = link(program, &library, refused.define.as_slice())?;
            expect(program, &elf, refused.server, refused.prints)?;
        }
        for bytes in program.too_small {
            let elf = link(program, &library, &[&format!("-DARENA={bytes}")])?;
            // Too little memory is a code of the call that needed it, and no panic: `HC_MEMORY` is 6.
            expect(program, &elf, program.server, "failed 6")?;
        }
        for (figure, found) in &figures {
            let of_figure = |budget: &&Budget| budget.program == program.name && budget.figure == *figure;
            let budget = budgets
                .iter()
                .find(of_figure)
                .with_context(|| format!("{BUDGETS} has no line for {figure} of {}", program.name))?;
            complaints.extend(budget.complaint(*found, BUDGETS));
            lines.push(format!(
                "{} {figure}: {found} B, limit {}, target {}",
                program.name, budget.limit, budget.target
            ));
        }
    }
    let outcome = Outcome::from_complaints(
        format!("{} programs, each with good and bad servers", PROGRAMS.len()),
        &complaints,
    );
    Ok(Outcome { details: [&lines[..], &complaints[..]].concat().join("\n"), ..outcome })
}

/// Compiles the program and links it with the library.
fn link(program: &Program, library: &Path, defines: &[&str]) -> Result<PathBuf> {
    let elf = library.with_file_name(if defines.is_empty() { "firmware.elf" } else { "variant.elf" });
    let folder = library.parent().context("a folder")?;
    let mut gcc = Command::new("arm-none-eabi-gcc");
    gcc.current_dir(workspace::root().join(FOLDER))
        .args(["-std=c99", "-Wall", "-Wextra", "-Werror", "-Os", "-ffunction-sections", "-fdata-sections"])
        .args(["-mcpu=cortex-m4", "-mthumb", "-mfloat-abi=hard", "-mfpu=fpv4-sp-d16", "-I../../include"])
        .arg("-I")
        .arg(folder)
        .args(program.define)
        .args(defines)
        .args(["-nostartfiles", "--specs=nano.specs", "-T", "link.ld", "-Wl,--gc-sections"])
        // Members for LTO by LLVM that GNU ld passes over, where an LLVM plugin is installed.
        .args(["-fno-lto", "-fno-use-linker-plugin"])
        .args(["client.c", "board.c"])
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
fn talk(program: &Program, elf: &Path) -> Result<Vec<(&'static str, u64)>> {
    let output = emulate(program, elf, program.server)?;
    let lines: Vec<&str> = output.lines().collect();
    ensure!(lines.contains(&"olleh") && lines.contains(&"left 0"), "{}: {output}", program.name);
    let number = |name: &'static str| {
        let found = lines.iter().find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
        Ok((name, found.with_context(|| format!("{}: no {name} in: {output}", program.name))?))
    };
    ["memory", "stack"].into_iter().map(number).collect()
}

/// A connection of which the program prints this line.
fn expect(program: &Program, elf: &Path, server: &str, line: &str) -> Result<()> {
    let output = emulate(program, elf, server)?;
    ensure!(output.lines().any(|one| one == line), "{}: no `{line}` in: {output}", program.name);
    Ok(())
}

/// Runs the program against a server with these arguments; what it printed.
fn emulate(program: &Program, elf: &Path, arguments: &str) -> Result<String> {
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let mut server = Command::new("openssl");
    server.current_dir(elf.parent().context("a folder")?);
    server.args(["s_server", "-quiet", "-rev", "-accept", &format!("127.0.0.1:{port}")]);
    server.args(arguments.split_whitespace());
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
