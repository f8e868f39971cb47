pub(crate) mod render;
pub(crate) mod teach;
