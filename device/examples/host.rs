//! The programs of a board on a host, over a TCP socket: the tests run them against other TLS stacks
//! (`interop/matrix/device.tsv`).
//!
//! ```text
//! host serve ADDRESS [OPTION…]    an echo server for one connection
//! host connect ADDRESS [OPTION…]  sends standard input and prints what comes back
//!
//! --profile psk-tls12|psk-ccm-8-tls12|psk-tls13|p256-tls12|p256-tls13|p256
//! --psk HEX --identity NAME       a pre-shared key
//! --cert PEM --key PEM            our certificate and key
//! --pin sha256/…                  the key of the peer
//! --ca PEM                        a root
//! --name NAME                     the server's name
//! --records BYTES                 content of a record: 512, 1024, 2048
//! --client-auth                   a server requires a certificate
//! ```

use std::{
    collections::HashMap,
    error::Error,
    io::{ErrorKind, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    process::ExitCode,
    thread,
    time::Duration,
};

use handclasp_device::{
    Client, ClientAuthentication, Config, Connection, FaultCode, Identity, KeyEncoding, Next, Pin, Profile,
    Psk, PskUse, Received, Roots, Server, Transport, algorithms, algorithms::SystemRandom, profile,
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};

#[path = "programs/echo.rs"]
mod echo;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// A socket that does not block, as those of network stacks on boards.
struct Socket(TcpStream);

impl Transport for Socket {
    fn send(&mut self, bytes: &[u8]) -> Option<usize> {
        match self.0.write(bytes) {
            Ok(count) => Some(count),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Some(0),
            Err(_) => None,
        }
    }

    fn receive(&mut self, space: &mut [u8]) -> Received {
        match self.0.read(space) {
            Ok(0) => Received::End,
            Ok(count) => Received::Bytes(count),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Received::Nothing,
            Err(_) => Received::End,
        }
    }
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let mut words = std::env::args().skip(1);
    let (role, address) =
        words.next().zip(words.next()).ok_or("expected: serve|connect ADDRESS [OPTION…]")?;
    let mut options = HashMap::new();
    while let Some(option) = words.next() {
        let value = if option == "--client-auth" { String::new() } else { words.next().unwrap_or_default() };
        options.insert(option, value);
    }
    match role.as_str() {
        "serve" => serve(&address, &options),
        "connect" => connect(&address, &options),
        other => Err(format!("`{other}` is neither serve nor connect").into()),
    }
}

fn serve(address: &str, options: &HashMap<String, String>) -> Result<()> {
    let random = &mut SystemRandom;
    let server = Server::boot(config(options, false)?, random)?;
    let listener = TcpListener::bind(address)?;
    eprintln!("listening on {}", listener.local_addr()?);
    let mut socket = accept(&listener)?;
    let mut echo = echo::Echo::accept(&server, random)?;
    loop {
        match echo.poll(&mut socket, random) {
            echo::State::Busy => {}
            echo::State::Waiting => thread::sleep(Duration::from_millis(1)),
            echo::State::Closed => break print_connected(echo.tls()),
            echo::State::Failed(fault) => break failed(echo.tls(), fault),
        }
    }
}

fn accept(listener: &TcpListener) -> Result<Socket> {
    let (stream, _) = listener.accept()?;
    stream.set_nonblocking(true)?;
    Ok(Socket(stream))
}

fn connect(address: &str, options: &HashMap<String, String>) -> Result<()> {
    let random = &mut SystemRandom;
    let client = Client::boot(config(options, true)?, random)?;
    let stream = TcpStream::connect(address)?;
    stream.set_nonblocking(true)?;
    let mut socket = Socket(stream);
    let mut tls = match options.get("--name") {
        Some(name) => client.connect(name, random)?,
        None => client.connect_unnamed(random)?,
    };
    // Lines of standard input, from a thread that may block.
    let (sender, lines) = std::sync::mpsc::channel();
    thread::spawn(move || {
        std::io::stdin().lines().map_while(std::result::Result::ok).all(|line| sender.send(line).is_ok())
    });
    let mut unsent = Vec::new();
    loop {
        let next = tls.drive(&mut socket, random);
        if tls.may_write() {
            match lines.try_recv() {
                Ok(line) => unsent.extend_from_slice(format!("{line}\n").as_bytes()),
                Err(std::sync::mpsc::TryRecvError::Disconnected) if unsent.is_empty() => tls.close(),
                Err(_) => {}
            }
            if let Ok(taken) = tls.write(&unsent, random) {
                unsent.drain(..taken);
            }
        }
        match next {
            Next::Work => {}
            Next::Transmit | Next::Receive => thread::sleep(Duration::from_millis(1)),
            Next::Read => {
                std::io::stdout().write_all(tls.readable())?;
                tls.consume(tls.readable().len());
            }
            Next::PeerClosed => tls.close(),
            Next::Closed => break print_connected(&tls),
            Next::Failed(fault) => break failed(&tls, fault),
        }
    }
}

fn print_connected(tls: &Connection<'_>) -> Result<()> {
    if let Some(connected) = tls.connected() {
        eprintln!("{:?}, {:?}, {:?}", connected.version, connected.suite, connected.group);
        if let Some(limits) = connected.record_limits {
            eprintln!("records={}/{}", limits.send, limits.receive);
        }
    }
    Ok(())
}

/// What went wrong, and the report as it would go over a serial line.
fn failed(tls: &Connection<'_>, fault: FaultCode) -> Result<()> {
    let mut report = String::new();
    tls.write_report(&mut report)?;
    eprint!("{report}");
    Err(fault.to_string().into())
}

fn config(options: &HashMap<String, String>, is_client: bool) -> Result<Config> {
    let option = |name: &str| options.get(name).map(String::as_str);
    let name = option("--profile").unwrap_or("p256");
    let mut profile = named(name, is_client).ok_or_else(|| format!("`{name}` is not a profile"))?;
    if let Some(bytes) = option("--records") {
        profile = profile.with_records(bytes.parse()?);
    }
    let mut config = Config::new(profile);
    if let Some(hex) = option("--psk") {
        let usage = if name.ends_with("tls12") { PskUse::Tls12 } else { PskUse::Tls13Sha256 };
        config = config.with_psk(Psk::from_hex(option("--identity").unwrap_or_default(), usage, hex)?);
    }
    if let Some((certificate, key)) = option("--cert").zip(option("--key")) {
        let chain = CertificateDer::pem_file_iter(certificate)?.collect::<std::result::Result<_, _>>()?;
        let key = PrivateKeyDer::from_pem_file(key)?;
        config = config.with_identity(Identity::load(
            chain,
            KeyEncoding::Pkcs8,
            key.secret_der(),
            algorithms::KEYS_SHA256,
            algorithms::ECDSA_P256_SHA256,
        )?);
    }
    if let Some(pin) = option("--pin") {
        config = config.with_pins([Pin::parse(pin)?]);
    }
    if let Some(root) = option("--ca") {
        let root = CertificateDer::from_pem_file(root)?;
        config = config.with_trust(Roots::new(&[Vec::leak(root.to_vec())])?);
    }
    if options.contains_key("--client-auth") {
        config = config.with_client_authentication(ClientAuthentication::Required);
    }
    Ok(config)
}

fn named(name: &str, is_client: bool) -> Option<Profile> {
    use profile::{client, server};
    let (ours_as_client, ours_as_server) = match name {
        "psk-tls12" => (client::PSK_TLS12, server::PSK_TLS12),
        "psk-ccm-8-tls12" => (client::PSK_CCM_8_TLS12, server::PSK_CCM_8_TLS12),
        "psk-tls13" => (client::PSK_TLS13, server::PSK_TLS13),
        "p256-tls12" => (client::P256_TLS12, server::P256_TLS12),
        "p256-tls13" => (client::P256_TLS13, server::P256_TLS13),
        "p256" => (client::P256, server::P256),
        _ => return None,
    };
    Some(if is_client { ours_as_client } else { ours_as_server })
}
