//! Verifies a signature of each kind that a server's chain may contain, and prints the memory and
//! instructions used. Run under QEMU with semihosting and `-icount shift=0`.
#![no_std]
#![no_main]

extern crate alloc;

use alloc::vec::Vec;

use cortex_m_rt::entry;
use cortex_m_semihosting::{debug, hprintln};
use handclasp_crypto::Verify;
use handclasp_firmware::{
    heap::{Account, HEAP},
    meter::Meter,
};
use handclasp_provider_rustcrypto as rustcrypto;

/// The signed message.
const MESSAGE: &[u8] = b"sample";

#[panic_handler]
fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
    hprintln!("{}", info);
    loop {
        debug::exit(debug::EXIT_FAILURE);
    }
}

#[entry]
fn main() -> ! {
    HEAP.begin();
    let peripherals = cortex_m::Peripherals::take().expect("peripherals are taken once");
    let mut meter = Meter::new(peripherals.SYST);
    // Rows of the table; `cargo xtask size` adds the target as the first column.
    hprintln!("signature\theap peak\tstack peak\tinstructions");
    for line in include_str!("../signatures.txt").lines().filter(|line| !line.starts_with('#')) {
        let mut fields = line.split('\t');
        let mut field = || fields.next().expect("three fields");
        let (name, key, signature) = (field(), bytes(field()), bytes(field()));
        let verify = verify(name);
        HEAP.forget_peaks();
        meter.forget();
        let before = HEAP.of(Account::Client).now;
        let outcome = meter.run(Account::Client, || verify.verify(&key, MESSAGE, &signature));
        assert_eq!(outcome, Ok(()), "{name}");
        let forged = meter.run(Account::Server, || verify.verify(&key, b"simple", &signature));
        assert!(forged.is_err(), "{name}");
        let taken = meter.of(Account::Client);
        let heap = HEAP.of(Account::Client).peak - before;
        hprintln!("{}\t{}\t{}\t{}", name, heap, taken.stack, taken.instructions);
    }
    loop {
        debug::exit(debug::EXIT_SUCCESS);
    }
}

/// Returns the verifier with this name in the list.
fn verify(name: &str) -> &'static dyn Verify {
    match name {
        "P-256 ECDSA" => rustcrypto::ECDSA_P256_SHA256,
        "P-384 ECDSA" => rustcrypto::ECDSA_P384_SHA384,
        "RSA-2048 PSS" => rustcrypto::RSA_PSS_SHA256,
        _ => rustcrypto::RSA_PKCS1_SHA256,
    }
}

fn bytes(digits: &str) -> Vec<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).expect("a hexadecimal digit") as u8;
    digits.as_bytes().chunks(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
}
