#define _POSIX_C_SOURCE 200112L

#include "common.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int dial(const char *host, const char *port)
{
    struct addrinfo hints, *found, *one;
    int failed, s = -1;

    memset(&hints, 0, sizeof hints);
    hints.ai_socktype = SOCK_STREAM;
    failed = getaddrinfo(host, port, &hints, &found);
    if (failed != 0) {
        fprintf(stderr, "%s port %s: %s\n", host, port, gai_strerror(failed));
        return -1;
    }
    for (one = found; one != NULL; one = one->ai_next) {
        s = socket(one->ai_family, one->ai_socktype, one->ai_protocol);
        if (s >= 0 && connect(s, one->ai_addr, one->ai_addrlen) == 0)
            break;
        if (s >= 0)
            close(s);
        s = -1;
    }
    if (s < 0)
        fprintf(stderr, "%s port %s: %s\n", host, port, strerror(errno));
    freeaddrinfo(found);
    return s;
}

int listen_on(const char *port)
{
    struct addrinfo hints, *found;
    int s, yes = 1;

    memset(&hints, 0, sizeof hints);
    hints.ai_socktype = SOCK_STREAM;
    if (getaddrinfo("127.0.0.1", port, &hints, &found) != 0) {
        fprintf(stderr, "port %s: not a port\n", port);
        return -1;
    }
    s = socket(found->ai_family, found->ai_socktype, found->ai_protocol);
    if (s < 0 || setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0
        || bind(s, found->ai_addr, found->ai_addrlen) != 0 || listen(s, 4) != 0) {
        fprintf(stderr, "port %s: %s\n", port, strerror(errno));
        if (s >= 0)
            close(s);
        s = -1;
    }
    freeaddrinfo(found);
    return s;
}

unsigned char *read_file(const char *path, size_t *length)
{
    FILE *file = fopen(path, "rb");
    unsigned char *bytes = NULL;
    size_t capacity = 0, count;

    *length = 0;
    if (file == NULL) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        return NULL;
    }
    do {
        unsigned char *larger;
        capacity = capacity == 0 ? 4096 : capacity * 2;
        larger = realloc(bytes, capacity);
        if (larger == NULL)
            break;
        bytes = larger;
        count = fread(bytes + *length, 1, capacity - *length, file);
        *length += count;
    } while (*length == capacity);
    fclose(file);
    return bytes;
}

size_t from_hex(const char *hex, unsigned char *out, size_t capacity)
{
    size_t count = 0;
    for (; hex[0] != '\0' && hex[1] != '\0'; hex += 2) {
        unsigned value;
        if (count == capacity || sscanf(hex, "%2x", &value) != 1)
            return 0;
        out[count++] = (unsigned char)value;
    }
    return hex[0] == '\0' ? count : 0;
}

void require(hc_code code, const char *what, const hc_config *config)
{
    char words[512] = "";
    if (code == HC_OK)
        return;
    (void)hc_config_words(config, words, sizeof words, NULL);
    fprintf(stderr, "%s: %s. %s\n", what, hc_code_name(code), words);
    exit(2);
}

int flush(hc_connection *connection, int socket)
{
    size_t length;
    const uint8_t *bytes;
    while ((bytes = hc_transmit(connection, &length)) != NULL) {
        ssize_t sent = send(socket, bytes, length, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return -1;
        (void)hc_transmitted(connection, (size_t)sent);
    }
    return 0;
}

hc_code step(hc_connection *connection, int socket)
{
    size_t room;
    uint8_t *space;
    ssize_t count;
    hc_code code;

    if (flush(connection, socket) != 0)
        return HC_FAULT_TRANSPORT << 8;
    space = hc_receive_space(connection, &room);
    if (space == NULL)
        return HC_OK;
    do {
        count = recv(socket, space, room, 0);
    } while (count < 0 && errno == EINTR);
    if (count < 0)
        return HC_FAULT_TRANSPORT << 8;
    code = count == 0 ? hc_end_of_input(connection) : hc_received(connection, (size_t)count);
    /* The alert for the peer, or the next flight. */
    (void)flush(connection, socket);
    return code;
}

hc_code handshake(hc_connection *connection, int socket)
{
    while (!(hc_may(connection) & HC_IS_CONNECTED)) {
        hc_code code = step(connection, socket);
        if (code != HC_OK)
            return code;
        if (hc_may(connection) & HC_MAY_ANSWER)
            return HC_OK; /* for the caller to answer, see hc_get_need */
    }
    return flush(connection, socket) == 0 ? HC_OK : HC_FAULT_TRANSPORT << 8;
}

void print_negotiated(const hc_connection *connection)
{
    hc_negotiated agreed;
    if (hc_get_negotiated(connection, &agreed) == HC_OK)
        fprintf(stderr, "connected: TLS 1.%d, suite %04x%s\n", agreed.version - 0x0301, agreed.suite,
                agreed.resumed ? ", resumed" : "");
}

void print_failure(const hc_connection *connection, hc_code code)
{
    char words[512] = "";
    hc_failure failure;
    (void)hc_words(connection, words, sizeof words, NULL);
    fprintf(stderr, "%s %u: %s\n", hc_code_name(code), (unsigned)(code & 255), words);
    if (hc_get_failure(connection, &failure) == HC_OK && failure.alert_sent >= 0)
        fprintf(stderr, "alert sent: %d\n", (int)failure.alert_sent);
    if (failure.alert_received >= 0)
        fprintf(stderr, "alert received: %d\n", (int)failure.alert_received);
}
