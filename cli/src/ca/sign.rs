//! `handclasp ca sign`: a request becomes a certificate.

use std::io::Read as _;

use handclasp_authority::{AuthorityProblem, SignParams};

use super::{open_to_sign, refused, refused_at};
use crate::{args::CaSign, exit::Failure, files::Target, say::say};

/// The most bytes that are read of a request: one more than the CA accepts is enough to tell.
const REQUEST_MAX: u64 = (1 << 16) + 1;

/// Runs it.
pub fn run(arguments: &CaSign) -> Result<(), Failure> {
    let ca = open_to_sign(&arguments.folder, &arguments.access)?;
    let request = read(arguments)?;
    let target = Target::open(arguments.out.as_ref())?;
    let mut params = SignParams::new(arguments.profile).with_names(arguments.san.clone());
    params.days = arguments.days;
    params.name.clone_from(&arguments.name);
    params.renewal = arguments.renew;
    let signed = ca.sign(&request, &params).map_err(|error| match error.problem {
        AuthorityProblem::Request(_) => refused_at(&format!("{}: ", arguments.request.display()), &error),
        _ => refused(error),
    })?;
    for note in &signed.notes {
        say(format_args!("note: {note}"));
    }
    let serial = signed.issued.serial_text();
    target.write(signed.pem().as_bytes()).map_err(|failure| match failure {
        Failure::Output(what) => Failure::Output(format!(
            "{what}\n  the certificate is issued; its copy: {}",
            ca.path().join("certificates").join(format!("{serial}.pem")).display()
        )),
        other => other,
    })?;
    super::list::issued_line(&signed.issued);
    Ok(())
}

/// The request.
fn read(arguments: &CaSign) -> Result<Vec<u8>, Failure> {
    let shown = arguments.request.display();
    let failed = |error: std::io::Error| Failure::usage(format!("{shown}: {error}"));
    let mut bytes = Vec::new();
    if arguments.request.as_os_str() == "-" {
        std::io::stdin().lock().take(REQUEST_MAX).read_to_end(&mut bytes).map_err(failed)?;
    } else {
        let file = std::fs::File::open(&arguments.request).map_err(failed)?;
        file.take(REQUEST_MAX).read_to_end(&mut bytes).map_err(failed)?;
    }
    Ok(bytes)
}
