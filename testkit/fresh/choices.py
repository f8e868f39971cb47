"""Two ends without anything in common, policies, and pre-shared keys, between the peers of this folder."""
from peers.negotiation import HARD, but

from . import pki
from .pki import NAME
from .run import row, table

E, R, D, ER = ({'ca': 'f-%s.pem' % one, 'name': NAME} for one in ('e', 'r', 'd', 'er'))
V12, V13 = {'conf': ['ssl_protocols TLSv1.2']}, {'conf': ['ssl_protocols TLSv1.3']}
LOOSE = '-cipher ALL:@SECLEVEL=0'
N = {'keys': False}
STRICT = 'server { listen %s ssl; }'
ENCODING, DIFFERS = ['psk.value.encoding'], ['psk.value.differs']


def nginx(**more):
    conf = more.pop('conf', [])
    return ('nginx', '', dict(more, conf=conf))


def psk(key, identity='pump', **more):
    """Node with a key in hexadecimal."""
    return ('psk', '', {'more': dict({'psk': key, 'identity': identity, 'ciphers': 'PSK-AES256-GCM-SHA384:PSK-AES128-CBC-SHA256:@SECLEVEL=0', 'maxVersion': 'TLSv1.2'}, **more)})


def secrets(line):
    def write():
        with open(pki.pki().path('.secrets.txt'), 'w') as file:
            file.write(line + '\n')
    return [write]


def s_server(key, more='-tls1_2', identity='pump'):
    return ('openssl', '-psk %s -psk_identity %s -nocert %s' % (key, identity, more))


def text(string):
    return string.encode().hex()


STUNNEL = ('stunnel', '', {'conf': ['PSKsecrets = .secrets.txt', 'ciphers = PSK', 'sslVersion = TLSv1.2']})
LONG = 'correct-horse-battery-staple'
ROWS = [
    # versions
    row('version-aio13-haproxy12', 'version.none-in-common', ('haproxy', '', {'cert': 'e', 'bind': 'ssl-max-ver TLSv1.2'}), ('aio', 'low=1.3', E), 'only TLS 1.3 offered; alert protocol_version (70)', **N),
    row('version-curl11-stunnel', 'version.none-in-common', ('stunnel', '', {'cert': 'r', 'conf': ['sslVersionMin = TLSv1.2']}), ('curl', '--tlsv1.0 --tls-max 1.1 --ciphers ALL:@SECLEVEL=0', R), 'TLS 1.1 at most; alert protocol_version (70)', **N),
    row('version-wolf12-nginx13', 'version.none-in-common', nginx(cert='e', **V13), ('wolf', 'version=1.2', E), 'TLS 1.2 at most; alert protocol_version (70)', form='nano'),
    row('version-openssl12-wolf13', 'version.none-in-common', ('wolf', 'version=1.3', {'cert': 'e'}), ('openssl', '-tls1_2', E), 'TLS 1.2 at most; the server of TLS 1.3 refuses', 'observed', **N),
    # suites and keys
    row('suite-wolf-nginx', 'suite.none-in-common', nginx(cert='r', conf=['ssl_protocols TLSv1.2', 'ssl_ciphers ECDHE-RSA-CHACHA20-POLY1305']), ('wolf', 'version=1.2 suites=ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384', R),
        'two GCM suites offered', 'inferred', also_accept=but('suite.none-in-common')),
    row('suite-rsa-exchange-go', 'suite.none-in-common', ('go', '-max 1.2', {'cert': 'r'}), ('openssl', '-tls1_2 -cipher kRSA', R), 'only suites of RSA key exchange offered, which this server no longer has', 'inferred', also_accept=but('suite.none-in-common'), **N),
    row('suite-dhe-haproxy', 'suite.none-in-common', ('haproxy', '', {'cert': 'r', 'bind': 'ssl-max-ver TLSv1.2'}), ('aio', 'high=1.2 ciphers=DHE-RSA-AES128-SHA256:DHE-RSA-AES256-SHA', R), 'only DHE suites with CBC offered', 'inferred', also_accept=but('suite.none-in-common'), **N),
    row('suite-13-java-openssl', 'suite.none-in-common', ('openssl', '-tls1_3 -ciphersuites TLS_CHACHA20_POLY1305_SHA256', {'cert': 'e'}), ('java', 'protocols=TLSv1.3 suites=TLS_AES_128_GCM_SHA256', E), 'one suite of TLS 1.3 offered', 'inferred',
        also_accept=but('suite.none-in-common', 'suite.key-type'), **N),
    row('keytype-curl-nginx', 'suite.key-type', nginx(cert='r', **V12), ('curl', '--tls-max 1.2 --ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384', R), 'only suites that need an ECDSA key; the server has RSA', 'inferred', also_accept=but('suite.key-type'), **N),
    row('keytype-wolf-stunnel', 'suite.key-type', ('stunnel', '', {'cert': 'e'}), ('wolf', 'version=1.2 suites=ECDHE-RSA-AES128-GCM-SHA256', E), 'only a suite that needs an RSA key; the server has P-256', 'inferred', also_accept=but('suite.key-type')),
    row('group-curl-nginx', 'group.none-in-common', nginx(cert='r', conf=['ssl_protocols TLSv1.3', 'ssl_ecdh_curve X25519']), ('curl', '--curves P-521', R), 'only secp521r1 offered', 'inferred', also_accept=but('group.none-in-common'), **N),
    row('group-brainpool-stunnel', 'group.none-in-common', ('stunnel', '', {'cert': 'r', 'conf': ['curves = P-256:P-384']}), ('openssl', '-tls1_2 -curves brainpoolP512r1:brainpoolP384r1 -cipher ECDHE', R), 'only brainpool curves offered', 'inferred', also_accept=but('group.none-in-common'), **N),
    row('group-wolf-haproxy', 'group.none-in-common', ('haproxy', '', {'cert': 'r', 'bind': 'curves X25519'}), ('wolf', 'version=1.3 groups=24', R), 'only secp384r1 offered', 'inferred', also_accept=but('group.none-in-common')),
    row('sigalg-ed25519-server', 'sigalg.none-in-common', ('haproxy', '', {'cert': 'd'}), ('openssl', '-sigalgs ECDSA+SHA256:RSA-PSS+SHA256', D), 'the server has an Ed25519 key, ECDSA and RSA-PSS offered', 'inferred', also_accept=but('sigalg.none-in-common'), **N),
    row('sigalg-pss-server', 'sigalg.none-in-common', ('openssl', '-tls1_3', {'cert': 's'}), ('openssl', '-tls1_3 -sigalgs ed448:ed25519', {'ca': 'f-s.pem', 'name': NAME}), 'two Edwards curves offered to a server with an RSASSA-PSS key', 'inferred', also_accept=but('sigalg.none-in-common'), **N),
    # protocols and names
    row('alpn-node-nginx', 'alpn.none-in-common', nginx(cert='e', listen=' http2'), ('node', '', dict(E, more={'ALPNProtocols': ['mqtt', 'coap']})), 'alert no_application_protocol (120)', **N),
    row('alpn-aio-node', 'alpn.none-in-common', ('node', '', {'cert': 'e', 'more': {'ALPNProtocols': ['h2']}}), ('aio', 'alpn=http/1.0,irc', E), 'alert no_application_protocol (120)', form='sll', **N),
    row('sni-none-wolf-haproxy', 'sni.missing', ('haproxy', '', {'cert': 'e', 'bind': 'strict-sni'}), ('wolf', 'nosni=1', E), 'no server_name; alert unrecognized_name (112)'),
    row('sni-address-curl-haproxy', 'sni.missing', ('haproxy', '', {'cert': 'address', 'bind': 'strict-sni'}), ('curl', '', {'ca': 'f-r.pem', 'name': '127.0.0.1'}), 'an address is no server_name, so none is sent; alert unrecognized_name (112)', **N),
    row('sni-other-wolf-haproxy', 'sni.unrecognized', ('haproxy', '', {'cert': 'e', 'bind': 'strict-sni'}), ('wolf', '', dict(E, name='turbine-4.windpark.example')), 'alert unrecognized_name (112)'),
    row('sni-other-java-nginx', 'sni.unrecognized', ('nginx', '', {'cert': 'e', 'conf': ['ssl_reject_handshake on']}), ('java', '', dict(E, name='mast.windpark.example')), 'alert unrecognized_name (112)', **N),
    # policies
    row('policy-ems-wolf-java', 'policy.ems-required', ('java', 'protocols=TLSv1.2', {'cert': 'e', 'jvm': ['-Djdk.tls.allowLegacyMasterSecret=false']}), ('wolf', 'version=1.2 ems=0', E),
        'the client does not offer extended_master_secret; the server refuses', 'possible', also_accept=HARD, **N),
    row('policy-reneg-curl-gnutls', 'policy.renegotiation-info-required', ('gnutls', '--priority NORMAL:-VERS-TLS1.3:%DISABLE_SAFE_RENEGOTIATION', {'cert': 'r'}), ('curl', '', R), 'ServerHello lacks renegotiation_info; the client refuses', 'inferred', **N),
    row('ok-ems-java-wolf', 'none', ('wolf', 'version=1.2', {'cert': 'e'}), ('java', 'protocols=TLSv1.2 data=hello', dict(E, jvm=['-Djdk.tls.allowLegacyMasterSecret=false'])), 'a client that insists on extended_master_secret gets it', outcome='completed', **N),
    row('policy-dh1024-curl-openssl', 'policy.weak-dh', ('openssl', '-tls1_2 -dhparam dh1024.pem -cipher DHE:@SECLEVEL=0', {'cert': 'r'}), ('curl', '--tls-max 1.2 --ciphers DHE-RSA-AES128-GCM-SHA256', R), 'prime of 1024 bits; the client refuses', **N),
    row('policy-dh768-aio-mbed', 'policy.weak-dh', ('mbed', 'dh=dh768.pem min=1', {'cert': 'r'}), ('aio', 'high=1.2 ciphers=DHE-RSA-AES256-GCM-SHA384', R), 'prime of 768 bits; the client closes without an alert', also_accept=['transport.closed.by-client'], **N),
    row('policy-fallback-haproxy', 'policy.fallback-scsv', ('haproxy', '', {'cert': 'e'}), ('openssl', '-tls1_2 -fallback_scsv', E), 'TLS_FALLBACK_SCSV in the offer; alert inappropriate_fallback (86)', **N),
    row('policy-fallback-stunnel-10', 'policy.fallback-scsv', ('stunnel', '', {'cert': 'r', 'conf': ['ciphers = ALL:@SECLEVEL=0', 'sslVersionMin = TLSv1']}), ('openssl', '-tls1 -fallback_scsv ' + LOOSE, R), 'TLS_FALLBACK_SCSV in an offer of TLS 1.0; alert inappropriate_fallback (86)', **N),
    row('refused-nothing-wolf', 'refused.unexplained', ('command', '', {'argv': ['openssl', 's_server', '-accept', '{address}', '-nocert'], 'title': 'OpenSSL s_server without a certificate'}), ('wolf', '', E), 'usual offers, alert handshake_failure (40): the server has no certificate',
        'possible', also_accept=HARD[:5], **N),
    # pre-shared keys
    row('psk-text-hex-node', 'psk.value.encoding', s_server('c0de4a11b007'), psk(text('c0de4a11b007')), 'the Finished of the client opens with the text of the candidate; the server holds the hexadecimal reading', 'proved', inputs={'psk_candidates': ['c0de4a11b007']}, **N),
    row('psk-newline-node-stunnel', 'psk.value.encoding', STUNNEL, psk(text(LONG + '\n')), 'the Finished of the client opens with the text and a line feed', 'proved', before=secrets('pump:' + LONG), inputs={'psk_candidates': [LONG]}, **N),
    row('psk-text-hex-node-13', 'psk.value.encoding', s_server('feedface0042', '-tls1_3'), psk(text('feedface0042'), ciphers='TLS_AES_128_GCM_SHA256', maxVersion='TLSv1.3', minVersion='TLSv1.3'),
        'the binder verifies with the text; the server holds the hexadecimal reading', 'proved', inputs={'psk_candidates': ['feedface0042', 'winter']}, **N),
    row('psk-differs-node-stunnel', 'psk.value.differs', STUNNEL, psk(text('correct-horse-battery-stable')), 'no reading of the candidate opens the Finished of the client', 'proved', before=secrets('pump:' + LONG), inputs={'psk_candidates': [LONG]}, **N),
    row('psk-differs-node-nocand', 'psk.value.differs', s_server('aabb01'), psk('aabb02'), 'no candidate; bad_record_mac to the Finished of the client', 'inferred', also_accept=ENCODING, **N),
    row('psk-identity-node-stunnel', 'psk.identity.unknown', STUNNEL, psk(text(LONG), 'pump-2'), 'alert unknown_psk_identity (115)', before=secrets('pump:' + LONG), inputs={'psk_candidates': [LONG]}, **N),
    row('psk-none-node-nginx', 'psk.server-has-none', nginx(cert='r', **V12), psk('c0ffee'), 'only PSK suites offered; alert handshake_failure (40)', 'inferred', also_accept=['suite.none-in-common'], inputs={'psk_candidates': ['c0ffee']}, **N),
    row('psk-hash-node-13', 'psk.hash.mismatch', s_server('c0ffee77', '-tls1_3'), psk('c0ffee77', ciphers='TLS_AES_256_GCM_SHA384', maxVersion='TLSv1.3', minVersion='TLSv1.3'), 'the binder has 32 bytes, the only suite has SHA-384', 'proved', inputs={'psk_candidates': ['c0ffee77']}, **N),
    row('ok-psk-node-stunnel', 'none', STUNNEL, psk(text(LONG)), 'completes', before=secrets('pump:' + LONG), outcome='completed', inputs={'psk_candidates': [LONG]}),
    row('ok-psk-dhe-openssl', 'none', s_server('a1a2a3', '-tls1_2 -dhparam dh2048.pem'), ('openssl', '-psk a1a2a3 -psk_identity pump -tls1_2 -cipher DHE-PSK-CHACHA20-POLY1305', {'send': b'hello\n'}), 'completes with DHE_PSK', before=[lambda: pki.dh('dh2048.pem')], outcome='completed'),
    # several connections, one of which fails
    row('several-third-name', 'cert.name-mismatch', ('stunnel', '', {'cert': 'rsubleaf', 'conf': ['sslVersion = TLSv1.2']}), ('openssl', '', dict(R, send=b'hello\n')), 'two conversations complete, the third client expects another name, as its server_name tells', 'proved', give='r',
        then=[('wolf', '', R), ('go', '', dict(R, name='turbine-9.windpark.example'))], **N),
    row('several-first-alpn', 'alpn.none-in-common', ('node', '', {'cert': 'e', 'more': {'ALPNProtocols': ['h2', 'http/1.1']}}), ('openssl', '-alpn spdy/1', E), 'the first client is refused for its protocol, two others complete',
        then=[('curl', '--http0.9 -m 1', E), ('aio', 'alpn=h2', E)], **N),
    row('several-second-mutual', 'client-cert.missing', ('haproxy', '', {'cert': 'e', 'ca': 'f-e.pem', 'bind': 'verify required ssl-max-ver TLSv1.2'}), ('wolf', '', dict(E, cert='op')), 'the second client has no certificate; the others do',
        then=[('curl', '', E), ('curl', '', dict(E, cert='op521'))], **N),
]


def cases():
    return table(ROWS)
