"""Cases whose ends log all they can, as people paste it into a question. The labels hold both logs."""
from .run import table as of

BOTH = {'ca': 'p-root.pem', 'name': 'localhost'}
JAVA = ['-Djavax.net.debug=ssl:handshake']
GIVEN = {'expect': 'localhost', 'roots': 'p-root.pem', 'clock': True}


def row(name, cause, server, client, words, grade='proved', **more):
    kind = lambda end: (end[0], dict(args=end[1], **(end[2] if len(end) > 2 else {})))
    return dict(dict(name=name, cause=cause, server=kind(server), client=kind(client), evidence=words, grade=grade, logs=True), **more)


ROWS = [
    row('verbose-java-expired', 'cert.expired', ('go', '-max 1.2', {'cert': 'expired'}), ('java', '', dict(BOTH, jvm=JAVA)), 'notAfter 2025-03-01 is past', **GIVEN),
    row('verbose-java-server-stranger', 'client-cert.unknown-issuer', ('java', 'need=1', {'cert': 'leaf', 'ca': 'p-root.pem', 'jvm': JAVA}),
        ('openssl', '-msg -state', dict(BOTH, cert='clientstranger', hold=3)), 'the issuer of the client certificate is no anchor', roots='p-root.pem', outcome='late'),
    row('verbose-java-suite', 'suite.none-in-common', ('java', 'suites=TLS_AES_256_GCM_SHA384 protocols=TLSv1.3', {'cert': 'leaf', 'jvm': JAVA}),
        ('openssl', '-tls1_3 -ciphersuites TLS_CHACHA20_POLY1305_SHA256 -state', BOTH), 'one TLS 1.3 suite offered', 'inferred', keys=False,
        also_accept=['group.none-in-common', 'sigalg.none-in-common', 'cert.curve-not-offered', 'refused.unexplained', 'suite.key-type']),
    row('verbose-gnutls-name', 'cert.name-mismatch', ('go', '', {'cert': 'elsewhere'}), ('gnutls', '-d 5', BOTH), 'the leaf is for shop.example', **GIVEN),
    row('verbose-gnutls-server-version', 'version.none-in-common', ('gnutls', '-d 5 --priority NORMAL:-VERS-ALL:+VERS-TLS1.3', {'cert': 'leaf'}),
        ('openssl', '-tls1_1 -cipher ALL:@SECLEVEL=0 -msg', BOTH), 'TLS 1.1 at most', 'observed', keys=False),
    row('verbose-mbed-self-signed', 'cert.self-signed', ('gnutls', '-d 4', {'cert': 'selfsigned'}), ('mbed', 'debug=3', BOTH), 'its own issuer, and no anchor',
        also_accept=['cert.unknown-issuer'], **GIVEN),
    row('verbose-mbed-psk', 'psk.value.differs', ('mbed', 'debug=3 psk=0102030405060708'), ('openssl', '-msg -state -tls1_2 -psk 0102030405060709 -psk_identity test -cipher PSK-AES128-GCM-SHA256'),
        'no reading of the candidate opens the client Finished', inputs={'psk_candidates': ['0102030405060708']}, keys=False),
    row('verbose-openssl-alpn', 'alpn.none-in-common', ('go', '-alpn h2', {'cert': 'leaf'}), ('openssl', '-msg -state -alpn http/1.0', BOTH), 'alert no_application_protocol (120)', 'observed',
        keys=False),
    row('verbose-openssl-eku', 'cert.eku', ('openssl', '-msg -state', {'cert': 'ekuclient'}), ('openssl', '-msg -state -security_debug', BOTH), 'extendedKeyUsage has clientAuth only', **GIVEN),
    row('verbose-bssl-ca', 'cert.unknown-issuer', ('bssl', '-debug', {'cert': 'stranger'}), ('bssl', '-debug', BOTH), 'the issuer of the leaf is no anchor',
        also_accept=['cert.missing-intermediate'], grades={'cert.missing-intermediate': 'possible'}, **GIVEN),
    row('verbose-node-expired', 'cert.expired', ('node', '', {'cert': 'expiredrsa', 'more': {'enableTrace': True}}), ('node', '', dict(BOTH, more={'enableTrace': True, 'maxVersion': 'TLSv1.2'})),
        'notAfter 2025-03-01 is past; this client finishes the handshake, then refuses without an alert', outcome='late',
        also_accept=['trust.refused-after-handshake', 'transport.closed.by-client'], **GIVEN),
    row('verbose-curl-self-signed', 'cert.self-signed', ('openssl', '-state', {'cert': 'selfrsa'}), ('curl', '--trace-ascii - --trace-time', BOTH), 'its own issuer, and no anchor',
        also_accept=['cert.unknown-issuer'], **GIVEN),
    row('verbose-rustls-notyet', 'cert.not-yet-valid', ('python', '', {'cert': 'future'}), ('deno', '', dict(BOTH, env={'DENO_LOG': 'debug', 'RUST_LOG': 'rustls=debug'})),
        'notBefore 2031-06-01 is to come', **GIVEN),
    row('verbose-mosquitto-missing', 'client-cert.missing', ('mosquitto', '', {'cert': 'leaf', 'ca': 'p-root.pem', 'conf': ['require_certificate true', 'log_type all']}),
        ('mosquitto_pub', '', BOTH), 'no key log: the first protected record of the client is that of an empty Certificate', 'inferred', keys=False,
        roots='p-root.pem', outcome='late', also_accept=['transport.closed.by-server', 'client-cert.unknown-issuer', 'client-cert.filtered',
                                                         'client-cert.no-usable-scheme']),
    row('verbose-mosquitto-version', 'version.none-in-common', ('mosquitto', '', {'cert': 'leaf', 'conf': ['log_type all', 'tls_version tlsv1.3']}),
        ('openssl', '-tls1_2 -state', BOTH), 'TLS 1.2 at most', 'observed', keys=False),
]


def cases():
    return of(ROWS)
