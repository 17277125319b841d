// What makes V8 take the running C stack for a thread of its own: two words of thread-local storage
// in the Node binary, a thread id and the cached start of the stack. Not here: what V8 does with
// the identity (thread_states.h).
#ifndef GREENLETS_NATIVE_ENGINE_THREAD_IDENTITY_H_
#define GREENLETS_NATIVE_ENGINE_THREAD_IDENTITY_H_

#include <v8.h>

#include <cstddef>
#include <string>

#include "../arch/arch.h"

namespace greenlets {

struct ThreadIdentity {
  int thread_id = 0;
  void* stack_start = nullptr;  // the highest address of the stack: V8's collector scans up to it
};

// Where the two words lie. They are private to V8 and have no symbol, so they are found by
// calibration: fresh threads let V8 write them, and what changed is compared. Both are in the
// executable's static TLS block, hence at one offset from the thread pointer in every thread,
// Workers included. Verified on V8 11.3, 12.4, 13.6 and 14.6; verified again by Prove() in each
// environment that loads the addon.
class IdentityWords {
 public:
  // Calibrates once for the process. False: `reason` says what could not be found.
  static bool Find(v8::Isolate* isolate, IdentityWords* words, std::string* reason);

  // Shows on the calling thread, which must hold the isolate's lock, that V8 reads both words from
  // where they were found. Leaves them as they were.
  bool Prove(v8::Isolate* isolate, std::string* reason) const;

  ThreadIdentity Read() const { return {*thread_id(), *stack_start()}; }
  void Write(const ThreadIdentity& identity) const {
    *thread_id() = identity.thread_id;
    *stack_start() = identity.stack_start;
  }
  // The calling thread's own word of the two.
  void** StackStart() const { return stack_start(); }

 private:
  int* thread_id() const {
    return reinterpret_cast<int*>(arch::ThreadPointer() + thread_id_offset_);
  }
  void** stack_start() const {
    return reinterpret_cast<void**>(arch::ThreadPointer() + stack_start_offset_);
  }

  ptrdiff_t thread_id_offset_ = 0;
  ptrdiff_t stack_start_offset_ = 0;
};

}  // namespace greenlets

#endif  // GREENLETS_NATIVE_ENGINE_THREAD_IDENTITY_H_
