//! A local network of two machines, which are network namespaces joined by a pair of virtual interfaces: multicast
//! never leaves them. Each has a `/run` of its own, so that each can run an avahi-daemon of its own with a D-Bus of its own.
//!
//! Namespaces need root with CAP_SYS_ADMIN, or a kernel that lets users make user namespaces; the error says which
//! of them is missing. They end with the processes in them: nothing is left behind.

use std::ffi::OsStr;
use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use tempfile::TempDir;

use crate::process::Running;
use crate::workspace::shown;
use crate::{peers, workspace};

/// How long a namespace or a daemon takes to start.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Programs that make namespaces.
const TOOLS: [&str; 3] = ["unshare", "nsenter", "ip"];

/// The configuration of a D-Bus for one avahi-daemon.
const BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>custom</type>
  <listen>unix:path=/run/bus</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
    <allow user="*"/>
  </policy>
</busconfig>
"#;

/// The configuration of an avahi-daemon: only the virtual interface, only what the test publishes.
const AVAHI: &str = "[server]\nhost-name=avahi\nuse-ipv4=yes\nuse-ipv6=no\nallow-interfaces=lan0\nenable-dbus=yes\n\
    [publish]\npublish-workstation=no\npublish-hinfo=no\n";

/// In a user namespace only root exists: avahi-daemon, which gives its folder to its own user, finds these.
const USERS: [(&str, &str); 2] =
    [("passwd", "root:x:0:0::/:/bin/sh\navahi:x:0:0::/:/bin/false\n"), ("group", "root:x:0:\navahi:x:0:\n")];

/// Where D-Bus listens, in the `/run` of a machine.
const BUS_ADDRESS: &str = "unix:path=/run/bus";

/// Two machines on one network.
pub struct Lan {
    /// 10.77.0.1.
    pub left: Machine,
    /// 10.77.0.2.
    pub right: Machine,
    folder: TempDir,
}

/// A machine: a network and a mount namespace.
pub struct Machine {
    /// Keeps the namespaces.
    _holder: Running,
    pid: u32,
    has_user_namespace: bool,
}

/// An avahi-daemon on a machine.
pub struct Avahi<'l> {
    machine: &'l Machine,
    _daemon: Running,
    _bus: Running,
}

impl Lan {
    /// Makes the namespaces and the link between them.
    pub fn start() -> Result<Self> {
        let left = Machine::first()?;
        let has_user_namespace = left.has_user_namespace;
        // The second one in the user namespace of the first, which may give it the end of the link.
        let mut enter = left.enter(&[]);
        let right = Machine::start(enter.arg("unshare"), has_user_namespace)?;
        let link = format!("ip link add lan0 type veth peer name lan0 netns {}", right.pid);
        left.shell(&link)?;
        for (machine, last) in [(&left, 1), (&right, 2)] {
            machine.shell(&format!(
                "ip link set lo up && ip addr add 10.77.0.{last}/24 dev lan0 && ip link set lan0 up && \
                 mount -t tmpfs tmpfs /run && mkdir /run/avahi-daemon"
            ))?;
        }
        // The kernel reports a new link as down for up to a second; programs then leave it out.
        for machine in [&left, &right] {
            machine.shell("for i in $(seq 200); do ip -o link show lan0 | grep -q 'state UP' && exit; sleep 0.02; done; exit 1")?;
        }
        let folder = tempfile::tempdir()?;
        fs::write(folder.path().join("bus.conf"), BUS)?;
        fs::write(folder.path().join("avahi.conf"), AVAHI)?;
        for (name, content) in USERS.into_iter().filter(|_| has_user_namespace) {
            let path = folder.path().join(name);
            fs::write(&path, content)?;
            for machine in [&left, &right] {
                machine.shell(&format!("mount --bind {} /etc/{name}", path.display()))?;
            }
        }
        Ok(Self { left, right, folder })
    }

    /// Starts an avahi-daemon on a machine.
    pub fn avahi<'l>(&self, machine: &'l Machine) -> Result<Avahi<'l>> {
        for name in ["dbus-daemon", "/usr/sbin/avahi-daemon", "avahi-browse", "avahi-publish"] {
            peers::require(name)?;
        }
        let file = |name: &str| self.folder.path().join(name);
        let mut bus = machine.command("dbus-daemon");
        bus.arg("--config-file").arg(file("bus.conf")).args(["--nofork", "--nopidfile", "--print-address"]);
        let bus = Running::start(&mut bus)?;
        bus.wait_ready(Instant::now() + TIMEOUT, "unix:path=")?;
        let mut daemon = machine.command("/usr/sbin/avahi-daemon");
        daemon.arg("--file").arg(file("avahi.conf")).args(["--no-drop-root", "--no-chroot", "--no-rlimits"]);
        let daemon = Running::start(daemon.env("DBUS_SYSTEM_BUS_ADDRESS", BUS_ADDRESS))?;
        daemon.wait_ready(Instant::now() + TIMEOUT, "Server startup complete")?;
        Ok(Avahi { machine, _daemon: daemon, _bus: bus })
    }

    /// A folder that both machines see.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }
}

fn can_unshare(user: &[&str]) -> bool {
    let mut command = Command::new("unshare");
    let output = command.args(user).args(["--net", "--mount", "true"]).output();
    output.is_ok_and(|output| output.status.success())
}

impl Machine {
    /// A machine without a network: it has loopback alone.
    pub fn alone() -> Result<Self> {
        let machine = Self::first()?;
        machine.shell("ip link set lo up")?;
        Ok(machine)
    }

    /// In a user namespace of its own where that is needed.
    fn first() -> Result<Self> {
        TOOLS.iter().try_for_each(|tool| peers::require(tool))?;
        let has_user_namespace = !can_unshare(&[]);
        if has_user_namespace && !can_unshare(&["--user", "--map-root-user"]) {
            bail!(
                "network namespaces cannot be made: both `unshare --net --mount` and `unshare --user \
                 --map-root-user --net --mount` are refused. Run the tests as root with CAP_SYS_ADMIN (in a \
                 container: --cap-add SYS_ADMIN --security-opt apparmor=unconfined --security-opt \
                 seccomp=unconfined), or permit user namespaces (kernel.unprivileged_userns_clone=1, \
                 kernel.apparmor_restrict_unprivileged_userns=0, user.max_user_namespaces above 0)"
            );
        }
        let user: &[&str] = if has_user_namespace { &["--user", "--map-root-user"] } else { &[] };
        let mut unshare = Command::new("unshare");
        Self::start(unshare.args(user), has_user_namespace)
    }

    /// `unshare` is the command so far.
    fn start(unshare: &mut Command, has_user_namespace: bool) -> Result<Self> {
        unshare.args(["--net", "--mount", "sh", "-c", "echo ready; exec cat"]);
        let holder = Running::start(unshare)?;
        holder.wait_ready(Instant::now() + TIMEOUT, "ready").with_context(|| shown(unshare))?;
        let pid = holder.id();
        Ok(Self { _holder: holder, pid, has_user_namespace })
    }

    /// `nsenter` into these namespaces of the machine, and into its user namespace.
    fn enter(&self, namespaces: &[&str]) -> Command {
        let mut command = Command::new("nsenter");
        command.arg("--target").arg(self.pid.to_string()).args(namespaces);
        if self.has_user_namespace {
            command.args(["--user", "--preserve-credentials"]);
        }
        command
    }

    /// A program on this machine.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = self.enter(&["--net", "--mount"]);
        command.arg("--").arg(program);
        command
    }

    /// The same command on this machine; its working directory is the root.
    pub fn moved(&self, command: &Command) -> Command {
        let mut moved = self.command(command.get_program());
        moved.args(command.get_args());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => moved.env(name, value),
                None => moved.env_remove(name),
            };
        }
        moved
    }

    /// Runs a script for `sh` on this machine.
    pub fn shell(&self, script: &str) -> Result<()> {
        let mut command = self.command("sh");
        workspace::output(command.args(["-c", script])).map(drop)
    }
}

impl Avahi<'_> {
    /// A program of avahi on its machine, with these arguments.
    pub fn run(&self, program: &str, arguments: &[&str]) -> Result<Running> {
        let mut command = self.machine.command(program);
        Running::start(command.args(arguments).env("DBUS_SYSTEM_BUS_ADDRESS", BUS_ADDRESS))
    }

    /// Publishes a service, and waits until its name is its own.
    pub fn publish(&self, name: &str, of_type: &str, port: u16, txt: &[&str]) -> Result<Running> {
        let port = port.to_string();
        let publishing = self.run("avahi-publish", &[&["-s", name, of_type, &port], txt].concat())?;
        publishing.wait_ready(Instant::now() + TIMEOUT, "Established under name")?;
        Ok(publishing)
    }
}
