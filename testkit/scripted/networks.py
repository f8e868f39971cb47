"""The same connections as networks and recorders make them: segments split, repeated, reordered, overlapping or
missing, a capture that begins in the middle, other containers, two connections in a file.

Each row takes a case made before (by whichever module) and rewrites it under a new name; the label stays, but for
what the change takes away from the evidence. Cases named `net-base-*` are made here to be rewritten.
"""
from lab import label as lab_label

from . import repack, rig, rules, wire
from .repack import from_middle, lose, merge, overlap, reorder, repeat, split, to_v6, wrap_sequence


def small(size):
    return lambda s: split(s, size)


def then(*steps):
    def run(segs):
        for step in steps:
            segs = step(segs)
        return segs
    return run


def after_data(n):
    """Begins with the n-th data segment; everything before was not recorded."""
    return lambda s: from_middle(s, repack.data_indexes(s)[n])


def losing(*which):
    return lambda s: lose(s, which)


def with_other(name, shift=0.0007):
    return lambda s: merge(s, repack.segments(lab_label.capture_of(name)), shift)


def stored(form='pcapng', link='ethernet', keys_inside=True, **more):
    """How a capture is stored: our own link types by repack, the forms of lab.container on top."""
    return lambda segs: (form, keys_inside, repack.capture(segs, link, **more))


OK = {'cause': 'none', 'outcome': 'completed', 'side_at_fault': 'none', 'grade': 'observed'}
BASES = [
    ('ok-13', ('openssl', {'tls': '1.3'}), ('go', {'tls': '1.3'}), {}, OK),
    ('ok-12', ('gnutls', {'tls': '1.2', 'cert': 'rsa'}), ('openssl', {'tls': '1.2'}), {}, OK),
    ('ok-12-cbc', ('openssl', {'tls': '1.2', 'cert': 'rsa'}), ('openssl', {'tls': '1.2', 'suites': 'ECDHE-RSA-AES128-SHA'}), {}, OK),
    ('ok-hrr', ('openssl', {'tls': '1.3', 'groups': 'P-384'}), ('openssl', {'tls': '1.3', 'groups': 'X25519:P-384'}), {}, OK),
    ('ok-13-small-records', ('go', {'tls': '1.3'}), ('python', {'tls': '1.3'}), {'to_client': rules.refragment(wire.SERVER_HELLO, 50)}, OK),
    ('ok-12-refragmented', ('openssl', {'tls': '1.2'}), ('go', {'tls': '1.2'}), {'to_client': rules.refragment(wire.CERTIFICATE, 200)}, OK),
    ('ok-13-v6', ('openssl', {'tls': '1.3', 'cert': 'rsa'}), ('go', {'tls': '1.3'}), {'host': '::1'}, OK),
    ('ok-12-v6', ('go', {'tls': '1.2'}), ('openssl', {'tls': '1.2'}), {'host': '::1'}, OK),
    ('cut-after-data', ('openssl', {'tls': '1.3'}), ('go', {'tls': '1.3'}), {'to_client': rules.on_appdata(6, lambda r: [r, rules.RESET])}, dict(OK, evidence='handshake and data complete, then RST: no failure of TLS')),
    ('fin-without-notify', ('go', {'tls': '1.2'}), ('openssl', {'tls': '1.2'}), {'to_server': rules.on_protected(1, lambda r: [r, rules.FIN]), 'tap': 'server'}, dict(OK, evidence='handshake and data complete, then FIN without close_notify; what either end says after that comes too late')),
]
B13, B12, CBC, HRR = 'net-base-ok-13', 'net-base-ok-12', 'net-base-ok-12-cbc', 'net-base-ok-hrr'
POINT, SIG12, APP13, FIN12 = 'kex-point-p384-12-go', 'kex-sig-bit-12-ec-openssl', 'tamper-app-13-up-keys', 'tamper-fin-12-of-server-keys'
ODD, HRR2, PSK = 'malformed-suites-odd-openssl', 'violation-hrr-twice-go', 'psk-newline-12-gcm'
BAD = 'key-exchange.signature-invalid'
BLIND = {'grade': 'inferred', 'grades': {'key.not-of-certificate': 'inferred', 'tamper.in-flight': 'possible', 'refused.unexplained': 'possible'},
         'also_accept': ['key.not-of-certificate', 'tamper.in-flight', 'refused.unexplained']}

ROWS = [
    # name, case, how the segments change, how the file is written, what changes in the label
    ('split-13', B13, small(536), None, {}),
    ('split-tiny-12', B12, small(29), None, {}),
    ('split-one-byte-hello', ODD, small(1), None, {}),
    ('repeated-12', B12, then(small(700), repeat), None, {}),
    ('repeated-reordered-13', B13, then(small(400), repeat, reorder), None, {}),
    ('reordered-12', B12, then(small(300), reorder), None, {}),
    ('overlap-13', B13, then(small(500), overlap), None, {}),
    ('overlap-point', POINT, then(small(90), overlap), None, {}),
    ('wrap-12', B12, wrap_sequence, None, {}),
    ('wrap-split-app-13', APP13, then(wrap_sequence, small(60)), None, {}),
    ('reordered-sig', SIG12, then(small(200), reorder), None, {}),
    ('repeated-point', POINT, then(small(120), repeat), None, {}),
    ('reordered-hrr-twice', HRR2, then(small(40), reorder), None, {}),
    ('repeated-psk', PSK, then(small(17), repeat, overlap), None, {}),
    ('gap-data-13', B13, losing(-1), None, {}),
    ('gap-cert-12', B12, then(small(400), losing(4)), None, {'evidence': 'a segment with part of the Certificate is not in the file; the handshake completes'}),
    ('gap-flight-13', B13, then(small(300), losing(4, 5)), None, {'evidence': 'two segments of the protected flight are not in the file; data in both directions follow'}),
    ('gap-sig', SIG12, then(small(500), losing(3)), None, dict(BLIND, evidence='a segment with ServerKeyExchange or Certificate is not in the file; the client says decrypt_error')),
    ('gap-hello-12', B12, losing(0), None, {'evidence': 'the ClientHello is not in the file; the handshake completes'}),
    ('middle-data-13', B13, after_data(-3), None, {'evidence': 'the capture begins with data of a connection that was there before'}),
    ('middle-after-hello-12', B12, after_data(1), None, {'evidence': 'the capture begins after the ClientHello; the handshake completes'}),
    ('middle-after-hello-sig', SIG12, after_data(1), None, dict(BLIND, evidence='the capture begins after the ClientHello: the client says decrypt_error, the signature cannot be recomputed')),
    ('middle-alert-only', FIN12, after_data(-1), None, {'also_accept': ['refused.unexplained', 'none', 'key-exchange.keys-differ'], 'grade': 'possible', 'grades': {}, 'evidence': 'the capture begins with the last data of the connection'}),
    ('no-syn-13', B13, lambda s: s[3:], None, {'evidence': 'the capture begins after the three packets that open TCP'}),
    ('no-syn-point', POINT, lambda s: s[3:], None, {}),
    ('no-end-13', B13, lambda s: s[:repack.data_indexes(s)[-2]], None, {'evidence': 'the capture ends while the connection is open'}),
    ('two-ok-and-sig', SIG12, with_other(B12), None, {'evidence': 'two connections in the file: one completes, in the other one bit of the signature over the key exchange is wrong'}),
    ('two-ok-and-malformed', ODD, with_other(B13), None, {'evidence': 'two connections in the file: one completes, in the other the cipher suite list has an odd length'}),
    ('two-ok', B12, with_other(HRR), None, {'evidence': 'two connections in the file, both complete'}),
    ('pcapng-13', B13, None, stored(keys_inside=False), {}),
    ('pcapng-sll-point', POINT, None, stored(link='sll'), {}),
    ('pcapng-secrets-13', B13, None, stored(), {}),
    ('pcapng-secrets-app-13', APP13, None, stored(), {'evidence': 'the key log is inside the pcapng: the application record authenticates as captured, yet the server answers bad_record_mac'}),
    ('sll2-12', B12, None, stored('pcap', 'sll2'), {}),
    ('sll-hrr', HRR, None, stored('pcap', 'sll'), {}),
    ('raw-13', B13, None, stored('raw'), {}),
    ('raw-v6-psk', PSK, to_v6, stored('raw'), {}),
    ('vlan-sig', SIG12, None, stored('vlan'), {}),
    ('qinq-12', B12, None, stored('pcap', 'qinq'), {}),
    ('null-v6-hrr-twice', HRR2, to_v6, stored('null'), {}),
    ('v6-vlan-12', CBC, to_v6, stored('vlan'), {}),
    ('nano-13', HRR, None, stored('nano', nano=True), {}),
    ('big-endian-12', B12, None, stored('big'), {}),
    ('big-endian-nano-malformed', ODD, None, stored('big', nano=True), {}),
    ('noise-12', B12, None, stored(noise=True), {}),
    ('noise-point', POINT, small(300), stored(noise=True), {}),
    ('snap-96-12', B12, None, stored(snap=96), {'evidence': 'packets cut at 96 bytes; the handshake completes'}),
    ('snap-200-sig', SIG12, None, stored(snap=200), dict(BLIND, evidence='packets cut at 200 bytes: the client says decrypt_error, the signature is not in the file')),
    ('snap-400-malformed', ODD, None, stored(snap=400), {}),
]


def base(name, server, client, between, label):
    rig.make('net-base-' + name, server=server, client=client, keys='client', send=b'level 8\n',
             **dict({'evidence': 'the handshake completes'}, **dict(between, **label)))


def one(name, source, rewrite, write, changes):
    full = 'net-' + name
    label = dict(lab_label.load(source), name=full, **changes)
    rig.convert(label, lab_label.capture_of(source), rewrite, write)


def cases():
    return [('net-base-' + b[0], lambda b=b: base(*b)) for b in BASES] + [('net-' + r[0], lambda r=r: one(*r)) for r in ROWS]
