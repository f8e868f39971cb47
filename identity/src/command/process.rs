//! One request: a process with its input, its outputs bounded, and its time limited.

use std::{
    io::{Read, Write},
    process::{Child, Command, Stdio},
    string::{String, ToString},
    sync::mpsc::{self, Receiver},
    thread,
    time::{Duration, Instant},
    vec::Vec,
};

use super::{CommandProblem, SignerCommand};

/// Limit for what a command writes: descriptions and signatures are far shorter.
const OUTPUT_MAX: usize = 64 * 1024;
/// The pause between two looks at whether the process has ended.
const PAUSE: Duration = Duration::from_millis(2);

/// Runs the command with these arguments behind its own, and returns its standard output.
pub(super) fn run(
    command: &SignerCommand,
    request: &[&str],
    input: &[u8],
) -> Result<Vec<u8>, CommandProblem> {
    let now = Instant::now();
    // A time that no clock reaches is a day.
    let deadline = now.checked_add(command.timeout).unwrap_or(now + Duration::from_secs(86_400));
    let mut process = Command::new(&command.program);
    process.args(&command.arguments).args(request);
    for name in &command.withheld {
        process.env_remove(name);
    }
    process.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // A group of its own, so that what it started can be killed with it.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut process, 0);
    let mut child = process.spawn().map_err(CommandProblem::Start)?;
    if let Some(mut stdin) = child.stdin.take() {
        let input = input.to_vec();
        // A command that does not read its input ends without it.
        thread::spawn(move || stdin.write_all(&input));
    }
    let output = reader(child.stdout.take());
    let errors = reader(child.stderr.take());
    match wait(&mut child, &output, deadline) {
        Some((status, output)) if status.success() => match output.len() {
            0 => Err(CommandProblem::Empty),
            length if length > OUTPUT_MAX => Err(CommandProblem::TooLong(OUTPUT_MAX)),
            _ => Ok(output),
        },
        Some((_, output)) if output.len() > OUTPUT_MAX => Err(CommandProblem::TooLong(OUTPUT_MAX)),
        Some((status, _)) => {
            let left = deadline.saturating_duration_since(Instant::now());
            let reason = last_line(&errors.recv_timeout(left).unwrap_or_default());
            Err(CommandProblem::Refused { status: status.code(), reason })
        }
        None => {
            kill(&mut child);
            Err(CommandProblem::Timeout(command.timeout))
        }
    }
}

/// Reads a pipe in a thread, up to a byte above the limit; closing it then stops a command that goes on.
fn reader(pipe: Option<impl Read + Send + 'static>) -> Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    if let Some(pipe) = pipe {
        thread::spawn(move || {
            let mut bytes = Vec::new();
            let limit = u64::try_from(OUTPUT_MAX).unwrap_or(u64::MAX).saturating_add(1);
            let _ = pipe.take(limit).read_to_end(&mut bytes);
            let _ = sender.send(bytes);
        });
    }
    receiver
}

/// The exit status and the output; `None` when the time is over.
fn wait(
    child: &mut Child,
    output: &Receiver<Vec<u8>>,
    deadline: Instant,
) -> Option<(std::process::ExitStatus, Vec<u8>)> {
    let output = output.recv_timeout(deadline.saturating_duration_since(Instant::now())).ok()?;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some((status, output)),
            Ok(None) if Instant::now() < deadline => thread::sleep(PAUSE),
            _ => return None,
        }
    }
}

/// Kills the process and, on Unix, what it started.
fn kill(child: &mut Child) {
    #[cfg(unix)]
    {
        use rustix::process::{Pid, Signal, kill_process_group};
        let _ = kill_process_group(Pid::from_child(child), Signal::KILL);
    }
    let _ = child.kill();
    let _ = child.wait();
}

/// The last line that is not empty, without control characters, cut to a length for a message.
fn last_line(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let line =
        text.lines().rev().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default().to_string();
    line.chars().filter(|letter| !letter.is_control()).take(300).collect()
}
