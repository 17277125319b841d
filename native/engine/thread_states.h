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

#include "archived_thread.h"
#include "layout.h"
#include "stack_limits.h"
#include "thread_identity.h"

namespace greenlets {

// A node and V8's record of the thread that it was made for. Which stack's state it holds changes
// with every switch: nodes are alike.
struct StateNode {
  ThreadState* state = nullptr;
  char* buffer = nullptr;  // the state's
  int thread_id = 0;
  void* interrupt_scopes = nullptr;  // of the stack whose state it holds
  ArchivedThread thread;
};

class ThreadStates {
 public:
  // Derives and proves the layout. False: `reason` says why the direct way cannot be taken.
  bool Open(v8::Isolate* isolate, const IdentityWords* words, const StackLimits* limits,
            int scratch_id, const std::function<void()>& settle, std::string* reason);

  // A node with the state of a thread that has not begun. Both this and Free() let V8 run another
  // thread for a moment; `settle` handles the interrupts that come in it.
  StateNode* Make(int thread_id, const std::function<void()>& settle);

  // Frees a node and the resources of the state in it, whose stack nobody will go on with.
  void Free(StateNode* node, const std::function<void()>& settle);

  // The running stack's state goes into the node, the node's becomes V8's current one. Between this
  // call and Arrived() on the other stack the thread is nobody's: no V8 call, no handle. `limit`
  // and `stack_start` are the other stack's.
  void Exchange(StateNode* node, uintptr_t limit, void* stack_start);

  // On the other stack.
  void Arrived() { Hold(own_id_); }

 private:
  void FreeThread(StateNode* node, const std::function<void()>& settle);

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
};

}  // namespace greenlets

#endif  // GREENLETS_NATIVE_ENGINE_THREAD_STATES_H_
