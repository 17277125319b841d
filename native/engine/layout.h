// Where V8 keeps what a switch must exchange, in the isolate and in the buffer of an archived
// thread. Nothing here is a table of offsets: they differ between minor releases of one Node. They
// are derived at load from what V8's own archiving does to a thread made for it, then proven
// against what V8 archives of the running one.
#ifndef GREENLETS_NATIVE_ENGINE_LAYOUT_H_
#define GREENLETS_NATIVE_ENGINE_LAYOUT_H_

#include <v8-internal.h>
#include <v8.h>

#include <cstddef>
#include <functional>
#include <string>

#include "stack_limits.h"
#include "thread_identity.h"

namespace greenlets {

// V8's ThreadState: a node in V8's list of archived threads.
struct ThreadState {
  int id;
  char* buffer;
  ThreadState* next;
  ThreadState* previous;
  void* manager;
};

struct Layout {
  // The parts of a buffer, in their order, and where each lives while its thread runs.
  char* implementer = nullptr;       // HandleScopeImplementer: the whole object, one an isolate
  size_t implementer_size = 0;       // also the offset of the next part
  size_t scopes_in_implementer = 0;  // its tail holds the HandleScopeData of an archived thread
  char* scopes = nullptr;            // HandleScopeData of the running thread, in the isolate
  char* top = nullptr;               // ThreadLocalTop, in the isolate
  static constexpr size_t kTopSize = v8::internal::Internals::kThreadLocalTopSize;
  size_t top_size = kTopSize;
  size_t thread_id_in_top = 0;  // an int
  char* relocatable = nullptr;  // head of the list of Relocatables, in the isolate
  size_t guard_in_buffer = 0;   // the thread part of StackGuard, which stays in the isolate

  // The isolate's copy of the stack start, up to which the collector scans. Isolate::Enter()
  // takes it from the thread's word. (Verified on V8 11.3, 12.4, 13.6 and 14.6: for a thread that
  // has entered the isolate already, that is all it does besides counting.)
  void** stack_start = nullptr;

  // ThreadManager.
  int* owner = nullptr;           // the id of the thread that holds the lock
  ThreadState* in_use = nullptr;  // the anchor of the list of archived threads

  size_t scopes_size() const { return implementer_size - scopes_in_implementer; }

  // Derives and proves all of it. False: `reason` says what was not found or not confirmed; the
  // isolate is as it was. `scratch_id` is a thread id that V8 has not seen, and may be used again
  // after; `settle` handles pending interrupts.
  bool Derive(v8::Isolate* isolate, const IdentityWords& words, const StackLimits& limits,
              int scratch_id, const std::function<void()>& settle, std::string* reason);
};

}  // namespace greenlets

#endif  // GREENLETS_NATIVE_ENGINE_LAYOUT_H_
