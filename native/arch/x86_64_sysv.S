// The switch for the System V ABI on x86-64. Its three operations:
//
//   switch       stores the running stack's state below its stack pointer, loads the target's, returns on the target
//   prepare      writes onto an empty stack the state that a switch loads, so that the switch "returns" to first_frame
//   first_frame  where a fresh stack begins: calls the entry; the outermost frame of every backtrace
//
// A stack in each of its states (addresses fall downwards; S is the stack pointer that stands for it):
//
//   running                 suspended                     freshly made
//
//   |  ...              |   |  ...                    |   top, aligned to 16
//   |  caller's frame   |   |  caller's frame         |
//   +-------------------+   +-------------------------+   +-------------------------+
//   |  callees' frames  |   |  return address         |   |  first_frame            |  S + RETURN
//   |  ...              |   |  rbp                    |   |  0: ends rbp's chain    |  S + RBP
//   +-------------------+   |  rbx                    |   |  entry                  |  S + RBX
//      rsp                  |  r12 r13 r14 r15        |   |  (not set)              |  S + R12 ...
//                           |  x87 control word       |   |  that of the maker      |  S + X87CW
//                           |  mxcsr                  |   |  that of the maker      |  S + MXCSR
//                           +-------------------------+   +-------------------------+
//                              S, aligned to 16              S, aligned to 16
//
// Not kept: everything that a call may change anyway. Not supported: shadow stacks (CET). No .note.gnu.property
// claims them, so that the loader does not turn them on.

#include "arch.h"

#if defined(GREENLETS_ARCH_X86_64_SYSV)

#define MXCSR 0
#define X87CW 4
#define R15 8
#define R14 16
#define R13 24
#define R12 32
#define RBX 40
#define RBP 48
#define RETURN 56 /* where `call` has put the return address */
#define FRAME 64

    .text

// void* greenlets_arch_switch(StackPointer* suspended: rdi, StackPointer target: rsi, void* argument: rdx)
    .globl  greenlets_arch_switch
    .hidden greenlets_arch_switch           // called from this binary alone, hence directly
    .type   greenlets_arch_switch, @function
    .p2align 4
greenlets_arch_switch:
    .cfi_startproc
    .cfi_remember_state
    subq    $RETURN, %rsp                   // room for the state; with the return address it is FRAME bytes
    .cfi_def_cfa_offset FRAME
    movq    %rbp, RBP(%rsp)                 // the six registers that a callee has to keep
    .cfi_offset %rbp, RBP - FRAME
    movq    %rbx, RBX(%rsp)
    .cfi_offset %rbx, RBX - FRAME
    movq    %r12, R12(%rsp)
    .cfi_offset %r12, R12 - FRAME
    movq    %r13, R13(%rsp)
    .cfi_offset %r13, R13 - FRAME
    movq    %r14, R14(%rsp)
    .cfi_offset %r14, R14 - FRAME
    movq    %r15, R15(%rsp)
    .cfi_offset %r15, R15 - FRAME
    stmxcsr MXCSR(%rsp)                     // control bits are the callee's to keep; the flags come along
    fnstcw  X87CW(%rsp)                     // `fn`: without waiting for pending x87 exceptions

    movq    %rsp, (%rdi)                    // from here on this stack can be resumed
    movq    %rsi, %rsp                      // and from here on the target runs. Both look alike from S up, so
                                            // what the .cfi lines above say now holds for the target
    fldcw   X87CW(%rsp)
    ldmxcsr MXCSR(%rsp)
    movq    R15(%rsp), %r15
    movq    R14(%rsp), %r14
    movq    R13(%rsp), %r13
    movq    R12(%rsp), %r12
    movq    RBX(%rsp), %rbx
    movq    RBP(%rsp), %rbp
    movq    %rdx, %rax                      // the target's own call of switch returns this switch's argument
    addq    $RETURN, %rsp
    .cfi_restore_state
    ret                                     // not `pop` and `jmp`: callers share one call site, so the processor's
                                            // return predictor is right, and stays in step with later returns
    .cfi_endproc
    .size   greenlets_arch_switch, . - greenlets_arch_switch

// StackPointer greenlets_arch_prepare(void* top: rdi, Entry entry: rsi)
    .globl  greenlets_arch_prepare
    .hidden greenlets_arch_prepare
    .type   greenlets_arch_prepare, @function
    .p2align 4
greenlets_arch_prepare:
    .cfi_startproc
    leaq    -FRAME(%rdi), %rax              // S, the result
    leaq    .Lfirst_resumption(%rip), %rcx
    movq    %rcx, RETURN(%rax)              // the first switch returns there, which leaves rsp at top
    movq    $0, RBP(%rax)                   // who follows frame pointers ends here
    movq    %rsi, RBX(%rax)                 // rbx carries the entry to first_frame
    fnstcw  X87CW(%rax)                     // a new thread inherits these from its maker; so does a new stack
    stmxcsr MXCSR(%rax)
    ret
    .cfi_endproc
    .size   greenlets_arch_prepare, . - greenlets_arch_prepare

// Resumed by `ret`, with the first switch's argument in rax, the entry in rbx and rsp at top.
    .globl  greenlets_arch_first_frame
    .hidden greenlets_arch_first_frame
    .type   greenlets_arch_first_frame, @function
    .p2align 4
greenlets_arch_first_frame:
    .cfi_startproc
    .cfi_def_cfa %rsp, 0                    // an empty stack: no return address above it,
    .cfi_undefined %rip                     // which is how unwinders are told that backtraces end here
    nop                                     // they look up the byte before a return address: let it be ours
.Lfirst_resumption:
    movq    %rax, %rdi
    call    *%rbx                           // rsp was aligned to 16, as the ABI wants it before a call
    ud2                                     // the entry returned: stop here, not somewhere above the stack
    .cfi_endproc
    .size   greenlets_arch_first_frame, . - greenlets_arch_first_frame

#endif  // defined(GREENLETS_ARCH_X86_64_SYSV)

// Outside the condition, because an object without this note, even an empty one, makes every stack executable.
    .section .note.GNU-stack, "", %progbits
