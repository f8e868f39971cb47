"""record.too-large: lengths above what a record may have, written by a damaged path or by a server or client itself."""
import os

from . import offers, raw, rig, rules, violations, wire
from .proxy import PAUSE
from .wire import record, u16

CERT, SKE, SH = wire.CERTIFICATE, wire.SERVER_KEY_EXCHANGE, wire.SERVER_HELLO
CLAIMED = {'also_accept': ['tamper.in-flight'], 'grades': {'tamper.in-flight': 'inferred'}, 'side_at_fault': 'network'}
LATE = dict(CLAIMED, outcome='late')


def o(tls, **more):
    return ('openssl', dict({'tls': tls}, **more))


def claims(length):
    """The header of a record states `length`; the body stays."""
    return lambda r: r[:3] + u16(length) + r[5:]


def big_plaintext(size):
    """A ServerHello, then a Certificate record of really that many bytes."""
    def script(conn):
        conn.read_hello()
        conn.handshake(wire.server_hello(0xc02b, [(wire.RENEGO, b'\0')]))
        body = wire.message(CERT, wire.vec24(wire.vec24(os.urandom(size - 10))))
        conn.send(record(22, body))
        conn.drain()
    return script


def big_protected(size):
    """A ServerHello of TLS 1.3, then a protected record of really that many bytes."""
    def script(conn):
        conn.read_hello()
        suite = next(s for s in conn.hello.suite_list() if s >> 8 == 0x13)
        share = violations.SHARE if any(g == 29 for g, _ in conn.hello.shares()) else violations.SHARE256
        conn.handshake(wire.server_hello(suite, [violations.V13, share], session_id=conn.hello.session_id))
        conn.send(record(wire.CCS, b'\1'), record(wire.APPDATA, os.urandom(size)))
        conn.drain()
    return script


def dial(*items):
    return lambda port: raw.client(port, list(items), quiet=0.9)


def padded_hello(size):
    """A ClientHello in one record of `size` bytes, by the padding extension."""
    bare = offers.modern()
    return record(22, offers.modern(extra=[(21, b'\0' * (size - len(bare) - 4))]), 0x0301)


ROWS = [
    ('claimed-cert-12-java', o('1.2', cert='rsa'), ('java', {'args': 'data=x'}), 'down', rules.on_message(CERT, lambda m: [claims(18433 + 400)(record(22, m))]), 'the header of the Certificate record states 18833 bytes, a smaller record was sent; the client waits for the rest', dict(CLAIMED, also_accept=['tamper.in-flight', 'transport.stalled', 'transport.truncated'], grades={'tamper.in-flight': 'inferred', 'transport.stalled': 'observed', 'transport.truncated': 'observed'})),
    ('claimed-ske-12-go', o('1.2'), ('go', {'tls': '1.2'}), 'down', rules.on_message(SKE, lambda m: [claims(0xffff)(record(22, m))]), 'the header of the ServerKeyExchange record states 65535 bytes, a smaller record was sent', CLAIMED),
    ('claimed-sh-python', 'gnutls', ('python', {'tls': '1.3'}), 'down', rules.on_message(SH, lambda m: [claims(0x8000 | len(m))(record(22, m))]), 'the top bit of the length of the ServerHello record is set', CLAIMED),
    ('claimed-protected-13-gnutls', o('1.3'), 'gnutls', 'down', rules.on_appdata(1, claims(0x4101 + 0x2000)), 'the header of a protected record states 24833 bytes, a smaller record was sent', CLAIMED),
    ('claimed-fin-12-openssl', o('1.2'), o('1.2'), 'up', rules.on_protected(0, claims(0xc028)), 'the header of the Finished record of the client states 49192 bytes', CLAIMED),
    ('claimed-app-12-keys', ('go', {'tls': '1.2'}), o('1.2'), 'up', rules.on_protected(1, claims(0x7fff)), 'the handshake completes; the header of an application record states 32767 bytes', LATE),
    ('real-plain-12-openssl', big_plaintext(18500), o('1.2'), None, None, 'a Certificate record of 18500 bytes', {}),
    ('real-plain-12-go', big_plaintext(20000), ('go', {'tls': '1.2'}), None, None, 'a Certificate record of 20000 bytes', {}),
    ('real-plain-16385-gnutls', big_plaintext(16385), ('gnutls', {'tls': '1.2'}), None, None, 'a plaintext record of 16385 bytes, one too many', {}),
    ('real-plain-16400-openssl', big_plaintext(16400), o('1.2'), None, None, 'a plaintext record of 16400 bytes, 16 too many', {}),
    ('real-protected-13-go', big_protected(16641), ('go', {'tls': '1.3'}), None, None, 'a protected record of TLS 1.3 of 16641 bytes, one too many', {}),
    ('real-protected-13-openssl', big_protected(17000), o('1.3'), None, None, 'a protected record of TLS 1.3 of 17000 bytes', {}),
    ('real-hello-go', ('go', {}), dial(padded_hello(18600), PAUSE(0.1)), None, None, 'a ClientHello record of more than 18432 bytes', {'side_at_fault': 'client'}),
    ('real-hello-openssl', 'openssl', dial(padded_hello(17000), PAUSE(0.1)), None, None, 'a ClientHello record of 17000 bytes', {'side_at_fault': 'client'}),
]


def one(name, server, client, way, rule, evidence, more):
    # Recorded where the false length can be seen: behind the change.
    between = {'to_client': rule} if way == 'down' else {'to_server': rule, 'tap': 'server'} if way else {}
    more = dict({'side_at_fault': 'server'}, **more)
    keys = 'client' if name.endswith('-keys') else None
    rig.make('toolarge-' + name, server=server, client=client, keys=keys, send=b'reading\n', timeout=4, after=0.2, cause='record.too-large',
             grade='proved', evidence=evidence, inputs={}, **between, **more)


def cases():
    return [('toolarge-' + row[0], lambda row=row: one(*row)) for row in ROWS]
