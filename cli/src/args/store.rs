//! The arguments for what several servers share.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use handclasp::Pin;

/// Where the store is, and how it is reached.
#[derive(Debug, Args)]
#[group(skip)]
pub struct StoreAccess {
    /// Share ticket keys, used tickets, pre-shared keys and clients with the other servers of this store:
    /// redis://[USER@]HOST[:PORT][/DB], rediss:// for TLS, unix:/PATH for Redis on a socket, or file:/FOLDER for the
    /// servers of one machine. Sessions are resumed at each server, and a ticket of TLS 1.3 is used once among all.
    /// While the store is away, handshakes go on in full
    #[arg(long, value_name = "URL")]
    pub store: Option<String>,
    /// Key of 32 random bytes that is not in the store, the same on all servers: it seals ticket keys and the keys
    /// of `handclasp store psk add`, so that the store cannot read them
    #[arg(long, value_name = "FILE", requires = "store")]
    pub store_key: Option<PathBuf>,
    /// Password of Redis; @FILE or env:NAME keep it out of the process list
    #[arg(long, value_name = "VALUE", requires = "store")]
    pub store_password: Option<String>,
    /// Verify the server of rediss:// with the CAs in this PEM file, not with those of the system
    #[arg(long, value_name = "FILE", requires = "store", conflicts_with = "store_pin")]
    pub store_ca: Option<PathBuf>,
    /// Accept only this key of the server of rediss://: sha256/BASE64
    #[arg(long, value_name = "PIN", requires = "store")]
    pub store_pin: Option<Pin>,
    /// Certificate that the server of rediss:// asks for (Redis: tls-auth-clients), in PEM with its chain, and its key
    /// unless --store-cert-key names it
    #[arg(long, value_name = "FILE", requires = "store")]
    pub store_cert: Option<PathBuf>,
    /// Key of --store-cert in PEM
    #[arg(long, value_name = "FILE", requires = "store_cert")]
    pub store_cert_key: Option<PathBuf>,
}

/// The store of a server.
#[derive(Debug, Args)]
#[group(skip)]
pub struct StoreFlags {
    #[command(flatten)]
    pub access: StoreAccess,
    /// Accept clients with a pre-shared key of the store
    #[arg(long, requires = "store")]
    pub store_psk: bool,
    /// Accept clients with a key whose pin is in the store
    #[arg(long, requires = "store")]
    pub store_clients: bool,
    /// Seconds for which keys and clients that were read stay valid while the store is away. A revocation is not seen
    /// meanwhile. Afterwards they are refused; with --store-clients also clients that other flags accept
    #[arg(long, value_name = "SECONDS", requires = "store", default_value = "900")]
    pub store_stale: u64,
    /// Seconds after which the next key seals tickets, the same on all servers. A ticket opens for as long again
    #[arg(long, value_name = "SECONDS", requires = "store", default_value = "43200",
          value_parser = clap::value_parser!(u64).range(1..=302_400))]
    pub store_ticket_period: u64,
}

/// Show and change what servers share: pre-shared keys and clients
///
/// Servers with --store see a change at once. Redis also takes it from redis-cli: see docs/store.md.
#[derive(Debug, Args)]
pub struct StoreArguments {
    #[command(subcommand)]
    pub command: StoreCommand,
}

#[derive(Debug, Subcommand)]
pub enum StoreCommand {
    /// Pre-shared keys
    #[command(subcommand)]
    Psk(StorePsk),
    /// Clients by their key
    #[command(subcommand)]
    Client(StoreClient),
}

#[derive(Debug, Subcommand)]
pub enum StorePsk {
    Add(StorePskAdd),
    List(StoreList),
    Revoke(StoreName),
}

#[derive(Debug, Subcommand)]
pub enum StoreClient {
    Add(StoreClientAdd),
    List(StoreList),
    Revoke(StoreName),
}

/// Add a pre-shared key, or replace the one of that identity; without --hex, --ascii or --base64 a random one, which is
/// printed
#[derive(Debug, Args)]
pub struct StorePskAdd {
    /// Identity that the client names
    #[arg(value_name = "IDENTITY")]
    pub identity: String,
    /// The key in hexadecimal; @FILE or env:NAME keep it out of the process list
    #[arg(long, value_name = "VALUE", group = "key")]
    pub hex: Option<String>,
    /// The key as the bytes of this text
    #[arg(long, value_name = "VALUE", group = "key")]
    pub ascii: Option<String>,
    /// The key in base64
    #[arg(long, value_name = "VALUE", group = "key")]
    pub base64: Option<String>,
    /// What the key is for
    #[arg(long = "use", value_name = "USE", value_enum, default_value = "1.3")]
    pub usage: PskUsage,
    #[command(flatten)]
    pub access: StoreAccess,
}

/// What a pre-shared key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PskUsage {
    /// TLS 1.3 with cipher suites of SHA-256
    #[value(name = "1.3")]
    Tls13,
    /// TLS 1.3 with cipher suites of SHA-384
    #[value(name = "1.3-sha384")]
    Tls13Sha384,
    /// TLS 1.2
    #[value(name = "1.2")]
    Tls12,
    /// TLS 1.3 with any cipher suite (RFC 9258)
    Imported,
    /// Both versions, which RFC 9257 advises against
    Both,
}

/// Accept clients with this key
#[derive(Debug, Args)]
pub struct StoreClientAdd {
    /// Its pin, as `handclasp id show` prints it: sha256/BASE64
    #[arg(value_name = "PIN")]
    pub pin: Pin,
    /// Name, for people
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    #[command(flatten)]
    pub access: StoreAccess,
}

/// Print them, without keys
#[derive(Debug, Args)]
pub struct StoreList {
    #[command(flatten)]
    pub access: StoreAccess,
}

/// Refuse it from now on, also where a session could be resumed
#[derive(Debug, Args)]
pub struct StoreName {
    /// Identity, or pin
    #[arg(value_name = "NAME")]
    pub name: String,
    #[command(flatten)]
    pub access: StoreAccess,
}
