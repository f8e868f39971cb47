//! `load bench`: `handclasp serve --forward` beside stunnel, HAProxy and nginx, in front of the same service.
//!
//! The main figure is the processor time of all processes of the server, for each connection and each
//! megabyte: clients, service and server share the machine, so that a rate alone would be mostly that of the
//! clients. Each round runs every server once for a short time, one after the other; medians of the rounds
//! are printed, with the least and the greatest.
//!
//! | file | what |
//! |---|---|
//! | `service` | the service behind the servers: echo, sink and source |
//! | `servers` | the servers and their configurations (`load/peers`) |
//! | `rows` | what is measured: connections, bulk transfers, memory of idle connections |
//! | `table` | medians and ratios as a table |

mod rows;
mod servers;
mod service;
mod table;
#[cfg(test)]
mod tests;

use std::{path::PathBuf, time::Duration};

use anyhow::{Result, bail};
use tempfile::TempDir;

use crate::{
    certificate::{Certificate, Kind},
    server::Server as Running,
};
use rows::{Figures, ROWS, Row};
use servers::{BEFORE, SERVERS};
use service::Service;

/// The arguments.
#[derive(Debug)]
pub struct Options {
    pub program: PathBuf,
    pub before: Option<PathBuf>,
    pub rounds: usize,
    pub seconds: f64,
    pub only: String,
    pub servers: Vec<String>,
}

/// Measures, and prints the table. `true` if everything could be measured.
pub fn run(options: &Options) -> Result<bool> {
    let folder = TempDir::new()?;
    let service = Service::start()?;
    let chosen: Vec<_> = SERVERS
        .iter()
        .filter(|server| server.name != BEFORE || options.before.is_some())
        .filter(|server| options.servers.is_empty() || options.servers.iter().any(|name| name == server.name))
        .collect();
    if chosen.is_empty() {
        bail!("--servers: none of these is known; expected handclasp, stunnel, haproxy or nginx");
    }
    servers::print(&chosen, &options.program)?;
    let time = Duration::from_secs_f64(options.seconds);
    let rows: Vec<_> = ROWS.iter().filter(|row| row.name.contains(&*options.only)).collect();
    let mut table = Vec::new();
    for kind in [Kind::P256, Kind::Rsa2048] {
        let certificate = Certificate::new(folder.path(), &format!("{kind:?}"), kind)?;
        let place = servers::Place {
            program: &options.program,
            before: options.before.as_deref(),
            folder: folder.path(),
            certificate,
            service: service.port,
        };
        let mut running = Vec::new();
        if rows.iter().any(|row| row.certificate == kind) {
            running = chosen.iter().map(|server| server.start(&place)).collect::<Result<Vec<_>>>()?;
        }
        for row in rows.iter().filter(|row| row.certificate == kind) {
            let mut figures: Vec<Figures> = chosen.iter().map(|_| Figures::default()).collect();
            // Warm: sessions, arenas and worker threads are there.
            for server in &running {
                row.measure(server, time / 4, &mut Figures::default())?;
            }
            for round in 0..options.rounds {
                // Each round begins with another one.
                for index in (0..running.len()).map(|index| (index + round) % running.len()) {
                    row.measure(&running[index], time, &mut figures[index])?;
                }
            }
            table::progress(row, &chosen, &figures);
            table.push((*row, figures));
        }
        running.into_iter().try_for_each(Running::end)?;
        if kind == Kind::P256 && "idle".contains(&*options.only) {
            table.extend(idle(options, &chosen, &place)?);
        }
    }
    table::print(&chosen, &table);
    Ok(true)
}

/// The rows of idle connections: each round begins with a fresh server.
fn idle<'r>(
    options: &Options,
    servers: &[&servers::Server],
    place: &servers::Place<'_>,
) -> Result<Vec<(&'r Row, Vec<Figures>)>> {
    let mut table = Vec::new();
    for row in rows::IDLE {
        let mut figures: Vec<Figures> = servers.iter().map(|_| Figures::default()).collect();
        for _ in 0..3.min(options.rounds) {
            for (server, figures) in servers.iter().zip(&mut figures) {
                let running = server.start(place)?;
                row.measure(&running, Duration::ZERO, figures)?;
                running.end()?;
            }
        }
        table::progress(row, servers, &figures);
        table.push((row, figures));
    }
    Ok(table)
}
