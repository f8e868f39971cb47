//! The connection to the target of a relay.

use std::{io, time::Duration};

use tokio::{io::AsyncWriteExt as _, time::timeout};

use crate::{
    Address, Socket,
    proxy_protocol::{Header, Version},
};

/// Time limit for a connection to a target, unless another one is set.
pub(crate) const DIAL_LIMIT: Duration = Duration::from_secs(10);

/// Connects within a time limit.
///
/// # Errors
/// Those of [`Socket::connect`], or [`io::ErrorKind::TimedOut`].
pub async fn dial(target: &Address, limit: Duration) -> io::Result<Socket> {
    match timeout(limit, Socket::connect(target)).await {
        Ok(outcome) => outcome,
        Err(_) => Err(late(format!("no answer within {} s", limit.as_secs_f64()))),
    }
}

/// As [`dial`], behind a PROXY header if one is given. The limit holds for each of the two.
pub(crate) async fn dial_with_header(
    target: &Address,
    limit: Duration,
    header: Option<(Version, Header)>,
) -> io::Result<Socket> {
    let mut socket = dial(target, limit).await?;
    if let Some((version, header)) = header {
        match timeout(limit, socket.write_all(&header.encode(version))).await {
            Ok(written) => written?,
            Err(_) => return Err(late("the PROXY header is not read".to_owned())),
        }
    }
    Ok(socket)
}

fn late(text: String) -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, text)
}
