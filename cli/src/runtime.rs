//! The runtime of commands that serve many connections.

use std::{env, num::NonZero, thread};

use handclasp_glibc_arenas as glibc_arenas;
use tokio::runtime::Builder;

use crate::exit::Failure;

/// Tasks that a worker runs before it looks for input again. The 61 of tokio by itself, each with a handshake or a bulk
/// transfer to do, are 10 ms and more in which other clients wait; looking costs about a microsecond.
const EVENT_INTERVAL: u32 = 8;

/// Processors that share an arena of the allocator. A server with one has no more memory after hours than after its first
/// thousand clients; with one for each thread it has up to a fifth more. Very many threads would wait for each other.
const PROCESSORS_AN_ARENA: usize = 8;

/// Has the allocator keep few arenas, unless the environment says how many. To be called before threads are started.
pub fn keep_memory_flat() {
    if env::var_os("MALLOC_ARENA_MAX").is_none() {
        let processors = thread::available_parallelism().map_or(1, NonZero::get);
        glibc_arenas::limit(processors.div_ceil(PROCESSORS_AN_ARENA));
    }
}

/// Runs a future on a runtime with a thread for each processor.
pub fn block_on<F: Future>(future: F) -> Result<F::Output, Failure> {
    let runtime = Builder::new_multi_thread().event_interval(EVENT_INTERVAL).enable_all().build()?;
    let output = runtime.block_on(future);
    // A question on the terminal may still wait for its answer; the program does not.
    runtime.shutdown_background();
    Ok(output)
}
