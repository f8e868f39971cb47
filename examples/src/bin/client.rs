//! A client that trusts the roots of the system.

use std::{
    env,
    error::Error,
    io::{Read, Write},
};

use handclasp::{Client, Roots, Trust};

fn main() -> Result<(), Box<dyn Error>> {
    let address = env::args().nth(1).unwrap_or_else(|| "example.org:443".to_owned());
    let client = Client::new(Trust::WebPki(Roots::system()?));
    let mut stream = client.connect(&address)?;
    stream.write_all(b"GET / HTTP/1.0\r\nHost: example.org\r\n\r\n")?;
    let mut page = Vec::new();
    stream.read_to_end(&mut page)?; // an end without close_notify is an error
    println!("{}", String::from_utf8_lossy(&page));
    Ok(())
}
