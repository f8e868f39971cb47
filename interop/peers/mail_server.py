"""A mail server that serves nothing before TLS but the request for it, and has other capabilities inside of TLS.

Options: protocol=smtp|imap|pop3 cert=FILE key=FILE. The user is `jo`, with the password `sesam`.
The first line of its output ends with its port.
"""

import base64
import socket
import ssl
import sys
import threading

OPTIONS = dict(word.split("=", 1) for word in sys.argv[1:])
CONTEXT = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
CONTEXT.load_cert_chain(OPTIONS["cert"], OPTIONS["key"])

GREETINGS = {
    "smtp": "220-mail.test ESMTP\r\n220 at your service",
    "imap": "* OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED X-PLAINTEXT] ready",
    "pop3": "+OK ready",
}


def smtp(command, is_tls):
    word = command.split(" ")[0].upper()
    if word == "EHLO":
        return "250-mail.test\r\n" + ("250-PIPELINING\r\n250 AUTH PLAIN" if is_tls else "250-X-PLAINTEXT\r\n250 STARTTLS")
    if word == "STARTTLS" and not is_tls:
        return "220 go ahead"
    if not is_tls:
        return "530 5.7.0 Must issue a STARTTLS command first"
    if word == "AUTH":
        is_known = base64.b64decode(command.split(" ")[2]) == b"\0jo\0sesam"
        return "235 welcome" if is_known else "535 unknown"
    return {"MAIL": "250 sender", "RCPT": "250 recipient", "DATA": "354 go on", "QUIT": "221 bye"}.get(word, "500 what")


def imap(line, is_tls):
    tag, command = line.split(" ", 1)
    word = command.split(" ")[0].upper()
    if word == "CAPABILITY":
        inside = "AUTH=PLAIN UIDPLUS" if is_tls else "STARTTLS LOGINDISABLED X-PLAINTEXT"
        return f"* CAPABILITY IMAP4rev1 {inside}\r\n{tag} OK done"
    if word == "STARTTLS" and not is_tls:
        return f"{tag} OK begin"
    if word == "LOGOUT":
        return f"* BYE\r\n{tag} OK bye"
    if not is_tls:
        return f"{tag} NO [PRIVACYREQUIRED] TLS first"
    if word == "LOGIN":
        return f"{tag} OK in" if command.split(" ")[1:] == ["jo", '"sesam"'] else f"{tag} NO unknown"
    if word == "SELECT":
        return f"* 3 EXISTS\r\n* FLAGS ()\r\n{tag} OK [READ-WRITE] selected"
    return f"{tag} OK done" if word == "NOOP" else f"{tag} BAD what"


def pop3(command, is_tls):
    word, _, rest = command.partition(" ")
    if word == "CAPA":
        return "+OK\r\n" + ("USER\r\nPIPELINING\r\nUIDL\r\n." if is_tls else "STLS\r\nX-PLAINTEXT\r\n.")
    if word == "STLS" and not is_tls:
        return "+OK begin"
    if not is_tls:
        return "-ERR TLS first"
    if word in ("USER", "PASS"):
        return "+OK" if rest in ("jo", "sesam") else "-ERR unknown"
    return {"STAT": "+OK 2 320", "QUIT": "+OK bye"}.get(word, "-ERR what")


def session(stream, is_tls):
    """Answers commands up to the request for TLS; whether it came."""
    answer = globals()[OPTIONS["protocol"]]
    lines = stream.makefile("rb", buffering=0) if not is_tls else stream.makefile("rb")
    while line := lines.readline():
        command = line.decode().rstrip("\r\n")
        reply = answer(command, is_tls)
        stream.sendall((reply + "\r\n").encode())
        if not is_tls and command.upper().endswith(("STARTTLS", "STLS")):
            return True
        if reply.startswith("354"):
            while lines.readline() not in (b".\r\n", b""):
                pass
            stream.sendall(b"250 queued\r\n")
        if command.upper().endswith(("QUIT", "LOGOUT")):
            return False
    return False


def serve(stream):
    try:
        stream.sendall((GREETINGS[OPTIONS["protocol"]] + "\r\n").encode())
        if session(stream, False):
            with CONTEXT.wrap_socket(stream, server_side=True) as tls:
                session(tls, True)
                tls.unwrap()
    except OSError:
        pass
    finally:
        stream.close()


def main():
    listener = socket.create_server(("127.0.0.1", 0))
    print(f"listening on 127.0.0.1:{listener.getsockname()[1]}", flush=True)
    while True:
        stream, _ = listener.accept()
        threading.Thread(target=serve, args=(stream,), daemon=True).start()


main()
