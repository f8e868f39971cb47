//! Stale bytes of the stack come into the heap with values that do not fill their place.

use freed_memory::left_on_stack;
use handclasp_provider_rustcrypto::{SHA1, SHA256, SHA384, SHA512};

#[test]
fn an_hmac_leaves_no_copy_on_the_stack() {
    // Keys of a Cortex-M4's PSK and of a secret, an input of a key schedule, and of a record.
    for (hash, name) in [(SHA1, "SHA-1"), (SHA256, "SHA-256"), (SHA384, "SHA-384"), (SHA512, "SHA-512")] {
        for length in [1, 64, 400, 5000] {
            let (key, input) = (vec![0xa7; hash.output_len()], vec![7; length]);
            let mut output = vec![0; hash.output_len()];
            let mut left = Box::new([0; 4096]);
            hash.hmac(&key, &[&input], &mut output);
            left_on_stack(&mut left);
            // The key is padded with these (RFC 2104 §2).
            for (what, secret) in [("output", &output), ("key", &key)] {
                for pad in [0, 0x36, 0x5c] {
                    let masked: Vec<u8> = secret.iter().map(|byte| byte ^ pad).collect();
                    let found = left.windows(16).any(|window| window == &masked[..16]);
                    assert!(!found, "{name}: {what}, XOR {pad:#x}, {length} bytes hashed");
                }
            }
        }
    }
}
