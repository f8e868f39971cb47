//! Known peers on the terminal.
//!
//! | file | what |
//! |---|---|
//! | `place` | where the files are, and the commands that change them |
//! | `question` | a new peer as a question |
//! | `refusal` | why a peer is refused, and what to do |

mod place;
mod question;
mod refusal;

pub use place::{Peers, command, file, file_to_write};
pub use question::{ask, is_approved, recorded};
pub use refusal::text as refusal_text;
