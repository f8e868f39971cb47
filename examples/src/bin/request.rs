//! A certificate request: `request CERTIFICATE KEY NAME` prints one for the key of these files, with a subject and for
//! clients. `openssl req -verify`, Java's keytool and GnuTLS's certtool read it.

use std::{env, error::Error};

use handclasp::{CertificateParams, Identity, SubjectField, Usage};

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = env::args().skip(1).collect();
    let [certificate, key, name] = words.as_slice() else {
        return Err("usage: request CERTIFICATE KEY NAME".into());
    };
    let identity = Identity::from_pem_files(certificate, key)?;
    let subject = [(SubjectField::Organization, "Example"), (SubjectField::CommonName, name.as_str())];
    let names = [name.as_str()];
    let params = CertificateParams::new(&names).with_subject(&subject).with_usage(Usage::Client);
    print!("{}", identity.certificate_request(&params)?.pem());
    Ok(())
}
