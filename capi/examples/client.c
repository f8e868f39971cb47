/* A TLS client over a socket: sends its standard input, prints what the server answers.
 *
 *   client HOST PORT psk12|psk13 IDENTITY KEY    a pre-shared key (hex)
 *   client HOST PORT pin sha256/BASE64           a server's public key
 *   client HOST PORT roots FILE NAME             certificates: roots as PEM, the server's name
 *
 * and behind these, for a server that asks: certificate FILE KEY
 */
#include "common.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static hc_config *configure(int count, char **arguments, const char **name)
{
    hc_config *config = NULL;
    const char *how = count > 4 ? arguments[3] : "";
    int next = 5;

    require(hc_config_new(HC_CLIENT, &config), "configuration", NULL);
    if (strncmp(how, "psk", 3) == 0 && count > 5) {
        unsigned char key[64];
        size_t length = from_hex(arguments[5], key, sizeof key);
        uint32_t usage = strcmp(how, "psk12") == 0 ? HC_PSK_TLS12 : HC_PSK_TLS13;
        require(hc_config_psk(config, usage, (const uint8_t *)arguments[4], strlen(arguments[4]), key, length),
                "pre-shared key", config);
        memset(key, 0, sizeof key); /* the library has its own copy */
        next = 6;
    } else if (strcmp(how, "pin") == 0) {
        require(hc_config_trust_pin_text(config, arguments[4]), "pin", config);
    } else if (strcmp(how, "roots") == 0 && count > 5) {
        size_t length;
        unsigned char *roots = read_file(arguments[4], &length);
        require(hc_config_trust_roots(config, roots, length), arguments[4], config);
        free(roots);
        *name = arguments[5];
        next = 6;
    } else {
        fprintf(stderr, "usage: client HOST PORT psk12|psk13 IDENTITY KEY | pin PIN | roots FILE NAME\n");
        exit(2);
    }
    if (count > next + 2 && strcmp(arguments[next], "certificate") == 0) {
        size_t length, key_length;
        unsigned char *chain = read_file(arguments[next + 1], &length);
        unsigned char *key = read_file(arguments[next + 2], &key_length);
        require(hc_config_identity(config, chain, length, key, key_length), "certificate", config);
        free(chain);
        free(key);
    }
    return config;
}

/* Sends all of standard input, then close_notify. */
static hc_code send_input(hc_connection *connection, int socket)
{
    unsigned char line[4096];
    size_t count;
    while ((count = fread(line, 1, sizeof line, stdin)) > 0) {
        size_t done = 0;
        while (done < count) {
            size_t taken;
            hc_code code = hc_write(connection, line + done, count - done, &taken);
            if (code != HC_OK)
                return code;
            done += taken;
            if (flush(connection, socket) != 0)
                return HC_FAULT_TRANSPORT << 8;
        }
    }
    return HC_OK;
}

/* Prints what the server sends, until it closes or sent as many lines as it was given. */
static hc_code print_answer(hc_connection *connection, int socket)
{
    for (;;) {
        unsigned char data[4096];
        size_t count;
        hc_code code = hc_read(connection, data, sizeof data, &count);
        if (code != HC_OK)
            return code;
        if (count > 0) {
            fwrite(data, 1, count, stdout);
            fflush(stdout);
            if (memchr(data, '\n', count) != NULL)
                return HC_OK;
            continue;
        }
        if (hc_may(connection) & HC_IS_CLOSED)
            return HC_OK;
        code = step(connection, socket);
        if (code != HC_OK)
            return code;
    }
}

int main(int count, char **arguments)
{
    const char *name = NULL;
    hc_config *config = configure(count, arguments, &name);
    hc_connection *connection = NULL;
    hc_code code;
    int socket = dial(arguments[1], arguments[2]);

    if (socket < 0)
        return 2;
    require(name != NULL ? hc_client_named(config, name, &connection) : hc_client_new(config, &connection),
            "client", config);
    hc_config_free(config); /* the connection keeps what it needs */

    code = handshake(connection, socket);
    if (code == HC_OK) {
        print_negotiated(connection);
        code = send_input(connection, socket);
    }
    if (code == HC_OK)
        code = print_answer(connection, socket);
    if (code != HC_OK)
        print_failure(connection, code);
    else
        (void)hc_close(connection);
    (void)flush(connection, socket);
    hc_connection_free(connection);
    close(socket);
    return code == HC_OK ? 0 : 1;
}
