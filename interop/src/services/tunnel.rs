//! A service and its clients through two ends. The rows of `interop/services/tunnels.tsv`; columns:
//!
//! - `service`: `redis`, `postgres`, `nginx`
//! - `near`, `far`: the programs at the ends, see [`super::ends`]
//! - `auth`: how they authenticate
//! - `legs`: `tcp` or `unix` from the clients to the near end, from there to the far end, and to the service
//! - `half_close`: `yes` if a client that ends sending still receives; `-` if it may not, or is not tried

use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context as _, Result, bail, ensure};

use super::address::Address;
use super::ends::{self, End};
use super::{nginx, postgres, redis};
use crate::fixtures::Fixtures;
use crate::harness::{Test, Transcript};
use crate::table;
use crate::table::{Table, list};

const TABLE: Table = table!("services/tunnels.tsv");
const COLUMNS: [&str; 6] = ["service", "near", "far", "auth", "legs", "half_close"];

/// A row of `tunnels.tsv`.
pub struct Cell {
    service: String,
    near: End,
    far: End,
    /// The programs and how they authenticate, for the name.
    ends: String,
    legs: [String; 3],
    half_close: bool,
}

/// Every cell.
pub fn all() -> Result<Vec<Cell>> {
    let ends = ends::all()?;
    TABLE.read(COLUMNS, |[service, near, far, auth, legs, half_close]| {
        let legs = list(legs, '/').try_into();
        Ok(Cell {
            service: service.to_owned(),
            near: ends::find(&ends, near, "near", auth)?,
            far: ends::find(&ends, far, "far", auth)?,
            ends: format!("{auth}::{near} to {far}"),
            legs: legs.map_err(|_| anyhow::anyhow!("the legs are three kinds, such as tcp/tcp/unix"))?,
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
        let [plain, middle, behind] = &self.legs;
        let direct = self.service(fixtures, behind)?;
        let folder = tempfile::tempdir()?;
        // psql needs a socket of this name.
        let listen = Address::new(plain, folder.path(), &format!("{}5432", postgres::SOCKET))?;
        let between = Address::new(middle, folder.path(), "tls")?;
        let far = self.far.start(fixtures, &between, &direct, folder.path())?;
        let near = self.near.start(fixtures, &listen, &between, folder.path()).with_context(|| far.log())?;
        let checked = self.check(&listen, &direct);
        let failures = checked.err().map(|error| format!("{error:#}")).into_iter().collect();
        Ok(Transcript { failures, log: near.log() + &far.log() })
    }
}

impl Cell {
    fn service(&self, fixtures: &Fixtures, kind: &str) -> Result<Address> {
        let services = &fixtures.services;
        Ok(match self.service.as_str() {
            "redis" => services.redis()?.address(kind),
            "postgres" => services.postgres()?.address(kind),
            "nginx" => services.nginx()?.address(kind),
            service => bail!("{}: the service `{service}` is not known", TABLE.file),
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
            _ => nginx::check(address, &name)?,
        }
        if self.half_close {
            redis::half_close(address, &name).context("a pipeline whose client ends sending first")?;
        }
        Ok(())
    }
}
