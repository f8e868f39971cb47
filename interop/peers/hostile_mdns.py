"""Multicast DNS of a hostile machine on the interface lan0, until it is killed.

flood COUNT                       COUNT instances of _lock._tcp
names                             names with control characters and without, addresses of the victim, huge TXT records
insist NAME PORT PIN…             one instance for each pin, all of one name
"""

import socket
import struct
import sys
import time

GROUP = ("224.0.0.251", 5353)
TYPE = ["_lock", "_tcp", "local"]
FLUSH = 0x8000


def name(labels):
    return b"".join(bytes([len(one)]) + one for one in map(to_bytes, labels)) + b"\0"


def to_bytes(text):
    return text if isinstance(text, bytes) else text.encode()


def record(labels, kind, data, flush=FLUSH, ttl=120):
    return name(labels) + struct.pack("!HHIH", kind, 1 | flush, ttl, len(data)) + data


def strings(texts):
    return b"".join(bytes([len(one)]) + one for one in map(to_bytes, texts)) or b"\0"


def instance(label, port=4444, addresses=("10.77.0.2",), txt=()):
    full, host = [label] + TYPE, [b"host-" + to_bytes(label)[:40].replace(b".", b""), "local"]
    records = [
        record(TYPE, 12, name(full), flush=0),
        record(full, 33, struct.pack("!HHH", 0, 0, port) + name(host)),
        record(full, 16, strings(txt)),
    ]
    records += [record(host, 1, socket.inet_aton(address)) for address in addresses]
    return struct.pack("!HHHHHH", 0, 0x8400, 0, len(records), 0, 0) + b"".join(records)


def pin(byte):
    import base64

    return "sha256/" + base64.b64encode(bytes([byte]) * 32).decode()


def packets(words):
    match words:
        case ["flood", count]:
            return [instance(f"flood {index}", txt=["pin=" + pin(index % 256)]) for index in range(int(count))]
        case ["insist", label, port, *pins]:
            return [instance(label, int(port), txt=["pin=" + one]) for one in pins]
        case ["names"]:
            return [
                instance("\x1b]0;owned\x07\x1b[2J"),
                instance("two\nlines"),
                instance("turned\u202eround"),
                instance("loopback", 631, ["127.0.0.1", "224.0.0.251", "255.255.255.255", "0.0.0.0"]),
                instance("pins", txt=["pin=" + ",".join(pin(byte) for byte in range(4)), "pin=" + pin(9)]),
                instance("huge", txt=["x" * 255] * 30 + ["pin=" + "A" * 250]),
                instance(b"not \xff UTF-8"),
                instance("many", addresses=[f"10.77.0.{last}" for last in range(1, 250)]),
            ]
    sys.exit(__doc__)


def main():
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    # Only this interface, which is the one of the test's own network.
    index = socket.if_nametoindex("lan0")
    request = struct.pack("4s4si", socket.inet_aton("0.0.0.0"), socket.inet_aton("0.0.0.0"), index)
    sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, request)
    sender.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sender.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    sender.bind(("", 5353))
    made = packets(sys.argv[1:])
    print("sending", flush=True)
    while True:
        for packet in made:
            sender.sendto(packet, GROUP)
            time.sleep(0.0005)
        time.sleep(0.2)


main()
