"""Peers in Python: servers that speak something before TLS, or close in their own ways."""
import select
import socket
import ssl
import struct
import threading

from OpenSSL import SSL

from . import rig

PYTHON = 'Python 3.11 ssl, OpenSSL 3.0.19'
NEW = 'pyOpenSSL, OpenSSL 4.0.3'


class Thread:
    """A server of one function in a thread of its own, called for `count` connections."""

    def __init__(self, at, serve, count=1, host='127.0.0.1', setup=None):
        self.listener = socket.socket(socket.AF_INET6 if ':' in host else socket.AF_INET)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if setup:
            setup(self.listener)
        self.listener.bind((host, at))
        self.listener.listen(8)
        self.serve, self.count = serve, count
        self.thread = threading.Thread(target=self.loop, daemon=True)
        self.thread.start()

    def loop(self):
        for _ in range(self.count):
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            connection.settimeout(5)
            try:
                self.serve(connection)
            except (OSError, SSL.Error):
                pass
            connection.close()

    def stop(self):
        self.listener.close()
        self.thread.join(3)


def context(server=False, cert='leaf', keylog=False, low=None, high=None, alpn=None, verify=True):
    kind = ssl.PROTOCOL_TLS_SERVER if server else ssl.PROTOCOL_TLS_CLIENT
    made = ssl.SSLContext(kind)
    if server:
        made.load_cert_chain(rig.path(cert + '.chain'), rig.path(cert + '.key'))
    else:
        made.load_verify_locations(rig.path('root.pem'))
        if not verify:
            made.check_hostname, made.verify_mode = False, ssl.CERT_NONE
    if keylog:
        made.keylog_filename = rig.path('keys')
    if high:
        made.maximum_version = getattr(ssl.TLSVersion, high)
    if alpn:
        made.set_alpn_protocols(alpn)
    return made


def dial(at, host='127.0.0.1', segment=None):
    made = socket.socket(socket.AF_INET6 if ':' in host else socket.AF_INET)
    if segment:
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, segment)
    made.settimeout(5)
    made.connect((host, at))
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return made


def line(connection):
    """A line of plain text; nothing at the end of the stream."""
    got = b''
    while not got.endswith(b'\n'):
        byte = connection.recv(1)
        if not byte:
            return got
        got += byte
    return got


def exactly(connection, length):
    got = b''
    while len(got) < length:
        more = connection.recv(length - len(got))
        if not more:
            return got
        got += more
    return got


def echo(made):
    """Answers once and closes well."""
    made.sendall(b'you said ' + made.recv(4096))
    try:
        made.unwrap()
    except OSError:
        pass


def wrapped(talk, serve=echo, **more):
    """A server that speaks plain text first and then TLS."""
    tls = context(server=True, **more)

    def serving(connection):
        if talk:
            talk(connection)
        made = tls.wrap_socket(connection, server_side=True)
        serve(made)
        made.close()
    return serving


def linger(connection):
    """Closing becomes a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))


def new_context(server=False, cert='leaf'):
    """OpenSSL 4.0: a post-quantum key share by default."""
    made = SSL.Context(SSL.TLS_METHOD)
    if server:
        made.use_certificate_chain_file(rig.path(cert + '.chain'))
        made.use_privatekey_file(rig.path(cert + '.key'))
    else:
        made.load_verify_locations(rig.path('root.pem'))
        made.set_verify(SSL.VERIFY_PEER, lambda *_: True)

        def log(_, line):
            with open(rig.path('keys'), 'ab') as file:
                file.write(line + b'\n')
        made.set_keylog_callback(log)
    return made


def new_tls(connection, server=False, cert='leaf', prepare=None):
    """A TLS stream of OpenSSL 4.0 over a blocking socket."""
    connection.settimeout(None)
    wait = struct.pack('ll', 5, 0)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, wait)
    made = SSL.Connection(new_context(server, cert), connection)
    if server:
        made.set_accept_state()
    else:
        made.set_tlsext_host_name(rig.NAME.encode())
        made.set_connect_state()
    if prepare:
        prepare(made)
    made.do_handshake()
    return made


def pump(one, other):
    """Copies bytes both ways until both directions end."""
    open_ends = [one, other]
    while open_ends:
        for ready in select.select(open_ends, [], [], 5)[0] or open_ends[:0]:
            target = other if ready is one else one
            data = ready.recv(65536)
            if data:
                target.sendall(data)
                continue
            open_ends.remove(ready)
            try:
                target.shutdown(socket.SHUT_WR)
            except OSError:
                pass
