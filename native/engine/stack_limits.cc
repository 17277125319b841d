#include "stack_limits.h"

#include <v8-internal.h>

#include <vector>

namespace greenlets {
namespace {

// StackGuard is the isolate's first member but for some words: kIsolateStackGuardOffset of
// v8-internal.h. The public constant names the place in one V8 only, so the search covers more; an
// isolate is many kilobytes long.
constexpr size_t kWordsSearched = 64;

bool HandleInterrupts(v8::Isolate* isolate, v8::Local<v8::Context> context,
                      v8::Local<v8::Function> empty) {
  const v8::TryCatch try_catch(isolate);
  return !empty->Call(context, v8::Undefined(isolate), 0, nullptr).IsEmpty();
}

}  // namespace

// Another thread may set an interrupt at any moment of an attempt, which then looks like a limit
// that misbehaves.
bool StackLimits::TryFind(v8::Isolate* isolate, v8::Local<v8::Context> context,
                          v8::Local<v8::Function> empty, std::string* reason) {
  auto* const words = reinterpret_cast<uintptr_t*>(isolate);
  if (!HandleInterrupts(isolate, context, empty)) {
    *reason = "JS execution is being terminated";
    return false;
  }
  const std::vector<uintptr_t> before(words, words + kWordsSearched);
  // A limit that no word of the isolate holds by chance, far enough below for the calls made here.
  const uintptr_t probe = (reinterpret_cast<uintptr_t>(&before) - 128 * 1024) | 0x7;
  isolate->SetStackLimit(probe);
  std::vector<size_t> limit_words;
  for (size_t i = 0; i < kWordsSearched; ++i) {
    if (words[i] == probe) limit_words.push_back(i);
  }
  const std::vector<uintptr_t> quiet(words, words + kWordsSearched);
  isolate->RequestInterrupt([](v8::Isolate*, void*) {}, nullptr);
  const std::vector<uintptr_t> interrupted(words, words + kWordsSearched);
  std::vector<size_t> tripped;
  std::vector<size_t> kept;
  for (const size_t i : limit_words) (words[i] == probe ? kept : tripped).push_back(i);
  bool cleared = HandleInterrupts(isolate, context, empty);
  for (const size_t i : tripped) cleared = cleared && words[i] == probe;
  if (!kept.empty()) isolate->SetStackLimit(before[kept[0]]);

  if (kept.empty() || tripped.empty()) {
    *reason = "V8's stack limits were not found in the isolate (" + std::to_string(kept.size()) +
              " words kept the limit, " + std::to_string(tripped.size()) +
              " were tripped by an interrupt)";
    return false;
  }
  if (!cleared) {
    *reason = "handling an interrupt did not reset V8's stack limit";
    return false;
  }
  if (words[kept[0]] != before[kept[0]]) {
    *reason = "V8's stack limit could not be set back";
    return false;
  }
  if (kept.back() - kept.front() != kept.size() - 1 || kept.size() > 2 ||
      tripped.back() - tripped.front() != tripped.size() - 1 || tripped.size() > 2) {
    *reason = "V8's stack limits do not stand in a row of one or two";
    return false;
  }
  real_ = words + kept[0];
  js_ = words + tripped[0];
  real_count_ = static_cast<int>(kept.size());
  js_count_ = static_cast<int>(tripped.size());

  // The limits are StackGuard's first members but for the isolate's address; its last two are the
  // interrupt scopes and the flags, of which an interrupt changes the flags alone.
  constexpr size_t kGuardWords = v8::internal::Internals::kStackGuardSize / sizeof(uintptr_t);
  const size_t flags = kept[0] - 1 + kGuardWords - 1;
  const size_t scopes = flags - 1;
  const bool found = words[kept[0] - 1] == reinterpret_cast<uintptr_t>(isolate) &&
                     scopes > tripped.back() && quiet[flags] != interrupted[flags] &&
                     quiet[scopes] == interrupted[scopes];
  interrupt_scopes_ = found ? reinterpret_cast<void**>(words + scopes) : nullptr;
  return true;
}

bool StackLimits::Find(v8::Isolate* isolate, v8::Local<v8::Context> context,
                       v8::Local<v8::Function> empty, StackLimits* limits, std::string* reason) {
  for (int attempt = 0; attempt < 5; ++attempt) {
    if (limits->TryFind(isolate, context, empty, reason)) return true;
  }
  // Not covered: a V8 that nobody has seen.
  return false;
}

}  // namespace greenlets
