//! The examples of each command, which its help and its manual page begin with. They work as they stand where the files
//! and servers that they name exist; `tests/examples.rs` runs those that need nobody else, and parses all.

mod store;

/// A command line for a shell.
#[derive(Clone, Copy, Debug)]
pub struct Example {
    /// What it does, without a full stop.
    pub what: &'static str,
    /// The line. Without braces, which are tags in a template of clap.
    pub line: &'static str,
}

/// Two to five for each command, by its words behind `handclasp`.
const EXAMPLES: &[(&str, &[(&str, &str)])] = &[
    (
        "",
        &[
            ("Several handshakes on loopback, and a failure explained", "handclasp demo"),
            (
                "A server to try with, and a client",
                "handclasp serve 127.0.0.1:8443 --self-signed localhost --echo",
            ),
            ("", "handclasp connect localhost:8443 --tofu"),
            ("Why a handshake between two other programs failed", "handclasp explain handshake.pcap"),
            ("What a server accepts and requires", "handclasp check example.org:443"),
        ],
    ),
    (
        "connect",
        &[
            (
                "A request to a web server; the system's roots verify its certificate",
                r"printf 'GET / HTTP/1.0\r\nHost: example.org\r\n\r\n' | handclasp connect example.org:443",
            ),
            (
                "Mutual TLS with a CA of one's own",
                "handclasp connect localhost:8443 --ca ca/certificate.pem --identity device",
            ),
            (
                "A shared secret instead of certificates",
                "handclasp connect localhost:8443 --psk-hex @device.key --psk-id device",
            ),
            (
                "A peer on the local network: a question the first time, silence afterwards",
                "handclasp connect printer.local:4433 --tofu",
            ),
            ("A mail server", "handclasp connect mail.example:587 --starttls smtp"),
        ],
    ),
    (
        "serve",
        &[
            (
                "To try with: a temporary certificate, and clients get back what they send",
                "handclasp serve 127.0.0.1:8443 --self-signed localhost --echo",
            ),
            (
                "What clients send goes into a file",
                "handclasp serve 0.0.0.0:8443 --cert chain.pem --key key.pem > received",
            ),
            (
                "Only clients with a certificate of this CA",
                "handclasp serve 0.0.0.0:8443 --identity server --client-ca ca/certificate.pem --echo",
            ),
            (
                "A shared secret instead of certificates",
                "handclasp serve 0.0.0.0:8443 --psk-hex @device.key --psk-id device --echo",
            ),
        ],
    ),
    (
        "tunnel",
        &[
            (
                "A shared secret; the other end is handclasp serve --forward, or stunnel",
                "handclasp tunnel 127.0.0.1:6379 redis.example:6380 --psk-hex @redis.key --psk-id app",
            ),
            (
                "Mutual TLS",
                "handclasp tunnel 127.0.0.1:6379 redis.example:6380 --ca ca/certificate.pem --identity device",
            ),
            (
                "A mail server that only offers STARTTLS, for a program that cannot",
                "handclasp tunnel 127.0.0.1:2525 mail.example:587 --starttls smtp",
            ),
            (
                "A UNIX socket of this machine, and one key that is trusted",
                "handclasp tunnel unix:/tmp/db.sock db.example:5432 --starttls postgres --tofu",
            ),
        ],
    ),
    (
        "run",
        &[
            ("All servers and tunnels of a file", "handclasp run /etc/handclasp/handclasp.toml"),
            (
                "Whether the file is right, before a reload",
                "handclasp run --check /etc/handclasp/handclasp.toml",
            ),
        ],
    ),
    (
        "explain",
        &[
            ("A capture of tcpdump or Wireshark", "handclasp explain handshake.pcap"),
            ("With more evidence", "handclasp explain handshake.pcap --keys keys.log --name example.org"),
            ("One line of a log is enough", "handclasp explain device.log"),
            ("Bytes as hex", "echo 15 03 03 00 02 02 28 | handclasp explain -"),
            ("Ask the server of the capture now", "handclasp explain handshake.pcap --ask"),
        ],
    ),
    (
        "check",
        &[
            ("What a server accepts, and the least that works", "handclasp check example.org:443"),
            ("A server that speaks plaintext first", "handclasp check mail.example:587 --starttls smtp"),
            (
                "A server that requires a client certificate; the result for a script",
                "handclasp check localhost:8443 --identity device --json > facts.json",
            ),
            (
                "What to change in the ClientHello of a device",
                "handclasp check localhost:8443 --as hello.bin",
            ),
        ],
    ),
    (
        "listen",
        &[
            ("Why does a client of this machine fail?", "handclasp listen 127.0.0.1:8443"),
            (
                "With the server's own certificate, for one client",
                "handclasp listen 0.0.0.0:8883 --cert chain.pem --key key.pem --once",
            ),
            (
                "Clients of a database, for a script",
                "handclasp listen 0.0.0.0:5432 --starttls postgres --json",
            ),
        ],
    ),
    (
        "lint",
        &[
            ("A request before it goes to a CA", "handclasp lint device.csr"),
            (
                "A certificate and its key: do they belong together, and do they fit the server?",
                "handclasp lint device.pem key.pem --name device.example.com --purpose server",
            ),
            ("Whether a certificate is revoked", "handclasp lint device.pem crl.pem"),
        ],
    ),
    (
        "id",
        &[
            ("A key with a self-signed certificate", "handclasp id new door --name door.example.com"),
            ("Its pin, to compare with what a peer shows", "handclasp id show door"),
            ("A request for a CA", "handclasp id csr door > door.csr"),
        ],
    ),
    (
        "id new",
        &[
            ("A key with a self-signed certificate", "handclasp id new lamp --name lamp.local"),
            (
                "Another kind of key, for a year",
                "handclasp id new meter --name meter.local --key ed25519 --days 365",
            ),
            (
                "A key that is made in a token and cannot leave it",
                "handclasp id new card --name card.test --token-pin @pin --pkcs11 'pkcs11:token=lab;object=card'",
            ),
        ],
    ),
    (
        "id show",
        &[
            ("Name, pin, words, certificate", "handclasp id show door"),
            ("Whether the key can sign", "handclasp id show door --open"),
            ("For a script", "handclasp id show door --json"),
        ],
    ),
    (
        "id csr",
        &[
            ("With the names of the present certificate", "handclasp id csr door > door.csr"),
            (
                "With other names, for a server",
                "handclasp id csr door --san door.example.com --subject O=Example --usage server --out door.csr",
            ),
        ],
    ),
    (
        "id install",
        &[
            ("What the CA returned", "handclasp id install door door.pem"),
            (
                "With a CA in a folder",
                "handclasp ca sign ca door.csr --renew > door.pem && handclasp id install door door.pem",
            ),
        ],
    ),
    (
        "id renew",
        &[
            ("A self-signed certificate for another year", "handclasp id renew lamp --days 365"),
            ("The request to the CA that issued the present one", "handclasp id renew door > door.csr"),
        ],
    ),
    (
        "id rotate",
        &[
            (
                "Peers with --rotation accept the new key by the statement",
                "handclasp id rotate lamp > statement.pem",
            ),
            ("To a key of another kind", "handclasp id rotate lamp --key p384"),
        ],
    ),
    (
        "peers",
        &[
            ("The servers that `connect --tofu` knows", "handclasp peers list"),
            (
                "The new key of a server, after its owner has confirmed it",
                "handclasp peers accept door.local sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU= --replace",
            ),
            ("A stolen one", "handclasp peers revoke door.local --reason stolen"),
        ],
    ),
    (
        "peers list",
        &[
            ("The servers that `connect --tofu` knows", "handclasp peers list"),
            ("The clients that `serve --tofu` knows", "handclasp peers list --clients"),
            ("One of them, for a script", "handclasp peers list lamp.local --json"),
        ],
    ),
    (
        "peers accept",
        &[
            (
                "A server by the pin that its owner reads out",
                "handclasp peers accept door.local sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
            ),
            (
                "The key of a certificate in place of the one before",
                "handclasp peers accept lamp.local lamp/certificate.pem --replace --comment 'new board'",
            ),
            (
                "A client, into its own file",
                "handclasp peers accept tablet lamp/certificate.pem --file clients",
            ),
        ],
    ),
    (
        "peers rotate",
        &[
            ("A server that has a new key", "handclasp peers rotate lamp/rotations.pem"),
            ("A client that has one", "handclasp peers rotate lamp/rotations.pem --file clients"),
        ],
    ),
    (
        "peers forget",
        &[
            ("A server", "handclasp peers forget door.local"),
            ("A client", "handclasp peers forget tablet --file clients"),
        ],
    ),
    (
        "peers revoke",
        &[
            ("All keys of a server", "handclasp peers revoke lamp.local --reason stolen"),
            (
                "One key",
                "handclasp peers revoke door.local sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
            ),
        ],
    ),
    (
        "ca",
        &[
            (
                "A CA for names below example.com",
                "handclasp ca init ca --name 'Example CA' --permit example.com",
            ),
            ("A certificate for a device", "handclasp ca sign ca device.csr > device.pem"),
            ("What it has issued", "handclasp ca list ca"),
        ],
    ),
    (
        "ca init",
        &[
            (
                "For names below example.com, and no others",
                "handclasp ca init ca --name 'Example CA' --permit example.com",
            ),
            ("Another kind of key", "handclasp ca init lab-ca --name 'Lab CA' --key p384"),
            (
                "Its key in a token",
                "handclasp ca init card-ca --name 'Card CA' --token-pin @pin --pkcs11 'pkcs11:token=lab;object=ca'",
            ),
        ],
    ),
    (
        "ca sign",
        &[
            ("The names of the request are checked", "handclasp ca sign ca device.csr > device.pem"),
            (
                "A server, under the names that we give it",
                "handclasp ca sign ca server.csr --profile server --san server.example.com --out server.pem",
            ),
            (
                "The next certificate of the same key",
                "handclasp id csr door | handclasp ca sign ca - --renew > door.pem",
            ),
        ],
    ),
    (
        "ca revoke",
        &[
            ("By its file", "handclasp ca revoke ca server.pem --reason keyCompromise"),
            (
                "By its serial number in `ca list`",
                "handclasp ca revoke ca 5f0c9a6d21b7e3480112 --reason superseded",
            ),
        ],
    ),
    (
        "ca crl",
        &[
            ("For `--crl` and `--client-crl`", "handclasp ca crl ca > crl.pem"),
            (
                "For the --crl-url of the CA, made anew each day",
                "handclasp ca crl ca --der --days 2 --out ca.crl",
            ),
        ],
    ),
    (
        "ca list",
        &[
            ("What was issued and revoked", "handclasp ca list ca"),
            ("For a script", "handclasp ca list ca --json"),
        ],
    ),
    (
        "browse",
        &[
            ("The servers that announce this service", "handclasp browse _lock._tcp"),
            ("Listen longer, for a script", "handclasp browse _lock._tcp --timeout 10 --json"),
        ],
    ),
    ("demo", &[("Takes a second, and needs neither files nor a network", "handclasp demo")]),
];

/// The examples of a command.
pub fn of(command: &str) -> impl Iterator<Item = Example> {
    let listed = EXAMPLES.iter().chain(store::EXAMPLES).filter(move |(name, _)| *name == command);
    listed.flat_map(|(_, examples)| *examples).map(|&(what, line)| Example { what, line })
}

/// The commands of the table.
#[cfg(test)]
pub fn commands() -> impl Iterator<Item = &'static str> {
    EXAMPLES.iter().chain(store::EXAMPLES).map(|(name, _)| *name)
}
