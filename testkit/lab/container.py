"""The packets of a pcap in other clothes: pcapng, raw IP, VLAN. Written from the public
descriptions of the formats; the packets themselves stay as recorded."""
import struct

NANO = 0xA1B23C4D


def packets(pcap):
    """(link type, nanoseconds?, [(seconds, fraction, bytes)])"""
    magic = struct.unpack_from('<I', pcap, 0)[0]
    link = struct.unpack_from('<I', pcap, 20)[0]
    out, at = [], 24
    while at + 16 <= len(pcap):
        seconds, fraction, length, _ = struct.unpack_from('<IIII', pcap, at)
        out.append((seconds, fraction, pcap[at + 16:at + 16 + length]))
        at += 16 + length
    return link, magic == NANO, out


def write(link, nano, items, big=False):
    order = '>' if big else '<'
    out = [struct.pack(order + 'IHHiIII', NANO if nano else 0xA1B2C3D4, 2, 4, 0, 0, 65535, link)]
    for seconds, fraction, data in items:
        out.append(struct.pack(order + 'IIII', seconds, fraction, len(data), len(data)) + data)
    return b''.join(out)


def block(kind, body):
    body += bytes(-len(body) % 4)
    return struct.pack('<II', kind, len(body) + 12) + body + struct.pack('<I', len(body) + 12)


def option(code, value):
    return struct.pack('<HH', code, len(value)) + value + bytes(-len(value) % 4)


def pcapng(pcap, keys=None):
    """With `keys`, the key log travels in a Decryption Secrets Block."""
    link, nano, items = packets(pcap)
    out = [block(0x0A0D0D0A, struct.pack('<IHHq', 0x1A2B3C4D, 1, 0, -1))]
    resolution = option(9, b'\x09' if nano else b'\x06') + option(0, b'')
    out.append(block(1, struct.pack('<HHI', link, 0, 65535) + option(2, b'lo') + resolution))
    if keys:
        out.append(block(0x0A, struct.pack('<II', 0x544C534B, len(keys)) + keys))
    for seconds, fraction, data in items:
        stamp = seconds * (10 ** 9 if nano else 10 ** 6) + fraction
        head = struct.pack('<IIIII', 0, stamp >> 32, stamp & 0xFFFFFFFF, len(data), len(data))
        out.append(block(6, head + data))
    return b''.join(out)


def raw(pcap):
    """Link type 101: without the Ethernet header."""
    link, nano, items = packets(pcap)
    assert link == 1
    return write(101, nano, [(s, f, d[14:]) for s, f, d in items])


def null(pcap):
    """Link type 0, the loopback of BSD: four bytes of address family."""
    _, nano, items = packets(pcap)
    head = lambda d: struct.pack('<I', 30 if d[12:14] == b'\x86\xdd' else 2)
    return write(0, nano, [(s, f, head(d) + d[14:]) for s, f, d in items])


def vlan(pcap, tag=42):
    _, nano, items = packets(pcap)
    return write(1, nano, [(s, f, d[:12] + struct.pack('>HH', 0x8100, tag) + d[12:]) for s, f, d in items])


def big(pcap):
    """The byte order of another machine."""
    link, nano, items = packets(pcap)
    return write(link, nano, items, big=True)


FORMS = {'pcap': lambda p: p, 'nano': lambda p: p, 'sll': lambda p: p, 'pcapng': pcapng, 'raw': raw, 'null': null,
         'vlan': vlan, 'big': big}
