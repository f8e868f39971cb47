"""Clients of Python's standard library that ask for TLS.

Options: protocol=smtp|imap|pop3|ftp port=N
"""

import ftplib
import imaplib
import poplib
import smtplib
import ssl
import sys

OPTIONS = dict(word.split("=", 1) for word in sys.argv[1:])
PORT = int(OPTIONS["port"])
CONTEXT = ssl.create_default_context()
CONTEXT.check_hostname = False
CONTEXT.verify_mode = ssl.CERT_NONE


def smtp():
    client = smtplib.SMTP("127.0.0.1", PORT, timeout=10)
    client.starttls(context=CONTEXT)
    return client.sock


def imap():
    client = imaplib.IMAP4("127.0.0.1", PORT, timeout=10)
    # After TLS it asks for the capabilities, which nobody answers here.
    try:
        client.starttls(CONTEXT)
    except imaplib.IMAP4.abort:
        pass
    return client.sock


def pop3():
    client = poplib.POP3("127.0.0.1", PORT, timeout=10)
    client.stls(CONTEXT)
    return client.sock


def ftp():
    client = ftplib.FTP_TLS(context=CONTEXT, timeout=10)
    client.connect("127.0.0.1", PORT)
    client.auth()
    return client.sock


print(globals()[OPTIONS["protocol"]]().version(), flush=True)
