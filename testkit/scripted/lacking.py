"""hello.no-signature-algorithms and hello.no-supported-groups: well-formed hellos that lack what today's servers need.

Where a server takes such a hello all the same, the label says so (see malformed.settle).
"""
from . import malformed, offers, raw, rig, wire
from .offers import P256_SHARE, X25519_SHARE
from .proxy import PAUSE
from .wire import u16, vec16

SIG, GROUPS = 'hello.no-signature-algorithms', 'hello.no-supported-groups'
OPENSSL, OPENSSL12, RSA12 = 'openssl', ('openssl', {'tls': '1.2'}), ('openssl', {'tls': '1.2', 'cert': 'rsa'})
GNUTLS, GO, PYTHON, NODE, MBED = 'gnutls', 'go', ('python', {'tls': 'any'}), 'node', ('mbed', {'cert': 'rsa'})
JAVA, MOSQUITTO = ('java', {'args': 'data=x'}), ('mosquitto', {'tls': 'any'})
D, D13 = offers.device, offers.only13


def without13(kind, **more):
    return wire.Hello(offers.only13(**more)).drop(kind).build()


def two_shares():
    return u16(29) + vec16(X25519_SHARE) + u16(23) + vec16(P256_SHARE)


ROWS = [
    ('sigalgs-12-openssl', OPENSSL12, SIG, D(sigalgs=()), 'TLS 1.2 without signature_algorithms: SHA-1 is implied', ()),
    ('sigalgs-12-rsa-openssl', RSA12, SIG, D(suites=(0xc02f, 0xc030), sigalgs=()), 'TLS 1.2 without signature_algorithms: SHA-1 is implied', ()),
    ('sigalgs-12-go', GO, SIG, D(groups=(29, 23), sigalgs=()), 'TLS 1.2 without signature_algorithms: SHA-1 is implied', ()),
    ('sigalgs-12-mosquitto', MOSQUITTO, SIG, D(name=None, sigalgs=()), 'TLS 1.2 without signature_algorithms or server name', ()),
    ('sigalgs-12-node', NODE, SIG, D(sigalgs=(), session_id=b'\7' * 32), 'TLS 1.2 without signature_algorithms: SHA-1 is implied', ()),
    ('sigalgs-12-mbed', MBED, SIG, D(suites=(0xc02f, 0xc027), sigalgs=()), 'TLS 1.2 without signature_algorithms: SHA-1 is implied', ()),
    ('sigalgs-12-gnutls', GNUTLS, SIG, D(sigalgs=()), 'TLS 1.2 without signature_algorithms: SHA-1 is implied', ()),
    ('sigalgs-13-openssl', OPENSSL, SIG, without13(wire.SIGALGS), 'TLS 1.3 without signature_algorithms, which it must have', ()),
    ('sigalgs-13-gnutls', GNUTLS, SIG, without13(wire.SIGALGS, groups=(29, 23), shares=two_shares()), 'TLS 1.3 without signature_algorithms, which it must have', ()),
    ('sigalgs-13-go', GO, SIG, without13(wire.SIGALGS), 'TLS 1.3 without signature_algorithms, which it must have', ()),
    ('sigalgs-13-java', JAVA, SIG, without13(wire.SIGALGS), 'TLS 1.3 without signature_algorithms, which it must have', ()),
    ('groups-12-openssl', OPENSSL12, GROUPS, D(groups=()), 'an offer of ECDHE suites only without supported_groups', ()),
    ('groups-12-go', GO, GROUPS, D(groups=()), 'an offer of ECDHE suites only without supported_groups', ()),
    ('groups-12-python', PYTHON, GROUPS, D(groups=(), suites=(0xc02b, 0xc02c, 0xcca9)), 'an offer of ECDHE suites only without supported_groups', ()),
    ('groups-12-mbed', MBED, GROUPS, D(groups=(), suites=(0xc02f,)), 'an offer of one ECDHE suite without supported_groups', ()),
    ('groups-12-gnutls', GNUTLS, GROUPS, D(groups=()), 'an offer of ECDHE suites only without supported_groups', ()),
    ('groups-12-mosquitto-both', MOSQUITTO, GROUPS, D(groups=(), sigalgs=(), suites=(0xc02b, 0xc023, 0xc009)), 'an offer of ECDHE suites only without supported_groups and signature_algorithms', (SIG,)),
    ('groups-12-node-both', NODE, GROUPS, D(groups=(), sigalgs=()), 'an offer of ECDHE suites only without supported_groups and signature_algorithms', (SIG,)),
    ('groups-13-openssl', OPENSSL, GROUPS, without13(wire.GROUPS), 'TLS 1.3 with a key share and without supported_groups', ()),
    ('groups-13-gnutls', GNUTLS, GROUPS, without13(wire.GROUPS), 'TLS 1.3 with a key share and without supported_groups', ()),
    ('groups-13-go', GO, GROUPS, without13(wire.GROUPS), 'TLS 1.3 with a key share and without supported_groups', ()),
    ('groups-13-java', JAVA, GROUPS, without13(wire.GROUPS), 'TLS 1.3 with a key share and without supported_groups', ()),
]


def one(name, server, cause, hello, what, also):
    full = 'lacking-' + name
    rig.make(full, server=server, keys=None, after=0.3, client=lambda port: raw.client(port, [wire.record(22, hello, 0x0301), PAUSE(0.05)], quiet=0.9),
             cause=cause, side_at_fault='client', grade='inferred', evidence=what, also_accept=list(also), inputs={})
    malformed.settle(full, cause, 'observed')


def cases():
    return [('lacking-' + row[0], lambda row=row: one(*row)) for row in ROWS]
