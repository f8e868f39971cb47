//! One connection to Redis.

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use handclasp::{codec::Printable, tokio::TlsConnector};
use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::{
    AsyncConnectionConfig, Cmd, ProtocolVersion, RedisConnectionInfo, RedisError, RedisResult, Value,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    sync::mpsc,
};

use super::{
    PREFIX, Pushes,
    address::{Place, RedisAddress},
    bounded::Bounded,
};
use crate::{Change, RecordKind, StoreError};

/// A connection and what drives it. A clone is the same connection.
#[derive(Clone)]
pub(super) struct Link {
    connection: MultiplexedConnection,
    driver: Arc<Driver>,
    notifies: bool,
    /// The server has refused a write, as replicas do.
    is_read_only: Arc<AtomicBool>,
}

/// Ends the task with the connection.
struct Driver(tokio::task::AbortHandle);

impl Drop for Driver {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// What carries the connection.
trait Transport: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Transport for T {}

impl Link {
    /// Connects, authenticates and asks for notifications.
    pub(super) async fn connect(
        address: &RedisAddress,
        changes: mpsc::UnboundedSender<Change>,
    ) -> Result<Self, StoreError> {
        let password = address.password.as_ref().map(|password| password.as_str());
        let unavailable = |error: &RedisError| StoreError::Unavailable(words_without(error, password));
        let pushes = AsyncConnectionConfig::new().set_push_sender(Pushes(Arc::new(changes)));
        match Self::start(address, ProtocolVersion::RESP3, pushes).await? {
            Ok(mut link) => {
                link.notifies = link.track().await.is_ok();
                Ok(link)
            }
            // A server before Redis 6 has no HELLO.
            Err(error) if is_unknown_command(&error) => {
                let plain = AsyncConnectionConfig::new();
                let link = Self::start(address, ProtocolVersion::RESP2, plain).await?;
                link.map_err(|error| unavailable(&error))
            }
            Err(error) => Err(unavailable(&error)),
        }
    }

    /// The outer error is that of the transport.
    async fn start(
        address: &RedisAddress,
        protocol: ProtocolVersion,
        config: AsyncConnectionConfig,
    ) -> Result<RedisResult<Self>, StoreError> {
        let mut info =
            RedisConnectionInfo::default().set_db(address.db).set_protocol(protocol).set_skip_set_lib_name();
        if let Some(user) = &address.user {
            info = info.set_username(user);
        }
        if let Some(password) = &address.password {
            info = info.set_password(password.as_str());
        }
        let stream = Bounded::new(dial(address).await?);
        let config = config.set_response_timeout(None);
        let started = MultiplexedConnection::new_with_config(&info, stream, config).await;
        Ok(started.map(|(connection, driver)| {
            let driver: Pin<Box<dyn Future<Output = ()> + Send>> = Box::pin(driver);
            let driver = Arc::new(Driver(tokio::spawn(driver).abort_handle()));
            Self { connection, driver, notifies: false, is_read_only: Arc::default() }
        }))
    }

    /// Has the server send the names of our records that change, also of those that this connection did not read.
    async fn track(&mut self) -> RedisResult<()> {
        let mut command = redis::cmd("CLIENT");
        command.arg("TRACKING").arg("ON").arg("BCAST");
        for kind in [RecordKind::Psk, RecordKind::Client, RecordKind::TicketKey] {
            command.arg("PREFIX").arg(format!("{PREFIX}{}:", kind.name()));
        }
        self.ask(command).await.map(drop)
    }

    pub(super) async fn ask(&self, command: Cmd) -> RedisResult<Value> {
        let mut connection = self.connection.clone();
        connection.req_packed_command(&command).await?.extract_error()
    }

    /// Runs these commands as one: all of them, or, where the connection ends before or one is refused, none.
    pub(super) async fn ask_at_once(&self, commands: Vec<Cmd>) -> RedisResult<()> {
        let mut at_once = redis::pipe();
        at_once.atomic();
        for command in commands {
            at_once.add_command(command).ignore();
        }
        at_once.query_async(&mut self.connection.clone()).await
    }

    /// Whether it is the same connection.
    pub(super) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.driver, &other.driver)
    }

    pub(super) fn notifies(&self) -> bool {
        self.notifies
    }

    /// Remembers the refusal of a replica.
    pub(super) fn note_refusal(&self, error: &RedisError) {
        if error.code() == Some("READONLY") {
            self.is_read_only.store(true, Ordering::Relaxed);
        }
    }

    pub(super) fn is_read_only(&self) -> bool {
        self.is_read_only.load(Ordering::Relaxed)
    }
}

async fn dial(address: &RedisAddress) -> Result<Box<dyn Transport>, StoreError> {
    let unavailable = |error: std::io::Error| StoreError::Unavailable(error.to_string());
    let stream = match &address.place {
        Place::Tcp(host, port) => {
            let tcp = TcpStream::connect((host.as_str(), *port)).await.map_err(unavailable)?;
            let _ = tcp.set_nodelay(true);
            if address.wants_tls() {
                let client = address.tls.clone();
                let client = client
                    .ok_or_else(|| StoreError::Unavailable("rediss: without trust in a server".into()))?;
                let connector = TlsConnector::from(client);
                let stream = connector.connect(host.as_str(), tcp).await.map_err(unavailable)?;
                return Ok(Box::new(stream));
            }
            Box::new(tcp)
        }
        #[cfg(unix)]
        Place::Unix(path) => {
            let socket = tokio::net::UnixStream::connect(path).await.map_err(unavailable)?;
            let socket: Box<dyn Transport> = Box::new(socket);
            return Ok(socket);
        }
        #[cfg(not(unix))]
        Place::Unix(_) => {
            return Err(StoreError::Unavailable("this system has no UNIX sockets".into()));
        }
    };
    Ok(stream)
}

/// Whether the server answered and refused the command, such as `READONLY`, `OOM`, `MISCONF` or `NOPERM`. It may do so as
/// long as it likes: the connection is in order. One that wants a password is of no use without another connection.
pub(super) fn is_refusal(error: &RedisError) -> bool {
    error.code().is_some_and(|code| code != "NOAUTH")
}

fn is_unknown_command(error: &RedisError) -> bool {
    let text = error.to_string();
    text.contains("unknown command") || error.code() == Some("NOPROTO")
}

/// What the server or the library says, printable; of commands that were run as one, what it says of the one that it
/// refused (EXECABORT says that one was). Servers answer a command that they do not know with its arguments, which may be a
/// password or a key: those are cut off.
pub(super) fn words(error: &RedisError) -> String {
    let refused = error.clone().into_server_errors();
    let refused = refused.as_ref().and_then(|all| all.first()).map(|(_, one)| (one.code(), one.details()));
    let said = refused.or_else(|| error.code().map(|code| (code, error.detail())));
    let words = match said {
        Some((code, Some(detail))) => format!("{code} {detail}"),
        Some((code, None)) => code.to_owned(),
        None => error.to_string(),
    };
    let words = words.split_once(ARGUMENTS).map_or(words.as_str(), |(before, _)| before);
    let words: String = words.chars().take(LONGEST).collect();
    Printable(&words).to_string()
}

/// Where the arguments begin in Redis's answer to an unknown command.
const ARGUMENTS: &str = ", with args beginning with";

/// Characters of a server's answer that are shown.
const LONGEST: usize = 300;

/// As [`words`], for the answer to a command with the password.
fn words_without(error: &RedisError, password: Option<&str>) -> String {
    match password.filter(|password| !password.is_empty()) {
        Some(password) if error.to_string().contains(password) => {
            format!("{}: an answer that has the password in it", error.code().unwrap_or("an error"))
        }
        _ => words(error),
    }
}
