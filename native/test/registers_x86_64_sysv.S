// See registers.h.
#include "../arch/arch.h"

#if defined(GREENLETS_ARCH_X86_64_SYSV)

    .text

// rdi, rsi, rdx: the switch's own arguments. rcx: const Registers* before_call. r8: Registers* after_return
    .globl  greenlets_test_switch
    .type   greenlets_test_switch, @function
greenlets_test_switch:
    .cfi_startproc
    pushq   %rbp                            // what this function itself owes its caller
    pushq   %rbx
    pushq   %r12
    pushq   %r13
    pushq   %r14
    pushq   %r15
    pushq   %r8                             // found again by rsp alone: the one register that must be right
    .cfi_adjust_cfa_offset 56
    movq    0(%rcx), %rbx
    movq    8(%rcx), %rbp
    movq    16(%rcx), %r12
    movq    24(%rcx), %r13
    movq    32(%rcx), %r14
    movq    40(%rcx), %r15
    call    greenlets_arch_switch           // seven pushes and the return address: aligned to 16
    popq    %r8
    .cfi_adjust_cfa_offset -8
    movq    %rbx, 0(%r8)
    movq    %rbp, 8(%r8)
    movq    %r12, 16(%r8)
    movq    %r13, 24(%r8)
    movq    %r14, 32(%r8)
    movq    %r15, 40(%r8)
    popq    %r15
    popq    %r14
    popq    %r13
    popq    %r12
    popq    %rbx
    popq    %rbp
    .cfi_adjust_cfa_offset -48
    ret
    .cfi_endproc
    .size   greenlets_test_switch, . - greenlets_test_switch

    .globl  greenlets_test_raw_entry
    .type   greenlets_test_raw_entry, @function
greenlets_test_raw_entry:
    movq    %rsp, %rsi
    movq    %rbp, %rdx
    andq    $-16, %rsp                      // the next function shall run even if rsp was wrong
    call    greenlets_test_after_raw_entry
    ud2
    .size   greenlets_test_raw_entry, . - greenlets_test_raw_entry

#endif  // defined(GREENLETS_ARCH_X86_64_SYSV)

    .section .note.GNU-stack, "", %progbits
