//! Findings and conversations as text, JSON or HTML; explanations of messages (`teach`).

pub mod render;
pub(crate) mod teach;
