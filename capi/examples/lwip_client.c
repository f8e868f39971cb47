/* A TLS client as callbacks of lwIP's raw API: no thread and no socket.
 *
 * lwIP calls received, sent, poll and failed from its own thread (tcpip_thread, or the main loop with
 * NO_SYS). Every call of handclasp is made there, so a build with an arena needs no lock.
 *
 *   static tls_client client;
 *   tls_client_start(&client, config, &address, 8883, on_data, on_end, NULL);
 *   ...
 *   tls_client_write(&client, "hello", 5);    once on_data was called with length 0: connected
 */
#include <handclasp.h>
#include <lwip/pbuf.h>
#include <lwip/tcp.h>
#include <string.h>

/* Handshakes that take longer than this are given up: 20 polls of half a second. */
#define HANDSHAKE_POLLS 20

typedef struct tls_client tls_client;

struct tls_client {
    hc_connection *tls;
    struct tcp_pcb *pcb;
    struct pbuf *waiting; /* received, and not taken by TLS yet */
    u16_t offset;         /* bytes of its first pbuf that were taken */
    u8_t polls;
    u8_t was_connected;
    u8_t was_aborted; /* the callback that is running must return ERR_ABRT */
    /* Data of the server; length 0: the handshake is complete. */
    void (*on_data)(tls_client *client, const uint8_t *data, size_t length);
    /* The end: HC_OK after close_notify, otherwise why. `words` is a sentence, and the report is in `tls`. */
    void (*on_end)(tls_client *client, hc_code code, const char *words);
    void *user;
};

err_t tls_client_start(tls_client *client, const hc_config *config, const ip_addr_t *address, u16_t port,
                       void (*on_data)(tls_client *, const uint8_t *, size_t),
                       void (*on_end)(tls_client *, hc_code, const char *), void *user);
size_t tls_client_write(tls_client *client, const void *data, size_t length);
void tls_client_close(tls_client *client);

/* Says why, and gives everything back. */
static void end(tls_client *client, hc_code code)
{
    char words[160] = "";
    (void)hc_words(client->tls, words, sizeof words, NULL);
    client->on_end(client, code, words);
    if (client->waiting != NULL)
        pbuf_free(client->waiting);
    client->waiting = NULL;
    if (client->pcb != NULL) {
        tcp_arg(client->pcb, NULL);
        tcp_recv(client->pcb, NULL);
        tcp_sent(client->pcb, NULL);
        tcp_err(client->pcb, NULL);
        tcp_poll(client->pcb, NULL, 0);
        /* tcp_close sends what was queued: the alert that says why. */
        if (tcp_close(client->pcb) != ERR_OK) {
            tcp_abort(client->pcb);
            client->was_aborted = 1;
        }
    }
    client->pcb = NULL;
    hc_connection_free(client->tls);
    client->tls = NULL;
}

/* Hands lwIP what waits to be sent, as far as it has space. It makes a copy: the bytes of hc_transmit are
 * valid until the next call only. */
static void flush(tls_client *client)
{
    size_t length;
    const uint8_t *bytes;
    while ((bytes = hc_transmit(client->tls, &length)) != NULL) {
        if (length > tcp_sndbuf(client->pcb))
            length = tcp_sndbuf(client->pcb);
        if (length == 0 || tcp_write(client->pcb, bytes, (u16_t)length, TCP_WRITE_FLAG_COPY) != ERR_OK)
            break; /* again when lwIP calls sent or poll */
        (void)hc_transmitted(client->tls, length);
    }
    (void)tcp_output(client->pcb);
}

/* What a callback returns: lwIP must not touch a pcb that was aborted. */
static err_t result(const tls_client *client)
{
    return client->was_aborted ? ERR_ABRT : ERR_OK;
}

/* Gives TLS what was received, and the application what became readable of it. */
static void advance(tls_client *client)
{
    hc_code code = HC_OK;
    for (;;) {
        size_t length, taken = 0;
        const uint8_t *data = hc_readable(client->tls, &length);
        if (data != NULL) {
            client->on_data(client, data, length);
            if (client->tls == NULL)
                return; /* the application closed */
            code = hc_consume(client->tls, length);
        } else if (client->waiting != NULL && (hc_may(client->tls) & HC_MAY_RECEIVE)) {
            struct pbuf *first = client->waiting;
            code = hc_receive(client->tls, (const uint8_t *)first->payload + client->offset,
                              (size_t)(first->len - client->offset), &taken);
            client->offset = (u16_t)(client->offset + taken);
            tcp_recved(client->pcb, (u16_t)taken); /* opens the window by what was taken */
            if (client->offset == first->len) {
                client->waiting = pbuf_dechain(first);
                pbuf_free(first);
                client->offset = 0;
            }
        } else {
            break;
        }
        if (code != HC_OK)
            break;
    }
    if (code != HC_OK) {
        flush(client); /* the alert */
        end(client, code);
        return;
    }
    if (!client->was_connected && (hc_may(client->tls) & HC_IS_CONNECTED)) {
        client->was_connected = 1;
        client->on_data(client, NULL, 0);
        if (client->tls == NULL)
            return;
    }
    if (hc_may(client->tls) & HC_IS_CLOSED)
        tls_client_close(client);
    else
        flush(client);
}

static err_t received(void *argument, struct tcp_pcb *pcb, struct pbuf *bytes, err_t error)
{
    tls_client *client = argument;
    (void)pcb;
    (void)error;
    if (bytes == NULL) { /* the server closed TCP */
        end(client, hc_end_of_input(client->tls));
        return result(client);
    }
    if (client->waiting == NULL)
        client->waiting = bytes;
    else
        pbuf_cat(client->waiting, bytes);
    advance(client);
    return result(client);
}

static err_t sent(void *argument, struct tcp_pcb *pcb, u16_t length)
{
    (void)pcb;
    (void)length;
    flush(argument);
    return ERR_OK;
}

static err_t poll(void *argument, struct tcp_pcb *pcb)
{
    tls_client *client = argument;
    (void)pcb;
    if (!client->was_connected && ++client->polls > HANDSHAKE_POLLS) {
        hc_code code = hc_time_out(client->tls);
        flush(client);
        end(client, code);
        return result(client);
    }
    flush(client);
    return ERR_OK;
}

/* lwIP freed the pcb: reset, or out of memory. */
static void failed(void *argument, err_t error)
{
    tls_client *client = argument;
    (void)error;
    client->pcb = NULL;
    end(client, hc_end_of_input(client->tls));
}

static err_t connected(void *argument, struct tcp_pcb *pcb, err_t error)
{
    (void)pcb;
    (void)error; /* lwIP calls this with ERR_OK only */
    flush(argument);
    return ERR_OK;
}

err_t tls_client_start(tls_client *client, const hc_config *config, const ip_addr_t *address, u16_t port,
                       void (*on_data)(tls_client *, const uint8_t *, size_t),
                       void (*on_end)(tls_client *, hc_code, const char *), void *user)
{
    err_t error;
    memset(client, 0, sizeof *client);
    client->on_data = on_data;
    client->on_end = on_end;
    client->user = user;
    if (hc_client_new(config, &client->tls) != HC_OK)
        return ERR_VAL;
    client->pcb = tcp_new();
    if (client->pcb == NULL) {
        hc_connection_free(client->tls);
        return ERR_MEM;
    }
    tcp_arg(client->pcb, client);
    tcp_recv(client->pcb, received);
    tcp_sent(client->pcb, sent);
    tcp_err(client->pcb, failed);
    tcp_poll(client->pcb, poll, 1);
    error = tcp_connect(client->pcb, address, port, connected);
    if (error != ERR_OK) {
        tcp_arg(client->pcb, NULL);
        tcp_err(client->pcb, NULL);
        tcp_abort(client->pcb);
        hc_connection_free(client->tls);
    }
    return error;
}

/* How many bytes were taken: the rest after data was sent. */
size_t tls_client_write(tls_client *client, const void *data, size_t length)
{
    size_t taken = 0;
    if (client->tls == NULL)
        return 0;
    (void)hc_write(client->tls, data, length, &taken);
    flush(client);
    return taken;
}

void tls_client_close(tls_client *client)
{
    if (client->tls == NULL)
        return;
    (void)hc_close(client->tls);
    flush(client); /* close_notify */
    end(client, HC_OK);
}
