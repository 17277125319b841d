// The raw switch between two C stacks: what a calling convention obliges a callee to keep, and
// nothing else. Not here: where stacks come from (native/stack) and what V8 must believe about them
// (native/engine).
#ifndef GREENLETS_NATIVE_ARCH_ARCH_H_
#define GREENLETS_NATIVE_ARCH_ARCH_H_

// The one list of platforms. The .S files include it too, and each is empty but on its own
// platform.
#if defined(__linux__) && defined(__x86_64__) && defined(__LP64__)
#define GREENLETS_ARCH_X86_64_SYSV 1
#elif defined(__linux__) && defined(__aarch64__) && defined(__LP64__)
#define GREENLETS_ARCH_AARCH64_AAPCS64 1
#else
#error "greenlets: no switch here. Supported: Linux on x86-64 (System V) and AArch64 (AAPCS64)."
#endif

#if !defined(__ASSEMBLER__)

namespace greenlets::arch {

// A suspended stack is known by its stack pointer alone: everything else that a switch keeps lies
// on that stack.
using StackPointer = void*;
using Entry = void (*)(void* argument);

// Suspends the running stack, writes its stack pointer to *suspended, and resumes `target`. The
// call returns when somebody switches back to *suspended; it returns the `argument` of that later
// switch. A stack pointer is good for one resumption: once resumed, the stack is known by what its
// next switch writes.
//
// Kept: the callee-saved registers, and the control words of floating point (rounding, precision,
// masks), so that each stack has its own. Not kept: floating point's sticky exception flags, the
// signal mask, thread-local storage. A stack is resumed only by the thread that suspended it:
// compiled code may hold addresses of thread-locals.
extern "C" void* greenlets_arch_switch(StackPointer* suspended, StackPointer target,
                                       void* argument);

extern "C" StackPointer greenlets_arch_prepare(void* top, Entry entry);

// Makes a stack whose first resumption calls entry(argument of that switch). `top` is the stack's
// highest address (exclusive), aligned to 16. `entry` must never return: there is nothing below it
// to return to, and the process would stop at an illegal instruction. The stack starts with the
// floating-point control words of the caller.
inline StackPointer PrepareStack(void* top, Entry entry) {
  return greenlets_arch_prepare(top, entry);
}

// The thread pointer, to which the offsets of thread-local storage are relative.
inline char* ThreadPointer() {
  char* pointer;
#if defined(GREENLETS_ARCH_X86_64_SYSV)
  asm("mov %%fs:0, %0" : "=r"(pointer));  // the ABI: the word at fs:0 holds its own address
#else
  asm("mrs %0, tpidr_el0" : "=r"(pointer));
#endif
  return pointer;
}

}  // namespace greenlets::arch

#endif  // !defined(__ASSEMBLER__)

#endif  // GREENLETS_NATIVE_ARCH_ARCH_H_
