// Memory for C stacks: reserved in slabs, committed by the kernel page by page as they are used,
// each with a guard below. Not here: what runs on a stack.
#ifndef GREENLETS_NATIVE_STACK_STACK_POOL_H_
#define GREENLETS_NATIVE_STACK_STACK_POOL_H_

#include <cstddef>
#include <cstdint>

namespace greenlets {

struct StackSlab;

// One stack: [base, top) is readable and writable, the bytes below base fault. Grows down from top.
// A plain reference to the pool's memory: copying it copies no stack.
struct Stack {
  char* base = nullptr;       // a multiple of the page size
  char* top = nullptr;        // a multiple of 64
  StackSlab* slab = nullptr;  // the pool's own: where to give the stack back
  size_t size() const { return static_cast<size_t>(top - base); }
};

// What the pool holds, in stacks and bytes, for stats() and for tests that nothing is left behind.
struct StackCounters {
  size_t in_use = 0;          // acquired and not released
  size_t free = 0;            // in a slab, ready to be acquired
  size_t slabs = 0;           // mappings held
  size_t reserved_bytes = 0;  // address space of all slabs (not resident memory)
};

// How the memory below a stack is made to fault.
enum class GuardKind : uint8_t {
  kMadvise,   // MADV_GUARD_INSTALL, Linux 6.13 and later: a slab remains one mapping
  kMprotect,  // PROT_NONE: splits the slab's mapping, two for each stack, of which a process may
              // have 65,530 by default
};

// The best that this kernel is seen to do; found out once for the process.
GuardKind DefaultGuardKind();

// Stacks of one size. One pool an environment: not thread safe.
class StackPool {
 public:
  // Below each stack lies this much that faults: a multiple of every page size in use (4, 16, 64
  // KiB), and more than one page, because a function with large locals steps over a small guard
  // without touching it.
  static constexpr size_t kGuardBytes = 64 * 1024;

  // Every stack has at least `usable_size` bytes, and at most two pages more. Maps nothing yet.
  explicit StackPool(size_t usable_size, GuardKind guard = DefaultGuardKind());

  // Unmaps everything, stacks in use included.
  ~StackPool();

  StackPool(const StackPool&) = delete;
  StackPool& operator=(const StackPool&) = delete;

  // Hands out the stack that was released last, or a new one; its contents are unspecified. False:
  // the system has no memory (address space, mappings); the pool is as it was and may be asked
  // again.
  [[nodiscard]] bool Acquire(Stack* out);

  // Takes back a stack on which nothing runs or is suspended. Its pages go back to the kernel at
  // once, its address space when the whole slab is free, but for one slab, which is kept for the
  // next Acquire.
  void Release(const Stack& stack);

  // Forgets all slabs without unmapping them, for a process that ends while stacks must stay
  // readable. Stacks handed out before remain usable, but must not be released any more.
  void Abandon();

  const StackCounters& counters() const { return counters_; }

 private:
  bool AddSlab(size_t stacks);
  void RemoveSlab(StackSlab* slab);
  void InsertFirst(StackSlab* slab);
  void Unlink(StackSlab* slab);

  const GuardKind guard_;
  const size_t stride_;         // from one stack to the next within a slab
  StackSlab* first_ = nullptr;  // a ring of all slabs: those with free stacks, the warmest first,
                                // then the full ones
  StackSlab* spare_ = nullptr;  // the one slab that is wholly free and kept
  StackCounters counters_;
};

}  // namespace greenlets

#endif  // GREENLETS_NATIVE_STACK_STACK_POOL_H_
