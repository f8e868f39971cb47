//! A CA for the devices of one team: `certificate_authority FOLDER REQUEST` signs a certificate request and prints the
//! certificate. The first call makes the CA, which certifies names below example.com.

use std::{env, error::Error, fs, path::Path};

use handclasp_authority::{AuthorityFolder, AuthorityParams, NameConstraints, Profile, SignParams};

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = env::args().skip(1).collect();
    let [folder, request] = words.as_slice() else {
        return Err("usage: certificate_authority FOLDER REQUEST".into());
    };
    let ca = if Path::new(folder).exists() {
        AuthorityFolder::open(folder)?
    } else {
        let names = NameConstraints::default().permit("example.com".parse()?);
        AuthorityFolder::create(folder, &AuthorityParams::new("Example CA").with_constraints(names))?
    };
    let signed = ca.sign(&fs::read(request)?, &SignParams::new(Profile::Device))?;
    signed.notes.iter().for_each(|note| eprintln!("note: {note}"));
    print!("{}", signed.pem());
    Ok(())
}
