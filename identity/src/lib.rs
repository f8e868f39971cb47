//! who we are: keys, certificates, signers
