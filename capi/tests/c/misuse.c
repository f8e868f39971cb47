/* Mistakes of a caller: each yields a code, none a crash. Prints the first expectation that fails. */
#include <handclasp.h>
#include <stdio.h>
#include <string.h>

static int failures;

static void is(hc_code found, hc_code expected, const char *what)
{
    if (found == expected)
        return;
    printf("%s: %s (%u), expected %s\n", what, hc_code_name(found), (unsigned)found, hc_code_name(expected));
    failures++;
}

#define IS(call, expected) is((call), (expected), #call)
#define TRUE(condition) is((condition) ? HC_OK : HC_PANIC, HC_OK, #condition)
#define MISUSE(detail) ((hc_code)(HC_FAULT_MISUSE << 8 | (detail)))

static const uint8_t KEY[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

static hc_config *psk(uint32_t side)
{
    hc_config *config = NULL;
    IS(hc_config_new(side, &config), HC_OK);
    IS(hc_config_psk(config, HC_PSK_TLS13, (const uint8_t *)"id", 2, KEY, sizeof KEY), HC_OK);
    return config;
}

static void null_everywhere(void)
{
    size_t length = 7;
    hc_connection *connection = NULL;
    uint8_t byte = 0;
    char words[8] = "x";
    hc_failure failure;
    hc_need need;
    hc_negotiated agreed;

    IS(hc_config_new(HC_CLIENT, NULL), HC_NULL);
    hc_config_free(NULL);
    IS(hc_config_psk(NULL, HC_PSK_TLS13, &byte, 1, KEY, 16), HC_NULL);
    IS(hc_config_weak_psk(NULL, HC_PSK_TLS13, &byte, 1, KEY, 16), HC_NULL);
    IS(hc_config_alpn(NULL, &byte, 1), HC_NULL);
    IS(hc_config_random(NULL, NULL, NULL), HC_NULL);
    IS(hc_config_records(NULL, 512), HC_NULL);
    IS(hc_config_messages(NULL, 512, 512), HC_NULL);
    IS(hc_config_earliest_time(NULL, 0), HC_NULL);
    IS(hc_config_trust_pin(NULL, KEY), HC_NULL);
    IS(hc_config_trust_pin_text(NULL, "sha256/"), HC_NULL);
    IS(hc_config_trust_roots(NULL, KEY, 16), HC_NULL);
    IS(hc_config_trust_root(NULL, KEY, 16), HC_NULL);
    IS(hc_config_trust_system_roots(NULL), HC_NULL);
    IS(hc_config_identity(NULL, KEY, 16, KEY, 16), HC_NULL);
    IS(hc_config_identity_external(NULL, KEY, 16), HC_NULL);
    IS(hc_config_client_certificates(NULL, HC_CLIENTS_MUST), HC_NULL);
    IS(hc_config_late(NULL, 0), HC_NULL);
    IS(hc_config_sessions(NULL), HC_NULL);
    IS(hc_config_words(NULL, words, 8, NULL), HC_NULL);
    IS(hc_offer_modern(NULL), HC_NULL);
    IS(hc_offer_p256(NULL), HC_NULL);
    IS(hc_client_tls12(NULL), HC_NULL);
    IS(hc_client_new(NULL, &connection), HC_NULL);
    IS(hc_client_named(NULL, "a.test", &connection), HC_NULL);
    IS(hc_client_named(NULL, NULL, &connection), HC_NULL);
    IS(hc_client_resume(NULL, NULL, KEY, 16, &connection), HC_SESSION);
    IS(hc_server_new(NULL, &connection), HC_NULL);
    TRUE(connection == NULL);

    hc_connection_free(NULL);
    TRUE(hc_may(NULL) == 0);
    IS(hc_time(NULL, 0), HC_NULL);
    IS(hc_receive(NULL, &byte, 1, &length), HC_NULL);
    TRUE(hc_receive_space(NULL, &length) == NULL);
    IS(hc_received(NULL, 1), HC_NULL);
    IS(hc_end_of_input(NULL), HC_NULL);
    TRUE(hc_transmit(NULL, &length) == NULL && length == 0);
    IS(hc_transmitted(NULL, 1), HC_NULL);
    TRUE(hc_readable(NULL, &length) == NULL);
    IS(hc_consume(NULL, 0), HC_NULL);
    IS(hc_read(NULL, &byte, 1, &length), HC_NULL);
    IS(hc_write(NULL, &byte, 1, &length), HC_NULL);
    IS(hc_close(NULL), HC_NULL);
    IS(hc_time_out(NULL), HC_NULL);
    IS(hc_release_buffers(NULL), HC_NULL);
    IS(hc_get_need(NULL, &need), HC_NULL);
    TRUE(hc_need_item(NULL, 0, &length) == NULL);
    IS(hc_answer_psk(NULL, 0, HC_PSK_TLS13, KEY, 16), HC_NULL);
    IS(hc_answer_no_psk(NULL), HC_NULL);
    IS(hc_answer_signature(NULL, KEY, 16), HC_NULL);
    IS(hc_answer_signature_failed(NULL), HC_NULL);
    IS(hc_answer_peer_accepted(NULL), HC_NULL);
    IS(hc_answer_peer_refused(NULL, HC_REFUSED_UNKNOWN), HC_NULL);
    IS(hc_refuse(NULL), HC_NULL);
    IS(hc_get_failure(NULL, &failure), HC_NULL);
    IS(hc_words(NULL, words, 8, NULL), HC_NULL);
    IS(hc_report(NULL, &byte, 1, &length), HC_NULL);
    IS(hc_get_negotiated(NULL, &agreed), HC_NULL);
    TRUE(hc_alpn(NULL, &length) == NULL);
    TRUE(hc_psk_identity(NULL, &length) == NULL);
    TRUE(hc_server_name(NULL, &length) == NULL);
    IS(hc_export(NULL, KEY, 1, NULL, 0, &byte, 1), HC_NULL);
    IS(hc_session(NULL, &byte, 1, &length), HC_NULL);
}

static void wrong_configurations(void)
{
    hc_config *config = NULL;
    hc_connection *connection = NULL;
    uint8_t name[256];
    char words[200];
    size_t length = 0;

    memset(name, 'a', sizeof name);
    IS(hc_config_new(3, &config), HC_UNSUPPORTED);
    IS(hc_config_new(HC_CLIENT, &config), HC_OK);
    IS(hc_client_new(config, &connection), HC_NO_TRUST);
    IS(hc_server_new(config, &connection), HC_ORDER);
    IS(hc_config_psk(config, 9, name, 1, KEY, 16), HC_UNSUPPORTED);
    IS(hc_config_psk(config, HC_PSK_TLS13, name, 1, NULL, 16), HC_NULL);
    IS(hc_config_psk(config, HC_PSK_TLS13, NULL, 1, KEY, 16), HC_NULL);
    IS(hc_config_psk(config, HC_PSK_TLS13, NULL, 0, KEY, 16), HC_PSK);
    IS(hc_config_psk(config, HC_PSK_TLS13, name, 1, KEY, 0), HC_PSK);
    IS(hc_config_psk(config, HC_PSK_TLS13, name, 1, KEY, (size_t)-1), HC_LENGTH);
    IS(hc_config_psk(config, HC_PSK_TLS13, name, 1, KEY, 15), HC_PSK);
    IS(hc_config_words(config, words, sizeof words, &length), HC_OK);
    TRUE(strstr(words, "15 bytes") != NULL && length == strlen(words));
    IS(hc_config_words(config, words, 4, &length), HC_SPACE);
    TRUE(strlen(words) == 3 && length > 3);
    IS(hc_config_words(config, NULL, 0, &length), HC_SPACE);
    IS(hc_config_weak_psk(config, HC_PSK_TLS13, name, 1, KEY, 15), HC_OK);
    IS(hc_config_psk(config, HC_PSK_TLS13, name, 1, KEY, 16), HC_ORDER);
    IS(hc_config_alpn(config, name, 0), HC_LENGTH);
    IS(hc_config_alpn(config, name, 256), HC_LENGTH);
    IS(hc_config_alpn(config, name, 255), HC_OK);
    IS(hc_config_records(config, 511), HC_LENGTH);
    IS(hc_config_records(config, 16385), HC_LENGTH);
    IS(hc_config_messages(config, 0x1000000, 512), HC_LENGTH);
    IS(hc_config_messages(config, 512, 0xffffffff), HC_LENGTH);
    IS(hc_config_messages(config, 0xffffff, 0xffffff), HC_OK);
    IS(hc_config_trust_pin(config, NULL), HC_NULL);
    IS(hc_config_trust_pin_text(config, NULL), HC_NULL);
    IS(hc_config_trust_pin_text(config, "\xff"), HC_TEXT);
    IS(hc_config_trust_pin_text(config, "sha1/AAAA"), HC_PIN);
    IS(hc_config_trust_root(config, name, 5), HC_ROOTS);
    IS(hc_config_trust_roots(config, name, 5), HC_ROOTS);
    IS(hc_config_trust_pin(config, name), HC_OK);
    IS(hc_config_trust_roots(config, name, 5), HC_ROOTS);
    IS(hc_config_identity(config, name, 5, name, 5), HC_IDENTITY);
    IS(hc_config_identity_external(config, name, 5), HC_IDENTITY);
    IS(hc_config_client_certificates(config, HC_CLIENTS_MUST), HC_ORDER);
    IS(hc_config_late(config, 8), HC_UNSUPPORTED);
    IS(hc_server_tls13(config), HC_ORDER);
    IS(hc_client_named(config, "not a name", &connection), HC_NAME);
    IS(hc_client_named(config, "\xff", &connection), HC_TEXT);
    IS(hc_client_new(config, NULL), HC_NULL);
    IS(hc_client_resume(config, NULL, name, 20, &connection), HC_SESSION);
    TRUE(connection == NULL);
    hc_config_free(config);

    IS(hc_config_new(HC_SERVER, &config), HC_OK);
    IS(hc_server_new(config, &connection), MISUSE(5)); /* nothing to choose from */
    IS(hc_client_new(config, &connection), HC_ORDER);
    IS(hc_config_sessions(config), HC_ORDER);
    IS(hc_config_client_certificates(config, 7), HC_UNSUPPORTED);
    hc_config_free(config);
}

static void wrong_order(void)
{
    hc_config *config = psk(HC_CLIENT);
    hc_connection *connection = NULL;
    hc_need need;
    hc_negotiated agreed;
    hc_failure failure;
    uint8_t bytes[64] = "HTTP/1.1 400 Bad Request";
    size_t length, room;
    uint8_t report[2048];
    char words[200];

    IS(hc_client_new(config, &connection), HC_OK);
    IS(hc_config_alpn(config, bytes, 4), HC_IN_USE);
    hc_config_free(config); /* the connection goes on */

    TRUE(hc_may(connection) == (HC_MAY_RECEIVE | HC_MAY_TRANSMIT));
    IS(hc_write(connection, bytes, 1, &length), MISUSE(3)); /* not connected, and not the end */
    IS(hc_write(connection, NULL, 1, &length), HC_NULL);
    IS(hc_write(connection, bytes, 1, NULL), HC_NULL);
    IS(hc_get_negotiated(connection, &agreed), MISUSE(3));
    IS(hc_export(connection, bytes, 4, NULL, 0, bytes, 16), MISUSE(3));
    IS(hc_get_need(connection, &need), HC_OK);
    TRUE(need.kind == HC_NEED_NONE);
    IS(hc_get_need(connection, NULL), HC_NULL);
    TRUE(hc_need_item(connection, 0, &length) == NULL);
    IS(hc_answer_psk(connection, 0, HC_PSK_TLS13, KEY, 16), HC_ORDER);
    IS(hc_answer_no_psk(connection), HC_ORDER);
    IS(hc_answer_signature(connection, KEY, 16), HC_ORDER);
    IS(hc_answer_signature_failed(connection), HC_ORDER);
    IS(hc_answer_peer_accepted(connection), HC_ORDER);
    IS(hc_answer_peer_refused(connection, HC_REFUSED_UNKNOWN), HC_ORDER);
    IS(hc_consume(connection, 1), HC_LENGTH);
    IS(hc_consume(connection, 0), HC_OK);
    TRUE(hc_transmit(connection, &length) != NULL && length > 0);
    IS(hc_transmitted(connection, length + 1), HC_LENGTH);
    TRUE(hc_receive_space(connection, &room) != NULL && room > 0);
    IS(hc_received(connection, room + 1), HC_LENGTH);
    IS(hc_received(connection, 0), HC_OK);
    IS(hc_receive(connection, NULL, 1, &length), HC_NULL);
    IS(hc_receive(connection, bytes, 1, NULL), HC_NULL);
    IS(hc_report(connection, report, 1, &length), HC_SPACE);
    TRUE(length > 1);
    TRUE(hc_transmit(connection, &length) != NULL && length > 0); /* none of it ended the connection */

    /* The peer is not a TLS server. */
    IS(hc_receive(connection, bytes, 24, &length), HC_FAULT_NOT_TLS << 8);
    TRUE(hc_may(connection) == (HC_IS_FAILED | HC_MAY_TRANSMIT));
    IS(hc_get_failure(connection, &failure), HC_OK);
    TRUE(failure.fault == HC_FAULT_NOT_TLS && failure.alert_sent == 10 && failure.alert_received == -1);
    IS(hc_words(connection, words, sizeof words, &length), HC_OK);
    TRUE(strstr(words, "HTTP") != NULL);
    IS(hc_report(connection, report, sizeof report, &length), HC_OK);
    /* Everything after it says the same, or nothing. */
    IS(hc_receive(connection, bytes, 24, &length), HC_FAULT_NOT_TLS << 8);
    TRUE(length == 0);
    IS(hc_received(connection, 0), HC_FAULT_NOT_TLS << 8);
    IS(hc_write(connection, bytes, 1, &length), HC_FAULT_NOT_TLS << 8);
    IS(hc_time_out(connection), HC_FAULT_NOT_TLS << 8);
    IS(hc_refuse(connection), HC_FAULT_NOT_TLS << 8);
    IS(hc_end_of_input(connection), HC_FAULT_NOT_TLS << 8);
    TRUE(hc_receive_space(connection, &room) == NULL && room == 0);
    IS(hc_close(connection), HC_OK);
    IS(hc_close(connection), HC_OK);
    hc_connection_free(connection);
}

static int no_numbers(void *user, uint8_t *out, size_t length)
{
    (void)out;
    (void)length;
    return *(int *)user;
}

static void random_fails(void)
{
    int broken = 1;
    hc_config *config = psk(HC_CLIENT);
    hc_connection *connection = NULL;
    IS(hc_config_random(config, no_numbers, &broken), HC_OK);
    IS(hc_client_new(config, &connection), HC_FAULT_INTERNAL << 8 | 1);
    TRUE(connection == NULL);
    hc_config_free(config);
}

/* Moves what waits from one connection to the other, one byte a call. */
static hc_code deliver(hc_connection *from, hc_connection *to)
{
    size_t length, taken;
    const uint8_t *bytes = hc_transmit(from, &length);
    while (bytes != NULL) {
        hc_code code = hc_receive(to, bytes, 1, &taken);
        if (code != HC_OK)
            return code;
        if (taken == 0)
            return HC_OK;
        if (hc_transmitted(from, 1) != HC_OK)
            return HC_PANIC;
        bytes = hc_transmit(from, &length);
    }
    return HC_OK;
}

static void pair_in_memory(void)
{
    hc_config *configs[2] = {psk(HC_CLIENT), NULL};
    hc_connection *client = NULL, *server = NULL;
    uint8_t out[32], other[32];
    size_t length, count;
    hc_need need;

    IS(hc_config_new(HC_SERVER, &configs[1]), HC_OK);
    IS(hc_config_late(configs[1], HC_LATE_PSK), HC_OK);
    IS(hc_client_new(configs[0], &client), HC_OK);
    IS(hc_server_new(configs[1], &server), HC_OK);
    hc_config_free(configs[0]);
    hc_config_free(configs[1]);

    IS(deliver(client, server), HC_OK);
    TRUE(hc_may(server) & HC_MAY_ANSWER);
    IS(hc_get_need(server, &need), HC_OK);
    TRUE(need.kind == HC_NEED_PSK && need.version == 0x0304 && need.items == 1);
    TRUE(hc_need_item(server, 0, &length) != NULL && length == 2);
    TRUE(hc_need_item(server, 1, &length) == NULL && length == 0);
    IS(hc_receive(server, out, 1, &length), HC_OK);
    TRUE(length == 0); /* nothing is received before the answer */
    IS(hc_received(server, 1), HC_ORDER);
    IS(hc_answer_psk(server, 1, HC_PSK_TLS13, KEY, 16), HC_LENGTH);
    IS(hc_answer_psk(server, 0, 99, KEY, 16), HC_UNSUPPORTED);
    IS(hc_answer_psk(server, 0, HC_PSK_TLS13, KEY, 0), HC_LENGTH);
    IS(hc_answer_signature(server, KEY, 16), HC_ORDER);
    IS(hc_answer_psk(server, 0, HC_PSK_TLS13, KEY, 16), HC_OK);
    IS(deliver(server, client), HC_OK);
    IS(deliver(client, server), HC_OK);
    TRUE((hc_may(client) & HC_IS_CONNECTED) && (hc_may(server) & HC_IS_CONNECTED));
    IS(hc_time_out(client), HC_ORDER);
    TRUE(hc_psk_identity(server, &length) != NULL && length == 2);
    TRUE(hc_alpn(server, &length) == NULL && length == 0);

    IS(hc_export(client, (const uint8_t *)"EXPERIMENTAL a test", 19, NULL, 0, out, sizeof out), HC_OK);
    IS(hc_export(server, (const uint8_t *)"EXPERIMENTAL a test", 19, NULL, 0, other, sizeof other), HC_OK);
    TRUE(memcmp(out, other, sizeof out) == 0);

    IS(hc_write(client, (const uint8_t *)"ping", 4, &count), HC_OK);
    TRUE(count == 4);
    IS(deliver(client, server), HC_OK);
    IS(hc_read(server, out, 3, &count), HC_OK);
    TRUE(count == 3 && memcmp(out, "pin", 3) == 0);
    IS(hc_read(server, out, sizeof out, &count), HC_OK);
    TRUE(count == 1 && out[0] == 'g');
    IS(hc_close(client), HC_OK);
    IS(hc_write(client, out, 1, &count), MISUSE(4));
    IS(deliver(client, server), HC_OK);
    TRUE(hc_may(server) & HC_IS_CLOSED);
    IS(hc_end_of_input(server), HC_OK);
    IS(hc_end_of_input(client), HC_FAULT_TRUNCATED << 8);
    hc_connection_free(client);
    hc_connection_free(server);
}

int main(void)
{
    TRUE(hc_version() >> 8 == (HC_VERSION_MAJOR << 8 | HC_VERSION_MINOR));
    TRUE(strcmp(hc_version_text(), "0.1.0") == 0);
    TRUE(strcmp(hc_code_name(HC_FAULT_PEER_ALERT << 8 | 20), "HC_FAULT_PEER_ALERT") == 0);
    TRUE(strcmp(hc_code_name(255), "unknown") == 0 && strcmp(hc_code_name((hc_code)-1), "unknown") == 0);
    null_everywhere();
    wrong_configurations();
    wrong_order();
    random_fails();
    pair_in_memory();
    if (failures == 0)
        puts("ok");
    return failures != 0;
}
