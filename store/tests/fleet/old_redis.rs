//! A socket in front of a redis-server that refuses what servers before Redis 4.0 refuse, with their words.

use std::{
    io,
    path::{Path, PathBuf},
};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, copy},
    net::{
        UnixListener, UnixStream,
        unix::{OwnedReadHalf, OwnedWriteHalf},
    },
};

/// Listens beside the socket of the server; the path.
pub fn in_front_of(server: &Path) -> PathBuf {
    let path = server.with_extension("old");
    let (listener, server) = (UnixListener::bind(&path).unwrap(), server.to_owned());
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let (mut answers, to_server) = UnixStream::connect(&server).await.unwrap().into_split();
            let (commands, mut to_client) = client.into_split();
            tokio::spawn(async move { copy(&mut answers, &mut to_client).await });
            tokio::spawn(pass(BufReader::new(commands), to_server));
        }
    });
    path
}

/// Passes the commands of a client on. HSET of two fields and more is made a command without any, and HELLO one that does
/// not exist, so that the server answers as old ones do, also within a transaction.
async fn pass(mut commands: BufReader<OwnedReadHalf>, mut server: OwnedWriteHalf) -> io::Result<()> {
    loop {
        let mut words = Vec::new();
        for _ in 0..number(&mut commands).await? {
            let mut word = vec![0; number(&mut commands).await?];
            commands.read_exact(&mut word).await?;
            commands.read_exact(&mut [0; 2]).await?;
            words.push(word);
        }
        match words[0].to_ascii_uppercase().as_slice() {
            b"HSET" if words.len() > 4 => words.truncate(2),
            b"HELLO" => words[0] = b"HELLO-OF-LATER".to_vec(),
            _ => {}
        }
        let mut bytes = format!("*{}\r\n", words.len()).into_bytes();
        for word in words {
            bytes.extend(format!("${}\r\n", word.len()).into_bytes());
            bytes.extend(word);
            bytes.extend(b"\r\n");
        }
        server.write_all(&bytes).await?;
    }
}

/// The number of a line such as `*3` and `$12`.
async fn number(commands: &mut BufReader<OwnedReadHalf>) -> io::Result<usize> {
    let mut line = String::new();
    match commands.read_line(&mut line).await? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(line[1..].trim_end().parse().unwrap()),
    }
}
