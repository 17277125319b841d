// The switch for AAPCS64, the ABI of 64-bit Arm. Its three operations:
//
//   switch       stores the running stack's state below its stack pointer, loads the target's, returns on the target
//   prepare      writes onto an empty stack the state that a switch loads, so that the switch "returns" to first_frame
//   first_frame  where a fresh stack begins: calls the entry; the outermost frame of every backtrace
//
// A stack in each of its states (addresses fall downwards; S is the stack pointer that stands for it):
//
//   running                 suspended                     freshly made
//
//   |  caller's frame   |   |  caller's frame         |   top, aligned to 16
//   +-------------------+   +-------------------------+   +-------------------------+
//   |  callees' frames  |   |  fpcr                   |   |  that of the maker      |  S + FPCR
//   |  ...              |   |  x30, return address    |   |  first_frame            |  S + X29 + 8
//   +-------------------+   |  x29, frame pointer     |   |  0: ends x29's chain    |  S + X29
//      sp                   |  x20 ... x28            |   |  (not set)              |  S + X19 + 8 ...
//                           |  x19                    |   |  entry                  |  S + X19
//                           |  d8 ... d15             |   |  (not set)              |  S + D8 ...
//                           +-------------------------+   +-------------------------+
//                              S, aligned to 16              S, aligned to 16
//
// Not kept: everything that a call may change anyway, the upper halves of v8-v15, fpsr, x18 (Linux leaves it to
// callers), SME's ZA (off or dormant at any call of an ordinary function).
// Branch targets (BTI) are marked; the hints are no-ops on processors that lack it. Return addresses are stored
// unsigned, as by any code compiled without pointer authentication. Guarded control stacks (GCS) are not supported,
// nor claimed.

#include "arch.h"

#if defined(GREENLETS_ARCH_AARCH64_AAPCS64)

#define D8 0
#define D10 16
#define D12 32
#define D14 48
#define X19 64
#define X21 80
#define X23 96
#define X25 112
#define X27 128
#define X29 144
#define FPCR 160
#define FRAME 176 /* sp must stay a multiple of 16: eight bytes above fpcr are unused */

#define BTI_C hint #34 /* `bti c`: calls may land here. As a hint any assembler takes it */

    .text

// void* greenlets_arch_switch(StackPointer* suspended: x0, StackPointer target: x1, void* argument: x2)
    .globl  greenlets_arch_switch
    .hidden greenlets_arch_switch           // called from this binary alone, hence directly
    .type   greenlets_arch_switch, %function
    .p2align 4
greenlets_arch_switch:
    .cfi_startproc
    .cfi_remember_state
    BTI_C
    sub     sp, sp, #FRAME
    .cfi_def_cfa_offset FRAME
    stp     x29, x30, [sp, #X29]            // the registers that a callee has to keep, and its return address
    .cfi_offset x29, X29 - FRAME
    .cfi_offset x30, X29 + 8 - FRAME
    stp     x27, x28, [sp, #X27]
    .cfi_offset x27, X27 - FRAME
    .cfi_offset x28, X27 + 8 - FRAME
    stp     x25, x26, [sp, #X25]
    .cfi_offset x25, X25 - FRAME
    .cfi_offset x26, X25 + 8 - FRAME
    stp     x23, x24, [sp, #X23]
    .cfi_offset x23, X23 - FRAME
    .cfi_offset x24, X23 + 8 - FRAME
    stp     x21, x22, [sp, #X21]
    .cfi_offset x21, X21 - FRAME
    .cfi_offset x22, X21 + 8 - FRAME
    stp     x19, x20, [sp, #X19]
    .cfi_offset x19, X19 - FRAME
    .cfi_offset x20, X19 + 8 - FRAME
    stp     d14, d15, [sp, #D14]            // of the vector registers, the lower halves of eight
    .cfi_offset d14, D14 - FRAME
    .cfi_offset d15, D14 + 8 - FRAME
    stp     d12, d13, [sp, #D12]
    .cfi_offset d12, D12 - FRAME
    .cfi_offset d13, D12 + 8 - FRAME
    stp     d10, d11, [sp, #D10]
    .cfi_offset d10, D10 - FRAME
    .cfi_offset d11, D10 + 8 - FRAME
    stp     d8, d9, [sp, #D8]
    .cfi_offset d8, D8 - FRAME
    .cfi_offset d9, D8 + 8 - FRAME
    mrs     x9, fpcr                        // rounding and the like belong to the stack too
    str     x9, [sp, #FPCR]

    mov     x10, sp                         // sp itself cannot be stored
    str     x10, [x0]                       // from here on this stack can be resumed
    mov     sp, x1                          // and from here on the target runs. Both look alike from S up, so
                                            // what the .cfi lines above say now holds for the target
    ldr     x10, [sp, #FPCR]
    cmp     x9, x10                         // nearly always equal, and writing fpcr can stall the pipeline
    b.eq    1f
    msr     fpcr, x10
1:
    ldp     d8, d9, [sp, #D8]
    ldp     d10, d11, [sp, #D10]
    ldp     d12, d13, [sp, #D12]
    ldp     d14, d15, [sp, #D14]
    ldp     x19, x20, [sp, #X19]
    ldp     x21, x22, [sp, #X21]
    ldp     x23, x24, [sp, #X23]
    ldp     x25, x26, [sp, #X25]
    ldp     x27, x28, [sp, #X27]
    ldp     x29, x30, [sp, #X29]
    mov     x0, x2                          // the target's own call of switch returns this switch's argument
    add     sp, sp, #FRAME
    .cfi_restore_state
    ret                                     // not `br x30`: a return is predicted as one, and BTI lets it land anywhere
    .cfi_endproc
    .size   greenlets_arch_switch, . - greenlets_arch_switch

// StackPointer greenlets_arch_prepare(void* top: x0, Entry entry: x1)
    .globl  greenlets_arch_prepare
    .hidden greenlets_arch_prepare
    .type   greenlets_arch_prepare, %function
    .p2align 4
greenlets_arch_prepare:
    .cfi_startproc
    BTI_C
    sub     x0, x0, #FRAME                  // S, the result
    adr     x9, .Lfirst_resumption
    stp     xzr, x9, [x0, #X29]             // x29 = 0: who follows frame pointers ends here. x30: the first switch
                                            // returns there, which leaves sp at top
    str     x1, [x0, #X19]                  // x19 carries the entry to first_frame
    mrs     x9, fpcr                        // a new thread inherits it from its maker; so does a new stack
    str     x9, [x0, #FPCR]
    ret
    .cfi_endproc
    .size   greenlets_arch_prepare, . - greenlets_arch_prepare

// Resumed by `ret`, with the first switch's argument in x0, the entry in x19 and sp at top.
    .globl  greenlets_arch_first_frame
    .hidden greenlets_arch_first_frame
    .type   greenlets_arch_first_frame, %function
    .p2align 4
greenlets_arch_first_frame:
    .cfi_startproc
    .cfi_undefined x30                      // no return address: unwinders are told that backtraces end here
    nop                                     // they look up the instruction before a return address: let it be ours
.Lfirst_resumption:
    blr     x19                             // entry(x0); sp is aligned to 16, as the processor wants it always
    brk     #1                              // the entry returned: stop here, not somewhere above the stack
    .cfi_endproc
    .size   greenlets_arch_first_frame, . - greenlets_arch_first_frame

// Says that the code above may lie in pages guarded by BTI. The linker guards a binary only if each of its objects says
// so: others do when compiled with -mbranch-protection, x86_64_sysv.S, empty here, must then be left out.
    .section .note.gnu.property, "a", %note
    .p2align 3
    .word   4                               // size of the name
    .word   16                              // size of the property
    .word   5                               // NT_GNU_PROPERTY_TYPE_0
    .asciz  "GNU"
    .word   0xc0000000                      // GNU_PROPERTY_AARCH64_FEATURE_1_AND
    .word   4                               // size of its value
    .word   1                               // BTI; neither PAC (2) nor GCS (4)
    .word   0                               // padding to 8 bytes

#endif  // defined(GREENLETS_ARCH_AARCH64_AAPCS64)

// Outside the condition, because an object without this note, even an empty one, makes every stack executable.
    .section .note.GNU-stack, "", %progbits
