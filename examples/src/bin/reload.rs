//! A server that reads its certificate again on SIGHUP. Connections that run keep theirs; sessions are resumed after
//! the reload, where key and names of the certificate are the same.
//!
//! `cargo run -p handclasp-examples --bin reload ADDRESS CERTIFICATE KEY`, then `kill -HUP`.

use std::{error::Error, path::Path};

use handclasp::{Current, Identity, IdentityError, Pin, Server, tokio::TlsAcceptor};
use tokio::{
    io::{AsyncWriteExt, copy, split},
    net::{TcpListener, TcpStream},
    signal::unix::{SignalKind, signal},
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [address, certificate, key] = &arguments[..] else { return Err("ADDRESS CERTIFICATE KEY".into()) };
    let load = || load(Path::new(certificate), Path::new(key));
    let (server, pin) = load()?;
    let current = Current::new(server);
    // Each handshake takes the server of the moment at which it begins.
    let acceptor = TlsAcceptor::from(&current);

    let mut hangups = signal(SignalKind::hangup())?;
    let listener = TcpListener::bind(address).await?;
    println!("{} {pin}", listener.local_addr()?);
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let (acceptor, (tcp, peer)) = (acceptor.clone(), accepted?);
                tokio::spawn(async move {
                    if let Err(error) = echo(&acceptor, tcp).await {
                        eprintln!("{peer}: {error}");
                    }
                });
            }
            _ = hangups.recv() => match load() {
                Ok((server, pin)) => {
                    current.replace(server)?;
                    println!("reloaded {pin}");
                }
                // The old certificate goes on.
                Err(error) => println!("not reloaded: {error}"),
            }
        }
    }
}

fn load(certificate: &Path, key: &Path) -> Result<(Server, Pin), IdentityError> {
    let identity = Identity::from_pem_files(certificate, key)?;
    let pin = Pin::of_spki(&identity.spki());
    Ok((Server::new(identity), pin))
}

async fn echo(acceptor: &TlsAcceptor, tcp: TcpStream) -> std::io::Result<()> {
    let (mut reader, mut writer) = split(acceptor.accept(tcp).await?);
    copy(&mut reader, &mut writer).await?;
    writer.shutdown().await
}
