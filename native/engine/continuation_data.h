// The value in which Node 24 and later keep the running async context (AsyncContextFrame) of an
// isolate. V8 carries it into promise jobs; nothing carries it over a switch but this. Node 22 uses
// it under --experimental-async-context-frame. Node 20 does not use V8's older form of it (one a
// context), so there it is not carried.
#ifndef GREENLETS_NATIVE_ENGINE_CONTINUATION_DATA_H_
#define GREENLETS_NATIVE_ENGINE_CONTINUATION_DATA_H_

#include <v8.h>

namespace greenlets {

#if V8_MAJOR_VERSION >= 14
using ContinuationValue = v8::Data;
inline v8::Local<v8::Data> GetContinuationValue(v8::Isolate* isolate) {
  return isolate->GetContinuationPreservedEmbedderDataV2();
}
inline void SetContinuationValue(v8::Isolate* isolate, v8::Local<v8::Data> value) {
  isolate->SetContinuationPreservedEmbedderDataV2(value);
}
#elif V8_MAJOR_VERSION >= 12
using ContinuationValue = v8::Value;
inline v8::Local<v8::Value> GetContinuationValue(v8::Isolate* isolate) {
  return isolate->GetContinuationPreservedEmbedderData();
}
inline void SetContinuationValue(v8::Isolate* isolate, v8::Local<v8::Value> value) {
  isolate->SetContinuationPreservedEmbedderData(value);
}
#else
using ContinuationValue = v8::Value;
inline v8::Local<v8::Value> GetContinuationValue(v8::Isolate*) { return {}; }
inline void SetContinuationValue(v8::Isolate*, v8::Local<v8::Value>) {}
#endif

// A stack's value, kept on that stack while it is parked: in a handle, which V8 visits there. It is
// of the caller's HandleScope: V8 has one around each call into the addon, and a scope of its own
// would make a switch dearer by a tenth.
#if V8_MAJOR_VERSION >= 12
class ContinuationData {
 public:
  explicit ContinuationData(v8::Isolate* isolate) : value_(GetContinuationValue(isolate)) {}
  void Restore(v8::Isolate* isolate) const { SetContinuationValue(isolate, value_); }

 private:
  const v8::Local<ContinuationValue> value_;
};
#else
class ContinuationData {
 public:
  explicit ContinuationData(v8::Isolate*) {}
  void Restore(v8::Isolate*) const {}
};
#endif

// Keeps a young collection from corrupting the isolate's value while stacks are parked. V8 visits
// the isolate's one slot once for each archived thread, and moves a young object that the slot
// holds once more at each visit. (Seen on V8 13.6 and 14.6: SIGSEGV, or a fatal error in
// Scavenger::Process; with AsyncLocalStorage in use, within seconds.) So the slot is empty during a
// young collection, and the value in a handle of its own. A full collection only updates the slot,
// which does no harm twice.
class ContinuationGuard {
 public:
  void Open(v8::Isolate* isolate);
  void Close(v8::Isolate* isolate);

 private:
  static void Prologue(v8::Isolate* isolate, v8::GCType type, v8::GCCallbackFlags flags,
                       void* self);
  static void Epilogue(v8::Isolate* isolate, v8::GCType type, v8::GCCallbackFlags flags,
                       void* self);

  v8::Global<ContinuationValue> held_;
};

}  // namespace greenlets

#endif  // GREENLETS_NATIVE_ENGINE_CONTINUATION_DATA_H_
