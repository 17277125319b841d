// Facts about StackPool, read from the kernel where it knows them.
#include "../stack/stack_pool.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <set>
#include <vector>

#include "fiber.h"
#include "test.h"

namespace greenlets::test {

namespace {

constexpr size_t kStackBytes = 256 * 1024;

bool IsBelow(const Stack& a, const Stack& b) { return a.base < b.base; }

size_t PageBytes() { return static_cast<size_t>(sysconf(_SC_PAGESIZE)); }

Stack MustAcquire(StackPool* pool) {
  Stack stack;
  CHECK(pool->Acquire(&stack));
  return stack;
}

std::vector<Stack> AcquireMany(StackPool* pool, size_t count) {
  std::vector<Stack> stacks;
  for (size_t i = 0; i < count; i++) stacks.push_back(MustAcquire(pool));
  return stacks;
}

void ReleaseAll(StackPool* pool, const std::vector<Stack>& stacks) {
  for (const Stack& stack : stacks) pool->Release(stack);
}

bool HasCounters(const StackPool& pool, size_t in_use, size_t free, size_t slabs) {
  const StackCounters& counters = pool.counters();
  const bool same = counters.in_use == in_use && counters.free == free && counters.slabs == slabs;
  if (!same) {
    printf("  %zu in use, %zu free, %zu slabs\n", counters.in_use, counters.free, counters.slabs);
  }
  return same;
}

// Whether the byte can be read, found out without a fault.
bool IsReadable(const char* address) {
  int ends[2];
  if (pipe(ends) != 0) abort();
  const bool readable = write(ends[1], address, 1) == 1;
  close(ends[0]);
  close(ends[1]);
  return readable;
}

// Whether the byte can be written, found out by trying it in a child process.
bool IsWritable(char* address) {
  const int result =
      SignalThatKills([](void* byte) { *static_cast<volatile char*>(byte) = 1; }, address);
  CHECK(result == 0 || result == SIGSEGV);
  return result == 0;
}

size_t ResidentPages(const Stack& stack) {
  const size_t pages = (stack.size() + PageBytes() - 1) / PageBytes();
  std::vector<unsigned char> resident(pages);
  CHECK(mincore(stack.base, stack.size(), resident.data()) == 0);
  return static_cast<size_t>(
      std::count_if(resident.begin(), resident.end(), [](unsigned char p) { return p & 1; }));
}

// Whether the kernel lists a flag, such as " nh", among the VmFlags of the mapping around an
// address.
bool HasVmFlag(const char* address, const char* flag) {
  FILE* const smaps = fopen("/proc/self/smaps", "r");
  if (smaps == nullptr) abort();
  char line[512];
  bool within = false;
  bool has = false;
  while (fgets(line, sizeof line, smaps) != nullptr) {
    unsigned long from, to;
    if (sscanf(line, "%lx-%lx ", &from, &to) == 2) {
      within =
          reinterpret_cast<uintptr_t>(address) >= from && reinterpret_cast<uintptr_t>(address) < to;
    } else if (within && strncmp(line, "VmFlags:", 8) == 0) {
      has = strstr(line, flag) != nullptr;
    }
  }
  fclose(smaps);
  return has;
}

size_t AddressSpaceInUse() {
  FILE* const statm = fopen("/proc/self/statm", "r");
  unsigned long pages = 0;
  if (statm == nullptr || fscanf(statm, "%lu", &pages) != 1) abort();
  fclose(statm);
  return pages * PageBytes();
}

// What DefaultGuardKind must find, found out in another way than its own.
bool KernelHasMadviseGuards() {
  void* const page =
      mmap(nullptr, PageBytes(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) abort();
  const bool has = madvise(page, PageBytes(), 102) == 0 && !IsWritable(static_cast<char*>(page));
  munmap(page, PageBytes());
  return has;
}

bool CanTest(GuardKind kind) {
  if (kind == GuardKind::kMprotect || KernelHasMadviseGuards()) return true;
  Unobservable(Emulated() ? "qemu-user ignores MADV_GUARD_INSTALL"
                          : "this kernel has no MADV_GUARD_INSTALL (Linux 6.13)");
  return false;
}

}  // namespace

TEST("a stack has the size that was asked for, and is writable from end to end") {
  for (const size_t bytes : {size_t{1}, size_t{4096}, size_t{100'000}, kStackBytes}) {
    StackPool pool(bytes);
    for (const Stack& stack : AcquireMany(&pool, 70)) {
      CHECK(stack.size() >= bytes && stack.size() < bytes + 2 * PageBytes());
      CHECK(reinterpret_cast<uintptr_t>(stack.base) % PageBytes() == 0);
      CHECK(reinterpret_cast<uintptr_t>(stack.top) % 64 == 0);
      stack.base[0] = 1;
      stack.top[-1] = 1;
    }
  }
}

TEST("no two stacks overlap, nor a stack and a guard") {
  StackPool pool(kStackBytes);
  std::vector<Stack> stacks = AcquireMany(&pool, 500);
  std::sort(stacks.begin(), stacks.end(), IsBelow);
  for (size_t i = 1; i < stacks.size(); i++) {
    CHECK(stacks[i - 1].top <= stacks[i].base - StackPool::kGuardBytes);
  }
}

TEST("the tops of neighbours lie on different cache lines of their pages") {
  StackPool pool(kStackBytes);
  std::set<uintptr_t> positions;
  for (const Stack& stack : AcquireMany(&pool, 500)) {
    positions.insert(reinterpret_cast<uintptr_t>(stack.top) % PageBytes() / 64);
  }
  CHECK(positions.size() == 16);
}

TEST("the stack released last is acquired first") {
  StackPool pool(kStackBytes);
  const std::vector<Stack> stacks = AcquireMany(&pool, 200);
  for (const size_t i : {3, 199, 77}) {
    pool.Release(stacks[i]);
    CHECK(MustAcquire(&pool).base == stacks[i].base);
  }
  // Within one slab, of which the last 64 are, the whole order is that of a stack.
  for (size_t i = 150; i < 160; i++) pool.Release(stacks[i]);
  for (size_t i = 160; i-- > 150;) CHECK(MustAcquire(&pool).base == stacks[i].base);
}

TEST("counters tell what is in use, free and mapped, and return to zero but for one slab") {
  StackPool pool(kStackBytes);
  CHECK(HasCounters(pool, 0, 0, 0));
  CHECK(pool.counters().reserved_bytes == 0);
  const Stack first = MustAcquire(&pool);
  CHECK(HasCounters(pool, 1, 3, 1));
  CHECK(pool.counters().reserved_bytes >= 4 * kStackBytes);
  const std::vector<Stack> more = AcquireMany(&pool, 299);
  // Slabs of 4, 4, 8, 16, 32, and of 64 from then on.
  CHECK(HasCounters(pool, 300, 20, 9));
  CHECK(pool.counters().reserved_bytes >= 320 * kStackBytes);
  CHECK(pool.counters().reserved_bytes <=
        320 * (kStackBytes + StackPool::kGuardBytes + 2 * PageBytes()));
  pool.Release(first);
  CHECK(HasCounters(pool, 299, 21, 9));
  ReleaseAll(&pool, more);
  CHECK(HasCounters(pool, 0, 64, 1));
  CHECK(pool.counters().reserved_bytes < 65 * (kStackBytes + StackPool::kGuardBytes));
}

TEST("a slab that is wholly free is unmapped when another one is") {
  StackPool pool(kStackBytes);
  const std::vector<Stack> stacks = AcquireMany(&pool, 12);  // slabs of 4, 4 and 8 stacks
  CHECK(HasCounters(pool, 12, 4, 3));
  for (size_t i = 0; i < 4; i++) pool.Release(stacks[i]);
  CHECK(HasCounters(pool, 8, 8, 3));
  CHECK(IsReadable(stacks[0].base));
  for (size_t i = 4; i < 8; i++) pool.Release(stacks[i]);
  CHECK(HasCounters(pool, 4, 8, 2));
  CHECK(IsReadable(stacks[0].base) != IsReadable(stacks[4].base));
  for (size_t i = 8; i < 12; i++) pool.Release(stacks[i]);
  // Of two, the larger stays.
  CHECK(HasCounters(pool, 0, 8, 1));
  CHECK(IsReadable(stacks[8].base));
  CHECK(!IsReadable(stacks[0].base) && !IsReadable(stacks[4].base));
}

TEST("a slab that was kept is no longer spare once it is used again") {
  StackPool pool(kStackBytes);
  const std::vector<Stack> stacks = AcquireMany(&pool, 8);
  for (size_t i = 0; i < 4; i++) pool.Release(stacks[i]);
  const Stack again = MustAcquire(&pool);
  *again.base = 5;
  for (size_t i = 4; i < 8; i++) pool.Release(stacks[i]);
  CHECK(HasCounters(pool, 1, 7, 2));
  CHECK(IsReadable(again.base) && *again.base == 5);
}

TEST("acquiring and releasing in any order hands out no stack twice and loses none") {
  StackPool pool(4096);
  std::vector<Stack> held;
  std::set<char*> bases;
  srand(1);
  for (int i = 0; i < 20'000; i++) {
    const bool growing = i / 2000 % 2 == 0;
    if (held.empty() || rand() % 8 < (growing ? 5 : 3)) {
      const StackCounters before = pool.counters();
      held.push_back(MustAcquire(&pool));
      if (before.free > 0 && pool.counters().slabs != before.slabs) CHECK(!"a needless slab");
      CHECK(bases.insert(held.back().base).second);
      *held.back().base = 1;
    } else {
      std::swap(held[static_cast<size_t>(rand()) % held.size()], held.back());
      pool.Release(held.back());
      bases.erase(held.back().base);
      held.pop_back();
    }
    if (pool.counters().in_use != held.size()) CHECK(!"in_use is wrong");
  }
  ReleaseAll(&pool, held);
  CHECK(pool.counters().in_use == 0);
  CHECK(pool.counters().slabs == 1);
}

TEST("the pool's end unmaps all stacks, used or free") {
  std::vector<Stack> stacks;
  {
    StackPool pool(kStackBytes);
    stacks = AcquireMany(&pool, 100);
    pool.Release(stacks[50]);
    CHECK(IsReadable(stacks[0].base) && IsReadable(stacks[50].base));
  }
  for (const Stack& stack : stacks) CHECK(!IsReadable(stack.base) && !IsReadable(stack.top - 1));
}

TEST("a pool that was abandoned leaves its stacks mapped and counts nothing") {
  std::vector<Stack> stacks;
  {
    StackPool pool(kStackBytes);
    stacks = AcquireMany(&pool, 100);
    for (const Stack& stack : stacks) *stack.base = 9;
    pool.Abandon();
    CHECK(HasCounters(pool, 0, 0, 0));
    CHECK(pool.counters().reserved_bytes == 0);
    // It starts anew, with no memory of the slabs that it had.
    pool.Release(MustAcquire(&pool));
    CHECK(HasCounters(pool, 0, 4, 1));
    pool.Abandon();
    pool.Release(MustAcquire(&pool));
    CHECK(HasCounters(pool, 0, 4, 1));
  }
  for (const Stack& stack : stacks) CHECK(*stack.base == 9);
}

TEST("the default guard is madvise where the kernel has it, mprotect elsewhere") {
  CHECK(DefaultGuardKind() ==
        (KernelHasMadviseGuards() ? GuardKind::kMadvise : GuardKind::kMprotect));
}

static void CheckGuards(GuardKind kind) {
  if (!CanTest(kind)) return;
  StackPool pool(kStackBytes, kind);
  std::vector<Stack> stacks = AcquireMany(&pool, 100);
  // Releasing gives pages back; it must not take the guard along.
  for (size_t i = 0; i < 50; i++) {
    memset(stacks[i].base, 1, stacks[i].size());
    pool.Release(stacks[i]);
  }
  for (size_t i = 0; i < 50; i++) stacks[i] = MustAcquire(&pool);
  for (const Stack& stack : stacks) {
    CHECK(IsReadable(stack.base));
    CHECK(!IsReadable(stack.base - 1));
    CHECK(!IsReadable(stack.base - StackPool::kGuardBytes));
  }
  for (const size_t i : {0, 30, 99}) {
    CHECK(IsWritable(stacks[i].base));
    CHECK(!IsWritable(stacks[i].base - 1));
    CHECK(!IsWritable(stacks[i].base - StackPool::kGuardBytes));
  }
}

TEST("a guard of madvise faults below each stack, released once or not") {
  CheckGuards(GuardKind::kMadvise);
}

TEST("a guard of mprotect faults below each stack, released once or not") {
  CheckGuards(GuardKind::kMprotect);
}

namespace {

Fiber host;
Fiber digger;
Stack dug;

// Calls itself without end, in a way that the compiler can neither see through nor turn into a
// loop.
__attribute__((noinline)) int Dig(const volatile bool* deeper) {
  volatile char hole[1024];
  hole[0] = 1;
  return (*deeper ? Dig(deeper) : 0) + hole[0];
}

// Lets SIGSEGV kill the process if it came from the guard below the stack, and ends it in peace
// otherwise.
void DieOnlyOfTheGuard(int, siginfo_t* info, void*) {
  const char* const address = static_cast<char*>(info->si_addr);
  if (address >= dug.base || address < dug.base - StackPool::kGuardBytes) _exit(0);
  signal(SIGSEGV, SIG_DFL);
}

}  // namespace

static void CheckOverflow(GuardKind kind) {
  if (!CanTest(kind)) return;
  const int killer = SignalThatKills(
      [](void* kind) {
        StackPool pool(kStackBytes, *static_cast<GuardKind*>(kind));
        const std::vector<Stack> stacks = AcquireMany(&pool, 4);
        // The highest one: without a guard the stack below it would be overwritten first.
        dug = *std::max_element(stacks.begin(), stacks.end(), IsBelow);
        static char signal_stack[64 * 1024];
        const stack_t alternative = {signal_stack, 0, sizeof signal_stack};
        sigaltstack(&alternative, nullptr);
        struct sigaction action = {};
        action.sa_sigaction = DieOnlyOfTheGuard;
        action.sa_flags = SA_SIGINFO | SA_ONSTACK;
        sigaction(SIGSEGV, &action, nullptr);
        digger = Fiber(dug, [](void*) {
          const volatile bool deeper = true;
          Dig(&deeper);
          Switch(&digger, &host, nullptr);
        });
        Switch(&host, &digger, nullptr);
      },
      &kind);
  CHECK(killer == SIGSEGV);
}

TEST("endless recursion ends at a guard of madvise") { CheckOverflow(GuardKind::kMadvise); }

TEST("endless recursion ends at a guard of mprotect") { CheckOverflow(GuardKind::kMprotect); }

TEST("a stack that nobody has touched has no resident page") {
  StackPool pool(kStackBytes);
  for (const Stack& stack : AcquireMany(&pool, 100)) CHECK(ResidentPages(stack) == 0);
}

static void CheckRelease(GuardKind kind) {
  if (!CanTest(kind)) return;
  StackPool pool(kStackBytes, kind);
  const std::vector<Stack> stacks = AcquireMany(&pool, 3);
  for (const Stack& stack : stacks) memset(stack.base, 1, stack.size());
  CHECK(ResidentPages(stacks[1]) * PageBytes() >= kStackBytes);
  pool.Release(stacks[1]);
  CHECK(ResidentPages(stacks[1]) == 0);
  CHECK(ResidentPages(stacks[0]) * PageBytes() >= kStackBytes);
  CHECK(ResidentPages(stacks[2]) * PageBytes() >= kStackBytes);
  const Stack again = MustAcquire(&pool);
  CHECK(again.base == stacks[1].base);
  CHECK(std::all_of(again.base, again.top, [](char byte) { return byte == 0; }));
  CHECK(*stacks[0].base == 1 && stacks[2].top[-1] == 1);
}

TEST("a released stack between guards of madvise has no resident page, and what it held is gone") {
  CheckRelease(GuardKind::kMadvise);
}

TEST("a released stack between guards of mprotect has no resident page, and what it held is gone") {
  CheckRelease(GuardKind::kMprotect);
}

TEST("no huge page backs a stack") {
  if (Emulated()) return Unobservable("qemu-user does not pass MADV_NOHUGEPAGE on");
  if (access("/sys/kernel/mm/transparent_hugepage", F_OK) != 0) {
    return Unobservable("this kernel has no transparent huge pages");
  }
  StackPool pool(kStackBytes);
  for (const Stack& stack : AcquireMany(&pool, 100)) CHECK(HasVmFlag(stack.base, " nh"));
}

TEST("guards of madvise do not split a slab's mapping") {
  if (!CanTest(GuardKind::kMadvise)) return;
  const auto mappings = [] {
    FILE* const maps = fopen("/proc/self/maps", "r");
    if (maps == nullptr) abort();
    size_t lines = 0;
    for (int c; (c = fgetc(maps)) != EOF;) lines += c == '\n';
    fclose(maps);
    return lines;
  };
  StackPool pool(kStackBytes, GuardKind::kMadvise);
  const size_t before = mappings();
  const std::vector<Stack> stacks = AcquireMany(&pool, 300);
  CHECK(mappings() < before + stacks.size() / 2);  // mprotect makes two for each stack
}

TEST("a size that no address space holds is no memory, not another size") {
  for (const size_t bytes : {SIZE_MAX, SIZE_MAX / 2, SIZE_MAX / 64, size_t{1} << 58}) {
    StackPool pool(bytes);
    Stack stack;
    CHECK(!pool.Acquire(&stack));
    CHECK(!pool.Acquire(&stack));
    CHECK(HasCounters(pool, 0, 0, 0));
  }
}

TEST("under a limit on address space single stacks are still found, then none, then again some") {
  if (Emulated()) return Unobservable("qemu-user does not pass RLIMIT_AS on");
  constexpr size_t kBytes = 8 << 20;
  StackPool pool(kBytes);
  rlimit limit;
  getrlimit(RLIMIT_AS, &limit);
  const rlim_t unlimited = limit.rlim_cur;
  limit.rlim_cur = AddressSpaceInUse() + kBytes * 5 / 2;
  CHECK(setrlimit(RLIMIT_AS, &limit) == 0);

  const Stack first = MustAcquire(&pool);
  CHECK(HasCounters(pool, 1, 0, 1));
  const Stack second = MustAcquire(&pool);
  CHECK(HasCounters(pool, 2, 0, 2));
  Stack third;
  CHECK(!pool.Acquire(&third));
  CHECK(!pool.Acquire(&third));
  CHECK(HasCounters(pool, 2, 0, 2));
  *first.base = *second.base = 1;

  pool.Release(first);
  CHECK(MustAcquire(&pool).base == first.base);
  CHECK(!pool.Acquire(&third));

  limit.rlim_cur = unlimited;
  CHECK(setrlimit(RLIMIT_AS, &limit) == 0);
  CHECK(pool.Acquire(&third));
  CHECK(HasCounters(pool, 3, 3, 3));
}

// Acquires until the process has as many mappings as it may have. Empty: it may have too many to
// try.
static std::vector<Stack> AcquireAll(StackPool* pool) {
  FILE* const file = fopen("/proc/sys/vm/max_map_count", "r");
  unsigned long mappings = 0;
  if (file == nullptr || fscanf(file, "%lu", &mappings) != 1) abort();
  fclose(file);
  std::vector<Stack> stacks;
  if (mappings > 300'000) {
    Unobservable("vm.max_map_count is too high to reach");
    return stacks;
  }
  stacks.reserve(mappings);
  Stack stack;
  while (stacks.size() < mappings && pool->Acquire(&stack)) stacks.push_back(stack);
  CHECK(stacks.size() > mappings / 4 && stacks.size() < mappings);
  return stacks;
}

TEST("when there may be no more mappings, Acquire says so, and works again after a Release") {
  StackPool pool(4096, GuardKind::kMprotect);
  const size_t before = AddressSpaceInUse();
  const std::vector<Stack> stacks = AcquireAll(&pool);
  if (stacks.empty()) return;
  CHECK(pool.counters().in_use == stacks.size());
  Stack stack;
  CHECK(!pool.Acquire(&stack));
  // Nothing is left of the attempts that failed; the rest is the list of stacks and the pool's
  // bookkeeping. (Under qemu-user it would be qemu's bookkeeping as well.)
  const size_t used = AddressSpaceInUse() - before;
  CHECK(Emulated() || used < pool.counters().reserved_bytes + (4 << 20));
  const size_t middle = stacks.size() / 2;
  pool.Release(stacks[middle]);
  CHECK(MustAcquire(&pool).base == stacks[middle].base);
  ReleaseAll(&pool, stacks);
  CHECK(pool.counters().in_use == 0);
  CHECK(pool.counters().slabs == 1);
}

TEST("a slab that cannot be unmapped, for lack of mappings, is kept and counted") {
  if (!CanTest(GuardKind::kMadvise)) return;
  // Its slabs are neighbours in one mapping, so that unmapping one in the middle makes two of it.
  StackPool pool(4096, GuardKind::kMadvise);
  const std::vector<Stack> stacks = AcquireMany(&pool, 320);
  CHECK(HasCounters(pool, 320, 0, 9));
  StackPool others(4096, GuardKind::kMprotect);
  if (AcquireAll(&others).empty()) return;
  // A stack needs two mappings; use up the last one too. Neighbours that differ are not joined.
  for (int protection = PROT_READ;; protection ^= PROT_WRITE) {
    if (mmap(nullptr, PageBytes(), protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED) {
      break;
    }
  }
  for (size_t i = 64; i < 256; i++) pool.Release(stacks[i]);  // three slabs
  const auto mapped = std::count_if(stacks.begin(), stacks.end(),
                                    [](const Stack& stack) { return IsReadable(stack.base); });
  const StackCounters counters = pool.counters();
  CHECK(counters.in_use == 128);
  CHECK(counters.in_use + counters.free == static_cast<size_t>(mapped));
  CHECK(counters.slabs == 6 + counters.free / 64);
  for (size_t i = 0; i < counters.free; i++) *MustAcquire(&pool).base = 1;
  CHECK(pool.counters().slabs == counters.slabs);
}

}  // namespace greenlets::test
