"""Captures as files. `pcapng` holds the key log too, in a Decryption Secrets Block; the other forms
are what readers of captures meet besides: classic pcap of either byte order, with nanoseconds, of
other link types. Written from the public descriptions of the formats; the packets stay as recorded."""
import collections
import struct

MICRO, NANO = 0xA1B2C3D4, 0xA1B23C4D
SECTION, INTERFACE, SECRETS, PACKET = 0x0A0D0D0A, 1, 0x0A, 6
TLS_KEY_LOG = 0x544C534B

# `nano`: whether `fraction` counts nanoseconds (otherwise microseconds). `keys`: a key log, as bytes, or None.
Capture = collections.namedtuple('Capture', 'link nano snap packets keys')
# `length`: that on the wire, where `data` was cut.
Packet = collections.namedtuple('Packet', 'seconds fraction data length')


def read(data):
    """A capture, out of a classic pcap of either byte order or a pcapng of the kind written here."""
    return read_pcapng(data) if struct.unpack_from('<I', data)[0] == SECTION else read_classic(data)


def read_classic(data):
    order = next(order for order in '<>' if struct.unpack_from(order + 'I', data)[0] in (MICRO, NANO))
    magic, _, _, _, _, snap, link = struct.unpack_from(order + 'IHHiIII', data)
    out, at = [], 24
    while at + 16 <= len(data):
        seconds, fraction, held, length = struct.unpack_from(order + 'IIII', data, at)
        out.append(Packet(seconds, fraction, data[at + 16:at + 16 + held], length))
        at += 16 + held
    return Capture(link, magic == NANO, snap, out, None)


def read_pcapng(data):
    at, link, snap, units, out, keys = 0, None, None, 10 ** 6, [], None
    while at < len(data):
        kind, size = struct.unpack_from('<II', data, at)
        body = data[at + 8:at + size - 4]
        at += size
        if kind == INTERFACE:
            assert link is None, 'one interface a capture'
            link, snap = struct.unpack_from('<HxxI', body)
            units = 10 ** dict(options(body[8:])).get(9, b'\6')[0]
        elif kind == SECRETS:
            assert keys is None and struct.unpack_from('<I', body)[0] == TLS_KEY_LOG
            keys = body[8:8 + struct.unpack_from('<I', body, 4)[0]]
        elif kind == PACKET:
            _, high, low, held, length = struct.unpack_from('<IIIII', body)
            out.append(Packet(*divmod(high << 32 | low, units), body[20:20 + held], length))
    assert units in (10 ** 6, 10 ** 9)
    return Capture(link, units == 10 ** 9, snap, out, keys)


def options(data):
    at = 0
    while at + 4 <= len(data):
        code, size = struct.unpack_from('<HH', data, at)
        yield code, data[at + 4:at + 4 + size]
        at += 4 + size + -size % 4


def block(kind, body):
    body += bytes(-len(body) % 4)
    return struct.pack('<II', kind, len(body) + 12) + body + struct.pack('<I', len(body) + 12)


def option(code, value):
    return struct.pack('<HH', code, len(value)) + value + bytes(-len(value) % 4)


def pcapng(capture):
    out = [block(SECTION, struct.pack('<IHHq', 0x1A2B3C4D, 1, 0, -1))]
    described = option(2, b'lo') + option(9, b'\x09' if capture.nano else b'\x06') + option(0, b'')
    out.append(block(INTERFACE, struct.pack('<HHI', capture.link, 0, capture.snap) + described))
    if capture.keys is not None:
        out.append(block(SECRETS, struct.pack('<II', TLS_KEY_LOG, len(capture.keys)) + capture.keys))
    for one in capture.packets:
        stamp = one.seconds * (10 ** 9 if capture.nano else 10 ** 6) + one.fraction
        head = struct.pack('<IIIII', 0, stamp >> 32, stamp & 0xFFFFFFFF, len(one.data), one.length)
        out.append(block(PACKET, head + one.data))
    return b''.join(out)


def classic(capture, order='<'):
    """Without the key log, which classic pcap cannot hold."""
    head = (NANO if capture.nano else MICRO, 2, 4, 0, 0, capture.snap, capture.link)
    out = [struct.pack(order + 'IHHiIII', *head)]
    for one in capture.packets:
        out.append(struct.pack(order + 'IIII', one.seconds, one.fraction, len(one.data), one.length) + one.data)
    return b''.join(out)


def big(capture):
    """The byte order of another machine."""
    return classic(capture, '>')


def changed(capture, link, change):
    """`change` maps the bytes of each frame, which were recorded whole."""
    frames = [(one, change(one.data)) for one in capture.packets]
    packets = [one._replace(data=data, length=one.length + len(data) - len(one.data)) for one, data in frames]
    return classic(capture._replace(link=link, packets=packets))


def raw(capture):
    """Link type 101: without the Ethernet header."""
    assert capture.link == 1
    return changed(capture, 101, lambda data: data[14:])


def null(capture):
    """Link type 0, the loopback of BSD: four bytes of address family."""
    return changed(capture, 0, lambda data: struct.pack('<I', 30 if data[12:14] == b'\x86\xdd' else 2) + data[14:])


def vlan(capture, tag=42):
    return changed(capture, 1, lambda data: data[:12] + struct.pack('>HH', 0x8100, tag) + data[12:])


# `nano` and `sll` are a matter of the recorder.
FORMS = {'pcapng': pcapng, 'pcap': classic, 'nano': classic, 'sll': classic, 'raw': raw, 'null': null, 'vlan': vlan, 'big': big}
