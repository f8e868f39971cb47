//! avahi finds what we announce, and we find what avahi announces.

use std::time::Instant;

use anyhow::{Result, ensure};

use super::Case;
use super::stage::{HALL, SERVER, Stage, TYPE, wait};

pub(super) const CASES: &[Case] = &[
    Case { name: "avahi-browse finds a server and sees it leave", run: found_by_avahi },
    Case { name: "a server that drains is withdrawn before its connections end", run: withdrawn_at_a_drain },
    Case { name: "browse finds what avahi-publish announces", run: finds_avahi },
];

fn found_by_avahi(stage: &Stage) -> Result<()> {
    let avahi = stage.lan.avahi(&stage.lan.left)?;
    let mut server = stage.advertise("hall", 4433, HALL)?;
    // Fields are separated by semicolons, and a space in a name is \032.
    let browsing = avahi.run("avahi-browse", &["--resolve", "--parsable", TYPE])?;
    wait(&browsing, &format!(";{SERVER};4433;\"pin={}\"\n", server.pin))?;
    wait(&browsing, "=;lan0;IPv4;Hall\\032Door;_lock._tcp;local;handclasp-")?;
    server.stop()?;
    wait(&browsing, "-;lan0;IPv4;Hall\\032Door;_lock._tcp;local")
}

fn withdrawn_at_a_drain(stage: &Stage) -> Result<()> {
    let avahi = stage.lan.avahi(&stage.lan.left)?;
    let server = stage.advertise("hall", 4433, HALL)?;
    let browsing = avahi.run("avahi-browse", &["--resolve", "--parsable", TYPE])?;
    wait(&browsing, "=;lan0;IPv4;Hall\\032Door;_lock._tcp;local;handclasp-")?;
    let mut client = stage.stays_connected(&server, 4433)?;
    server.terminate()?;
    server.wait("ending with 1 connection: for at most 30 s")?;
    // The end of the program would withdraw it, too: it is not awaited.
    wait(&browsing, "-;lan0;IPv4;Hall\\032Door;_lock._tcp;local")?;
    ensure!(client.exit(Instant::now()).is_none(), "the connection has ended: {}", client.err_text());
    Ok(())
}

fn finds_avahi(stage: &Stage) -> Result<()> {
    const PIN: &str = "sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    let avahi = stage.lan.avahi(&stage.lan.right)?;
    let pin = format!("pin={PIN}");
    let _hall = avahi.publish("Hall Door", TYPE, 4433, &["path=/", &pin])?;
    let _dots = avahi.publish("Dr. Küche v1.2", TYPE, 4434, &[])?;
    let found = stage.browse("3")?;
    let peers = found["peers"].as_array().map(Vec::as_slice).unwrap_or_default();
    ensure!(peers.len() == 2, "{found:#}");
    let expected =
        [("Dr. Küche v1.2._lock._tcp", "no_key", "10.77.0.2:4434"), (HALL, "new", "10.77.0.2:4433")];
    for (peer, (name, standing, address)) in peers.iter().zip(expected) {
        ensure!(peer["name"] == name && peer["standing"] == standing, "{found:#}");
        ensure!(peer["addresses"][0] == address, "{found:#}");
    }
    ensure!(peers[1]["pins"][0] == PIN, "{found:#}");
    let text = stage.run(&["browse", TYPE, "--timeout", "2"], "")?;
    text.expect(0, &["2 peers", "anybody can announce any key"])?;
    for line in [
        "Hall Door._lock._tcp: new\n  address  10.77.0.2:4433",
        "Dr. Küche v1.2._lock._tcp: no key is announced\n",
    ] {
        ensure!(text.out.contains(line), "expected {line:?} in {text:#?}");
    }
    // Another type has none of them.
    let none = stage.run(&["browse", "_other._tcp", "--timeout", "1"], "")?;
    none.expect(0, &["no peer of _other._tcp was announced within 1 s"])?;
    ensure!(none.out.is_empty(), "{none:#?}");
    Ok(())
}
