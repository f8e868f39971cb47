//! Two ends in memory.

use handclasp::{Client, ClientConnection, Connection, Error, Server, ServerConnection};

/// A client and a server, and the first error of each.
pub struct Pair {
    pub client: ClientConnection,
    pub server: ServerConnection,
    pub failed: [Option<Error>; 2],
}

impl Pair {
    pub fn new(client: &Client, server: &Server, name: &str) -> Self {
        let client = ClientConnection::new(client, name).expect("starts");
        let server = ServerConnection::new(server).expect("starts");
        Self { client, server, failed: [None, None] }
    }

    /// Moves bytes until both wait or are over.
    pub fn run(&mut self) {
        while !self.client.transmit().is_empty() || !self.server.transmit().is_empty() {
            let [client, server] = &mut self.failed;
            pass(&mut self.client, &mut self.server, server);
            pass(&mut self.server, &mut self.client, client);
        }
    }
}

fn pass(from: &mut Connection, to: &mut Connection, failed: &mut Option<Error>) {
    let outcome = to.receive(from.transmit());
    from.transmitted(from.transmit().len());
    if let Err(error) = outcome {
        failed.get_or_insert(error);
    }
}
