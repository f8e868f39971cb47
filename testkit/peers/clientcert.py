"""Certificates of clients that servers miss or refuse, in TLS 1.2 and 1.3, with and without key log."""
import functools

from . import certs
from .run import table as of

CRL = functools.partial(certs.crl, 'root', 'revoked', 'clientrevoked', 'clientrevokedrsa')
# How each server is told to demand a certificate.
DEMAND = {'openssl': '-Verify 3 -verify_return_error', 'go': '-auth verify', 'gnutls': '--require-client-cert --verify-client-cert',
          'mbed': 'auth=required', 'java': 'need=1', 'python': 'need=1', 'node': '', 'mosquitto': ''}
V12 = {'openssl': '-tls1_2', 'go': '-max 1.2', 'gnutls': '--priority NORMAL:-VERS-TLS1.3', 'mbed': '', 'java': 'protocols=TLSv1.2',
       'python': 'high=1.2', 'node': '', 'curl': '--tls-max 1.2', 'mosquitto': ''}
DARK13 = ['client-cert.unknown-issuer', 'client-cert.expired', 'client-cert.not-yet-valid', 'client-cert.eku', 'client-cert.key-usage',
          'client-cert.missing', 'client-cert.signature-invalid', 'client-cert.revoked', 'client-cert.scheme-key-mismatch',
          'client-cert.scheme-not-offered', 'transport.closed.by-server', 'trust.refused-after-handshake', 'refused.unexplained']


def row(name, cause, server, client, cert, words, grade='proved', old=False, **more):
    """`old`: both ends are held to TLS 1.2. `give`: the roots are given to `explain`."""
    def end(what, options):
        kind, args = what if isinstance(what, tuple) else (what, '')
        parts = [args, V12[kind] if old else '', DEMAND[kind] if 'ask' in options else '']
        if kind == 'node' and 'ask' in options:
            options['more'] = {'requestCert': True, 'rejectUnauthorized': True}
        if kind == 'mosquitto':
            options['conf'] = ['require_certificate true', 'log_type all'] + args.split('\n')
            parts = []
        options.pop('ask', None)
        return kind, dict(options, args=' '.join(part for part in parts if part))
    roots, give = 'p-root.pem', more.pop('give', True)
    chain = {'cert': cert} if cert else {}
    chain.update(more.pop('own', {}))
    made = dict(name=name, cause=cause, evidence=words, grade=grade, roots=roots if give else None, outcome='failed' if old else 'late',
                server=end(server, {'cert': more.pop('server_cert', 'leaf'), 'ca': roots, 'ask': True}),
                client=end(client, dict(chain, ca='p-root.pem', name='localhost')))
    made.update(more)
    return made


MISS = {'also_accept': ['client-cert.missing'], 'grades': {'client-cert.missing': 'observed'}}
NOKEYS = {'keys': False, 'grade': 'possible', 'give': False}

ROWS = [
    row('mtls-missing-go12', 'client-cert.missing', 'go', 'openssl', None, 'empty Certificate to a CertificateRequest', 'observed', True, logs=True),
    row('mtls-missing-gnutls13', 'client-cert.missing', 'gnutls', 'openssl', None, 'empty Certificate under the key log', 'observed'),
    row('mtls-missing-openssl13-curl-nokeys', 'client-cert.missing', 'openssl', 'curl', None,
        'no key log: the first protected record of the client is that of an empty Certificate', 'inferred', keys=False,
        also_accept=['transport.closed.by-server', 'client-cert.unknown-issuer', 'client-cert.filtered', 'client-cert.no-usable-scheme']),
    row('mtls-missing-mbed-python', 'client-cert.missing', 'mbed', 'python', None, 'empty Certificate to a CertificateRequest', 'observed', True, keys=False, form='vlan',
        also_accept=['transport.closed.by-server']),
    row('mtls-missing-java-node', 'client-cert.missing', 'java', 'node', None, 'empty Certificate under the key log', 'observed', logs=True),
    row('mtls-stranger-go', 'client-cert.unknown-issuer', 'go', 'openssl', 'clientstranger', 'the issuer of the client certificate is no anchor'),
    row('mtls-stranger-gnutls12', 'client-cert.unknown-issuer', 'gnutls', 'mbed', 'clientstranger', 'the issuer of the client certificate is no anchor', old=True),
    row('mtls-stranger-mbed', 'client-cert.unknown-issuer', 'mbed', ('openssl', ''), 'clientself', 'the client certificate is self-signed and no anchor', old=True),
    row('mtls-stranger-python-nokeys', 'client-cert.unknown-issuer', 'python', 'openssl', 'clientstranger',
        'no key log: a protected record of the server and the end, right after a flight with a certificate', **NOKEYS,
        also_accept=[one for one in DARK13 if one != 'client-cert.unknown-issuer'], logs=True),
    row('mtls-stranger-node', 'client-cert.unknown-issuer', 'node', 'curl', 'clientstranger',
        'the issuer of the client certificate is no anchor; the server closes without an alert',
        also_accept=['transport.closed.by-server', 'trust.refused-after-handshake'], grades={'transport.closed.by-server': 'observed'}),
    row('mtls-expired-go12', 'client-cert.expired', 'go', 'openssl', 'clientexpired', 'notAfter 2025-03-01 is past', old=True, clock=True),
    row('mtls-expired-mbed', 'client-cert.expired', 'mbed', 'gnutls', 'clientexpiredrsa', 'notAfter 2025-03-01 is past', old=True, clock=True, form='nano'),
    row('mtls-expired-java13', 'client-cert.expired', 'java', 'openssl', 'clientexpired', 'notAfter 2025-03-01 is past', clock=True, logs=True),
    row('mtls-expired-openssl-nokeys', 'client-cert.expired', 'openssl', 'curl', 'clientexpiredrsa',
        'no key log: a protected record of the server and the end, right after a flight with a certificate', **NOKEYS,
        also_accept=[one for one in DARK13 if one != 'client-cert.expired']),
    row('mtls-notyet-openssl12', 'client-cert.not-yet-valid', 'openssl', 'python', 'clientfuture', 'notBefore 2031-06-01 is to come', old=True, clock=True),
    row('mtls-notyet-go', 'client-cert.not-yet-valid', 'go', 'gnutls', 'clientfuturersa', 'notBefore 2031-06-01 is to come', clock=True),
    row('mtls-notyet-mbed', 'client-cert.not-yet-valid', 'mbed', 'openssl', 'clientfuture', 'notBefore 2031-06-01 is to come', old=True, clock=True, logs=True),
    row('mtls-revoked-openssl12', 'client-cert.revoked', ('openssl', '-CRL root.crl.pem -crl_check'), 'mbed', 'clientrevoked', 'alert certificate_revoked (44)',
        'observed', True, before=[CRL]),
    row('mtls-revoked-python13', 'client-cert.revoked', ('python', 'crl=root.crl.pem'), 'openssl', 'clientrevokedrsa', 'alert certificate_revoked (44) under the key log',
        'observed', before=[CRL], logs=True),
    row('mtls-revoked-mbed', 'client-cert.revoked', ('mbed', 'crl=root.crl.pem'), 'go', 'clientrevoked', 'alert certificate_revoked (44)', 'observed', True,
        before=[CRL], form='raw'),
    row('mtls-eku-go', 'client-cert.eku', 'go', 'openssl', 'clienteku', 'extendedKeyUsage has serverAuth only'),
    row('mtls-eku-openssl12', 'client-cert.eku', 'openssl', 'mbed', 'clientekursa', 'extendedKeyUsage has emailProtection only', old=True),
    row('mtls-eku-java12', 'client-cert.eku', 'java', 'go', 'clienteku', 'extendedKeyUsage has serverAuth only', old=True, logs=True),
    row('mtls-eku-mbed', 'client-cert.eku', 'mbed', 'openssl', 'clienteku', 'extendedKeyUsage has serverAuth only', old=True),
    row('mtls-ku-mbed', 'client-cert.key-usage', 'mbed', 'go', 'clientku', 'keyUsage has keyAgreement only', old=True),
    row('mtls-ku-java13', 'client-cert.key-usage', 'java', 'go', 'clientkursa', 'keyUsage has keyEncipherment only'),
    row('mtls-ku-gnutls12', 'client-cert.key-usage', 'gnutls', 'mbed', 'clientku', 'keyUsage has keyAgreement only', old=True),
    row('mtls-ku-openssl12-ok', 'none', 'openssl', ('mbed', 'data=hello noread=1'), 'clientku', 'keyUsage has keyAgreement only, which this server takes',
        'observed', True, outcome='completed', advice=['client-cert.key-usage']),
    # the key does not fit the certificate
    row('mtls-scheme-rsa-mbed-openssl', 'client-cert.scheme-key-mismatch', 'openssl', 'mbed', 'client', 'an RSA scheme over a P-256 certificate', old=True,
        own={'key': 'clientrsa.key'}, logs=True),
    row('mtls-scheme-ec-mbed-java', 'client-cert.scheme-key-mismatch', 'java', 'mbed', 'clientrsa', 'an ECDSA scheme over an RSA certificate', old=True,
        own={'key': 'client.key'}),
    row('mtls-scheme-claim-go13-openssl', 'client-cert.scheme-key-mismatch', 'openssl', ('go', '-claim clientrsa.pem'), 'client',
        'an RSA-PSS scheme over a P-256 certificate: the signer of the client claims another kind of key'),
    row('mtls-scheme-claim-go12-gnutls', 'client-cert.scheme-key-mismatch', 'gnutls', ('go', '-claim clientrsa.pem'), 'client',
        'an RSA scheme over a P-256 certificate: the signer of the client claims another kind of key', old=True),
    row('mtls-scheme-sha384-only-openssl', 'client-cert.scheme-not-offered', ('openssl', '-client_sigalgs ECDSA+SHA384'),
        ('mbed', 'suites=TLS-ECDHE-ECDSA-WITH-AES-128-GCM-SHA256'), 'client', 'ecdsa_secp256r1_sha256 is not in CertificateRequest', old=True, logs=True),
    row('mtls-scheme-sha512-only-openssl', 'client-cert.scheme-not-offered', ('openssl', '-client_sigalgs RSA+SHA512'),
        ('mbed', 'suites=TLS-ECDHE-ECDSA-WITH-AES-256-GCM-SHA384'), 'clientrsa', 'rsa_pkcs1_sha384 is not in CertificateRequest', old=True),
    row('mtls-scheme-sha256-only-gnutls', 'client-cert.scheme-not-offered', ('gnutls', '--priority NORMAL:-VERS-TLS1.3:-SIGN-ALL:+SIGN-ECDSA-SHA512:+SIGN-ECDSA-SECP256R1-SHA256'),
        ('mbed', 'suites=TLS-ECDHE-ECDSA-WITH-AES-256-GCM-SHA384'), 'client', 'ecdsa with SHA-384 is not in CertificateRequest', old=False, outcome='failed'),
    row('mtls-wrongkey-mbed-go', 'client-cert.signature-invalid', 'go', 'mbed', 'client', 'the signature does not verify under the certificate', old=True,
        own={'key': 'clientexpired.key'}),
    row('mtls-wrongkey-go13-openssl', 'client-cert.signature-invalid', 'openssl', 'go', 'clientrsa', 'the signature does not verify under the certificate',
        own={'key': 'clientfuturersa.key'}, logs=True),
    row('mtls-wrongkey-java-gnutls', 'client-cert.signature-invalid', 'gnutls', 'java', 'client', 'the signature does not verify under the certificate',
        own={'key': 'clientfuture.key'}, old=True),
    # the client withholds what it has
    row('mtls-nouse-openssl12', 'client-cert.no-usable-scheme', ('openssl', '-client_sigalgs RSA+SHA256'), 'openssl', 'client',
        'CertificateRequest has RSA schemes only; empty Certificate', 'inferred', True, **MISS),
    row('mtls-nouse-go12', 'client-cert.no-usable-scheme', ('openssl', '-client_sigalgs ECDSA+SHA256'), 'go', 'clientrsa',
        'CertificateRequest has ECDSA schemes only; empty Certificate', 'inferred', True, **MISS),
    row('mtls-nouse-java13', 'client-cert.no-usable-scheme', ('openssl', '-client_sigalgs rsa_pss_rsae_sha256:rsa_pss_rsae_sha384'), 'java', 'client',
        'CertificateRequest has RSA schemes only; empty Certificate under the key log', 'inferred', **MISS),
    row('mtls-filtered-java12', 'client-cert.filtered', 'openssl', 'java', 'clientstranger', 'the server lists one CA, the client sends an empty Certificate',
        'possible', True, **MISS),
    row('mtls-filtered-go12', 'client-cert.filtered', 'gnutls', 'go', 'clientstranger', 'the server lists one CA, the client sends an empty Certificate',
        'possible', True, logs=True, **MISS),
    row('mtls-stranger-gnutls-go12', 'client-cert.unknown-issuer', 'go', 'gnutls', 'clientstranger',
        'the issuer of the client certificate is no anchor; the client sends it though the server lists another', old=True),
    row('mtls-filtered-java13-nokeys', 'client-cert.filtered', 'go', 'java', 'clientstranger',
        'no key log: the first protected record of the client is that of an empty Certificate', 'possible', keys=False, give=False,
        also_accept=['client-cert.missing', 'client-cert.no-usable-scheme', 'transport.closed.by-server', 'client-cert.unknown-issuer'],
        grades={'client-cert.missing': 'inferred'}),
    # controls
    row('mtls-ok-go-gnutls', 'none', 'go', 'gnutls', 'client', 'mutual, completes', 'observed', outcome='completed'),
    row('mtls-ok-mbed-java12', 'none', 'java', ('mbed', 'data=hello'), 'clientrsa', 'mutual, completes', 'observed', True, outcome='completed'),
    row('mtls-ok-chain-openssl', 'none', 'openssl', 'openssl', 'clientchain', 'mutual with an intermediate, completes', 'observed', outcome='completed', form='sll'),
    row('mtls-ok-ed25519', 'none', 'openssl', 'go', 'cliented', 'mutual with Ed25519, completes', 'observed', outcome='completed'),
    row('mtls-ok-asked-not-demanded', 'none', ('openssl', '-verify 3'), 'python', None, 'a certificate is asked for, none is sent, the server goes on',
        'observed', True, outcome='completed'),
]
for one in ROWS:
    if one['name'] == 'mtls-ok-asked-not-demanded':
        one['server'][1]['args'] = '-verify 3 -tls1_2'


def cases():
    return of(ROWS)
