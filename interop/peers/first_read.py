"""A TLS server that takes what its first read delivers for the whole ClientHello.

Options: port=N cert=FILE key=FILE mode=silent|reset
If the first read does not hold one record with one whole ClientHello, it says nothing, or resets.
"""

import socket
import ssl
import struct
import sys
import threading

OPTIONS = dict(word.split("=", 1) for word in sys.argv[1:])
CONTEXT = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
CONTEXT.load_cert_chain(OPTIONS["cert"], OPTIONS["key"])


def is_whole(data):
    record = int.from_bytes(data[3:5], "big")
    message = int.from_bytes(data[6:9], "big")
    return len(data) == 5 + record and record == 4 + message


def serve(stream):
    try:
        stream.settimeout(20)
        # Read, but left in the socket for the TLS library.
        if is_whole(stream.recv(65536, socket.MSG_PEEK)):
            with CONTEXT.wrap_socket(stream, server_side=True) as tls:
                while line := tls.recv(4096):
                    tls.sendall(line.rstrip(b"\n")[::-1] + b"\n")
        elif OPTIONS["mode"] == "reset":
            stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        else:
            while stream.recv(65536):
                pass
    except OSError:
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
