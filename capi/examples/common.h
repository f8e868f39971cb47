/* What the examples for hosts have in common: a TCP socket, files, and one loop that moves bytes. */
#ifndef EXAMPLES_COMMON_H
#define EXAMPLES_COMMON_H

#include <handclasp.h>
#include <stddef.h>

/* A TCP connection to host and port, or -1 with a message on stderr. */
int dial(const char *host, const char *port);

/* A socket that listens on the loopback address, or -1 with a message on stderr. */
int listen_on(const char *port);

/* A whole file in memory of malloc, or NULL with a message on stderr. */
unsigned char *read_file(const char *path, size_t *length);

/* Hex digits to bytes; how many, or 0 if they are not hex or there are too many. */
size_t from_hex(const char *hex, unsigned char *out, size_t capacity);

/* Ends the program with the name of the code and the words of the configuration unless it is HC_OK. */
void require(hc_code code, const char *what, const hc_config *config);

/* Sends all that waits. 0, or -1 if the socket failed. */
int flush(hc_connection *connection, int socket);

/* Sends what waits and receives once, if the connection permits it. HC_OK, the fault, or HC_FAULT_TRANSPORT
 * << 8 if the socket failed. */
hc_code step(hc_connection *connection, int socket);

/* Runs the handshake. HC_OK, or why it failed. */
hc_code handshake(hc_connection *connection, int socket);

/* Prints what was negotiated on stderr. */
void print_negotiated(const hc_connection *connection);

/* Prints why a connection failed on stderr: words, and both alerts. */
void print_failure(const hc_connection *connection, hc_code code);

#endif
