"""Pre-shared keys: the same string read in two ways, different keys, unknown identities, a hash
that no suite has, a server without any key."""

from . import certs
from .run import table as of


def text(string):
    """The hexadecimal form of a text, as the options of most programs take keys."""
    return string.encode().hex()


def passwords(**keys):
    """A password file of GnuTLS: identity and key in hexadecimal."""
    def write():
        with open(certs.pki().path('psk-%s.txt' % '-'.join(keys)), 'w') as file:
            file.writelines('%s:%s\n' % pair for pair in keys.items())
    return write


def row(name, cause, server, client, words, grade='inferred', candidates=(), **more):
    kind = lambda end: (end[0], dict(args=end[1], **(end[2] if len(end) > 2 else {})))
    made = dict(name=name, cause=cause, server=kind(server), client=kind(client), evidence=words, grade=grade)
    made.setdefault('keys', False)
    if candidates:
        made['inputs'] = {'psk_candidates': list(candidates)}
    made.update(more)
    return made


def s_server(key, more='-tls1_2', identity='test'):
    return ('openssl', '-psk %s -psk_identity %s -nocert %s' % (key, identity, more))


def s_client(key, more='-tls1_2 -cipher PSK', identity='test'):
    return ('openssl', '-psk %s -psk_identity %s %s' % (key, identity, more))


def gnutls_server(key, priority, identity='test'):
    return ('gnutls', '--pskpasswd psk-%s.txt --priority %s' % (identity, priority)), [passwords(**{identity: key})]


PSK12 = 'NORMAL:-VERS-TLS1.3:+AES-128-CCM-8:-KX-ALL:+PSK:+DHE-PSK:+ECDHE-PSK'
PSK13 = 'NORMAL:-VERS-ALL:+VERS-TLS1.3:-KX-ALL:+PSK:+DHE-PSK:+ECDHE-PSK'
coffee, before = gnutls_server('c0ffee42', PSK12)
noccm, _ = gnutls_server('c0ffee42', PSK12.replace('+AES-128-CCM-8:', ''))
gnutls13, before13 = gnutls_server('0badcafe', PSK13, 'lamp')
ENCODING = ['psk.value.encoding']
DIFFERS = ['psk.value.differs']

ROWS = [
    # one string, two readings
    row('psk-hex-text-mbed-gnutls', 'psk.value.encoding', coffee, ('mbed', 'psk=%s suites=TLS-PSK-WITH-AES-128-CCM-8' % text('c0ffee42')),
        'the client Finished opens with the text of the candidate; the server holds the hexadecimal reading', 'proved', ['c0ffee42'],
        before=before, logs=True),
    row('psk-newline-openssl12', 'psk.value.encoding', s_server(text('open sesame')), s_client(text('open sesame\n'), '-tls1_2 -cipher PSK-CHACHA20-POLY1305'),
        'the client Finished opens with the text and a line feed', 'proved', ['open sesame']),
    row('psk-base64-openssl13', 'psk.value.encoding', s_server(text('c2VjcmV0IGJ1dCBsb25n'), '-tls1_3'),
        s_client(text('secret but long'), '-tls1_3'), 'the binder verifies with the base64 reading; the server holds the text', 'proved',
        ['c2VjcmV0IGJ1dCBsb25n'], logs=True),
    row('psk-nul-mbed-openssl', 'psk.value.encoding', s_server(text('lamp42')), ('mbed', 'psk=%s suites=TLS-PSK-WITH-AES-256-GCM-SHA384' % (text('lamp42') + '00')),
        'the client Finished opens with the text and a NUL', 'proved', ['lamp42'], form='sll'),
    row('psk-hex-text-gnutls13', 'psk.value.encoding', gnutls13, s_client(text('0badcafe'), '-tls1_3', 'lamp'),
        'the binder verifies with the text; the server holds the hexadecimal reading', 'proved', ['0badcafe'], before=before13, logs=True),
    row('psk-hex-text-ecdhe-mbed', 'psk.value.encoding', ('mbed', 'psk=deadbeef suites=TLS-ECDHE-PSK-WITH-AES-128-CBC-SHA256'),
        s_client(text('deadbeef'), '-tls1_2 -cipher ECDHE-PSK-AES128-CBC-SHA256'), 'ECDHE_PSK cannot be recomputed; bad_record_mac to the client Finished',
        'inferred', ['deadbeef'], also_accept=DIFFERS),
    row('psk-hex-text-dhe-nocand', 'psk.value.encoding', coffee, s_client(text('c0ffee42'), '-tls1_2 -cipher DHE-PSK-AES256-GCM-SHA384'),
        'no candidate; bad_record_mac to the client Finished', 'inferred', before=before, also_accept=DIFFERS),
    row('psk-text-hex-openssl-mbed-server', 'psk.value.encoding', ('mbed', 'psk=%s' % text('beef01')), s_client('beef01', '-tls1_2 -cipher PSK-AES128-GCM-SHA256'),
        'the client Finished opens with the hexadecimal reading; the server holds the text', 'proved', ['beef01'], host='192.0.2.10'),
    # different keys
    row('psk-differs-mbed-gnutls', 'psk.value.differs', coffee, ('mbed', 'psk=c0ffee43 suites=TLS-PSK-WITH-AES-128-GCM-SHA256'),
        'no reading of the candidate opens the client Finished', 'proved', ['c0ffee42'], before=before),
    row('psk-differs-gnutls13', 'psk.value.differs', gnutls13, s_client('0badcaff', '-tls1_3', 'lamp'),
        'no reading of the candidate verifies the binder', 'proved', ['0badcafe'], before=before13),
    row('psk-differs-two-candidates', 'psk.value.differs', s_server(text('winter2025')), s_client(text('winter2024'), '-tls1_2 -cipher PSK-AES256-CBC-SHA'),
        'the client Finished opens with the second candidate as text; the server holds the first', 'proved', ['winter2025', 'winter2024']),
    row('psk-differs-gnutls-mbed-nocand', 'psk.value.differs', ('mbed', 'psk=0102030405'), ('gnutls', '--pskusername test --pskkey 0102030406 --priority ' + PSK12),
        'no candidate; bad_record_mac to the client Finished', 'inferred', also_accept=ENCODING),
    row('psk-differs-openssl13-nocand', 'psk.value.differs', s_server('00112233', '-tls1_3'), ('gnutls', '--pskusername test --pskkey 00112234 --priority ' + PSK13),
        'no candidate; the server refuses a ClientHello with a binder', 'inferred', also_accept=ENCODING),
    # unknown identities
    row('psk-identity-mbed-openssl', 'psk.identity.unknown', ('mbed', 'psk=a1b2c3 psk_id=lamp-1'), s_client('a1b2c3', identity='lamp-2'),
        'alert unknown_psk_identity (115)', 'observed', ['a1b2c3'], logs=True),
    row('psk-identity-mbed-gnutls', 'psk.identity.unknown', ('mbed', 'psk=a1b2c3d4 psk_id=lamp-1'), ('gnutls', '--pskusername LAMP-1 --pskkey a1b2c3d4 --priority ' + PSK12),
        'alert unknown_psk_identity (115)', 'observed'),
    row('psk-identity-gnutls13', 'psk.identity.unknown', gnutls13, s_client('0badcafe', '-tls1_3', 'lamp7'),
        'the binder verifies with the candidate; a server that hides unknown identities answers as to a wrong binder', 'possible', ['0badcafe'],
        before=before13, also_accept=['psk.value.differs', 'psk.value.encoding'],
        grades={'psk.value.differs': 'inferred', 'psk.value.encoding': 'inferred'}),
    row('psk-identity-gnutls12-nocand', 'psk.identity.unknown', coffee, ('mbed', 'psk=c0ffee42 psk_id=tset suites=TLS-PSK-WITH-AES-256-CBC-SHA'),
        'no candidate; a server that hides unknown identities answers bad_record_mac (20)', 'possible', before=before,
        also_accept=['psk.value.differs', 'psk.value.encoding'], grades={'psk.value.differs': 'inferred', 'psk.value.encoding': 'inferred'}),
    # the hash
    row('psk-hash-openssl', 'psk.hash.mismatch', s_server('aa55aa55', '-tls1_3'), s_client('aa55aa55', '-tls1_3 -ciphersuites TLS_AES_256_GCM_SHA384'),
        'the binder has 32 bytes, the only suite has SHA-384', 'proved', ['aa55aa55'], logs=True),
    row('psk-hash-gnutls', 'psk.hash.mismatch', gnutls13, s_client('0badcafe', '-tls1_3 -ciphersuites TLS_AES_256_GCM_SHA384', 'lamp'),
        'the binder has 32 bytes, the only suite has SHA-384', 'proved', ['0badcafe'], before=before13),
    row('psk-hash-falls-back-ok', 'none', ('openssl', '-psk aa55aa55 -psk_identity test -ciphersuites TLS_AES_256_GCM_SHA384', {'cert': 'leaf'}),
        s_client('aa55aa55', '-tls1_3 -ciphersuites TLS_AES_256_GCM_SHA384'),
        'the PSK fits no suite offered; the server goes on with its certificate and the handshake completes', 'observed',
        outcome='completed', advice=['psk.hash.mismatch']),
    row('suite-psk-ccm-gnutls', 'suite.none-in-common', noccm, ('mbed', 'psk=c0ffee42 suites=TLS-PSK-WITH-AES-128-CCM-8'),
        'one PSK suite offered, which the server does not have', candidates=['c0ffee42'], also_accept=['psk.server-has-none'], before=before),
    row('psk-hash-gnutls-both', 'psk.hash.mismatch', ('gnutls', '--pskpasswd psk-test.txt --priority NORMAL:-VERS-ALL:+VERS-TLS1.3:-KX-ALL:+PSK:+DHE-PSK:-AES-128-GCM:-CHACHA20-POLY1305:-AES-128-CCM'),
        ('gnutls', '--pskusername test --pskkey c0ffee42 --priority NORMAL:-VERS-ALL:+VERS-TLS1.3:-KX-ALL:+PSK:+DHE-PSK:-AES-128-GCM:-CHACHA20-POLY1305:-AES-128-CCM'),
        'the binder has 32 bytes, the only suite of TLS 1.3 has SHA-384', 'proved', before=before),
    # a server without any key
    row('psk-none-go', 'psk.server-has-none', ('go', '-max 1.2', {'cert': 'rsaleaf'}), s_client('11223344', '-tls1_2 -cipher PSK-AES128-GCM-SHA256:PSK-AES256-CBC-SHA'),
        'only PSK suites offered; alert handshake_failure (40)', candidates=['11223344'], also_accept=['suite.none-in-common'], logs=True),
    row('psk-none-mbed', 'psk.server-has-none', ('mbed', '', {'cert': 'leaf'}), s_client('11223344', '-tls1_2 -cipher ECDHE-PSK-CHACHA20-POLY1305:PSK-CHACHA20-POLY1305'),
        'only PSK suites offered; alert handshake_failure (40)', also_accept=['suite.none-in-common']),
    row('psk-none-java', 'psk.server-has-none', ('java', '', {'cert': 'leaf'}), ('mbed', 'psk=010203 suites=TLS-PSK-WITH-AES-128-CCM-8,TLS-PSK-WITH-AES-128-CCM'),
        'only PSK suites offered; alert handshake_failure (40)', candidates=['010203'], also_accept=['suite.none-in-common']),
    # controls
    row('psk-ok-mbed-gnutls-ccm8', 'none', coffee, ('mbed', 'psk=c0ffee42 suites=TLS-PSK-WITH-AES-128-CCM-8 data=hello'), 'completes', 'observed', ['c0ffee42'],
        before=before, outcome='completed'),
    row('psk-ok-gnutls13', 'none', gnutls13, s_client('0badcafe', '-tls1_3', 'lamp'), 'completes', 'observed', ['0badcafe'], before=before13, outcome='completed',
        keys=None),
    row('psk-ok-rsa-psk', 'none', ('mbed', 'psk=a1b2c3 suites=TLS-RSA-PSK-WITH-AES-256-GCM-SHA384', {'cert': 'rsaleaf'}), s_client('a1b2c3', '-tls1_2 -cipher RSA-PSK-AES256-GCM-SHA384'),
        'completes with RSA_PSK', 'observed', ['a1b2c3'], outcome='completed', keys=None),
    row('psk-ok-ecdhe-openssl-mbed', 'none', ('mbed', 'psk=a1b2c3'), s_client('a1b2c3', '-tls1_2 -cipher ECDHE-PSK-AES256-CBC-SHA384'), 'completes', 'observed',
        outcome='completed', form='big'),
]


def cases():
    return of(ROWS)
