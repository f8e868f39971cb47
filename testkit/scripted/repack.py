"""Captures rewritten: other containers (pcapng, Linux cooked, raw IP, VLAN, IPv6, nanoseconds) and TCP as
networks make it (repeated, reordered, overlapping, split, missing segments; a start in the middle).

Reads captures of Ethernet, as the recorder makes them. A packet here is (seconds, nanoseconds,
IP packet); all changes work on the TCP segment and mend lengths and checksums.
"""
import struct

from lab import container


def read(capture):
    assert capture.link == 1, capture.link
    scale = 1 if capture.nano else 1000
    return [(one.seconds, one.fraction * scale, one.data[14:]) for one in capture.packets
            if one.data[12:14] in (b'\x08\0', b'\x86\xdd')]


def checksum(b):
    if len(b) % 2:
        b += b'\0'
    total = sum(struct.unpack('!%dH' % (len(b) // 2), b))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


class Segment:
    """A TCP segment in its IP packet, with fields that can be set; `packet()` builds it again."""

    def __init__(self, pkt):
        s, ns, ip = pkt
        self.time = s * 10**9 + ns
        self.v6 = ip[0] >> 4 == 6
        if self.v6:
            self.src, self.dst, tcp = ip[8:24], ip[24:40], ip[40:40 + int.from_bytes(ip[4:6], 'big')]
        else:
            h = (ip[0] & 15) * 4
            self.src, self.dst, tcp = ip[12:16], ip[16:20], ip[h:int.from_bytes(ip[2:4], 'big')]
        self.sport, self.dport, self.seq, self.ack = struct.unpack('!HHII', tcp[:12])
        h = (tcp[12] >> 4) * 4
        self.flags, self.window = tcp[13], int.from_bytes(tcp[14:16], 'big')
        self.options, self.data = tcp[20:h], tcp[h:]

    def copy(self, **changes):
        new = Segment.__new__(Segment)
        new.__dict__.update(self.__dict__)
        new.__dict__.update(changes)
        return new

    def packet(self):
        tcp = struct.pack('!HHIIBBHHH', self.sport, self.dport, self.seq & 0xffffffff, self.ack & 0xffffffff,
                          (20 + len(self.options)) // 4 << 4, self.flags, self.window, 0, 0) + self.options + self.data
        pseudo = self.src + self.dst + (struct.pack('!II', len(tcp), 6) if self.v6 else struct.pack('!BBH', 0, 6, len(tcp)))
        tcp = tcp[:16] + struct.pack('!H', checksum(pseudo + tcp)) + tcp[18:]
        if self.v6:
            ip = struct.pack('!IHBB', 6 << 28, len(tcp), 6, 64) + self.src + self.dst
        else:
            ip = struct.pack('!BBHHHBBH', 0x45, 0, 20 + len(tcp), self.seq & 0xffff, 0x4000, 64, 6, 0) + self.src + self.dst
            ip = ip[:10] + struct.pack('!H', checksum(ip)) + ip[12:]
        return self.time // 10**9, self.time % 10**9, ip + tcp


def segments(capture):
    return [Segment(p) for p in read(capture)]


# ---- TCP as networks make it ---------------------------------------------------------------

def split(segs, size):
    """Data segments of at most `size` bytes, as a path with that MSS would show."""
    out = []
    for s in segs:
        if len(s.data) <= size:
            out.append(s)
            continue
        for at in range(0, len(s.data), size):
            last = at + size >= len(s.data)
            out.append(s.copy(seq=s.seq + at, data=s.data[at:at + size], time=s.time + at,
                              flags=s.flags if last else s.flags & ~0x09))
    return out


def data_indexes(segs):
    return [i for i, s in enumerate(segs) if s.data]


def repeat(segs, every=2):
    """Every so-many-th data segment comes again a little later (a retransmission)."""
    out = []
    for k, s in enumerate(segs):
        out.append(s)
        if s.data and k % every == 0:
            out.append(s.copy(time=s.time + 900))
    return out


def reorder(segs):
    """Two data segments of one sender that follow each other change places."""
    out, i = list(segs), 0
    while i + 1 < len(out):
        a, b = out[i], out[i + 1]
        if a.data and b.data and a.sport == b.sport:
            out[i], out[i + 1] = b.copy(time=a.time), a.copy(time=b.time)
            i += 2
        else:
            i += 1
    return out


def overlap(segs, by=7):
    """Each data segment after the first of its sender begins `by` bytes early, with bytes already sent."""
    last, out = {}, []
    for s in segs:
        before = last.get(s.sport)
        if s.data:
            if before and (before.seq + len(before.data)) & 0xffffffff == s.seq and len(before.data) >= by:
                last[s.sport] = s
                s = s.copy(seq=s.seq - by, data=before.data[-by:] + s.data)
            else:
                last[s.sport] = s
        out.append(s)
    return out


def lose(segs, which):
    """The n-th data segments (by position among data segments) are not in the file: a gap of the capture."""
    gone = {data_indexes(segs)[n] for n in which}
    return [s for i, s in enumerate(segs) if i not in gone]


def from_middle(segs, skip):
    """The first `skip` packets were before the capture began."""
    return segs[skip:]


def wrap_sequence(segs):
    """Sequence numbers moved so that they pass 2^32 within the first bytes of data."""
    base = {}
    for s in segs:
        base.setdefault(s.sport, s.seq)
    move = {p: (0xffffff80 - b) & 0xffffffff for p, b in base.items()}
    return [s.copy(seq=(s.seq + move[s.sport]) & 0xffffffff,
                   ack=(s.ack + move.get(s.dport, 0)) & 0xffffffff if s.flags & 16 else s.ack) for s in segs]


def merge(first, second, shift=0.002):
    """Two connections in one file, the second beginning `shift` seconds after the first."""
    move = first[0].time + int(shift * 10**9) - second[0].time
    return sorted(first + [s.copy(time=s.time + move) for s in second], key=lambda s: s.time)


def to_v6(segs):
    def addr(a):
        return bytes.fromhex('fd00000000000000') + b'\0' * 4 + a
    return [s if s.v6 else s.copy(v6=True, src=addr(s.src), dst=addr(s.dst)) for s in segs]


# ---- containers -----------------------------------------------------------------------------

def frames(segs, link):
    out = []
    for seg in segs:
        s, ns, ip = seg.packet()
        kind = b'\x86\xdd' if seg.v6 else b'\x08\0'
        if link == 'ethernet':
            f = b'\0' * 12 + kind + ip
        elif link == 'qinq':
            f = b'\x02\0\0\0\0\1\x02\0\0\0\0\2' + b'\x88\xa8\0\x07' + b'\x81\0\0\x2a' + kind + ip
        elif link == 'sll':
            f = struct.pack('!HHH8s', 0, 772, 6, b'') + kind + ip
        elif link == 'sll2':
            f = kind + struct.pack('!HIHBB8s', 0, 1, 772, 0, 6, b'') + ip
        else:
            raise ValueError(link)
        out.append((s, ns, f))
    return out


# An ARP question, an IPv6 router solicitation cut short, a UDP datagram, a frame of an unknown kind.
NOISE = (bytes.fromhex('ffffffffffff020000000001' '0806' '0001080006040001020000000001c0000201000000000000c0000202'),
         bytes.fromhex('333300000002020000000001' '86dd' '6000000000103aff'),
         bytes.fromhex('020000000002020000000001' '0800' '4500002000010000401100007f0000017f000001' '14e914e9000c0000' '68656c6c'),
         bytes.fromhex('0180c2000000020000000001' '0027' '424203000000'))
LINK = {'ethernet': 1, 'qinq': 1, 'sll': 113, 'sll2': 276}


def capture(segs, link='ethernet', nano=False, snap=262144, noise=False):
    """A capture of the segments. `snap` cuts each packet, as tcpdump -s does; `noise` puts packets between that
    are not TCP."""
    out = []
    for n, (s, ns, f) in enumerate(frames(segs, link)):
        for g in ([NOISE[n % len(NOISE)]] if noise else []) + [f]:
            out.append(container.Packet(s, ns if nano else ns // 1000, g[:snap], len(g)))
    return container.Capture(LINK[link], nano, snap, out, None)


def plain(segs):
    """How a rewritten capture is stored: form, whether the key log is inside, the capture."""
    return 'pcapng', True, capture(segs)
