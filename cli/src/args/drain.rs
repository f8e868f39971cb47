//! How servers and tunnels end.

use std::time::Duration;

use clap::Args;

/// How long a server may take to end.
#[derive(Clone, Copy, Debug, Args)]
pub struct DrainFlags {
    /// After SIGTERM or SIGINT, let connections that run end by themselves for this time, then end them; 0 ends them at
    /// once. A second signal does so too [default: 30]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub drain: Option<u32>,
}

/// Unless the flag says otherwise.
const DRAIN: u32 = 30;

fn seconds(text: &str) -> Result<u32, String> {
    text.parse().map_err(|_| "expected a number of seconds".to_owned())
}

impl DrainFlags {
    /// Time limit for connections to end.
    pub fn limit(self) -> Duration {
        Duration::from_secs(self.drain.unwrap_or(DRAIN).into())
    }
}
