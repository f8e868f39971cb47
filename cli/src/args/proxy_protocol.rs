//! The flags of the PROXY protocol, the same for `serve` and `tunnel`.

use clap::{Args, ValueEnum};
use handclasp_relay::proxy_protocol::{Senders, Version};

/// The addresses of clients, from a proxy in front and to a server behind.
#[derive(Clone, Debug, Args)]
pub struct ProxyProtocol {
    /// Every connection comes from a proxy and begins with a PROXY header (version 1 or 2), whose client address counts
    /// in logs and limits. FROM lists the proxies: addresses, networks such as 10.0.0.0/8, loopback, unix. Connections
    /// of others are closed, since the sender of a header chooses the address
    #[arg(long, value_name = "FROM")]
    pub proxy_protocol_in: Option<Senders>,
    /// Tell the other side the client's address: begin each connection to it with a PROXY header. v2 of `serve` also has
    /// version, suite, ALPN, server_name and the client's certificate name or pre-shared key identity
    #[arg(long, value_name = "v1|v2", hide_possible_values = true)]
    pub proxy_protocol_out: Option<ProxyVersion>,
}

/// A version of the PROXY protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ProxyVersion {
    /// A line of text
    V1,
    /// Binary
    V2,
}

impl ProxyProtocol {
    /// The version of headers that are sent.
    pub fn out(&self) -> Option<Version> {
        self.proxy_protocol_out.map(|version| match version {
            ProxyVersion::V1 => Version::V1,
            ProxyVersion::V2 => Version::V2,
        })
    }
}
