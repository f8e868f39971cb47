//! Revocation lists, required OCSP responses, and the time, from the flags.

use handclasp::{Client, Clock, Crls, Roots, Server, Trust, report::Date};

use crate::{
    args::{ClientStatus, ServerStatus},
    exit::Failure,
};

/// The roots with the lists of `--crl`.
pub fn of_servers(roots: Roots, flags: &ServerStatus) -> Result<Roots, Failure> {
    let read = |file| Crls::from_pem_file(file).map_err(|error| Failure::usage(format!("--crl: {error}")));
    let lists: Vec<Crls> = flags.crl.iter().map(read).collect::<Result<_, _>>()?;
    Ok(match lists.into_iter().reduce(Crls::and) {
        Some(crls) => {
            let [leaf_only, unknown, outdated] =
                [flags.crl_leaf_only, flags.crl_permit_unknown, flags.crl_permit_outdated];
            roots.with_crls(requiring(crls, leaf_only, unknown, outdated))
        }
        None => roots,
    })
}

/// The roots with the lists of `--client-crl`, which count anew whenever their files change.
pub fn of_clients(roots: Roots, flags: &ClientStatus) -> Result<Roots, Failure> {
    if flags.client_crl.is_empty() {
        return Ok(roots);
    }
    let crls = Crls::follow_files(&flags.client_crl)
        .map_err(|error| Failure::usage(format!("--client-crl: {error}")))?;
    let [leaf_only, unknown, outdated] =
        [flags.client_crl_leaf_only, flags.client_crl_permit_unknown, flags.client_crl_permit_outdated];
    Ok(roots.with_crls(requiring(crls, leaf_only, unknown, outdated)))
}

/// The lists, with what they need not prove.
fn requiring(mut crls: Crls, leaf_only: bool, permits_unknown: bool, permits_outdated: bool) -> Crls {
    if leaf_only {
        crls = crls.leaf_only();
    }
    if permits_unknown {
        crls = crls.permit_unknown();
    }
    if permits_outdated {
        crls = crls.permit_outdated();
    }
    crls
}

/// What the lists are, for standard error.
pub fn facts(trust: &Trust) -> Vec<String> {
    let Trust::WebPki(roots) = trust else { return Vec::new() };
    let lists = roots.crls().map(Crls::lists).unwrap_or_default();
    let line = |list: &handclasp::Crl| {
        let (issuer, count, next) = (list.issuer(), list.len(), Date(list.next_update().as_secs()));
        let certificates = if count == 1 { "certificate" } else { "certificates" };
        format!("revocation list of {issuer}: {count} {certificates}, the next list is due by {next}")
    };
    lists.iter().map(line).collect()
}

pub fn client(mut client: Client, flags: &ServerStatus) -> Client {
    if flags.require_ocsp {
        client = client.require_ocsp_response();
    }
    if flags.no_clock { client.clock(Clock::None) } else { client }
}

pub fn server(server: Server, flags: &ClientStatus) -> Server {
    if flags.no_clock { server.clock(Clock::None) } else { server }
}
