//! Terminates TLS in front of a service:
//!
//! ```sh
//! cargo run --release -p handclasp-relay --example forward 127.0.0.1:8443 127.0.0.1:8080 server.crt server.key
//! ```

use std::{env, error::Error, path::Path, sync::Arc};

use handclasp::{Identity, Server};
use handclasp_relay::{AcceptLoop, Address, Drain, Forward, Gate, Limits, Listener, Termination};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [listen, service, chain, key] = &arguments[..] else {
        return Err("usage: forward LISTEN SERVICE CERTIFICATES KEY".into());
    };
    let server = Server::new(Identity::from_pem_files(Path::new(chain), Path::new(key))?);
    let service = Forward::new(service.parse::<Address>()?);
    let listener = Listener::bind(&listen.parse()?).await?;
    println!("listening on {}", listener.address()?);
    let gate = Gate::new(Limits::default());
    let accepting = AcceptLoop::new(listener, gate, Arc::new(()), Drain::new());
    accepting.run(Arc::new(Termination::new(server, service))).await;
    Ok(())
}
