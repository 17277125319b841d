// Facts about the raw switch, each tested on stacks from a StackPool.
#include <link.h>
#include <unwind.h>

#include <csignal>
#include <cstring>
#include <vector>

#include "fiber.h"
#include "registers.h"
#include "test.h"

extern "C" char greenlets_arch_first_frame[];

namespace greenlets::test {

namespace {

constexpr size_t kStackBytes = 64 * 1024;

Fiber host;  // the thread's own stack
Fiber left;
Fiber right;
std::vector<int> steps;

void* Number(uintptr_t number) { return reinterpret_cast<void*>(number); }

uintptr_t AsNumber(void* argument) { return reinterpret_cast<uintptr_t>(argument); }

Fiber MakeFiber(StackPool* pool, arch::Entry entry) {
  Stack stack;
  CHECK(pool->Acquire(&stack));
  return Fiber(stack, entry);
}

}  // namespace

TEST("code on two stacks takes turns in the order of the switches") {
  StackPool pool(kStackBytes);
  left = MakeFiber(&pool, [](void*) {
    steps.push_back(2);
    Switch(&left, &right, nullptr);
    steps.push_back(4);
    Switch(&left, &host, nullptr);
    steps.push_back(6);
    Switch(&left, &right, nullptr);
  });
  right = MakeFiber(&pool, [](void*) {
    steps.push_back(3);
    Switch(&right, &left, nullptr);
    steps.push_back(7);
    Switch(&right, &host, nullptr);
  });
  steps.push_back(1);
  Switch(&host, &left, nullptr);
  steps.push_back(5);
  Switch(&host, &left, nullptr);
  steps.push_back(8);
  CHECK((steps == std::vector{1, 2, 3, 4, 5, 6, 7, 8}));
}

TEST("the argument of a switch is what the entry is called with, and what a later switch returns") {
  StackPool pool(kStackBytes);
  left = MakeFiber(&pool, [](void* first) {
    CHECK(AsNumber(first) == 10);
    CHECK(AsNumber(Switch(&left, &host, Number(11))) == 12);
    CHECK(AsNumber(Switch(&left, &host, Number(~uintptr_t{0}))) == 13);
    Switch(&left, &host, nullptr);
  });
  CHECK(AsNumber(Switch(&host, &left, Number(10))) == 11);
  CHECK(AsNumber(Switch(&host, &left, Number(12))) == ~uintptr_t{0});
  CHECK(AsNumber(Switch(&host, &left, Number(13))) == 0);
}

TEST("a switch writes where it suspended, within the stack that it left") {
  StackPool pool(kStackBytes);
  Stack stack;
  CHECK(pool.Acquire(&stack));
  left = Fiber(stack, [](void*) { Switch(&left, &host, nullptr); });
  const auto within = [&](void* pointer) { return pointer > stack.base && pointer < stack.top; };
  CHECK(within(left.suspended));
  Switch(&host, &left, nullptr);
  CHECK(within(left.suspended));
  CHECK(!within(host.suspended));
}

namespace {

Registers Pattern(uint64_t seed) {
  Registers registers;
  for (size_t i = 0; i < kRegisters; i++) {
    registers.value[i] = (seed << 56) + (uint64_t{i} + 1) * 0x0001'0203'0405'0607;
  }
  return registers;
}

void CheckSameRegisters(const Registers& expected, const Registers& actual) {
  for (size_t i = 0; i < kRegisters; i++) {
    if (expected.value[i] != actual.value[i]) printf("  register %zu is not what it was\n", i);
    CHECK(expected.value[i] == actual.value[i]);
  }
}

}  // namespace

TEST("every callee-saved register is kept for each stack") {
  StackPool pool(kStackBytes);
  left = MakeFiber(&pool, [](void*) {
    for (uint64_t seed = 100; seed < 200; seed++) {
      const Registers before = Pattern(seed);
      Registers after = {};
      greenlets_test_switch(&left.suspended, host.suspended, nullptr, &before, &after);
      CheckSameRegisters(before, after);
    }
  });
  for (uint64_t seed = 0; seed < 5; seed++) {
    const Registers before = Pattern(seed);
    Registers after = {};
    greenlets_test_switch(&host.suspended, left.suspended, nullptr, &before, &after);
    CheckSameRegisters(before, after);
  }
}

TEST("floating-point control words belong to each stack, and a new stack starts with its maker's") {
  StackPool pool(kStackBytes);
  WriteFloatControl(kRoundUp);
  left = MakeFiber(&pool, [](void*) {
    CHECK(ReadFloatControl() == kRoundUp);
    WriteFloatControl(kRoundDown);
    Switch(&left, &host, nullptr);
    CHECK(ReadFloatControl() == kRoundDown);
    Switch(&left, &host, nullptr);
  });
  WriteFloatControl(kDefaultControl);
  Switch(&host, &left, nullptr);
  CHECK(ReadFloatControl() == kDefaultControl);
  WriteFloatControl(kRoundUp);
  Switch(&host, &left, nullptr);
  CHECK(ReadFloatControl() == kRoundUp);
}

#if defined(GREENLETS_ARCH_X86_64_SYSV)
TEST("mxcsr and the x87 control word are kept when only one of the two differs between stacks") {
  StackPool pool(kStackBytes);
  WriteFloatControl(kRoundUp);
  left = MakeFiber(&pool, [](void*) {
    WriteFloatControl(kOnlyMxcsrDiffers);
    Switch(&left, &host, nullptr);
    CHECK(ReadFloatControl() == kOnlyMxcsrDiffers);
    WriteFloatControl(kOnlyX87Differs);
    Switch(&left, &host, nullptr);
    CHECK(ReadFloatControl() == kOnlyX87Differs);
    Switch(&left, &host, nullptr);
  });
  for (int i = 0; i < 3; i++) {
    Switch(&host, &left, nullptr);
    CHECK(ReadFloatControl() == kRoundUp);
  }
}
#endif

namespace {

Stack raw_stack;

}  // namespace

extern "C" void greenlets_test_after_raw_entry(void* argument, uintptr_t stack_pointer,
                                               uintptr_t frame_pointer) {
#if defined(GREENLETS_ARCH_X86_64_SYSV)
  stack_pointer += 8;  // the return address: the ABI asks for alignment before the call
#endif
  CHECK(stack_pointer % 16 == 0);
  CHECK(stack_pointer == reinterpret_cast<uintptr_t>(raw_stack.top));
  CHECK(frame_pointer == 0);
  CHECK(AsNumber(argument) == 77);
  Switch(&left, &host, nullptr);
}

TEST("the entry is called at the very top, aligned to 16, with no frame pointer to follow") {
  StackPool pool(kStackBytes);
  for (int i = 0; i < 20; i++) {
    CHECK(pool.Acquire(&raw_stack));
    memset(raw_stack.base, 0x55, raw_stack.size());  // used before, as it were
    left = Fiber(raw_stack, greenlets_test_raw_entry);
    Switch(&host, &left, Number(77));
  }
}

TEST("locals that want 16, 32 and 64 bytes of alignment have it before and after a switch") {
  StackPool pool(kStackBytes);
  left = MakeFiber(&pool, [](void*) {
    for (int i = 0; i < 10; i++) {
      alignas(16) char a16[16];
      alignas(32) char a32[32];
      alignas(64) char a64[64];
      // Opaque to the compiler, which else decides that aligned objects are aligned.
      char* pointers[] = {a16, a32, a64};
      asm volatile("" : : "r"(pointers) : "memory");
      Switch(&left, &host, nullptr);
      asm volatile("" : "+m"(pointers) : : "memory");
      CHECK(reinterpret_cast<uintptr_t>(pointers[0]) % 16 == 0);
      CHECK(reinterpret_cast<uintptr_t>(pointers[1]) % 32 == 0);
      CHECK(reinterpret_cast<uintptr_t>(pointers[2]) % 64 == 0);
    }
  });
  for (int i = 0; i < 3; i++) Switch(&host, &left, nullptr);
}

TEST("a million switches lose nothing") {
  StackPool pool(kStackBytes);
  left = MakeFiber(&pool, [](void* argument) {
    while (argument != nullptr) argument = Switch(&left, &host, Number(AsNumber(argument) + 1));
  });
  uintptr_t count = 1;
  for (int i = 0; i < 500'000; i++) count = AsNumber(Switch(&host, &left, Number(count)));
  CHECK(count == 500'001);
  CHECK(pool.counters().in_use == 1);
}

namespace {

struct Walker {
  Fiber fiber;
  size_t index;
};

// Its locals live across switches; were two stacks to overlap, some would be another walker's.
void Walk(void* argument) {
  Walker* const self = static_cast<Walker*>(argument);
  volatile size_t locals[64];
  for (size_t i = 0; i < 64; i++) locals[i] = self->index * 64 + i;
  for (;;) {
    Switch(&self->fiber, &host, argument);
    for (size_t i = 0; i < 64; i++) {
      if (locals[i] != self->index * 64 + i) CHECK(!"a local variable changed");
    }
  }
}

}  // namespace

TEST("ten thousand stacks are suspended at once and keep their locals") {
  constexpr size_t kWalkers = 10'000;
  StackPool pool(kStackBytes);
  std::vector<Walker> walkers(kWalkers);
  for (size_t i = 0; i < kWalkers; i++) {
    walkers[i] = {MakeFiber(&pool, Walk), i};
    CHECK(Switch(&host, &walkers[i].fiber, &walkers[i]) == &walkers[i]);
  }
  CHECK(pool.counters().in_use == kWalkers);
  for (int round = 0; round < 3; round++) {
    for (Walker& walker : walkers) Switch(&host, &walker.fiber, nullptr);
  }
}

namespace {

struct Backtrace {
  int frames = 0;
  uintptr_t outermost = 0;
};

_Unwind_Reason_Code AddFrame(_Unwind_Context* context, void* argument) {
  Backtrace* const trace = static_cast<Backtrace*>(argument);
  if (_Unwind_GetIP(context) == 0)
    return _URC_NO_REASON;  // how libgcc shows what lies beyond the last frame
  trace->outermost = _Unwind_GetIP(context);
  return ++trace->frames < 100 ? _URC_NO_REASON : _URC_FATAL_PHASE1_ERROR;
}

}  // namespace

TEST("a backtrace ends at the first frame of a stack") {
  StackPool pool(kStackBytes);
  left = MakeFiber(&pool, [](void*) {
    Switch(&left, &host, nullptr);
    Backtrace trace;
    CHECK(_Unwind_Backtrace(AddFrame, &trace) == _URC_END_OF_STACK);
    const uintptr_t first_frame = reinterpret_cast<uintptr_t>(greenlets_arch_first_frame);
    CHECK(trace.outermost > first_frame && trace.outermost < first_frame + 16);
    CHECK(trace.frames >= 2 && trace.frames < 10);
    Switch(&left, &host, nullptr);
  });
  Switch(&host, &left, nullptr);
  Switch(&host, &left, nullptr);
}

TEST("an entry that returns stops the process") {
  const int result = SignalThatKills(
      [](void*) {
        StackPool pool(kStackBytes);
        left = MakeFiber(&pool, [](void*) {});
        Switch(&host, &left, nullptr);
      },
      nullptr);
#if defined(GREENLETS_ARCH_X86_64_SYSV)
  CHECK(result == SIGILL);
#else
  CHECK(result == SIGTRAP);
#endif
}

TEST("the thread pointer is the compiler's") {
  CHECK(arch::ThreadPointer() == __builtin_thread_pointer());
}

TEST("the program's stack is not executable") {
  int headers = 0;
  dl_iterate_phdr(
      [](dl_phdr_info* info, size_t, void* headers) {
        for (int i = 0; i < info->dlpi_phnum; i++) {
          if (info->dlpi_phdr[i].p_type != PT_GNU_STACK) continue;
          ++*static_cast<int*>(headers);
          CHECK((info->dlpi_phdr[i].p_flags & PF_X) == 0);
        }
        return 1;  // the program itself comes first; its libraries are not our matter
      },
      &headers);
  CHECK(headers == 1);
}

}  // namespace greenlets::test
