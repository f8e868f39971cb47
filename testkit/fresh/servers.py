"""Servers whose certificate, key or signature the client refuses; also pins and clocks."""
from peers.negotiation import HARD
from peers.odd import FOREIGN, LATE
from peers.odd import SELF as PINNED
from peers.servercert import CA48, MISSING, SELF, UNKNOWN, but

from . import pki
from .pki import NAME
from .run import row as plain
from .run import table

LOOSE = '-cipher ALL:@SECLEVEL=0'
V12 = {'conf': ['ssl_protocols TLSv1.2']}
S12 = {'conf': ['sslVersion = TLSv1.2']}
S0 = {'conf': ['ciphers = ALL:@SECLEVEL=0', 'securityLevel = 0']}
H12 = {'bind': 'ssl-max-ver TLSv1.2'}
E, R, D = ({'ca': 'f-%s.pem' % one, 'name': NAME} for one in 'erd')
LATER = {'also_accept': ['trust.refused-after-handshake', 'transport.closed.by-client']}
QUIET = {'also_accept': ['transport.closed.by-client'], 'grades': {'transport.closed.by-client': 'observed'}}
PUMP = {'ca': 'f-pin.pem', 'name': 'pump-9'}


def row(*args, **more):
    """All three of name, roots and clock are given unless the row says otherwise."""
    return plain(*args, **dict({'give': 'nrc'}, **more))


def with_bad_middle():
    pki.cert('deepest')
    pki.cert('isub1')
    pki.damaged('isub2bad', 'isub2', below=('isub1',))
    pki.pki().join('deep-bad.pem', ['deepest', 'isub3', 'isub2bad', 'isub1'])


def with_bad_leaf():
    pki.damaged('dbad', 'd', at=-20)


def swapped():
    pki.cert('rsubleaf')
    pki.pki().join('rsub-first.pem', ['rsub', 'rsubleaf'])


ROWS = [
    row('past-wolf-stunnel', 'cert.expired', ('stunnel', '', dict(S12, cert='past')), ('wolf', 'version=1.2', E), 'notAfter 2026-01-10 of the leaf, under three CAs', 'proved'),
    row('past-aio-haproxy', 'cert.expired', ('haproxy', '', {'cert': 'pastrsa'}), ('aio', '', R), 'notAfter 2026-01-10 of the leaf', 'proved', form='sll'),
    row('past-issuer-node-nginx', 'cert.expired', ('nginx', '', {'cert': 'underpast'}), ('node', '', R), 'the leaf is good, the CA above it expired 2026-01-10', 'proved', outcome='late', **LATER),
    row('past-openssl-10-nokeys', 'cert.expired', ('openssl', '-tls1 ' + LOOSE, {'cert': 'pastrsa'}), ('openssl', '-tls1 ' + LOOSE, R), 'TLS 1.0, no time given: alert certificate_expired (45)',
        'observed', keys=False, give='n', also_accept=['clock.wrong'], grades={'clock.wrong': 'possible'}),
    row('later-curl-haproxy', 'cert.not-yet-valid', ('haproxy', '', {'cert': 'later'}), ('curl', '', R), 'notBefore 2028-02-14 is to come', 'proved'),
    row('later-go-ed25519', 'cert.not-yet-valid', ('openssl', '', {'cert': 'laterd'}), ('go', '', D), 'notBefore 2028-02-14 of an Ed25519 certificate is to come', 'proved', host='198.51.100.7'),
    row('name-apex-aio-nginx', 'cert.name-mismatch', ('nginx', '', {'cert': 'wild'}), ('aio', '', {'ca': 'f-e.pem', 'name': 'windpark.example'}), 'the leaf is for *.windpark.example, which the name itself is not', 'proved'),
    row('name-address-curl-stunnel', 'cert.name-mismatch', ('stunnel', '', {'cert': 'address2'}), ('curl', '', {'ca': 'f-r.pem', 'name': '127.0.0.1'}), 'the leaf is for other addresses', 'proved',
        outcome='late', also_accept=['trust.refused-after-handshake', 'transport.closed.by-client']),
    row('name-labels-wolf-openssl', 'cert.name-mismatch', ('openssl', '-tls1_2', {'cert': 'wild'}), ('wolf', '', {'ca': 'f-e.pem', 'name': 'a.b.windpark.example'}), 'a wildcard stands for one label', 'proved', keys=False),
    row('nosan-aio-haproxy', 'cert.no-san', ('haproxy', '', {'cert': 'cn'}), ('aio', 'strict=1', R), 'no subjectAltName; this client does not read the common name', 'proved', also_accept=['cert.name-mismatch']),
    row('nosan-go-nginx', 'cert.no-san', ('nginx', '', dict(V12, cert='cne')), ('go', '', E), 'no subjectAltName; this client does not read the common name', 'proved', keys=False, also_accept=['cert.name-mismatch'], form='raw'),
    row('foreign-wolf-nginx', 'cert.unknown-issuer', ('nginx', '', dict(V12, cert='foreign')), ('wolf', '', E), 'the issuer of the leaf is no anchor', 'proved', **UNKNOWN),
    row('foreign-stunnel-haproxy-nokeys', 'cert.unknown-issuer', ('haproxy', '', {'cert': 'foreign'}), ('stunnel', '', dict(E, conf=['verifyChain = yes'])), 'TLS 1.3 without key log: the plain alert unknown_ca (48)',
        'inferred', also_accept=but(CA48, 'cert.unknown-issuer')),
    row('foreign-java-aio-ed25519', 'cert.unknown-issuer', ('aio', '', {'cert': 'foreignd'}), ('java', '', E), 'the issuer of the Ed25519 leaf is no anchor', 'proved', **UNKNOWN),
    row('selfish-wolf-openssl', 'cert.self-signed', ('openssl', '-tls1_2', {'cert': 'selfish'}), ('wolf', '', E), 'issuer and subject are the same and no anchor', 'proved', **SELF),
    row('selfish-stunnel-nginx', 'cert.self-signed', ('nginx', '', dict(V12, cert='selfishrsa')), ('stunnel', '', dict(R, conf=['verifyChain = yes'])), 'issuer and subject are the same and no anchor', 'proved', **SELF),
    row('gap-aio-nginx', 'cert.missing-intermediate', ('nginx', '', {'cert': 'gapped'}), ('aio', '', E), 'leaf, its issuer, then the policy CA: the one between them is missing', **MISSING),
    row('gap-wolf-stunnel', 'cert.missing-intermediate', ('stunnel', '', dict(S12, cert='alonersa')), ('wolf', '', R), 'the issuer of the only certificate is neither sent nor an anchor', **MISSING),
    row('order-issuer-first-aio', 'cert.chain-order', ('go', '-max 1.2', {'chain': 'rsub-first.pem', 'key': 'rsubleaf.key'}), ('aio', '', R), 'the issuing CA stands before the leaf', 'proved', before=[swapped],
        also_accept=['cert.name-mismatch', 'key.not-of-certificate', 'key-exchange.signature-invalid', 'cert.no-san', 'cert.key-usage', 'cert.eku']),
    row('cap-aio-node', 'cert.path-length', ('node', '', {'cert': 'overcap'}), ('aio', '', R), 'a CA stands below one whose pathLenConstraint is 0', 'proved'),
    row('cap-curl-nginx', 'cert.path-length', ('nginx', '', dict(V12, cert='overcap1')), ('curl', '', E), 'two CAs stand below one whose pathLenConstraint is 1', 'proved', keys=False),
    row('station-curl-haproxy', 'cert.issuer-not-ca', ('haproxy', '', {'cert': 'bystation'}), ('curl', '', E), 'the certificate that signed the leaf is that of a server', 'proved'),
    row('nobasic-go-stunnel', 'cert.issuer-not-ca', ('stunnel', '', {'cert': 'bynosign'}), ('go', '', R), 'the certificate that signed the leaf has no basicConstraints', 'proved'),
    row('outside-aio-nginx', 'cert.name-constraint', ('nginx', '', {'cert': 'outof'}), ('aio', '', R), 'the CA may only issue for harbour.example', 'proved'),
    row('outside-address-curl', 'cert.name-constraint', ('stunnel', '', {'cert': 'outofip'}), ('curl', '', {'ca': 'f-r.pem', 'name': '127.0.0.1'}), 'the CA must not issue for addresses 127.0.0.0/8', 'proved'),
    row('purpose-aio-haproxy', 'cert.eku', ('haproxy', '', {'cert': 'mailonly'}), ('aio', '', R), 'extendedKeyUsage has emailProtection and timeStamping', 'proved'),
    row('purpose-wolf-openssl', 'cert.eku', ('openssl', '-tls1_2', {'cert': 'clientonly'}), ('wolf', '', E), 'extendedKeyUsage has clientAuth only', 'proved'),
    row('usage-gnutls-nginx', 'cert.key-usage', ('nginx', '', {'cert': 'agree'}), ('gnutls', '', E), 'keyUsage has keyAgreement only, TLS 1.3 needs digitalSignature', 'proved'),
    row('usage-java-stunnel', 'cert.key-usage', ('stunnel', '', dict(S12, cert='encipher')), ('java', '', R), 'keyUsage has encipherment only, the suite signs', 'proved'),
    row('usage-curl-haproxy', 'cert.key-usage', ('haproxy', '', {'cert': 'crlsign'}), ('curl', '', R), 'keyUsage has cRLSign only', 'proved'),
    row('thousand-aio-stunnel', 'cert.weak-key', ('stunnel', '', dict(S0, cert='thousand')), ('aio', '', R), 'RSA of 1024 bits, all else good; the client closes without an alert', 'inferred', **QUIET),
    row('sha1-issuer-aio-stunnel', 'cert.weak-signature', ('stunnel', '', dict(S0, cert='undersha1')), ('aio', '', R), 'the CA above the leaf is signed with SHA-1; the client closes without an alert', 'inferred', **QUIET),
    row('sha1-curl-12', 'cert.weak-signature', ('openssl', '-tls1_2 ' + LOOSE, {'cert': 'sha1leaf'}), ('curl', '', R), 'the leaf is signed with SHA-1', 'inferred', keys=False),
    row('withdrawn-openssl-nginx', 'cert.revoked', ('nginx', '', {'cert': 'withdrawn'}), ('openssl', '-CRL rroot.crl.pem -crl_check', R), 'alert certificate_revoked (44) under the key log', before=[lambda: pki.crl('rroot', 'withdrawn')]),
    row('withdrawn-curl-haproxy-nokeys', 'cert.revoked', ('haproxy', '', {'cert': 'withdrawn'}), ('curl', '--crlfile rroot.crl.pem', R), 'alert certificate_revoked (44)', keys=False, give='', before=[lambda: pki.crl('rroot', 'withdrawn')]),
    row('curve-aio-nginx', 'cert.curve-not-offered', ('nginx', '', dict(V12, cert='e384')), ('aio', 'curve=prime256v1', E), 'P-256 offered, the certificate is on P-384 and never sent', 'possible', keys=False,
        also_accept=HARD[:4] + ['refused.unexplained']),
    row('badsig-middle-curl-nginx', 'cert.signature-invalid', ('nginx', '', {'chain': 'deep-bad.pem', 'key': 'deepest.key'}), ('curl', '', E), 'the signature on the third of four certificates does not verify', 'proved', before=[with_bad_middle]),
    row('badsig-ed25519-aio', 'cert.signature-invalid', ('haproxy', '', {'chain': 'dbad.pem', 'key': 'dbad.key'}), ('aio', '', D), 'the Ed25519 signature on the leaf does not verify under the anchor', 'proved', before=[with_bad_leaf]),
    row('foreign-key-ed25519-aio', 'key.not-of-certificate', ('go', '', {'cert': 'd', 'key': 'laterd.key'}), ('aio', '', D), 'the CertificateVerify signature (Ed25519) does not verify under the key of the leaf', 'proved', before=[lambda: pki.cert('laterd')], **FOREIGN),
    row('foreign-key-wolf-mbed', 'key.not-of-certificate', ('mbed', '', {'cert': 'e', 'key': 'past.key'}), ('wolf', 'version=1.2', E), 'the ServerKeyExchange signature does not verify under the key of the leaf', 'proved', keys=False,
        before=[lambda: pki.cert('past')], **FOREIGN),
    row('foreign-key-curl-521', 'key.not-of-certificate', ('go', '-max 1.2', {'cert': 'e521', 'key': 'op521.key'}), ('curl', '', E), 'the ServerKeyExchange signature (P-521) does not verify under the key of the leaf', 'proved', keys=False,
        before=[lambda: pki.cert('op521')], **FOREIGN),
    row('signature-other-curl-13', 'key-exchange.signature-invalid', ('signer', '', {'tls': '1.3', 'cert': 'rsubleaf', 'fault': 'other'}), ('curl', '', R), 'CertificateVerify was made by the right key over other data; the records authenticate', 'proved'),
    row('signature-other-wolf-12', 'key-exchange.signature-invalid', ('signer', '', {'tls': '1.2', 'cert': 'rsubleaf', 'fault': 'other'}), ('wolf', 'version=1.2', R), 'the ServerKeyExchange signature was made by the right key over other data', 'proved', keys=False,
        also_accept=['tamper.in-flight'], grades={'tamper.in-flight': 'possible'}),
    row('differ-node-13', 'key-exchange.keys-differ', ('tlslite', 'tls=1.3', {'cert': 'rsubleaf', 'fault': 'reversed'}), ('node', '', R), 'the first protected record of the server does not authenticate under the key log of the client', 'proved',
        also_accept=['tamper.in-flight'], grades={'tamper.in-flight': 'inferred'}),
    row('differ-aio-12-nokeys', 'key-exchange.keys-differ', ('tlslite', 'tls=1.2', {'cert': 'rsubleaf', 'fault': 'reversed'}), ('aio', '', R), 'a valid ServerKeyExchange, then bad_record_mac to the Finished of the client', 'inferred', keys=False,
        also_accept=['tamper.in-flight']),
    # pins and clocks
    row('pin-other-aio-nginx', 'pin.changed-key', ('nginx', '', {'cert': 'pinother'}), ('aio', '', PUMP), 'same name, another key than that of the pinned certificate', **PINNED),
    row('pin-same-go-stunnel', 'pin.renewed-same-key', ('stunnel', '', {'cert': 'pinsame'}), ('go', '-insecure -pin pinold.pem', {'name': 'pump-9'}), 'another certificate with the key of the pinned one', roots='f-pin.pem', **PINNED),
    row('pin-late-aio-haproxy', 'trust.refused-after-handshake', ('haproxy', '', {'cert': 'pinother'}), ('aio', 'check=0 pin=pinold.pem', {'name': 'pump-9'}),
        'the handshake completes, then the client breaks off without data; the certificate is not the pinned one', 'inferred', roots='f-pin.pem', **LATE),
    row('clock-2046-curl-nginx', 'clock.wrong', ('nginx', '', {'cert': 'e'}), ('curl', '', dict(E, before=['faketime', '-f', '@2046-03-01 08:00:00'])), 'this client puts no time on the wire; the chain is good now', 'inferred',
        also_accept=['cert.expired', 'refused.unexplained'], grades={'cert.expired': 'inferred'}),
    row('clock-1999-mbed-haproxy', 'clock.wrong', ('haproxy', '', dict(H12, cert='rsubleaf')), ('mbed', '', dict(R, before=['faketime', '-f', '@1999-12-31 23:00:00'])), 'ClientHello.random begins with 1999; the chain is good now', 'observed',
        keys=False, also_accept=['cert.not-yet-valid'], grades={'cert.not-yet-valid': 'inferred'}),
]


def cases():
    return table(ROWS)
