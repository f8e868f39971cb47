"""TLS records and hello messages as bytes: taken apart, put together, edited.

Only what a proxy or a scripted peer needs; no cryptography. Every function works on bytes and gives bytes.
"""
import os
import struct

HANDSHAKE, ALERT, CCS, APPDATA = 22, 21, 20, 23
CLIENT_HELLO, SERVER_HELLO, TICKET, ENCRYPTED_EXTENSIONS = 1, 2, 4, 8
CERTIFICATE, SERVER_KEY_EXCHANGE, CERTIFICATE_REQUEST, SERVER_HELLO_DONE = 11, 12, 13, 14
CERTIFICATE_VERIFY, CLIENT_KEY_EXCHANGE, FINISHED, CERTIFICATE_STATUS = 15, 16, 20, 22
SNI, STATUS_REQUEST, GROUPS, POINT_FORMATS, SIGALGS, ALPN = 0, 5, 10, 11, 13, 16
ETM, EMS, SESSION_TICKET, PSK, VERSIONS, COOKIE, PSK_MODES, KEY_SHARE, RENEGO = 22, 23, 35, 41, 43, 44, 45, 51, 0xff01
HRR_RANDOM = bytes.fromhex('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c')


def u8(n):
    return struct.pack('!B', n)


def u16(n):
    return struct.pack('!H', n)


def u24(n):
    return struct.pack('!I', n)[1:]


def vec8(b):
    return u8(len(b)) + b


def vec16(b):
    return u16(len(b)) + b


def vec24(b):
    return u24(len(b)) + b


def record(kind, body, version=0x0303):
    return u8(kind) + u16(version) + vec16(body)


def message(kind, body):
    return u8(kind) + vec24(body)


def split_records(buffer):
    """The complete records at the front of `buffer`, and what is left."""
    out = []
    while len(buffer) >= 5:
        n = 5 + int.from_bytes(buffer[3:5], 'big')
        if len(buffer) < n:
            break
        out.append(buffer[:n])
        buffer = buffer[n:]
    return out, buffer


def split_messages(body):
    """The handshake messages in a record's plaintext; the last may be incomplete."""
    out = []
    while body:
        n = 4 + int.from_bytes(body[1:4], 'big')
        out.append(body[:n])
        body = body[n:]
    return out


def one_message_per_record(rec):
    """A plaintext handshake record as records of one message each (they may come coalesced)."""
    return [record(rec[0], m, int.from_bytes(rec[1:3], 'big')) for m in split_messages(rec[5:])]


def flip(data, offset, mask=1):
    """`data` with one bit (or the bits of `mask`) changed at `offset`; negative counts from the end."""
    out = bytearray(data)
    out[offset] ^= mask
    return bytes(out)


class Hello:
    """A ClientHello or ServerHello in parts that can be changed and built again."""

    def __init__(self, msg):
        self.kind = msg[0]
        b = msg[4:]
        self.version, self.random = b[:2], b[2:34]
        n = b[34]
        self.session_id, b = b[35:35 + n], b[35 + n:]
        if self.kind == CLIENT_HELLO:
            n = int.from_bytes(b[:2], 'big')
            self.suites, b = b[2:2 + n], b[2 + n:]
            n = b[0]
            self.compression, b = b[1:1 + n], b[1 + n:]
        else:
            self.suites, self.compression, b = b[:2], b[2:3], b[3:]
        self.extensions, b = [], b[2:]
        while b:
            n = int.from_bytes(b[2:4], 'big')
            self.extensions.append((int.from_bytes(b[:2], 'big'), b[4:4 + n]))
            b = b[4 + n:]

    def get(self, kind):
        return next((d for k, d in self.extensions if k == kind), None)

    def put(self, kind, data, at=None):
        """Replaces an extension in its place, or adds it (at the end, or before position `at`)."""
        for i, (k, _) in enumerate(self.extensions):
            if k == kind:
                self.extensions[i] = (kind, data)
                return self
        self.extensions.insert(len(self.extensions) if at is None else at, (kind, data))
        return self

    def drop(self, *kinds):
        self.extensions = [e for e in self.extensions if e[0] not in kinds]
        return self

    def extension_block(self):
        return vec16(b''.join(u16(k) + vec16(d) for k, d in self.extensions))

    def build(self):
        suites, compression = self.suites, self.compression
        if self.kind == CLIENT_HELLO:
            suites, compression = vec16(suites), vec8(compression)
        ext = self.extension_block() if self.extensions else b''
        return message(self.kind, self.version + self.random + vec8(self.session_id) + suites + compression + ext)

    def shares(self):
        """The groups of the key shares of a ClientHello."""
        out, b = [], (self.get(KEY_SHARE) or b'')[2:]
        while b:
            n = int.from_bytes(b[2:4], 'big')
            out.append((int.from_bytes(b[:2], 'big'), b[4:4 + n]))
            b = b[4 + n:]
        return out

    def groups(self):
        b = (self.get(GROUPS) or b'\0\0')[2:]
        return [int.from_bytes(b[i:i + 2], 'big') for i in range(0, len(b), 2)]

    def suite_list(self):
        return [int.from_bytes(self.suites[i:i + 2], 'big') for i in range(0, len(self.suites), 2)]


def sni(name):
    return vec16(b'\0' + vec16(name.encode()))


def u16_list(values):
    return b''.join(u16(v) for v in values)


def client_hello(suites, extensions=(), version=0x0303, session_id=b'', random=None, compression=b'\0'):
    """A ClientHello message from its parts; `extensions` are (type, data), and none means no block at all."""
    ext = vec16(b''.join(u16(k) + vec16(d) for k, d in extensions)) if extensions else b''
    return message(CLIENT_HELLO, u16(version) + (random or os.urandom(32)) + vec8(session_id)
                   + vec16(u16_list(suites)) + vec8(compression) + ext)


def server_hello(suite, extensions=(), version=0x0303, session_id=b'', random=None):
    ext = vec16(b''.join(u16(k) + vec16(d) for k, d in extensions)) if extensions else b''
    return message(SERVER_HELLO, u16(version) + (random or os.urandom(32)) + vec8(session_id) + u16(suite) + b'\0' + ext)


def alert(description, level=2):
    return record(ALERT, bytes([level, description]))
