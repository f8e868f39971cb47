//! interfaces to cryptography, and the few constructions of TLS that stand on them
