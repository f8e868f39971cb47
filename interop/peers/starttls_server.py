"""A server that speaks plaintext until TLS is asked for, written from the protocols' documents.

Options: protocol=NAME port=N cert=FILE key=FILE mode=MODE
Modes: ok; absent (STARTTLS is not listed), refuse (the request is refused), inject (bytes follow the
answer in the same segment), tls (TLS from the first byte). After TLS a line is sent back reversed.
"""

import socket
import ssl
import sys
import threading

OPTIONS = dict(word.split("=", 1) for word in sys.argv[1:])
PROTOCOL, MODE = OPTIONS["protocol"], OPTIONS.get("mode", "ok")
CONTEXT = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
CONTEXT.load_cert_chain(OPTIONS["cert"], OPTIONS["key"])

# Greeting, commands with their answers, the request, its answer, its refusal, and what follows when injected.
LINES = {
    "smtp": (
        "220 mail.test ESMTP",
        {"EHLO": "250-mail.test\r\n250-SIZE 1000\r\n250 STARTTLS"},
        ("STARTTLS", "220 2.0.0 ready", "454 4.7.0 TLS not available", "250 injected"),
    ),
    "imap": (
        "* OK ready",
        {"CAPABILITY": "* CAPABILITY IMAP4rev1 STARTTLS\r\n{tag} OK done"},
        ("STARTTLS", "{tag} OK ready", "{tag} NO not now", "* CAPABILITY IMAP4rev1 AUTH=PLAIN"),
    ),
    "pop3": (
        "+OK ready",
        {"CAPA": "+OK\r\nUSER\r\nSTLS\r\n."},
        ("STLS", "+OK ready", "-ERR not now", "+OK injected"),
    ),
    "ftp": ("220-ftp.test\r\n220 ready", {}, ("AUTH TLS", "234 ready", "431 not now", "230 injected")),
    "nntp": (
        "201 ready",
        {"CAPABILITIES": "101 list\r\nVERSION 2\r\nSTARTTLS\r\n."},
        ("STARTTLS", "382 ready", "580 not now", "200 injected"),
    ),
    "sieve": (
        '"IMPLEMENTATION" "test"\r\n"STARTTLS"\r\nOK "ready"',
        {},
        ("STARTTLS", "OK", 'NO "not now"', 'OK "injected"'),
    ),
}


def exact(stream, count):
    data = b""
    while len(data) < count:
        more = stream.recv(count - len(data))
        if not more:
            raise EOFError
        data += more
    return data


def until(stream, end):
    data = b""
    while not data.endswith(end):
        data += exact(stream, 1)
    return data


def lines(stream):
    greeting, commands, (request, answer, refusal, injected) = LINES[PROTOCOL]
    send = lambda text: stream.sendall((text + "\r\n").encode())
    send(hidden(greeting))
    while True:
        line = until(stream, b"\n").decode().strip()
        tag, command = line.split(" ", 1) if PROTOCOL == "imap" else ("", line)
        fill = lambda text: text.replace("{tag}", tag)
        if command.startswith(request):
            if MODE == "refuse":
                send(fill(refusal))
                return False
            send(fill(answer) + ("\r\n" + injected if MODE == "inject" else ""))
            return True
        known = [text for word, text in commands.items() if command.startswith(word)]
        send(fill(hidden(known[0])) if known else fill("{tag} BAD" if tag else "500 what"))


def hidden(text):
    if MODE != "absent":
        return text
    return text.replace("250 STARTTLS", "250 HELP").replace("STARTTLS", "X-NONE").replace("STLS", "X-NONE")


def xmpp(stream):
    until(stream, b"version='1.0'>")
    start = "" if MODE == "absent" else "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
    stream.sendall(
        b"<?xml version='1.0'?><stream:stream xmlns='jabber:client' from='server.test' id='1' version='1.0' "
        b"xmlns:stream='http://etherx.jabber.org/streams'><stream:features>" + start.encode() +
        b"<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms>"
        b"</stream:features>"
    )
    until(stream, b"/>")
    if MODE == "refuse":
        stream.sendall(b"<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:stream>")
        return False
    stream.sendall(b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>" + extra(b"<message/>"))
    return True


def extra(data):
    return data if MODE == "inject" else b""


def ldap(stream):
    exact(stream, 31)
    code = {"refuse": 52, "absent": 2}.get(MODE, 0)
    oid = b"\x8a\x161.3.6.1.4.1.1466.20037"
    body = bytes([0x0A, 1, code, 4, 0, 4, 0]) + oid
    operation = b"\x78" + bytes([len(body)]) + body
    # A length in the long form, as some servers write it.
    message = b"\x02\x01\x01" + operation
    stream.sendall(b"\x30\x84" + len(message).to_bytes(4, "big") + message + extra(b"\x30\x0c"))
    return code == 0


def postgres(stream):
    assert exact(stream, 8) == b"\0\0\0\x08\x04\xd2\x16\x2f"
    stream.sendall((b"N" if MODE in ("absent", "refuse") else b"S") + extra(b"R\0\0\0\x08\0\0\0\0"))
    return MODE not in ("absent", "refuse")


def mysql(stream):
    if MODE == "refuse":
        text = b"\xff\x10\x04Too many connections"
        stream.sendall(bytes([len(text), 0, 0, 0]) + text)
        return False
    low = 0xF7DF if MODE == "absent" else 0xFFDF
    payload = (
        b"\x0a8.0.36\0\x08\0\0\0abcdefgh\0" + low.to_bytes(2, "little") + b"\xff\x02\0\xff\xdf\x15" + bytes(10)
        + b"ijklmnopqrst\0caching_sha2_password\0"
    )
    stream.sendall(bytes([len(payload), 0, 0, 0]) + payload + extra(b"\x07\0\0\x02\0\0\0\x02\0\0\0"))
    head = exact(stream, 4)
    assert head == b"\x20\0\0\x01", head
    flags = int.from_bytes(exact(stream, 32)[:4], "little")
    assert flags & 0x800
    return True


def rdp(stream):
    request = exact(stream, exact(stream, 4)[3] - 4)
    asked = int.from_bytes(request[-4:], "little")
    kind, value = {"refuse": (3, 3), "absent": (2, 0)}.get(MODE, (2, 2 if asked & 2 else 1))
    stream.sendall(
        b"\x03\0\0\x13\x0e\xd0\0\0\x12\x34\0" + bytes([kind, 0, 8, 0]) + value.to_bytes(4, "little") + extra(b"\x03")
    )
    return kind == 2 and value


def serve(stream):
    try:
        stream.settimeout(10)
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        dialogue = globals().get(PROTOCOL.replace("xmpp-server", "xmpp"), lines)
        if MODE != "tls" and not dialogue(stream):
            return
        with CONTEXT.wrap_socket(stream, server_side=True) as tls:
            while line := tls.recv(4096):
                tls.sendall(line.rstrip(b"\n")[::-1] + b"\n")
    except (EOFError, OSError):
        pass
    finally:
        stream.close()


def main():
    listener = socket.create_server(("127.0.0.1", int(OPTIONS["port"])))
    print("ACCEPT", flush=True)
    while True:
        stream, _ = listener.accept()
        threading.Thread(target=serve, args=(stream,), daemon=True).start()


main()
