"""A proxy that sees TLS records and can alter, drop, cut, repeat, delay or reorder them.

It listens on one port and connects to another, so a capture of either port shows the stream before or
after the change. What it does is a *rule* for each direction: a function `rule(record, state)` that gives
back what goes out for one record: bytes, a list of bytes and commands, or None for nothing. `state` lives
as long as the connection; `state.n` counts the records of this direction, `state.seen` the handshake
messages of both directions in plaintext. Commands are PAUSE(s), FIN, RESET, STALL.
"""
import socket
import struct
import threading
import time

from . import wire

FIN, RESET, STALL = 'fin', 'reset', 'stall'


class PAUSE:
    def __init__(self, seconds):
        self.seconds = seconds


class State:
    """What a rule may remember about its connection; one per direction, `shared` is common to both."""

    def __init__(self, shared):
        self.n = -1
        self.shared = shared
        self.protected = False
        self.protected_n = -1
        self.held = []

    def message(self, rec):
        """The type of the handshake message in a plaintext record, or None."""
        return rec[5] if rec[0] == wire.HANDSHAKE and not self.protected else None


def same(rec, state):
    return rec


def reset_on_close(sock):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))


class Proxy:
    """`with Proxy(listen_port, target_port, to_server=rule, to_client=rule):` carries every connection."""

    def __init__(self, listen_port, target_port, to_server=same, to_client=same, host='127.0.0.1', family=socket.AF_INET):
        self.target = (host, target_port)
        self.family = family
        self.rules = {'c2s': to_server, 's2c': to_client}
        self.listener = socket.socket(family)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind((host, listen_port))
        self.listener.listen(8)
        self.open = []
        self.done = False
        threading.Thread(target=self.accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.done = True
        self.listener.close()
        for s in self.open:
            try:
                s.close()
            except OSError:
                pass

    def accept(self):
        while not self.done:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.socket(self.family)
            try:
                server.connect(self.target)
            except OSError:
                reset_on_close(client)
                client.close()
                continue
            for s in (client, server):
                s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self.open.append(s)
            shared = {}
            for way, src, dst in (('c2s', client, server), ('s2c', server, client)):
                threading.Thread(target=self.carry, args=(way, src, dst, shared), daemon=True).start()

    def carry(self, way, src, dst, shared):
        rule, state, buffer = self.rules[way], State(shared), b''
        try:
            while True:
                data = src.recv(65536)
                if not data:
                    break
                if state.protected is None:      # a raw stream: nothing more to understand
                    dst.sendall(data)
                    continue
                recs, buffer = wire.split_records(buffer + data)
                if buffer and not 20 <= buffer[0] <= 23:
                    dst.sendall(b''.join(recs) + buffer)
                    buffer, state.protected = b'', None
                    continue
                if not self.emit(self.through(rule, recs, state), dst, src):
                    return
            if buffer:
                dst.sendall(buffer)
            dst.shutdown(socket.SHUT_WR)
        except OSError:
            self.after_error(src, dst)

    @staticmethod
    def after_error(src, dst):
        for s in (src, dst):
            try:
                reset_on_close(s)
                s.close()
            except OSError:
                pass

    @staticmethod
    def through(rule, recs, state):
        """Each record through the rule; plaintext handshake records are parted into one message each."""
        out = []
        for rec in recs:
            plain = rec[0] == wire.HANDSHAKE and not state.protected
            whole = plain and sum(map(len, wire.split_messages(rec[5:]))) == len(rec) - 5 \
                and all(len(m) == 4 + int.from_bytes(m[1:4], 'big') for m in wire.split_messages(rec[5:]))
            for r in wire.one_message_per_record(rec) if whole else [rec]:
                state.n += 1
                if state.protected:
                    state.protected_n += 1
                got = rule(r, state)
                out += got if isinstance(got, list) else [] if got is None else [got]
                if r[0] in (wire.CCS, wire.APPDATA):
                    state.protected = True
        return out

    def emit(self, items, dst, src):
        """Sends what a rule said; False when the direction has ended."""
        run = b''
        for item in items:
            if isinstance(item, (bytes, bytearray)):
                run += item
                continue
            if run:
                dst.sendall(run)
                run = b''
            if isinstance(item, PAUSE):
                time.sleep(item.seconds)
            elif item is FIN:
                dst.shutdown(socket.SHUT_WR)
                self.swallow(src)
                return False
            elif item is RESET:
                reset_on_close(dst)
                dst.close()
                reset_on_close(src)
                src.close()
                return False
            elif item is STALL:
                self.swallow(src)
                return False
        if run:
            dst.sendall(run)
        return True

    @staticmethod
    def swallow(src):
        """Reads on without passing on, so that the sender does not notice."""
        try:
            while src.recv(65536):
                pass
        except OSError:
            pass
