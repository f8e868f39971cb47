pub(crate) mod dissect;
pub(crate) mod events;
pub(crate) mod legacy;
pub(crate) mod reading;
pub(crate) mod suite;
pub(crate) mod tree;
