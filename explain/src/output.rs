//! Findings and conversations as text, JSON or HTML, and what the messages mean (`teach`).

pub(crate) mod render;
pub(crate) mod teach;
