"""hello.malformed.*: each field of a ClientHello broken in several ways, before different servers.

A row is (name, server, field, what was done, bytes, more label fields). The label follows what the server did:
where it takes the hello all the same, the close of the probing client is what ended the connection.
"""
import os
import re

from lab import label as lab_label

from . import offers, raw, rig, wire
from .proxy import PAUSE
from .wire import u16, vec16


def hello_with(msg, index, new):
    p = offers.parts(msg)
    p[index] = new(p[index])
    return wire.record(22, offers.joined(p), 0x0301)


def rec(msg, version=0x0301):
    return wire.record(22, msg, version)


def sid(msg, new):
    return hello_with(msg, 1, new)


def suites(msg, new):
    return hello_with(msg, 2, new)


def comp(msg, new):
    return hello_with(msg, 3, new)


def ext(msg, new):
    return hello_with(msg, 4, new)


def handshake_length(msg, new):
    return rec(msg[:1] + new(msg[1:4]) + msg[4:])


def record_length(msg, new):
    r = rec(msg)
    return r[:3] + new(r[3:5]) + r[5:]


def more(delta):
    """The big-endian number in these bytes plus `delta`."""
    return lambda b: (int.from_bytes(b, 'big') + delta).to_bytes(len(b), 'big')


def swapped(b):
    return b[::-1]


def ext_fields(msg, change):
    """The hello with its extension list changed (lengths of the block are right again)."""
    h = wire.Hello(msg)
    h.extensions = change(h.extensions)
    return rec(h.build())


def reframe(pairs, kind, length):
    """The extension block with one extension's own length field falsified."""
    body = b''.join(u16(k) + (u16(length) + d if k == kind else vec16(d)) for k, d in pairs)
    return body


def inner(msg, kind, length):
    h = wire.Hello(msg)
    p = offers.parts(msg)
    p[4] = vec16(reframe(h.extensions, kind, length))
    return rec(offers.joined(p))


SESSION = bytes.fromhex('9b') + os.urandom(31)
M, D, D13 = offers.modern, offers.device, offers.only13
OPENSSL, OPENSSL12 = 'openssl', ('openssl', {'tls': '1.2', 'cert': 'rsa'})
GNUTLS, GO, PYTHON = 'gnutls', 'go', ('python', {'tls': 'any', 'cert': 'rsa'})
MOSQUITTO = ('mosquitto', {'tls': 'any', 'cert': 'rsa'})
TRUNCATED = {'also_accept': ['transport.truncated'], 'grades': {'transport.truncated': 'observed'}}

ROWS = [
    # --- the record header
    ('no-header-modern-openssl', OPENSSL, 'record-header', 'a ClientHello of 1.3 without the five bytes of the record header', M(), {}),
    ('no-header-device-go', GO, 'record-header', 'a ClientHello without the five bytes of the record header', D(), {}),
    ('no-header-device-gnutls', GNUTLS, 'record-header', 'a ClientHello without the five bytes of the record header', D(session_id=SESSION), {}),
    ('no-header-13only-mosquitto', MOSQUITTO, 'record-header', 'a ClientHello without the five bytes of the record header', D13(), {}),
    ('no-type-byte-python', PYTHON, 'record-header', 'the type byte 16 of the record header is missing: the stream starts with 03 01 and a length', rec(D())[1:], {}),
    # --- the record length
    ('rec-counts-header-openssl', OPENSSL, 'record-length', 'the record length counts the five bytes of its own header, so five bytes never come', record_length(M(), more(5)), TRUNCATED),
    ('rec-counts-header-go', GO, 'record-length', 'the record length counts the five bytes of its own header, so five bytes never come', record_length(D(), more(5)), TRUNCATED),
    ('rec-little-endian-gnutls', GNUTLS, 'record-length', 'the record length is written little-endian', record_length(D(), swapped), dict(TRUNCATED, also_accept=['record.too-large', 'transport.truncated'])),
    ('rec-little-endian-openssl', OPENSSL12, 'record-length', 'the record length is written little-endian', record_length(D(name='a.plant.example'), swapped), dict(TRUNCATED, also_accept=['record.too-large', 'transport.truncated'])),
    ('rec-forgets-message-header-python', PYTHON, 'record-length', 'the record length leaves out the four bytes of the handshake header: the record ends before the message does', record_length(D(), more(-4)), {'also_accept': ['hello.malformed.handshake-length']}),
    ('rec-forgets-message-header-go', GO, 'record-length', 'the record length leaves out the four bytes of the handshake header: the record ends before the message does', record_length(M(), more(-4)), {'also_accept': ['hello.malformed.handshake-length']}),
    ('rec-zero-openssl', OPENSSL, 'record-length', 'the record length is zero though a message follows', record_length(M(), lambda b: b'\0\0'), {}),
    # --- the handshake length
    ('msg-counts-header-openssl', OPENSSL, 'handshake-length', 'the handshake length counts its own four bytes: the message promises four bytes more than its record', handshake_length(M(), more(4)), {'also_accept': ['hello.malformed.record-length']}),
    ('msg-counts-header-gnutls', GNUTLS, 'handshake-length', 'the handshake length counts its own four bytes: the message promises four bytes more than its record', handshake_length(D(), more(4)), {'also_accept': ['hello.malformed.record-length']}),
    ('msg-short-go', GO, 'handshake-length', 'the handshake length is four too small: four bytes are left over in the record', handshake_length(M(), more(-4)), {'also_accept': ['hello.malformed.extensions']}),
    ('msg-short-python', PYTHON, 'handshake-length', 'the handshake length is seven too small: seven bytes are left over in the record', handshake_length(D(), more(-7)), {'also_accept': ['hello.malformed.extensions']}),
    ('msg-little-endian-openssl', OPENSSL12, 'handshake-length', 'the handshake length is written little-endian: megabytes are announced', handshake_length(D(), swapped), {'also_accept': ['hello.malformed.record-length']}),
    ('msg-little-endian-go', GO, 'handshake-length', 'the handshake length is written little-endian: megabytes are announced', handshake_length(D(), swapped), {'also_accept': ['hello.malformed.record-length']}),
    ('msg-two-byte-length-mosquitto', MOSQUITTO, 'handshake-length', 'the handshake length is written in two bytes instead of three: everything after is read one byte early', rec(D()[:1] + D()[2:]), {'also_accept': ['hello.malformed.record-length', 'hello.malformed.session-id', 'transport.truncated'], 'grades': {'transport.truncated': 'observed'}}),
    # --- the session id
    ('sid-no-length-openssl', OPENSSL, 'session-id', 'the session id comes without its length byte: 9b is read as length 155', sid(M(session_id=SESSION), lambda b: b[1:]), {}),
    ('sid-33-go', GO, 'session-id', 'the session id is 33 bytes long', sid(D(), lambda b: b'\x21' + os.urandom(33)), {}),
    ('sid-33-gnutls', GNUTLS, 'session-id', 'the session id is 33 bytes long', sid(M(), lambda b: b'\x21' + os.urandom(33)), {}),
    ('sid-48-mosquitto', MOSQUITTO, 'session-id', 'the session id is 48 bytes long', sid(D(), lambda b: b'\x30' + os.urandom(48)), {}),
    ('sid-past-end-python', PYTHON, 'session-id', 'the session id length is 255, past the end of the message', sid(D(), lambda b: b'\xff'), {}),
    ('sid-absent-go', GO, 'session-id', 'the length byte of the empty session id is missing: the next byte, 00, is taken for it, and everything after is read one byte early', sid(D(), lambda b: b''), {'also_accept': ['hello.malformed.cipher-suites']}),
    # --- the cipher suites
    ('suites-odd-openssl', OPENSSL, 'cipher-suites', 'the cipher suite list has an odd length', suites(M(), lambda b: vec16(b[2:] + b'\xc0')), {}),
    ('suites-odd-go', GO, 'cipher-suites', 'the cipher suite list has an odd length', suites(D(), lambda b: vec16(b[2:-1])), {}),
    ('suites-empty-gnutls', GNUTLS, 'cipher-suites', 'the cipher suite list is empty', suites(D(), lambda b: b'\0\0'), {}),
    ('suites-empty-openssl', OPENSSL12, 'cipher-suites', 'the cipher suite list is empty', suites(D(), lambda b: b'\0\0'), {}),
    ('suites-past-end-python', PYTHON, 'cipher-suites', 'the cipher suite length runs past the end of the message', suites(D(), lambda b: b'\7\xd0' + b[2:]), {}),
    ('suites-counted-mosquitto', MOSQUITTO, 'cipher-suites', 'the cipher suite length counts suites, not bytes: half the list is read as compression methods and extensions', suites(D(suites=(0xc02b, 0xc02f, 0xc02c, 0xc030)), lambda b: u16(4) + b[2:]), {'also_accept': ['hello.malformed.compression-methods', 'hello.malformed.extensions']}),
    ('suites-little-endian-go', GO, 'cipher-suites', 'the cipher suite length is written little-endian', suites(M(), lambda b: b[1::-1] + b[2:]), {}),
    # --- compression methods
    ('comp-empty-go', GO, 'compression-methods', 'the list of compression methods is empty', comp(D(), lambda b: b'\0'), {}),
    ('comp-empty-openssl', OPENSSL, 'compression-methods', 'the list of compression methods is empty', comp(M(), lambda b: b'\0'), {}),
    ('comp-no-null-gnutls', GNUTLS, 'compression-methods', 'only DEFLATE is offered, the null method is missing', comp(D(), lambda b: b'\1\1'), {}),
    ('comp-no-null-openssl', OPENSSL12, 'compression-methods', 'only DEFLATE is offered, the null method is missing', comp(D(), lambda b: b'\1\1'), {}),
    ('comp-absent-python', PYTHON, 'compression-methods', 'length and list of compression methods are missing: the length of the extensions is read there', comp(D(), lambda b: b''), {'also_accept': ['hello.malformed.extensions']}),
    ('comp-past-end-mosquitto', MOSQUITTO, 'compression-methods', 'the compression length is 255, past the end of the message', comp(D(), lambda b: b'\xff\0'), {}),
    # --- extensions
    ('ext-total-long-openssl', OPENSSL, 'extensions', 'the length of the extension block is two too large', ext(M(), lambda b: more(2)(b[:2]) + b[2:]), {}),
    ('ext-total-short-go', GO, 'extensions', 'the length of the extension block is three too small', ext(M(), lambda b: more(-3)(b[:2]) + b[2:]), {}),
    ('ext-no-total-gnutls', GNUTLS, 'extensions', 'the extension block has no length of its own: the type 0 of server_name is read as an empty block', ext(D(), lambda b: b[2:]), {}),
    ('ext-duplicate-sni-openssl', OPENSSL12, 'extensions', 'server_name is there twice', ext_fields(D(), lambda e: e + [e[0]]), {}),
    ('ext-duplicate-groups-go', GO, 'extensions', 'supported_groups is there twice', ext_fields(M(), lambda e: e + [(10, b'\0\2\0\x17')]), {}),
    ('ext-duplicate-unknown-gnutls', GNUTLS, 'extensions', 'an extension of type 0x1234 is there twice', ext_fields(D(), lambda e: e + [(0x1234, b'x'), (0x1234, b'y')]), {}),
    ('ext-inner-past-end-python', PYTHON, 'extensions', 'signature_algorithms states 200 bytes, past the end of the block', inner(D(), 13, 200), {}),
    ('ext-sni-list-length-mosquitto', MOSQUITTO, 'extensions', 'the list length inside server_name leaves out its own header: it is three too small', ext_fields(D(), lambda e: [(0, more(-3)(e[0][1][:2]) + e[0][1][2:])] + e[1:]), {}),
    ('ext-groups-odd-openssl', OPENSSL, 'extensions', 'supported_groups holds an odd number of bytes', ext_fields(M(), lambda e: [(k, b'\0\3\0\x1d\0') if k == 10 else (k, d) for k, d in e]), {}),
    ('ext-keyshare-length-go', GO, 'extensions', 'the key exchange length inside key_share runs past the end of the extension', ext_fields(D13(), lambda e: [(k, d[:4] + b'\1\0' + d[6:]) if k == 51 else (k, d) for k, d in e]), {}),
    ('ext-psk-not-last-openssl', OPENSSL, 'extensions', 'pre_shared_key is not the last extension', ext_fields(M(), lambda e: e[:-1] + [(41, b'\0\x0c\0\6device\0\0\0\0' + vec16(b'\x20' + os.urandom(32)))] + e[-1:]), {}),
    ('ext-trailing-gnutls', GNUTLS, 'extensions', 'three bytes follow the extension block inside the message', ext(D(), lambda b: b + b'\0\0\0'), {'also_accept': ['hello.malformed.handshake-length']}),
]


def one(name, server, field, what, data, more_label):
    full = 'malformed-' + name
    fields = {'cause': 'hello.malformed.' + field, 'side_at_fault': 'client', 'grade': 'proved', 'evidence': what, 'inputs': {}}
    fields.update(more_label)
    rig.make(full, server=server, keys=None, client=lambda port: raw.client(port, [data, PAUSE(0.05)], quiet=1.2), after=0.3, **fields)
    settle(full, fields['cause'])


def settle(name, cause, seen='proved'):
    """Amends the label by what the server did with the hello; `seen` is the grade of the fault as such."""
    label = lab_label.load(name)
    said = label['messages']['client']
    alert = re.search(r'alert\(2,(\d+)\)', said)
    if 'handshake(2)' in said and not alert:
        label['also_accept'] = ['none', cause]
        label['grades'] = {cause: seen}
        label['advice'] = [cause]
        label['cause'], label['grade'] = 'transport.closed.by-client', 'observed'
        label['evidence'] += '; this server tolerates that and answers with its flight; the probing client closes TCP'
    elif alert:
        label['evidence'] += '; the server sends alert %s' % alert.group(1)
    elif 'silence' in said:
        label['evidence'] += '; the server waits until the client closes'
    else:
        label['evidence'] += '; the server closes without an alert' + (' (RST)' if 'RST' in said else '')
    lab_label.write(label)


def cases():
    return [('malformed-' + row[0], lambda row=row: one(*row)) for row in ROWS]
