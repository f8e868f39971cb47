//! The examples of `handclasp store`.

/// Examples by the words of a command.
pub(super) const EXAMPLES: &[(&str, &[(&str, &str)])] = &[
    (
        "store",
        &[
            (
                "A key of its own for a device, known to all servers with --store at once; the key is printed",
                "handclasp store psk add device-7 --store redis://127.0.0.1",
            ),
            (
                "It is refused within a second",
                "handclasp store psk revoke device-7 --store redis://127.0.0.1",
            ),
        ],
    ),
    (
        "store psk",
        &[
            ("A new key, which is printed", "handclasp store psk add device-7 --store redis://127.0.0.1"),
            ("All of them, with check values", "handclasp store psk list --store redis://127.0.0.1"),
        ],
    ),
    (
        "store psk add",
        &[
            ("A new key, which is printed", "handclasp store psk add device-7 --store redis://127.0.0.1"),
            (
                "A key that the device has already, sealed for servers with --store-key",
                "handclasp store psk add device-7 --hex @key --store redis://127.0.0.1 --store-key store.key",
            ),
        ],
    ),
    (
        "store psk list",
        &[
            ("Of the servers of one machine", "handclasp store psk list --store file:/var/lib/handclasp"),
            (
                "With a password",
                "handclasp store psk list --store redis://127.0.0.1 --store-password env:REDIS_PASSWORD",
            ),
        ],
    ),
    (
        "store psk revoke",
        &[
            ("At all servers", "handclasp store psk revoke device-7 --store redis://127.0.0.1"),
            ("The same without this program", "redis-cli DEL handclasp:psk:device-7"),
        ],
    ),
    (
        "store client",
        &[
            ("For `serve --store-clients`", "handclasp store client list --store redis://127.0.0.1"),
            ("On a socket of Redis", "handclasp store client list --store unix:/run/redis/redis-server.sock"),
        ],
    ),
    (
        "store client add",
        &[
            (
                "A device by the pin that `handclasp id show` prints",
                "handclasp store client add sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU= --name device-7 --store redis://127.0.0.1",
            ),
            (
                "For the servers of one machine",
                "handclasp store client add sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU= --store file:/var/lib/handclasp",
            ),
        ],
    ),
    (
        "store client list",
        &[
            ("For `serve --store-clients`", "handclasp store client list --store redis://127.0.0.1"),
            ("Over TLS", "handclasp store client list --store rediss://redis.example:6380 --store-ca ca.pem"),
        ],
    ),
    (
        "store client revoke",
        &[
            (
                "Also where a session could be resumed",
                "handclasp store client revoke sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU= --store redis://127.0.0.1",
            ),
            (
                "For the servers of one machine",
                "handclasp store client revoke sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU= --store file:/var/lib/handclasp",
            ),
        ],
    ),
];
