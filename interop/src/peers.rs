//! The programs and libraries that the tests run as peers, and the Debian packages that bring them. The
//! source of a current Mbed TLS comes as a crate instead, see `interop/peers/mbedtls-source`.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

/// A program that must be installed, or a library, named by one of its headers.
pub struct Peer {
    /// The program's name or path, or the header. `*` in a path is a folder for each version.
    pub name: &'static str,
    /// Its package in Debian.
    pub package: &'static str,
    /// The tests that need it.
    pub used_for: &'static str,
}

/// PostgreSQL's server, which Debian keeps in a folder for each version.
pub const POSTGRES: &str = "/usr/lib/postgresql/*/bin/postgres";

/// All of them.
pub const PEERS: &[Peer] = &[
    Peer {
        name: "openssl",
        package: "openssl",
        used_for: "matrix, check, program: s_server, s_client, certificates",
    },
    Peer {
        name: "setsid",
        package: "util-linux",
        used_for: "program: a terminal of its own for questions about new peers",
    },
    Peer {
        name: "gnutls-cli",
        package: "gnutls-bin",
        used_for: "matrix: raw public keys, record_size_limit, CCM, encrypt_then_mac",
    },
    Peer {
        name: "certtool",
        package: "gnutls-bin",
        used_for: "identity, lint: reads and makes requests, certificates, PKCS#12",
    },
    Peer { name: "gnutls-serv", package: "gnutls-bin", used_for: "matrix, check: the same as a server" },
    Peer {
        name: "promtool",
        package: "prometheus",
        used_for: "metrics: reads what --metrics serves, and the expressions of the dashboard",
    },
    Peer { name: "psktool", package: "gnutls-bin", used_for: "psk_file: writes a file of keys" },
    Peer { name: "stunnel", package: "stunnel4", used_for: "psk_file: a client with the same file of keys" },
    Peer {
        name: "systemd-socket-activate",
        package: "systemd",
        used_for: "systemd: passes sockets that it opened",
    },
    Peer {
        name: "/usr/sbin/mosquitto",
        package: "mosquitto",
        used_for: "check: a broker that requires client certificates",
    },
    Peer {
        name: "mosquitto_sub",
        package: "mosquitto-clients",
        used_for: "firmware: receives what a board publishes",
    },
    Peer {
        name: "curl",
        package: "curl",
        used_for: "ask: a client that checks the name after the handshake; services: HTTP/1.1 and HTTP/2",
    },
    Peer { name: "python3", package: "python3", used_for: "ask: Python's ssl module" },
    Peer { name: "/usr/sbin/nginx", package: "nginx", used_for: "ask, services: a web server" },
    Peer {
        name: "/usr/lib/nginx/modules/ngx_stream_module.so",
        package: "libnginx-mod-stream",
        used_for: "services: nginx at an end of a tunnel",
    },
    Peer { name: "redis-server", package: "redis-server", used_for: "services: behind tunnels" },
    Peer { name: "redis-cli", package: "redis-tools", used_for: "services: a client" },
    Peer { name: "redis-benchmark", package: "redis-tools", used_for: "services: many clients at once" },
    Peer { name: POSTGRES, package: "postgresql", used_for: "services: behind tunnels" },
    Peer { name: "psql", package: "postgresql-client", used_for: "services: a client" },
    Peer { name: "setpriv", package: "util-linux", used_for: "services: PostgreSQL refuses to run as root" },
    Peer { name: "stunnel", package: "stunnel4", used_for: "services: at an end of a tunnel" },
    Peer { name: "/usr/sbin/haproxy", package: "haproxy", used_for: "services: at an end of a tunnel" },
    Peer { name: "socat", package: "socat", used_for: "services: at an end of a tunnel" },
    Peer { name: "chromium", package: "chromium", used_for: "services: a browser" },
    Peer { name: "certutil", package: "libnss3-tools", used_for: "services: the browser's store of CAs" },
    Peer { name: "go", package: "golang-go", used_for: "ask: Go's crypto/tls on both sides" },
    Peer { name: "java", package: "default-jdk-headless", used_for: "matrix, check: JSSE" },
    Peer {
        name: "keytool",
        package: "default-jdk-headless",
        used_for: "identity: reads requests and certificates",
    },
    Peer {
        name: "python3",
        package: "python3",
        used_for: "check: STARTTLS of its standard library, and servers that speak plaintext first",
    },
    Peer { name: "/usr/sbin/slapd", package: "slapd", used_for: "program: LDAP that requires StartTLS" },
    Peer { name: "ldapsearch", package: "ldap-utils", used_for: "program: a client of LDAP without TLS" },
    Peer { name: "softhsm2-util", package: "softhsm2", used_for: "identity: a PKCS#11 token in software" },
    Peer { name: "pkcs11-tool", package: "opensc", used_for: "identity: keys and certificates in a token" },
    Peer {
        name: "/usr/share/p11-kit/modules/softhsm2.module",
        package: "softhsm2",
        used_for: "identity: SoftHSM behind p11-kit's proxy",
    },
    Peer {
        name: "/usr/lib/x86_64-linux-gnu/p11-kit-proxy.so",
        package: "p11-kit-modules",
        used_for: "identity: the tokens of every module, as one module",
    },
    Peer { name: "ssh-agent", package: "openssh-client", used_for: "identity: keys in an agent" },
    Peer { name: "swtpm", package: "swtpm", used_for: "identity: a TPM in software" },
    Peer {
        name: "tpm2_sign",
        package: "tpm2-tools",
        used_for: "identity: the tools of a TPM as a signing command",
    },
    Peer {
        name: "/usr/lib/x86_64-linux-gnu/libtss2-tcti-swtpm.so.0",
        package: "libtss2-tcti-swtpm0",
        used_for: "identity: tpm2-tools with swtpm",
    },
    Peer { name: "unshare", package: "util-linux", used_for: "discovery: network namespaces" },
    Peer { name: "nsenter", package: "util-linux", used_for: "discovery: network namespaces" },
    Peer { name: "ip", package: "iproute2", used_for: "discovery: the link between two namespaces" },
    Peer {
        name: "/usr/sbin/avahi-daemon",
        package: "avahi-daemon",
        used_for: "discovery: another implementation of multicast DNS, in a namespace",
    },
    Peer { name: "avahi-browse", package: "avahi-utils", used_for: "discovery: finds what we announce" },
    Peer { name: "avahi-publish", package: "avahi-utils", used_for: "discovery: announces what we find" },
    Peer { name: "dbus-daemon", package: "dbus-daemon", used_for: "discovery: a bus for each avahi-daemon" },
    Peer {
        name: "/usr/lib/x86_64-linux-gnu/libtpm2_pkcs11.so.1",
        package: "libtpm2-pkcs11-1",
        used_for: "identity: a TPM as a PKCS#11 token",
    },
    Peer { name: "mandoc", package: "mandoc", used_for: "program: checks the manual pages" },
    Peer { name: "man", package: "man-db", used_for: "program: shows the manual pages" },
    Peer { name: "bash", package: "bash", used_for: "program: completions" },
    Peer { name: "zsh", package: "zsh", used_for: "program: completions" },
    Peer { name: "fish", package: "fish", used_for: "program: completions" },
    Peer {
        name: "mbedtls/ssl.h",
        package: "libmbedtls-dev",
        used_for: "matrix: Mbed TLS 2.28 with small buffers",
    },
    Peer {
        name: "qemu-system-arm",
        package: "qemu-system-arm",
        used_for: "firmware: runs the programs for Cortex-M",
    },
    Peer {
        name: "cc",
        package: "build-essential",
        used_for: "capi; builds aws-lc-sys and the Mbed TLS peers",
    },
    Peer { name: "valgrind", package: "valgrind", used_for: "capi: leaks and invalid accesses" },
    Peer { name: "cmake", package: "cmake", used_for: "capi: find_package" },
    Peer { name: "pkg-config", package: "pkgconf", used_for: "capi: flags of the installed library" },
    Peer { name: "clang", package: "clang", used_for: "capi: the module that Swift imports" },
    Peer {
        name: "lwip/lwip/tcp.h",
        package: "liblwip-dev",
        used_for: "capi: the example for lwIP's raw API",
    },
    Peer { name: "arm-none-eabi-gcc", package: "gcc-arm-none-eabi", used_for: "capi: the firmware in C" },
    Peer {
        name: "/usr/include/newlib/string.h",
        package: "libnewlib-arm-none-eabi",
        used_for: "capi: the C library of the firmware",
    },
];

/// The peers that are not installed.
pub fn missing() -> Vec<&'static Peer> {
    PEERS.iter().filter(|peer| !is_installed(peer.name)).collect()
}

/// An error that names the peer and its package unless it is installed.
pub fn require(name: &str) -> Result<()> {
    if is_installed(name) {
        return Ok(());
    }
    let package = PEERS.iter().find(|peer| peer.name == name).map(|peer| peer.package);
    let package = package.map_or_else(String::new, |package| format!(" (Debian package {package})"));
    bail!(
        "missing peer: {name}{package} is not installed; \
         `cargo xtask test --install-peers` installs all peers with apt-get"
    )
}

/// Whether a program is on the PATH or at its path, or a header where compilers look for it.
fn is_installed(name: &str) -> bool {
    if name.starts_with('/') {
        return newest(name).is_some();
    }
    if name.ends_with(".h") {
        let folders = ["/usr/include", "/usr/local/include"];
        return folders.iter().any(|folder| Path::new(folder).join(name).is_file());
    }
    on_path(name)
}

/// The file at a path; where a folder of it is `*`, that of the newest version.
pub fn newest(path: &str) -> Option<PathBuf> {
    let Some((folder, rest)) = path.split_once("/*/") else {
        return Path::new(path).is_file().then(|| path.into());
    };
    let version = |path: &Path| path.file_name()?.to_str()?.parse::<u32>().ok();
    let versions =
        fs::read_dir(folder).ok()?.flatten().filter_map(|entry| Some((version(&entry.path())?, entry)));
    let files = versions.map(|(version, entry)| (version, entry.path().join(rest)));
    files.filter(|(_, path)| path.is_file()).max().map(|(_, path)| path)
}

/// Whether a folder of the PATH holds a program of this name.
pub fn on_path(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_is_found() {
        let folder = tempfile::tempdir().unwrap();
        for version in ["9", "15", "16", "other"] {
            fs::create_dir(folder.path().join(version)).unwrap();
        }
        let pattern = format!("{}/*/program", folder.path().display());
        assert_eq!(newest(&pattern), None);
        for version in ["9", "15", "other"] {
            fs::write(folder.path().join(version).join("program"), "").unwrap();
        }
        assert_eq!(newest(&pattern), Some(folder.path().join("15/program")));
    }

    #[test]
    fn a_missing_peer_is_named_with_its_package() {
        assert!(require("sh").is_ok() && require("/bin/sh").is_ok());
        let error = |name| require(name).unwrap_err().to_string();
        assert!(error("no-such-program").starts_with("missing peer: no-such-program is not installed"));
        let header = PEERS.iter().find(|peer| peer.name == "mbedtls/ssl.h").unwrap();
        if !is_installed(header.name) {
            assert!(error(header.name).contains("(Debian package libmbedtls-dev)"));
        }
    }
}
