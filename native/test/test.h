// As much of a test framework as these tests need. Every test runs in a process of its own, so that
// one that crashes or hangs fails alone. Not here: what is tested.
#ifndef GREENLETS_NATIVE_TEST_TEST_H_
#define GREENLETS_NATIVE_TEST_TEST_H_

#include <cstdio>

namespace greenlets::test {

struct Test {
  const char* fact;
  void (*body)();
  Test* next;
  Test(const char* fact, void (*body)());
};

// A false one is reported, and the test goes on.
void Check(bool holds, const char* condition, const char* file, int line);

// Says that what the test is about cannot be seen in this process, and why. Neither passed nor
// failed.
void Unobservable(const char* reason);

// Under qemu-user the system calls are qemu's, not the kernel's. The script that starts it says so.
bool Emulated();

// Runs body(argument) in a child process that may well die. Returns the signal that killed it, or
// 0.
int SignalThatKills(void (*body)(void* argument), void* argument);

}  // namespace greenlets::test

// TEST("a fact") { ... }
#define TEST(fact) TEST_WITH_NAME_(fact, __LINE__)
#define TEST_WITH_NAME_(fact, line) TEST_WITH_LINE_(fact, line)
#define TEST_WITH_LINE_(fact, line)                                 \
  static void TestBody##line();                                     \
  static ::greenlets::test::Test test_##line(fact, TestBody##line); \
  static void TestBody##line()

#define CHECK(condition) ::greenlets::test::Check((condition), #condition, __FILE__, __LINE__)

#endif  // GREENLETS_NATIVE_TEST_TEST_H_
