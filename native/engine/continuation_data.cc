#include "continuation_data.h"

namespace greenlets {

#if V8_MAJOR_VERSION >= 12

namespace {

constexpr auto kYoungCollections =
    static_cast<v8::GCType>(v8::kGCTypeScavenge | v8::kGCTypeMinorMarkSweep);

}  // namespace

void ContinuationGuard::Open(v8::Isolate* isolate) {
  isolate->AddGCPrologueCallback(&ContinuationGuard::Prologue, this, kYoungCollections);
  isolate->AddGCEpilogueCallback(&ContinuationGuard::Epilogue, this, kYoungCollections);
}

void ContinuationGuard::Close(v8::Isolate* isolate) {
  isolate->RemoveGCPrologueCallback(&ContinuationGuard::Prologue, this);
  isolate->RemoveGCEpilogueCallback(&ContinuationGuard::Epilogue, this);
}

void ContinuationGuard::Prologue(v8::Isolate* isolate, v8::GCType, v8::GCCallbackFlags,
                                 void* self) {
  const v8::HandleScope handles(isolate);
  static_cast<ContinuationGuard*>(self)->held_.Reset(isolate, GetContinuationValue(isolate));
  SetContinuationValue(isolate, v8::Undefined(isolate));
}

void ContinuationGuard::Epilogue(v8::Isolate* isolate, v8::GCType, v8::GCCallbackFlags,
                                 void* self) {
  const v8::HandleScope handles(isolate);
  auto& held = static_cast<ContinuationGuard*>(self)->held_;
  SetContinuationValue(isolate, held.Get(isolate));
  held.Reset();
}

#else

void ContinuationGuard::Open(v8::Isolate*) {}
void ContinuationGuard::Close(v8::Isolate*) {}

#endif

}  // namespace greenlets
