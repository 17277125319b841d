// V8 12.4 (Node 22) keeps a list, one an isolate, of objects that stand on C stacks and must be
// destroyed when the process ends: JSON.stringify() enters one at its start and demands at its end
// that it is the last. Two stacks that are parked inside toJSON and end in another order than last
// in, first out would abort the process. So every stack has a list of its own, which is put in V8's
// place while it runs. V8 11.3, 13.6 and 14.6 were found to have no such list.
#ifndef GREENLETS_NATIVE_ENGINE_SHUTDOWN_LIST_H_
#define GREENLETS_NATIVE_ENGINE_SHUTDOWN_LIST_H_

#include <v8.h>

#include <string>

namespace greenlets {

// A std::vector of pointers, as it lies in the isolate. Empty is a good value for a new stack.
struct ShutdownEntries {
  void** begin = nullptr;
  void** end = nullptr;
  void** capacity = nullptr;
};

class ShutdownList {
 public:
  // Finds V8's list by what JSON.stringify() does to it, or finds that there is none. False:
  // `reason` says what is in doubt.
  bool Find(v8::Isolate* isolate, v8::Local<v8::Context> context, const void* stack_start,
            std::string* reason);

  // The leaving stack's entries go, the arriving one's come.
  void Exchange(ShutdownEntries* leaving, ShutdownEntries* arriving) const {
    if (list_ == nullptr) return;
    // Not covered: V8 12.4 alone has the list (Node 22), and this runs under Node 20.
    *leaving = *list_;
    *list_ = *arriving;
  }

  // Frees the memory of a list that no stack uses any more.
  static void Free(ShutdownEntries* entries);

 private:
  ShutdownEntries* list_ = nullptr;
};

}  // namespace greenlets

#endif  // GREENLETS_NATIVE_ENGINE_SHUTDOWN_LIST_H_
