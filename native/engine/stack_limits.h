// V8's two stack limits in an isolate: the real one, and the one that JS code compares with, which
// V8 trips to make JS stop for an interrupt. Not here: what an interrupt does.
#ifndef GREENLETS_NATIVE_ENGINE_STACK_LIMITS_H_
#define GREENLETS_NATIVE_ENGINE_STACK_LIMITS_H_

#include <v8.h>

#include <atomic>
#include <cstdint>
#include <cstring>
#include <string>

namespace greenlets {

class StackLimits {
 public:
  // Finds both words by what SetStackLimit() and RequestInterrupt() change in the isolate, and
  // leaves them as they were. `empty` is a JS function with no effect: calling it makes V8 handle
  // pending interrupts. False: `reason` says what did not behave. Verified on V8 11.3, 12.4, 13.6
  // and 14.6.
  static bool Find(v8::Isolate* isolate, v8::Local<v8::Context> context,
                   v8::Local<v8::Function> empty, StackLimits* limits, std::string* reason);

  uintptr_t real() const { return *real_; }

  // The limits of another stack, for JS to run on next. What is tripped remains so: interrupts are
  // the isolate's, and another thread may set one at any moment. It trips the words for JS in their
  // order, so one locked operation, on the first, tells: tripped before it, the rest are tripped
  // here; tripped after it, there.
  void Move(uintptr_t limit) const {
    const uintptr_t old = real_[0];
    real_[0] = limit;
    if (real_count_ == 2) real_[1] = limit;
    if (js_count_ == 2) std::atomic_ref<uintptr_t>(js_[1]).store(limit, std::memory_order_relaxed);
    uintptr_t expected = old;
    if (!std::atomic_ref<uintptr_t>(js_[0]).compare_exchange_strong(expected, limit) &&
        js_count_ == 2) {
      std::atomic_ref<uintptr_t>(js_[1]).store(expected, std::memory_order_relaxed);
    }
  }

  // As InterruptPending(), in a copy that V8 has made of both, beginning at the real limit.
  bool PendingInCopy(const char* copy) const {
    uintptr_t real;
    uintptr_t js;
    std::memcpy(&real, copy, sizeof(real));
    std::memcpy(&js, copy + (js_address() - real_address()), sizeof(js));
    return real != js;
  }

  // The innermost of the scopes on the running stack that keep interrupts from being handled
  // (StackGuard's interrupt_scopes_): each links to the next and must be left in its order. The
  // inspector has one around each message of console.log().
  void** interrupt_scopes() const { return interrupt_scopes_; }

  const char* real_address() const { return reinterpret_cast<const char*>(real_); }
  const char* js_address() const { return reinterpret_cast<const char*>(js_); }

  // True while an interrupt (termination, a debugger's pause, RequestInterrupt) waits for JS to run
  // into it. Other threads set it, hence the atomic read; it may turn true right after.
  bool InterruptPending() const {
    return std::atomic_ref<uintptr_t>(*js_).load(std::memory_order_relaxed) != *real_;
  }

 private:
  bool TryFind(v8::Isolate* isolate, v8::Local<v8::Context> context, v8::Local<v8::Function> empty,
               std::string* reason);

  // Each is one or two words in a row: V8 keeps one for JS and one for native code, which differ
  // under a simulator only.
  uintptr_t* real_ = nullptr;
  uintptr_t* js_ = nullptr;
  void** interrupt_scopes_ = nullptr;
  int real_count_ = 0;
  int js_count_ = 0;
};

}  // namespace greenlets

#endif  // GREENLETS_NATIVE_ENGINE_STACK_LIMITS_H_
