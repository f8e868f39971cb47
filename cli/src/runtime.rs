//! The runtime of commands that serve many connections.

use tokio::runtime::Builder;

use crate::exit::Failure;

/// Runs a future on a runtime with a thread for each processor.
pub fn block_on<F: Future>(future: F) -> Result<F::Output, Failure> {
    let runtime = Builder::new_multi_thread().enable_all().build()?;
    let output = runtime.block_on(future);
    // A question on the terminal may still wait for its answer; the program does not.
    runtime.shutdown_background();
    Ok(output)
}
