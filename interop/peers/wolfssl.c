/* wolfSSL as a client or a server: `wolfssl NAME=VALUE …`. It prints what wolfSSL reports. Names:
 *
 *   role=client|server host= port= name= ca= cert= key= version=any|1.1|1.2|1.3 suites=A:B groups=23,24
 *   alpn= auth=none|required ems=0 count=N resume=1 data=TEXT nosni=1 mfl=N hrr=1 abrupt=1
 *
 * Run by testkit/fresh/ends.py. */
#include <wolfssl/options.h>
#include <wolfssl/ssl.h>
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

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

static int is(const char *name, const char *value) { return !strcmp(get(name, ""), value); }

static void report(const char *what, WOLFSSL *ssl, int code)
{
    char text[WOLFSSL_MAX_ERROR_SZ] = "";
    int error = wolfSSL_get_error(ssl, code);
    WOLFSSL_ALERT_HISTORY history;
    wolfSSL_ERR_error_string(error, text);
    printf("error: %s: %s\n", what, text);
    if (wolfSSL_get_alert_history(ssl, &history) == WOLFSSL_SUCCESS)
        printf("alerts: received %d, sent %d\n", history.last_rx.code, history.last_tx.code);
    fflush(stdout);
}

static void must(int good, const char *what)
{
    if (good)
        return;
    printf("error: %s\n", what);
    exit(1);
}

static WOLFSSL_METHOD *method(int server)
{
    if (is("version", "1.3"))
        return server ? wolfTLSv1_3_server_method() : wolfTLSv1_3_client_method();
    if (is("version", "1.2"))
        return server ? wolfTLSv1_2_server_method() : wolfTLSv1_2_client_method();
    if (is("version", "1.1"))
        return server ? wolfTLSv1_1_server_method() : wolfTLSv1_1_client_method();
    return server ? wolfTLS_server_method() : wolfTLS_client_method();
}

static WOLFSSL_CTX *context(int server)
{
    WOLFSSL_CTX *made = wolfSSL_CTX_new(method(server));
    const char *ca = get("ca", NULL), *cert = get("cert", NULL), *suites = get("suites", NULL);
    must(made != NULL, "no context");
    if (ca)
        must(wolfSSL_CTX_load_verify_locations(made, ca, NULL) == WOLFSSL_SUCCESS, "ca");
    if (cert) {
        must(wolfSSL_CTX_use_certificate_chain_file(made, cert) == WOLFSSL_SUCCESS, "cert");
        must(wolfSSL_CTX_use_PrivateKey_file(made, get("key", ""), WOLFSSL_FILETYPE_PEM) == WOLFSSL_SUCCESS, "key");
    }
    if (suites)
        must(wolfSSL_CTX_set_cipher_list(made, suites) == WOLFSSL_SUCCESS, "suites");
    if (!server)
        wolfSSL_CTX_set_verify(made, WOLFSSL_VERIFY_PEER, NULL);
    if (is("auth", "required"))
        wolfSSL_CTX_set_verify(made, WOLFSSL_VERIFY_PEER | WOLFSSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    if (is("auth", "none") || (server && !ca))
        wolfSSL_CTX_set_verify(made, WOLFSSL_VERIFY_NONE, NULL);
    if (is("ems", "0"))
        wolfSSL_CTX_DisableExtendedMasterSecret(made);
    return made;
}

static WOLFSSL *fresh(WOLFSSL_CTX *from, int server)
{
    WOLFSSL *ssl = wolfSSL_new(from);
    const char *name = get("name", NULL), *groups = get("groups", NULL), *alpn = get("alpn", NULL);
    int list[8], n = 0;
    must(ssl != NULL, "no connection object");
    if (name && !server) {
        wolfSSL_check_domain_name(ssl, name);
        if (!is("nosni", "1"))
            wolfSSL_UseSNI(ssl, WOLFSSL_SNI_HOST_NAME, name, (unsigned short) strlen(name));
    }
    if (alpn)
        wolfSSL_UseALPN(ssl, (char *) alpn, strlen(alpn), WOLFSSL_ALPN_FAILED_ON_MISMATCH);
    if (is("hrr", "1"))
        wolfSSL_NoKeyShares(ssl);
    for (const char *at = groups; at && n < 8; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL)
        list[n++] = atoi(at);
    for (int i = 0; i < n && !server; i++)
        wolfSSL_UseSupportedCurve(ssl, (word16) list[i]);
    if (n)
        wolfSSL_set_groups(ssl, list, n);
    if (!server && get("mfl", NULL))
        wolfSSL_UseMaxFragment(ssl, (unsigned char) atoi(get("mfl", "1")));
    return ssl;
}

static void finish(WOLFSSL *ssl, int fd)
{
    if (!is("abrupt", "1"))
        wolfSSL_shutdown(ssl);
    wolfSSL_free(ssl);
    close(fd);
}

static void address(struct sockaddr_in *to)
{
    memset(to, 0, sizeof *to);
    to->sin_family = AF_INET;
    to->sin_port = htons((unsigned short) atoi(get("port", "0")));
    inet_pton(AF_INET, get("host", "127.0.0.1"), &to->sin_addr);
}

static int client(void)
{
    WOLFSSL_CTX *from = context(0);
    WOLFSSL_SESSION *session = NULL;
    const char *data = get("data", "hello\n");
    for (int i = 0; i < atoi(get("count", "1")); i++) {
        struct sockaddr_in to;
        char buffer[4096];
        int fd = socket(AF_INET, SOCK_STREAM, 0), got;
        WOLFSSL *ssl = fresh(from, 0);
        address(&to);
        must(connect(fd, (struct sockaddr *) &to, sizeof to) == 0, "connect");
        wolfSSL_set_fd(ssl, fd);
        if (session)
            wolfSSL_set_session(ssl, session);
        if ((got = wolfSSL_connect(ssl)) != WOLFSSL_SUCCESS) {
            report("connect", ssl, got);
            finish(ssl, fd);
            return 1;
        }
        printf("handshake done %s %s resumed %d\n", wolfSSL_get_version(ssl), wolfSSL_get_cipher(ssl), wolfSSL_session_reused(ssl));
        wolfSSL_write(ssl, data, (int) strlen(data));
        if ((got = wolfSSL_read(ssl, buffer, sizeof buffer)) <= 0)
            report("read", ssl, got);
        if (is("resume", "1"))
            session = wolfSSL_get1_session(ssl);
        finish(ssl, fd);
    }
    return 0;
}

static int server(void)
{
    WOLFSSL_CTX *from = context(1);
    struct sockaddr_in at;
    int one = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
    address(&at);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    must(bind(listener, (struct sockaddr *) &at, sizeof at) == 0 && listen(listener, 4) == 0, "listen");
    for (int fd; (fd = accept(listener, NULL, NULL)) >= 0;) {
        char buffer[4096];
        int got;
        WOLFSSL *ssl = fresh(from, 1);
        wolfSSL_set_fd(ssl, fd);
        if ((got = wolfSSL_accept(ssl)) != WOLFSSL_SUCCESS) {
            report("accept", ssl, got);
        } else {
            printf("handshake done %s\n", wolfSSL_get_version(ssl));
            while ((got = wolfSSL_read(ssl, buffer, sizeof buffer)) > 0)
                wolfSSL_write(ssl, buffer, got);
        }
        fflush(stdout);
        finish(ssl, fd);
    }
    return 1;
}

int main(int argc, char **argv)
{
    options_len = argc;
    options = argv;
    setvbuf(stdout, NULL, _IOLBF, 0);
    signal(SIGPIPE, SIG_IGN);
    wolfSSL_Init();
    return is("role", "server") ? server() : client();
}
