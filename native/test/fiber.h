// The least that makes a stack and a switch convenient to test: who runs, and where each was
// suspended.
#ifndef GREENLETS_NATIVE_TEST_FIBER_H_
#define GREENLETS_NATIVE_TEST_FIBER_H_

#include "../arch/arch.h"
#include "../stack/stack_pool.h"

namespace greenlets::test {

// Default-constructed, it stands for a stack that exists already, such as the thread's own.
struct Fiber {
  arch::StackPointer suspended = nullptr;

  Fiber() = default;
  Fiber(const Stack& stack, arch::Entry entry) : suspended(arch::PrepareStack(stack.top, entry)) {}
};

inline void* Switch(Fiber* from, Fiber* to, void* argument) {
  return arch::greenlets_arch_switch(&from->suspended, to->suspended, argument);
}

}  // namespace greenlets::test

#endif  // GREENLETS_NATIVE_TEST_FIBER_H_
