#!/usr/bin/env python3
"""Python's ssl module as a client or a server. Prints the exceptions as Python words them.
Options are NAME=VALUE; see `options` below. Run by: testkit/peers/ends.py."""
import socket
import ssl
import sys

# role host port name ca cert key keylog low high ciphers alpn data crl need serves curve check strict
# abrupt pin connections groups
options = dict(one.split('=', 1) for one in sys.argv[1:])
get = options.get
VERSIONS = {'1.0': ssl.TLSVersion.TLSv1, '1.1': ssl.TLSVersion.TLSv1_1, '1.2': ssl.TLSVersion.TLSv1_2,
            '1.3': ssl.TLSVersion.TLSv1_3}


def context(server):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if server else ssl.PROTOCOL_TLS_CLIENT)
    if get('low'):
        made.minimum_version = VERSIONS[get('low')]
    if get('high'):
        made.maximum_version = VERSIONS[get('high')]
    if get('ciphers'):
        made.set_ciphers(get('ciphers'))
    if get('curve'):
        made.set_ecdh_curve(get('curve'))
    if get('cert'):
        made.load_cert_chain(get('cert'), get('key'))
    if get('alpn'):
        made.set_alpn_protocols(get('alpn').split(','))
    if get('keylog'):
        made.keylog_filename = get('keylog')
    if get('check') == '0':
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
    if get('ca'):
        made.load_verify_locations(get('ca'))
    if get('crl'):
        made.load_verify_locations(get('crl'))
        made.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
    if get('strict'):
        made.verify_flags |= ssl.VERIFY_X509_STRICT
    if get('need'):
        made.verify_mode = ssl.CERT_REQUIRED
    if get('serves'):
        made.sni_callback = only
    return made


def only(_, name, __):
    if name != get('serves'):
        print('no certificate for', name, flush=True)
        return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
    return None


def client():
    made = context(False)
    session = None
    for _ in range(int(get('connections', 1))):
        plain = socket.create_connection((get('host'), int(get('port'))))
        plain.settimeout(1.5)
        tls = made.wrap_socket(plain, server_hostname=get('name') or None, session=session)
        print('handshake done', tls.version(), tls.cipher()[0], 'resumed', tls.session_reused, flush=True)
        if get('pin'):
            with open(get('pin')) as file:
                if ssl.PEM_cert_to_DER_cert(file.read()) != tls.getpeercert(True):
                    print('the certificate of the peer is not the pinned one', flush=True)
                    tls.close()
                    return
        if get('data'):
            tls.sendall(get('data').encode())
            try:
                print(tls.recv(4096), flush=True)
            except TimeoutError:
                pass
        session = tls.session
        finish(tls)


def finish(tls):
    if not get('abrupt'):
        try:
            tls.unwrap()
        except (OSError, ssl.SSLError):
            pass
    tls.close()


def serve():
    made = context(True)
    family = socket.AF_INET6 if ':' in get('host') else socket.AF_INET
    listener = socket.create_server((get('host'), int(get('port'))), family=family)
    while True:
        plain, _ = listener.accept()
        try:
            tls = made.wrap_socket(plain, server_side=True)
            print('handshake done', tls.version(), tls.cipher()[0], flush=True)
            while True:
                data = tls.recv(4096)
                if not data:
                    break
                tls.sendall(data)
            finish(tls)
        except OSError as error:
            tell(error)
            plain.close()


def tell(error):
    print('%s.%s %s' % (type(error).__module__, type(error).__name__, error), flush=True)


if __name__ == '__main__':
    try:
        serve() if get('role') == 'server' else client()
    except (OSError, ValueError) as error:
        tell(error)
        sys.exit(1)
