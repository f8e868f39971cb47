/* The example for lwIP over real lwIP: its client against a server of this library, both in lwIP's thread, over an
 * interface whose packets to its own address loop back. Prints a line for each connection. */
#include "../../examples/lwip_client.c"

#include <lwip/init.h>
#include <lwip/netif.h>
#include <lwip/tcpip.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define PORT 4433
#define CHUNK 2048
#define TOTAL (50 * CHUNK)

/* A connection, and what the line about it says. */
typedef struct {
    const char *name;
    uint32_t usage;
    uint8_t client_key; /* the first byte; the server's is 1 */
    u16_t port;
    int is_cut; /* the server closes TCP without close_notify */
} test_case;

static const test_case CASES[] = {
    {"TLS 1.3", HC_PSK_TLS13, 1, PORT, 0},
    {"TLS 1.2", HC_PSK_TLS12, 1, PORT, 0},
    {"another key", HC_PSK_TLS13, 2, PORT, 0},
    {"cut off", HC_PSK_TLS13, 1, PORT, 1},
    {"nothing listens", HC_PSK_TLS13, 1, PORT + 1, 0},
};
#define COUNT (sizeof CASES / sizeof CASES[0])

static const test_case *now;
static struct netif interface;
static ip4_addr_t address;
static hc_config *of_server, *of_client;
static sem_t done;
static size_t written, echoed;

static void check(hc_code code, const char *what)
{
    if (code != HC_OK) {
        fprintf(stderr, "%s: %s\n", what, hc_code_name(code));
        exit(1);
    }
}

static hc_config *configure(uint32_t side, uint32_t usage, uint8_t first)
{
    uint8_t key[32] = {0};
    hc_config *config;
    key[0] = first;
    key[1] = 77;
    check(hc_config_new(side, &config), "configuration");
    check(hc_config_psk(config, usage, (const uint8_t *)"lwip", 4, key, sizeof key), "key");
    check(hc_config_records(config, 1024), "records");
    return config;
}

/* ---- the server ---- */

typedef struct {
    hc_connection *tls;
    struct tcp_pcb *pcb;
} server;

static void server_flush(server *server)
{
    size_t length;
    const uint8_t *bytes;
    while ((bytes = hc_transmit(server->tls, &length)) != NULL) {
        if (tcp_write(server->pcb, bytes, (u16_t)length, TCP_WRITE_FLAG_COPY) != ERR_OK)
            break;
        (void)hc_transmitted(server->tls, length);
    }
    (void)tcp_output(server->pcb);
}

static void server_end(server *server)
{
    tcp_arg(server->pcb, NULL);
    tcp_recv(server->pcb, NULL);
    tcp_err(server->pcb, NULL);
    (void)tcp_close(server->pcb);
    hc_connection_free(server->tls);
    free(server);
}

/* Sends back what was received. */
static hc_code server_echo(server *server)
{
    uint8_t data[CHUNK];
    size_t count, taken;
    hc_code code;
    while ((code = hc_read(server->tls, data, sizeof data, &count)) == HC_OK && count > 0) {
        code = hc_write(server->tls, data, count, &taken);
        if (code == HC_OK && taken != count)
            code = HC_SPACE;
        if (code != HC_OK)
            return code;
        server_flush(server);
    }
    return code;
}

static err_t server_received(void *argument, struct tcp_pcb *pcb, struct pbuf *bytes, err_t error)
{
    server *server = argument;
    struct pbuf *part;
    hc_code code = HC_OK;
    (void)error;
    if (bytes == NULL) {
        server_end(server);
        return ERR_OK;
    }
    for (part = bytes; part != NULL && code == HC_OK; part = part->next) {
        size_t at = 0, taken = 0;
        while (at < part->len && code == HC_OK) {
            code = hc_receive(server->tls, (const uint8_t *)part->payload + at, part->len - at, &taken);
            at += taken;
            if (code == HC_OK)
                code = server_echo(server);
        }
    }
    tcp_recved(pcb, bytes->tot_len);
    pbuf_free(bytes);
    server_flush(server); /* the alert, too */
    if (code != HC_OK || (now->is_cut && (hc_may(server->tls) & HC_IS_CONNECTED))) {
        server_end(server);
    } else if (hc_may(server->tls) & HC_IS_CLOSED) {
        (void)hc_close(server->tls);
        server_flush(server);
        server_end(server);
    }
    return ERR_OK;
}

/* lwIP freed the pcb. */
static void server_failed(void *argument, err_t error)
{
    server *server = argument;
    (void)error;
    hc_connection_free(server->tls);
    free(server);
}

static err_t server_accepted(void *argument, struct tcp_pcb *pcb, err_t error)
{
    server *accepted = malloc(sizeof *accepted);
    (void)argument;
    if (error != ERR_OK || accepted == NULL)
        exit(1);
    accepted->pcb = pcb;
    check(hc_server_new(of_server, &accepted->tls), "server");
    tcp_arg(pcb, accepted);
    tcp_recv(pcb, server_received);
    tcp_err(pcb, server_failed);
    return ERR_OK;
}

/* ---- the client, which is the example ---- */

static tls_client client;

/* Writes what is taken now; the rest when the server has answered. */
static void send_more(tls_client *client)
{
    uint8_t data[CHUNK];
    size_t i, length = TOTAL - written < sizeof data ? TOTAL - written : sizeof data;
    for (i = 0; i < length; i++)
        data[i] = (uint8_t)((written + i) % 251);
    written += tls_client_write(client, data, length);
}

static void on_data(tls_client *client, const uint8_t *data, size_t length)
{
    size_t i;
    for (i = 0; i < length; i++)
        if (data[i] != (uint8_t)((echoed + i) % 251))
            printf("another byte at %zu\n", echoed + i);
    echoed += length;
    if (echoed == TOTAL)
        tls_client_close(client);
    else if (!now->is_cut)
        send_more(client);
}

static void on_end(tls_client *client, hc_code code, const char *words)
{
    (void)client;
    printf("%s: %zu bytes, code %u %u, %s\n", now->name, echoed, (unsigned)(code >> 8), (unsigned)(code & 255),
           words[0] != '\0' ? "with words" : "without words");
    sem_post(&done);
}

/* ---- lwIP ---- */

/* Packets to other addresses go nowhere. */
static err_t no_wire(struct netif *netif, struct pbuf *packet, const ip4_addr_t *to)
{
    (void)netif;
    (void)packet;
    (void)to;
    return ERR_OK;
}

static err_t interface_init(struct netif *netif)
{
    netif->name[0] = 'l';
    netif->name[1] = 'b';
    netif->mtu = 1500;
    netif->output = no_wire;
    return ERR_OK;
}

static void start_stack(void *argument)
{
    struct tcp_pcb *listener;
    ip4_addr_t mask, gateway;
    (void)argument;
    IP4_ADDR(&address, 10, 0, 0, 1);
    IP4_ADDR(&mask, 255, 255, 255, 0);
    IP4_ADDR(&gateway, 10, 0, 0, 1);
    netif_add(&interface, &address, &mask, &gateway, NULL, interface_init, tcpip_input);
    netif_set_default(&interface);
    netif_set_link_up(&interface);
    netif_set_up(&interface);
    listener = tcp_new();
    if (listener == NULL || tcp_bind(listener, IP_ANY_TYPE, PORT) != ERR_OK)
        exit(1);
    tcp_accept(tcp_listen(listener), server_accepted);
    sem_post(&done);
}

static void start_case(void *argument)
{
    ip_addr_t to;
    (void)argument;
    written = echoed = 0;
    ip_addr_copy_from_ip4(to, address);
    if (tls_client_start(&client, of_client, &to, now->port, on_data, on_end, NULL) != ERR_OK)
        exit(1);
}

/* Ends the test if lwIP does not answer. */
static void await(void)
{
    struct timespec deadline;
    clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += 60;
    if (sem_timedwait(&done, &deadline) != 0) {
        fprintf(stderr, "%s: no end\n", now != NULL ? now->name : "lwIP");
        exit(1);
    }
}

int main(void)
{
    size_t i;
    setvbuf(stdout, NULL, _IOLBF, 0);
    sem_init(&done, 0, 0);
    tcpip_init(start_stack, NULL);
    await();
    for (i = 0; i < COUNT; i++) {
        now = &CASES[i];
        of_server = configure(HC_SERVER, now->usage, 1);
        of_client = configure(HC_CLIENT, now->usage, now->client_key);
        tcpip_callback(start_case, NULL);
        await();
        hc_config_free(of_client);
        hc_config_free(of_server);
    }
    return 0;
}
