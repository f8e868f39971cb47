//! Keys that a C program passes in are copied, and wiped with the configuration and its connections.

use std::ptr::null_mut;

use freed_memory::{Watcher, watch};
use handclasp::*;

#[global_allocator]
static WATCHER: Watcher = Watcher;

const KEY: [u8; 32] = *b"\x91a key that is nowhere else 012\x92";

/// Everything that a program does with a key: configuration, handshake, an answer, the end.
fn use_key() {
    let (mut configs, mut client, mut server) = ([null_mut::<Config>(); 2], null_mut(), null_mut());
    // SAFETY: handles of this library, variables and arrays of this function.
    unsafe {
        for (config, side) in configs.iter_mut().zip([HC_CLIENT, HC_SERVER]) {
            assert_eq!(hc_config_new(side, config), HC_OK);
        }
        assert_eq!(
            hc_config_psk(configs[0], HC_PSK_TLS13, b"id".as_ptr(), 2, KEY.as_ptr(), KEY.len()),
            HC_OK
        );
        assert_eq!(hc_config_psk(configs[0], 77, b"id".as_ptr(), 2, KEY.as_ptr(), KEY.len()), HC_UNSUPPORTED);
        assert_eq!(hc_config_late(configs[1], HC_LATE_PSK), HC_OK);
        assert_eq!(hc_client_new(configs[0], &mut client), HC_OK);
        assert_eq!(hc_server_new(configs[1], &mut server), HC_OK);
        deliver(client, server);
        assert_eq!(hc_answer_psk(server, 0, HC_PSK_TLS13, KEY.as_ptr(), KEY.len()), HC_OK);
        deliver(server, client);
        deliver(client, server);
        assert!(hc_may(server) & HC_IS_CONNECTED != 0);
        configs.into_iter().for_each(|config| hc_config_free(config));
        hc_connection_free(client);
        hc_connection_free(server);
    }
}

/// # Safety
/// Handles of this library.
unsafe fn deliver(from: *mut Connection, to: *mut Connection) {
    let (mut length, mut taken) = (0, 0);
    // SAFETY: handles, and variables of this function.
    unsafe {
        let bytes = hc_transmit(from, &mut length);
        assert!(!bytes.is_null());
        assert_eq!(hc_receive(to, bytes, length, &mut taken), HC_OK);
        assert_eq!(hc_transmitted(from, length), HC_OK);
    }
}

#[test]
fn keys_of_a_c_program_are_wiped() {
    let ((), freed) = watch(use_key);
    assert_eq!(freed.blocks_with(&KEY), Vec::<usize>::new());
    // The identity is no secret: it shows that the blocks are seen.
    let ((), freed) = watch(|| drop(std::hint::black_box(KEY.to_vec())));
    assert_eq!(freed.blocks_with(&KEY), [KEY.len()]);
}
