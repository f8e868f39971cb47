//! Another machine announces the name of a known one. It has no key that the client knows.

use anyhow::{Result, ensure};

use super::Case;
use super::stage::{HALL, Stage, TYPE};

pub(super) const CASES: &[Case] = &[
    Case { name: "avahi announces the name with another pin", run: by_avahi },
    Case { name: "avahi announces the name with the pin of the known key", run: with_copied_pin },
    Case { name: "a server of ours takes the name first", run: by_our_program },
    Case { name: "two machines announce a new name with two keys", run: ambiguous },
    Case { name: "the announcement of a new name has another key", run: contradiction },
];

/// The client knows the key of `Hall Door`, whose server has stopped.
fn known_and_gone(stage: &Stage) -> Result<String> {
    let mut server = stage.advertise("hall", 4433, HALL)?;
    stage.connect(HALL, &["--tofu", "--new-peer", "accept"])?.expect_echo(&[])?;
    server.stop()?;
    Ok(server.pin)
}

const REFUSED: [&str; 3] = [
    "10.77.0.2:4444 answered for \"Hall Door._lock._tcp\" without its key: another machine announces this name",
    "ALARM",
    "No data was sent",
];

fn by_avahi(stage: &Stage) -> Result<()> {
    let pin = known_and_gone(stage)?;
    let rogue = stage.serve("rogue", 4444, &[])?;
    let avahi = stage.lan.avahi(&stage.lan.right)?;
    let _published = avahi.publish("Hall Door", TYPE, 4444, &[&format!("pin={}", rogue.pin)])?;
    let refused = stage.connect(HALL, &["--tofu", "--new-peer", "accept"])?;
    refused.expect(3, &REFUSED)?;
    refused.expect(3, &[&pin, &rogue.pin])?;
    ensure!(refused.out.is_empty(), "{refused:#?}");
    // The impostor sees the alert, and not a byte of what the client had to say.
    rogue.wait("certificate_unknown")?;
    ensure!(!rogue.running.text().contains("accepted:"), "{}", rogue.running.text());
    let found = stage.browse("2")?;
    let peer = &found["peers"][0];
    ensure!(peer["standing"] == "changed" && peer["known_pins"][0] == pin, "{found:#}");
    let text = stage.run(&["browse", TYPE, "--timeout", "2"], "")?;
    ensure!(text.out.contains("Hall Door._lock._tcp: CHANGED") && text.out.contains(&pin), "{text:#?}");
    Ok(())
}

fn with_copied_pin(stage: &Stage) -> Result<()> {
    let pin = known_and_gone(stage)?;
    let rogue = stage.serve("rogue", 4444, &[])?;
    let avahi = stage.lan.avahi(&stage.lan.right)?;
    let _published = avahi.publish("Hall Door", TYPE, 4444, &[&format!("pin={pin}")])?;
    let refused = stage.connect(HALL, &["--tofu", "--new-peer", "accept"])?;
    refused.expect(3, &REFUSED)?;
    stage.connect(HALL, &["--pin", &pin])?.expect(3, &REFUSED[..1])?;
    rogue.wait("certificate_unknown")
}

fn by_our_program(stage: &Stage) -> Result<()> {
    known_and_gone(stage)?;
    let rogue = stage.advertise("rogue", 4444, HALL)?;
    let folder = stage.lan.folder().join("hall").display().to_string();
    let honest = stage.advertise_at("0.0.0.0:4433", &folder, HALL)?;
    honest.wait("another machine on this network has the name \"Hall Door._lock._tcp\": advertised as \"Hall Door (2)._lock._tcp\"")?;
    // The name is the impostor's, the key is not: the client finds the key, under the new name or, from a probe that it has seen,
    // under the old one.
    let connected = stage.connect(HALL, &["--tofu", "--new-peer", "accept"])?;
    connected.expect_echo(&["is announced at 10.77.0.2:4433"])?;
    ensure!(!rogue.running.text().contains("accepted:"), "{}", rogue.running.text());
    Ok(())
}

fn ambiguous(stage: &Stage) -> Result<()> {
    let server = stage.serve("hall", 4433, &[])?;
    // An honest responder takes another name if it sees one: both of these insist.
    let pin = "sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    let _both = stage.hostile(&["insist", "Hall Door", "4433", &server.pin, pin])?;
    let refused = stage.connect(HALL, &["--tofu", "--new-peer", "accept"])?;
    refused.expect(
        2,
        &["2 machines announce \"Hall Door._lock._tcp\" with different keys", pin, &server.pin, "--pin"],
    )?;
    let warned = stage.connect(HALL, &["--tofu", "--new-peer", "refuse"])?;
    warned.expect(3, &["warning: 2 machines announce", "Compare the fingerprint"])?;
    stage.connect(HALL, &["--pin", &server.pin])?.expect_echo(&[])
}

fn contradiction(stage: &Stage) -> Result<()> {
    let server = stage.serve("hall", 4433, &[])?;
    let pin = "sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    let _announcing = stage.hostile(&["insist", "Hall Door", "4433", pin])?;
    let warning =
        format!("warning: the announcement has another key ({pin}) than the server ({})", server.pin);
    stage.connect(HALL, &["--tofu", "--new-peer", "accept"])?.expect_echo(&[&warning])
}
