"""Whole sessions of the standard library's mail clients, without TLS of their own, with `mail_server.py` behind a tunnel.

Options: protocol=smtp|imap|pop3 port=N. Prints what the client knows of the server, a line for each fact.
"""

import imaplib
import poplib
import smtplib
import sys

OPTIONS = dict(word.split("=", 1) for word in sys.argv[1:])
HOST, PORT, TIMEOUT = "127.0.0.1", int(OPTIONS["port"]), 30


def smtp():
    with smtplib.SMTP(timeout=TIMEOUT) as client:
        code, text = client.connect(HOST, PORT)
        print("greeting", code, text)
        client.ehlo()
        print("capabilities", *sorted(client.esmtp_features))
        print("login", client.login("jo", "sesam")[0])
        print("refused", client.sendmail("a@a.test", ["b@b.test", "c@c.test"], "Subject: hello\r\n\r\nhello"))
        # One segment with three commands (RFC 2920).
        client.send(b"MAIL FROM:<a@a.test>\r\nRCPT TO:<b@b.test>\r\nDATA\r\n")
        print("pipelined", *[client.getreply()[0] for _ in range(3)])
        client.send(b"hello\r\n.\r\n")
        print("queued", client.getreply()[0])


def imap():
    client = imaplib.IMAP4(HOST, PORT, TIMEOUT)
    print("greeting", client.welcome)
    print("capabilities", *sorted(client.capabilities))
    print("login", client.login("jo", "sesam")[0])
    print("select", client.select())
    client.send(b"p1 NOOP\r\np2 NOOP\r\n")
    print("pipelined", client.readline(), client.readline())
    print("logout", client.logout()[0])


def pop3():
    client = poplib.POP3(HOST, PORT, TIMEOUT)
    print("greeting", client.getwelcome())
    print("capabilities", *sorted(client.capa()))
    print("login", client.user("jo"), client.pass_("sesam"))
    print("stat", client.stat())
    client.sock.sendall(b"STAT\r\nSTAT\r\n")
    print("pipelined", client.file.readline(), client.file.readline())
    print("quit", client.quit())


globals()[OPTIONS["protocol"]]()
