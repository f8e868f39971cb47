#include "board.h"

#define UART_DATA (*(volatile uint32_t *)0x4000C000u)
#define UART_FLAGS (*(volatile uint32_t *)0x4000C018u)
#define UART_TX_FULL (1u << 5)
#define UART_RX_EMPTY (1u << 4)
#define CPACR (*(volatile uint32_t *)0xE000ED88u)
#define PAINT 0x5354414bu

extern uint32_t data_start, data_end, data_load, bss_start, bss_end, stack_top;
int main(void);
void reset(void);

static void halt(void)
{
    board_print("fault\n");
    board_exit(3);
    for (;;)
        ;
}

__attribute__((section(".vectors"), used)) static void (*const vectors[16])(void) = {
    (void (*)(void))&stack_top, reset, halt, halt, halt, halt, halt,
};

void reset(void)
{
    uint32_t *from = &data_load, *to;
    CPACR |= 0xfu << 20; /* the target is compiled for a float unit */
    for (to = &data_start; to < &data_end;)
        *to++ = *from++;
    for (to = &bss_start; to < &bss_end;)
        *to++ = 0;
    /* Below this function's own frame nothing is in use yet. */
    for (to = &bss_end; to < (uint32_t *)__builtin_frame_address(0) - 16; to++)
        *(volatile uint32_t *)to = PAINT;
    board_exit(main());
    for (;;)
        ;
}

uint32_t board_stack_used(void)
{
    const volatile uint32_t *word = &bss_end;
    while (*word == PAINT)
        word++;
    return (uint32_t)((uintptr_t)&stack_top - (uintptr_t)word);
}

uint8_t board_read(void)
{
    while (UART_FLAGS & UART_RX_EMPTY)
        ;
    return (uint8_t)UART_DATA;
}

void board_write(const uint8_t *bytes, size_t length)
{
    for (; length > 0; length--) {
        while (UART_FLAGS & UART_TX_FULL)
            ;
        UART_DATA = *bytes++;
    }
}

static int semihost(int operation, const void *argument)
{
    register int r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

void board_print(const char *text)
{
    semihost(4, text); /* SYS_WRITE0 */
}

void board_print_number(const char *name, uint32_t number)
{
    char digits[12];
    char *at = digits + sizeof digits;
    *--at = '\0';
    *--at = '\n';
    do {
        *--at = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    board_print(name);
    board_print(at);
}

void board_exit(int code)
{
    /* SYS_EXIT_EXTENDED with ADP_Stopped_ApplicationExit. */
    const uint32_t block[2] = {0x20026, (uint32_t)code};
    semihost(0x20, block);
}

int32_t board_not_random(void *state, uint8_t *out, size_t length)
{
    uint32_t *x = state;
    while (length-- > 0) {
        *x = *x * 1664525u + 1013904223u;
        *out++ = (uint8_t)(*x >> 24);
    }
    return 0;
}
