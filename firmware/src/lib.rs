//! What the probes share: a counted heap, a stack that shows how deep it was used, and a
//! source of numbers that is random to nobody.
#![no_std]

extern crate alloc;

pub mod client;
pub mod heap;
pub mod numbers;
pub mod probe;
pub mod stack;
