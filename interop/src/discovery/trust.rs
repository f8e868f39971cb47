//! Two machines of ours: first contact, known keys, pins.

use anyhow::{Result, ensure};

use super::Case;
use super::stage::{HALL, Stage};
use crate::process::Running;
use crate::workspace;

pub(super) const CASES: &[Case] = &[
    Case { name: "a pin decides, not the announcement", run: pinned },
    Case { name: "the first contact is approved, the second is silent", run: first_contact },
    Case { name: "a peer under another name is found by its key", run: renamed },
    Case { name: "a name that is not announced lists others", run: not_announced },
    Case { name: "a rotated key is accepted by its statement", run: rotated },
    Case { name: "a network that has only IPv6", run: ipv6 },
    Case { name: "the example of the library", run: example },
];

fn pinned(stage: &Stage) -> Result<()> {
    let server = stage.advertise("hall", 4433, HALL)?;
    stage
        .connect("Hall\\032Door._lock._tcp", &["--pin", &server.pin])?
        .expect_echo(&["is announced at 10.77.0.2:4433"])?;
    let other = "sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    let refused = stage.connect(HALL, &["--pin", other])?;
    refused.expect(3, &["answered for \"Hall Door._lock._tcp\" without its key"])?;
    server.wait("certificate_unknown")?;
    // What is announced is not enough.
    stage.connect(HALL, &[])?.expect(2, &["--tofu", "--pin"])
}

fn first_contact(stage: &Stage) -> Result<()> {
    let server = stage.advertise("hall", 4433, HALL)?;
    let new = stage.connect(HALL, &["--tofu", "--new-peer", "refuse"])?;
    new.expect(3, &["refused", &server.pin])?;
    stage.connect(HALL, &["--tofu", "--new-peer", "accept"])?.expect_echo(&["the peer is new"])?;
    let second = stage.connect(HALL, &["--tofu", "--new-peer", "refuse", "--quiet"])?;
    second.expect_echo(&[])?;
    ensure!(second.err.is_empty(), "{second:#?}");
    let file = std::fs::read_to_string(stage.lan.folder().join("handclasp/known_peers"))?;
    ensure!(file.starts_with(&format!("Hall%20Door._lock._tcp {} ", server.pin)), "{file}");
    let found = stage.browse("2")?;
    ensure!(found["peers"][0]["standing"] == "known", "{found:#}");
    Ok(())
}

fn renamed(stage: &Stage) -> Result<()> {
    let mut server = stage.advertise("hall", 4433, HALL)?;
    stage.connect(HALL, &["--tofu", "--new-peer", "accept"])?.expect_echo(&[])?;
    server.stop()?;
    let folder = stage.lan.folder().join("hall").display().to_string();
    let _server = stage.advertise_at("10.77.0.2:4434", &folder, "Attic Door._lock._tcp")?;
    let connected = stage.connect(HALL, &["--tofu", "--new-peer", "refuse"])?;
    connected.expect_echo(&["\"Attic Door._lock._tcp\" is announced at 10.77.0.2:4434"])?;
    let found = stage.browse("2")?;
    let peer = &found["peers"][0];
    ensure!(peer["standing"] == "known_as" && peer["known_as"] == HALL, "{found:#}");
    Ok(())
}

fn not_announced(stage: &Stage) -> Result<()> {
    let _server = stage.advertise("hall", 4433, HALL)?;
    let none = stage.connect("Hall Dor._lock._tcp", &["--tofu"])?;
    none.expect(
        1,
        &["no peer announced \"Hall Dor._lock._tcp\"", "Others were announced: \"Hall Door._lock._tcp\""],
    )
}

fn rotated(stage: &Stage) -> Result<()> {
    let mut server = stage.advertise("hall", 4433, HALL)?;
    stage.connect(HALL, &["--tofu", "--new-peer", "accept"])?.expect_echo(&[])?;
    server.stop()?;
    let folder = stage.lan.folder().join("hall").display().to_string();
    stage.run(&["id", "rotate", &folder], "")?.expect(0, &["is replaced"])?;
    let rotated = stage.advertise_at("0.0.0.0:4433", &folder, HALL)?;
    ensure!(rotated.pin != server.pin, "the key is the same");
    let found = stage.browse("2")?;
    ensure!(found["peers"][0]["standing"] == "changed", "{found:#}");
    stage.connect(HALL, &["--tofu"])?.expect(3, &["ALARM", &rotated.pin])?;
    let statements = format!("{folder}/rotations.pem");
    stage
        .connect(HALL, &["--tofu", "--rotation", &statements])?
        .expect_echo(&["a statement of the old key names"])?;
    stage.connect(HALL, &["--tofu"])?.expect_echo(&[])
}

/// Addresses of one link, which mean nothing without the interface.
fn ipv6(stage: &Stage) -> Result<()> {
    for machine in [&stage.lan.left, &stage.lan.right] {
        machine.shell("ip -4 addr flush dev lan0; for i in $(seq 200); do ip -6 addr show dev lan0 | grep -q tentative || exit 0; sleep 0.02; done; exit 1")?;
    }
    let server = stage.advertise_at("[::]:4433", &stage.identity("hall")?, HALL)?;
    stage.connect(HALL, &["--pin", &server.pin])?.expect_echo(&["is announced at [fe80::"])
}

fn example(stage: &Stage) -> Result<()> {
    let folder = |name: &str| -> Result<_> {
        let path = stage.lan.folder().join(name);
        std::fs::create_dir(&path)?;
        Ok(path)
    };
    let (lock, phone) = (folder("lock")?, folder("phone")?);
    let _serving = Running::start(stage.lan.right.command(&stage.example).arg("serve").arg(lock))?;
    for _ in 0..2 {
        let greeting = workspace::output(stage.lan.left.command(&stage.example).arg("connect").arg(&phone))?;
        ensure!(greeting == "open\n", "{greeting:?}");
    }
    let known = std::fs::read_to_string(phone.join("known_peers"))?;
    ensure!(known.lines().count() == 1 && known.starts_with("Hall%20Door._lock._tcp sha256/"), "{known}");
    Ok(())
}
