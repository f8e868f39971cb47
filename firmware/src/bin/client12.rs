//! A pre-shared-key client of TLS 1.2 and nothing else: what a device would link. Its bytes
//! come from and go to semihosting, so that nothing can be left out; only its size matters.
#![no_std]
#![no_main]

use cortex_m_rt::entry;
use handclasp_firmware::{client, probe::Version};
use panic_halt as _;

#[entry]
fn main() -> ! {
    client::run(Version::Tls12)
}
