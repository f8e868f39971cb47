//! A TLS 1.3 client with a pre-shared key and nothing else, as a device would link it. It sends and
//! receives over semihosting, so that the linker cannot drop anything; only its size is measured.
#![no_std]
#![no_main]

use cortex_m_rt::entry;
use handclasp_firmware::{client, probe::Version};
use panic_halt as _;

#[entry]
fn main() -> ! {
    client::run(Version::Tls13)
}
