//! The identity of a device, made on the first start and kept in a folder: `device_identity FOLDER NAME` prints
//! the pin that its peers know. A third word renews the certificate, rotates the key, or asks for a request for a CA.

use std::{env, error::Error};

use handclasp::{CertificateParams, IdentityFolder, Pin, Validity};

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = env::args().skip(1).collect();
    let [path, name, action @ ..] = words.as_slice() else {
        return Err("usage: device_identity FOLDER NAME [renew|rotate|request]".into());
    };
    let folder = IdentityFolder::new(path);
    let mut identity = folder.get_or_create(name)?;
    match action.first().map(String::as_str) {
        Some("renew") => identity = folder.renew(Validity::starting_now())?, // the same key and pin
        Some("rotate") => {
            let (successor, statement) = folder.rotate()?;
            print!("{}", statement.pem()); // for the peers that know the old pin
            identity = successor;
        }
        Some("request") => {
            print!("{}", identity.certificate_request(&CertificateParams::new(&[name]))?.pem());
        }
        _ => {}
    }
    println!("{}", Pin::of_spki(&identity.spki()));
    Ok(())
}
