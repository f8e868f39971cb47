//! The programs with tonic, and the HTTP client, against each other and against curl and nginx.

use std::{
    error::Error,
    fs,
    io::{BufRead, BufReader},
    net::TcpListener,
    path::Path,
    process::{Child, Command, Output, Stdio},
    thread,
    time::Duration,
};

use handclasp::{Authority, CertificateParams, Identity, IssuedCertificate, KeyKind, Pin, Usage, Validity};

type Outcome = Result<(), Box<dyn Error>>;

/// A server that is ended with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts a server that prints its address first.
fn start(command: &mut Command) -> Result<(Running, String), Box<dyn Error>> {
    let mut program = command.stdout(Stdio::piped()).spawn()?;
    let mut line = String::new();
    BufReader::new(program.stdout.take().ok_or("no output")?).read_line(&mut line)?;
    Ok((Running(program), line.trim().to_owned()))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Writes NAME.pem and NAME.key.
fn issue(ca: &Authority, folder: &Path, name: &str, usage: Usage) -> Result<Pin, Box<dyn Error>> {
    let issued = ca.issue(&CertificateParams::new(&[name]).with_usage(usage))?;
    write(folder, name, &issued)?;
    Ok(Pin::of_spki(&issued.identity()?.spki()))
}

fn write(folder: &Path, name: &str, issued: &IssuedCertificate) -> Outcome {
    fs::write(folder.join(format!("{name}.pem")), issued.certificate_pem())?;
    let key = folder.join(format!("{name}.key"));
    fs::write(&key, issued.key_pem().as_bytes())?;
    // Keys that others can read are refused.
    fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    Ok(())
}

#[test]
fn tonic_calls_tonic() -> Outcome {
    let folder = tempfile::tempdir()?;
    let folder = folder.path();
    let ca = Authority::new("ours", Validity::starting_now(), KeyKind::P256)?;
    fs::write(folder.join("ca.pem"), ca.certificate_pem())?;
    issue(&ca, folder, "localhost", Usage::Server)?;
    let pin = issue(&ca, folder, "device", Usage::Client)?;
    // Of another CA.
    let other = Authority::new("others", Validity::starting_now(), KeyKind::P256)?;
    issue(&other, folder, "stranger", Usage::Client)?;

    let mut server = Command::new(env!("CARGO_BIN_EXE_tonic_server"));
    server.args(["127.0.0.1:0", "localhost.pem", "localhost.key", "ca.pem"]).current_dir(folder);
    let (_server, address) = start(server.stderr(Stdio::null()))?;
    let port = address.rsplit(':').next().ok_or("no port")?;
    let call = |client: &str, names: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tonic_client"));
        command.arg(format!("localhost:{port}")).args([format!("{client}.pem"), format!("{client}.key")]);
        command.arg("ca.pem").args(names).current_dir(folder).output()
    };
    // One call, and a stream.
    for names in [&["world"][..], &["moon", "mars", "sun"]] {
        let answer = call("device", names)?;
        let greeting = |name: &&str| format!("hello {name}, you have the certificate {pin}\n");
        let expected: String = names.iter().map(greeting).collect();
        assert_eq!(text(&answer.stdout), expected, "{}", text(&answer.stderr));
    }
    let refused = call("stranger", &["world"])?;
    assert!(!refused.status.success() && refused.stdout.is_empty(), "{}", text(&refused.stdout));
    Ok(())
}

fn get(pin: Pin, urls: &[String]) -> Result<Output, Box<dyn Error>> {
    let mut client = Command::new(env!("CARGO_BIN_EXE_http_client"));
    Ok(client.args(["--pin", &pin.to_string()]).args(urls).output()?)
}

#[test]
fn the_client_asks_hyper_and_axum_over_one_connection() -> Outcome {
    for (program, path, body) in [
        (env!("CARGO_BIN_EXE_hyper_server"), "file", "hello over HTTP/2.0 from /file\n"),
        (env!("CARGO_BIN_EXE_axum_server"), "hello/world", "hello world\n"),
    ] {
        let (_server, line) = start(Command::new(program).arg("127.0.0.1:0"))?;
        let (address, pin) = line.split_once(' ').ok_or("no pin")?;
        let url = format!("https://{address}/{path}");
        let output = get(pin.parse()?, &[url.clone(), url.clone()])?;
        let said = text(&output.stderr);
        assert_eq!(text(&output.stdout), body.repeat(2), "{said}");
        let line = format!("HTTP/2.0 200 OK {url}\n");
        assert_eq!(said, format!("{line}{line}connections: 1\n"));
    }
    Ok(())
}

#[test]
fn curl_asks_hyper() -> Outcome {
    let (_server, line) = start(Command::new(env!("CARGO_BIN_EXE_hyper_server")).arg("127.0.0.1:0"))?;
    let (address, pin) = line.split_once(' ').ok_or("no pin")?;
    let pin = pin.replace("sha256/", "sha256//");
    for (flag, version) in [("--http2", "HTTP/2.0"), ("--http1.1", "HTTP/1.1")] {
        let mut curl = Command::new("curl");
        // With -k the certificate counts by its key alone.
        curl.args(["--silent", "--show-error", "-k", "--pinnedpubkey", &pin, flag]);
        let output = curl.arg(format!("https://{address}/page")).output()?;
        let expected = format!("hello over {version} from /page\n");
        assert_eq!(text(&output.stdout), expected, "{}", text(&output.stderr));
    }
    Ok(())
}

/// nginx with two ports: HTTP/2 and HTTP/1.1, a redirect within a server, one to the other server, JSON, and a loop.
fn nginx(folder: &Path) -> Result<(Running, [String; 2], Pin), Box<dyn Error>> {
    let issued = IssuedCertificate::self_signed(&CertificateParams::new(&["localhost"]))?;
    write(folder, "server", &issued)?;
    let pin =
        Pin::of_spki(&Identity::from_pem_files(folder.join("server.pem"), folder.join("server.key"))?.spki());
    let port = || Ok::<_, std::io::Error>(TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string());
    let addresses = [port()?, port()?];
    let [first, second] = &addresses;
    let tls = "ssl_certificate server.pem; ssl_certificate_key server.key;";
    let configuration = format!(
        "daemon off; master_process off; pid nginx.pid; error_log error.log;
         events {{}}
         http {{
             access_log off; client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
             uwsgi_temp_path uwsgi; scgi_temp_path scgi;
             server {{ listen {first} ssl http2; {tls}
                 location /old {{ return 301 /new; }}
                 location /new {{ default_type application/json; return 200 '{{\"a\":{{\"b\":7}}}}'; }}
                 location /loop {{ return 302 /loop; }}
                 location /plain {{ return 302 http://{first}/new; }}
                 location /other {{ return 307 https://{second}/here; }} }}
             server {{ listen {second} ssl; {tls}
                 location /here {{ default_type text/plain; return 200 'here over $server_protocol\\n'; }} }}
         }}"
    );
    fs::write(folder.join("nginx.conf"), configuration)?;
    let mut command = Command::new("/usr/sbin/nginx");
    command.arg("-p").arg(folder).args(["-c", "nginx.conf", "-e", "error.log"]).current_dir(folder);
    let running = Running(command.stderr(Stdio::null()).spawn()?);
    for address in &addresses {
        let listens = (0..600).any(|_| {
            thread::sleep(Duration::from_millis(50));
            std::net::TcpStream::connect(address).is_ok()
        });
        assert!(listens, "{}", fs::read_to_string(folder.join("error.log")).unwrap_or_default());
    }
    Ok((running, addresses, pin))
}

#[test]
fn the_client_follows_redirects_of_nginx() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (_nginx, [first, second], pin) = nginx(folder.path())?;
    let url = |path: &str| format!("https://{first}{path}");
    let output = get(pin, &[url("/old"), url("/other"), url("/new")])?;
    let said = text(&output.stderr);
    let json = "{\n  \"a\": {\n    \"b\": 7\n  }\n}\n";
    assert_eq!(text(&output.stdout), format!("{json}here over HTTP/1.1\n{json}"), "{said}");
    let expected = format!(
        "HTTP/2.0 200 OK https://{first}/new\nHTTP/1.1 200 OK https://{second}/here\n\
         HTTP/2.0 200 OK https://{first}/new\nconnections: 2\n"
    );
    assert_eq!(said, expected);
    for (path, refused) in [("/loop", "more than 10 redirects"), ("/plain", "expected an https URL")] {
        let output = get(pin, &[url(path)])?;
        assert!(
            !output.status.success() && text(&output.stderr).contains(refused),
            "{}",
            text(&output.stderr)
        );
    }
    Ok(())
}
