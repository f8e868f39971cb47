//! The service behind the servers, in this process: its processor time is not the server's.
//!
//! A connection is a list of commands: `u` and a length of 8 bytes: so many bytes are taken, then one byte is
//! sent; `d` and a length: so many bytes are sent; `e`: this byte and all that follows come back.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    sync::Arc,
    thread,
};

use anyhow::Result;

/// Connections at a time: more than the clients open.
const THREADS: usize = 1_200;
const STACK: usize = 256 * 1024;
/// Bytes of one write and one read.
const CHUNK: usize = 64 * 1024;

pub struct Service {
    pub port: u16,
}

impl Service {
    /// Starts threads that accept one connection after the other, until the process ends.
    pub fn start() -> Result<Self> {
        let listener = Arc::new(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?);
        let port = listener.local_addr()?.port();
        for _ in 0..THREADS {
            let listener = Arc::clone(&listener);
            thread::Builder::new().stack_size(STACK).spawn(move || {
                loop {
                    if let Ok((socket, _)) = listener.accept() {
                        // A client that leaves early is not an error of the service.
                        let _ = serve(socket);
                    }
                }
            })?;
        }
        Ok(Self { port })
    }
}

fn serve(mut socket: TcpStream) -> std::io::Result<()> {
    socket.set_nodelay(true)?;
    let mut space = vec![0; 1024];
    loop {
        let mut command = [0];
        if socket.read(&mut command)? == 0 {
            return Ok(());
        }
        if command == *b"e" {
            socket.write_all(&command)?;
            loop {
                let count = socket.read(&mut space)?;
                if count == 0 {
                    return Ok(());
                }
                socket.write_all(&space[..count])?;
            }
        }
        let mut length = [0; 8];
        socket.read_exact(&mut length)?;
        space.resize(CHUNK, 0);
        let mut left = u64::from_be_bytes(length);
        while left > 0 {
            let most = left.min(CHUNK as u64) as usize;
            let count = if command == *b"u" {
                socket.read(&mut space[..most])?
            } else {
                socket.write_all(&space[..most])?;
                most
            };
            if count == 0 {
                return Ok(());
            }
            left -= count as u64;
        }
        if command == *b"u" {
            socket.write_all(b"k")?;
        }
    }
}
