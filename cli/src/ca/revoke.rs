//! `handclasp ca revoke` and `handclasp ca crl`.

use std::path::Path;

use super::{list, open, open_to_sign, refused};
use crate::{
    args::{CaCrl, CaRevoke},
    exit::Failure,
    files::Target,
    say::say,
};

/// The longest file of a certificate chain that is read.
const CERTIFICATE_MAX: usize = 1 << 20;

/// Revokes a certificate.
pub fn run(arguments: &CaRevoke) -> Result<(), Failure> {
    let ca = open(&arguments.folder)?;
    let given = &arguments.certificate;
    let revoked = match Path::new(given).exists() {
        true => {
            let file = std::fs::read(given).map_err(|error| Failure::usage(format!("{given}: {error}")))?;
            if file.len() > CERTIFICATE_MAX {
                return Err(Failure::usage(format!(
                    "{given}: expected a certificate, found {} bytes",
                    file.len()
                )));
            }
            ca.revoke_certificate(&file, arguments.reason)
        }
        false if is_serial(given) => ca.revoke(given, arguments.reason),
        false => {
            return Err(Failure::usage(format!(
                "{given} is neither a file nor a serial number; expected hexadecimal digits, as handclasp ca list \
                 prints them, or the file of the certificate"
            )));
        }
    };
    list::issued_line(&revoked.map_err(refused)?);
    let shown = arguments.folder.display();
    say(format_args!("peers learn of it from the next CRL: handclasp ca crl {shown} > crl.pem"));
    Ok(())
}

/// Whether this can be a serial number.
fn is_serial(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b':')
}

/// Makes a CRL.
pub fn crl(arguments: &CaCrl) -> Result<(), Failure> {
    let ca = open_to_sign(&arguments.folder, &arguments.access)?;
    let target = Target::open(arguments.out.as_ref())?;
    let crl = ca.crl(arguments.days).map_err(refused)?;
    match arguments.der {
        true => target.write(&crl.der)?,
        false => target.write(crl.pem().as_bytes())?,
    }
    let certificates = if crl.revoked == 1 { "certificate" } else { "certificates" };
    say(format_args!(
        "CRL {}: {} revoked {certificates}; make the next one before {}",
        crl.number,
        crl.revoked,
        list::day(crl.next_update)
    ));
    Ok(())
}
