//! Processes and those that they started, from `/proc`.

use std::fs;

use rustix::process::{Pid, Signal, kill_process};

/// A process that another one started. Its number alone may later be that of another process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Process {
    pub id: u32,
    /// Ticks since the machine was started.
    started: u64,
}

impl Process {
    fn find(id: u32) -> Option<Self> {
        let started = fields(id)?.get(19)?.parse().ok()?;
        Some(Self { id, started })
    }

    /// Whether it runs. One that has ended, and that its parent has not asked for, does not.
    pub fn is_alive(self) -> bool {
        let ended = || fields(self.id)?.first().map(|state| state == "Z" || state == "X");
        Self::find(self.id) == Some(self) && ended() == Some(false)
    }

    /// Kills it, if it runs.
    pub fn kill(self) {
        let id = i32::try_from(self.id).ok().and_then(Pid::from_raw);
        if let Some(id) = id.filter(|_| self.is_alive()) {
            // It may end by itself in between.
            let _ = kill_process(id, Signal::KILL);
        }
    }
}

/// A process and all below it.
pub fn family(root: u32) -> Vec<u32> {
    let parents: Vec<(u32, u32)> = fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let process = entry.file_name().to_str()?.parse().ok()?;
            Some((process, fields(process)?.get(1)?.parse().ok()?))
        })
        .collect();
    let mut found = vec![root];
    let mut next = 0;
    while let Some(parent) = found.get(next).copied() {
        found.extend(parents.iter().filter(|(_, above)| *above == parent).map(|(process, _)| *process));
        next += 1;
    }
    found
}

/// All below a process.
pub fn below(root: u32) -> Vec<Process> {
    family(root).into_iter().skip(1).filter_map(Process::find).collect()
}

/// The fields of `/proc/PID/stat` behind the name: the state is the first.
pub fn fields(process: u32) -> Option<Vec<String>> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, rest) = stat.rsplit_once(')')?;
    Some(rest.split_whitespace().map(str::to_owned).collect())
}
