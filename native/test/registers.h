// What no C++ code can say: which values callee-saved registers hold around a switch, and where the
// stack pointer stands when an entry is called. The functions are in registers_<abi>.S.
#ifndef GREENLETS_NATIVE_TEST_REGISTERS_H_
#define GREENLETS_NATIVE_TEST_REGISTERS_H_

#include <cstddef>
#include <cstdint>

#include "../arch/arch.h"

namespace greenlets::test {

// Every register that the calling convention gives to the callee to keep, in the order of
// registers_<abi>.S.
#if defined(GREENLETS_ARCH_X86_64_SYSV)
constexpr size_t kRegisters = 6;  // rbx rbp r12 r13 r14 r15
#elif defined(GREENLETS_ARCH_AARCH64_AAPCS64)
constexpr size_t kRegisters = 19;  // x19 ... x29, d8 ... d15
#endif

struct Registers {
  uint64_t value[kRegisters];
};

// greenlets_arch_switch, with the registers loaded from *before_call and, after its return, stored
// to *after_return.
extern "C" void* greenlets_test_switch(arch::StackPointer* suspended, arch::StackPointer target,
                                       void* argument, const Registers* before_call,
                                       Registers* after_return);

// An entry that passes (argument, stack pointer, frame pointer), as they are when it is called, to
// the next one.
extern "C" void greenlets_test_raw_entry(void* argument);
extern "C" void greenlets_test_after_raw_entry(void* argument, uintptr_t stack_pointer,
                                               uintptr_t frame_pointer);

// The control bits of floating point, as one number.
#if defined(GREENLETS_ARCH_X86_64_SYSV)
struct FloatControl {
  uint32_t mxcsr;
  uint16_t x87;
  bool operator==(const FloatControl&) const = default;
};
constexpr FloatControl kDefaultControl = {0x1f80, 0x037f};
constexpr FloatControl kRoundUp = {0x5f80, 0x0b7f};
constexpr FloatControl kRoundDown = {0x3f80, 0x077f};
constexpr FloatControl kOnlyMxcsrDiffers = {0x7f80, 0x0b7f};
constexpr FloatControl kOnlyX87Differs = {0x5f80, 0x0f7f};

inline FloatControl ReadFloatControl() {
  FloatControl control;
  asm volatile("stmxcsr %0" : "=m"(control.mxcsr));
  asm volatile("fnstcw %0" : "=m"(control.x87));
  control.mxcsr &= ~0x3fu;  // sticky flags, no control
  return control;
}

inline void WriteFloatControl(const FloatControl& control) {
  asm volatile("ldmxcsr %0" : : "m"(control.mxcsr));
  asm volatile("fldcw %0" : : "m"(control.x87));
}
#elif defined(GREENLETS_ARCH_AARCH64_AAPCS64)
struct FloatControl {
  uint64_t fpcr;
  bool operator==(const FloatControl&) const = default;
};
constexpr FloatControl kDefaultControl = {0};
constexpr FloatControl kRoundUp = {1u << 22};
constexpr FloatControl kRoundDown = {2u << 22};

inline FloatControl ReadFloatControl() {
  FloatControl control;
  asm volatile("mrs %0, fpcr" : "=r"(control.fpcr));
  return control;
}

inline void WriteFloatControl(const FloatControl& control) {
  asm volatile("msr fpcr, %0" : : "r"(control.fpcr));
}
#endif

}  // namespace greenlets::test

#endif  // GREENLETS_NATIVE_TEST_REGISTERS_H_
