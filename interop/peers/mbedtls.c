/* Mbed TLS 2.28 or 3.6 as a client or a server, with what small devices configure: `mbedtls NAME=VALUE …`. It
 * prints what Mbed TLS reports. Names:
 *
 *   role=client|server host= port= name= ca= crl= cert= key= psk=HEX psk_id= suites=A,B min=1..4
 *   max=1..4 mfl=512|1024|2048|4096 alpn=a,b auth=none|optional|required curves=A,B debug=0..4
 *   keylog=FILE ems=0|1 etm=0|1 reneg=0|1 fallback=1 profile=next|any|exact pin=FILE hashes=sha256,sha512
 *   legacy=allow|break cas=0|1 chunk=N renegotiate=1 dh=FILE quiet_close=1
 *   ready=TEXT   a server prints this line once it listens
 *   count=N      a server ends after N connections
 *   data=TEXT    is sent after the handshake
 *   lines=1      a client sends the lines of its standard input and prints each answer
 *   facts=1      prints the fragment length after the handshake, the number of a received alert, and at the
 *                end the length of the longest record received
 *
 * A server echoes what it receives. Built and run by the crate `interop` (rows of
 * interop/matrix/mbedtls.tsv), by `cargo xtask firmware` and by testkit/peers/ends.py. keylog= and fallback=
 * are for 2.28 alone, TLS 1.3 (min=4, max=4) for 3.6 alone. */
#include <mbedtls/ssl.h>
#include <mbedtls/net_sockets.h>
#include <mbedtls/entropy.h>
#include <mbedtls/ctr_drbg.h>
#include <mbedtls/debug.h>
#include <mbedtls/dhm.h>
#include <mbedtls/error.h>
#include <mbedtls/version.h>
#if MBEDTLS_VERSION_MAJOR >= 3
#include <psa/crypto.h>
#endif
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int options_len;
static char **options;

static const char *get(const char *name, const char *fallback)
{
    size_t length = strlen(name);
    for (int i = 0; i < options_len; i++)
        if (!strncmp(options[i], name, length) && options[i][length] == '=')
            return options[i] + length + 1;
    return fallback;
}

static int number(const char *name, int fallback)
{
    const char *text = get(name, NULL);
    return text ? atoi(text) : fallback;
}

static void print_debug(void *to, int level, const char *file, int line, const char *text)
{
    const char *base = strrchr(file, '/');
    (void) to;
    printf("%s:%04d: |%d| %s", base ? base + 1 : file, line, level, text);
    fflush(stdout);
}

/* Prints the result of a call, and returns it. */
static int report(const char *what, int code)
{
    char text[200] = "";
    mbedtls_strerror(code, text, sizeof text);
    printf("%s returned -0x%04X: %s\n", what, (unsigned) -code, text);
    fflush(stdout);
    return code;
}

#if MBEDTLS_VERSION_MAJOR >= 3
/* Names that 3.0 changed. */
#define mbedtls_ssl_get_output_max_frag_len(ssl) mbedtls_ssl_get_max_out_record_payload(ssl)
#define IN_MSG MBEDTLS_PRIVATE(in_msg)
#define PARSE_KEY(context, path) mbedtls_pk_parse_keyfile(context, path, NULL, mbedtls_ctr_drbg_random, &rng)
#else
#define IN_MSG in_msg
#define PARSE_KEY(context, path) mbedtls_pk_parse_keyfile(context, path, NULL)

static int keylog(void *file, const unsigned char *master, const unsigned char *block, size_t mac, size_t key,
                  size_t iv, const unsigned char client[32], const unsigned char server[32],
                  mbedtls_tls_prf_types prf)
{
    FILE *out = fopen((const char *) file, "a");
    (void) block; (void) mac; (void) key; (void) iv; (void) server; (void) prf;
    if (!out) return 0;
    fprintf(out, "CLIENT_RANDOM ");
    for (int i = 0; i < 32; i++) fprintf(out, "%02x", client[i]);
    fputc(' ', out);
    for (int i = 0; i < 48; i++) fprintf(out, "%02x", master[i]);
    fputc('\n', out);
    fclose(out);
    return 0;
}
#endif

/* Sends in pieces of `chunk` bytes, as a TCP stack with little memory does; the TLS records stay whole. */
static int send_chunk(void *net, const unsigned char *data, size_t length)
{
    size_t chunk = (size_t) number("chunk", 0);
    return mbedtls_net_send(net, data, chunk && length > chunk ? chunk : length);
}

/* Follows the headers of the records that arrive (RFC 8446 section 5.1). */
static unsigned char header[5];
static size_t header_length, body_left, longest_record;

static void follow_records(const unsigned char *data, size_t length)
{
    while (length > 0) {
        size_t taken = 1;
        if (body_left > 0) {
            taken = body_left < length ? body_left : length;
            body_left -= taken;
        } else {
            header[header_length++] = *data;
            if (header_length == sizeof header) {
                body_left = (size_t) (header[3] << 8 | header[4]);
                if (body_left > longest_record) longest_record = body_left;
                header_length = 0;
            }
        }
        data += taken;
        length -= taken;
    }
}

static int receive(void *net, unsigned char *data, size_t capacity)
{
    int code = mbedtls_net_recv(net, data, capacity);
    if (code > 0) follow_records(data, (size_t) code);
    return code;
}

static int list(const char *text, int *out, int limit, int (*one)(const char *))
{
    char copy[1000];
    int n = 0;
    snprintf(copy, sizeof copy, "%s", text);
    for (char *word = strtok(copy, ","); word && n < limit - 1; word = strtok(NULL, ","))
        if (one(word)) out[n++] = one(word);
    out[n] = 0;
    return n;
}

static int suite(const char *name) { return mbedtls_ssl_get_ciphersuite_id(name); }

static int curve(const char *name)
{
    const mbedtls_ecp_curve_info *info = mbedtls_ecp_curve_info_from_name(name);
    return info ? (int) info->grp_id : 0;
}

static int hash(const char *name)
{
    if (!strcmp(name, "sha1")) return MBEDTLS_MD_SHA1;
    if (!strcmp(name, "sha384")) return MBEDTLS_MD_SHA384;
    if (!strcmp(name, "sha512")) return MBEDTLS_MD_SHA512;
    return MBEDTLS_MD_SHA256;
}

static mbedtls_ssl_config conf;
static mbedtls_x509_crt roots, own, pinned;
static mbedtls_x509_crl revoked;
static mbedtls_pk_context key;
static mbedtls_dhm_context dhm;
static mbedtls_ctr_drbg_context rng;
static mbedtls_entropy_context entropy;
static int suites[64], hashes[8];
static mbedtls_ecp_group_id curves[16];
static const char *protocols[8];

static int configure(int server)
{
    static int curves_as_int[16];
    static char alpn[200];
    int code;
    if ((code = mbedtls_ssl_config_defaults(&conf, server, MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT)))
        return report("config", code);
    mbedtls_ssl_conf_rng(&conf, mbedtls_ctr_drbg_random, &rng);
    mbedtls_ssl_conf_dbg(&conf, print_debug, NULL);
    mbedtls_debug_set_threshold(number("debug", 1));
    if (get("min", NULL)) mbedtls_ssl_conf_min_version(&conf, 3, number("min", 3));
    if (get("max", NULL)) mbedtls_ssl_conf_max_version(&conf, 3, number("max", 3));
    const char *auth = get("auth", server ? "none" : "required");
    mbedtls_ssl_conf_authmode(&conf, !strcmp(auth, "none") ? MBEDTLS_SSL_VERIFY_NONE :
                              !strcmp(auth, "optional") ? MBEDTLS_SSL_VERIFY_OPTIONAL : MBEDTLS_SSL_VERIFY_REQUIRED);
    if (get("ca", NULL)) {
        if ((code = mbedtls_x509_crt_parse_file(&roots, get("ca", "")))) return report("ca", code);
        if (get("crl", NULL) && (code = mbedtls_x509_crl_parse_file(&revoked, get("crl", "")))) return report("crl", code);
        mbedtls_ssl_conf_ca_chain(&conf, &roots, get("crl", NULL) ? &revoked : NULL);
    }
    if (get("cert", NULL)) {
        if ((code = mbedtls_x509_crt_parse_file(&own, get("cert", "")))) return report("cert", code);
        if ((code = PARSE_KEY(&key, get("key", "")))) return report("key", code);
        if ((code = mbedtls_ssl_conf_own_cert(&conf, &own, &key))) return report("own_cert", code);
    }
    if (get("psk", NULL)) {
        unsigned char bytes[64];
        const char *hex = get("psk", ""), *id = get("psk_id", "test");
        size_t n = 0;
        unsigned one;
        for (; n < sizeof bytes && sscanf(hex + 2 * n, "%2x", &one) == 1; n++) bytes[n] = (unsigned char) one;
        if ((code = mbedtls_ssl_conf_psk(&conf, bytes, n, (const unsigned char *) id, strlen(id)))) return report("psk", code);
    }
    if (get("suites", NULL)) {
        list(get("suites", ""), suites, 64, suite);
        mbedtls_ssl_conf_ciphersuites(&conf, suites);
    }
    if (get("curves", NULL)) {
        int n = list(get("curves", ""), curves_as_int, 16, curve);
        for (int i = 0; i <= n; i++) curves[i] = (mbedtls_ecp_group_id) curves_as_int[i];
        mbedtls_ssl_conf_curves(&conf, curves);
    }
    if (get("hashes", NULL)) {
        list(get("hashes", ""), hashes, 8, hash);
        mbedtls_ssl_conf_sig_hashes(&conf, hashes);
    }
    if (get("alpn", NULL)) {
        int n = 0;
        snprintf(alpn, sizeof alpn, "%s", get("alpn", ""));
        for (char *word = strtok(alpn, ","); word && n < 7; word = strtok(NULL, ",")) protocols[n++] = word;
        if ((code = mbedtls_ssl_conf_alpn_protocols(&conf, protocols))) return report("alpn", code);
    }
    if (get("mfl", NULL)) {
        int bytes = number("mfl", 1024);
        code = mbedtls_ssl_conf_max_frag_len(&conf, bytes == 512 ? MBEDTLS_SSL_MAX_FRAG_LEN_512 :
            bytes == 1024 ? MBEDTLS_SSL_MAX_FRAG_LEN_1024 :
            bytes == 2048 ? MBEDTLS_SSL_MAX_FRAG_LEN_2048 : MBEDTLS_SSL_MAX_FRAG_LEN_4096);
        if (code) return report("max_frag_len", code);
    }
    if (!strcmp(get("profile", ""), "next")) mbedtls_ssl_conf_cert_profile(&conf, &mbedtls_x509_crt_profile_next);
    if (!strcmp(get("profile", ""), "suiteb")) mbedtls_ssl_conf_cert_profile(&conf, &mbedtls_x509_crt_profile_suiteb);
    if (!strcmp(get("profile", ""), "any")) {
        static mbedtls_x509_crt_profile any = { 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 256 };
        mbedtls_ssl_conf_cert_profile(&conf, &any);
    }
    if (get("dh", NULL)) {
        if ((code = mbedtls_dhm_parse_dhmfile(&dhm, get("dh", "")))) return report("dh", code);
        if ((code = mbedtls_ssl_conf_dh_param_ctx(&conf, &dhm))) return report("dh_param", code);
    }
    mbedtls_ssl_conf_extended_master_secret(&conf, number("ems", 1));
    mbedtls_ssl_conf_encrypt_then_mac(&conf, number("etm", 1));
    mbedtls_ssl_conf_renegotiation(&conf, number("reneg", 0));
    if (!strcmp(get("legacy", ""), "break")) mbedtls_ssl_conf_legacy_renegotiation(&conf, MBEDTLS_SSL_LEGACY_BREAK_HANDSHAKE);
    if (!strcmp(get("legacy", ""), "allow")) mbedtls_ssl_conf_legacy_renegotiation(&conf, MBEDTLS_SSL_LEGACY_ALLOW_RENEGOTIATION);
    if (server) mbedtls_ssl_conf_cert_req_ca_list(&conf, (char) number("cas", 1));
#if MBEDTLS_VERSION_MAJOR < 3
    else if (number("fallback", 0)) mbedtls_ssl_conf_fallback(&conf, 1);
    if (get("keylog", NULL)) mbedtls_ssl_conf_export_keys_ext_cb(&conf, keylog, (void *) get("keylog", ""));
#endif
    return 0;
}

static int pin_holds(mbedtls_ssl_context *ssl)
{
    const mbedtls_x509_crt *peer = mbedtls_ssl_get_peer_cert(ssl);
    if (!get("pin", NULL)) return 1;
    if (mbedtls_x509_crt_parse_file(&pinned, get("pin", ""))) return 0;
    int same = peer && peer->raw.len == pinned.raw.len && !memcmp(peer->raw.p, pinned.raw.p, peer->raw.len);
    printf("the certificate of the peer %s the pinned one\n", same ? "is" : "is not");
    return same;
}

/* Writes all of it, in as many records as it takes. */
static int write_all(mbedtls_ssl_context *ssl, const unsigned char *data, size_t length)
{
    while (length > 0) {
        int code = mbedtls_ssl_write(ssl, data, length);
        if (code < 0) return report("mbedtls_ssl_write", code);
        data += code;
        length -= (size_t) code;
    }
    return 0;
}

/* Sends each line of standard input, and prints as many bytes as come back. */
static int exchange_lines(mbedtls_ssl_context *ssl)
{
    static unsigned char line[20000];
    while (fgets((char *) line, sizeof line, stdin)) {
        size_t length = strlen((char *) line);
        int code = write_all(ssl, line, length);
        for (size_t received = 0; code >= 0 && received < length; received += (size_t) code) {
            code = mbedtls_ssl_read(ssl, line + received, length - received);
            if (code == 0) code = MBEDTLS_ERR_SSL_CONN_EOF;
        }
        if (code < 0) return report("mbedtls_ssl_read", code);
        fwrite(line, 1, length, stdout);
        fflush(stdout);
    }
    return 0;
}

/* A server echoes until the peer closes; a client reads once. */
static int echo_or_read(mbedtls_ssl_context *ssl, int server)
{
    static unsigned char buffer[16384];
    int code = 0;
    while (code >= 0 && !number("noread", 0)) {
        code = mbedtls_ssl_read(ssl, buffer, sizeof buffer);
        if (code <= 0) return report("mbedtls_ssl_read", code);
        if (!server) break;
        code = write_all(ssl, buffer, (size_t) code);
    }
    return code;
}

/* Why the handshake failed, in words of Mbed TLS. */
static void report_failure(const mbedtls_ssl_context *ssl, int code)
{
    char why[400];
    uint32_t flags = mbedtls_ssl_get_verify_result(ssl);
    if (number("facts", 0) && code == MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE)
        printf("received alert %d\n", ssl->IN_MSG[1]);
    report("mbedtls_ssl_handshake", code);
    if (mbedtls_x509_crt_verify_info(why, sizeof why, "  ! ", flags) > 0 && flags != 0xFFFFFFFF)
        printf("%s", why);
}

static int connection(mbedtls_net_context *net, int server)
{
    mbedtls_ssl_context ssl;
    int code;
    mbedtls_ssl_init(&ssl);
    if ((code = mbedtls_ssl_setup(&ssl, &conf))) return report("setup", code);
    if (!server && get("name", NULL) && (code = mbedtls_ssl_set_hostname(&ssl, get("name", "")))) return report("hostname", code);
    mbedtls_ssl_set_bio(&ssl, net, send_chunk, receive, NULL);
    code = mbedtls_ssl_handshake(&ssl);
    if (code) {
        report_failure(&ssl, code);
    } else {
        printf("handshake done: %s %s\n", mbedtls_ssl_get_version(&ssl), mbedtls_ssl_get_ciphersuite(&ssl));
        if (number("facts", 0)) printf("fragments of %u\n", (unsigned) mbedtls_ssl_get_output_max_frag_len(&ssl));
        if (!pin_holds(&ssl)) {
            mbedtls_net_free(net);
            return 1;
        }
        if (number("renegotiate", 0) && (code = mbedtls_ssl_renegotiate(&ssl))) report("mbedtls_ssl_renegotiate", code);
        if (get("data", NULL)) write_all(&ssl, (const unsigned char *) get("data", ""), strlen(get("data", "")));
        if (code >= 0) code = number("lines", 0) ? exchange_lines(&ssl) : echo_or_read(&ssl, server);
        if (!number("quiet_close", 0)) mbedtls_ssl_close_notify(&ssl);
    }
    if (number("facts", 0)) printf("longest record %u\n", (unsigned) longest_record);
    mbedtls_net_free(net);
    mbedtls_ssl_free(&ssl);
    return code;
}

int main(int argc, char **argv)
{
    int server, code;
    mbedtls_net_context net, listener;
    options_len = argc - 1;
    options = argv + 1;
    server = !strcmp(get("role", "client"), "server");
    setvbuf(stdout, NULL, _IOLBF, 0);
    mbedtls_ssl_config_init(&conf);
    mbedtls_x509_crt_init(&roots);
    mbedtls_x509_crt_init(&own);
    mbedtls_x509_crt_init(&pinned);
    mbedtls_x509_crl_init(&revoked);
    mbedtls_pk_init(&key);
    mbedtls_dhm_init(&dhm);
    mbedtls_ctr_drbg_init(&rng);
    mbedtls_entropy_init(&entropy);
    mbedtls_net_init(&net);
    mbedtls_net_init(&listener);
#if MBEDTLS_VERSION_MAJOR >= 3
    if (psa_crypto_init() != PSA_SUCCESS) return 1;
#endif
    if ((code = mbedtls_ctr_drbg_seed(&rng, mbedtls_entropy_func, &entropy, NULL, 0))) return report("seed", code);
    if (configure(server)) return 1;
    if (!server) {
        if ((code = mbedtls_net_connect(&net, get("host", "127.0.0.1"), get("port", ""), MBEDTLS_NET_PROTO_TCP))) {
            report("connect", code);
            return 1;
        }
        return connection(&net, 0) != 0;
    }
    if ((code = mbedtls_net_bind(&listener, get("host", "127.0.0.1"), get("port", ""), MBEDTLS_NET_PROTO_TCP))) {
        report("bind", code);
        return 1;
    }
    if (get("ready", NULL)) printf("%s\n", get("ready", ""));
    for (int i = number("count", 1000); i > 0; i--) {
        if (mbedtls_net_accept(&listener, &net, NULL, 0, NULL)) return 1;
        connection(&net, 1);
    }
    return 0;
}
