"""version.downgrade-attack: a proxy takes the better versions out of the ClientHello; the server, which knows them,
ends its random in the sentinel. And controls: a client that offers no more sees the same sentinel and is right to go on.
"""
from . import rig, rules, wire
from .wire import u16_list, vec8

DOWN = 'version.downgrade-attack'
ALSO = {'also_accept': ['tamper.in-flight'], 'grades': {'tamper.in-flight': 'inferred'}}
OLD = 'ALL:@SECLEVEL=0'


def without_list(hello):
    hello.drop(wire.VERSIONS, wire.KEY_SHARE, wire.PSK_MODES)


def only_list(*versions):
    return lambda hello: hello.put(wire.VERSIONS, vec8(u16_list(versions)))


def old_field(version):
    def edit(hello):
        hello.version = version.to_bytes(2, 'big')
    return edit


def o(**more):
    return ('openssl', more)


GO, GNUTLS, NODE, JAVA = 'go', 'gnutls', 'node', ('java', {'args': 'data=x'})
PY = ('python', {'tls': 'any'})
SEEN = 'the client offers TLS 1.3, the ServerHello selects 1.2 and its random ends in DOWNGRD 01'
BEHIND = {'grade': 'inferred', 'also_accept': ['tamper.in-flight', 'refused.unexplained'], 'grades': {'refused.unexplained': 'possible'}}

ROWS = [
    ('12-openssl', o(), o(), without_list, 'client', SEEN, {}),
    ('12-go', o(), GO, without_list, 'client', SEEN, {}),
    ('12-gnutls', GO, GNUTLS, only_list(0x0303), 'client', SEEN, {}),
    ('12-java', GNUTLS, JAVA, without_list, 'client', SEEN, {}),
    ('12-node', GO, NODE, only_list(0x0303, 0x0302), 'client', SEEN, {}),
    ('12-python', NODE, PY, without_list, 'client', SEEN, {}),
    ('12-server-tap-go', o(), GO, without_list, 'server', 'recorded behind the change: the hello offers 1.2 only, the random of the server ends in DOWNGRD 01, and the client refuses the ServerHello at once', BEHIND),
    ('12-server-tap-openssl', GNUTLS, o(), without_list, 'server', 'recorded behind the change: the hello offers 1.2 only, the random of the server ends in DOWNGRD 01, and the client refuses the ServerHello at once', BEHIND),
    ('11-openssl', o(suites=OLD), o(suites=OLD, args=['-no_tls1_3']), old_field(0x0302), 'client', 'the client offers TLS 1.2, the ServerHello selects 1.1 and its random ends in DOWNGRD 00', {}),
    ('10-openssl', o(suites=OLD, cert='rsa'), o(suites=OLD), lambda h: (without_list(h), old_field(0x0301)(h)), 'client', 'the client offers TLS 1.3, the ServerHello selects 1.0 and its random ends in DOWNGRD 00', {}),
]

CONTROLS = [
    ('ok-go-12-only', o(), ('go', {'tls': '1.2'})),
    ('ok-gnutls-12-only', GO, ('gnutls', {'tls': '1.2'})),
    ('ok-java-12-only', GNUTLS, ('java', {'args': 'data=x protocols=TLSv1.2'})),
]


def one(name, server, client, edit, tap, evidence, more):
    label = dict({'grade': 'proved'}, **dict(ALSO, **more))
    rig.make('downgrade-' + name, server=server, client=client, to_server=rules.on_hello(wire.CLIENT_HELLO, edit), tap=tap, keys=None,
             cause=DOWN, side_at_fault='attacker', evidence=evidence, timeout=5, **label)


def control(name, server, client):
    rig.make('downgrade-' + name, server=server, client=client, keys='client', send=b'hello\n', cause='none', outcome='completed', side_at_fault='none',
             grade='observed', evidence='a client of TLS 1.2 only and a server of 1.3: the sentinel in the random is as it must be, the handshake completes')


def cases():
    return [('downgrade-' + r[0], lambda r=r: one(*r)) for r in ROWS] + [('downgrade-' + r[0], lambda r=r: control(*r)) for r in CONTROLS]
