// A coroutine: a C stack, the identity that makes V8 take it for a thread of its own, and, while it
// is suspended, its stack pointer. Not here: what a greenlet means in JS (lib/core), JS values
// (addon.cc).
#ifndef GREENLETS_NATIVE_COROUTINE_H_
#define GREENLETS_NATIVE_COROUTINE_H_

#include <v8.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "arch/arch.h"
#include "engine/continuation_data.h"
#include "engine/engine.h"
#include "stack/stack_pool.h"

namespace greenlets {

struct Coroutine {
  enum class State : uint8_t {
    kReady,    // made or taken from the pool: the next switch starts the body
    kRunning,  // the thread runs on its stack
    kParked,   // suspended in SwitchTo()
    kPooled,   // its body is over; waits to be taken again, with its stack, identity and V8's state
  };

  int id = 0;
  State state = State::kReady;
  arch::StackPointer suspended = nullptr;
  ThreadIdentity identity;
  uintptr_t stack_limit = 0;
  StateNode* state_node = nullptr;   // the direct way, while it does not run: holds its state in V8
  ShutdownEntries shutdown_entries;  // while it does not run
  Stack stack;                       // empty for the thread's own
  StackPool* pool = nullptr;         // that the stack came from
  const ContinuationData* continuation = nullptr;  // while parked, on its own stack
#if defined(__SANITIZE_ADDRESS__)
  void* fake_stack = nullptr;
  const void* sanitizer_bottom = nullptr;
  size_t sanitizer_size = 0;
#endif
};

// All coroutines of one environment (a thread's Node). Used on that thread only.
class Coroutines {
 public:
  // Runs on a coroutine's own stack; returns the coroutine that goes on when this one is over.
  using Body = Coroutine* (*)(void* data);
  // Runs on a parked coroutine's stack, above its frames, without resuming it.
  using Errand = void (*)(void* data);

  // `engine` must be open.
  Coroutines(Engine* engine, Body body, void* data);
  // Unmaps all stacks. The isolate must be gone: V8 walks parked stacks at every collection.
  ~Coroutines() = default;
  Coroutines(const Coroutines&) = delete;
  Coroutines& operator=(const Coroutines&) = delete;

  // A coroutine ready to start. js_stack_size in bytes, 0 for as much as the thread's own stack
  // has. Null: the system has no memory for a stack; nothing has changed.
  Coroutine* Create(size_t js_stack_size);

  // Suspends the running coroutine and resumes or starts `target`, which is ready or parked.
  // Returns when somebody switches back.
  void SwitchTo(Coroutine* target);

  // Runs the errand on `parked`, which stays parked.
  void RunOn(Coroutine* parked, Errand errand, void* data);

  Coroutine* current() const { return current_; }
  Coroutine* own() const { return own_; }
  Coroutine* Find(int id) const {
    return static_cast<size_t>(id) < coroutines_.size() ? coroutines_[static_cast<size_t>(id)].get()
                                                        : nullptr;
  }

  struct Counters {
    size_t parked = 0;
    size_t pooled = 0;
    size_t made = 0;  // ever, with a new stack
    StackCounters stacks;
  };
  Counters counters() const;

  // Frees every pooled coroutine and the stacks that nobody uses.
  void Trim();

  // At the end of the environment, on the thread's own stack: no coroutine will run any more, and
  // V8 need not look at their stacks. `reclaim`: the process goes on without this thread, so what
  // V8 keeps for them is freed too.
  void Abandon(bool reclaim);

 private:
  static void Start(void* self);
  void RunBodies(Coroutine* me);
  Coroutine* RunBody(Coroutine* me);
  bool KeepsPooled(const Coroutine* coroutine) const;
  void Transfer(Coroutine* from, Coroutine* to);
  void* Jump(Coroutine* from, Coroutine* to, bool from_ends);
  [[gnu::noinline]] void TransferSurely(Coroutine* from, Coroutine* to);
  [[gnu::noinline]] void RunErrands(Coroutine* me);
  void Landed();
  [[gnu::noinline]] void TidyUp();
  void Retire(Coroutine* coroutine);
  void TrimOne();
  size_t MostPooled() const;
  StackPool* PoolFor(size_t js_stack_size);

  Engine* const engine_;
  const Body body_;
  void* const data_;
  std::vector<std::unique_ptr<Coroutine>> coroutines_;  // by id; a null place is free
  std::vector<int> free_ids_;
  std::vector<Coroutine*> pooled_;
  std::map<size_t, std::unique_ptr<StackPool>> stack_pools_;  // by size
  Coroutine* own_ = nullptr;
  Coroutine* current_ = nullptr;
  Coroutine* ended_ = nullptr;  // has left its stack for good; freed by whoever arrives
  Coroutine* trimmer_ = nullptr;
  Errand errand_ = nullptr;
  void* errand_data_ = nullptr;
  Coroutine* errand_sender_ = nullptr;
  size_t running_or_parked_ = 0;
  size_t most_of_late_ = 0;  // of running_or_parked_; fixed point
  size_t made_ = 0;
  bool sizes_differ_ = false;
};

}  // namespace greenlets

#endif  // GREENLETS_NATIVE_COROUTINE_H_
