//! whom we believe: web PKI, pins, pre-shared keys
