//! the four machines: client and server, 1.2 and 1.3
