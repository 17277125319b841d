// The direct way: what V8's Unlocker and Locker do at a switch, written in V8's own representation.
// Every parked stack is a node of V8's list of archived threads; the running one always has the
// thread's own identity. A collection, a deoptimisation and a profiler's sample find exactly what
// they expect, and no list, mutex or hash table is touched.
#ifndef GREENLETS_NATIVE_ENGINE_THREAD_STATES_H_
#define GREENLETS_NATIVE_ENGINE_THREAD_STATES_H_

#include <v8.h>

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "archived_thread.h"
#include "layout.h"
#include "stack_limits.h"
#include "thread_identity.h"

namespace greenlets {

// A node of V8's list that holds the state of a stack which does not run. Which stack's it is
// changes with every switch: nodes are alike.
struct StateNode {
  ThreadState state{};
  char* buffer = nullptr;            // the state's
  void* interrupt_scopes = nullptr;  // of the stack whose state it holds
};

class ThreadStates {
 public:
  // Derives and proves the layout. False: `reason` says why the direct way cannot be taken.
  bool Open(v8::Isolate* isolate, const IdentityWords* words, const StackLimits* limits,
            int scratch_id, const std::function<void()>& settle, std::string* reason);

  // Takes a node out of V8's list and frees it, but nothing that its state owns. For the end of the
  // isolate: nobody will go on with that state.
  static void Drop(StateNode* node);

  // A node with the state of a thread that has not begun: a copy of one that V8 made at load. V8
  // itself is not asked, so this is cheap, cannot run into an interrupt, and leaves alone a
  // debugger that is stepping, whose state V8 restores after it has run another thread. (Stepping
  // into a function, V8 11.3 and 13.6 crash then.)
  StateNode* Make();

  // Frees a node and the resources of the state in it, whose stack nobody will go on with. For that
  // V8 runs a thread `thread_id` for a moment, which must be new to it; `settle` handles the
  // interrupts that come in it.
  void Free(StateNode* node, int thread_id, const std::function<void()>& settle);

  // The running stack's state goes into the node, the node's becomes V8's current one. Between this
  // call and Arrived() on the other stack the thread is nobody's: no V8 call, no handle. `limit`
  // and `stack_start` are the other stack's.
  void Exchange(StateNode* node, uintptr_t limit, void* stack_start);

  // On the other stack.
  void Arrived() { Hold(own_id_); }

 private:
  // A thread that V8 made, with its node.
  struct Made {
    ArchivedThread thread;
    ThreadState* state = nullptr;
    int id = 0;
  };
  void MakeByV8(Made* made, int id, const std::function<void()>& settle);
  void FreeByV8(Made* made, const std::function<void()>& settle);
  bool TakeModel(int id, const std::function<void()>& settle, std::string* reason);
  static void Link(ThreadState* state, ThreadState* anchor);
  static void Unlink(ThreadState* state);

  // The lock's owner. The profiler's signal handler drops a sample while that is not the sampled
  // thread: in the middle of a switch V8's idea of the stack and the stack differ, and a walk over
  // it would leave it.
  void Hold(int id) {
    // A signal handler on this thread reads it; other threads do not.
    std::atomic_ref<int>(*layout_.owner).store(id, std::memory_order_relaxed);
    std::atomic_signal_fence(std::memory_order_seq_cst);
  }

  v8::Isolate* isolate_ = nullptr;
  const IdentityWords* words_ = nullptr;
  const StackLimits* limits_ = nullptr;
  void** stack_start_word_ = nullptr;  // the thread's, in thread-local storage
  Layout layout_;
  int own_id_ = 0;
  std::vector<char> model_;  // the buffer of a thread that has not begun
};

}  // namespace greenlets

#endif  // GREENLETS_NATIVE_ENGINE_THREAD_STATES_H_
