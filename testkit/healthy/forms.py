"""One handshake in the forms that captures have: other links, lost and repeated packets, cut files."""
import gzip
import os
import struct
import subprocess

from . import ends, rig
from .ends import Thread, wrapped
from .rig import keep, path, record, s_client

P = ('OpenSSL 3.0.19 s_client', 'Python 3.11 ssl, OpenSSL 3.0.19')


def split(data):
    """The file header and the packets (header, bytes)."""
    packets, at = [], 24
    while at + 16 <= len(data):
        length = struct.unpack_from('<I', data, at + 8)[0]
        packets.append((data[at:at + 16], data[at + 16:at + 16 + length]))
        at += 16 + length
    return data[:24], packets


def join(header, packets):
    return header + b''.join(head + body for head, body in packets)


def head(old, body):
    return old[:8] + struct.pack('<II', len(body), len(body))


def mapped(change, link=None):
    """Changes each packet behind its Ethernet header."""
    def whole(data):
        header, packets = split(data)
        if link is not None:
            header = header[:20] + struct.pack('<I', link)
        made = [change(body) for _, body in packets]
        return join(header, [(head(old, body), body) for (old, _), body in zip(packets, made)])
    return whole


def listed(change):
    def whole(data):
        header, packets = split(data)
        return join(header, change(packets))
    return whole


def payload(body):
    """The length of TCP's payload in an Ethernet frame."""
    ip = body[14:]
    words = (ip[0] & 15) * 4
    return struct.unpack_from('>H', ip, 2)[0] - words - (ip[words + 12] >> 4) * 4


def source(body):
    return struct.unpack_from('>H', body, 34)[0]


def swapped(packets):
    """Neighbours of one direction change places, all but the SYN."""
    made = list(packets)
    for one in range(3, len(made) - 1, 3):
        made[one], made[one + 1] = made[one + 1], made[one]
    return [(old[:8] + new[0][8:], new[1]) for (old, _), new in zip(packets, made)]


def repeated(packets):
    return [packet for packet in packets for _ in range(2)]


def again(packets):
    """Each packet with data is sent once more two packets later."""
    made = []
    for number, packet in enumerate(packets):
        made.append(packet)
        if number >= 2 and payload(packets[number - 2][1]) > 0:
            made.append(packets[number - 2])
    return made


def main():
    def case(name, evidence, change=None, form='pcapng', **more):
        options = more.pop('options', [])
        record(name, lambda at: Thread(at, wrapped(None, **more.pop('server', {}))), lambda at: s_client(at, *options), evidence, P, change=change, form=form, expect='Verify return code: 0', **more)

    case('vlan', 'a VLAN tag in each frame', mapped(lambda body: body[:12] + b'\x81\0\0\x07' + body[12:]))
    case('vlan-double', 'two VLAN tags in each frame', mapped(lambda body: body[:12] + b'\x88\xa8\0\x07\x81\0\0\x09' + body[12:]))
    case('raw-ip', 'raw IP', mapped(lambda body: body[14:], 101), 'pcap')
    case('bsd-loopback', 'BSD loopback', mapped(lambda body: b'\2\0\0\0' + body[14:], 0), 'pcap')
    case('linux-cooked', 'Linux cooked', interface='any', form='pcap')
    case('nanoseconds', 'times in nanoseconds', nano=True, form='pcap')
    case('out-of-order', 'packets in another order', listed(swapped))
    case('duplicated', 'each packet two times', listed(repeated))
    case('retransmitted', 'packets with data sent again', listed(again))
    case('out-of-order-12', 'packets in another order, TLS 1.2', listed(swapped), options=['-tls1_2'])
    case('comments', 'comments on packets and on the file', extra=['-a', '1:first packet', '-a', '4:the hello', '--capture-comment', 'seen at pump 7'])
    case('without-acks', 'acknowledgements without data are missing', listed(lambda packets: packets[:3] + [one for one in packets[3:] if payload(one[1]) or one[1][47] & 5]))
    case('client-only', 'only the client direction', listed(lambda packets: [one for one in packets if source(one[1]) == source(packets[0][1])]))
    case('server-only', 'only the server direction', listed(lambda packets: [one for one in packets if source(one[1]) != source(packets[0][1])]))
    case('client-only-12', 'only the client direction, TLS 1.2', listed(lambda packets: [one for one in packets if source(one[1]) == source(packets[0][1])]), options=['-tls1_2'])
    case('server-only-12', 'only the server direction, TLS 1.2', listed(lambda packets: [one for one in packets if source(one[1]) != source(packets[0][1])]), options=['-tls1_2'])
    case('ends-early', 'the capture ends before the connection does', listed(lambda packets: packets[:-6]))
    case('ends-in-handshake', 'the capture ends after the hello of the server', listed(lambda packets: packets[:7]))
    case('begins-late', 'the capture begins after the handshake', listed(lambda packets: packets[12:]))
    case('begins-after-syn', 'the capture begins with the ClientHello', listed(lambda packets: packets[3:]))
    case('begins-with-answer', 'the capture begins with the answer of the server', listed(lambda packets: packets[5:]))
    case('gzip', 'the file is compressed with gzip', lambda data: gzip.compress(data), 'pcap')
    case('zstd', 'the file is compressed with zstd', lambda data: subprocess.run(['zstd', '-q', '-c'], input=data, stdout=subprocess.PIPE, check=True).stdout, 'pcap')

    def cut(packets):
        return [(old[:8] + struct.pack('<II', min(len(body), 1700), len(body)), body[:1700]) for old, body in packets]

    def long(made):
        made.recv(100)
        made.sendall(b'x' * 12000)
        made.unwrap()
    record('snaplen', lambda at: Thread(at, wrapped(None, serve=long)), lambda at: s_client(at), 'application data cut by the snapshot length', P, change=listed(cut))
