//! What a server takes of a list: whatever it chooses is left out of the next question, until it
//! refuses. So every entry costs one connection, and what is refused costs one together.

use std::io;

use super::hello::Hello;
use super::probe::{Answer, Target};

/// Connections after which lists are given up, so that the whole stays near a hundred.
const ENOUGH: u32 = 85;

/// Asks for lists.
pub struct Choices<'t> {
    target: &'t mut Target,
    /// A list was given up.
    pub cut: bool,
}

impl<'t> Choices<'t> {
    /// Asks this server.
    pub fn new(target: &'t mut Target) -> Self {
        Self { target, cut: false }
    }

    /// What the server chooses in answer to one hello.
    ///
    /// # Errors
    /// The server cannot be reached.
    pub fn first<T>(
        &mut self,
        hello: &Hello,
        chosen: impl Fn(&Answer) -> Option<T>,
    ) -> io::Result<Option<T>> {
        Ok(chosen(&self.target.ask(hello)?))
    }

    /// All that the server takes of a list.
    ///
    /// # Errors
    /// The server cannot be reached.
    pub fn all<T: Copy + PartialEq>(
        &mut self,
        list: &[T],
        hello: impl Fn(&[T]) -> Hello,
        chosen: impl Fn(&Answer) -> Option<T>,
    ) -> io::Result<Vec<T>> {
        let mut left = list.to_vec();
        let mut taken = Vec::new();
        while !left.is_empty() {
            if self.target.asked >= ENOUGH {
                self.cut = true;
                break;
            }
            let answer = self.target.ask(&hello(&left))?;
            let Some(choice) = chosen(&answer).filter(|choice| left.contains(choice)) else { break };
            left.retain(|other| *other != choice);
            taken.push(choice);
        }
        Ok(taken)
    }
}
