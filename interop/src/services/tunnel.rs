//! A service and its clients through two ends. The rows of `interop/services/tunnels.tsv`; columns:
//!
//! - `service`: `redis`, `postgres`, `nginx`; `proxied`: nginx behind PROXY headers, which says where a client comes from
//! - `near`, `far`: the programs at the ends, see [`super::ends`]. The far end may be the `service` itself, with its own
//!   TLS
//! - `auth`: how they authenticate
//! - `legs`: `tcp` or `unix` from the clients to the near end, from there to the far end, and to the service; without
//!   the last one where that is the far end
//! - `half_close`: `yes` if a client that ends sending still receives; `-` if it may not, or is not tried

use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context as _, Result, bail, ensure};

use super::address::Address;
use super::ends::{self, End, Started};
use super::{nginx, postgres, redis};
use crate::fixtures::Fixtures;
use crate::harness::{Test, Transcript};
use crate::table;
use crate::table::{Table, list};

const TABLE: Table = table!("services/tunnels.tsv");
const COLUMNS: [&str; 6] = ["service", "near", "far", "auth", "legs", "half_close"];

/// The far end that is the service itself.
const SERVICE: &str = "service";

/// A row of `tunnels.tsv`.
pub struct Cell {
    service: String,
    near: End,
    /// `None`: the service itself.
    far: Option<End>,
    /// The programs and how they authenticate, for the name.
    ends: String,
    legs: Vec<String>,
    half_close: bool,
}

/// Every cell.
pub fn all() -> Result<Vec<Cell>> {
    let ends = ends::all()?;
    TABLE.read(COLUMNS, |[service, near, far, auth, legs, half_close]| {
        let (legs, is_service) = (list(legs, '/'), far == SERVICE);
        ensure!(legs.len() == if is_service { 2 } else { 3 }, "the legs must be such as tcp/tcp/unix");
        Ok(Cell {
            service: service.to_owned(),
            near: ends::find(&ends, near, "near", auth)?,
            far: if is_service { None } else { Some(ends::find(&ends, far, "far", auth)?) },
            ends: format!("{auth}::{near} to {far}"),
            legs,
            half_close: half_close == "yes",
        })
    })
}

impl Test for Cell {
    fn name(&self) -> String {
        format!("services::{}::{} over {}", self.service, self.ends, self.legs.join("/"))
    }

    fn run(&self, fixtures: &Fixtures) -> Result<Transcript> {
        // First what may have to be built: that does not count against a timeout.
        fixtures.program()?;
        let leg = |number: usize| self.legs.get(number).map_or("tcp", String::as_str);
        let direct = self.service(fixtures, leg(2))?;
        let folder = tempfile::tempdir()?;
        // psql needs a socket of this name.
        let listen = Address::new(leg(0), folder.path(), &format!("{}5432", postgres::SOCKET))?;
        let (between, far) = match &self.far {
            None => (self.tls_service(fixtures)?, None),
            Some(far) => {
                let between = Address::new(leg(1), folder.path(), "tls")?;
                let far = far.start(fixtures, &between, &direct, folder.path())?;
                (between, Some(far))
            }
        };
        let far_log = || far.as_ref().map_or_else(String::new, Started::log);
        let near = self.near.start(fixtures, &listen, &between, folder.path()).with_context(far_log)?;
        let checked = self.check(&listen, &direct);
        let failures = checked.err().map(|error| format!("{error:#}")).into_iter().collect();
        Ok(Transcript { failures, log: near.log() + &far_log() })
    }
}

impl Cell {
    fn service(&self, fixtures: &Fixtures, kind: &str) -> Result<Address> {
        let (services, credentials) = (&fixtures.services, fixtures.credentials()?);
        Ok(match self.service.as_str() {
            "redis" => services.redis(credentials)?.address(kind),
            "postgres" => services.postgres(credentials)?.address(kind),
            "nginx" => services.nginx(credentials)?.address(kind),
            "proxied" => services.nginx(credentials)?.proxied_address(),
            service => bail!("{}: the service `{service}` is not known", TABLE.file),
        })
    }

    /// Where the service speaks TLS itself; PostgreSQL does so at its one port, where it is asked to.
    fn tls_service(&self, fixtures: &Fixtures) -> Result<Address> {
        let (services, credentials) = (&fixtures.services, fixtures.credentials()?);
        Ok(match self.service.as_str() {
            "redis" => services.redis(credentials)?.tls_address(),
            "nginx" => services.nginx(credentials)?.tls_address(),
            _ => self.service(fixtures, "tcp")?,
        })
    }

    fn check(&self, address: &Address, direct: &Address) -> Result<()> {
        // The cells share the services: each has names of its own.
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("cell{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        ensure!(!self.half_close || self.service == "redis", "only redis is tried with a half-close");
        match self.service.as_str() {
            "redis" => redis::check(address, &name)?,
            "postgres" => postgres::check(address, direct, &name)?,
            "proxied" => nginx::check_client_address(address)?,
            _ => nginx::check(address, &name)?,
        }
        if self.half_close {
            redis::half_close(address, &name).context("a pipeline whose client ends sending first")?;
        }
        Ok(())
    }
}
