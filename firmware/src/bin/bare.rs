//! The board without network and without TLS: start-up, heap and serial line. What it takes is taken off
//! the figures of the other programs.
#![no_std]
#![no_main]

extern crate alloc;

use alloc::boxed::Box;

use cortex_m_rt::entry;
use handclasp_firmware::{
    board::{self, serial},
    meter::Meter,
    settings::{self, Tag},
};

#[entry]
fn main() -> ! {
    board::start();
    let seed: Box<[u8]> = settings::bytes(Tag::Seed).into();
    serial::line("end", &[("number", settings::number(Tag::Connections, 1) as usize)]);
    serial::hex("seed", &seed);
    Meter::default().print();
    board::reset()
}
