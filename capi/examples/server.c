/* A TLS server over a socket: serves COUNT connections, one after the other, and sends back every line.
 *
 *   server PORT COUNT psk12|psk13 IDENTITY KEY          a pre-shared key (hex)
 *   server PORT COUNT certificate FILE KEY [ROOTS]      a certificate; with ROOTS clients must show one, too
 *   server PORT COUNT certificate FILE KEY PIN...       the same; clients must have one of these keys
 *
 * followed by `tickets SECRET [EARLIER]` (hex, 32 bytes each): clients get tickets to resume their session. A
 * secret is replaced by starting with a new one and the one before as EARLIER.
 */
#include "common.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Tickets under the first secret; those of the second one are accepted, too. */
static void tickets(hc_config *config, int count, char **secrets)
{
    int i;
    for (i = 0; i < count; i++) {
        unsigned char secret[64];
        size_t length = from_hex(secrets[i], secret, sizeof secret);
        hc_code code = i == 0 ? hc_config_tickets(config, secret, length, 24 * 3600)
                              : hc_config_earlier_tickets(config, secret, length);
        require(code, "tickets", config);
        memset(secret, 0, sizeof secret);
    }
}

static hc_config *configure(int count, char **arguments)
{
    hc_config *config = NULL;
    const char *how = count > 5 ? arguments[3] : "";
    int i;

    require(hc_config_new(HC_SERVER, &config), "configuration", NULL);
    if (strncmp(how, "psk", 3) == 0) {
        unsigned char key[64];
        size_t length = from_hex(arguments[5], key, sizeof key);
        uint32_t usage = strcmp(how, "psk12") == 0 ? HC_PSK_TLS12 : HC_PSK_TLS13;
        require(hc_config_psk(config, usage, (const uint8_t *)arguments[4], strlen(arguments[4]), key, length),
                "pre-shared key", config);
        memset(key, 0, sizeof key);
    } else if (strcmp(how, "certificate") == 0) {
        size_t length, key_length;
        unsigned char *chain = read_file(arguments[4], &length);
        unsigned char *key = read_file(arguments[5], &key_length);
        require(hc_config_identity(config, chain, length, key, key_length), "certificate", config);
        free(chain);
        free(key);
        for (i = 6; i < count; i++) {
            if (strncmp(arguments[i], "sha256/", 7) == 0) {
                require(hc_config_trust_pin_text(config, arguments[i]), "pin", config);
            } else {
                unsigned char *roots = read_file(arguments[i], &length);
                require(hc_config_trust_roots(config, roots, length), arguments[i], config);
                free(roots);
            }
        }
        if (count > 6)
            require(hc_config_client_certificates(config, HC_CLIENTS_MUST), "clients", config);
    } else {
        fprintf(stderr, "usage: server PORT COUNT psk12|psk13 IDENTITY KEY | certificate FILE KEY [ROOTS | PIN ...] "
                        "[tickets SECRET [EARLIER]]\n");
        exit(2);
    }
    return config;
}

/* Sends back what the client sends, until it closes. */
static hc_code echo(hc_connection *connection, int socket)
{
    for (;;) {
        size_t length, taken;
        const uint8_t *data = hc_readable(connection, &length);
        hc_code code;
        if (data != NULL) {
            code = hc_write(connection, data, length, &taken);
            if (code == HC_OK)
                code = hc_consume(connection, taken);
            if (code == HC_OK && flush(connection, socket) != 0)
                code = HC_FAULT_TRANSPORT << 8;
        } else if (hc_may(connection) & HC_IS_CLOSED) {
            return HC_OK;
        } else {
            code = step(connection, socket);
        }
        if (code != HC_OK)
            return code;
    }
}

static void serve(const hc_config *config, int socket)
{
    hc_connection *connection = NULL;
    hc_code code;

    require(hc_server_new(config, &connection), "server", config);
    code = handshake(connection, socket);
    if (code == HC_OK) {
        print_negotiated(connection);
        code = echo(connection, socket);
    }
    if (code != HC_OK)
        print_failure(connection, code);
    (void)hc_close(connection);
    (void)flush(connection, socket);
    hc_connection_free(connection);
}

int main(int count, char **arguments)
{
    int before = 3;
    hc_config *config;
    int left = atoi(arguments[2]);
    int listener = listen_on(arguments[1]);

    while (before < count && strcmp(arguments[before], "tickets") != 0)
        before++;
    config = configure(before, arguments);
    if (before < count)
        tickets(config, count - before - 1, arguments + before + 1);
    if (listener < 0)
        return 2;
    puts("listening");
    fflush(stdout);
    for (; left > 0; left--) {
        int socket = accept(listener, NULL, NULL);
        if (socket < 0)
            return 2;
        serve(config, socket);
        close(socket);
    }
    close(listener);
    hc_config_free(config);
    return 0;
}
