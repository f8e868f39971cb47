"""endings.py ROLE WHAT HOST PORT CERT KEYLOG: one end of a connection that ends as WHAT says."""
import socket
import ssl
import struct
import sys
import time

role, what, host, port, cert, keylog = sys.argv[1:7]


def client():
    context = ssl.create_default_context(cafile=cert + '.pem') if cert != '-' else ssl._create_unverified_context()
    if keylog != '-':
        context.keylog_filename = keylog
    if what in ('h2', 'postgresql'):
        context.set_alpn_protocols([what])
    if what == 'unwrap':
        context.maximum_version = ssl.TLSVersion.TLSv1_2
    raw = socket.create_connection((host, int(port)), 4)
    try:
        tls = context.wrap_socket(raw, server_hostname='pump-4.windpark.example')
    except ssl.SSLError as error:
        return print(error)
    if what in ('h2', 'postgresql') and tls.selected_alpn_protocol() is None:
        print('error: no application protocol was selected')
        tls.setblocking(False)
        try:
            tls.unwrap()
        except OSError:
            pass
        return tls.close()
    if what == 'reset':
        tls.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        return tls.close()
    if what == 'unwrap':
        tls.sendall(b'CCC\r\n')
        plain = tls.unwrap()
        plain.sendall(b'PORT 1,2,3,4\r\n')
        plain.recv(100)
        return plain.close()
    if what == 'read':
        tls.sendall(b'hello\r\n')
        try:
            print(tls.recv(100))
        except OSError as error:
            print(error)
    tls.close()


def server():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert + '.pem', cert + '.key')
    if what in ('plain12', 'unwrap'):
        context.maximum_version = ssl.TLSVersion.TLSv1_2
    listening = socket.create_server((host, int(port)))
    while True:
        raw, _ = listening.accept()
        try:
            tls = context.wrap_socket(raw, server_side=True)
            serve(tls)
        except OSError as error:
            print(error, flush=True)


def serve(tls):
    if what == 'close':
        return tls.close()
    tls.recv(100)
    if what == 'unwrap':
        plain = tls.unwrap()
        plain.recv(100)
        plain.sendall(b'200 ok\r\n')
        return plain.close()
    # A log line or error text that goes to the socket instead of the TLS connection.
    plain = socket.socket(fileno=tls.detach())
    plain.sendall(b'Traceback: could not read configuration\r\n')
    time.sleep(0.2)
    plain.close()


client() if role == 'client' else server()
