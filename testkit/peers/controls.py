"""Handshakes that complete, or that only look odd: what nobody should call a failure."""
from . import certs
from .run import table as of

BOTH = {'ca': 'p-root.pem', 'name': 'localhost'}
EC = {'ca': 'p-ecroot.pem', 'name': 'localhost'}
LOOSE = '-cipher ALL:@SECLEVEL=0'


def row(name, server, client, words, **more):
    kind = lambda end: (end[0], dict(args=end[1], **(end[2] if len(end) > 2 else {})))
    then = [kind(one) for one in more.pop('then', [])]
    return dict(dict(name=name, cause='none', server=kind(server), client=kind(client), evidence=words, grade='observed', outcome='completed',
                     then=then), **more)


def given(name='localhost', roots='p-root.pem', **more):
    return dict({'expect': name, 'roots': roots, 'clock': True}, **more)


ROWS = [
    # versions, suites, key types
    row('ok-13-go-rustls', ('go', '', {'cert': 'chained'}), ('deno', '', dict(BOTH, more={'data': 'hello'})), 'TLS 1.3 with an intermediate', **given()),
    row('ok-13-rustls-java', ('deno', '', {'cert': 'rsaleaf'}), ('java', 'data=hello', BOTH), 'TLS 1.3', **given()),
    row('ok-12-java-gnutls-nokeys', ('java', 'protocols=TLSv1.2', {'cert': 'rsaleaf'}), ('gnutls', '', dict(BOTH, send=b'hello\n')), 'TLS 1.2', keys=False, form='sll'),
    row('ok-13-node-bssl', ('node', '', {'cert': 'leaf'}), ('bssl', '', dict(BOTH, send=b'hello\n')), 'TLS 1.3, data, and the client goes without close_notify'),
    row('ok-12-mbed-node', ('mbed', '', {'cert': 'p384leaf'}), ('node', '', dict(EC, more={'data': 'hello'})), 'TLS 1.2 with P-384', **given(roots='p-ecroot.pem')),
    row('ok-13-p521', ('openssl', '', {'cert': 'p521leaf'}), ('go', '-data hello', EC), 'TLS 1.3 with a P-521 certificate'),
    row('ok-13-ed25519', ('openssl', '', {'cert': 'edleaf'}), ('openssl', '', {'ca': 'p-edroot.pem', 'name': 'localhost'}), 'TLS 1.3 with Ed25519', **given(roots='p-edroot.pem')),
    row('ok-13-pss', ('openssl', '', {'cert': 'pssleaf'}), ('gnutls', '', BOTH), 'TLS 1.3 with an RSASSA-PSS key'),
    row('ok-13-ccm8', ('openssl', '-ciphersuites TLS_AES_128_CCM_8_SHA256', {'cert': 'leaf'}), ('openssl', '-ciphersuites TLS_AES_128_CCM_8_SHA256', BOTH), 'TLS 1.3 with CCM_8'),
    row('ok-12-rsa-exchange', ('openssl', '-tls1_2 -cipher AES256-GCM-SHA384', {'cert': 'rsaleaf'}), ('openssl', '-tls1_2 -cipher AES256-GCM-SHA384', BOTH), 'RSA key exchange', form='nano'),
    row('ok-12-rsa-exchange-mbed-nokeys', ('mbed', 'suites=TLS-RSA-WITH-AES-256-CBC-SHA', {'cert': 'rsaleaf'}), ('gnutls', '--priority NORMAL:-VERS-TLS1.3', dict(BOTH, send=b'hello\n')),
        'RSA key exchange, CBC with encrypt-then-MAC', keys=False),
    row('ok-12-cbc-no-etm', ('mbed', 'etm=0 suites=TLS-ECDHE-RSA-WITH-AES-128-CBC-SHA', {'cert': 'rsaleaf'}), ('openssl', '-tls1_2', BOTH), 'CBC, encrypt-then-MAC not taken up'),
    row('ok-12-cbc-sha384-java', ('java', 'protocols=TLSv1.2 suites=TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384', {'cert': 'leaf'}), ('mbed', 'data=hello', BOTH), 'CBC with SHA-384'),
    row('ok-12-dhe', ('openssl', '-tls1_2 -cipher DHE-RSA-AES256-GCM-SHA384', {'cert': 'rsaleaf'}), ('gnutls', '--priority NORMAL:-VERS-TLS1.3:-KX-ALL:+DHE-RSA', BOTH), 'DHE with a large prime'),
    row('ok-12-camellia', ('mbed', 'suites=TLS-ECDHE-ECDSA-WITH-CAMELLIA-128-GCM-SHA256', {'cert': 'leaf'}), ('gnutls', '--priority NORMAL:-VERS-TLS1.3:+CAMELLIA-128-GCM', dict(BOTH, send=b'hello\n')), 'a suite that few use'),
    row('ok-11-openssl', ('openssl', '-tls1_1 ' + LOOSE, {'cert': 'rsaleaf'}), ('openssl', '-tls1_1 ' + LOOSE, BOTH), 'TLS 1.1'),
    row('ok-10-mbed-openssl', ('openssl', '-tls1 ' + LOOSE, {'cert': 'rsaleaf'}), ('mbed', 'min=1 max=1 data=hello noread=1', BOTH), 'TLS 1.0', form='big'),
    row('ok-10-nokeys-ipv6', ('mbed', 'min=1', {'cert': 'rsaleaf'}), ('openssl', '-tls1 ' + LOOSE, dict(BOTH, send=b'hello\n')), 'TLS 1.0 over IPv6', keys=False, host='2001:db8::10'),
    row('ok-fallback-scsv-same-version', ('openssl', '-tls1_2', {'cert': 'leaf'}), ('mbed', 'fallback=1 data=hello noread=1', BOTH), 'TLS_FALLBACK_SCSV, but the server knows no more either'),
    row('ok-alpn', ('go', '-alpn h2,http/1.1', {'cert': 'leaf'}), ('curl', '', BOTH), 'ALPN agreed; the server echoes what the client sent', keys=None),
    # shapes of TLS 1.3
    row('ok-hrr-openssl', ('openssl', '-curves P-384', {'cert': 'leaf'}), ('openssl', '-groups X25519:P-384', BOTH), 'HelloRetryRequest', **given()),
    row('ok-hrr-go-gnutls-nokeys', ('go', '-curves 25', {'cert': 'leaf'}), ('gnutls', '', BOTH), 'HelloRetryRequest to P-521', keys=False),
    row('ok-hrr-mutual-java', ('java', 'need=1', {'cert': 'leaf', 'ca': 'p-root.pem', 'jvm': ['-Djdk.tls.namedGroups=secp384r1']}), ('openssl', '', dict(BOTH, cert='client', send=b'hello\n')),
        'HelloRetryRequest and a client certificate', form='vlan'),
    row('ok-keyupdate', ('openssl', '', {'cert': 'leaf'}), ('openssl', '', dict(BOTH, send=[b'hello\n', b'K\n', b'again\n', b'k\n', b'and again\n'])), 'KeyUpdate, asked for and not'),
    row('ok-no-middlebox', ('openssl', '-no_middlebox', {'cert': 'rsaleaf'}), ('openssl', '-no_middlebox', BOTH), 'TLS 1.3 without session id and change_cipher_spec', form='raw'),
    row('ok-13-no-tickets', ('openssl', '-num_tickets 0', {'cert': 'leaf'}), ('python', 'data=hello', BOTH), 'TLS 1.3 without tickets; nothing comes back until the close'),
    row('ok-early-data', ('gnutls', '--earlydata', {'cert': 'leaf'}), ('gnutls', '-r --earlydata leaf.pem --waitresumption', BOTH), 'resumed with early data', timeout=6),
    # more than one connection
    row('ok-resumed-13-go', ('openssl', '', {'cert': 'chained'}), ('go', '-connections 2 -data hello', BOTH), 'two connections, the second resumed', **given()),
    row('ok-resumed-12-go', ('go', '-max 1.2', {'cert': 'rsaleaf'}), ('go', '-connections 3 -data hello', BOTH), 'three connections, two by ticket'),
    row('ok-resumed-12-id-gnutls', ('gnutls', '--priority NORMAL:-VERS-TLS1.3 --noticket', {'cert': 'leaf'}), ('gnutls', '-r --noticket', BOTH), 'two connections, the second by session id', keys=False),
    row('ok-resumed-13-python', ('python', '', {'cert': 'leaf'}), ('python', 'connections=2 data=hello', BOTH), 'two connections, the second resumed', form='sll'),
    row('ok-two-peers', ('openssl', '', {'cert': 'rsaleaf'}), ('openssl', '', BOTH), 'two conversations of different clients', then=[('gnutls', '', BOTH)]),
    row('two-second-fails-name', ('openssl', '-tls1_2', {'cert': 'leaf'}), ('openssl', '', BOTH), 'the first conversation completes, the second client expects another name',
        then=[('go', '', {'ca': 'p-root.pem', 'name': 'shop.example'})], cause='cert.name-mismatch', outcome='failed', grade='inferred', roots='p-root.pem'),
    row('two-first-fails-version', ('java', 'protocols=TLSv1.3', {'cert': 'leaf'}), ('openssl', '-tls1_2', BOTH), 'the first client is refused for its version, the second completes',
        then=[('openssl', '', BOTH)], cause='version.none-in-common', outcome='failed', keys=False),
    row('two-both-fail-ca', ('go', '-max 1.2', {'cert': 'stranger'}), ('openssl', '', BOTH), 'two clients refuse the same unknown issuer', then=[('mbed', '', BOTH)],
        cause='cert.unknown-issuer', outcome='failed', grade='proved', also_accept=['cert.missing-intermediate'], grades={'cert.missing-intermediate': 'possible'}, **given()),
    row('three-probe-fail-ok', ('mbed', '', {'cert': 'leaf'}), ('openssl', '-tls1_3', BOTH), 'one client is refused for its version, one for its suites, one completes',
        then=[('python', 'ciphers=aRSA', BOTH), ('openssl', '', BOTH)], cause='version.none-in-common', outcome='failed', grade='inferred', keys=False,
        also_accept=['suite.key-type', 'suite.none-in-common']),
    # renegotiation, warnings, closes
    row('ok-renegotiated-openssl', ('openssl', '-tls1_2 -client_renegotiation', {'cert': 'leaf'}), ('openssl', '', dict(BOTH, send=[b'hello\n', b'R\n', b'again\n'])), 'a second handshake inside the first', logs=True),
    row('ok-renegotiated-mbed-nokeys', ('mbed', 'reneg=1', {'cert': 'leaf'}), ('mbed', 'reneg=1 renegotiate=1 data=hello', BOTH), 'a second handshake inside the first', keys=False),
    row('ok-warning-name', ('openssl', '-tls1_2 -servername shop.example -cert2 elsewhere.pem -key2 elsewhere.key', {'cert': 'leaf'}), ('gnutls', '', BOTH),
        'the server warns of the name (unrecognized_name as a warning) and goes on'),
    row('ok-abrupt-python', ('openssl', '-rev', {'cert': 'leaf'}), ('python', 'data=hello abrupt=1', BOTH), 'data both ways, then the client closes without close_notify'),
    row('ok-abrupt-go-server', ('go', '-abrupt -max 1.2', {'cert': 'rsaleaf'}), ('openssl', '', dict(BOTH, send=b'hello\n')), 'data both ways, the server closes without close_notify', keys=False),
    row('ok-abrupt-node', ('gnutls', '', {'cert': 'leaf'}), ('node', '', dict(BOTH, more={'data': 'hello', 'abrupt': True})), 'data both ways, then the client closes without close_notify', form='null'),
    row('ok-killed-client', ('gnutls', '', {'cert': 'leaf'}), ('mbed', 'data=hello', BOTH), 'data of the client, which is then ended from outside; the server complains to nobody'),
    # chains and names
    row('ok-deep-java', ('openssl', '', {'cert': 'deep'}), ('java', 'data=hello', BOTH), 'a chain of four', **given()),
    row('ok-deep-gnutls12', ('go', '-max 1.2', {'cert': 'deep'}), ('gnutls', '', BOTH), 'a chain of four', keys=False, **given()),
    row('ok-with-root', ('openssl', '-tls1_2', {'cert': 'withroot'}), ('curl', '', BOTH), 'the root is sent too', **given()),
    row('ok-ip-san', ('gnutls', '', {'cert': 'ipleaf'}), ('go', '-data hello', {'ca': 'p-root.pem', 'name': '192.0.2.10'}), 'the name is an address, and in the certificate',
        host='192.0.2.10', **given(name='192.0.2.10')),
    row('ok-wildcard', ('openssl', '', {'cert': 'rsaleaf'}), ('java', 'data=hello', {'ca': 'p-root.pem', 'name': 'mail.lab.example'}), 'a wildcard fits', **given(name='mail.lab.example')),
    row('ok-self-signed-anchor', ('openssl', '-tls1_2', {'cert': 'selfsigned'}), ('mbed', 'data=hello noread=1', {'ca': 'p-selfsigned.pem', 'name': 'localhost'}), 'self-signed, and itself the anchor',
        **given(roots='p-selfsigned.pem')),
    row('ok-pinned', ('go', '', {'cert': 'pin1'}), ('go', '-insecure -pin pin1.pem -data hello', {'name': 'printer'}), 'the pinned certificate', **given(name='printer', roots='p-pin1.pem')),
    row('ok-crl-java', ('openssl', '', {'cert': 'leaf'}), ('java', 'data=hello crl=root.crl.pem', BOTH), 'the list of revoked certificates does not have this one', before=[lambda: certs.crl('root', 'revoked', 'clientrevoked', 'clientrevokedrsa')]),
    # what this client tolerates
    row('tolerates-expired-curl', ('openssl', '-tls1_2', {'cert': 'expired'}), ('curl', '-k', BOTH), 'expired; the client does not verify', advice=['cert.expired'], **given()),
    row('tolerates-name-openssl', ('go', '', {'cert': 'elsewhere'}), ('openssl', '', {'ca': 'p-root.pem', 'sni': 'localhost'}), 'for another name; the client does not compare', advice=['cert.name-mismatch'], **given()),
    row('tolerates-ca-mbed', ('go', '', {'cert': 'stranger'}), ('mbed', 'auth=optional data=hello', BOTH), 'unknown issuer; the client goes on', advice=['cert.unknown-issuer', 'cert.missing-intermediate'], **given()),
    row('tolerates-selfsigned-go', ('openssl', '', {'cert': 'selfrsa'}), ('go', '-insecure -data hello', {'name': 'localhost'}), 'self-signed; the client does not verify', advice=['cert.self-signed', 'cert.unknown-issuer'], **given()),
    row('tolerates-cnonly-curl', ('openssl', '', {'cert': 'cnonly'}), ('curl', '', BOTH), 'no subjectAltName; the client reads the common name', advice=['cert.no-san'], **given()),
    row('tolerates-sha1-python', ('openssl', '-tls1_2 ' + LOOSE, {'cert': 'sha1'}), ('python', 'check=0 data=hello', {'name': 'localhost'}), 'signed with SHA-1; the client does not verify', advice=['cert.weak-signature'], **given()),
    row('tolerates-ku-go', ('openssl', '-tls1_2', {'cert': 'kuencipher'}), ('go', '-data hello', BOTH), 'keyUsage without digitalSignature; the client does not look', advice=['cert.key-usage'], **given()),
    # other protocols
    row('ok-starttls-smtp', ('starttls', 'proto=smtp', {'cert': 'leaf'}), ('openssl', '-starttls smtp', dict(BOTH, send=b'EHLO me\r\n')), 'SMTP, then TLS'),
    row('ok-starttls-imap', ('starttls', 'proto=imap', {'cert': 'rsaleaf'}), ('openssl', '-starttls imap', dict(BOTH, send=b'. NOOP\r\n')), 'IMAP, then TLS', keys=False),
    row('ok-starttls-smtp-gnutls', ('starttls', 'proto=smtp', {'cert': 'leaf'}), ('gnutls', '--starttls-proto=smtp', dict(BOTH, send=b'QUIT\r\n')), 'SMTP, then TLS', form='sll'),
    row('ok-mqtt-mutual', ('mosquitto', '', {'cert': 'rsaleaf', 'ca': 'p-root.pem', 'conf': ['require_certificate true', 'log_type all']}), ('mosquitto_pub', '', dict(BOTH, cert='client')),
        'MQTT over TLS with a client certificate', logs=True),
    row('ok-https-page', ('openssl', '-www', {'cert': 'leaf'}), ('curl', '', BOTH), 'a request and a page'),
    row('ok-no-sni', ('gnutls', '', {'cert': 'leaf'}), ('openssl', '', {'ca': 'p-root.pem'}), 'no server_name, which nobody minds'),
    row('ok-record-size-limit', ('gnutls', '--recordsize 600', {'cert': 'deep'}), ('gnutls', '--recordsize 512', dict(BOTH, send=b'hello\n')), 'record_size_limit at both ends'),
    row('ok-mfl-java', ('java', '', {'cert': 'chainedrsa', 'jvm': ['-Djsse.enableMFLNExtension=true']}), ('openssl', '-maxfraglen 512', dict(BOTH, send=b'hello\n')), 'max_fragment_length 512'),
]


def cases():
    return of(ROWS)
