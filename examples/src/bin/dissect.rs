//! A TLS dissector in twenty lines: each handshake message of a capture, field by field.
//!
//! `cargo run -p handclasp-examples --bin dissect -- FILE`

use std::{env, error::Error, ops::Range};

use handclasp_codec::{Context, DecodeError, Field, Reader, Trace, Value, dissect_handshake};
use handclasp_explain::explain_file;

/// Prints each field while the decoder reads it; the number is the indentation.
struct Print(usize);

impl Trace for Print {
    fn open(&mut self, structure: Field, _: usize) {
        println!("{:width$}{structure:?}", "", width = self.0);
        self.0 += 2;
    }
    fn field(&mut self, field: Field, bytes: Range<usize>, value: Value<'_>) {
        println!("{:width$}{bytes:?} {field:?}: {value:?}", "", width = self.0);
    }
    fn close(&mut self, _: usize) {
        self.0 -= 2;
    }
    fn failed(&mut self, error: DecodeError, numbers: [u32; 3]) {
        println!("{:width$}malformed: {error:?} {numbers:?}", "", width = self.0);
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let path = env::args().nth(1).ok_or("usage: dissect FILE")?;
    for diagnosis in &explain_file(path)?.conversations {
        for event in &diagnosis.conversation.events {
            let Some(message) = event.kind.message() else { continue };
            println!("{}, the {}:", event.position, event.from);
            // Without the version, messages after the hellos are printed as bytes.
            let mut print = Print(2);
            let _printed =
                dissect_handshake(Context::default(), &mut Reader::new(&message.bytes, &mut print));
        }
    }
    Ok(())
}
