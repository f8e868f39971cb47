//! rustls as a peer: `peer-rustls server|client PORT [name=value …]`. The server echoes the data of its
//! first connection; the client sends lines and prints what it receives. Names: `cert` and `key` (PEM
//! files) of its own, `ca` (a PEM file of roots; the server then requires a client certificate), `group`
//! (the only groups, separated by commas), `version` (1.2 or 1.3).
//!
//! The crate `interop` builds and runs it for the rows of `interop/matrix/rustls.tsv`.

use std::io::{self, BufRead as _, Read as _, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};
use rustls::server::WebPkiClientVerifier;
use rustls::{
    ClientConfig, ClientConnection, CommonState, ConnectionCommon, RootCertStore, ServerConfig,
    ServerConnection, SideData, Stream, SupportedProtocolVersion,
};

/// The command line, parsed.
struct Arguments {
    is_server: bool,
    port: u16,
    values: Vec<(String, String)>,
}

impl Arguments {
    fn read() -> Result<Self> {
        let mut words = std::env::args().skip(1);
        let is_server = match words.next().as_deref() {
            Some("server") => true,
            Some("client") => false,
            _ => bail!("the first argument must be `server` or `client`"),
        };
        let port = words.next().context("the second argument must be the port")?.parse()?;
        let value = |word: String| {
            let (name, value) = word.split_once('=').with_context(|| format!("`{word}` has no `=`"))?;
            Ok((name.to_owned(), value.to_owned()))
        };
        Ok(Self { is_server, port, values: words.map(value).collect::<Result<_>>()? })
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.values.iter().find(|(one, _)| one == name).map(|(_, value)| value.as_str())
    }

    fn provider(&self) -> Result<Arc<rustls::crypto::CryptoProvider>> {
        let mut provider = rustls::crypto::aws_lc_rs::default_provider();
        if let Some(groups) = self.get("group") {
            let known = rustls::crypto::aws_lc_rs::ALL_KX_GROUPS;
            let find = |name: &str| {
                let found = known.iter().find(|group| format!("{:?}", group.name()) == name);
                found.copied().with_context(|| format!("unknown group {name}"))
            };
            provider.kx_groups = groups.split(',').map(find).collect::<Result<_>>()?;
        }
        Ok(Arc::new(provider))
    }

    fn versions(&self) -> Result<&'static [&'static SupportedProtocolVersion]> {
        static TLS12: &[&SupportedProtocolVersion] = &[&rustls::version::TLS12];
        static TLS13: &[&SupportedProtocolVersion] = &[&rustls::version::TLS13];
        match self.get("version") {
            None => Ok(rustls::ALL_VERSIONS),
            Some("1.2") => Ok(TLS12),
            Some("1.3") => Ok(TLS13),
            Some(other) => bail!("unknown version {other}"),
        }
    }

    fn roots(&self) -> Result<Option<RootCertStore>> {
        let Some(file) = self.get("ca") else { return Ok(None) };
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(file)?)?;
        Ok(Some(roots))
    }

    fn identity(&self) -> Result<Option<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)>> {
        let (Some(cert), Some(key)) = (self.get("cert"), self.get("key")) else { return Ok(None) };
        let chain = CertificateDer::pem_file_iter(cert)?.collect::<Result<_, _>>()?;
        Ok(Some((chain, PrivateKeyDer::from_pem_file(key)?)))
    }

    fn server(&self) -> Result<ServerConnection> {
        let provider = self.provider()?;
        let config = ServerConfig::builder_with_provider(Arc::clone(&provider));
        let config = config.with_protocol_versions(self.versions()?)?;
        let config = match self.roots()? {
            None => config.with_no_client_auth(),
            Some(roots) => config.with_client_cert_verifier(
                WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build()?,
            ),
        };
        let (chain, key) = self.identity()?.context("a server needs cert and key")?;
        Ok(ServerConnection::new(Arc::new(config.with_single_cert(chain, key)?))?)
    }

    fn client(&self) -> Result<ClientConnection> {
        let config = ClientConfig::builder_with_provider(self.provider()?);
        let config = config.with_protocol_versions(self.versions()?)?;
        let config = config.with_root_certificates(self.roots()?.context("a client needs ca")?);
        let config = match self.identity()? {
            None => config.with_no_client_auth(),
            Some((chain, key)) => config.with_client_auth_cert(chain, key)?,
        };
        Ok(ClientConnection::new(Arc::new(config), "server.test".try_into()?)?)
    }
}

/// Completes the handshake and prints what was negotiated.
fn handshake<S: SideData>(connection: &mut ConnectionCommon<S>, socket: &mut TcpStream) -> Result<()> {
    while connection.is_handshaking() {
        if let Err(error) = connection.complete_io(socket) {
            bail!("handshake: {error}");
        }
    }
    let state: &CommonState = connection;
    println!(
        "{:?} {:?}",
        state.protocol_version(),
        state.negotiated_cipher_suite().map(|suite| suite.suite())
    );
    println!("group {:?}", state.negotiated_key_exchange_group().map(|group| group.name()));
    println!("{:?}", state.handshake_kind());
    Ok(())
}

fn main() -> Result<()> {
    let arguments = Arguments::read()?;
    if arguments.is_server {
        let listener = TcpListener::bind(("127.0.0.1", arguments.port))?;
        println!("listening");
        let (mut socket, _) = listener.accept()?;
        let mut connection = arguments.server()?;
        handshake(&mut connection, &mut socket)?;
        let mut data = [0; 16_384];
        loop {
            let count = Stream::new(&mut connection, &mut socket).read(&mut data)?;
            if count == 0 {
                break;
            }
            Stream::new(&mut connection, &mut socket).write_all(&data[..count])?;
        }
        connection.send_close_notify();
        connection.complete_io(&mut socket)?;
    } else {
        let mut socket = TcpStream::connect(("127.0.0.1", arguments.port))?;
        let mut connection = arguments.client()?;
        handshake(&mut connection, &mut socket)?;
        let mut stream = Stream::new(&mut connection, &mut socket);
        for line in io::stdin().lock().lines() {
            let mut line = format!("{}\n", line?).into_bytes();
            stream.write_all(&line)?;
            stream.read_exact(&mut line)?;
            io::stdout().write_all(&line)?;
        }
        connection.send_close_notify();
        connection.complete_io(&mut socket)?;
    }
    Ok(())
}
