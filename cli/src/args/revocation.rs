//! The arguments about revoked certificates and about the time.

use std::path::PathBuf;

use clap::Args;

/// What a server's certificate must prove.
#[derive(Debug, Args)]
pub struct ServerStatus {
    /// Reject servers whose certificate is on this revocation list (CRL; PEM or DER; repeatable). With --ca or
    /// the system's roots. Each CA below the root needs a current list
    #[arg(long, value_name = "FILE", conflicts_with_all = ["pin", "tofu", "danger_accept_any", "psk"])]
    pub crl: Vec<PathBuf>,
    /// Check only the server's own certificate against --crl, not those of CAs
    #[arg(long, requires = "crl")]
    pub crl_leaf_only: bool,
    /// Accept certificates that no list of --crl covers, such as those of a CA whose list is not given
    #[arg(long, requires = "crl")]
    pub crl_permit_unknown: bool,
    /// Use lists of --crl after their nextUpdate. An attacker who withholds the new list hides what was revoked
    /// since
    #[arg(long, requires = "crl")]
    pub crl_permit_outdated: bool,
    /// Reject servers that send no OCSP response. With --ca or the system's roots
    #[arg(long, conflicts_with_all = ["pin", "tofu", "danger_accept_any", "psk"])]
    pub require_ocsp: bool,
    /// This machine has no clock: only certificates that expired before this program was built are rejected
    #[arg(long)]
    pub no_clock: bool,
}

/// What clients' certificates must prove.
#[derive(Debug, Args)]
pub struct ClientStatus {
    /// Reject clients whose certificate is on this revocation list (CRL; PEM or DER; repeatable). Each CA
    /// below the root needs a current list. The file is read again when it changes
    #[arg(long, value_name = "FILE", requires = "client_ca")]
    pub client_crl: Vec<PathBuf>,
    /// Check only the client's own certificate against --client-crl, not those of CAs
    #[arg(long, requires = "client_crl")]
    pub client_crl_leaf_only: bool,
    /// Accept certificates that no list of --client-crl covers, such as those of a CA whose list is not given
    #[arg(long, requires = "client_crl")]
    pub client_crl_permit_unknown: bool,
    /// Use lists of --client-crl after their nextUpdate. An attacker who withholds the new list hides what was revoked
    /// since
    #[arg(long, requires = "client_crl")]
    pub client_crl_permit_outdated: bool,
    /// This machine has no clock: only certificates that expired before this program was built are rejected
    #[arg(long)]
    pub no_clock: bool,
}
