"""Writes `openssl.txt`: records that OpenSSL sealed under the suites with CCM, CBC with
encrypt-then-MAC and ECDHE_PSK, and the secrets they were sealed under. `openssl` (3.0 or later)
connects to itself through a relay that keeps the bytes. Run it in this directory; each run draws
new keys, so the file changes and stays valid."""

import os
import socket
import subprocess
import tempfile
import threading
import time

# Number of the suite, OpenSSL's name, type of the server's key.
SUITES = [
    ("c0ac", "ECDHE-ECDSA-AES128-CCM", "ec"),
    ("c0ae", "ECDHE-ECDSA-AES128-CCM8", "ec"),
    ("c0a4", "PSK-AES128-CCM", "psk"),
    ("c0a8", "PSK-AES128-CCM8", "psk"),
    ("c023", "ECDHE-ECDSA-AES128-SHA256", "ec"),
    ("c027", "ECDHE-RSA-AES128-SHA256", "rsa"),
    ("c009", "ECDHE-ECDSA-AES128-SHA", "ec"),
    ("c013", "ECDHE-RSA-AES128-SHA", "rsa"),
    ("c037", "ECDHE-PSK-AES128-CBC-SHA256", "psk"),
    ("c038", "ECDHE-PSK-AES256-CBC-SHA384", "psk"),
    ("c035", "ECDHE-PSK-AES128-CBC-SHA", "psk"),
    ("c036", "ECDHE-PSK-AES256-CBC-SHA", "psk"),
    ("00ae", "PSK-AES128-CBC-SHA256", "psk"),
    ("00af", "PSK-AES256-CBC-SHA384", "psk"),
    ("008c", "PSK-AES128-CBC-SHA", "psk"),
    ("008d", "PSK-AES256-CBC-SHA", "psk"),
    ("ccac", "ECDHE-PSK-CHACHA20-POLY1305", "psk"),
    ("1304", "TLS_AES_128_CCM_SHA256", "ec"),
    ("1305", "TLS_AES_128_CCM_8_SHA256", "ec"),
]


def run(*arguments):
    subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def pump(source, target, kept):
    while data := source.recv(65536):
        kept.extend(data)
        target.sendall(data)
    target.shutdown(socket.SHUT_WR)


def handshake(name, kind, directory):
    """Runs one connection; the bytes of both directions and the key log."""
    port = free_port()
    version = ["-tls1_3", "-ciphersuites", name] if name.startswith("TLS_") else ["-tls1_2", "-cipher", name + ":@SECLEVEL=0"]
    psk = ["-psk", "00112233445566778899aabbccddeeff"] if kind == "psk" else []
    key = ["-nocert"] if kind == "psk" else ["-cert", f"{directory}/{kind}.crt", "-key", f"{directory}/{kind}.key"]
    log = f"{directory}/keys"
    if os.path.exists(log):
        os.remove(log)
    server = subprocess.Popen(["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-naccept", "1", "-no_ticket", *version, *psk, *key],
                              stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    relay = socket.create_server(("127.0.0.1", 0))
    client = subprocess.Popen(["openssl", "s_client", "-connect", f"127.0.0.1:{relay.getsockname()[1]}", "-keylogfile", log, *version, *psk],
                              stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    near, _ = relay.accept()
    far = connect(port)
    sent, received = bytearray(), bytearray()
    threads = [threading.Thread(target=pump, args=arguments) for arguments in ((near, far, sent), (far, near, received))]
    for thread in threads:
        thread.start()
    time.sleep(0.5)
    client.stdin.write(b"from the client\n")
    client.stdin.flush()
    server.stdin.write(b"from the server\n" + b"x" * 300 + b"\n")
    server.stdin.flush()
    time.sleep(0.3)
    client.stdin.close()
    for process in (client, server):
        process.wait(timeout=10)
    for thread in threads:
        thread.join()
    return bytes(sent), bytes(received), open(log).read()


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def connect(port):
    for _ in range(100):
        try:
            return socket.create_connection(("127.0.0.1", port))
        except ConnectionRefusedError:
            time.sleep(0.05)
    raise TimeoutError


def records(stream):
    while stream:
        length = 5 + int.from_bytes(stream[3:5], "big")
        yield stream[:length]
        stream = stream[length:]


def protected(stream):
    """The records behind change_cipher_spec."""
    all_records = list(records(stream))
    change = next(i for i, record in enumerate(all_records) if record[0] == 20)
    return all_records[change + 1 :]


def main():
    lines = []
    with tempfile.TemporaryDirectory() as directory:
        for kind, algorithm in (("ec", ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]), ("rsa", ["rsa:2048"])):
            run("openssl", "req", "-x509", "-nodes", "-newkey", *algorithm, "-subj", "/CN=a.example",
                "-keyout", f"{directory}/{kind}.key", "-out", f"{directory}/{kind}.crt")
        for number, name, kind in SUITES:
            sent, received, log = handshake(name, kind, directory)
            values = {}
            for line in log.splitlines():
                if line and not line.startswith("#"):
                    label, _, secret = line.split()
                    values["master_secret" if label == "CLIENT_RANDOM" else label.lower()] = secret
            # After the headers of record and message, and the version.
            values["client_random"] = sent[11:43].hex()
            values["server_random"] = received[11:43].hex()
            assert next(records(received))[9 + 2 + 32 + 1 + received[43] :][:2].hex() == number, name
            for side, stream in (("client", sent), ("server", received)):
                for index, record in enumerate(protected(stream)):
                    values[f"{side}_record_{index}"] = record.hex()
            values.pop("exporter_secret", None)
            lines += [f"{number}_{key} = {value}\n" for key, value in values.items()]
    version = subprocess.run(["openssl", "version"], capture_output=True, text=True, check=True).stdout.strip()
    with open("openssl.txt", "w") as file:
        file.write(f"# Records of {version} connecting to itself, and their secrets.\n# Captured by capture.py; names begin with the suite's number.\n\n")
        file.writelines(lines)


main()
