//! Small functions for memory: 150 bytes instead of the 3 KB of compiler_builtins, whose symbols are weak.
//! The instructions are those that a Cortex-M0 has too. AEABI's `memset` takes length before value.

use core::arch::global_asm;

global_asm!(
    r#"
    .syntax unified
    .thumb
    .macro entry name
        .global \name
        .type \name, %function
        .thumb_func
        \name:
    .endm

    .section .text.memory_copy, "ax", %progbits
    .balign 4
    @ (r0: to, r1: from, r2: length) -> r0
    entry memmove
    entry __aeabi_memmove
    entry __aeabi_memmove4
    entry __aeabi_memmove8
        cmp r0, r1
        bhi 5f                  @ the end first, so that what overlaps is read before it is written
    entry memcpy
    entry __aeabi_memcpy
    entry __aeabi_memcpy4
    entry __aeabi_memcpy8
        mov r12, r0
        mov r3, r0
        orrs r3, r1
        lsls r3, r3, #30
        bne 3f                  @ not aligned to words
        b 2f
    1:  ldr r3, [r1]
        adds r1, #4
        str r3, [r0]
        adds r0, #4
    2:  subs r2, #4
        bhs 1b
        adds r2, #4
    3:  subs r2, #1
        blo 4f
        ldrb r3, [r1]
        adds r1, #1
        strb r3, [r0]
        adds r0, #1
        b 3b
    4:  mov r0, r12
        bx lr
    5:  subs r2, #1
        blo 6f
        ldrb r3, [r1, r2]
        strb r3, [r0, r2]
        b 5b
    6:  bx lr

    .section .text.memory_set, "ax", %progbits
    .balign 4
    @ (r0: to, r1: value, r2: length) -> r0
    entry memset
        mov r3, r1
        mov r1, r2
        mov r2, r3
        b 1f
    @ (r0: to, r1: length)
    entry __aeabi_memclr
    entry __aeabi_memclr4
    entry __aeabi_memclr8
        movs r2, #0
    @ (r0: to, r1: length, r2: value)
    entry __aeabi_memset
    entry __aeabi_memset4
    entry __aeabi_memset8
    1:  subs r1, #1
        blo 2f
        strb r2, [r0, r1]
        b 1b
    2:  bx lr

    .section .text.memory_compare, "ax", %progbits
    .balign 4
    @ (r0, r1: areas, r2: length) -> r0: difference of the first bytes that differ
    entry memcmp
    entry bcmp
        push {{r4, lr}}
    1:  subs r2, #1
        blo 2f
        ldrb r3, [r0]
        adds r0, #1
        ldrb r4, [r1]
        adds r1, #1
        subs r3, r3, r4
        beq 1b
        mov r0, r3
        pop {{r4, pc}}
    2:  movs r0, #0
        pop {{r4, pc}}
    "#
);
