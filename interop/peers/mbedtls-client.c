/* A client of Mbed TLS that builds with every configuration that `handclasp check` prints:
 * `mbedtls-client PORT NAME [name=value …]`. It sends the first read of its standard input to the server
 * and prints the answer. Names:
 *
 *   ca=         roots (DER file)                cert= key=  its certificate and key (DER files)
 *   psk= id=    a pre-shared key (hex)          mfl=        512 to 4096, as max_fragment_length
 *
 * Built and run by the crate `interop`, for the rows of interop/check/mbedtls.tsv. */

#include <arpa/inet.h>
#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/ssl.h>
#if defined(MBEDTLS_PSA_CRYPTO_C)
#include <psa/crypto.h>
#endif
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int options_len;
static char **options;

static const char *value(const char *name)
{
    size_t length = strlen(name);
    for (int i = 0; i < options_len; i++)
        if (strncmp(options[i], name, length) == 0 && options[i][length] == '=')
            return options[i] + length + 1;
    return NULL;
}

/* Ends the program if a call failed. */
static void require(int result, const char *what)
{
    if (result >= 0)
        return;
    printf("%s: -0x%04x\n", what, (unsigned) -result);
    fflush(stdout);
    exit(1);
}

static int send_bytes(void *context, const unsigned char *bytes, size_t length)
{
    return (int) send(*(int *) context, bytes, length, 0);
}

static int receive_bytes(void *context, unsigned char *bytes, size_t length)
{
    return (int) recv(*(int *) context, bytes, length, 0);
}

static int open_connection(const char *port)
{
    struct sockaddr_in address = { 0 };
    int descriptor = socket(AF_INET, SOCK_STREAM, 0);
    address.sin_family = AF_INET;
    address.sin_port = htons((unsigned short) atoi(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    require(connect(descriptor, (struct sockaddr *) &address, sizeof address), "connect");
    return descriptor;
}

static mbedtls_ssl_config config;
static mbedtls_ctr_drbg_context random_source;

#if defined(MBEDTLS_X509_CRT_PARSE_C)
static mbedtls_x509_crt root, certificate;
static mbedtls_pk_context private_key;

static size_t read_file(const char *path, unsigned char *bytes, size_t capacity)
{
    FILE *stream = fopen(path, "rb");
    size_t length = stream == NULL ? 0 : fread(bytes, 1, capacity, stream);
    require(length == 0 ? -1 : 0, path);
    fclose(stream);
    return length;
}

static void certificates(void)
{
    static unsigned char bytes[8192];
    mbedtls_ssl_conf_authmode(&config, MBEDTLS_SSL_VERIFY_REQUIRED);
    if (value("ca") != NULL) {
        mbedtls_x509_crt_init(&root);
        require(mbedtls_x509_crt_parse_der(&root, bytes, read_file(value("ca"), bytes, sizeof bytes)), "ca");
        mbedtls_ssl_conf_ca_chain(&config, &root, NULL);
    }
    if (value("cert") != NULL) {
        mbedtls_x509_crt_init(&certificate);
        mbedtls_pk_init(&private_key);
        require(mbedtls_x509_crt_parse_der(&certificate, bytes, read_file(value("cert"), bytes, sizeof bytes)), "cert");
        require(mbedtls_pk_parse_key(&private_key, bytes, read_file(value("key"), bytes, sizeof bytes), NULL, 0,
                                  mbedtls_ctr_drbg_random, &random_source), "key");
        require(mbedtls_ssl_conf_own_cert(&config, &certificate, &private_key), "own");
    }
}
#else
static void certificates(void) {}
#endif

static void pre_shared_key(void)
{
#if defined(MBEDTLS_SSL_HANDSHAKE_WITH_PSK_ENABLED)
    unsigned char key[64];
    const char *digits = value("psk"), *id = value("id");
    size_t length = digits == NULL ? 0 : strlen(digits) / 2;
    for (size_t i = 0; i < length && i < sizeof key; i++) {
        unsigned byte = 0;
        sscanf(digits + 2 * i, "%2x", &byte);
        key[i] = (unsigned char) byte;
    }
    if (length > 0)
        require(mbedtls_ssl_conf_psk(&config, key, length, (const unsigned char *) id, strlen(id)), "psk");
#endif
}

static void max_fragment_length(void)
{
#if defined(MBEDTLS_SSL_MAX_FRAGMENT_LENGTH)
    unsigned char code = 0;
    for (int limit = value("mfl") == NULL ? 0 : atoi(value("mfl")); limit >= 512; limit /= 2)
        code++;
    require(mbedtls_ssl_conf_max_frag_len(&config, code), "mfl");
#endif
}

int main(int argc, char **argv)
{
    static unsigned char bytes[2048];
    static mbedtls_entropy_context entropy;
    mbedtls_ssl_context ssl;
    int descriptor, count;
    if (argc < 3)
        return 2;
    options = argv + 3;
    options_len = argc - 3;
    mbedtls_entropy_init(&entropy);
    mbedtls_ctr_drbg_init(&random_source);
    mbedtls_ssl_config_init(&config);
    mbedtls_ssl_init(&ssl);
#if defined(MBEDTLS_PSA_CRYPTO_C)
    require(psa_crypto_init() == PSA_SUCCESS ? 0 : -1, "psa_crypto_init");
#endif
    require(mbedtls_ctr_drbg_seed(&random_source, mbedtls_entropy_func, &entropy, NULL, 0), "random");
    require(mbedtls_ssl_config_defaults(&config, MBEDTLS_SSL_IS_CLIENT, MBEDTLS_SSL_TRANSPORT_STREAM,
                                     MBEDTLS_SSL_PRESET_DEFAULT), "defaults");
    mbedtls_ssl_conf_rng(&config, mbedtls_ctr_drbg_random, &random_source);
    certificates();
    pre_shared_key();
    max_fragment_length();
    require(mbedtls_ssl_setup(&ssl, &config), "setup");
#if defined(MBEDTLS_X509_CRT_PARSE_C)
    require(mbedtls_ssl_set_hostname(&ssl, argv[2]), "name");
#endif
    descriptor = open_connection(argv[1]);
    mbedtls_ssl_set_bio(&ssl, &descriptor, send_bytes, receive_bytes, NULL);
    require(mbedtls_ssl_handshake(&ssl), "handshake");
    count = (int) read(0, bytes, sizeof bytes);
    require(mbedtls_ssl_write(&ssl, bytes, count > 0 ? (size_t) count : 0), "write");
    for (;;) {
        count = mbedtls_ssl_read(&ssl, bytes, sizeof bytes);
#if defined(MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET)
        if (count == MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET)
            continue;
#endif
        if (count == 0 || count == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY)
            return 0;
        require(count, "read");
        fwrite(bytes, 1, (size_t) count, stdout);
        fflush(stdout);
    }
}
