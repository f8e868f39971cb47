"""Keys that are not of the certificate, chains in the wrong order, clocks, pins, small buffers, split
ClientHellos, and refusals whose reason does not show."""
from . import certs
from .run import table as of

HARD = ['suite.none-in-common', 'suite.key-type', 'group.none-in-common', 'sigalg.none-in-common', 'cert.curve-not-offered']
GIVEN = {'expect': 'localhost', 'roots': 'p-root.pem', 'clock': True}
BOTH = {'ca': 'p-root.pem', 'name': 'localhost'}
FOREIGN = {'also_accept': ['key-exchange.signature-invalid'], 'grades': {'key-exchange.signature-invalid': 'proved'}}


def row(name, cause, server, client, words, grade='inferred', **more):
    kind = lambda end: (end[0], dict(args=end[1], **(end[2] if len(end) > 2 else {})))
    return dict(dict(name=name, cause=cause, server=kind(server), client=kind(client), evidence=words, grade=grade), **more)


def swapped():
    """Chain files that begin with the issuer."""
    for leaf, mid in (('chained', 'mid'), ('chainedrsa', 'mid')):
        certs.cert(leaf)
        certs.pki().join('%s-swapped.pem' % leaf, [mid, leaf])


def at(when):
    """A client whose clock says something else."""
    return {'before': ['faketime', '-f', when]}


PIN = {'expect': 'printer', 'roots': 'p-pin1.pem', 'clock': True}
CAM = {'expect': 'cam-3', 'roots': 'p-pinrsa1.pem', 'clock': True}
SELF = {'also_accept': ['cert.self-signed', 'cert.unknown-issuer'], 'grade': 'proved'}
HIDDEN_PIN = ['cert.unknown-issuer', 'cert.self-signed', 'cert.missing-intermediate', 'trust.refused-after-handshake', 'cert.issuer-not-ca',
              'cert.path-length']
LATE = {'outcome': 'late', 'also_accept': ['none', 'pin.changed-key', 'cert.self-signed', 'cert.unknown-issuer', 'transport.closed.by-client'],
        'grades': {'pin.changed-key': 'inferred', 'transport.closed.by-client': 'observed'}}
SMALL = {'also_accept': ['transport.closed.by-client'], 'grades': {'transport.closed.by-client': 'observed'}, 'side_at_fault': 'client'}
SPLIT = {'also_accept': ['transport.closed.by-server'], 'grades': {'transport.closed.by-server': 'observed'}}
LONG_ALPN = ','.join('protocol-number-%d-of-a-long-list' % i for i in range(14))

ROWS = [
    # keys
    row('key-foreign-mbed-openssl12', 'key.not-of-certificate', ('mbed', '', {'cert': 'leaf', 'key': 'expired.key'}), ('openssl', '-tls1_2', BOTH),
        'the ServerKeyExchange signature does not verify under the key of the leaf', logs=True, **GIVEN, **FOREIGN),
    row('key-foreign-go-gnutls13', 'key.not-of-certificate', ('go', '', {'cert': 'rsaleaf', 'key': 'expiredrsa.key'}), ('gnutls', '', BOTH),
        'the CertificateVerify signature does not verify under the key of the leaf', **GIVEN, **FOREIGN),
    row('key-foreign-java-go12', 'key.not-of-certificate', ('java', '', {'cert': 'rsaleaf', 'key': 'futurersa.key'}), ('go', '-max 1.2', BOTH),
        'the ServerKeyExchange signature does not verify under the key of the leaf', keys=False, **GIVEN, **FOREIGN),
    row('key-foreign-go-rustls', 'key.not-of-certificate', ('go', '', {'cert': 'leaf', 'key': 'future.key'}), ('deno', '', BOTH),
        'the CertificateVerify signature does not verify under the key of the leaf', **GIVEN, **FOREIGN),
    row('key-foreign-rsa-exchange', 'key.not-of-certificate', ('mbed', 'suites=TLS-RSA-WITH-AES-128-CBC-SHA256', {'cert': 'rsaleaf', 'key': 'expiredrsa.key'}),
        ('openssl', '-tls1_2 -cipher AES128-SHA256', BOTH), 'RSA key exchange: the server cannot read the premaster secret; bad_record_mac to the client Finished',
        'possible', also_accept=['key-exchange.keys-differ'], grades={'key-exchange.keys-differ': 'observed'}, **GIVEN),
    # curves
    row('curve-p521-openssl12', 'cert.curve-not-offered', ('openssl', '-tls1_2', {'cert': 'p521leaf'}),
        ('openssl', '-tls1_2 -curves P-256:P-384 -cipher ECDHE-ECDSA-AES256-GCM-SHA384', BOTH), 'P-256 and P-384 offered, the certificate is on P-521 and never sent',
        'possible', keys=False, also_accept=HARD[:4] + ['refused.unexplained']),
    row('curve-p384-mbed', 'cert.curve-not-offered', ('mbed', '', {'cert': 'p384leaf'}), ('mbed', 'curves=secp256r1', BOTH),
        'P-256 offered, the certificate is on P-384 and never sent', 'possible', keys=False, also_accept=HARD[:4] + ['refused.unexplained'], logs=True),
    row('curve-p384-java', 'cert.curve-not-offered', ('java', 'protocols=TLSv1.2', {'cert': 'p384leaf'}), ('python', 'high=1.2 curve=prime256v1', BOTH),
        'P-256 offered, the certificate is on P-384 and never sent', 'possible', keys=False, also_accept=HARD[:4] + ['refused.unexplained']),
    # the order of a chain
    row('chain-disorder-mbed', 'cert.chain-order', ('openssl', '-tls1_2', {'cert': 'disorder'}), ('mbed', '', BOTH),
        'leaf, then the upper intermediate, then the lower; this client does not sort', 'proved', also_accept=['cert.missing-intermediate', 'cert.unknown-issuer'], **GIVEN),
    row('chain-swapped-go12', 'cert.chain-order', ('go', '-max 1.2', {'chain': 'chained-swapped.pem', 'key': 'chained.key'}), ('go', '', BOTH),
        'the intermediate stands before the leaf', 'proved', before=[swapped], also_accept=['cert.name-mismatch', 'key.not-of-certificate', 'key-exchange.signature-invalid', 'cert.no-san', 'cert.key-usage'], logs=True, **GIVEN),
    row('chain-swapped-openssl13', 'cert.chain-order', ('go', '', {'chain': 'chainedrsa-swapped.pem', 'key': 'chainedrsa.key'}), ('openssl', '', BOTH),
        'the intermediate stands before the leaf', 'proved', before=[swapped], also_accept=['cert.name-mismatch', 'key.not-of-certificate', 'key-exchange.signature-invalid', 'cert.no-san', 'cert.key-usage', 'cert.eku'], **GIVEN),
    row('chain-disorder-openssl-ok', 'none', ('go', '-max 1.2', {'cert': 'disorder'}), ('openssl', '', BOTH), 'leaf, upper intermediate, lower intermediate; completes',
        'observed', outcome='completed', advice=['cert.chain-order'], **GIVEN),
    row('chain-disorder-go-ok', 'none', ('openssl', '-tls1_3', {'cert': 'disorder'}), ('go', '-data hello', BOTH), 'leaf, upper intermediate, lower intermediate; completes',
        'observed', outcome='completed', advice=['cert.chain-order'], form='sll', **GIVEN),
    # clocks
    row('clock-1970-mbed', 'clock.wrong', ('go', '', {'cert': 'rsaleaf'}), ('mbed', '', dict(BOTH, **at('@1970-01-01 00:00:20'))),
        'ClientHello.random begins with 1970; the chain is good now', 'observed', also_accept=['cert.not-yet-valid'], grades={'cert.not-yet-valid': 'inferred'},
        logs=True, **GIVEN),
    row('clock-2049-mbed', 'clock.wrong', ('openssl', '-tls1_2', {'cert': 'chained'}), ('mbed', '', dict(BOTH, **at('@2049-05-05 12:00:00'))),
        'ClientHello.random begins with 2049; the chain is good now', 'observed', also_accept=['cert.expired'], grades={'cert.expired': 'inferred'}, **GIVEN),
    row('clock-2000-mbed-nokeys', 'clock.wrong', ('gnutls', '', {'cert': 'leaf'}), ('mbed', '', dict(BOTH, **at('@2000-01-01 00:00:00'))),
        'ClientHello.random begins with 2000; the chain is good now', 'observed', keys=False, also_accept=['cert.not-yet-valid'],
        grades={'cert.not-yet-valid': 'inferred'}, form='nano', **GIVEN),
    row('clock-2040-openssl12', 'clock.wrong', ('go', '-max 1.2', {'cert': 'leaf'}), ('openssl', '', dict(BOTH, **at('@2040-01-01 00:00:00'))),
        'this client puts no time on the wire; alert certificate_expired (45) to a chain that is good now', 'inferred', also_accept=['cert.expired', 'refused.unexplained'],
        grades={'cert.expired': 'inferred'}, **GIVEN),
    row('clock-1970-mbed-server', 'clock.wrong', ('mbed', 'auth=required', dict({'cert': 'leaf', 'ca': 'p-root.pem'}, **at('@1970-01-01 00:03:00'))),
        ('openssl', '-tls1_2', dict(BOTH, cert='client')), 'ServerHello.random begins with 1970; the client certificate is good now', 'observed',
        side_at_fault='server', also_accept=['client-cert.not-yet-valid'], grades={'client-cert.not-yet-valid': 'inferred'}, **GIVEN),
    # pins: the anchor given is the certificate pinned
    row('pin-changed-mbed12', 'pin.changed-key', ('go', '', {'cert': 'pin3'}), ('mbed', '', {'ca': 'p-pin1.pem', 'name': 'printer'}),
        'same name, another key than that of the pinned certificate', **SELF, **PIN),
    row('pin-changed-go13', 'pin.changed-key', ('openssl', '', {'cert': 'pinrsa3'}), ('go', '-insecure -pin pinrsa1.pem', {'name': 'cam-3'}),
        'same name, another key than that of the pinned certificate', logs=True, **SELF, **CAM),
    row('pin-changed-openssl12', 'pin.changed-key', ('mbed', '', {'cert': 'pin3'}), ('openssl', '-tls1_2', {'ca': 'p-pin1.pem', 'name': 'printer'}),
        'same name, another key than that of the pinned certificate', form='vlan', **SELF, **PIN),
    row('pin-changed-curl-nokeys', 'pin.changed-key', ('openssl', '-tls1_3', {'cert': 'pin3'}), ('curl', '', {'ca': 'p-pin1.pem', 'name': 'printer'}),
        'TLS 1.3 without key log: the plain alert unknown_ca (48)', 'possible', keys=False, also_accept=HIDDEN_PIN + ['pin.renewed-same-key'],
        grades={'cert.unknown-issuer': 'inferred', 'cert.self-signed': 'inferred'}, **PIN),
    row('pin-renewed-mbed12', 'pin.renewed-same-key', ('go', '', {'cert': 'pin2'}), ('mbed', '', {'ca': 'p-pin1.pem', 'name': 'printer'}),
        'another certificate with the key of the pinned one', **SELF, **PIN),
    row('pin-renewed-go13', 'pin.renewed-same-key', ('openssl', '', {'cert': 'pinrsa2'}), ('go', '-insecure -pin pinrsa1.pem', {'name': 'cam-3'}),
        'another certificate with the key of the pinned one', **SELF, **CAM),
    row('pin-renewed-java12', 'pin.renewed-same-key', ('openssl', '-tls1_2', {'cert': 'pinrsa2'}), ('java', '', {'ca': 'p-pinrsa1.pem', 'name': 'cam-3'}),
        'another certificate with the key of the pinned one', logs=True, **SELF, **CAM),
    # refusals of the application
    row('late-pin-go', 'trust.refused-after-handshake', ('openssl', '', {'cert': 'pin3'}), ('go', '-insecure -late -pin pin1.pem', {'name': 'printer'}),
        'the handshake completes, then the client closes in good order without data; the certificate is not the pinned one', **LATE, **PIN),
    row('late-pin-python12', 'trust.refused-after-handshake', ('go', '-max 1.2', {'cert': 'pinrsa3'}), ('python', 'check=0 pin=pinrsa1.pem', {'name': 'cam-3'}),
        'the handshake completes, then the client closes without data or close_notify; the certificate is not the pinned one', logs=True, **LATE, **CAM),
    row('late-pin-mbed', 'trust.refused-after-handshake', ('java', '', {'cert': 'pin3'}), ('mbed', 'auth=none pin=pin1.pem', {'name': 'printer'}),
        'the handshake completes, then the client closes without data or close_notify; the certificate is not the pinned one', **LATE, **PIN),
    row('late-pin-node12-nokeys', 'trust.refused-after-handshake', ('gnutls', '--priority NORMAL:-VERS-TLS1.3', {'cert': 'pin3'}),
        ('node', '', {'name': 'printer', 'more': {'pin': 'pin1.pem', 'rejectUnauthorized': False}}),
        'no key log: both ends finish, then the client closes without data or close_notify', keys=False, **LATE, **PIN),
    # small buffers
    row('limit-1k-deep-openssl', 'record.limit-exceeded', ('openssl', '-tls1_2', {'cert': 'deep'}), ('mbed', 'mfl=1024', dict(BOTH, small=True)),
        'max_fragment_length 1024 offered and obeyed; the Certificate message is longer, the client closes without an alert', logs=True, **SMALL),
    row('limit-1k-deep-go', 'record.limit-exceeded', ('go', '', {'cert': 'deep'}), ('mbed', 'mfl=1024', dict(BOTH, small=True)),
        'max_fragment_length 1024 offered to a server without it; a longer record comes, the client closes without an alert', **SMALL),
    row('limit-1k-java', 'record.limit-exceeded', ('java', '', {'cert': 'chainedrsa'}), ('mbed', 'mfl=1024', dict(BOTH, small=True)),
        'max_fragment_length 1024 offered and obeyed; the Certificate message is longer, the client closes without an alert', form='raw', **SMALL),
    row('limit-1k-unoffered-gnutls', 'record.limit-exceeded', ('gnutls', '', {'cert': 'deep'}), ('mbed', '', dict(BOTH, small=True)),
        'no max_fragment_length offered; after a long Certificate message the client closes without an alert', 'possible', **SMALL),
    row('limit-1k-server-mtls', 'record.limit-exceeded', ('mbed', 'auth=required', {'cert': 'leaf', 'ca': 'p-root.pem', 'small': True}),
        ('openssl', '-tls1_2', dict(BOTH, cert='deepclient')), 'after a long client Certificate the server closes without an alert', 'possible',
        side_at_fault='server', also_accept=['transport.closed.by-server'], grades={'transport.closed.by-server': 'observed'}),
    row('limit-512-one-certificate', 'record.limit-exceeded', ('openssl', '-tls1_2', {'cert': 'leaf'}), ('mbed', 'mfl=512', dict(BOTH, small=True)),
        'max_fragment_length 512 offered and obeyed; one certificate already needs two records', keys=False, **SMALL),
    row('limit-1k-small-ok', 'none', ('openssl', '-tls1_2', {'cert': 'p384leaf'}),
        ('mbed', 'mfl=1024 data=hello noread=1', {'ca': 'p-ecroot.pem', 'name': 'localhost', 'small': True}),
        'max_fragment_length 1024 and a short chain: completes', 'observed', outcome='completed'),
    # a ClientHello in two records
    row('split-mbed-openssl12', 'hello.fragmented-unsupported', ('mbed', '', {'cert': 'leaf'}), ('openssl', '-tls1_2 -max_send_frag 512 -alpn ' + LONG_ALPN, BOTH),
        'ClientHello over two records; the server closes without an alert', keys=False, logs=True, **SPLIT),
    row('split-mbed-openssl13', 'hello.fragmented-unsupported', ('mbed', '', {'cert': 'rsaleaf'}),
        ('openssl', '-max_send_frag 512 -groups ffdhe3072:P-256', BOTH), 'ClientHello over two records; the server closes without an alert', keys=False,
        form='null', **SPLIT),
    row('split-mbed-small', 'hello.fragmented-unsupported', ('mbed', '', {'cert': 'leaf', 'small': True}), ('openssl', '-max_send_frag 600 -alpn ' + LONG_ALPN, BOTH),
        'ClientHello over two records; the server closes without an alert', keys=False, host='2001:db8::10', **SPLIT),
    row('split-java-ok', 'none', ('java', '', {'cert': 'leaf'}), ('openssl', '-max_send_frag 512 -alpn ' + LONG_ALPN, BOTH), 'ClientHello over two records; completes',
        'observed', outcome='completed'),
    row('split-go-ok', 'none', ('go', '', {'cert': 'leaf'}), ('openssl', '-tls1_2 -max_send_frag 512 -alpn ' + LONG_ALPN, BOTH), 'ClientHello over two records; completes',
        'observed', outcome='completed'),
    row('split-gnutls-ok', 'none', ('gnutls', '', {'cert': 'rsaleaf'}), ('openssl', '-max_send_frag 512 -groups ffdhe2048:x25519', BOTH),
        'ClientHello over two records; completes', 'observed', outcome='completed', form='vlan'),
    # refusals whose reason does not show
    row('refused-ku-openssl', 'refused.unexplained', ('openssl', '-tls1_2', {'cert': 'kucert'}), ('mbed', '', BOTH),
        'usual offers; the server cannot use its own certificate and answers handshake_failure (40)', 'possible', keys=False, also_accept=HARD, logs=True),
    row('refused-nocert-go', 'refused.unexplained', ('go', '', {}), ('openssl', '', BOTH),
        'usual offers; the server has no certificate, and says unrecognized_name (112)', 'possible', keys=False,
        also_accept=['sni.unrecognized'] + HARD, grades={'sni.unrecognized': 'observed'}),
    row('refused-nocert-java', 'refused.unexplained', ('java', '', {}), ('curl', '', BOTH),
        'usual offers; the server has no certificate and ends after ServerHello', 'possible', keys=False,
        also_accept=HARD + ['transport.closed.by-server'], logs=True),
    row('refused-nocert-openssl', 'refused.unexplained', ('openssl', '', {}), ('go', '', BOTH),
        'usual offers; the server has no certificate', 'possible', keys=False, also_accept=HARD, form='sll'),
]


def cases():
    return of(ROWS)
