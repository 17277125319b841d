// How the pool does it. A slab is one mapping, and its bookkeeping lies outside of it, so that a
// stack that nobody has used has no resident page:
//
//   low addresses                                                                     high
//   addresses | guard | base ... stack 0 ... top | guard | base ... stack 1 ... top | guard | ...
//   |<------------ stride ------------>|
//
// Everything is O(1): a stack knows its slab, a slab knows its free stacks, and slabs that have
// some come first.
#include "stack_pool.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <new>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#endif

namespace greenlets {

namespace {

// Slabs grow with the pool, so that a program with three greenlets reserves address space for four.
constexpr size_t kMinSlabStacks = 4;
constexpr size_t kMaxSlabStacks = 64;

// Were all tops at the same place in a page, then what the switches touch would compete for the
// same few sets of the processor's caches: a round over 1,000 stacks took twice as long (65 against
// 35 ns for each, 2 MiB of L2). So tops are spread over 16 cache lines; over more lines costs most
// stacks another resident page.
constexpr size_t kCacheLine = 64;
constexpr size_t kTopPositions = 16;

// No address space has that many bytes. It stands for every larger size too, so that no sum or
// product overflows.
constexpr size_t kUnmappableBytes = size_t{1} << 56;

size_t Stride(size_t usable_size) {
  const size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  const size_t bytes = std::min(usable_size, kUnmappableBytes) + (kTopPositions - 1) * kCacheLine;
  return StackPool::kGuardBytes + (bytes + page - 1) / page * page;
}

bool InstallGuard(char* guard, GuardKind kind) {
  if (kind == GuardKind::kMprotect) {
    return mprotect(guard, StackPool::kGuardBytes, PROT_NONE) == 0;
  }
  constexpr int kMadvGuardInstall =
      102;  // MADV_GUARD_INSTALL, younger than the libcs that we build with
  return madvise(guard, StackPool::kGuardBytes, kMadvGuardInstall) == 0;
}

char* Map(size_t bytes) {
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  return memory == MAP_FAILED ? nullptr : static_cast<char*>(memory);
}

// False where the kernel would have to split a mapping and there may be no more of them: all is as
// it was.
bool Unmap(char* memory, size_t bytes) {
#if defined(__SANITIZE_ADDRESS__)
  // Frames that never returned have left their red zones in the shadow memory, where they would
  // stand against whoever maps these addresses next. (GCC's library, unlike LLVM's, does not clear
  // them on munmap().)
  ASAN_UNPOISON_MEMORY_REGION(memory, bytes);
#endif
  return munmap(memory, bytes) == 0;
}

// A kernel's word is not enough: qemu-user answers 0 to any advice that it does not know. So see if
// the guard guards, through a system call that writes where it is told and says EFAULT where it
// cannot.
bool MadviseGuards() {
  char* memory = Map(StackPool::kGuardBytes);
  // Not covered: no memory for a page.
  if (memory == nullptr) return false;
  const bool guards = InstallGuard(memory, GuardKind::kMadvise) &&
                      uname(reinterpret_cast<utsname*>(memory)) == -1 && errno == EFAULT;
  munmap(memory, StackPool::kGuardBytes);
  return guards;
}

}  // namespace

GuardKind DefaultGuardKind() {
  static const GuardKind kind = MadviseGuards() ? GuardKind::kMadvise : GuardKind::kMprotect;
  return kind;
}

struct StackSlab {
  char* memory;
  StackSlab* previous;
  StackSlab* next;
  size_t stacks;
  size_t free_stacks;
  uint8_t free[kMaxSlabStacks];  // indices of the free stacks, the one released last at the end
};

StackPool::StackPool(size_t usable_size, GuardKind guard)
    : guard_(guard), stride_(Stride(usable_size)) {}

StackPool::~StackPool() {
  while (first_ != nullptr) {
    StackSlab* slab = first_;
    Unlink(slab);
    Unmap(slab->memory, slab->stacks * stride_);
    delete slab;
  }
}

bool StackPool::Acquire(Stack* out) {
  if (first_ == nullptr || first_->free_stacks == 0) {
    const size_t stacks = std::clamp(counters_.in_use, kMinSlabStacks, kMaxSlabStacks);
    if (!AddSlab(stacks) && !AddSlab(1)) return false;
  }
  StackSlab* slab = first_;
  const size_t index = slab->free[--slab->free_stacks];
  if (slab == spare_) spare_ = nullptr;
  if (slab->free_stacks == 0) first_ = slab->next;  // in a ring, that makes it the last
  counters_.free--;
  counters_.in_use++;

  char* const low = slab->memory + index * stride_;
  out->base = low + kGuardBytes;
  out->top = low + stride_ - index % kTopPositions * kCacheLine;
  out->slab = slab;
#if defined(__SANITIZE_ADDRESS__)
  // Frames that never returned have left their red zones here.
  ASAN_UNPOISON_MEMORY_REGION(out->base, out->size());
#endif
  return true;
}

void StackPool::Release(const Stack& stack) {
  StackSlab* slab = stack.slab;
  const size_t index = static_cast<size_t>(stack.base - slab->memory) / stride_;
  char* const end = slab->memory + (index + 1) * stride_;
  // It can only fail where pages are locked (mlockall), and then they stay.
  madvise(stack.base, static_cast<size_t>(end - stack.base), MADV_DONTNEED);

  slab->free[slab->free_stacks++] = static_cast<uint8_t>(index);
  counters_.free++;
  counters_.in_use--;
  Unlink(slab);
  InsertFirst(slab);

  if (slab->free_stacks < slab->stacks) return;
  StackSlab* surplus = spare_;
  if (surplus == nullptr || surplus->stacks <= slab->stacks) {
    spare_ = slab;
  } else {
    surplus = slab;
  }
  if (surplus != nullptr) RemoveSlab(surplus);
}

void StackPool::Abandon() {
  while (first_ != nullptr) {
    StackSlab* slab = first_;
    Unlink(slab);
    delete slab;
  }
  spare_ = nullptr;
  counters_ = StackCounters();
}

bool StackPool::AddSlab(size_t stacks) {
  StackSlab* slab = new (std::nothrow) StackSlab;
  // Not covered: no memory for the bookkeeping.
  if (slab == nullptr) return false;
  const size_t bytes = stacks * stride_;
  slab->memory = Map(bytes);
  if (slab->memory == nullptr) {
    delete slab;
    return false;
  }
  // A huge page would make 2 MiB of stacks resident at the first touch. MAP_STACK implies this from
  // Linux 6.7 on.
  madvise(slab->memory, bytes, MADV_NOHUGEPAGE);
  for (size_t i = 0; i < stacks; i++) {
    if (!InstallGuard(slab->memory + i * stride_, guard_)) {
      munmap(slab->memory, bytes);
      delete slab;
      return false;
    }
    slab->free[i] = static_cast<uint8_t>(stacks - 1 - i);
  }
  slab->stacks = slab->free_stacks = stacks;
  InsertFirst(slab);
  counters_.free += stacks;
  counters_.slabs++;
  counters_.reserved_bytes += bytes;
  return true;
}

void StackPool::RemoveSlab(StackSlab* slab) {
  const size_t bytes = slab->stacks * stride_;
  // Where it fails, the slab just stays in the ring.
  if (!Unmap(slab->memory, bytes)) return;
  Unlink(slab);
  counters_.free -= slab->stacks;
  counters_.slabs--;
  counters_.reserved_bytes -= bytes;
  delete slab;
}

void StackPool::InsertFirst(StackSlab* slab) {
  if (first_ == nullptr) {
    slab->previous = slab->next = slab;
  } else {
    slab->next = first_;
    slab->previous = first_->previous;
    slab->previous->next = slab->next->previous = slab;
  }
  first_ = slab;
}

void StackPool::Unlink(StackSlab* slab) {
  if (first_ == slab) first_ = slab->next == slab ? nullptr : slab->next;
  slab->previous->next = slab->next;
  slab->next->previous = slab->previous;
}

}  // namespace greenlets
