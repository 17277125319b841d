// See registers.h.
#include "../arch/arch.h"

#if defined(GREENLETS_ARCH_AARCH64_AAPCS64)

    .text

// x0, x1, x2: the switch's own arguments. x3: const Registers* before_call. x4: Registers* after_return
    .globl  greenlets_test_switch
    .type   greenlets_test_switch, %function
greenlets_test_switch:
    .cfi_startproc
    sub     sp, sp, #176
    .cfi_adjust_cfa_offset 176
    stp     x29, x30, [sp, #0]              // what this function itself owes its caller
    .cfi_rel_offset x29, 0
    .cfi_rel_offset x30, 8
    stp     x19, x20, [sp, #16]
    stp     x21, x22, [sp, #32]
    stp     x23, x24, [sp, #48]
    stp     x25, x26, [sp, #64]
    stp     x27, x28, [sp, #80]
    stp     d8, d9, [sp, #96]
    stp     d10, d11, [sp, #112]
    stp     d12, d13, [sp, #128]
    stp     d14, d15, [sp, #144]
    str     x4, [sp, #160]                  // found again by sp alone: the one register that must be right
    ldp     x19, x20, [x3, #0]
    ldp     x21, x22, [x3, #16]
    ldp     x23, x24, [x3, #32]
    ldp     x25, x26, [x3, #48]
    ldp     x27, x28, [x3, #64]
    ldr     x29, [x3, #80]
    ldp     d8, d9, [x3, #88]
    ldp     d10, d11, [x3, #104]
    ldp     d12, d13, [x3, #120]
    ldp     d14, d15, [x3, #136]
    bl      greenlets_arch_switch
    ldr     x4, [sp, #160]
    stp     x19, x20, [x4, #0]
    stp     x21, x22, [x4, #16]
    stp     x23, x24, [x4, #32]
    stp     x25, x26, [x4, #48]
    stp     x27, x28, [x4, #64]
    str     x29, [x4, #80]
    stp     d8, d9, [x4, #88]
    stp     d10, d11, [x4, #104]
    stp     d12, d13, [x4, #120]
    stp     d14, d15, [x4, #136]
    ldp     d14, d15, [sp, #144]
    ldp     d12, d13, [sp, #128]
    ldp     d10, d11, [sp, #112]
    ldp     d8, d9, [sp, #96]
    ldp     x27, x28, [sp, #80]
    ldp     x25, x26, [sp, #64]
    ldp     x23, x24, [sp, #48]
    ldp     x21, x22, [sp, #32]
    ldp     x19, x20, [sp, #16]
    ldp     x29, x30, [sp, #0]
    add     sp, sp, #176
    .cfi_adjust_cfa_offset -176
    ret
    .cfi_endproc
    .size   greenlets_test_switch, . - greenlets_test_switch

    .globl  greenlets_test_raw_entry
    .type   greenlets_test_raw_entry, %function
greenlets_test_raw_entry:
    mov     x1, sp
    mov     x2, x29
    bl      greenlets_test_after_raw_entry
    brk     #1
    .size   greenlets_test_raw_entry, . - greenlets_test_raw_entry

#endif  // defined(GREENLETS_ARCH_AARCH64_AAPCS64)

    .section .note.GNU-stack, "", %progbits
