"""Certificates of servers that clients refuse: one row, one refusal by a real client."""
import functools

from . import certs
from .run import table as of

UNKNOWN = {'also_accept': ['cert.missing-intermediate'], 'grades': {'cert.missing-intermediate': 'possible'}}
MISSING = {'also_accept': ['cert.unknown-issuer'], 'grades': {'cert.unknown-issuer': 'proved'}, 'grade': 'inferred'}
SELF = {'also_accept': ['cert.unknown-issuer']}
# What a TLS 1.3 client that encrypts its alert leaves to see without a key log: that it refused.
DARK = {'keys': False, 'grade': 'possible', 'full': False}
ANY = ['transport.closed.by-client', 'refused.unexplained', 'cert.expired', 'cert.not-yet-valid', 'cert.name-mismatch', 'cert.no-san', 'cert.unknown-issuer',
       'cert.self-signed', 'cert.missing-intermediate', 'cert.eku', 'cert.key-usage', 'cert.weak-key', 'cert.weak-signature',
       'cert.revoked', 'cert.signature-invalid', 'cert.name-constraint', 'cert.path-length', 'cert.issuer-not-ca',
       'cert.chain-order', 'pin.changed-key', 'pin.renewed-same-key', 'trust.refused-after-handshake',
       'key.not-of-certificate', 'key-exchange.signature-invalid', 'clock.wrong']
BAD42 = ['cert.name-mismatch', 'cert.expired', 'cert.not-yet-valid', 'cert.no-san', 'cert.weak-key', 'cert.weak-signature']
CA48 = ['cert.unknown-issuer', 'cert.self-signed', 'cert.missing-intermediate', 'pin.changed-key', 'cert.issuer-not-ca', 'cert.path-length']


def but(ids, cause):
    return [one for one in ids if one != cause]


def row(name, cause, cert, server, client, text, full=True, **more):
    """`full`: name, roots and clock are given to `explain`."""
    roots = more.pop('roots', 'p-root.pem')
    expect = more.pop('expect', 'localhost')
    server = (server[0], dict({'cert': cert}, **(server[1] if len(server) > 1 else {})))
    client = (client[0], dict({'ca': roots, 'name': expect}, **(client[1] if len(client) > 1 else {})))
    made = dict(name=name, cause=cause, server=server, client=client, evidence=text, grade='proved')
    if full:
        made.update(expect=expect, roots=roots, clock=True)
    made.update(more)
    return made


def args(kind, text, **more):
    return (kind, dict(args=text, **more))


O12, O13 = args('openssl', '-tls1_2'), args('openssl', '-tls1_3')
WEAK = args('openssl', '-tls1_2 -cipher ALL:@SECLEVEL=0')
WEAK13 = args('openssl', '-cipher ALL:@SECLEVEL=0')
GO12 = args('go', '-max 1.2')
JAVA12 = args('java', 'protocols=TLSv1.2')

CRL = functools.partial(certs.crl, 'root', 'revoked', 'clientrevoked', 'clientrevokedrsa')
# A refusal with a general alert of a chain in which nothing is wrong but a list we do not have.
HIDDEN = ['refused.unexplained', 'cert.weak-key', 'cert.weak-signature', 'cert.unknown-issuer', 'clock.wrong', 'pin.changed-key',
          'pin.renewed-same-key', 'cert.key-usage']

ROWS = [
    row('cert-expired-go', 'cert.expired', 'expired', O13, ('go',), 'notAfter 2025-03-01 of the leaf is past'),
    row('cert-expired-intermediate-java12', 'cert.expired', 'goodunderexpired', ('gnutls',), JAVA12,
        'the leaf is good, the intermediate above it expired 2025-03-01', form='sll', logs=True),
    row('cert-expired-curl-nokeys', 'cert.expired', 'expiredrsa', ('gnutls',), ('curl',),
        'TLS 1.3 without key log: the plain alert certificate_expired (45)', keys=False, full=False, grade='observed',
        also_accept=['clock.wrong'], grades={'clock.wrong': 'possible'}, logs=True),
    row('cert-expired-rustls', 'cert.expired', 'expiredrsa', ('openssl',), ('deno',), 'notAfter 2025-03-01 of the leaf is past',
        logs=True),
    row('cert-expired-node12', 'cert.expired', 'expired', ('go', {'args': '-max 1.2'}), ('node',),
        'notAfter 2025-03-01 is past; this client finishes the handshake, then refuses without an alert', keys=False, outcome='late',
        also_accept=['trust.refused-after-handshake', 'transport.closed.by-client']),
    row('cert-expired-openssl12-noclock', 'cert.expired', 'expired', ('go', {'args': '-max 1.2'}), ('openssl',),
        'TLS 1.2, no time given: alert certificate_expired (45)', keys=False, full=False, grade='observed',
        also_accept=['clock.wrong'], grades={'clock.wrong': 'possible'}),
    row('cert-expired-gnutls13-nokeys', 'cert.expired', 'expired', ('go',), ('gnutls',),
        'TLS 1.3 without key log and an encrypted alert: only that the client refuses after the flight of the server',
        also_accept=but(ANY, 'cert.expired'), **DARK),
    row('cert-notyet-java12', 'cert.not-yet-valid', 'future', ('openssl',), JAVA12, 'notBefore 2031-06-01 of the leaf is to come'),
    row('cert-notyet-go', 'cert.not-yet-valid', 'futurersa', ('gnutls',), ('go',), 'notBefore 2031-06-01 of the leaf is to come',
        roots='p-ecroot.pem', host='192.0.2.10'),
    row('cert-notyet-mbedtls', 'cert.not-yet-valid', 'future', ('java',), ('mbed',), 'notBefore 2031-06-01 of the leaf is to come'),
    row('cert-notyet-python-nokeys', 'cert.not-yet-valid', 'future', ('java',), ('python',),
        'TLS 1.3 without key log: the plain alert bad_certificate (42)', keys=False, full=False, grade='possible',
        also_accept=but(BAD42, 'cert.not-yet-valid') + ['clock.wrong'], inputs={'expected_name': 'localhost'}),
    row('cert-name-go', 'cert.name-mismatch', 'elsewhere', O12, ('go',), 'the names of the leaf are shop.example and www.shop.example',
        logs=True),
    row('cert-name-curl12', 'cert.name-mismatch', 'elsewherersa', O12, ('curl',),
        'the leaf is for db.internal; this client finishes the handshake, then closes in good order', form='vlan', outcome='late',
        also_accept=['trust.refused-after-handshake']),
    row('cert-name-rustls', 'cert.name-mismatch', 'wild', ('openssl',), ('deno',), 'the leaf is for *.lab.example, which does not fit two labels',
        expect='a.b.lab.example', roots='p-root.pem'),
    row('cert-name-address-go6', 'cert.name-mismatch', 'leaf', ('openssl',), ('go', {'name': '2001:db8::10'}),
        'the client expects an address, the leaf has only a DNS name', expect='2001:db8::10', host='2001:db8::10'),
    row('cert-name-node-nokeys', 'cert.name-mismatch', 'elsewhere', ('openssl',), ('node',),
        'TLS 1.3 without key log: the client closes after the flight of the server, without a Finished or an alert', keys=False,
        full=False, inputs={'expected_name': 'localhost'}, grade='possible', also_accept=but(ANY, 'cert.name-mismatch'),
        grades={'transport.closed.by-client': 'observed'}),
    row('cert-nosan-go12', 'cert.no-san', 'cnonly', O12, ('go',), 'no subjectAltName; this client does not read the common name',
        also_accept=['cert.name-mismatch'], logs=True),
    row('cert-nosan-go13', 'cert.no-san', 'cnonlyrsa', ('gnutls',), ('go',), 'no subjectAltName; this client does not read the common name',
        also_accept=['cert.name-mismatch'], form='nano'),
    row('cert-nosan-rustls', 'cert.no-san', 'cnonly', ('openssl',), ('deno',), 'no subjectAltName; this client does not read the common name',
        also_accept=['cert.name-mismatch']),
    row('cert-unknownca-go12', 'cert.unknown-issuer', 'stranger', ('gnutls', {'args': '--priority NORMAL:-VERS-TLS1.3'}), ('go',),
        'the issuer of the leaf is no anchor', **UNKNOWN),
    row('cert-unknownca-rustls', 'cert.unknown-issuer', 'strangerrsa', ('openssl',), ('deno',),
        'the chain ends at a root that is no anchor', form='raw', logs=True, also_accept=['cert.self-signed']),
    row('cert-unknownca-node-nokeys', 'cert.unknown-issuer', 'stranger', ('openssl',), ('node',),
        'TLS 1.3 without key log: the client closes after the flight of the server, without a Finished or an alert',
        keys=False, full=False, grade='possible', also_accept=but(ANY, 'cert.unknown-issuer'), logs=True,
        grades={'transport.closed.by-client': 'observed'}),
    row('cert-unknownca-bssl', 'cert.unknown-issuer', 'stranger', ('openssl',), ('bssl',), 'the issuer of the leaf is no anchor', **UNKNOWN),
    row('cert-unknownca-mosquitto', 'cert.unknown-issuer', 'strangerrsa', ('mosquitto', {'conf': ['tls_version tlsv1.2']}),
        ('mosquitto_pub',), 'TLS 1.3 without key log: the plain alert unknown_ca (48)', logs=True, grade='inferred',
        also_accept=but(CA48, 'cert.unknown-issuer')),
    row('cert-selfsigned-go', 'cert.self-signed', 'selfsigned', O13, ('go',), 'issuer and subject are the same and no anchor', **SELF),
    row('cert-selfsigned-curl', 'cert.self-signed', 'selfrsa', O12, ('curl',), 'issuer and subject are the same and no anchor', **SELF),
    row('cert-selfsigned-gnutls', 'cert.self-signed', 'selfrsa', ('go',), ('gnutls',), 'issuer and subject are the same and no anchor',
        logs=True, **SELF),
    row('cert-selfsigned-rustls', 'cert.self-signed', 'selfsigned', ('mbed',), ('deno',), 'issuer and subject are the same and no anchor', **SELF),
    row('cert-noint-go12', 'cert.missing-intermediate', 'bare', O12, ('go',), 'the issuer of the only certificate is neither sent nor an anchor', **MISSING),
    row('cert-noint-java13', 'cert.missing-intermediate', 'bare', O13, ('java',), 'the issuer of the only certificate is neither sent nor an anchor', logs=True, **MISSING),
    row('cert-noint-deep-curl', 'cert.missing-intermediate', 'deep', ('openssl', {'args': '-tls1_2', 'chain': 'mid3.pem'}), ('curl',),
        'leaf and one intermediate are sent, whose own issuer is neither sent nor an anchor', **MISSING),
]
for client, version in (('go', '-tls1_3'), ('openssl', '-tls1_2'), ('java', '-tls1_3'), ('gnutls', '-tls1_2'), ('mbed', '-tls1_2')):
    kind = args('openssl', version)
    tag = client + version[-1].replace('2', '12').replace('3', '13')
    rsa = client in ('gnutls', 'openssl')
    if client != 'gnutls':
        ROWS.append(row('cert-pathlen-' + tag, 'cert.path-length', 'belowrsa' if rsa else 'belowleaf', kind, (client,),
                        'a CA stands below one whose pathLenConstraint is 0'))
    ROWS.append(row('cert-notca-' + tag, 'cert.issuer-not-ca', 'bynocarsa' if rsa else 'bynoca', kind, (client,),
                    'the certificate that signed the leaf is no CA'))
    if client != 'mbed':
        ROWS.append(row('cert-outside-' + tag, 'cert.name-constraint', 'excluded' if rsa else 'outside', kind, (client,),
                        'the CA above the leaf has name constraints that localhost breaks',
                        roots='p-ecroot.pem' if rsa else 'p-root.pem', logs=client == 'openssl'))
    ROWS.append(row('cert-badsig-' + tag, 'cert.signature-invalid', 'damagedrsa' if rsa else 'damaged', kind, (client,),
                    'the signature on the leaf does not verify under the key of its issuer, which is ' + ('sent' if rsa else 'the anchor'),
                    before=[functools.partial(certs.damaged, 'damagedrsa', 'chainedrsa') if rsa else functools.partial(certs.damaged, 'damaged', 'leaf')]))
ROWS += [
    row('cert-eku-go', 'cert.eku', 'ekuclient', O12, ('go',), 'extendedKeyUsage has clientAuth only'),
    row('cert-eku-rustls', 'cert.eku', 'ekucode', ('openssl',), ('deno',), 'extendedKeyUsage has codeSigning and emailProtection'),
    row('cert-eku-mbedtls', 'cert.eku', 'ekucode', ('gnutls',), ('mbed',), 'extendedKeyUsage has codeSigning and emailProtection', logs=True),
    row('cert-eku-python-nokeys', 'cert.eku', 'ekuclient', O13, ('python',), 'TLS 1.3 without key log: the plain alert unsupported_certificate (43)',
        keys=False, full=False, grade='inferred', also_accept=['cert.key-usage', 'cert.weak-key']),
    row('cert-ku-mbedtls', 'cert.key-usage', 'kucert', GO12, ('mbed',), 'keyUsage has keyCertSign and cRLSign, the suite needs digitalSignature',
        roots='p-ecroot.pem'),
    row('cert-ku-java13', 'cert.key-usage', 'kuencipher', O13, ('java',), 'keyUsage has keyEncipherment only, TLS 1.3 needs digitalSignature'),
    row('cert-ku-gnutls13', 'cert.key-usage', 'kuagree', O13, ('gnutls',), 'keyUsage has keyAgreement only, TLS 1.3 needs digitalSignature'),
    row('cert-rsa1024-mbedtls', 'cert.weak-key', 'rsa1024', WEAK, ('mbed',), 'RSA of 1024 bits, all else good', grade='inferred'),
    row('cert-rsa1024-node-ok', 'none', 'rsa1024', WEAK13, ('node',), 'RSA of 1024 bits, which this client takes', grade='observed',
        outcome='completed', advice=['cert.weak-key']),
    row('cert-rsa1024-curl13', 'cert.weak-key', 'rsa1024', WEAK13, ('curl',), 'RSA of 1024 bits, all else good', grade='inferred'),
    row('cert-rsa768-java12', 'cert.weak-key', 'rsa512ish', WEAK, JAVA12, 'RSA of 768 bits, all else good', grade='inferred'),
    row('cert-rsa768-go', 'cert.weak-key', 'rsa512ish', WEAK13, ('go',), 'RSA of 768 bits, all else good', grade='inferred'),
    row('cert-sha1-openssl', 'cert.weak-signature', 'sha1', WEAK, ('openssl',), 'the leaf is signed with SHA-1', grade='inferred'),
    row('cert-sha1-go', 'cert.weak-signature', 'sha1', WEAK13, ('go',), 'the leaf is signed with SHA-1', grade='inferred'),
    row('cert-md5-gnutls', 'cert.weak-signature', 'md5', WEAK, ('gnutls',), 'the leaf is signed with MD5', grade='inferred'),
    row('cert-md5-java13', 'cert.weak-signature', 'md5', ('go',), ('java',), 'the leaf is signed with MD5', grade='inferred'),
    row('cert-revoked-openssl', 'cert.revoked', 'revoked', O12, args('openssl', '-CRL root.crl.pem -crl_check'), 'alert certificate_revoked (44)',
        grade='observed', before=[CRL], logs=True),
    row('cert-revoked-python', 'cert.revoked', 'revoked', O13, args('python', 'crl=root.crl.pem'), 'alert certificate_revoked (44), plain in TLS 1.3',
        grade='observed', keys=False, full=False, before=[CRL]),
    row('cert-revoked-gnutls', 'cert.revoked', 'revoked', O12, args('gnutls', '--x509crlfile root.crl.pem'), 'revoked by the list of its issuer; alert 42',
        grade='possible', also_accept=HIDDEN, before=[CRL]),
    row('cert-revoked-java', 'cert.revoked', 'revoked', O13, args('java', 'crl=root.crl.pem'), 'revoked by the list of its issuer; alert 46',
        grade='possible', also_accept=HIDDEN, before=[CRL]),
    row('cert-revoked-mbedtls', 'cert.revoked', 'revoked', ('java',), args('mbed', 'crl=root.crl.pem'), 'revoked by the list of its issuer',
        grade='observed', before=[CRL]),
]


def cases():
    return of(ROWS)
