"""psk.value.*: one typed string, two ways to read it as bytes (and keys that simply differ).

OpenSSL, GnuTLS, Mbed TLS and mosquitto take PSKs in hexadecimal, so each end can be given any bytes. A row: name,
typed string, reading of the client, reading of the server, (client, server, version, suite), more.
"""
import base64
import zlib

from . import rig, rules, wire

VALUE, OTHER = 'psk.value.encoding', 'psk.value.differs'
READINGS = {
    'text': lambda t: t.encode(),
    'hex': lambda t: bytes.fromhex(t.replace('0x', '').replace(':', '')),
    'newline': lambda t: t.encode() + b'\n',
    'crlf': lambda t: t.encode() + b'\r\n',
    'nul': lambda t: t.encode() + b'\0',
    'base64': lambda t: base64.b64decode(t),
    'base64url': lambda t: base64.urlsafe_b64decode(t + '=' * (-len(t) % 4)),
    'utf16le': lambda t: t.encode('utf-16-le'),
    'utf16be': lambda t: t.encode('utf-16-be'),
    'latin1': lambda t: t.encode('latin-1'),
    'lower': lambda t: t.lower().encode(),
    'upper': lambda t: t.upper().encode(),
    'no-zeros': lambda t: bytes.fromhex(t).lstrip(b'\0'),
    'quoted': lambda t: ('"%s"' % t).encode(),
    'hex-newline': lambda t: bytes.fromhex(t) + b'\n',
    'hex-of-text': lambda t: t.encode().hex().encode(),
}


def openssl_client(key, identity, tls, suite):
    o = {'tls': tls, 'verify': False, 'sni': None, 'args': ['-psk', key, '-psk_identity', identity]}
    return ('openssl', dict(o, **({'suites': suite} if tls == '1.2' else {'suites13': suite})))


def openssl_server(key, identity, tls, suite):
    o = {'tls': tls, 'cert': None, 'args': ['-nocert', '-psk', key, '-psk_identity', identity]}
    return ('openssl', dict(o, **({'suites': suite} if tls == '1.2' else {'suites13': suite})))


def gnutls_priority(tls, suite):
    ciphers = {'gcm': '-CIPHER-ALL:+AES-128-GCM', 'cbc': '-CIPHER-ALL:+AES-128-CBC', 'ccm': '-CIPHER-ALL:+AES-128-CCM', 'any': '+NULL'}
    kind = next((k for k in ('gcm', 'ccm', 'cbc') if k in suite.lower()), 'any')
    more = ':' + ciphers[kind] if kind != 'any' else ''
    return 'NORMAL:-KX-ALL:%s%s' % ('+PSK' if tls == '1.2' else '+ECDHE-PSK:+DHE-PSK:+PSK', more)


def gnutls_client(key, identity, tls, suite):
    return ('gnutls', {'tls': tls, 'verify': False, 'sni': False, 'priority': gnutls_priority(tls, suite), 'args': ['--pskusername', identity, '--pskkey', key]})


def gnutls_server(key, identity, tls, suite):
    file = '.%s.psk' % identity
    with open(rig.pki().path(file), 'w') as f:
        f.write('%s:%s\n' % (identity, key))
    return ('gnutls', {'tls': tls, 'cert': None, 'priority': gnutls_priority(tls, suite), 'args': ['--pskpasswd', file]})


def mbed_end(key, identity, tls, suite):
    return ('mbed', {'cert': None, 'ca': None, 'name': None, 'args': ['psk=' + key, 'psk_id=' + identity, 'suites=TLS-' + suite]})


def mosquitto_server(key, identity, tls, suite):
    file = '.%s.mosquitto' % identity
    with open(rig.pki().path(file), 'w') as f:
        f.write('%s:%s\n' % (identity, key))
    return ('mosquitto', {'lines': ['psk_hint plant', 'psk_file ' + rig.pki().path(file), 'ciphers ' + suite, 'tls_version tlsv1.2']})


CLIENTS = {'openssl': openssl_client, 'gnutls': gnutls_client, 'mbed': mbed_end}
SERVERS = {'openssl': openssl_server, 'gnutls': gnutls_server, 'mbed': mbed_end, 'mosquitto': mosquitto_server}
GCM, CBC, CCM, CCM8 = 'PSK-AES128-GCM-SHA256', 'PSK-AES128-CBC-SHA256', 'PSK-AES128-CCM', 'PSK-AES128-CCM8'
OO12, OO13 = ('openssl', 'openssl', '1.2', GCM), ('openssl', 'openssl', '1.3', 'TLS_AES_128_GCM_SHA256')
B64, B64URL, HEX, HEXUP = 'p4Vm0Qz7Ns+Jk2Lw', 'p4Vm0Qz7Ns-Jk2_w', 'c0ffee11deadbeef', 'C0FFEE11DEADBEEF'
WORD = 'sluice-gate 7 east'

ROWS = [
    ('newline-12-gcm', WORD, 'newline', 'text', OO12, {}),
    ('newline-server-12-cbc', 'lantern4481', 'text', 'newline', ('openssl', 'openssl', '1.2', CBC), {}),
    ('crlf-12-mosquitto', 'pumphouse-key', 'crlf', 'text', ('openssl', 'mosquitto', '1.2', GCM), {}),
    ('nul-12-ccm', 'kettle-9', 'nul', 'text', ('openssl', 'openssl', '1.2', CCM), {}),
    ('nul-server-12-ccm8', 'kettle-9', 'text', 'nul', ('openssl', 'openssl', '1.2', CCM8), {}),
    ('base64-12-gnutls', B64, 'base64', 'text', ('gnutls', 'openssl', '1.2', GCM), {}),
    ('base64-server-12-cbc', B64, 'text', 'base64', ('openssl', 'gnutls', '1.2', 'PSK-AES128-CBC-SHA'), {}),
    ('base64url-12-gcm256', B64URL, 'base64url', 'text', ('openssl', 'openssl', '1.2', 'PSK-AES256-GCM-SHA384'), {}),
    ('utf16-12-gcm', 'Wehr Nord', 'utf16le', 'text', OO12, {}),
    ('utf16be-12-cbc384', 'Wehr Nord', 'utf16be', 'text', ('openssl', 'openssl', '1.2', 'PSK-AES256-CBC-SHA384'), {}),
    ('latin1-12-gcm', 'Schlüssel42', 'text', 'latin1', OO12, {}),
    ('hex-client-12-mbed-server', HEX, 'hex', 'text', ('openssl', 'mbed', '1.2', 'PSK-WITH-AES-128-GCM-SHA256'), {'suite_of_client': GCM}),
    ('text-client-12-mbed', HEX, 'text', 'hex', ('mbed', 'openssl', '1.2', 'PSK-WITH-AES-128-CCM-8'), {'suite_of_server': CCM8}),
    ('text-client-12-mosquitto', HEX, 'text', 'hex', ('openssl', 'mosquitto', '1.2', CCM), {}),
    ('uppercase-12-gcm', HEXUP, 'lower', 'text', OO12, {}),
    ('prefix-0x-12-cbc', '0x00c0ffee11', 'hex', 'text', ('openssl', 'openssl', '1.2', 'PSK-AES256-CBC-SHA'), {}),
    ('colons-12-gnutls', 'c0:ff:ee:11:de:ad', 'hex', 'text', ('gnutls', 'openssl', '1.2', 'PSK-AES128-CCM'), {}),
    ('leading-zeros-12-gcm', '0000c0ffee11deadbeef', 'no-zeros', 'hex', OO12, {}),
    ('quoted-server-12-chacha', 'olive-grove', 'text', 'quoted', ('openssl', 'openssl', '1.2', 'PSK-CHACHA20-POLY1305'), {}),
    ('two-candidates-12', WORD, 'newline', 'text', OO12, {'candidates': ['an older key', WORD]}),
    ('newline-12-nocand', WORD, 'newline', 'text', OO12, {'candidates': []}),
    ('base64-12-ccm-nocand', B64, 'base64', 'text', ('openssl', 'openssl', '1.2', CCM), {'candidates': []}),
    ('newline-13', WORD, 'newline', 'text', OO13, {}),
    ('nul-13-gnutls-server', 'kettle-9', 'nul', 'text', ('openssl', 'gnutls', '1.3', 'TLS_AES_128_GCM_SHA256'), {}),
    ('base64-13-gnutls', B64, 'base64', 'text', ('gnutls', 'openssl', '1.3', 'TLS_AES_128_GCM_SHA256'), {}),
    ('utf16-13', 'Wehr Nord', 'utf16le', 'text', OO13, {}),
    ('uppercase-13', HEXUP, 'text', 'lower', OO13, {}),
    ('prefix-0x-13', '0x00c0ffee11', 'text', 'hex', OO13, {}),
    ('hex-13-chacha', HEX, 'hex', 'text', ('openssl', 'openssl', '1.3', 'TLS_CHACHA20_POLY1305_SHA256'), {}),
    ('colons-13-nocand', 'c0:ff:ee:11:de:ad', 'hex', 'text', OO13, {'candidates': []}),
    ('dhe-psk-12-newline', WORD, 'newline', 'text', ('openssl', 'openssl', '1.2', 'DHE-PSK-AES128-GCM-SHA256'), {'grade': 'inferred', 'also_accept': [OTHER]}),
    ('ecdhe-psk-12-base64', B64, 'base64', 'text', ('openssl', 'openssl', '1.2', 'ECDHE-PSK-CHACHA20-POLY1305'), {'grade': 'inferred', 'also_accept': [OTHER]}),
]

DIFFER = [
    # name, candidates given, bytes of the client, bytes of the server, ends
    ('typo-12-gcm', ['harbour-lights'], b'harbor-lights', b'harbour-lights', OO12),
    ('swapped-digits-12-cbc', [HEX], bytes.fromhex('c0ffee11daedbeef'), bytes.fromhex(HEX), ('openssl', 'openssl', '1.2', CBC)),
    ('older-key-12-gnutls', ['valve-2026'], b'valve-2025', b'valve-2026', ('gnutls', 'openssl', '1.2', GCM)),
    ('other-12-mbed', ['5f1e22a9'], bytes.fromhex('5f1e22aa'), bytes.fromhex('5f1e22a9'), ('openssl', 'mbed', '1.2', 'PSK-WITH-AES-128-CBC-SHA256')),
    ('other-12-mosquitto-ccm', ['boiler room'], b'boiler-room', b'boiler room', ('openssl', 'mosquitto', '1.2', CCM8)),
    ('typo-12-nocand', [], b'harbor-lights', b'harbour-lights', OO12),
    ('typo-13', ['harbour-lights'], b'harbor-lights', b'harbour-lights', OO13),
    ('typo-13-gnutls-server', ['harbour-lights'], b'harbor-lights', b'harbour-lights', ('openssl', 'gnutls', '1.3', 'TLS_AES_128_GCM_SHA256')),
    ('other-13-gnutls-nocand', [], b'valve-2025', b'valve-2026', ('gnutls', 'openssl', '1.3', 'TLS_AES_128_GCM_SHA256')),
]

SAME = [
    ('ok-base64-12', B64, 'base64', ('openssl', 'openssl', '1.2', CCM8)),
    ('ok-newline-13', WORD, 'newline', OO13),
    ('ok-utf16-12-gnutls', 'Wehr Nord', 'utf16le', ('gnutls', 'openssl', '1.2', GCM)),
]

# The same key at both ends, and the path does harm: name, typed, ends, (way, rule), tap, cause's grade, also, grades, outcome, evidence
TAMPER, FLIP = 'tamper.in-flight', rules.flip_protected


def binder_bit(hello):
    hello.put(wire.PSK, wire.flip(hello.get(wire.PSK), -3))


BINDER = rules.on_hello(wire.CLIENT_HELLO, binder_bit)
DAMAGED = [
    ('damaged-fin-12', HEX, OO12, ('to_server', FLIP(0)), 'client', 'possible', [VALUE, OTHER], {VALUE: 'proved'}, 'failed', 'the Finished of the client opens with the hexadecimal reading, which the server holds too; the record was changed after the capture point'),
    ('damaged-fin-12-server-tap', HEX, ('gnutls', 'openssl', '1.2', GCM), ('to_server', FLIP(0)), 'server', 'inferred', [OTHER], {OTHER: 'inferred'}, 'failed', 'the Finished record of the client decrypts to a Finished with the hexadecimal reading, but its tag is wrong'),
    ('damaged-app-12', WORD, ('openssl', 'gnutls', '1.2', 'PSK-AES128-CBC-SHA'), ('to_server', FLIP(1)), 'client', 'proved', [], {}, 'late', 'the handshake completes; the application record opens with the key as captured, yet the server answers bad_record_mac'),
    ('damaged-app-12-server-tap', 'kettle-9', ('openssl', 'openssl', '1.2', CCM8), ('to_server', FLIP(1)), 'server', 'proved', [], {}, 'late', 'the handshake completes; the application record of the client does not authenticate with the key that opens its Finished'),
    ('damaged-binder-13', WORD, OO13, ('to_server', BINDER), 'client', 'possible', [VALUE, OTHER], {VALUE: 'proved'}, 'failed', 'the binder fits the text, which the server holds too; it was changed after the capture point'),
    ('damaged-binder-13-server-tap', WORD, ('openssl', 'gnutls', '1.3', 'TLS_AES_128_GCM_SHA256'), ('to_server', BINDER), 'server', 'possible', [OTHER], {OTHER: 'proved'}, 'failed', 'the binder as captured fits no reading; one bit of it was changed before the capture point'),
]


def damaged(name, typed, ends, change, tap, grade, also, grades, outcome, evidence):
    key = READINGS['hex' if typed == HEX else 'text'](typed)
    label = {'cause': TAMPER, 'side_at_fault': 'network', 'grade': grade, 'also_accept': also, 'grades': grades, 'outcome': outcome,
             'inputs': {'psk_candidates': [typed]}, 'evidence': evidence, 'tap': tap, change[0]: change[1]}
    run(name, key, key, ends, label)


def run(name, client_key, server_key, ends, label, suite_of_client=None, suite_of_server=None):
    client, server, tls, suite = ends
    identity = 'sensor-%04x' % (zlib.crc32(name.encode()) & 0xffff)   # tells nothing of the case
    rig.make('psk-' + name, server=SERVERS[server](server_key.hex(), identity, tls, suite_of_server or suite),
             client=CLIENTS[client](client_key.hex(), identity, tls, suite_of_client or suite), keys=label.pop('keys', None),
             send=b'level 3\n', timeout=5, **label)


def one(name, typed, of_client, of_server, ends, more):
    more = dict(more)
    candidates = more.pop('candidates', [typed])
    suites = {k: more.pop(k) for k in ('suite_of_client', 'suite_of_server') if k in more}
    how = 'the binder' if ends[2] == '1.3' else 'the Finished of the client'
    label = {'cause': VALUE, 'side_at_fault': 'config', 'grade': 'proved' if candidates else 'inferred', 'also_accept': [] if candidates else [OTHER],
             'inputs': {'psk_candidates': candidates} if candidates else {},
             'evidence': '%s typed at both ends; the client reads it as %s, the server as %s; %s fits %s' % (
                 repr(typed), of_client, of_server, how, 'that reading of the candidate' if candidates else 'no key, as no candidate is given')}
    if 'grade' in more:
        label['evidence'] = label['evidence'].split(';')[0] + '; the client reads it as %s, the server as %s; with an (EC)DHE share nothing can be recomputed' % (of_client, of_server)
    run(name, READINGS[of_client](typed), READINGS[of_server](typed), ends, dict(label, **more), **suites)


def differ(name, candidates, of_client, of_server, ends):
    suites = {'suite_of_client': CBC} if ends[1] == 'mbed' else {}
    label = {'cause': OTHER, 'side_at_fault': 'config', 'grade': 'proved' if candidates else 'inferred', 'also_accept': [] if candidates else [VALUE],
             'inputs': {'psk_candidates': candidates} if candidates else {},
             'evidence': 'the ends hold different keys; ' + ('no reading of the candidate, which is the key of the server, fits the client' if candidates else 'no candidate is given')}
    run('differs-' + name, of_client, of_server, ends, label, **suites)


def same(name, typed, reading, ends):
    key = READINGS[reading](typed)
    run(name, key, key, ends, {'cause': 'none', 'outcome': 'completed', 'side_at_fault': 'none', 'grade': 'observed', 'inputs': {'psk_candidates': [typed]},
                               'evidence': 'both ends read the typed string as ' + reading + '; the handshake completes'})


def cases():
    made = [('psk-' + row[0], lambda row=row: one(*row)) for row in ROWS]
    made += [('psk-differs-' + row[0], lambda row=row: differ(*row)) for row in DIFFER]
    made += [('psk-' + row[0], lambda row=row: damaged(*row)) for row in DAMAGED]
    return made + [('psk-' + row[0], lambda row=row: same(*row)) for row in SAME]
