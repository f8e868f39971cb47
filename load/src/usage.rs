//! What the processes of a server use, from `/proc`: processor time, memory, descriptors.

use std::{
    fs,
    ops::{Add, Sub},
    time::Duration,
};

use anyhow::{Context as _, Result};

use crate::family::{family, fields};

/// A tick of `/proc/PID/stat` (USER_HZ).
const TICK: Duration = Duration::from_millis(10);

/// Processor time.
#[derive(Clone, Copy, Debug, Default)]
pub struct Processor {
    pub user: Duration,
    pub system: Duration,
}

impl Processor {
    /// Of a process and all below it, threads that have ended included.
    pub fn of(root: u32) -> Self {
        family(root).into_iter().filter_map(Self::of_one).fold(Self::default(), Add::add)
    }

    fn of_one(process: u32) -> Option<Self> {
        let fields = fields(process)?;
        let ticks = |index: usize| Some(TICK * fields.get(index)?.parse::<u32>().ok()?);
        Some(Self { user: ticks(11)?, system: ticks(12)? })
    }

    pub fn all(self) -> Duration {
        self.user + self.system
    }
}

impl Add for Processor {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { user: self.user + other.user, system: self.system + other.system }
    }
}

impl Sub for Processor {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self { user: self.user.saturating_sub(other.user), system: self.system.saturating_sub(other.system) }
    }
}

/// Resident memory of one process, in KiB.
pub fn resident(process: u32) -> Result<u64> {
    kibibytes(&format!("/proc/{process}/smaps_rollup"), "Rss:")
}

/// Resident memory of a process and all below it, in KiB; what several share counts once.
pub fn proportional(root: u32) -> Result<u64> {
    family(root).into_iter().map(|process| kibibytes(&format!("/proc/{process}/smaps_rollup"), "Pss:")).sum()
}

fn kibibytes(file: &str, name: &str) -> Result<u64> {
    let text = fs::read_to_string(file).with_context(|| file.to_owned())?;
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    number.with_context(|| format!("{file} has no {name}"))
}

/// Descriptors that a process has open.
pub fn descriptors(process: u32) -> Result<usize> {
    let folder = format!("/proc/{process}/fd");
    Ok(fs::read_dir(&folder).with_context(|| folder.clone())?.count())
}
