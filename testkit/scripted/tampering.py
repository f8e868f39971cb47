"""tamper.in-flight and tamper.dropped-message: records and messages changed or lost on the way.

A row: name, server, client, way ('up' from the client, 'down' from the server), rule, tap, keys, label fields.
A bit changed where a signature covers it can be found again by trying, so such rows allow `proved`; a bit of the
signature itself could be the signer's fault as well.
"""
from . import rig, rules, wire

UP, DOWN = 'to_server', 'to_client'
CH, SH, CERT, SKE, SHD, CKE, NST = (wire.CLIENT_HELLO, wire.SERVER_HELLO, wire.CERTIFICATE, wire.SERVER_KEY_EXCHANGE,
                                    wire.SERVER_HELLO_DONE, wire.CLIENT_KEY_EXCHANGE, wire.TICKET)
DIFFER, BADSIG = 'key-exchange.keys-differ', 'key-exchange.signature-invalid'
NOTKEY, OFFCURVE = 'key.not-of-certificate', 'key-exchange.point-not-on-curve'
MISSING = 'peer.protocol-violation.missing-message'
TAMPER, DROPPED = 'tamper.in-flight', 'tamper.dropped-message'


def o(tls, **more):
    return ('openssl', dict({'tls': tls}, **more))


def g(tls, **more):
    return ('gnutls', dict({'tls': tls}, **more))


def py(tls, **more):
    return ('python', dict({'tls': tls}, **more))


def go(tls, **more):
    return ('go', dict({'tls': tls}, **more))


def java(tls, **more):
    return ('java', {'args': 'protocols=TLSv' + tls + ' data=x', **more})


def says(grade, evidence, also=(), **more):
    return dict({'cause': TAMPER, 'grade': grade, 'evidence': evidence, 'also_accept': list(also), 'side_at_fault': 'network'}, **more)


def lost(grade, evidence, also=(), **more):
    return dict(says(grade, evidence, also, **more), cause=DROPPED)


LATE = {'outcome': 'late'}
RSA = {'cert': 'rsa'}
flip, prot, app = rules.flip_message, rules.flip_protected, rules.flip_appdata


def share_offset(msg):
    """Where the last byte of a ServerHello's key share lies, counted from the front."""
    h = wire.Hello(msg)
    return msg.index(h.get(wire.KEY_SHARE)) + len(h.get(wire.KEY_SHARE)) - 2


def strip(kind, *extensions):
    return rules.on_hello(kind, lambda h: h.drop(*extensions))


ROWS = [
    # --- hello random
    ('ch-random-12-ec', o('1.2'), o('1.2'), UP, flip(CH, 20), 'client', None, says('proved', 'one bit of the client random changed on the way: the ServerKeyExchange signature (ECDSA) does not verify over the hello as captured, with that one bit changed back it does', [BADSIG, NOTKEY], grades={NOTKEY: 'inferred'})),
    ('ch-random-12-rsa-go', o('1.2', **RSA), go('1.2'), UP, flip(CH, 31, 0x10), 'client', None, says('proved', 'one bit of the client random changed on the way: the RSA signature was made by the right key, over other data than captured', [BADSIG])),
    ('ch-random-12-server-tap', g('1.2'), py('1.2'), UP, flip(CH, 9), 'server', None, says('inferred', 'recorded behind the change: the ServerKeyExchange signature is valid over what was captured, and still the client refuses it', [])),
    ('ch-random-13-clientkeys', o('1.3'), o('1.3'), UP, flip(CH, 12), 'client', 'client', says('inferred', 'one bit of the client random changed after the capture point: the server records do not authenticate under the keys of the client', [DIFFER], grades={DIFFER: 'proved'})),
    ('ch-random-13-server-tap-keys', g('1.3'), py('1.3'), UP, flip(CH, 25, 0x40), 'server', 'client', says('proved', 'the client random of the key log differs from the captured ClientHello by one bit', [])),
    ('ch-random-13-nokeys', go('1.3'), g('1.3'), UP, flip(CH, 18), 'client', None, says('inferred', 'the client refuses the first protected record of the server', [DIFFER])),
    ('sh-random-12-rsa', g('1.2', **RSA), o('1.2'), DOWN, flip(SH, 15), 'client', None, says('proved', 'one bit of the server random changed: the RSA signature of the ServerKeyExchange was made by the right key over other data than captured', [BADSIG, NOTKEY], grades={NOTKEY: 'possible'})),
    ('sh-random-13-keys', o('1.3'), go('1.3'), DOWN, flip(SH, 10), 'client', 'client', says('inferred', 'one bit of the server random changed: the server records do not authenticate under the keys of the client', [DIFFER], grades={DIFFER: 'proved'})),
    ('sh-random-13-server-tap-serverkeys', o('1.3'), py('1.3'), DOWN, flip(SH, 14), 'server', 'server', says('inferred', 'recorded before the change: every server record authenticates under the key log of the server, and still the client refuses the first', [DIFFER])),
    # --- key shares and ServerKeyExchange
    ('ch-share-x25519-13', o('1.3'), g('1.3', priority='NORMAL:-GROUP-ALL:+GROUP-X25519'), UP, rules.on_hello(CH, lambda h: h.put(wire.KEY_SHARE, wire.flip(h.get(wire.KEY_SHARE), -7))), 'client', 'client', says('inferred', 'one bit of the client key share changed after the capture point: the server records do not authenticate under the keys of the client', [DIFFER], grades={DIFFER: 'proved'})),
    ('ch-share-p256-13', o('1.3'), o('1.3', groups='P-256'), UP, rules.on_hello(CH, lambda h: h.put(wire.KEY_SHARE, wire.flip(h.get(wire.KEY_SHARE), -7))), 'client', None, says('possible', 'the P-256 share of the client lies on its curve as captured; the server refuses it: it was changed after the capture point', ['refused.unexplained'])),
    ('ch-share-p256-13-server-tap', go('1.3'), o('1.3', groups='P-256'), UP, rules.on_hello(CH, lambda h: h.put(wire.KEY_SHARE, wire.flip(h.get(wire.KEY_SHARE), -9, 8))), 'server', None, says('inferred', 'the P-256 share in the ClientHello is no point of its curve; with one bit changed back it may be', [OFFCURVE], grades={OFFCURVE: 'proved'})),
    ('sh-share-p256-13', o('1.3'), o('1.3', groups='P-256'), DOWN, rules.on_message(SH, lambda m: wire.flip(m, share_offset(m))), 'client', None, says('inferred', 'the P-256 share of the ServerHello is no point of its curve after one bit changed', [OFFCURVE], grades={OFFCURVE: 'proved'})),
    ('sh-share-x25519-13-java', java('1.3'), py('1.3'), DOWN, rules.on_message(SH, lambda m: wire.flip(m, share_offset(m))), 'client', 'client', says('inferred', 'one bit of the x25519 share of the server changed: its records do not authenticate under the keys of the client', [DIFFER], grades={DIFFER: 'proved'})),
    ('ske-point-12-rsa', o('1.2', **RSA, groups='P-256'), go('1.2'), DOWN, flip(SKE, 30), 'client', None, says('proved', 'one bit of the point in the ServerKeyExchange changed: it is off its curve, and the RSA signature was made by the right key over other data', [OFFCURVE, BADSIG])),
    ('ske-x25519-12-ec', go('1.2', groups='X25519'), o('1.2'), DOWN, flip(SKE, 20), 'client', None, says('proved', 'one bit of the x25519 share in the ServerKeyExchange changed: the signature does not verify over what was captured, with that bit changed back it does', [BADSIG, NOTKEY], grades={NOTKEY: 'inferred'})),
    ('ske-signature-12-gnutls', o('1.2', **RSA), g('1.2'), DOWN, flip(SKE, -20, 0x20), 'client', None, says('possible', 'one bit of the RSA signature in the ServerKeyExchange changed: it opens to nothing, with that bit changed back it verifies; a faulty signer would look the same', [BADSIG, NOTKEY], grades={BADSIG: 'proved', NOTKEY: 'inferred'})),
    ('ske-signature-12-java', o('1.2'), java('1.2'), DOWN, flip(SKE, -3), 'client', None, says('possible', 'one bit of the ECDSA signature in the ServerKeyExchange changed: with that bit changed back it verifies; a faulty signer would look the same', [BADSIG, NOTKEY], grades={BADSIG: 'proved', NOTKEY: 'inferred'})),
    ('ske-signature-12-server-tap', o('1.2'), go('1.2'), DOWN, flip(SKE, -3), 'server', None, says('inferred', 'recorded before the change: the ServerKeyExchange signature is valid, and still the client refuses it')),
    ('cert-12-bit', o('1.2', **RSA), o('1.2'), DOWN, flip(CERT, -30), 'client', None, says('possible', 'one bit in the signature of a certificate of the chain changed on the way: its signature does not verify, with that bit changed back it does', ['cert.signature-invalid'], grades={'cert.signature-invalid': 'proved'})),
    ('cke-point-12', g('1.2'), o('1.2', groups='P-256'), UP, flip(CKE, 12), 'server', None, says('inferred', 'the point of the ClientKeyExchange is not on its curve', [OFFCURVE], grades={OFFCURVE: 'proved'})),
    ('cke-x25519-12-keys', o('1.2', **RSA), g('1.2', priority='NORMAL:-GROUP-ALL:+GROUP-X25519'), UP, flip(CKE, 12), 'client', 'client', says('inferred', 'the ClientKeyExchange changed after the capture point: the Finished of the client is right under its keys and the captured messages, and still the server refuses the record', [DIFFER])),
    # --- Finished
    ('fin-12-client-keys', o('1.2'), go('1.2'), UP, prot(0, -4), 'client', 'client', says('inferred', 'the Finished record of the client authenticates as captured and fits the transcript; the server answers bad_record_mac', [DIFFER])),
    ('fin-12-client-nokeys', g('1.2'), o('1.2'), UP, prot(0, -4), 'client', None, says('inferred', 'certificate handshake with a valid ServerKeyExchange; the server refuses the record with the Finished of the client', [DIFFER])),
    ('fin-12-server-tap-keys', go('1.2'), o('1.2', suites='ECDHE-ECDSA-CHACHA20-POLY1305'), UP, prot(0, 9), 'server', 'client', says('proved', 'the Finished record of the client does not authenticate as captured, though its key fits: it decrypts to a Finished', [DIFFER])),
    ('fin-12-of-server-keys', o('1.2'), py('1.2'), DOWN, prot(0, -2), 'client', 'client', says('proved', 'the Finished record of the server does not authenticate under keys that open the record of the client', [DIFFER])),
    ('fin-12-of-server-cbc-keys', g('1.2', **RSA), o('1.2', suites='ECDHE-RSA-AES128-SHA'), DOWN, prot(0, 8), 'client', 'client', says('proved', 'the Finished record of the server (CBC) does not authenticate under keys that open the record of the client', [DIFFER, 'etm.mismatch'], grades={'etm.mismatch': 'possible'})),
    ('fin-13-client-keys', o('1.3'), py('1.3'), UP, prot(0, -4), 'client', 'client', says('proved', 'the Finished record of the client authenticates as captured; the server answers bad_record_mac', **LATE)),
    ('fin-13-client-nokeys', go('1.3'), o('1.3'), UP, prot(0, -4), 'client', None, says('possible', 'without key log: the server closes after the first protected record of the client; what it says is protected', ['none', DIFFER, 'refused.unexplained', 'transport.closed.by-server', 'client-cert.missing'], **LATE)),
    ('ee-13-keys', g('1.3'), o('1.3'), DOWN, app(0, -3), 'client', 'client', says('proved', 'the first protected record of the server does not authenticate under the keys of the client, though it decrypts to EncryptedExtensions and later records open', [DIFFER])),
    ('cert-13-keys', o('1.3', **RSA), g('1.3'), DOWN, app(1, 40), 'client', 'client', says('proved', 'the record with the certificates does not authenticate; those before it do')),
    ('cert-13-nokeys', o('1.3'), go('1.3'), DOWN, app(1, 40), 'client', None, says('inferred', 'the client refuses protected handshake records of the server with bad_record_mac', [DIFFER])),
    ('cv-13-server-tap-keys', o('1.3'), java('1.3'), DOWN, app(2, 30), 'server', 'server', says('proved', 'recorded before the change: all server records authenticate under the key log of the server; the client answers bad_record_mac', [])),
    ('fin-12-mbed-server', 'mbed', o('1.2'), UP, prot(0, -1), 'client', 'client', says('inferred', 'the Finished record of the client authenticates as captured and fits the transcript; the server answers bad_record_mac', [DIFFER])),
    ('fin-12-mbed-client-keys', o('1.2'), 'mbed', DOWN, prot(0, -1), 'client', 'client', says('proved', 'the Finished record of the server does not authenticate under keys that open the record of the client', [DIFFER])),
    ('ske-point-12-mbed', go('1.2', groups='P-256'), 'mbed', DOWN, flip(SKE, 40), 'client', None, says('proved', 'one bit of the point in the ServerKeyExchange changed: it is off its curve, the ECDSA signature does not verify; with that bit changed back both are right', [OFFCURVE, BADSIG])),
    ('sh-random-12-node', 'node', go('1.2'), DOWN, flip(SH, 11), 'client', None, says('proved', 'one bit of the server random changed: the signature verifies with that bit changed back', [BADSIG, NOTKEY], grades={NOTKEY: 'inferred'})),
    # --- application data
    ('app-12-up-keys', o('1.2'), go('1.2'), UP, prot(1, -2), 'client', 'client', says('proved', 'the handshake completes; the application record authenticates as captured, yet the server answers bad_record_mac', **LATE)),
    ('app-12-down-keys', o('1.2'), go('1.2'), DOWN, prot(1, -2), 'client', 'client', says('proved', 'the handshake completes; the application record of the server does not authenticate', **LATE)),
    ('app-12-up-cbc-keys', g('1.2', **RSA), o('1.2', suites='ECDHE-RSA-AES256-SHA'), UP, prot(1, 30), 'server', 'client', says('proved', 'the handshake completes; the application record of the client (CBC) does not authenticate as captured', **LATE)),
    ('app-12-up-nokeys', go('1.2'), o('1.2'), UP, prot(1, -2), 'client', None, says('possible', 'the handshake completes; after the first application record the server sends an alert that cannot be read, and closes', ['none'], **LATE)),
    ('app-13-up-keys', g('1.3'), py('1.3'), UP, prot(1, 7), 'client', 'client', says('proved', 'the handshake completes; the application record authenticates as captured, yet the server answers bad_record_mac', **LATE)),
    ('app-13-down-keys', go('1.3'), py('1.3'), DOWN, app(4, -2), 'client', 'client', says('proved', 'the handshake completes; a later record of the server does not authenticate', **LATE)),
    ('app-13-up-twice-keys', go('1.3'), o('1.3'), UP, rules.on_protected(1, lambda r: [r, r]), 'server', 'client', says('proved', 'the same application record stands twice in the stream; the second does not authenticate under its number', **LATE)),
    # --- session id echo, extensions, suites
    ('sid-echo-bit-13', o('1.3'), o('1.3'), DOWN, flip(SH, 40), 'client', None, says('inferred', 'the ServerHello echoes the session id but for one bit', ['peer.protocol-violation.session-id-echo'], grades={'peer.protocol-violation.session-id-echo': 'proved'})),
    ('sid-echo-bit-13-go', g('1.3'), go('1.3'), DOWN, flip(SH, 60, 0x80), 'client', None, says('inferred', 'the ServerHello echoes the session id but for one bit', ['peer.protocol-violation.session-id-echo'], grades={'peer.protocol-violation.session-id-echo': 'proved'})),
    ('ch-sid-bit-13-server-tap', o('1.3'), g('1.3'), UP, flip(CH, 50), 'server', None, says('inferred', 'recorded behind the change of one bit of the session id: hello and echo agree here, and the client refuses the first protected record', [DIFFER])),
    ('ch-no-ems-12-keys', o('1.2'), py('1.2'), UP, strip(CH, wire.EMS), 'client', 'client', says('inferred', 'extended_master_secret is offered, the answer lacks it; the Finished of the client is right for the messages captured, and still the server refuses it with decrypt_error', [DIFFER])),
    ('ch-no-alpn-13-keys', o('1.3', args=['-alpn', 'h2']), o('1.3', args=['-alpn', 'h2,http/1.1']), UP, strip(CH, wire.ALPN), 'client', 'client', says('inferred', 'ALPN taken out of the ClientHello after the capture point: the server records do not authenticate under the keys of the client', [DIFFER], grades={DIFFER: 'proved'})),
    ('ch-no-alpn-12-server-tap', go('1.2'), o('1.2', args=['-alpn', 'h2']), UP, strip(CH, wire.ALPN), 'server', 'client', says('proved', 'the Finished of the client opens with its key log and does not fit the messages captured: ALPN was taken out of the ClientHello', [DIFFER])),
    ('sh-no-ems-12', g('1.2'), o('1.2'), DOWN, strip(SH, wire.EMS), 'client', 'client', says('inferred', 'extended_master_secret is offered, the ServerHello as captured lacks it, and the server refuses the record of the client with bad_record_mac: it computed another master secret', [DIFFER])),
    ('sh-no-reneg-12-cbc', o('1.2', **RSA), go('1.2', suites='49171'), DOWN, strip(SH, wire.RENEGO), 'server', 'client', says('proved', 'recorded before the change: the Finished of the client opens with its key log and does not fit the messages captured', [DIFFER])),
    ('ch-suites-trimmed-12', o('1.2', **RSA, suites='ALL:@SECLEVEL=0'), o('1.2'), UP, rules.on_hello(CH, lambda h: setattr(h, 'suites', b'\0\x2f\0\xff')), 'client', None, says('inferred', 'the server picks plain RSA with CBC from a long offer of ECDHE with AEAD, and refuses the Finished of the client: it hashed another ClientHello', [DIFFER, 'version.downgrade-attack'], grades={'version.downgrade-attack': 'possible'})),
    ('hrr-group-bit', o('1.3', groups='P-384'), o('1.3', groups='X25519:P-384'), DOWN, rules.on_hello(SH, lambda h: h.put(wire.KEY_SHARE, b'\0\x19')), 'client', None, says('possible', 'HelloRetryRequest asks for P-521, which is not offered: the group was changed on the way', ['peer.protocol-violation.hrr-unoffered-group'], grades={'peer.protocol-violation.hrr-unoffered-group': 'proved'})),
    ('hrr-group-server-tap', go('1.3', groups='P-384'), g('1.3', priority='NORMAL:-GROUP-ALL:+GROUP-X25519:+GROUP-SECP256R1:+GROUP-SECP384R1'), DOWN, rules.on_hello(SH, lambda h: h.put(wire.KEY_SHARE, b'\0\x19')), 'server', None, says('inferred', 'recorded before the change: HelloRetryRequest asks for a group that is offered, and the client refuses it', ['refused.unexplained'], grades={'refused.unexplained': 'possible'})),
    ('suite-in-sh-13-keys', o('1.3'), py('1.3'), DOWN, rules.on_hello(SH, lambda h: setattr(h, 'suites', b'\x13\x01')), 'client', 'client', says('inferred', 'the suite in the ServerHello changed on the way to another that is offered: the server records do not authenticate under the keys of the client', [DIFFER], grades={DIFFER: 'proved'})),
    # --- whole messages twice or in another order
    ('shd-twice-12', o('1.2'), g('1.2'), DOWN, rules.on_message(SHD, lambda m: [wire.record(22, m), wire.record(22, m)]), 'client', None, says('inferred', 'ServerHelloDone stands twice in the stream', [MISSING, DIFFER, 'refused.unexplained'], grades={'refused.unexplained': 'possible'})),
    ('cert-ske-swapped-12', o('1.2'), py('1.2'), DOWN, rules.swap_with_next(CERT), 'client', None, says('inferred', 'ServerKeyExchange comes before Certificate', [MISSING], grades={MISSING: 'proved'})),
    ('lost-cert-13-keys', o('1.3'), o('1.3'), DOWN, rules.on_appdata(1, lambda r: None), 'client', 'client', lost('proved', 'the second protected record of the server (Certificate) is missing: the one that follows authenticates under its own number only', [TAMPER])),
    # --- lost messages
    ('lost-cert-12', o('1.2'), o('1.2'), DOWN, rules.drop(CERT), 'client', None, lost('inferred', 'the suite authenticates with a certificate and no Certificate comes', [MISSING], grades={MISSING: 'proved'})),
    ('lost-ske-12-go', o('1.2'), go('1.2'), DOWN, rules.drop(SKE), 'client', None, lost('inferred', 'the suite is ECDHE and no ServerKeyExchange comes', [MISSING], grades={MISSING: 'proved'})),
    ('lost-ske-12-java', g('1.2'), java('1.2'), DOWN, rules.drop(SKE), 'client', None, lost('inferred', 'the suite is ECDHE and no ServerKeyExchange comes', [MISSING], grades={MISSING: 'proved'})),
    ('lost-ske-12-server-tap', o('1.2'), g('1.2'), DOWN, rules.drop(SKE), 'server', None, lost('inferred', 'recorded before the loss: the flight of the server is complete, and the client says unexpected_message', [TAMPER])),
    ('lost-shd-12', o('1.2'), py('1.2'), DOWN, rules.drop(SHD), 'client', None, lost('inferred', 'ServerHelloDone never comes; both ends wait until the client closes', [MISSING, 'transport.silent', 'transport.closed.by-client', 'transport.stalled'])),
    ('lost-cke-12', o('1.2'), g('1.2'), UP, rules.drop(CKE), 'server', None, lost('inferred', 'ChangeCipherSpec comes from the client where ClientKeyExchange must', [MISSING], side_at_fault='network', grades={MISSING: 'proved'})),
    ('lost-cke-12-client-tap', go('1.2'), o('1.2'), UP, rules.drop(CKE), 'client', None, lost('inferred', 'recorded before the loss: the flight of the client is complete, the server says unexpected_message', [TAMPER, DIFFER])),
    ('lost-ccs-12', g('1.2'), o('1.2'), UP, rules.on_ccs(lambda r: None), 'server', None, lost('inferred', 'the protected Finished of the client comes without ChangeCipherSpec before it', [MISSING], grades={MISSING: 'proved'})),
    ('lost-ticket-12-keys', o('1.2'), o('1.2'), DOWN, rules.drop(NST), 'client', 'client', lost('inferred', 'session_ticket is acknowledged and no NewSessionTicket comes before ChangeCipherSpec; the Finished of the server fits other messages than captured', [MISSING, TAMPER, DIFFER])),
    ('lost-ee-13-nokeys', g('1.3'), go('1.3'), DOWN, rules.on_appdata(0, lambda r: None), 'client', None, lost('possible', 'without key log: the client refuses the first protected record that it sees with bad_record_mac', [TAMPER, DIFFER], grades={TAMPER: 'inferred', DIFFER: 'inferred'})),
    ('lost-third-13-keys', g('1.3'), py('1.3'), DOWN, rules.on_appdata(2, lambda r: None), 'client', 'client', lost('proved', 'one protected record of the server is missing: the one that follows authenticates under the next number only', [TAMPER, DIFFER])),
    ('lost-cv-13-server-tap', o('1.3'), py('1.3'), DOWN, rules.on_appdata(2, lambda r: None), 'server', 'server', lost('inferred', 'recorded before the loss: all records of the server authenticate, and the client says bad_record_mac (in plaintext)', [TAMPER, DIFFER])),
]


def one(name, server, client, way, rule, tap, keys, label):
    rig.make('tamper-' + name, server=server, client=client, tap=tap, keys=keys, send=b'reading 17.25\n', timeout=5, **{way: rule}, **label)


def cases():
    return [('tamper-' + row[0], lambda row=row: one(*row)) for row in ROWS]
