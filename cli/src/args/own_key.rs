//! Flags that say where our own key is.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
pub struct OwnKey {
    /// Identity folder with our key and certificate, as made by `handclasp id new`
    #[arg(long, value_name = "DIR")]
    pub identity: Option<PathBuf>,
}
