"""Certificates of clients that nginx, HAProxy, stunnel, wolfSSL, asyncio and Node miss or refuse."""
import functools

from peers.clientcert import DARK13, MISS

from . import pki
from .pki import NAME
from .run import row, table

E, R, D, ER = ({'ca': 'f-%s.pem' % one, 'name': NAME} for one in ('e', 'r', 'd', 'er'))
H = {'cert': 'e', 'ca': 'f-e.pem', 'bind': 'verify required'}
H12 = dict(H, bind='verify required ssl-max-ver TLSv1.2')
CHAIN = ['verifyChain = yes']
S = {'cert': 'e384', 'ca': 'f-e.pem', 'conf': CHAIN}
S12 = dict(S, conf=CHAIN + ['sslVersion = TLSv1.2'])
NODE = {'cert': 'e', 'ca': 'f-e.pem', 'more': {'requestCert': True, 'rejectUnauthorized': True}}
LATE = {'outcome': 'late', 'give': 'nrc'}
OLD = {'give': 'nrc', 'keys': False}
DARK = {'keys': False, 'outcome': 'late'}
CRL = functools.partial(pki.crl, 'eroot', 'opgone')


def dark(cause):
    return [one for one in DARK13 if one != cause]


ROWS = [
    row('none-wolf-haproxy-12', 'client-cert.missing', ('haproxy', '', H12), ('wolf', '', E), 'empty Certificate to a CertificateRequest', 'observed', give='nr'),
    row('none-aio-stunnel-13', 'client-cert.missing', ('stunnel', '', S), ('aio', '', E), 'empty Certificate under the key log', 'observed', **LATE),
    row('none-curl-wolf-12', 'client-cert.missing', ('wolf', 'version=1.2 auth=required', {'cert': 'e', 'ca': 'f-e.pem'}), ('curl', '', E), 'empty Certificate to a CertificateRequest', 'observed', keys=False),
    row('none-curl-nginx-page', 'client-cert.missing', ('nginx', '', {'cert': 'e', 'ca': 'f-e.pem', 'conf': ['ssl_verify_client on']}), ('curl', '', E),
        'the handshake completes with an empty Certificate; the page that answers the request says 400', 'observed', outcome='late', also_accept=['none'], give='nrc'),
    row('foreign-op-aio-haproxy', 'client-cert.unknown-issuer', ('haproxy', '', H), ('aio', '', dict(E, cert='opforeign')), 'the issuer of the client certificate is no anchor', 'proved', **LATE),
    row('foreign-op-wolf-stunnel-12', 'client-cert.unknown-issuer', ('stunnel', '', S12), ('wolf', '', dict(E, cert='opforeignrsa')), 'the issuer of the client certificate is no anchor', 'proved', **OLD),
    row('foreign-op-java-haproxy-nokeys', 'client-cert.unknown-issuer', ('haproxy', '', dict(H, bind='verify required no-ca-names')), ('java', '', dict(E, cert='opforeign')),
        'no key log: a protected record of the server and the end, right after a flight with a certificate', 'possible', also_accept=dark('client-cert.unknown-issuer'), **DARK),
    row('self-op-curl-aio', 'client-cert.unknown-issuer', ('aio', 'need=1', {'cert': 'e', 'ca': 'f-e.pem'}), ('curl', '', dict(E, cert='opself')), 'the client certificate is self-signed and no anchor; this server closes without an alert', 'proved', **LATE),
    row('past-op-curl-haproxy', 'client-cert.expired', ('haproxy', '', H), ('curl', '', dict(E, cert='oppast')), 'notAfter 2026-01-10 is past', 'proved', **LATE),
    row('past-op-openssl-node-12', 'client-cert.expired', ('openssl', '-tls1_2 -Verify 2 -verify_return_error', {'cert': 'e', 'ca': 'f-e.pem'}), ('node', '', dict(E, cert='oppast')), 'notAfter 2026-01-10 is past', 'proved', **OLD),
    row('later-op-wolf-haproxy-12', 'client-cert.not-yet-valid', ('haproxy', '', H12), ('wolf', '', dict(E, cert='oplater')), 'notBefore 2028-02-14 is to come', 'proved', **OLD),
    row('later-op-openssl-stunnel', 'client-cert.not-yet-valid', ('stunnel', '', S), ('openssl', '', dict(E, cert='oplater')), 'notBefore 2028-02-14 is to come', 'proved', **LATE),
    row('gone-op-curl-haproxy', 'client-cert.revoked', ('haproxy', '', dict(H, bind='verify required crl-file eroot.crl.pem')), ('curl', '', dict(E, cert='opgone')), 'alert certificate_revoked (44) under the key log', 'observed', before=[CRL], **LATE),
    row('gone-op-wolf-stunnel-12', 'client-cert.revoked', ('stunnel', '', dict(S12, conf=S12['conf'] + ['CRLfile = eroot.crl.pem'])), ('wolf', '', dict(E, cert='opgone')), 'alert certificate_revoked (44)', 'observed', keys=False, before=[CRL]),
    row('purpose-op-node-stunnel', 'client-cert.eku', ('stunnel', '', S), ('node', '', dict(E, cert='opmail')), 'extendedKeyUsage has emailProtection only', 'proved', **LATE),
    row('purpose-op-aio-haproxy-12', 'client-cert.eku', ('haproxy', '', H12), ('aio', '', dict(E, cert='opserver')), 'extendedKeyUsage has serverAuth only', 'proved', **OLD),
    row('usage-op-aio-java', 'client-cert.key-usage', ('java', 'need=1', {'cert': 'e', 'ca': 'f-er.pem'}), ('aio', '', dict(E, cert='openc')), 'keyUsage has keyEncipherment only', 'proved', roots='f-er.pem', **LATE),
    row('usage-op-curl-gnutls-12', 'client-cert.key-usage', ('gnutls', '--require-client-cert --verify-client-cert --priority NORMAL:-VERS-TLS1.3', {'cert': 'e', 'ca': 'f-e.pem'}), ('curl', '', dict(E, cert='opagree')), 'keyUsage has keyAgreement only', 'proved', **OLD),
    row('claim-op-go-stunnel', 'client-cert.scheme-key-mismatch', ('stunnel', '', S), ('go', '-claim oprsa.pem', dict(E, cert='op')), 'an RSA-PSS scheme over a P-256 certificate', 'proved', **LATE),
    row('ok-claim-go-haproxy-521', 'none', ('haproxy', '', H12), ('go', '-claim op.pem -data GET', dict(E, cert='op521')), 'ECDSA with SHA-256 over a P-521 certificate: in TLS 1.2 a scheme does not name the curve', 'observed', outcome='completed', **OLD),
    row('scheme-op-mbed-stunnel', 'client-cert.scheme-not-offered', ('stunnel', '', dict(S12, conf=S12['conf'] + ['config = ClientSignatureAlgorithms:ECDSA+SHA512:ECDSA+SHA384'])),
        ('mbed', 'suites=TLS-ECDHE-ECDSA-WITH-AES-128-GCM-SHA256', dict(E, cert='op')), 'ecdsa_secp256r1_sha256 is not in CertificateRequest', 'proved', **OLD),
    row('wrongkey-op-go-haproxy', 'client-cert.signature-invalid', ('haproxy', '', H), ('go', '', dict(E, cert='op', key='oppast.key')), 'the signature does not verify under the certificate', 'proved', **LATE),
    row('wrongkey-op-go-nginx-12', 'client-cert.signature-invalid', ('nginx', '', {'cert': 'e', 'ca': 'f-d.pem', 'conf': ['ssl_verify_client on', 'ssl_protocols TLSv1.2']}), ('go', '', dict(E, cert='oped', key='laterd.key')),
        'the Ed25519 signature does not verify under the certificate', 'proved', roots='f-all.pem', before=[lambda: pki.cert('laterd')], **OLD),
    row('unusable-op-openssl-stunnel-12', 'client-cert.no-usable-scheme', ('stunnel', '', dict(S12, conf=S12['conf'] + ['config = ClientSignatureAlgorithms:RSA+SHA256:RSA+SHA384'])), ('openssl', '', dict(E, cert='op')),
        'CertificateRequest has RSA schemes only; empty Certificate', 'inferred', keys=False, give='nr', **MISS),
    row('withheld-op-java-haproxy-12', 'client-cert.filtered', ('haproxy', '', H12), ('java', '', dict(E, cert='opforeign')), 'the server lists one CA, the client sends an empty Certificate', 'possible', keys=False, **MISS),
    row('withheld-op-java-openssl-13', 'client-cert.filtered', ('openssl', '-Verify 2 -verify_return_error', {'cert': 'e', 'ca': 'f-e.pem'}), ('java', '', dict(E, cert='opforeignrsa')), 'the server lists one CA, the client sends an empty Certificate under the key log', 'possible', outcome='late', **MISS),
]


def cases():
    return table(ROWS)
