//! PROXY headers between our ends and HAProxy and nginx, in both directions and versions, with TLS before and behind.

mod program;
mod tunnels;

use std::{
    fs,
    io::{ErrorKind, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use handclasp_relay::proxy_protocol::{Endpoints, Header, Incoming};
use program::{Directory, PATIENCE, Running};
use tunnels::{Certificates, Echo, free_port, tunnel};

/// A service that reads a PROXY header, and sends back the client's port and the header's facts.
fn service() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            thread::spawn(move || {
                let mut incoming = Incoming::new();
                let header: Header = loop {
                    let mut space = vec![0; incoming.wanted().unwrap()];
                    stream.read_exact(&mut space).unwrap();
                    if let Some(header) = incoming.push(&space).unwrap() {
                        break header;
                    }
                };
                let mut answer = match &header.endpoints {
                    Endpoints::Tcp { source, .. } => format!("from {source}"),
                    other => format!("from {other:?}"),
                };
                let text = |bytes: Option<Vec<u8>>| bytes.map(|bytes| String::from_utf8(bytes).unwrap());
                for (name, value) in [
                    ("alpn", text(header.alpn)),
                    ("name", header.authority),
                    ("psk", text(header.psk_identity)),
                ] {
                    answer += &value.map(|value| format!(", {name} {value}")).unwrap_or_default();
                }
                if let Some(facts) = header.tls {
                    let (version, cipher) = (facts.version.unwrap(), facts.cipher.unwrap());
                    answer += &format!(", {version} {cipher}, verified {}", facts.is_verified);
                    answer += &facts.common_name.map(|name| format!(", CN {name}")).unwrap_or_default();
                }
                stream.write_all(answer.as_bytes()).unwrap();
            });
        }
    });
    port
}

/// What the service at the other end says, and our port.
#[track_caller]
fn told(address: &str) -> (String, String) {
    let mut client = TcpStream::connect(address).unwrap();
    client.set_read_timeout(Some(PATIENCE)).unwrap();
    let ours = client.local_addr().unwrap().to_string();
    let mut answer = String::new();
    client.read_to_string(&mut answer).unwrap();
    (answer, ours)
}

const KEY: &str = "00112233445566778899aabbccddeeff";

#[test]
fn the_service_learns_the_address_of_the_client_and_its_tls() {
    let certificates = Certificates::new("proxy-facts");
    let port = service().to_string();
    let forward = format!("127.0.0.1:{port}");
    let ca = certificates.ca.clone();
    let client = certificates.client();
    let client: Vec<&str> = client.iter().map(String::as_str).collect();
    let psk = ["--psk-ascii", KEY, "--psk-id", "device 7"];
    for (server, client, facts) in [
        (
            [&certificates.server()[..], &["--client-ca", &ca, "--alpn", "redis"]].concat(),
            [&client[..], &["--alpn", "redis"]].concat(),
            ", alpn redis, name server.test, TLSv1.3 TLS_AES_128_GCM_SHA256, verified true, CN client.test",
        ),
        (
            certificates.server(),
            vec![
                "--ca",
                &ca,
                "--name",
                "server.test",
                "--tls",
                "1.2",
                "--suite",
                "ECDHE-ECDSA-AES128-GCM-SHA256",
            ],
            ", name server.test, TLSv1.2 ECDHE-ECDSA-AES128-GCM-SHA256, verified false",
        ),
        (
            psk.to_vec(),
            psk.to_vec(),
            ", name localhost, psk device 7, TLSv1.3 TLS_AES_128_GCM_SHA256, verified false",
        ),
    ] {
        let mut flags =
            vec!["--forward", &forward, "--proxy-protocol-out", "v2", "--proxy-protocol-in", "loopback"];
        flags.extend(server);
        let server = Running::serve(&flags);
        let target = format!("localhost:{}", server.port);
        // The client's address passes both ends.
        let tunnel = tunnel(&target, &[&client[..], &["--proxy-protocol-out", "v1"]].concat());
        let (answer, ours) = told(&tunnel.address());
        assert_eq!(answer, format!("from {ours}{facts}"), "{}{}", server.told(), tunnel.told());
        server.told_in_time(&format!("{ours} accepted: TLS"));
    }
}

#[test]
fn haproxy_in_front_and_behind() {
    let certificates = Certificates::new("proxy-haproxy");
    let directory = &certificates.directory;
    let all = [
        std::fs::read(directory.at("server.pem")).unwrap(),
        std::fs::read(directory.at("server.key")).unwrap(),
    ];
    directory.file("server.all", &all.concat());
    let port = service().to_string();
    let forward = format!("127.0.0.1:{port}");
    let (front1, front2, behind, tls) = (free_port(), free_port(), free_port(), free_port());
    // In front of our server, and behind our tunnel.
    let mut flags =
        vec!["--forward", &forward, "--proxy-protocol-out", "v2", "--proxy-protocol-in", "127.0.0.0/8"];
    flags.extend(certificates.server());
    let server = Running::serve(&flags);
    let ca = &certificates.ca;
    let configuration = format!(
        "defaults\n mode tcp\n timeout connect 20s\n timeout client 20s\n timeout server 20s\n\
         listen front1\n bind 127.0.0.1:{front1}\n server s 127.0.0.1:{ours} send-proxy ssl verify required ca-file {ca} sni str(server.test) verifyhost server.test\n\
         listen front2\n bind 127.0.0.1:{front2}\n server s 127.0.0.1:{ours} send-proxy-v2 ssl verify required ca-file {ca} sni str(server.test) verifyhost server.test\n\
         listen tls\n bind 127.0.0.1:{tls} accept-proxy ssl crt {all}\n server s 127.0.0.1:{port} send-proxy-v2\n\
         listen behind\n bind 127.0.0.1:{behind} accept-proxy\n server s 127.0.0.1:{port} send-proxy\n",
        ours = server.port,
        all = directory.at("server.all"),
    );
    let file = directory.file("haproxy.cfg", configuration.as_bytes());
    let haproxy =
        Command::new("/usr/sbin/haproxy").args(["-db", "-f", &file]).stdin(Stdio::null()).spawn().unwrap();
    let _haproxy = Stopped(haproxy);
    for port in [front1, front2, tls, behind] {
        wait_for(port);
    }
    for port in [front1, front2] {
        let (answer, ours) = told(&format!("127.0.0.1:{port}"));
        assert!(
            answer.starts_with(&format!("from {ours}, name server.test, TLSv1.3 ")),
            "{answer}: {}",
            server.told()
        );
    }
    // Our tunnel to HAProxy's TLS, and our server to HAProxy in plaintext.
    let behind = format!("127.0.0.1:{behind}");
    for version in ["v1", "v2"] {
        let tunnel = tunnel(
            &format!("127.0.0.1:{tls}"),
            &["--ca", ca, "--name", "server.test", "--proxy-protocol-out", version],
        );
        let (answer, ours) = told(&tunnel.address());
        assert!(answer.starts_with(&format!("from {ours}")), "{answer}: {}", tunnel.told());
        let server =
            Running::serve(&["--psk-ascii", KEY, "--forward", &behind, "--proxy-protocol-out", version]);
        let near = tunnels::tunnel(&format!("localhost:{}", server.port), &["--psk-ascii", KEY]);
        // HAProxy knows the address of the tunnel, which is the client of our server.
        let (answer, _) = told(&near.address());
        let said = server.told_in_time(" accepted: ");
        let client = said.lines().find_map(|line| line.split_once(" accepted: ")).unwrap().0;
        assert_eq!(answer, format!("from {client}"));
    }
}

#[test]
fn nginx_in_front_and_behind() {
    let certificates = Certificates::new("proxy-nginx");
    let directory = &certificates.directory;
    let (front, behind) = (free_port(), free_port());
    let port = service().to_string();
    let forward = format!("127.0.0.1:{port}");
    let ours = Running::serve(&[
        "--psk-ascii",
        KEY,
        "--forward",
        &forward,
        "--proxy-protocol-out",
        "v1",
        "--proxy-protocol-in",
        "loopback",
    ]);
    let at = directory.path().display();
    let configuration = format!(
        "daemon off;\nmaster_process off;\npid {at}/pid;\nerror_log stderr notice;\n\
         load_module /usr/lib/nginx/modules/ngx_stream_module.so;\nevents {{ }}\n\
         stream {{\n server {{ listen 127.0.0.1:{front}; proxy_pass 127.0.0.1:{}; proxy_protocol on; }}\n\
         server {{ listen 127.0.0.1:{behind} proxy_protocol; return \"from $proxy_protocol_addr:$proxy_protocol_port\"; }}\n}}\n",
        ours.port,
    );
    let file = directory.file("nginx.conf", configuration.as_bytes());
    let nginx = Command::new("/usr/sbin/nginx")
        .args(["-c", &file])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let _nginx = Stopped(nginx.unwrap());
    wait_for(behind);
    // A TLS client in front of nginx, which passes TLS on with a header.
    let near = tunnel(&format!("localhost:{front}"), &["--psk-ascii", KEY]);
    let (answer, _) = told(&near.address());
    let said = ours.told_in_time(" accepted: ");
    let client = said.lines().find_map(|line| line.split_once(" accepted: ")).unwrap().0;
    assert_eq!(answer, format!("from {client}"), "nginx named it");
    let behind = format!("127.0.0.1:{behind}");
    for version in ["v1", "v2"] {
        let server =
            Running::serve(&["--psk-ascii", KEY, "--forward", &behind, "--proxy-protocol-out", version]);
        let near = tunnel(&format!("localhost:{}", server.port), &["--psk-ascii", KEY]);
        let (answer, _) = told(&near.address());
        let said = server.told_in_time(" accepted: ");
        let client = said.lines().find_map(|line| line.split_once(" accepted: ")).unwrap().0;
        assert_eq!(answer, format!("from {client}"), "{version}");
    }
}

/// The block of docs/program.md in that language, on a port of ours.
fn documented(language: &str) -> (String, u16) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/program.md");
    let text = fs::read_to_string(path).unwrap();
    let block = text.split_once(&format!("```{language}\n")).expect("has it").1.split_once("```").unwrap().0;
    let port = free_port();
    assert!(block.contains("127.0.0.1:8080"), "{block}");
    (block.replace("127.0.0.1:8080", &format!("127.0.0.1:{port}")), port)
}

/// nginx and HAProxy as docs/program.md configures them see the client, not our program.
#[test]
fn services_as_documented_see_the_client() {
    let directory = Directory::new("proxy-documented");
    let (nginx, nginx_port) = documented("nginx");
    let file = directory.file(
        "nginx.conf",
        format!(
            "daemon off;\nmaster_process off;\npid {at}/pid;\nerror_log stderr notice;\nevents {{ }}\n\
             http {{\naccess_log off;\n{nginx}}}\n",
            at = directory.path().display()
        )
        .as_bytes(),
    );
    let mut command = Command::new("/usr/sbin/nginx");
    let _nginx =
        Stopped(command.args(["-c", &file]).stdin(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
    let (haproxy, haproxy_port) = documented("haproxy");
    let timeouts = "defaults\n timeout connect 20s\n timeout client 20s\n timeout server 20s\n";
    let file = directory.file("haproxy.cfg", format!("{timeouts}{haproxy}").as_bytes());
    let mut command = Command::new("/usr/sbin/haproxy");
    let _haproxy = Stopped(command.args(["-db", "-f", &file]).stdin(Stdio::null()).spawn().unwrap());
    for port in [nginx_port, haproxy_port] {
        wait_for(port);
        let forward = format!("127.0.0.1:{port}");
        for version in ["v1", "v2"] {
            let flags =
                ["--self-signed", "localhost", "--forward", &forward, "--proxy-protocol-out", version];
            let server = Running::serve(&flags);
            let mut curl = Command::new("curl");
            // An address that only the header can tell.
            curl.args(["--silent", "--insecure", "--noproxy", "*", "--interface", "127.0.0.9"]);
            let got = curl.arg(format!("https://127.0.0.1:{}/", server.port)).output().unwrap();
            assert_eq!(String::from_utf8_lossy(&got.stdout), "127.0.0.9\n", "{version}: {}", server.told());
        }
    }
}

#[test]
fn headers_of_strangers_are_refused() {
    let service = Echo::start();
    let forward = service.address();
    let with = |from: &str| {
        Running::serve(&["--psk-ascii", KEY, "--forward", &forward, "--proxy-protocol-in", from])
    };
    // Not one of the proxies.
    let server = with("192.0.2.0/24");
    let mut stranger = TcpStream::connect(server.address()).unwrap();
    stranger.set_read_timeout(Some(PATIENCE)).unwrap();
    let _ = stranger.write_all(b"PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\n");
    let mut came = Vec::new();
    match stranger.read_to_end(&mut came) {
        Ok(count) => assert_eq!(count, 0),
        Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
    }
    server.told_in_time("closed: --proxy-protocol-in does not list it");
    // A proxy without a header: a client of TLS.
    let server = with("loopback");
    let near = tunnel(&format!("localhost:{}", server.port), &["--psk-ascii", KEY]);
    let mut client = TcpStream::connect(near.address()).unwrap();
    client.set_read_timeout(Some(PATIENCE)).unwrap();
    assert_eq!(client.read(&mut [0]).unwrap_err().kind(), ErrorKind::ConnectionReset);
    server.told_in_time("found a TLS record: the sender does not send a PROXY header");
    // A header that does not come. Failures of one kind are counted, so that this is another server.
    let server = with("loopback");
    let silent = TcpStream::connect(server.address()).unwrap();
    server.told_in_time("PROXY header: expected within 5 s");
    drop(silent);
    // Without the flag a header is not TLS.
    let server = Running::serve(&["--psk-ascii", KEY, "--forward", &forward]);
    let mut proxy = TcpStream::connect(server.address()).unwrap();
    proxy.write_all(b"PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\n").unwrap();
    server.told_in_time("127.0.0.1:");
    assert!(!server.told().contains("accepted"));
}

/// A program that is ended with the test.
struct Stopped(std::process::Child);

impl Drop for Stopped {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn wait_for(port: u16) {
    let end = std::time::Instant::now() + PATIENCE;
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(std::time::Instant::now() < end, "port {port} is not listened on");
        thread::sleep(Duration::from_millis(10));
    }
}
