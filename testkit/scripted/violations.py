"""peer.protocol-violation.*: scripted servers that break one rule of the ServerHello or of the message order.

Everything that is wrong stands in plaintext, so no cryptography is needed. Each script takes the Conn after
the first ClientHello was read. A row: name, script, client, cause, evidence, more label fields.
"""
import os
import re

from lab import label as lab_label

from . import offers, rig, wire
from .wire import u16, vec16, vec8

X25519, P256, P384, P521, X448, FFDHE8192 = 29, 23, 24, 25, 30, 0x104
V13 = (wire.VERSIONS, u16(0x0304))
SHARE = (wire.KEY_SHARE, u16(X25519) + vec16(offers.X25519_SHARE))
SHARE256 = (wire.KEY_SHARE, u16(P256) + vec16(offers.P256_SHARE))
RENEGO = (wire.RENEGO, b'\0')


def hrr(conn, group, cookie=None):
    ext = [V13] + ([(wire.KEY_SHARE, u16(group))] if group else []) + ([(wire.COOKIE, vec16(cookie))] if cookie else [])
    suite = next(s for s in conn.hello.suite_list() if s in (0x1301, 0x1302, 0x1303))
    conn.handshake(wire.server_hello(suite, ext, session_id=conn.hello.session_id, random=wire.HRR_RANDOM))


def shared(conn):
    return [g for g, _ in conn.hello.shares()]


def first_not_in(wanted, taken):
    return next(g for g in wanted if g not in taken)


def hrr_same(conn):
    """Prefers the last share that the client sent."""
    hrr(conn, shared(conn)[-1])
    conn.drain()


def hrr_same_cookie(conn):
    hrr(conn, shared(conn)[0], cookie=os.urandom(24))
    conn.drain()


def hrr_unoffered(*wanted):
    def script(conn):
        hrr(conn, first_not_in(wanted, conn.hello.groups()))
        conn.drain()
    return script


def hrr_twice(second=None):
    """A proper HelloRetryRequest, then one more (for another group, or the same again)."""
    def script(conn):
        group = first_not_in([g for g in (P384, P256, P521, X25519) if g in conn.hello.groups()], shared(conn))
        hrr(conn, group)
        conn.handshake_ccs()
        conn.read_hello()
        if second == 'cookie':
            hrr(conn, None, cookie=os.urandom(16))
        else:
            hrr(conn, first_not_in([g for g in (P521, P256, P384, X25519) if g in conn.hello.groups()], shared(conn)) if second else group)
        conn.drain()
    return script


def hello(suite=None, extensions=(), version=0x0303, session_id=None, then=()):
    """A ServerHello with these parts (the client's session id and first TLS 1.3 suite unless said), then more messages."""
    def script(conn):
        s = suite if suite is not None else next(x for x in conn.hello.suite_list() if x >> 8 == 0x13)
        echo = session_id or (lambda sid: sid if s >> 8 == 0x13 else b'')
        conn.handshake(wire.server_hello(s, extensions, version, echo(conn.hello.session_id)))
        if then:
            conn.handshake(*[m() for m in then])
        conn.drain()
    return script


def unoffered_suite(*wanted, extensions=()):
    def script(conn):
        return hello(first_not_in(wanted, conn.hello.suite_list()), extensions)(conn)
    return script


def certificate(label='ec'):
    def build():
        p = rig.pki()
        with open(p.path(label + '.chain.pem')) as f:
            count = f.read().count('BEGIN')
        ders = [p.der(label)] + ([p.der('sub')] if count > 1 else [])
        return wire.message(wire.CERTIFICATE, wire.vec24(b''.join(wire.vec24(d) for d in ders)))
    return build


def done():
    return wire.message(wire.SERVER_HELLO_DONE, b'')


def finished():
    return wire.message(wire.FINISHED, os.urandom(12))


def no_ske(label, suite):
    return hello(suite, [RENEGO], then=(certificate(label), done))


def no_certificate(suite):
    return hello(suite, [RENEGO], then=(done,))


def finished_at_once(suite):
    """Finished right after ServerHello, as if a session were resumed; the client has none."""
    return hello(suite, [RENEGO], then=(finished,))


def ccs_after_hello(suite):
    def script(conn):
        conn.handshake(wire.server_hello(suite, [RENEGO], session_id=os.urandom(32)))
        conn.send(wire.record(wire.CCS, b'\1'), wire.record(22, os.urandom(40)))
        conn.drain()
    return script


def o(tls=None, **more):
    return ('openssl', dict({'tls': tls} if tls else {}, **more))


def go(tls='', **more):
    return ('go', dict({'tls': tls}, **more))


GNU, JAVA, PY12, PY13, MBED = 'gnutls', ('java', {'args': 'data=x'}), ('python', {'tls': '1.2'}), ('python', {'tls': '1.3'}), 'mbed'
JAVA12, NODE = ('java', {'args': 'data=x protocols=TLSv1.2'}), 'node'
V = 'peer.protocol-violation.'
DROP = {'also_accept': ['tamper.dropped-message'], 'grades': {'tamper.dropped-message': 'inferred'}}
OLDER = {'also_accept': ['version.none-in-common'], 'grades': {'version.none-in-common': 'observed'}}
SAME, TWICE, UNOFF = 'HelloRetryRequest asks for a group of which the first ClientHello carried a share', 'a second HelloRetryRequest answers the second ClientHello', 'HelloRetryRequest asks for a group that supported_groups does not list'

ROWS = [
    ('hrr-same-gnutls', hrr_same, GNU, 'hrr-same-group', SAME, {}),
    ('hrr-same-go', hrr_same, go('1.3'), 'hrr-same-group', SAME, {}),
    ('hrr-same-java', hrr_same, JAVA, 'hrr-same-group', SAME, {}),
    ('hrr-same-node-cookie', hrr_same_cookie, NODE, 'hrr-same-group', SAME + ', with a cookie', {}),
    ('hrr-twice-openssl', hrr_twice(), o('1.3'), 'hrr-twice', TWICE, {'also_accept': [V + 'hrr-same-group']}),
    ('hrr-twice-other-group-gnutls', hrr_twice('other'), GNU, 'hrr-twice', TWICE + ' and asks for a third group', {}),
    ('hrr-twice-go', hrr_twice('other'), go('1.3'), 'hrr-twice', TWICE + ' and asks for a third group', {}),
    ('hrr-twice-cookie-java', hrr_twice('cookie'), JAVA, 'hrr-twice', TWICE + ' with a cookie', {}),
    ('hrr-unoffered-openssl', hrr_unoffered(FFDHE8192, 0x6399), o(groups='X25519:P-256'), 'hrr-unoffered-group', UNOFF, {}),
    ('hrr-unoffered-go', hrr_unoffered(X448, 31), go('1.3'), 'hrr-unoffered-group', UNOFF, {}),
    ('hrr-unoffered-java', hrr_unoffered(31, 32), JAVA, 'hrr-unoffered-group', UNOFF, {}),
    ('hrr-unoffered-gnutls', hrr_unoffered(X448, 31), ('gnutls', {'priority': 'NORMAL:-GROUP-ALL:+GROUP-SECP256R1'}), 'hrr-unoffered-group', UNOFF, {}),
    ('suite-12-openssl', unoffered_suite(0x0005, 0x000a, extensions=[RENEGO]), o('1.2'), 'unoffered-suite', 'ServerHello selects RC4 (0005), which is not offered', {}),
    ('suite-12-gnutls', unoffered_suite(0xc07c, 0xc0ff, extensions=[RENEGO]), GNU, 'unoffered-suite', 'ServerHello of TLS 1.2 selects a suite that is not offered', {}),
    ('suite-13-ccm-go', unoffered_suite(0x1304, 0x1305, extensions=[V13, SHARE]), go('1.3'), 'unoffered-suite', 'ServerHello of TLS 1.3 selects 1304, which is not offered', {}),
    ('suite-13-unknown-java', unoffered_suite(0x1307, extensions=[V13, SHARE]), JAVA, 'unoffered-suite', 'ServerHello of TLS 1.3 selects 1307, which is not offered', {}),
    ('suite-12-mbed', unoffered_suite(0x009d, 0x0004, extensions=[RENEGO]), ('mbed', {'args': 'suites=TLS-ECDHE-ECDSA-WITH-AES-128-GCM-SHA256'}), 'unoffered-suite', 'ServerHello selects 009d from an offer of one other suite', {}),
    ('ext-alpn-12-openssl', hello(0xc02b, [RENEGO, (wire.ALPN, vec16(vec8(b'h2')))]), o('1.2'), 'unsolicited-extension', 'ServerHello carries ALPN, the ClientHello does not', {}),
    ('ext-ticket-12-java', hello(0xc02b, [RENEGO, (wire.SESSION_TICKET, b''), (0x4567, b'x')]), JAVA12, 'unsolicited-extension', 'ServerHello carries extension 4567, the ClientHello does not', {}),
    ('ext-unknown-12-gnutls', hello(0xc02b, [RENEGO, (0x4567, b'')]), ('gnutls', {'tls': '1.2'}), 'unsolicited-extension', 'ServerHello carries extension 4567, the ClientHello does not', {}),
    ('ext-psk-13-openssl', hello(None, [V13, SHARE, (wire.PSK, u16(0))]), o('1.3'), 'unsolicited-extension', 'ServerHello selects a pre-shared key, the ClientHello offers none', {}),
    ('ext-psk-13-go', hello(None, [V13, SHARE, (wire.PSK, u16(0))]), go('1.3'), 'unsolicited-extension', 'ServerHello selects a pre-shared key, the ClientHello offers none', {}),
    ('ext-etm-12-go', hello(0xc02b, [RENEGO, (wire.ETM, b'')]), go('1.2'), 'unsolicited-extension', 'ServerHello carries encrypt_then_mac, the ClientHello does not', {}),
    ('ext-mfl-12-mbed', hello(0xc02b, [RENEGO, (1, b'\1')]), ('mbed', {}), 'unsolicited-extension', 'ServerHello carries max_fragment_length, the ClientHello does not', {}),
    ('version-11-openssl', hello(0xc013, [RENEGO], version=0x0302), o(args=['-no_tls1', '-no_tls1_1']), 'version', 'ServerHello selects TLS 1.1, the ClientHello lists 1.3 and 1.2', OLDER),
    ('version-10-go', hello(0xc013, [RENEGO], version=0x0301), go('1.2'), 'version', 'ServerHello selects TLS 1.0, the ClientHello lists 1.2 only', OLDER),
    ('version-0305-gnutls', hello(None, [(wire.VERSIONS, u16(0x0305)), SHARE]), GNU, 'version', 'ServerHello selects version 0305, which supported_versions does not list', {}),
    ('version-13-to-12-java', hello(0xc02b, [V13, SHARE256]), JAVA12, 'version', 'ServerHello selects TLS 1.3 for a client that offers 1.2 only', {'also_accept': [V + 'unsolicited-extension']}),
    ('version-legacy-0304-python', hello(0xc02b, [RENEGO], version=0x0304), PY12, 'version', 'ServerHello carries version 0304 in its old field for a client that offers 1.2', {}),
    ('version-draft-node', hello(None, [(wire.VERSIONS, u16(0x7f1c)), SHARE]), NODE, 'version', 'ServerHello selects draft 28 (7f1c), which supported_versions does not list', {}),
    ('sid-other-openssl', hello(None, [V13, SHARE], session_id=lambda s: os.urandom(32)), o('1.3'), 'session-id-echo', 'ServerHello of TLS 1.3 carries another session id than the ClientHello', {}),
    ('sid-empty-go', hello(None, [V13, SHARE], session_id=lambda s: b''), go('1.3'), 'session-id-echo', 'ServerHello of TLS 1.3 carries no session id where the ClientHello has 32 bytes', {}),
    ('sid-short-java', hello(None, [V13, SHARE], session_id=lambda s: s[:16]), JAVA, 'session-id-echo', 'ServerHello of TLS 1.3 echoes half the session id', {}),
    ('sid-empty-node', hello(None, [V13, SHARE], session_id=lambda s: b''), NODE, 'session-id-echo', 'ServerHello of TLS 1.3 carries no session id where the ClientHello has 32 bytes', {}),
    ('missing-ske-openssl', no_ske('ec', 0xc02b), o('1.2'), 'missing-message', 'the suite is ECDHE and ServerHelloDone follows Certificate', DROP),
    ('missing-ske-go', no_ske('rsa', 0xc02f), go('1.2'), 'missing-message', 'the suite is ECDHE and ServerHelloDone follows Certificate', DROP),
    ('missing-ske-mbed', no_ske('ec', 0xc02b), MBED, 'missing-message', 'the suite is ECDHE and ServerHelloDone follows Certificate', DROP),
    ('missing-cert-gnutls', no_certificate(0xc02b), ('gnutls', {'tls': '1.2'}), 'missing-message', 'ServerHelloDone follows ServerHello though the suite authenticates with a certificate', DROP),
    ('missing-cert-java', no_certificate(0xc02b), JAVA12, 'missing-message', 'ServerHelloDone follows ServerHello though the suite authenticates with a certificate', DROP),
    ('missing-all-python', finished_at_once(0xc02b), PY12, 'missing-message', 'Finished follows ServerHello though no session is resumed', DROP),
    ('missing-all-ccs-openssl', ccs_after_hello(0xc02b), o('1.2'), 'missing-message', 'ChangeCipherSpec follows ServerHello though the client offered no session', DROP),
]


def one(name, script, client, cause, evidence, more):
    def serve(conn):
        conn.read_hello()
        script(conn)
    rig.make('violation-' + name, server=serve, client=client, keys=None, timeout=5, cause=V + cause, evidence=evidence,
             side_at_fault='server', grade='proved', **dict({'inputs': {}}, **more))
    settle('violation-' + name, V + cause)


def settle(name, cause):
    """Some clients take what they should refuse; then the scripted server, which knows no more, ended the connection."""
    label = lab_label.load(name)
    if not re.search('terminated|unexpected eof|EOF', label['messages']['client']):
        return
    label.setdefault('grades', {})[cause] = 'proved'
    label.update(also_accept=[cause] + label['also_accept'], cause='transport.closed.by-server', grade='observed', advice=[cause])
    label['evidence'] += '; this client does not mind and goes on, the server closes without another word'
    lab_label.write(label)


def cases():
    return [('violation-' + row[0], lambda row=row: one(*row)) for row in ROWS]
