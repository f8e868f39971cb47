"""Raw ends: a client that sends given bytes, and a server that plays a script, both without a TLS library."""
import socket
import threading
import time

from . import wire
from .proxy import FIN, PAUSE, RESET, STALL, reset_on_close


def send_items(sock, items):
    """Bytes and commands in turn; False once the sending side has ended."""
    for item in items:
        if isinstance(item, (bytes, bytearray)):
            sock.sendall(item)
        elif isinstance(item, PAUSE):
            time.sleep(item.seconds)
        elif item is FIN:
            sock.shutdown(socket.SHUT_WR)
        elif item is RESET:
            reset_on_close(sock)
            sock.close()
            return False
        elif item is STALL:
            time.sleep(2.5)
    return True


def read_quiet(sock, quiet=0.8, limit=5.0):
    """What comes until the end of the stream or `quiet` seconds of silence; and how it ended."""
    got, end = b'', time.time() + limit
    sock.settimeout(quiet)
    try:
        while time.time() < end:
            data = sock.recv(65536)
            if not data:
                return got, 'FIN'
            got += data
    except socket.timeout:
        return got, 'silence'
    except OSError:
        return got, 'RST'
    return got, 'limit'


def describe(got):
    """A few words about records received, for the label's messages."""
    recs, rest = wire.split_records(got)
    words = []
    for r in recs:
        words.append('alert(%d,%d)' % (r[5], r[6]) if r[0] == wire.ALERT and len(r) == 7 else
                     'handshake(%d)' % r[5] if r[0] == wire.HANDSHAKE else 'type %d' % r[0])
    return ' '.join(words) + (' +%d B' % len(rest) if rest else '')


def client(port, items, quiet=0.8, host='127.0.0.1', family=socket.AF_INET, close='fin'):
    """Connects, sends, reads, closes. Gives a line that says what came back."""
    sock = socket.socket(family)
    try:
        sock.connect((host, port))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sent = sum(len(i) for i in items if isinstance(i, (bytes, bytearray)))
        try:
            alive = send_items(sock, items)
        except OSError as e:
            return 'sent up to %d B, %s' % (sent, type(e).__name__)
        if not alive:
            return 'sent %d B, reset' % sent
        got, how = read_quiet(sock, quiet)
        if close == 'reset':
            reset_on_close(sock)
        return 'sent %d B -> got %d B: %s; then %s' % (sent, len(got), describe(got), how)
    except OSError as e:
        return type(e).__name__
    finally:
        sock.close()


class Server:
    """`with Server(port, script):` plays `script(Conn)` for every connection."""

    def __init__(self, port, script, host='127.0.0.1', family=socket.AF_INET):
        self.script = script
        self.listener = socket.socket(family)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind((host, port))
        self.listener.listen(8)
        self.log = []
        self.done = False
        threading.Thread(target=self.accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.done = True
        self.listener.close()

    def accept(self):
        while not self.done:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(sock,), daemon=True).start()

    def serve(self, sock):
        conn = Conn(sock)
        try:
            self.script(conn)
        except (OSError, EOFError) as e:
            self.log.append(type(e).__name__)
        finally:
            try:
                sock.close()
            except OSError:
                pass


class Conn:
    """One connection of a scripted server."""

    def __init__(self, sock):
        self.sock = sock
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b''
        self.hello = None
        self.client_hello = b''

    def record(self):
        """The next record, or EOFError."""
        self.sock.settimeout(6)
        while True:
            recs, _ = wire.split_records(self.buffer)
            if recs:
                self.buffer = self.buffer[len(recs[0]):]
                return recs[0]
            data = self.sock.recv(65536)
            if not data:
                raise EOFError
            self.buffer += data

    def read_hello(self):
        """The next ClientHello (ChangeCipherSpec before it is skipped)."""
        rec = self.record()
        while rec[0] == wire.CCS:
            rec = self.record()
        if rec[0] != wire.HANDSHAKE:
            raise EOFError
        self.client_hello = rec[5:]
        self.hello = wire.Hello(self.client_hello)
        return self.hello

    def handshake(self, *messages, version=0x0303):
        self.sock.sendall(b''.join(wire.record(wire.HANDSHAKE, m, version) for m in messages))

    def handshake_ccs(self):
        """The ChangeCipherSpec that a TLS 1.3 server sends for middleboxes."""
        self.sock.sendall(wire.record(wire.CCS, b'\1'))

    def send(self, *items):
        send_items(self.sock, items)

    def drain(self, quiet=1.5):
        return read_quiet(self.sock, quiet)
