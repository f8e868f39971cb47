/* A TLS client on a microcontroller, over a serial line: a pre-shared key with TLS 1.2 or (with TLS13 defined)
 * 1.3, or (with ROOTS defined) a server with a certificate. It sends a line, prints the answer, and says how much
 * memory that took. */
#include "board.h"
#include <handclasp.h>

#ifndef ARENA
#define ARENA (16 * 1024)
#endif

#ifdef ROOTS
#include "root.h" /* ROOT: the certificate of a CA, as DER */
#ifndef NAME
#define NAME "device.test"
#endif
#endif

static uint8_t arena[ARENA] __attribute__((aligned(8)));
static uint32_t seed = 7;

#ifndef ROOTS
/* A product reads its key from protected flash. */
static const uint8_t KEY[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
#endif

static void panicked(void)
{
    board_print("panic\n");
    board_exit(4);
}

static hc_code configure(hc_config **config)
{
    hc_code code = hc_config_new(HC_CLIENT, config);
    if (code == HC_OK)
        code = hc_config_random(*config, board_not_random, &seed);
    if (code == HC_OK)
        code = hc_config_records(*config, 1024);
#if defined(ROOTS)
    if (code == HC_OK)
        code = hc_client_tls13(*config);
    if (code == HC_OK)
        code = hc_offer_tls13_aes_128_gcm(*config);
    if (code == HC_OK)
        code = hc_offer_p256(*config);
    if (code == HC_OK)
        code = hc_offer_ecdsa_p256(*config);
    if (code == HC_OK)
        code = hc_config_trust_root(*config, ROOT, sizeof ROOT);
#ifdef EARLIEST
    /* Later than the date of the build, which counts otherwise: this board has no clock. */
    if (code == HC_OK)
        code = hc_config_earliest_time(*config, EARLIEST);
#endif
#elif defined(TLS13)
    if (code == HC_OK)
        code = hc_client_tls13(*config);
    if (code == HC_OK)
        code = hc_offer_tls13_aes_128_gcm(*config);
    if (code == HC_OK)
        code = hc_offer_x25519(*config);
    if (code == HC_OK)
        code = hc_config_psk(*config, HC_PSK_TLS13, (const uint8_t *)"device", 6, KEY, sizeof KEY);
#else
    if (code == HC_OK)
        code = hc_client_tls12(*config);
    if (code == HC_OK)
        code = hc_offer_tls12_psk_aes_128_gcm(*config);
    if (code == HC_OK)
        code = hc_config_psk(*config, HC_PSK_TLS12, (const uint8_t *)"device", 6, KEY, sizeof KEY);
#endif
    return code;
}

static hc_code start(const hc_config *config, hc_connection **connection)
{
#ifdef ROOTS
    return hc_client_named(config, NAME, connection);
#else
    return hc_client_new(config, connection);
#endif
}

static void flush(hc_connection *connection)
{
    size_t length;
    const uint8_t *bytes = hc_transmit(connection, &length);
    if (bytes != NULL) {
        board_write(bytes, length);
        (void)hc_transmitted(connection, length);
    }
}

/* Runs until the server answered with a line, or the connection failed. */
static hc_code talk(hc_connection *connection)
{
    int asked = 0;
    for (;;) {
        uint8_t data[64];
        size_t count;
        hc_code code = HC_OK;
        if ((hc_may(connection) & HC_MAY_WRITE) && !asked) {
            code = hc_write(connection, (const uint8_t *)"hello\n", 6, &count);
            asked = 1;
        }
        flush(connection);
        if (code == HC_OK)
            code = hc_read(connection, data, sizeof data - 1, &count);
        if (code == HC_OK && count > 0) {
            data[count] = '\0';
            board_print((const char *)data);
            if (data[count - 1] == '\n')
                return hc_close(connection);
        } else if (code == HC_OK) {
            data[0] = board_read();
            code = hc_receive(connection, data, 1, &count);
        }
        if (code != HC_OK)
            return code;
    }
}

int main(void)
{
    hc_config *config;
    hc_connection *connection = NULL;
    hc_failure failure;
    size_t used;
    hc_code code;

    hc_panic_hook(panicked);
    code = hc_memory(arena, sizeof arena);
    if (code == HC_OK)
        code = configure(&config);
    if (code == HC_OK)
        code = start(config, &connection);
    if (code == HC_OK)
        code = talk(connection);
    flush(connection); /* close_notify, or the alert */
    hc_memory_used(&used, NULL);
    board_print_number("memory ", (uint32_t)used);
    board_print_number("stack ", board_stack_used());
    if (code != HC_OK) {
        board_print_number("failed ", code);
        if (hc_get_failure(connection, &failure) == HC_OK && failure.alert_received >= 0)
            board_print_number("alert received ", (uint32_t)failure.alert_received);
        return 1;
    }
    hc_connection_free(connection);
    hc_config_free(config);
    hc_memory_used(&used, NULL);
    board_print_number("left ", (uint32_t)used); /* 0: everything was freed */
    return 0;
}
