"""Writes the vectors that no RFC gives: TLS 1.2 (PRF, secrets, key block, Finished, exporter,
records), and of TLS 1.3 what RFC 8448 lacks (SHA-384, external binders, KeyUpdate, exporters,
ChaCha20). An implementation independent of this repository: Python's hashlib and hmac, and the
package `cryptography` for the ciphers. Run it in this directory; the output must not change."""

import hashlib
import hmac

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESCCM, AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC, ECB


def mac(name, key, data):
    return hmac.new(key, data, name).digest()


def digest(name, data):
    return hashlib.new(name, data).digest()


def prf(name, secret, label, seed, length):  # RFC 5246 section 5
    seed, a, out = label + seed, label + seed, b""
    while len(out) < length:
        a = mac(name, secret, a)
        out += mac(name, secret, a + seed)
    return out[:length]


def expand_label(name, secret, label, context, length):  # RFC 8446 section 7.1
    label = b"tls13 " + label
    info = length.to_bytes(2, "big") + bytes([len(label)]) + label + bytes([len(context)]) + context
    block, out, counter = b"", b"", 1
    while len(out) < length:
        block = mac(name, secret, block + info + bytes([counter]))
        out, counter = out + block, counter + 1
    return out[:length]


def sample(text, length):  # arbitrary bytes
    return hashlib.shake_128(text.encode()).digest(length)


def write(path, head, values):
    with open(path, "w") as file:
        file.write(f"# {head}\n# Computed by compute.py (Python's hashlib, hmac; cryptography), not by this crate.\n\n")
        for name, value in values.items():
            file.write(f"{name} = {value.hex()}\n")


def ccm(key):
    return AESCCM(key, 16)


def ccm_8(key):
    return AESCCM(key, 8)


def encrypt(key, mode, data):
    encryptor = Cipher(AES(key), mode).encryptor()
    return encryptor.update(data) + encryptor.finalize()


def seal12(v, iv_len, aead, number, header, content):
    """RFC 5246 section 6.2.3.3, RFC 5288 section 3, RFC 7905 section 2."""
    aad = number + header + len(content).to_bytes(2, "big")
    if iv_len == 4:
        return number + aead(v["client_key"]).encrypt(v["client_iv"] + number, content, aad)
    nonce = bytes(4) + number
    nonce = bytes(a ^ b for a, b in zip(v["client_iv"], nonce))
    return aead(v["client_key"]).encrypt(nonce, content, aad)


def seal12_cbc(v, name, number, header, content):
    """RFC 5246 section 6.2.3.2, RFC 7366 section 3. The IV is the number under the cipher."""
    iv = encrypt(v["client_key"], ECB(), bytes(8) + number)
    padding = 15 - len(content) % 16
    sealed = iv + encrypt(v["client_key"], CBC(iv), content + bytes([padding] * (padding + 1)))
    return sealed + mac(name, v["client_mac_key"], number + header + len(sealed).to_bytes(2, "big") + sealed)


def tls12(path, head, name, key_len, iv_len=0, aead=None, mac_name=None):
    """An AEAD with its IV, or CBC with the MAC of this hash."""
    v = {"premaster": sample("premaster", 48), "client_random": sample("client", 32), "server_random": sample("server", 32)}
    v["messages"] = sample("messages", 300)
    v["session_hash"] = digest(name, v["messages"])
    randoms = v["client_random"] + v["server_random"]
    v["master_secret"] = prf(name, v["premaster"], b"master secret", randoms, 48)
    v["extended_master_secret"] = master = prf(name, v["premaster"], b"extended master secret", v["session_hash"], 48)
    mac_len = hashlib.new(mac_name).digest_size if mac_name else 0
    block = prf(name, master, b"key expansion", v["server_random"] + v["client_random"], 2 * (mac_len + key_len + iv_len))
    at = 0
    for part, length in (("mac_key", mac_len), ("key", key_len), ("iv", iv_len)):
        for side in ("client", "server") if length else ():
            v[f"{side}_{part}"], at = block[at : at + length], at + length
    v["client_finished"] = prf(name, master, b"client finished", v["session_hash"], 12)
    v["server_finished"] = prf(name, master, b"server finished", v["session_hash"], 12)
    label = b"EXPORTER_handclasp test"
    v["exported"] = prf(name, master, label, randoms, 77)
    v["exported_empty_context"] = prf(name, master, label, randoms + b"\0\0", 77)
    v["exported_context"] = prf(name, master, label, randoms + b"\0\x07context", 77)
    for sequence, content in enumerate((b"\x14\0\0\x0c" + v["client_finished"], b"hello", b"", sample("content", 1000))):
        content_type = 22 if sequence == 0 else 23
        number, header = sequence.to_bytes(8, "big"), bytes([content_type, 3, 3])
        if mac_name:
            sealed = seal12_cbc(v, mac_name, number, header, content)
        else:
            sealed = seal12(v, iv_len, aead, number, header, content)
        v[f"client_record_{sequence}"] = header + len(sealed).to_bytes(2, "big") + sealed
        v[f"client_record_{sequence}_content"] = bytes([content_type]) + content
    write(path, head, v)


def tls13(path, head, name, key_len, aead, tag_len=16):
    length = hashlib.new(name).digest_size
    empty = digest(name, b"")
    v = {"psk": sample("psk", 32), "client_hello": sample("client hello", 200), "shared_secret": sample("shared", 32)}
    v["hash_client_hello"] = digest(name, v["client_hello"])
    early = mac(name, bytes(length), v["psk"])
    for kind in ("ext", "res"):
        binder_key = expand_label(name, early, f"{kind} binder".encode(), empty, length)
        finished_key = expand_label(name, binder_key, b"finished", b"", length)
        v[f"{kind}_binder"] = mac(name, finished_key, v["hash_client_hello"])
    for suffix, shared in (("", v["shared_secret"]), ("_psk_ke", bytes(length))):
        handshake = mac(name, expand_label(name, early, b"derived", empty, length), shared)
        secret = expand_label(name, handshake, b"s hs traffic", v["hash_client_hello"], length)
        v["server_handshake_traffic_secret" + suffix] = secret
    v["server_finished"] = mac(
        name, expand_label(name, v["server_handshake_traffic_secret"], b"finished", b"", length), v["hash_client_hello"]
    )
    handshake = mac(name, expand_label(name, early, b"derived", empty, length), v["shared_secret"])
    main = mac(name, expand_label(name, handshake, b"derived", empty, length), bytes(length))
    traffic = expand_label(name, main, b"c ap traffic", v["hash_client_hello"], length)
    for generation in range(3):
        v[f"client_application_traffic_secret_{generation}"] = traffic
        v[f"client_key_{generation}"] = expand_label(name, traffic, b"key", b"", key_len)
        v[f"client_iv_{generation}"] = expand_label(name, traffic, b"iv", b"", 12)
        traffic = expand_label(name, traffic, b"traffic upd", b"", length)
    exporter = expand_label(name, main, b"exp master", v["hash_client_hello"], length)
    derived = expand_label(name, exporter, b"EXPORTER_handclasp test", empty, length)
    v["exported"] = expand_label(name, derived, b"exporter", empty, 177)
    v["exported_context"] = expand_label(name, derived, b"exporter", digest(name, b"context"), 177)
    # RFC 8446 section 5.2: content, type, padding
    for sequence, (content, padding) in enumerate(((b"hello", 0), (b"", 0), (sample("content", 1000), 24), (b"", 7))):
        inner = content + bytes([23]) + bytes(padding)
        nonce = (int.from_bytes(v["client_iv_0"], "big") ^ sequence).to_bytes(12, "big")
        header = bytes([23, 3, 3]) + (len(inner) + tag_len).to_bytes(2, "big")
        v[f"client_record_{sequence}"] = header + aead(v["client_key_0"]).encrypt(nonce, inner, header)
        v[f"client_record_{sequence}_content"] = bytes([23]) + content
    write(path, head, v)


def premaster(path, head):
    psk, other = sample("psk", 19), sample("shared", 32)
    write(path, head, {
        "psk": psk,
        "plain": b"\0\x13" + bytes(19) + b"\0\x13" + psk,  # RFC 4279 section 2
        "shared_secret": other,
        "ecdhe": b"\0\x20" + other + b"\0\x13" + psk,  # RFC 5489 section 2
    })


def imported(path, head):  # RFC 9258 section 4.1; the external key belongs to SHA-256
    v = {"epsk": sample("epsk", 32)}
    epskx = mac("sha256", bytes(32), v["epsk"])
    for kdf, name, length in ((1, "sha256", 32), (2, "sha384", 48)):
        identity = b"\0\x08device 7\0\x05roles\x03\x04" + kdf.to_bytes(2, "big")  # section 3
        ipskx = expand_label("sha256", epskx, b"derived psk", digest("sha256", identity), length)
        early = mac(name, bytes(length), ipskx)
        binder_key = expand_label(name, early, b"imp binder", digest(name, b""), length)
        finished_key = expand_label(name, binder_key, b"finished", b"", length)
        v[f"imported_identity_{kdf}"], v[f"ipskx_{kdf}"] = identity, ipskx
        v[f"imp_binder_{kdf}"] = mac(name, finished_key, digest(name, b"client_hello"))
    write(path, head, v)


tls12("tls12-c02b.txt", "TLS 1.2, AES-128-GCM, SHA-256.", "sha256", 16, 4, AESGCM)
tls12("tls12-c030.txt", "TLS 1.2, AES-256-GCM, SHA-384.", "sha384", 32, 4, AESGCM)
tls12("tls12-cca8.txt", "TLS 1.2, ChaCha20-Poly1305, SHA-256.", "sha256", 32, 12, ChaCha20Poly1305)
tls12("tls12-c0ac.txt", "TLS 1.2, AES-128-CCM, SHA-256.", "sha256", 16, 4, ccm)
tls12("tls12-c0ae.txt", "TLS 1.2, AES-128-CCM-8, SHA-256.", "sha256", 16, 4, ccm_8)
tls12("tls12-c009.txt", "TLS 1.2, AES-128-CBC, HMAC-SHA-1, SHA-256.", "sha256", 16, mac_name="sha1")
tls12("tls12-c036.txt", "TLS 1.2, AES-256-CBC, HMAC-SHA-1, SHA-256.", "sha256", 32, mac_name="sha1")
tls12("tls12-c023.txt", "TLS 1.2, AES-128-CBC, HMAC-SHA-256, SHA-256.", "sha256", 16, mac_name="sha256")
tls12("tls12-00af.txt", "TLS 1.2, AES-256-CBC, HMAC-SHA-384, SHA-384.", "sha384", 32, mac_name="sha384")
tls13("tls13-1301.txt", "TLS 1.3, AES-128-GCM, SHA-256.", "sha256", 16, AESGCM)
tls13("tls13-1302.txt", "TLS 1.3, AES-256-GCM, SHA-384.", "sha384", 32, AESGCM)
tls13("tls13-1303.txt", "TLS 1.3, ChaCha20-Poly1305, SHA-256.", "sha256", 32, ChaCha20Poly1305)
imported("psk-imported.txt", "Imported pre-shared keys for SHA-256 and SHA-384.")
tls13("tls13-1304.txt", "TLS 1.3, AES-128-CCM, SHA-256.", "sha256", 16, ccm)
tls13("tls13-1305.txt", "TLS 1.3, AES-128-CCM-8, SHA-256.", "sha256", 16, ccm_8, tag_len=8)
premaster("psk-premaster.txt", "Premaster secrets of the PSK suites of TLS 1.2.")
