//! The header that names a client of ours to the next server.

use handclasp::{Connection, ProtocolVersion};

use super::{Endpoints, Header, TlsFacts};
use crate::{Peer, Socket};

/// The header for a client. What the proxy before us said about it is passed on; of TLS that ends here, the facts of
/// `connection` take the place of the proxy's.
pub fn header(
    client: &Peer,
    socket: &Socket,
    before: Option<&Header>,
    connection: Option<&Connection>,
) -> Header {
    let mut header = match before {
        Some(before) if before.endpoints != Endpoints::Own => before.clone(),
        _ => Header::new(endpoints(client, socket)),
    };
    if let Some(connection) = connection {
        add_facts(&mut header, connection);
    }
    header
}

/// Both ends of the client's connection to us. A client of a UNIX socket has no address that the next server knows.
fn endpoints(client: &Peer, socket: &Socket) -> Endpoints {
    match (client, socket.local_address()) {
        (Peer::Tcp(source), Some(destination)) => Endpoints::tcp(*source, destination),
        _ => Endpoints::Unix { source: Vec::new(), destination: Vec::new() },
    }
}

fn add_facts(header: &mut Header, connection: &Connection) {
    let Some(connected) = connection.connected() else { return };
    let certificate = connection.peer_certificate();
    let sent_certificate = connected.peer.is_some();
    header.alpn.clone_from(&connected.alpn);
    let server_name = connected.server_name.as_deref();
    header.authority = server_name.map(|name| String::from_utf8_lossy(name).into_owned());
    // A session that was resumed is not a key that was shared before.
    header.psk_identity = connected.psk_identity.clone().filter(|_| !connected.resumed);
    header.tls = Some(TlsFacts {
        certificate_in_connection: sent_certificate && !connected.resumed,
        certificate_in_session: sent_certificate,
        // A certificate that is not accepted ends the handshake.
        is_verified: sent_certificate,
        version: Some(version(connected.version).to_owned()),
        cipher: Some(openssl_suite(&connected.suite.to_string())),
        common_name: certificate.and_then(|certificate| certificate.common_name),
    });
}

fn version(version: ProtocolVersion) -> &'static str {
    match version {
        ProtocolVersion::TLS_1_2 => "TLSv1.2",
        _ => "TLSv1.3",
    }
}

/// OpenSSL's name of a suite, from its name at IANA. In TLS 1.3 they are the same; in TLS 1.2 OpenSSL's has the key
/// exchange, where it is not RSA's, and the cipher.
pub fn openssl_suite(iana: &str) -> String {
    let Some((exchange, cipher)) = iana.trim_start_matches("TLS_").split_once("_WITH_") else {
        return iana.to_owned();
    };
    let cipher = match cipher {
        "CHACHA20_POLY1305_SHA256" => "CHACHA20_POLY1305".to_owned(),
        "3DES_EDE_CBC_SHA" => "DES_CBC3_SHA".to_owned(),
        // With a pre-shared key the mode is part of the name, otherwise it is not.
        other => match exchange.ends_with("PSK") {
            true => other.to_owned(),
            false => other.replace("_CBC", ""),
        }
        .replace("AES_128", "AES128")
        .replace("AES_256", "AES256")
        .replace("CCM_8", "CCM8"),
    };
    let name = if exchange == "RSA" { cipher } else { format!("{exchange}_{cipher}") };
    name.replace('_', "-")
}
