//! The flags of log and metrics.

use clap::{Args, ValueEnum};
use handclasp_relay::Address;

/// Log and metrics of a server or tunnel.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Log and metrics")]
pub struct Observing {
    /// The log on standard error: lines for people (the default), or one JSON object a line
    #[arg(long, value_name = "FORM", value_enum)]
    pub log: Option<LogForm>,
    /// Serve metrics for Prometheus at http://ADDRESS/metrics: PORT (on 127.0.0.1), HOST:PORT or unix:/PATH
    #[arg(long, value_name = "ADDRESS", value_parser = metrics_address)]
    pub metrics: Option<Address>,
}

/// The form of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogForm {
    /// Lines for people, without times: journald and container logs have their own
    Text,
    /// One JSON object a line, see docs/observe.md
    Json,
}

/// A port alone is one of this machine.
fn metrics_address(text: &str) -> Result<Address, String> {
    if let Ok(port) = text.trim_start_matches(':').parse() {
        return Ok(Address::Tcp { host: "127.0.0.1".to_owned(), port });
    }
    text.parse::<Address>().map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_alone_is_on_loopback() {
        let local = |port| Address::Tcp { host: "127.0.0.1".to_owned(), port };
        assert_eq!(metrics_address("9100"), Ok(local(9100)));
        assert_eq!(metrics_address(":9100"), Ok(local(9100)));
        let everywhere = Address::Tcp { host: "::".to_owned(), port: 9100 };
        assert_eq!(metrics_address("[::]:9100"), Ok(everywhere));
        assert_eq!(metrics_address("unix:/run/m.sock"), Ok(Address::Unix("/run/m.sock".into())));
        assert!(metrics_address("metrics").is_err());
    }
}
