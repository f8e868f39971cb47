"""Python's ssl module as a client or an echoing server: pyend.py ROLE HOST PORT VERSION FILES... [--keylog F] [--suites S]"""
import argparse
import socket
import ssl
import sys

parser = argparse.ArgumentParser()
parser.add_argument('role')
parser.add_argument('host')
parser.add_argument('port', type=int)
parser.add_argument('tls')
parser.add_argument('files', nargs='*')
parser.add_argument('--keylog')
parser.add_argument('--suites')
parser.add_argument('--name', default='localhost')
a = parser.parse_args()

ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT if a.role == 'client' else ssl.PROTOCOL_TLS_SERVER)
if a.tls != 'any':
    ctx.minimum_version = ctx.maximum_version = {'1.2': ssl.TLSVersion.TLSv1_2, '1.3': ssl.TLSVersion.TLSv1_3}[a.tls]
if a.keylog:
    ctx.keylog_filename = a.keylog
if a.suites:
    ctx.set_ciphers(a.suites)
family = socket.AF_INET6 if ':' in a.host else socket.AF_INET
try:
    if a.role == 'client':
        ctx.load_verify_locations(a.files[0])
        with socket.create_connection((a.host, a.port), timeout=6) as sock:
            with ctx.wrap_socket(sock, server_hostname=a.name) as tls:
                print(tls.version(), tls.cipher()[0])
                tls.sendall(b'reading 21.5\n')
                print(tls.recv(100))
                tls.unwrap()
    else:
        ctx.load_cert_chain(*a.files)
        listener = socket.socket(family)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((a.host, a.port))
        listener.listen(4)
        sock, _ = listener.accept()
        sock.settimeout(6)
        with ctx.wrap_socket(sock, server_side=True) as tls:
            data = tls.recv(1000)
            while data:
                tls.sendall(data)
                data = tls.recv(1000)
            tls.unwrap()
except Exception as e:
    print('error: %s: %s' % (type(e).__name__, e))
    sys.exit(1)
