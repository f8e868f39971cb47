//! Mistakes on the command line: each ends with exit code 2 before anything is opened, names the flag
//! and the value, and says what was expected.

mod program;

use program::{ends, run};

#[test]
fn every_command_has_its_help() {
    for command in ["connect", "serve", "explain", "check", "listen", "demo"] {
        let output = run(&[command, "--help"]);
        assert_eq!(output.status.code(), Some(0), "{command}: {}", program::err(&output));
        assert!(program::out(&output).contains("Usage:"));
    }
    ends(&["check", "localhost"], 2, &["<HOST:PORT>", "localhost:443"]);
}
