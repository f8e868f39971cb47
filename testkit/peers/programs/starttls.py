#!/usr/bin/env python3
"""A server of SMTP or IMAP that begins TLS when it is asked to. Options are NAME=VALUE: host port
cert key proto keylog. Run by: testkit/peers/ends.py."""
import socket
import ssl
import sys

options = dict(one.split('=', 1) for one in sys.argv[1:])
PROTOCOLS = {
    'smtp': (b'220 mail.lab.example ESMTP\r\n', {b'EHLO': b'250-mail.lab.example\r\n250-PIPELINING\r\n250 STARTTLS\r\n', b'QUIT': b'221 bye\r\n'},
             b'STARTTLS', b'220 go ahead\r\n'),
    'imap': (b'* OK IMAP4rev1 ready\r\n', {b'. CAPABILITY': b'* CAPABILITY IMAP4rev1 STARTTLS\r\n. OK done\r\n'}, b'. STARTTLS',
             b'. OK begin\r\n'),
}


def serve(plain, context):
    greeting, answers, begin, go = PROTOCOLS[options.get('proto', 'smtp')]
    plain.sendall(greeting)
    while True:
        line = plain.recv(1000)
        if not line:
            return
        if line.startswith(begin):
            break
        plain.sendall(next((answers[word] for word in answers if line.startswith(word)), b'500 what?\r\n'))
    plain.sendall(go)
    with context.wrap_socket(plain, server_side=True) as tls:
        print('handshake done', tls.version(), flush=True)
        line = tls.recv(1000)
        while line:
            tls.sendall(next((answers[word] for word in answers if line.startswith(word)), b'250 fine\r\n'))
            line = tls.recv(1000)


def main():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(options['cert'], options['key'])
    if options.get('keylog'):
        context.keylog_filename = options['keylog']
    listener = socket.create_server((options['host'], int(options['port'])))
    while True:
        plain, _ = listener.accept()
        try:
            serve(plain, context)
        except OSError as error:
            print('%s.%s %s' % (type(error).__module__, type(error).__name__, error), flush=True)
        plain.close()


if __name__ == '__main__':
    main()
