//! The serial line, UART0 (data sheet, section 12): lines of words and numbers for the host. No
//! `core::fmt`, which takes kilobytes.

use crate::board::registers::{read, write};

const UART0: usize = 0x4000_c000;
const DATA: usize = UART0;
const FLAGS: usize = UART0 + 0x18;
const TRANSMIT_FULL: u32 = 1 << 5;
const GPIO_A: usize = 0x4000_4000;

/// Configures 115200 baud, 8 data bits, from the core clock of 12.5 MHz.
pub(super) fn start() {
    // Pins 0 and 1 of port A: alternate function, digital.
    write(GPIO_A + 0x420, 0b11);
    write(GPIO_A + 0x51c, 0b11);
    // 12 500 000 / (16 × 115 200) = 6 + 50/64.
    write(UART0 + 0x24, 6);
    write(UART0 + 0x28, 50);
    write(UART0 + 0x2c, 0b11 << 5 | 1 << 4);
    write(UART0 + 0x30, 1 << 9 | 1 << 8 | 1);
}

/// The line as a sink of text.
pub struct Serial;

impl core::fmt::Write for Serial {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        send(text.as_bytes());
        Ok(())
    }

    /// A report has characters of ASCII only; the trait's own function encodes every character, in 130 bytes of code.
    fn write_char(&mut self, character: char) -> core::fmt::Result {
        send(&[u8::try_from(character).unwrap_or(b'?')]);
        Ok(())
    }
}

/// Sends bytes.
#[inline(never)]
pub fn send(bytes: &[u8]) {
    for byte in bytes {
        while read(FLAGS) & TRANSMIT_FULL != 0 {}
        write(DATA, u32::from(*byte));
    }
}

/// Sends a line: a word, and numbers with their names.
#[inline(never)]
pub fn line(word: &str, numbers: &[(&str, usize)]) {
    send(word.as_bytes());
    for (name, number) in numbers {
        send(b" ");
        send(name.as_bytes());
        send(b"=");
        decimal(*number);
    }
    send(b"\n");
}

/// Sends a line: a word, and bytes in hexadecimal.
#[inline(never)]
pub fn hex(word: &str, bytes: &[u8]) {
    send(word.as_bytes());
    send(b" ");
    for byte in bytes {
        let digit = |value: u8| value + if value < 10 { b'0' } else { b'a' - 10 };
        send(&[digit(byte >> 4), digit(byte & 15)]);
    }
    send(b"\n");
}

fn decimal(mut number: usize) {
    let mut digits = [b'0'; 10];
    let mut first = digits.len();
    loop {
        first -= 1;
        digits[first] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    send(&digits[first..]);
}
