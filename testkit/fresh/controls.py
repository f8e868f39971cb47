"""Controls: handshakes that complete and yet have an odd shape."""
from . import pki
from .pki import NAME
from .run import ok, table

LOOSE = '-cipher ALL:@SECLEVEL=0'
E, R, D, S, B = ({'ca': 'f-%s.pem' % one, 'name': NAME} for one in 'erdsb')
HELLO = {'send': b'hello\n'}

ROWS = [
    # other peers
    ok('ok-wolf-stunnel-13-nokeys', ('stunnel', '', {'cert': 'rsubleaf'}), ('wolf', '', R), 'wolfSSL and stunnel, TLS 1.3', give='nrc'),
    ok('ok-wolf-nginx-12-nokeys', ('nginx', '', {'cert': 'e', 'conf': ['ssl_protocols TLSv1.2']}), ('wolf', '', dict(E, args='version=1.2')), 'wolfSSL and nginx, TLS 1.2; the page that comes back says 400'),
    ok('ok-aio-wolf-13', ('wolf', '', {'cert': 'e384'}), ('aio', '', E), 'asyncio and wolfSSL, a P-384 leaf under a P-521 root', give='nrc'),
    ok('ok-stunnel-both-mutual-nokeys', ('stunnel', '', {'cert': 'rsubleaf', 'ca': 'f-r.pem', 'conf': ['verifyChain = yes']}),
       ('stunnel', '', dict(R, cert='oprsa', conf=['verifyChain = yes'])), 'stunnel at both ends with client certificates', give='nr'),
    ok('ok-haproxy-node-mutual', ('haproxy', '', {'cert': 'deepest', 'ca': 'f-e.pem', 'bind': 'verify required'}), ('node', '', dict(E, cert='op', more={'data': 'GET / HTTP/1.0\r\n\r\n'})),
       'a chain of four, mutual', give='nrc'),
    ok('ok-java-aio', ('aio', '', {'cert': 'deeprsa'}), ('java', 'data=hello', E), 'Java and asyncio, a chain of four', give='nrc'),
    ok('ok-h2-curl-nginx', ('nginx', '', {'cert': 'r', 'listen': ' http2'}), ('curl', '', R), 'HTTP/2 over TLS 1.3'),
    # old and odd suites
    ok('ok-10-dhe-cbc', ('openssl', '-tls1 -dhparam dh2048.pem -cipher DHE-RSA-AES256-SHA:@SECLEVEL=0', {'cert': 'r'}), ('openssl', '-tls1 ' + LOOSE, dict(R, **HELLO)), 'TLS 1.0, DHE and CBC'),
    ok('ok-11-ecdhe-ecdsa', ('openssl', '-tls1_1 ' + LOOSE, {'cert': 'e384'}), ('aio', 'low=1.1 high=1.1 ciphers=ALL:@SECLEVEL=0', E), 'TLS 1.1 with ECDSA', give='nrc'),
    ok('ok-11-rsa-exchange-nokeys', ('openssl', '-tls1_1 -cipher AES128-SHA:@SECLEVEL=0', {'cert': 'rsubleaf'}), ('curl', '--tls-max 1.1 --tlsv1.0 --ciphers ALL:@SECLEVEL=0', R), 'TLS 1.1, RSA key exchange', keys=False, give='nrc', form='null'),
    ok('ok-12-anonymous', ('openssl', '-tls1_2 -nocert -dhparam dh2048.pem -cipher ADH-AES256-GCM-SHA384:@SECLEVEL=0', {}), ('openssl', '-tls1_2 -cipher aNULL:@SECLEVEL=0', HELLO), 'anonymous DH: no certificate at all'),
    ok('ok-12-anonymous-ec-nokeys', ('openssl', '-tls1_2 -nocert -cipher AECDH-AES128-SHA:@SECLEVEL=0', {}), ('openssl', '-tls1_2 -cipher aNULL:@SECLEVEL=0', HELLO), 'anonymous ECDH: ServerKeyExchange without a signature', keys=False),
    ok('ok-12-null-cipher', ('openssl', '-tls1_2 -cipher ECDHE-RSA-NULL-SHA:@SECLEVEL=0', {'cert': 'r'}), ('openssl', '-tls1_2 -cipher eNULL:@SECLEVEL=0', dict(R, **HELLO)), 'a suite that does not encrypt'),
    ok('ok-12-ccm8-x448', ('openssl', '-tls1_2 -cipher ECDHE-ECDSA-AES256-CCM8:@SECLEVEL=0 -curves X448', {'cert': 'e'}), ('openssl', '-tls1_2 -curves X448:P-256 ' + LOOSE, dict(E, **HELLO)), 'CCM_8 and x448'),
    ok('ok-12-aria', ('openssl', '-tls1_2 -cipher ECDHE-ARIA256-GCM-SHA384', {'cert': 'r'}), ('openssl', '-tls1_2 -cipher ARIA', dict(R, **HELLO)), 'ARIA, which few know', keys='server'),
    # other keys
    ok('ok-12-brainpool', ('openssl', '-tls1_2 -curves brainpoolP256r1:P-256', {'cert': 'b'}), ('openssl', '-tls1_2 -curves brainpoolP256r1:brainpoolP384r1:P-256 -sigalgs ECDSA+SHA256:ECDSA+SHA384', dict(B, **HELLO)), 'a brainpool key under a brainpool root', give='nrc'),
    ok('ok-12-ed25519-nokeys', ('openssl', '-tls1_2', {'cert': 'd'}), ('aio', 'high=1.2', D), 'Ed25519 in TLS 1.2', keys=False, give='nrc'),
    ok('ok-12-pss-chain', ('openssl', '-tls1_2', {'cert': 's'}), ('openssl', '-tls1_2', dict(S, **HELLO)), 'an RSASSA-PSS key, signed by one', give='nrc'),
    ok('ok-13-e521-mutual-521', ('openssl', '-Verify 2', {'cert': 'e521', 'ca': 'f-e.pem'}), ('gnutls', '', dict(E, cert='op521', **HELLO)), 'P-521 at both ends'),
    ok('ok-12-mutual-ed25519-rsa4096', ('openssl', '-tls1_2 -Verify 2', {'cert': 'r4096', 'ca': 'f-d.pem'}), ('openssl', '', dict(R, cert='oped', **HELLO)), 'RSA of 4096 bits at one end, Ed25519 at the other', roots='f-all.pem', give='nrc'),
    # HelloRetryRequest and other shapes of TLS 1.3
    ok('ok-hrr-wolf-nokeys', ('openssl', '-curves P-384', {'cert': 'e'}), ('wolf', 'hrr=1', E), 'a client without any key share: HelloRetryRequest', keys=False, give='n'),
    ok('ok-tolerates-past-wolf', ('stunnel', '', {'cert': 'past', 'conf': ['sslVersion = TLSv1.2']}), ('wolf', 'version=1.2 auth=none', E), 'expired, under three CAs; this client does not verify', advice=['cert.expired'], give='nrc'),
    ok('ok-13-early-refused', ('openssl', '-early_data -max_early_data 4096', {'cert': 'e'}), ('openssl', '-sess_out .early2', dict(E, hold=0.8, **HELLO)),
       'early data for a ticket that the server, started anew, cannot read: it skips them and does a full handshake', restart=True,
       then=[('openssl', '-sess_in .early2 -early_data e.pem', dict(E, **HELLO))], expect_log='(?i)early data was (rejected|not)'),
    ok('ok-hrr-ffdhe', ('gnutls', '--priority NORMAL:-GROUP-ALL:+GROUP-FFDHE3072', {'cert': 'r'}), ('openssl', '-groups X25519:ffdhe3072', dict(R, **HELLO)), 'HelloRetryRequest to a finite field group'),
    ok('ok-hrr-mutual-haproxy', ('haproxy', '', {'cert': 'e', 'ca': 'f-e.pem', 'bind': 'verify required curves P-521'}), ('go', '-data GET', dict(E, cert='opdeep')), 'HelloRetryRequest and a client certificate under three CAs', give='nrc'),
    ok('ok-13-early-taken', ('openssl', '-early_data -max_early_data 4096 -no_anti_replay', {'cert': 'e'}),
       ('command', '', {'argv': ['sh', '-c', '(echo hello; sleep 0.6) | openssl s_client -connect {address} -servername %s -CAfile f-e.pem -sess_out .early; '
                                 'printf early > .early.txt; (sleep 0.6) | openssl s_client -connect {address} -servername %s -CAfile f-e.pem -sess_in .early -early_data .early.txt '
                                 '-groups P-384 -keylogfile {keylog}' % (NAME, NAME)], 'title': 'OpenSSL s_client, twice', 'timeout': 8}),
       'resumed with early data', expect_log='(?i)early data was'),
    ok('ok-13-asks-later', ('openssl', '-verify 2', {'cert': 'e', 'ca': 'f-e.pem', }), ('openssl', '-enable_pha', dict(E, cert='op', **HELLO)), 'a client that offers post_handshake_auth'),
    ok('ok-status-stapled', ('openssl', '-status_file .ocsp.der', {'cert': 'r'}), ('openssl', '-status', dict(R, **HELLO)), 'a certificate status is stapled', before=[lambda: staple()]),
    # resumption that does not come about
    ok('ok-resume-forgotten-13', ('openssl', '', {'cert': 'e'}), ('openssl', '-sess_out .forgot13', dict(E, hold=0.8, **HELLO)),
       'the second connection offers a ticket that the server, started anew, cannot read: a full handshake', restart=True, then=[('openssl', '-sess_in .forgot13', dict(E, **HELLO))], give='nrc'),
    ok('ok-resume-forgotten-12', ('openssl', '-tls1_2', {'cert': 'rsubleaf'}), ('openssl', '-sess_out .forgot12', dict(R, **HELLO)),
       'the second connection offers a ticket that the server, started anew, cannot read: a full handshake', restart=True, then=[('openssl', '-sess_in .forgot12', dict(R, **HELLO))], keys=False, give='nr'),
    ok('ok-resume-id-unknown-12', ('openssl', '-tls1_2 -no_ticket', {'cert': 'r'}), ('openssl', '-no_ticket -sess_out .forgotid', dict(R, **HELLO)),
       'the second connection offers a session id that the server, started anew, does not know', restart=True, then=[('openssl', '-no_ticket -sess_in .forgotid', dict(R, **HELLO))]),
    ok('ok-resumed-wolf-nginx-nokeys', ('nginx', '', {'cert': 'r', 'conf': ['ssl_protocols TLSv1.2', 'ssl_session_cache builtin', 'ssl_session_tickets off']}), ('wolf', 'version=1.2 count=2 resume=1', R),
       'two connections, the second resumed by session id'),
    ok('ok-resumed-java-stunnel-nokeys', ('stunnel', '', {'cert': 'e'}), ('java', 'count=3 data=hello', E), 'three connections of one client, two of them resumed'),
    # names and chains
    ok('ok-wildcard-deep', ('nginx', '', {'cert': 'wild'}), ('aio', '', {'ca': 'f-e.pem', 'name': 'mast-11.windpark.example'}), 'a wildcard under three CAs', give='nrc'),
    ok('ok-address6-haproxy', ('haproxy', '', {'cert': 'address'}), ('python', 'data=GET', {'ca': 'f-r.pem', 'name': '2001:db8::10'}), 'the name is an address of IPv6', host='2001:db8::10', give='nrc'),
    ok('ok-many-names', ('gnutls', '', {'cert': 'manynames'}), ('curl', '--http0.9', R), 'sixty names in one certificate', give='nrc'),
    ok('ok-anchor-below-root', ('openssl', '-tls1_2', {'cert': 'deepest'}), ('openssl', '-partial_chain', dict(E, ca='f-isub2.pem', **HELLO)), 'the anchor is an intermediate CA', keys=False, give='nrc'),
    ok('ok-constrained-name-inside', ('openssl', '-tls1_2', {'cert': 'fits'}), ('go', '-data hello', R), 'the CA has name constraints, and the name is inside', give='nrc'),
    ok('ok-case-of-name', ('nginx', '', {'cert': 'e'}), ('openssl', '', dict(E, name='TURBINE-3.Windpark.example', send=b'GET /\n')), 'the name in other letters', give='nrc'),
    ok('ok-odd-order-gnutls-nokeys', ('openssl', '-tls1_2', {'cert': 'shuffled'}), ('gnutls', '--priority NORMAL:-VERS-TLS1.3', dict(E, **HELLO)), 'the intermediates in the wrong order, which this client sorts', keys=False, advice=['cert.chain-order'], give='nrc'),
    # ends
    ok('ok-aborted-after-data', ('go', '-max 1.2', {'cert': 'e'}), ('wolf', 'abrupt=1', E), 'data both ways, then the client closes without close_notify', keys=False),
    ok('ok-three-at-once', ('node', '', {'cert': 'rsubleaf'}), ('wolf', 'count=2', R), 'four connections of three clients', then=[('curl', '--http0.9 -m 1', R), ('aio', 'count=1', R)], keys='server'),
    ok('ok-tolerates-foreign-stunnel-nokeys', ('haproxy', '', {'cert': 'foreign', 'bind': 'ssl-max-ver TLSv1.2'}), ('stunnel', '', {'ca': 'f-r.pem', 'name': NAME, 'conf': ['verifyChain = no']}),
       'an unknown issuer; this client does not verify', advice=['cert.unknown-issuer', 'cert.missing-intermediate'], give='nrc'),
    ok('ok-tolerates-thousand-openssl', ('openssl', '-tls1_2 ' + LOOSE, {'cert': 'thousand'}), ('openssl', LOOSE, dict(R, **HELLO)), 'RSA of 1024 bits, which this client takes', advice=['cert.weak-key'], give='nrc'),
    ok('ok-client-nothing-asked', ('gnutls', '--disable-client-cert', {'cert': 'e'}), ('openssl', '', dict(E, cert='oppast', **HELLO)), 'the client has an expired certificate, which nobody asks for'),
]


def staple():
    """An answer of the CA itself about the certificate `r`."""
    pki.cert('r')
    pki.pki().openssl('ocsp', '-index', 'rroot.index', '-rsigner', 'rroot.pem', '-rkey', 'rroot.key', '-CA', 'rroot.pem',
                      '-issuer', 'rroot.pem', '-cert', 'r.pem', '-respout', '.ocsp.der', '-ndays', '3650')


def cases():
    return table(ROWS)
