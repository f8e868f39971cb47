/* The board of the example: QEMU's lm3s6965evb, its UART as the line to the peer, and semihosting for what a
 * person reads. */
#ifndef BOARD_H
#define BOARD_H

#include <stddef.h>
#include <stdint.h>

/* One byte of the line; waits for it. */
uint8_t board_read(void);

/* Sends bytes on the line. */
void board_write(const uint8_t *bytes, size_t length);

/* Prints text on the host's console. */
void board_print(const char *text);

/* Prints a number. */
void board_print_number(const char *name, uint32_t number);

/* Ends the emulation: 0 for success. */
void board_exit(int code);

/* Bytes of stack that were used at most so far. */
uint32_t board_stack_used(void);

/* NOT random: QEMU's board has no source of random numbers. A product uses its peripheral. */
int32_t board_not_random(void *state, uint8_t *out, size_t length);

#endif
