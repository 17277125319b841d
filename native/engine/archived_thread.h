// A thread of V8's that never runs: an identity under which V8 archives a state of its own. Made
// and freed by V8's public API alone, on any stack, without leaving it. It is where a greenlet's
// first state comes from, and what V8's layout is derived from.
#ifndef GREENLETS_NATIVE_ENGINE_ARCHIVED_THREAD_H_
#define GREENLETS_NATIVE_ENGINE_ARCHIVED_THREAD_H_

#include <v8.h>

#include <new>

#include "thread_identity.h"

namespace greenlets {

class ArchivedThread {
 public:
  // Has V8 archive the running thread, start a thread with this id, archive that one and restore
  // the running thread. `while_new` is called while the new thread is V8's current one. Interrupts
  // must have been settled.
  template <typename WhileNew>
  void Make(v8::Isolate* isolate, const IdentityWords& words, int id, WhileNew while_new) {
    const ThreadIdentity running = words.Read();
    Place<v8::Unlocker> away;
    away.Make(isolate);
    words.Write({id, running.stack_start});
    locker_.Make(isolate);
    // V8 13.6 makes handles when it restores a thread's debugger state, in the scope that it
    // restores with it.
    handles_.Make(isolate);
    while_new();
    archived_.Make(isolate);
    words.Write(running);
    away.Destroy();
  }

  // Has V8 restore the thread, calls `while_back`, and frees what V8 keeps for it.
  template <typename WhileBack>
  void Free(v8::Isolate* isolate, const IdentityWords& words, int id, WhileBack while_back) {
    const ThreadIdentity running = words.Read();
    Place<v8::Unlocker> away;
    away.Make(isolate);
    words.Write({id, running.stack_start});
    archived_.Destroy();
    while_back();
    handles_.Destroy();
    locker_.Destroy();
    isolate->DiscardThreadSpecificMetadata();
    words.Write(running);
    away.Destroy();
  }

 private:
  // Room for an object whose life is not that of a block. (V8 forbids `new` for its scopes.)
  template <typename T>
  class Place {
   public:
    void Make(v8::Isolate* isolate) { ::new (static_cast<void*>(bytes_)) T(isolate); }
    void Destroy() { std::launder(reinterpret_cast<T*>(bytes_))->~T(); }

   private:
    alignas(T) char bytes_[sizeof(T)];
  };

  Place<v8::Locker> locker_;
  Place<v8::HandleScope> handles_;
  Place<v8::Unlocker> archived_;
};

}  // namespace greenlets

#endif  // GREENLETS_NATIVE_ENGINE_ARCHIVED_THREAD_H_
