//! A Debian system in a folder, in which the package is installed, used, removed and purged.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Result, bail};

use super::target;
use crate::{step::Outcome, workspace};

/// The release, of the machine or container that builds packages.
const RELEASE: &str = "bookworm";

/// What the package is used with, beside the least that installs packages.
const PACKAGES: &str = "systemd,man-db,bash-completion";

/// What a user does after the installation. Each line must succeed.
const USED: &str = r#"
set -eu
handclasp --version
handclasp demo | tail -n 1
man handclasp | grep -q '^EXAMPLES'
man handclasp-id-new | grep -q 'handclasp id new lamp'
man -k handclasp | grep -q 'handclasp-connect'
bash -c '
    . /usr/share/bash-completion/bash_completion
    _completion_loader handclasp || :
    COMP_WORDS=(handclasp conn); COMP_CWORD=1
    _handclasp handclasp conn handclasp
    test "${COMPREPLY[*]}" = connect'
systemd-analyze verify handclasp.service
test "$(stat -c %a /etc/handclasp/keys)" = 700
test ! -e /etc/systemd/system/multi-user.target.wants/handclasp.service
handclasp id new /tmp/door --name door.example.com > /dev/null
"#;

/// After the removal nothing is left, and after the purge not even a folder.
const GONE: &str = r#"
set -eu
test ! -e /usr/bin/handclasp
test ! -e /etc/handclasp
find / -xdev -path /proc -prune -o -path /tmp -prune -o -name '*handclasp*' -print | grep -v '^/var/log/\|^/var/cache/' && exit 1
dpkg -l handclasp 2>&1 | grep -q 'no packages found\|^un'
"#;

/// Tries the package.
pub fn try_package(package: &Path) -> Result<Outcome> {
    let root = target().join("chroot");
    remove(&root)?;
    let outcome = make(&root).and_then(|()| used(&root, package));
    remove(&root)?;
    outcome
}

fn remove(root: &Path) -> Result<()> {
    if root.exists() {
        fs::remove_dir_all(root)?;
    }
    Ok(())
}

/// Only root makes device files and changes its root.
fn make(root: &Path) -> Result<()> {
    if workspace::output(Command::new("id").arg("-u"))?.trim() != "0" {
        bail!("a new system needs the rights of root: run as root, or with --without-chroot");
    }
    let mut mmdebstrap = Command::new("mmdebstrap");
    mmdebstrap.args(["--quiet", "--mode=root", "--variant=apt", "--include", PACKAGES]);
    // Manual pages are what is tested; Debian's container images leave them out.
    mmdebstrap.args([RELEASE]).arg(root).args(sources());
    workspace::output(&mut mmdebstrap).map(drop)
}

/// The sources of this machine, so that its mirror is used.
fn sources() -> Vec<PathBuf> {
    let listed = ["/etc/apt/sources.list.d/debian.sources", "/etc/apt/sources.list"];
    listed.iter().map(PathBuf::from).find(|path| path.is_file()).into_iter().collect()
}

fn used(root: &Path, package: &Path) -> Result<Outcome> {
    fs::copy(package, root.join("tmp/handclasp.deb"))?;
    inside(root, "apt-get install --yes --quiet --no-install-recommends /tmp/handclasp.deb")?;
    let said = inside(root, USED)?;
    inside(root, "apt-get remove --yes --quiet handclasp && test ! -e /usr/bin/handclasp")?;
    inside(root, "apt-get purge --yes --quiet handclasp")?;
    inside(root, GONE)?;
    Ok(Outcome::passed(format!("{}: installed, used, purged", said.lines().next().unwrap_or_default())))
}

fn inside(root: &Path, script: &str) -> Result<String> {
    let mut command = Command::new("chroot");
    command.arg(root).args(["/bin/sh", "-c", script]);
    command
        .env_clear()
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .env("HOME", "/root")
        .env("LC_ALL", "C.UTF-8");
    workspace::output(command.env("DEBIAN_FRONTEND", "noninteractive"))
}
