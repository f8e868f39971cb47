//! The comparison leaves nothing behind. Needs nginx with its module for streams.

use std::process;

use rustix::process::{getpid, set_child_subreaper};

use super::*;
use crate::family;

/// nginx has two workers, which outlive a process that is killed.
#[test]
fn no_process_of_a_server_is_left() {
    // Processes that outlive their server are found below this one.
    set_child_subreaper(Some(getpid())).expect("Linux");
    let options = Options {
        program: "unused".into(),
        before: None,
        rounds: 2,
        seconds: 0.1,
        only: "TLS 1.3 full".into(),
        servers: vec!["nginx".into()],
    };
    let outcome = run(&options);
    let left: Vec<_> =
        family::below(process::id()).into_iter().filter(|process| process.is_alive()).collect();
    left.iter().for_each(|process| process.kill());
    assert_eq!(left, []);
    assert!(outcome.expect("nginx runs (Debian: apt install nginx libnginx-mod-stream)"));
}
