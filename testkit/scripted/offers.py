"""ClientHellos as different writers make them: a browser-like one, a small device's, one of a TLS 1.3-only client."""
import os

from . import wire
from .wire import sni, u16, u16_list, vec8, vec16

# A share that a server accepts as a share: the point of x25519 with u = 9, the generator of P-256.
X25519_SHARE = (9).to_bytes(32, 'little')
P256_SHARE = bytes.fromhex('046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296'
                           '4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5')
SIGALGS = (0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601)


def modern(name='localhost', session_id=None, suites=None, alpn=(b'h2', b'http/1.1'), extra=()):
    """What a browser or a current library sends: TLS 1.3 and 1.2, two shares."""
    shares = u16(29) + vec16(X25519_SHARE) + u16(23) + vec16(P256_SHARE)
    ext = [(wire.SNI, sni(name)), (wire.EMS, b''), (wire.RENEGO, b'\0'),
           (wire.GROUPS, vec16(u16_list((29, 23, 24)))), (wire.POINT_FORMATS, vec8(b'\0')), (wire.SESSION_TICKET, b'')]
    if alpn:
        ext.append((wire.ALPN, vec16(b''.join(vec8(a) for a in alpn))))
    ext += [(wire.SIGALGS, vec16(u16_list(SIGALGS))), (wire.KEY_SHARE, vec16(shares)), (wire.PSK_MODES, vec8(b'\1')),
            (wire.VERSIONS, vec8(u16_list((0x0304, 0x0303))))]
    return wire.client_hello(suites or (0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8), ext + list(extra),
                             session_id=os.urandom(32) if session_id is None else session_id)


def device(name='localhost', suites=(0xc02b, 0xc02f), groups=(23,), sigalgs=(0x0403, 0x0401), extra=(), session_id=b'', version=0x0303):
    """What a microcontroller sends: TLS 1.2, one or two suites, few extensions."""
    ext = []
    if name:
        ext.append((wire.SNI, sni(name)))
    if groups:
        ext += [(wire.GROUPS, vec16(u16_list(groups))), (wire.POINT_FORMATS, vec8(b'\0'))]
    if sigalgs:
        ext.append((wire.SIGALGS, vec16(u16_list(sigalgs))))
    return wire.client_hello(suites, ext + list(extra), session_id=session_id, version=version)


def only13(name='localhost', groups=(23,), share=True, sigalgs=SIGALGS, shares=None):
    """A client that knows nothing but TLS 1.3."""
    ext = [(wire.SNI, sni(name)), (wire.VERSIONS, vec8(u16(0x0304)))]
    if groups:
        ext.append((wire.GROUPS, vec16(u16_list(groups))))
    if sigalgs:
        ext.append((wire.SIGALGS, vec16(u16_list(sigalgs))))
    if share:
        ext.append((wire.KEY_SHARE, vec16(shares if shares is not None else u16(23) + vec16(P256_SHARE))))
    return wire.client_hello((0x1301, 0x1302), ext, session_id=os.urandom(32))


def parts(msg):
    """A ClientHello as (version+random, session id with length, suites with length, compression with length,
    extension block with length): each can be replaced by something broken."""
    h = wire.Hello(msg)
    return [h.version + h.random, vec8(h.session_id), vec16(h.suites), vec8(h.compression), h.extension_block() if h.extensions else b'']


def joined(p):
    return wire.message(wire.CLIENT_HELLO, b''.join(p))
