//! The runtime of commands that serve many connections.

use tokio::runtime::Builder;

use crate::exit::Failure;

/// Tasks that a worker runs before it looks for input again. The 61 of tokio by itself, each with a handshake or a bulk
/// transfer to do, are 10 ms and more in which other clients wait; looking costs about a microsecond.
const EVENT_INTERVAL: u32 = 8;

/// Runs a future on a runtime with a thread for each processor.
pub fn block_on<F: Future>(future: F) -> Result<F::Output, Failure> {
    let runtime = Builder::new_multi_thread().event_interval(EVENT_INTERVAL).enable_all().build()?;
    let output = runtime.block_on(future);
    // A question on the terminal may still wait for its answer; the program does not.
    runtime.shutdown_background();
    Ok(output)
}
