//! the cryptography of hosts: aws-lc-rs
