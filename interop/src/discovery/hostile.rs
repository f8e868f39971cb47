//! Packets that no honest machine sends, from `interop/peers/hostile_mdns.py`.

use anyhow::{Result, ensure};

use super::Case;
use super::stage::{HALL, Stage, TYPE};

pub(super) const CASES: &[Case] = &[
    Case { name: "a flood of names is bounded", run: flood },
    Case { name: "names, addresses and TXT records that harm nobody", run: harmless },
    Case { name: "a known peer is found in a flood", run: found_in_a_flood },
];

fn flood(stage: &Stage) -> Result<()> {
    let _flood = stage.hostile(&["flood", "600"])?;
    let found = stage.browse("3")?;
    let peers = found["peers"].as_array().map(Vec::len);
    // The limit of the library, which is above the number of peers of any home.
    ensure!(
        peers == Some(256) && found["ignored"].as_u64() >= Some(300),
        "{peers:?}, ignored {}",
        found["ignored"]
    );
    Ok(())
}

fn harmless(stage: &Stage) -> Result<()> {
    let _hostile = stage.hostile(&["names"])?;
    let text = stage.run(&["browse", TYPE, "--timeout", "3"], "")?;
    text.expect(0, &["more announcements were left out"])?;
    let forbidden = |c: char| c.is_control() && c != '\n' || matches!(c, '\u{202e}' | '\u{200b}');
    ensure!(!text.out.contains(forbidden) && !text.err.contains(forbidden), "{text:#?}");
    for line in [
        "turned\\u{202e}round._lock._tcp: no key is announced",
        "loopback._lock._tcp: no key is announced\n  address  none that another machine can have",
        // Of nine pins four are read.
        "pins._lock._tcp: new",
        "huge._lock._tcp: no key is announced",
    ] {
        ensure!(text.out.contains(line), "expected {line:?} in {text:#?}");
    }
    ensure!(!text.out.contains("127.0.0.1") && !text.out.contains("224.0.0.251"), "{text:#?}");
    ensure!(text.out.matches("  key ").count() == 4, "{text:#?}");
    // Nothing on this machine is connected to because another one says so.
    let refused = stage.connect("loopback._lock._tcp", &["--tofu", "--new-peer", "accept"])?;
    refused.expect(1, &["no address that another machine can have"])
}

fn found_in_a_flood(stage: &Stage) -> Result<()> {
    let server = stage.advertise("hall", 4433, HALL)?;
    let _flood = stage.hostile(&["flood", "600"])?;
    stage.connect(HALL, &["--pin", &server.pin])?.expect_echo(&[])
}
