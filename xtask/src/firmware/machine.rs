//! A board under QEMU: its settings, its network, its serial line.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result, anyhow, bail};
use interop::process::Running;
use tempfile::NamedTempFile;

use crate::firmware::programs::Core;

/// A board whose core can be chosen, with Ethernet.
const BOARD: &str = "lm3s6965evb";
/// The port that a server listens on.
const HTTPS: u16 = 443;
/// The host as the board sees it.
const HOST: [u8; 4] = [10, 0, 2, 2];

#[path = "../../../firmware/src/settings/layout.rs"]
#[allow(dead_code, reason = "the firmware reads settings, this command writes them")]
mod layout;

pub use layout::Tag;

/// The settings of a device.
#[derive(Clone, Default)]
pub struct Settings {
    bytes: Vec<u8>,
}

impl Settings {
    /// Appends an entry.
    pub fn with(mut self, tag: Tag, value: &[u8]) -> Self {
        let length = u16::try_from(value.len()).expect("a value has at most 65535 bytes");
        self.bytes.extend(layout::header(tag, length));
        self.bytes.extend(value);
        self
    }

    /// Appends a number.
    pub fn number(self, tag: Tag, value: u32) -> Self {
        self.with(tag, &value.to_be_bytes())
    }

    /// A peer on this host.
    pub fn peer(self, port: u16) -> Self {
        self.with(Tag::Peer, &[&HOST[..], &port.to_be_bytes()].concat())
    }
}

/// What a program measured about itself; bytes and instructions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    pub heap: u64,
    pub idle: u64,
    pub allocations: u64,
    pub stack: u64,
    pub instructions: u64,
    pub longest: u64,
}

/// A board that runs.
pub struct Machine {
    /// QEMU.
    pub running: Running,
    // Read by QEMU when it starts.
    _settings: NamedTempFile,
}

impl Machine {
    /// Starts a program. With `port`, that port of the host leads to the board's server.
    pub fn start(program: &Path, core: Core, settings: &Settings, port: Option<u16>) -> Result<Self> {
        // The board's reset is the end.
        Self::start_with(program, core, settings, port, &["-no-reboot"])
    }

    /// Starts a program on a board that starts again after a reset, as after a power cut.
    pub fn start_again(program: &Path, core: Core, settings: &Settings, port: Option<u16>) -> Result<Self> {
        Self::start_with(program, core, settings, port, &[])
    }

    fn start_with(
        program: &Path,
        core: Core,
        settings: &Settings,
        port: Option<u16>,
        options: &[&str],
    ) -> Result<Self> {
        let file = NamedTempFile::new()?;
        // The demo source of random numbers: a run is the same each time. The first seed counts.
        let seeded = settings.clone().with(Tag::Seed, &[1, 2, 3, 4, 5, 6, 7, 8]);
        if seeded.bytes.len() > layout::LENGTH {
            bail!("settings of {} bytes, where {} fit", seeded.bytes.len(), layout::LENGTH);
        }
        fs::write(file.path(), &seeded.bytes)?;
        let network = match port {
            Some(port) => format!("user,model=stellaris,hostfwd=tcp:127.0.0.1:{port}-:{HTTPS}"),
            None => "user,model=stellaris".to_owned(),
        };
        let loader = format!("loader,file={},addr={:#x},force-raw=on", file.path().display(), layout::START);
        let mut qemu = Command::new("qemu-system-arm");
        qemu.args([
            "-machine",
            BOARD,
            "-cpu",
            core.qemu,
            "-nographic",
            "-monitor",
            "none",
            "-serial",
            "stdio",
        ])
        // One instruction a nanosecond: SysTick counts instructions.
        .args(["-icount", "shift=0"])
        .args(options)
        .args(["-nic", &network, "-device", &loader])
        .arg("-kernel")
        .arg(program);
        Ok(Self { running: Running::start(&mut qemu)?, _settings: file })
    }

    /// Waits until the serial line shows this line, or one that begins with these words and a space.
    pub fn wait_line(&self, line: &str, deadline: Instant) -> Result<()> {
        let waited =
            self.running.wait(deadline, |output| has_line(&String::from_utf8_lossy(&output.out), line));
        waited.map_err(|error| anyhow!("the board did not print `{line}` ({error:?}):\n{}", self.text()))
    }

    /// Waits until the serial line shows a line behind that of a start, see `Tag::Faults`; with an empty line, the
    /// start alone.
    pub fn wait_start(&self, start: usize, line: &str, deadline: Instant) -> Result<()> {
        let begins = format!("boot number={start}\n");
        let shows = |text: &str| {
            text.split_once(&begins).is_some_and(|(_, behind)| line.is_empty() || has_line(behind, line))
        };
        let waited = self.running.wait(deadline, |output| shows(&String::from_utf8_lossy(&output.out)));
        waited.map_err(|error| anyhow!("no `{line}` after start {start} ({error:?}):\n{}", self.text()))
    }

    /// The counts of injected faults on the last line that has them.
    pub fn injected(&self, name: &str) -> Result<u64> {
        let text = self.text();
        let line = text.lines().rfind(|line| is_line(line, "faults"));
        number(line.with_context(|| format!("the board counts no faults:\n{text}"))?, name)
    }

    /// Waits for the program's end.
    pub fn end(&mut self, deadline: Instant) -> Result<()> {
        if self.running.exit(deadline).is_none() {
            bail!("the board still runs:\n{}", self.text());
        }
        self.must_be_sound()
    }

    /// The program neither panicked nor made the core fault.
    pub fn must_be_sound(&self) -> Result<()> {
        let text = self.text();
        for word in ["panic", "hard fault"] {
            if has_line(&text, word) {
                bail!("{word} on the board:\n{text}");
            }
        }
        Ok(())
    }

    /// What the serial line shows.
    pub fn text(&self) -> String {
        self.running.out_text()
    }

    /// The figures of the line behind the first line that begins with `after`.
    pub fn figures(&self, after: &str) -> Result<Figures> {
        let text = self.text();
        let mut lines = text.lines().skip_while(|line| !is_line(line, after)).skip(1);
        let line = lines.find(|line| is_line(line, "figures"));
        parse(line.with_context(|| format!("no figures behind `{after}`:\n{text}"))?)
    }
}

fn has_line(text: &str, line: &str) -> bool {
    text.lines().any(|found| is_line(found, line))
}

fn is_line(found: &str, line: &str) -> bool {
    found.strip_prefix(line).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

fn parse(line: &str) -> Result<Figures> {
    let value = |name: &str| number(line, name);
    Ok(Figures {
        heap: value("heap")?,
        idle: value("idle")?,
        allocations: value("allocations")?,
        stack: value("stack")?,
        instructions: value("instructions")?,
        longest: value("longest")?,
    })
}

/// The number with this name in a line of the board.
fn number(line: &str, name: &str) -> Result<u64> {
    let word = line.split(' ').find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
    Ok(word.with_context(|| format!("no {name} in `{line}`"))?.parse()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_tag_length_value() {
        let settings = Settings::default().peer(0x1234).number(Tag::Connections, 5);
        assert_eq!(settings.bytes, [1, 0, 6, 10, 0, 2, 2, 0x12, 0x34, 7, 0, 4, 0, 0, 0, 5]);
        let (tag, value, rest) = layout::split(&settings.bytes).unwrap();
        assert_eq!((tag, value), (1, &settings.bytes[3..9]));
        assert_eq!(layout::split(rest), Some((7, &[0, 0, 0, 5][..], &[][..])));
        // Erased flash, zeros, and a value that is cut off.
        for end in [&[0xff; 8][..], &[0; 8], &[7, 0, 4, 0, 0, 0], &[]] {
            assert_eq!(layout::split(end), None);
        }
    }

    #[test]
    fn figures_are_read() {
        let line = "figures heap=1 idle=2 allocations=3 stack=4 instructions=5 longest=6";
        let figures = Figures { heap: 1, idle: 2, allocations: 3, stack: 4, instructions: 5, longest: 6 };
        assert_eq!(parse(line).unwrap(), figures);
        assert!(parse("figures heap=1").is_err());
        assert!(is_line("report 4801", "report") && !is_line("reported", "report"));
    }
}
