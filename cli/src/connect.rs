//! `handclasp connect`: standard input to the peer, the peer to standard output.
//!
//! | file | what |
//! |---|---|
//! | `pipe` | both directions at once, and what an end without close_notify means |
//! | `reply` | the length that an HTTP/1 reply announces |
//! | `service` | a server of the local network, by its name |

mod pipe;
mod reply;
mod service;

use std::{
    net::TcpStream,
    time::{Duration, Instant},
};

use handclasp::{Blame, Client, Stream};

use crate::{
    args::{Connect, values},
    client,
    exit::Failure,
    facts,
    files::OutputFile,
    known_peers,
    log::{self, Event, Level},
    observe,
    say::say,
    starttls, tofu,
};

pub fn run(arguments: &Connect) -> Result<(), Failure> {
    if arguments.json {
        log::in_json();
    }
    let report = OutputFile::asked("--report", arguments.client.record.report.as_ref())?;
    let ocsp = OutputFile::asked("--ocsp", arguments.ocsp.as_ref())?;
    service::is_decidable(arguments)?;
    let mut client = client::client(&arguments.client)?;
    if arguments.ocsp.is_some() {
        client = client.request_ocsp_response();
    }
    let write_report =
        |of: &handclasp::Report| report.as_ref().map_or(Ok(()), |file| file.write(of.encode()));

    let begun = Instant::now();
    let mut opened = open(&client, arguments)?;
    if opened.as_ref().is_err_and(|error| error.blame() == Blame::Transport) && known_peers::is_approved() {
        say("the server ended the connection while the question was open; connecting again");
        opened = open(&client, arguments)?;
    }
    let stream = match opened {
        Ok(stream) => stream,
        // Of a server that was never reached there is nothing to report.
        Err(error) if error.fault().is_none() => return Err(error.into()),
        Err(error) => {
            write_report(error.report())?;
            return Err(error.into());
        }
    };
    if !arguments.client.record.quiet {
        tell_connected(&stream, begun.elapsed());
    }
    tofu::tell(stream.connection(), &arguments.client.tofu, arguments.client.record.quiet);
    if let (Some(file), Some(response)) = (&ocsp, &stream.connected().ocsp_response) {
        file.write(response)?;
    }
    let outcome = pipe::pump(stream, arguments, &write_report);
    if let Err(Failure::Tls(error)) = &outcome {
        write_report(error.report())?;
    }
    outcome
}

/// Says what was agreed, and with which server.
fn tell_connected(stream: &Stream<TcpStream>, time: Duration) {
    let connected = stream.connected();
    let certificate = stream.peer_certificate().map(|certificate| certificate.to_string());
    let mut line = format!("connected: {}", facts::agreed(connected, Some(time)));
    if let Some(certificate) = &certificate {
        line += &format!("\nthe server's certificate: {certificate}");
    }
    let event = observe::negotiated(Event::new("connected", Level::Info), connected);
    let event = event.with_some("certificate", certificate).with("duration_ms", observe::milliseconds(time));
    event.tell(Some(line));
}

/// The outer error is one of the plaintext before TLS.
fn open(
    client: &Client,
    arguments: &Connect,
) -> Result<Result<Stream<TcpStream>, handclasp::Error>, Failure> {
    if let Some(service) = &arguments.service.service {
        return service::open(client, arguments, service);
    }
    // The parser requires one of the two.
    let address = arguments.address.as_deref().unwrap_or_default();
    let Some(protocol) = arguments.starttls else {
        return Ok(match &arguments.client.name {
            None => client.connect(address),
            Some(name) => client.connect_to(address, name),
        });
    };
    let name = match &arguments.client.name {
        Some(name) => name,
        None => values::host(address)?,
    };
    // Nothing is sent for what cannot work.
    client.check()?;
    let transport = starttls::dial(address, protocol, name)?;
    Ok(client.connect_over(transport, name))
}
