"""Ways to end and to idle that fail nothing, and connections that are only probes."""
import socket
import ssl
import time

from . import ends, rig
from .ends import Thread, context, dial, echo, line, linger, wrapped
from .rig import NAME, record

P = (ends.PYTHON, ends.PYTHON)
PAGE = b'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 6\r\n\r\nhello\n'


def stream(at, **more):
    return context(keylog=True, **more).wrap_socket(dial(at), server_hostname=NAME)


def page(made):
    """A whole answer, then FIN without close_notify."""
    made.recv(4096)
    made.sendall(PAGE)
    made.shutdown(socket.SHUT_RDWR)


def asks(at, **more):
    made = stream(at, **more)
    made.sendall(b'GET / HTTP/1.1\r\nHost: pump\r\n\r\n')
    said = made.recv(4096)
    time.sleep(0.1)
    made.close()
    return said.decode()


def by_python():
    for high in ('TLSv1_2', 'TLSv1_3'):
        short = high[-3:]
        record('fin-after-http-' + short, lambda at: Thread(at, wrapped(None, serve=page)), lambda at: asks(at, high=high), 'a complete HTTP answer with Content-Length, then FIN without close_notify', P, expect='200 OK')

    def resets(at, high=None):
        made = stream(at, high=high)
        made.sendall(b'hello')
        said = made.recv(100)
        linger(made)
        made.setblocking(False)
        try:
            made.unwrap()
        except OSError:
            pass
        made.close()
        return said.decode()
    for high in ('TLSv1_2', 'TLSv1_3'):
        record('rst-after-close-notify-' + high[-3:], lambda at: Thread(at, wrapped(None)), lambda at: resets(at, high), 'close_notify, then RST instead of FIN', P, expect='you said')

    def half(made):
        got = b''
        while True:
            try:
                more = made.recv(4096)
            except OSError:
                break
            if not more:
                break
            got += more
        made.sendall(b'%d bytes' % len(got))
    def ends_first(at):
        made = stream(at)
        made.sendall(b'x' * 100)
        raw = made
        raw.setblocking(False)
        try:
            raw.unwrap()
        except OSError:
            pass
        time.sleep(0.3)
        made.close()
        return ''
    record('half-close', lambda at: Thread(at, wrapped(None, serve=half)), ends_first, 'the client closes its direction; the server still writes', P)

    kept = []
    def idle(at):
        made = stream(at)
        made.sendall(b'ping')
        said = made.recv(100)
        kept.append(made)
        time.sleep(0.6)
        return said.decode()
    def answers(made):
        made.sendall(b'you said ' + made.recv(100))
        time.sleep(2)
    record('idle-open', lambda at: Thread(at, wrapped(None, serve=answers)), idle, 'the connection idles and the capture ends first', P, expect='you said')

    def probe(at):
        dial(at).close()
        return ''
    def rude(at):
        made = dial(at)
        linger(made)
        made.close()
        return ''
    def hangs_up(at, high=None):
        made = stream(at, high=high)
        try:
            made.unwrap()
        except OSError:
            pass
        made.close()
        return ''
    quiet = lambda made: made.recv(100)
    for high in ('TLSv1_2', 'TLSv1_3'):
        record('tls-probe-' + high[-3:], lambda at: Thread(at, wrapped(None, serve=echo)), lambda at: hangs_up(at, high), 'a check that completes the handshake and closes', P)
    def mixed(first):
        def connect(at):
            first(at)
            time.sleep(0.1)
            said = asks(at)
            first(at)
            return said
        return connect
    for name, first in (('tcp', probe), ('rst', rude)):
        server = lambda at: Thread(at, wrapped(None, serve=page), count=3)
        record('probes-%s-and-one-request' % name, server, mixed(first), 'a load balancer opens and closes TCP beside a real connection', P, expect='200 OK')

    def many(at):
        return ''.join(asks(at) for _ in range(4))
    record('four-connections', lambda at: Thread(at, wrapped(None, serve=page), count=4), many, 'four connections, one after another', P)

    def upgraded(made):
        made.recv(4096)
        made.sendall(b'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n')
        made.sendall(b'\x81\x05hello')
        made.recv(100)
        made.sendall(b'\x88\x02\x03\xe8')
        made.recv(100)
        echo(made)
    def socket_of_web(at):
        made = stream(at, alpn=['http/1.1'])
        made.sendall(b'GET /ws HTTP/1.1\r\nHost: pump\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n')
        said = made.recv(4096)
        time.sleep(0.1)
        made.recv(100)
        made.sendall(b'\x81\x85\0\0\0\0hello')
        made.recv(100)
        made.sendall(b'\x88\x82\0\0\0\0\x03\xe8')
        made.close()
        return said.decode()
    record('websocket', lambda at: Thread(at, wrapped(None, serve=upgraded)), socket_of_web, 'a websocket inside TLS', P, expect='101 Switching')
    record('server-closes-idle', lambda at: Thread(at, wrapped(None, serve=lambda made: (made.sendall(b'you said ' + made.recv(100)), time.sleep(0.5), made.unwrap()))),
           lambda at: waits(at), 'the server closes an idle connection with close_notify', P, expect='you said')
    record('ipv6', lambda at: Thread(at, wrapped(None), host='::1'), lambda at: over6(at), 'IPv6', P, expect='you said')


def waits(at):
    made = stream(at)
    made.sendall(b'hello')
    said = made.recv(100)
    made.recv(100)
    made.close()
    return said.decode()


def over6(at):
    made = context(keylog=True).wrap_socket(dial(at, '::1'), server_hostname=NAME)
    made.sendall(b'hello')
    said = made.recv(100)
    made.unwrap()
    made.close()
    return said.decode()
