"""key-exchange.*, missing messages inside TLS 1.3 and encrypt_then_mac that only one end applies.

Points off their curve come from scripted servers that sign what they send; bad signatures from a Go server whose
signer fails; different keys from tlslite-ng with one fault, so that one end's arithmetic is wrong, not the path.
"""
import os
import subprocess

from . import offers, rig, rules, violations, wire
from .wire import record, u16, vec16, vec8

OFF, BAD, DIFFER = 'key-exchange.point-not-on-curve', 'key-exchange.signature-invalid', 'key-exchange.keys-differ'
TAMPER, NOTKEY, MISSING, ETM = 'tamper.in-flight', 'key.not-of-certificate', 'peer.protocol-violation.missing-message', 'etm.mismatch'
SIZE = {23: 32, 24: 48, 25: 66}
CLOSED = {'also_accept': ['transport.closed.by-server'], 'grades': {'transport.closed.by-server': 'observed'}}


def off_curve(group):
    """An uncompressed point with random coordinates: on the curve once in never."""
    return b'\4' + (os.urandom(2 * SIZE[group]) if group != 25 else b'\0' + os.urandom(65) + b'\0' + os.urandom(65))


def zero_y(group):
    """The generator's x with y = 0, as a wrongly cleared buffer gives it."""
    return b'\4' + offers.P256_SHARE[1:33] + b'\0' * 32


def sign(label, data):
    return subprocess.run(['openssl', 'dgst', '-sha256', '-sign', rig.pki().path(label + '.key')], input=data, stdout=subprocess.PIPE, check=True).stdout


def bad_point_12(label, suite, group, scheme, point=off_curve, good_signature=True):
    """A whole server flight of TLS 1.2 whose ServerKeyExchange holds such a point, signed with the right key."""
    def script(conn):
        conn.read_hello()
        hello = wire.server_hello(suite, [(wire.RENEGO, b'\0')])
        params = b'\3' + u16(group) + vec8(point(group))
        signed = conn.hello.random + wire.Hello(hello).random + params
        signature = sign(label, signed if good_signature else signed + b'\0')
        ske = wire.message(wire.SERVER_KEY_EXCHANGE, params + u16(scheme) + vec16(signature))
        conn.handshake(hello, violations.certificate(label)(), ske, violations.done())
        conn.drain()
    return script


def bad_point_13(group, point=off_curve):
    """A ServerHello of TLS 1.3 with such a share, then records that look protected."""
    def script(conn):
        conn.read_hello()
        suite = next(s for s in conn.hello.suite_list() if s >> 8 == 0x13)
        conn.handshake(wire.server_hello(suite, [violations.V13, (wire.KEY_SHARE, u16(group) + vec16(point(group)))], session_id=conn.hello.session_id))
        conn.send(record(wire.CCS, b'\1'), record(wire.APPDATA, os.urandom(39)), record(wire.APPDATA, os.urandom(1000)))
        conn.drain()
    return script


def o(tls, **more):
    return ('openssl', dict({'tls': tls}, **more))


def g(tls, **more):
    return ('gnutls', dict({'tls': tls}, **more))


def py(tls, **more):
    return ('python', dict({'tls': tls}, **more))


def go(tls, **more):
    return ('go', dict({'tls': tls}, **more))


def lite(fault, *args, **more):
    return ('tlslite', dict({'fault': fault, 'args': list(args)}, **more))


JAVA12, JAVA13 = ('java', {'args': 'data=x protocols=TLSv1.2'}), ('java', {'args': 'data=x protocols=TLSv1.3'})
MBED = 'mbed'
NO_KEYS = {'inputs': {}}
OTHER = 'the RSA signature over the key exchange was made by the right key, over another digest'
FLIPPED = 'one bit of the signature over the key exchange is wrong'

ROWS = [
    # name, server, client, keys, cause, grade, side, evidence, more
    ('point-p256-12-openssl', bad_point_12('ec', 0xc02b, 23, 0x0403), o('1.2', groups='P-256'), None, OFF, 'proved', 'server', 'the P-256 point of the ServerKeyExchange is not on its curve, the signature over it is valid', {}),
    ('point-p384-12-go', bad_point_12('rsa', 0xc02f, 24, 0x0401), go('1.2', groups='P-384'), None, OFF, 'proved', 'server', 'the P-384 point of the ServerKeyExchange is not on its curve, the signature over it is valid', {}),
    ('point-p256-12-java', bad_point_12('rsa', 0xc02f, 23, 0x0401), JAVA12, None, OFF, 'proved', 'server', 'the P-256 point of the ServerKeyExchange is not on its curve, the signature over it is valid', {}),
    ('point-p256-12-mbed-both-bad', bad_point_12('ec', 0xc02b, 23, 0x0403, good_signature=False), MBED, None, OFF, 'proved', 'server', 'the P-256 point of the ServerKeyExchange is not on its curve, and the signature is invalid as well', {'also_accept': [BAD, TAMPER], 'grades': {TAMPER: 'possible'}}),
    ('point-p521-12-gnutls', bad_point_12('ec', 0xc02b, 25, 0x0403), g('1.2'), None, OFF, 'proved', 'server', 'the P-521 point of the ServerKeyExchange is not on its curve, the signature over it is valid', {}),
    ('point-p256-13-openssl', bad_point_13(23), o('1.3', groups='P-256'), None, OFF, 'proved', 'server', 'the P-256 share of the ServerHello is not on its curve', {'also_accept': [TAMPER], 'grades': {TAMPER: 'possible'}}),
    ('point-p384-13-python', bad_point_13(24), o('1.3', groups='P-384:P-256'), None, OFF, 'proved', 'server', 'the P-384 share of the ServerHello is not on its curve', {'also_accept': [TAMPER], 'grades': {TAMPER: 'possible'}}),
    ('point-zero-y-13-gnutls', bad_point_13(23, zero_y), g('1.3'), None, OFF, 'proved', 'server', 'the P-256 share of the ServerHello has y = 0 and is not on its curve', {'also_accept': [TAMPER], 'grades': {TAMPER: 'possible'}}),
    ('point-p256-13-java', bad_point_13(23), JAVA13, None, OFF, 'proved', 'server', 'the P-256 share of the ServerHello is not on its curve', {'also_accept': [TAMPER], 'grades': {TAMPER: 'possible'}}),
    ('sig-bit-12-ec-openssl', go('1.2', fault='bit'), o('1.2'), None, BAD, 'proved', 'server', FLIPPED + ' (ECDSA, TLS 1.2)', {'also_accept': [TAMPER, NOTKEY], 'grades': {TAMPER: 'possible', NOTKEY: 'inferred'}}),
    ('sig-other-12-rsa-gnutls', go('1.2', fault='other', cert='rsa'), g('1.2'), None, BAD, 'proved', 'server', OTHER, {'also_accept': [TAMPER], 'grades': {TAMPER: 'inferred'}}),
    ('sig-other-12-ec-java', go('1.2', fault='other'), JAVA12, None, BAD, 'proved', 'server', 'the ECDSA signature over the key exchange does not verify', {'also_accept': [TAMPER, NOTKEY], 'grades': {TAMPER: 'possible', NOTKEY: 'inferred'}}),
    ('sig-other-12-ec-mbed', go('1.2', fault='other'), MBED, None, BAD, 'proved', 'server', 'the ECDSA signature over the key exchange does not verify', {'also_accept': [TAMPER, NOTKEY], 'grades': {TAMPER: 'possible', NOTKEY: 'inferred'}}),
    ('sig-other-13-rsa-keys', go('1.3', fault='other', cert='rsa'), o('1.3'), 'client', BAD, 'proved', 'server', 'the CertificateVerify (RSA-PSS) does not verify; the records authenticate, so nothing changed on the way', {'also_accept': [NOTKEY], 'grades': {NOTKEY: 'possible'}}),
    ('sig-bit-13-ec-python-keys', go('1.3', fault='bit'), py('1.3'), 'client', BAD, 'proved', 'server', 'the CertificateVerify (ECDSA) does not verify; the records authenticate, so nothing changed on the way', {'also_accept': [NOTKEY], 'grades': {NOTKEY: 'inferred'}}),
    ('sig-bit-13-ec-nokeys', go('1.3', fault='bit'), g('1.3'), None, BAD, 'inferred', 'server', 'without key log: the client sends decrypt_error or the like after the protected flight of the server', {'also_accept': [NOTKEY, TAMPER, DIFFER, 'refused.unexplained'], 'grades': {'refused.unexplained': 'possible', TAMPER: 'possible', DIFFER: 'possible'}}),
    ('wrong-key-12-ec-go', go('1.2', fault='key'), go('1.2'), None, NOTKEY, 'inferred', 'server', 'the ECDSA signature over the key exchange was made with another key', {'also_accept': [BAD, TAMPER], 'grades': {BAD: 'proved', TAMPER: 'possible'}}),
    ('wrong-key-13-rsa-openssl-keys', go('1.3', fault='key', cert='rsa'), o('1.3'), 'client', NOTKEY, 'inferred', 'server', 'the CertificateVerify opens to nothing under the key of the certificate; the records authenticate', {'also_accept': [BAD], 'grades': {BAD: 'proved'}}),
    # --- both ends complete the exchange and differ
    ('differ-12-server-reversed-keys', lite('reversed', 'tls=1.2', cert='rsa'), o('1.2'), 'client', DIFFER, 'inferred', 'server', 'the Finished of the client authenticates under its own key log and fits the messages; the server answers bad_record_mac: it computed other keys', {'also_accept': [TAMPER]}),
    ('differ-12-server-reversed-nokeys', lite('reversed', 'tls=1.2', cert='rsa'), go('1.2'), None, DIFFER, 'inferred', 'none', 'certificate handshake with a valid signature; the server answers bad_record_mac to the first protected record', {'also_accept': [TAMPER]}),
    ('differ-12-client-reversed-serverkeys', o('1.2', cert='rsa'), lite('reversed', 'tls=1.2'), 'server', DIFFER, 'proved', 'client', 'the Finished record of the client does not authenticate under the key log of the server, nor does it decrypt to anything', {'also_accept': [TAMPER], 'grades': {TAMPER: 'inferred'}}),
    ('differ-12-client-no-ems-gnutls', g('1.2', cert='rsa'), lite('no-ems', 'tls=1.2'), 'server', DIFFER, 'proved', 'client', 'extended_master_secret is agreed and the client does not use it: its Finished record does not authenticate under the key log of the server', {'also_accept': [TAMPER], 'grades': {TAMPER: 'inferred'}}),
    ('differ-12-server-transcript', lite('transcript', 'tls=1.2', cert='rsa'), o('1.2'), 'client', DIFFER, 'proved', 'server', 'the Finished of the server opens and does not fit the messages: it hashed something else', {'also_accept': [TAMPER], 'grades': {TAMPER: 'inferred'}}),
    ('differ-13-server-reversed-keys', lite('reversed', 'tls=1.3', cert='rsa'), o('1.3'), 'client', DIFFER, 'proved', 'server', 'the first protected record of the server does not authenticate under the key log of the client, nor decrypt to anything', {'also_accept': [TAMPER], 'grades': {TAMPER: 'inferred'}}),
    ('differ-13-server-reversed-nokeys', lite('reversed', 'tls=1.3', cert='rsa'), g('1.3'), None, DIFFER, 'inferred', 'server', 'the client answers bad_record_mac to the first protected record of the server', {'also_accept': [TAMPER]}),
    ('differ-13-client-reversed-nokeys', go('1.3', cert='rsa'), lite('reversed', 'tls=1.3'), None, DIFFER, 'inferred', 'client', 'the client answers bad_record_mac to the first protected record of the server', {'also_accept': [TAMPER]}),
    # --- messages of TLS 1.3 that are never sent
    ('no-cv-13-openssl-keys', lite('drop:CertificateVerify', 'tls=1.3', cert='rsa'), o('1.3'), 'client', MISSING, 'proved', 'server', 'Finished follows Certificate without CertificateVerify', {'also_accept': ['tamper.dropped-message'], 'grades': {'tamper.dropped-message': 'possible'}}),
    ('no-cert-13-go-keys', lite('drop:Certificate', 'tls=1.3', cert='rsa'), go('1.3'), 'client', MISSING, 'proved', 'server', 'CertificateVerify follows EncryptedExtensions without Certificate', {'also_accept': ['tamper.dropped-message'], 'grades': {'tamper.dropped-message': 'possible'}}),
    ('no-ee-13-python-keys', lite('drop:EncryptedExtensions', 'tls=1.3', cert='rsa'), py('1.3'), 'client', MISSING, 'proved', 'server', 'Certificate follows ServerHello without EncryptedExtensions', {'also_accept': ['tamper.dropped-message'], 'grades': {'tamper.dropped-message': 'possible'}}),
    ('no-cv-13-gnutls-nokeys', lite('drop:CertificateVerify', 'tls=1.3', cert='rsa'), g('1.3'), None, MISSING, 'possible', 'server', 'without key log: the client says unexpected_message after the protected flight of the server', {'also_accept': ['tamper.dropped-message', 'refused.unexplained', DIFFER, TAMPER]}),
    ('no-cke-12-gnutls', g('1.2', cert='rsa'), lite('drop:ClientKeyExchange', 'tls=1.2'), None, MISSING, 'proved', 'client', 'ChangeCipherSpec comes from the client where ClientKeyExchange must', {'also_accept': ['tamper.dropped-message'], 'grades': {'tamper.dropped-message': 'inferred'}}),
    ('no-ccs-12-openssl', o('1.2', cert='rsa'), lite('drop:ChangeCipherSpec', 'tls=1.2'), None, MISSING, 'proved', 'client', 'the protected Finished of the client comes without ChangeCipherSpec', {'also_accept': ['tamper.dropped-message'], 'grades': {'tamper.dropped-message': 'inferred'}}),
    ('ee-unasked-13-openssl-keys', lite('ee:16', 'tls=1.3', cert='rsa'), o('1.3'), 'client', 'peer.protocol-violation.unsolicited-extension', 'proved', 'server', 'EncryptedExtensions carries ALPN, the ClientHello does not', {}),
    ('ee-unasked-13-go-nokeys', lite('ee:16', 'tls=1.3', cert='rsa'), go('1.3'), None, 'peer.protocol-violation.unsolicited-extension', 'possible', 'server', 'without key log: the client refuses something in the protected flight of the server', {'also_accept': ['refused.unexplained', DIFFER, TAMPER, MISSING]}),
]

CBC = 'ECDHE-RSA-AES128-SHA256'
NOETM = [
    # name, server, client, way, rule, tap, keys, grade, side, evidence, also
    ('sh-stripped-client-tap-keys', o('1.2', cert='rsa'), o('1.2', suites=CBC), 'to_client', rules.on_hello(2, lambda h: h.drop(wire.ETM)), 'client', 'client', 'inferred', 'network', 'encrypt_then_mac is offered, the ServerHello as captured lacks it; the record of the client authenticates without it, and the server refuses it', [TAMPER, DIFFER]),
    ('sh-stripped-server-tap-keys', o('1.2', cert='rsa'), o('1.2', suites=CBC), 'to_client', rules.on_hello(2, lambda h: h.drop(wire.ETM)), 'server', 'client', 'proved', 'network', 'encrypt_then_mac is agreed as captured before the change; the record of the client authenticates only without it', [TAMPER]),
    ('sh-stripped-nokeys', g('1.2', cert='rsa'), o('1.2', suites='ECDHE-RSA-AES128-SHA'), 'to_client', rules.on_hello(2, lambda h: h.drop(wire.ETM)), 'server', None, 'possible', 'network', 'without key log: the server refuses the first CBC record of the client; the length of the record tells how it was built', [TAMPER, DIFFER]),
    ('sh-added-server-tap-keys', o('1.2', cert='rsa', args=['-no_etm']), o('1.2', suites=CBC), 'to_client', rules.on_hello(2, lambda h: h.put(wire.ETM, b'')), 'server', 'client', 'proved', 'network', 'the ServerHello before the change does not agree on encrypt_then_mac; the record of the client authenticates only with it', [TAMPER]),
    ('faulty-client-keys', g('1.2', cert='rsa'), lite('no-etm', 'tls=1.2', 'cipher=aes128'), None, None, 'client', 'server', 'proved', 'client', 'encrypt_then_mac is agreed; the record of the client authenticates only without it', []),
    ('faulty-client-openssl-keys', o('1.2', cert='rsa', suites='ALL'), lite('no-etm', 'tls=1.2', 'cipher=aes256', 'mac=sha'), None, None, 'client', 'server', 'proved', 'client', 'encrypt_then_mac is agreed; the record of the client authenticates only without it', []),
    ('faulty-server-keys', lite('no-etm', 'tls=1.2', 'cipher=aes128', 'mac=sha256', cert='rsa'), o('1.2', suites=CBC), None, None, 'client', 'client', 'inferred', 'server', 'encrypt_then_mac is agreed; the record of the client authenticates with it, and the server refuses it', [TAMPER, DIFFER]),
]
PSK = '3f7a90c455d01be2'
PSK_SERVER = {'cert': None, 'args': ['-nocert', '-psk', PSK, '-psk_identity', 'meter-17'], 'suites': 'PSK-AES128-CBC-SHA256'}
PSK_CLIENT = {'verify': False, 'sni': None, 'args': ['-psk', PSK, '-psk_identity', 'meter-17'], 'suites': 'PSK-AES128-CBC-SHA256'}
PSKS = [
    ('psk-sh-stripped', 'PSK-AES128-CBC-SHA256', 'server', True, lambda h: h.drop(wire.ETM), [], 'proved', 'the plain PSK opens the record of the client only without encrypt_then_mac, which the ServerHello before the change agrees on', [TAMPER]),
    ('psk-sh-added', 'PSK-AES256-CBC-SHA384', 'server', True, lambda h: h.put(wire.ETM, b''), ['-no_etm'], 'proved', 'the plain PSK opens the record of the client only with encrypt_then_mac, which the ServerHello before the change does not agree on', [TAMPER]),
    ('psk-sh-stripped-client-tap', 'PSK-AES128-CBC-SHA', 'client', True, lambda h: h.drop(wire.ETM), [], 'inferred', 'the plain PSK opens the record of the client without encrypt_then_mac, as the captured hellos agree; the server, which holds the same key, refuses it', [TAMPER, DIFFER, 'psk.value.encoding', 'psk.value.differs']),
    ('psk-sh-stripped-nocand', 'PSK-AES128-CBC-SHA256', 'server', False, lambda h: h.drop(wire.ETM), [], 'possible', 'without the key: the server refuses the Finished record of the client with bad_record_mac', [TAMPER, DIFFER, 'psk.value.differs', 'psk.value.encoding']),
]


def one(name, server, client, keys, cause, grade, side, evidence, more):
    inputs = {} if keys is None else None
    label = dict({'inputs': inputs} if inputs is not None and cause == OFF else {}, **more)
    rig.make('kex-' + name, server=server, client=client, keys=keys, timeout=5, cause=cause, grade=grade, side_at_fault=side, evidence=evidence, **label)


def etm(name, server, client, way, rule, tap, keys, grade, side, evidence, also):
    between = {way: rule} if way else {}
    grades = {TAMPER: 'inferred'} if grade == 'proved' and TAMPER in also else {}
    rig.make('etm-' + name, server=server, client=client, tap=tap, keys=keys, timeout=5, cause=ETM, grade=grade, side_at_fault=side,
             evidence=evidence, also_accept=also, grades=grades, **between)


def etm_psk(name, suite, tap, candidate, edit, server_args, grade, evidence, also):
    server = ('openssl', dict(PSK_SERVER, tls='1.2', suites=suite, args=PSK_SERVER['args'] + server_args))
    rig.make('etm-' + name, server=server, client=('openssl', dict(PSK_CLIENT, tls='1.2', suites=suite)), tap=tap, keys=None, timeout=5,
             to_client=rules.on_hello(2, edit), cause=ETM, grade=grade, side_at_fault='network', evidence=evidence, also_accept=also,
             grades={TAMPER: 'inferred'} if grade == 'proved' else {'psk.value.encoding': 'proved'} if candidate else {}, inputs={'psk_candidates': [PSK]} if candidate else {})


def cases():
    made = [('kex-' + row[0], lambda row=row: one(*row)) for row in ROWS]
    made += [('etm-' + row[0], lambda row=row: etm(*row)) for row in NOETM]
    return made + [('etm-' + row[0], lambda row=row: etm_psk(*row)) for row in PSKS]
