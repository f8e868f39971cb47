/* Mbed TLS as a peer, with what small devices switch: `mbed server|client PORT [name=value …]`. A server
 * echoes what comes in its first connection, a client sends lines and prints what comes back. Names:
 *
 *   cert= key=  who we are (PEM)        ca=    whom we believe; a server then wants a certificate, too
 *   psk= id=    a pre-shared key (hex)  suite= the only suite, by Mbed TLS's name
 *   mfl=        512 to 4096             etm= ems=  0: without encrypt_then_mac, extended_master_secret
 *
 * Built and run by: xtask, for the rows of interop/matrix/mbed.tsv. */

#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/error.h>
#include <mbedtls/net_sockets.h>
#include <mbedtls/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *words[16];
static int words_len;

/* The value of a name, or NULL. */
static const char *value(const char *name)
{
    size_t length = strlen(name);
    for (int i = 0; i < words_len; i++)
        if (strncmp(words[i], name, length) == 0 && words[i][length] == '=')
            return words[i] + length + 1;
    return NULL;
}

/* Ends the program unless a call went well. An alert that came is told by its number. */
static void want(int result, const char *what, const mbedtls_ssl_context *ssl)
{
    char text[160] = "";
    if (result >= 0)
        return;
    if (result == MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE && ssl != NULL)
        printf("received alert %d\n", ssl->in_msg[1]);
    mbedtls_strerror(result, text, sizeof text);
    printf("%s: -0x%04x %s\n", what, (unsigned) -result, text);
    fflush(stdout);
    exit(1);
}

static unsigned char mfl_code(const char *bytes)
{
    switch (atoi(bytes)) {
    case 512: return MBEDTLS_SSL_MAX_FRAG_LEN_512;
    case 1024: return MBEDTLS_SSL_MAX_FRAG_LEN_1024;
    case 2048: return MBEDTLS_SSL_MAX_FRAG_LEN_2048;
    case 4096: return MBEDTLS_SSL_MAX_FRAG_LEN_4096;
    default: return MBEDTLS_SSL_MAX_FRAG_LEN_INVALID;
    }
}

static mbedtls_entropy_context entropy;
static mbedtls_ctr_drbg_context random_source;
static mbedtls_x509_crt certificate, root;
static mbedtls_pk_context private_key;
static mbedtls_ssl_config config;
static int suites[2];

static void credentials(int is_server)
{
    if (value("cert") != NULL) {
        want(mbedtls_x509_crt_parse_file(&certificate, value("cert")), "cert", NULL);
        want(mbedtls_pk_parse_keyfile(&private_key, value("key"), NULL), "key", NULL);
        want(mbedtls_ssl_conf_own_cert(&config, &certificate, &private_key), "own", NULL);
    }
    if (value("ca") != NULL) {
        want(mbedtls_x509_crt_parse_file(&root, value("ca")), "ca", NULL);
        mbedtls_ssl_conf_ca_chain(&config, &root, NULL);
        mbedtls_ssl_conf_authmode(&config, MBEDTLS_SSL_VERIFY_REQUIRED);
    } else if (is_server) {
        mbedtls_ssl_conf_authmode(&config, MBEDTLS_SSL_VERIFY_NONE);
    }
    if (value("psk") != NULL) {
        unsigned char key[64];
        size_t length = strlen(value("psk")) / 2;
        const char *id = value("id");
        for (size_t i = 0; i < length && i < sizeof key; i++) {
            unsigned byte = 0;
            sscanf(value("psk") + 2 * i, "%2x", &byte);
            key[i] = (unsigned char) byte;
        }
        want(mbedtls_ssl_conf_psk(&config, key, length, (const unsigned char *) id, strlen(id)), "psk", NULL);
    }
}

static void configure(int is_server)
{
    int side = is_server ? MBEDTLS_SSL_IS_SERVER : MBEDTLS_SSL_IS_CLIENT;
    mbedtls_entropy_init(&entropy);
    mbedtls_ctr_drbg_init(&random_source);
    mbedtls_x509_crt_init(&certificate);
    mbedtls_x509_crt_init(&root);
    mbedtls_pk_init(&private_key);
    mbedtls_ssl_config_init(&config);
    want(mbedtls_ctr_drbg_seed(&random_source, mbedtls_entropy_func, &entropy, NULL, 0), "random", NULL);
    want(mbedtls_ssl_config_defaults(&config, side, MBEDTLS_SSL_TRANSPORT_STREAM,
                                     MBEDTLS_SSL_PRESET_DEFAULT), "defaults", NULL);
    mbedtls_ssl_conf_rng(&config, mbedtls_ctr_drbg_random, &random_source);
    credentials(is_server);
    if (value("suite") != NULL) {
        suites[0] = mbedtls_ssl_get_ciphersuite_id(value("suite"));
        want(suites[0] == 0 ? -1 : 0, value("suite"), NULL);
        mbedtls_ssl_conf_ciphersuites(&config, suites);
    }
    if (value("mfl") != NULL)
        want(mbedtls_ssl_conf_max_frag_len(&config, mfl_code(value("mfl"))), "mfl", NULL);
    if (value("etm") != NULL)
        mbedtls_ssl_conf_encrypt_then_mac(&config, (char) atoi(value("etm")));
    if (value("ems") != NULL)
        mbedtls_ssl_conf_extended_master_secret(&config, (char) atoi(value("ems")));
}

/* What comes goes back, until the peer closes. */
static void echo(mbedtls_ssl_context *ssl)
{
    unsigned char data[16384];
    for (;;) {
        int count = mbedtls_ssl_read(ssl, data, sizeof data);
        if (count == 0 || count == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY)
            return;
        want(count, "read", ssl);
        for (int sent = 0; sent < count;) {
            int now = mbedtls_ssl_write(ssl, data + sent, (size_t) (count - sent));
            want(now, "write", ssl);
            sent += now;
        }
    }
}

/* A line goes, and comes back. */
static void talk(mbedtls_ssl_context *ssl)
{
    static char line[20000];
    while (fgets(line, sizeof line, stdin) != NULL) {
        int length = (int) strlen(line);
        for (int sent = 0; sent < length;) {
            int now = mbedtls_ssl_write(ssl, (unsigned char *) line + sent, (size_t) (length - sent));
            want(now, "write", ssl);
            sent += now;
        }
        for (int heard = 0; heard < length;) {
            int now = mbedtls_ssl_read(ssl, (unsigned char *) line + heard, (size_t) (length - heard));
            want(now == 0 ? MBEDTLS_ERR_SSL_CONN_EOF : now, "read", ssl);
            heard += now;
        }
        fwrite(line, 1, (size_t) length, stdout);
        fflush(stdout);
    }
}

int main(int argc, char **argv)
{
    mbedtls_net_context listener, socket;
    mbedtls_ssl_context ssl;
    int is_server;
    if (argc < 3)
        return 2;
    is_server = strcmp(argv[1], "server") == 0;
    for (int i = 3; i < argc && words_len < 16; i++)
        words[words_len++] = argv[i];
    configure(is_server);
    mbedtls_net_init(&listener);
    mbedtls_net_init(&socket);
    if (is_server) {
        want(mbedtls_net_bind(&listener, "127.0.0.1", argv[2], MBEDTLS_NET_PROTO_TCP), "bind", NULL);
        printf("listening\n");
        fflush(stdout);
        want(mbedtls_net_accept(&listener, &socket, NULL, 0, NULL), "accept", NULL);
    } else {
        want(mbedtls_net_connect(&socket, "127.0.0.1", argv[2], MBEDTLS_NET_PROTO_TCP), "connect", NULL);
    }
    mbedtls_ssl_init(&ssl);
    want(mbedtls_ssl_setup(&ssl, &config), "setup", NULL);
    if (!is_server)
        want(mbedtls_ssl_set_hostname(&ssl, "server.test"), "name", NULL);
    mbedtls_ssl_set_bio(&ssl, &socket, mbedtls_net_send, mbedtls_net_recv, NULL);
    want(mbedtls_ssl_handshake(&ssl), "handshake", &ssl);
    printf("%s %s\n", mbedtls_ssl_get_version(&ssl), mbedtls_ssl_get_ciphersuite(&ssl));
    printf("fragments of %u\n", (unsigned) mbedtls_ssl_get_output_max_frag_len(&ssl));
    fflush(stdout);
    if (is_server)
        echo(&ssl);
    else
        talk(&ssl);
    mbedtls_ssl_close_notify(&ssl);
    mbedtls_net_free(&socket);
    return 0;
}
