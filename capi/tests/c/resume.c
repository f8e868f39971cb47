/* Connects twice to a server on the loopback address whose key is pinned, the second time with the session of
 * the first. resume PORT PIN */
#include "../../examples/common.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int once(const hc_config *config, const char *port, uint8_t *session, size_t *length)
{
    hc_connection *connection = NULL;
    hc_negotiated agreed;
    uint8_t data[64];
    size_t count = 0;
    hc_code code;
    int socket = dial("127.0.0.1", port);

    if (*length > 0)
        code = hc_client_resume(config, "localhost", session, *length, &connection);
    else
        code = hc_client_named(config, "localhost", &connection);
    require(code, "client", config);
    code = handshake(connection, socket);
    if (code == HC_OK)
        code = hc_write(connection, (const uint8_t *)"ping\n", 5, &count);
    /* The ticket of TLS 1.3 comes before the answer. */
    while (code == HC_OK && (code = hc_read(connection, data, sizeof data, &count)) == HC_OK && count == 0)
        code = step(connection, socket);
    if (code != HC_OK)
        print_failure(connection, code);
    require(hc_get_negotiated(connection, &agreed), "negotiated", NULL);
    if (*length == 0) {
        /* Too little space says how much, and the session stays. */
        if (hc_session(connection, session, 1, length) != HC_SPACE)
            return -1;
        require(hc_session(connection, session, 8192, length), "session", NULL);
        /* It was taken. */
        require(hc_session(connection, session + *length, 1, &count), "session", NULL);
        if (*length == 0 || count != 0)
            return -1;
    }
    hc_connection_free(connection);
    close(socket);
    return agreed.resumed;
}

int main(int count, char **arguments)
{
    hc_config *config = NULL;
    uint8_t session[8192 + 1];
    size_t length = 0;
    int first, second;

    if (count < 3)
        return 2;
    require(hc_config_new(HC_CLIENT, &config), "configuration", NULL);
    require(hc_config_trust_pin_text(config, arguments[2]), "pin", config);
    require(hc_config_sessions(config), "sessions", config);
    first = once(config, arguments[1], session, &length);
    second = once(config, arguments[1], session, &length);
    hc_config_free(config);
    memset(session, 0, sizeof session);
    printf("%d %d\n", first, second);
    return 0;
}
