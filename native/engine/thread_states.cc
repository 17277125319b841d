#include "thread_states.h"

#include <atomic>
#include <cstdint>
#include <cstring>
#include <utility>

namespace greenlets {
namespace {

// Every part is a whole number of words. A memcpy of a size that the compiler does not know would
// cost more than the copying.
using Word = uint64_t;

template <typename Chunk>
void SwapChunk(char* one, char* other) {
  Chunk left;
  Chunk right;
  std::memcpy(&left, one, sizeof(Chunk));
  std::memcpy(&right, other, sizeof(Chunk));
  std::memcpy(one, &right, sizeof(Chunk));
  std::memcpy(other, &left, sizeof(Chunk));
}

struct Pair {
  Word words[2];
};

inline __attribute__((always_inline)) void Swap(char* one, char* other, size_t size) {
  size_t at = 0;
  for (; at + sizeof(Pair) <= size; at += sizeof(Pair)) SwapChunk<Pair>(one + at, other + at);
  if (at < size) SwapChunk<Word>(one + at, other + at);
}

// A size that the compiler knows becomes straight-line code.
template <size_t size>
void SwapFixed(char* one, char* other) {
#pragma GCC unroll 32
  for (size_t at = 0; at + sizeof(Pair) <= size; at += sizeof(Pair))
    SwapChunk<Pair>(one + at, other + at);
  if (size % sizeof(Pair) != 0)
    SwapChunk<Word>(one + size - sizeof(Word), other + size - sizeof(Word));
}

// The size of HandleScopeImplementer as it was seen; another one only costs the loop.
#if V8_MAJOR_VERSION >= 13
constexpr size_t kUsualImplementer = 0x80;
#elif V8_MAJOR_VERSION == 12
constexpr size_t kUsualImplementer = 0x78;
#else
constexpr size_t kUsualImplementer = 0x98;
#endif

void Copy(const char* from, char* to, size_t size) {
  for (size_t at = 0; at < size; at += sizeof(Word)) std::memcpy(to + at, from + at, sizeof(Word));
}

}  // namespace

bool ThreadStates::Open(v8::Isolate* isolate, const IdentityWords* words, const StackLimits* limits,
                        int scratch_id, const std::function<void()>& settle, std::string* reason) {
  isolate_ = isolate;
  words_ = words;
  limits_ = limits;
  own_id_ = words->Read().thread_id;
  if (limits->interrupt_scopes() == nullptr) {
    *reason = "StackGuard's interrupt scopes were not found";
    return false;
  }
  return layout_.Derive(isolate, *words, *limits, scratch_id, settle, reason);
}

StateNode* ThreadStates::Make(int thread_id, const std::function<void()>& settle) {
  auto* const node = new StateNode;
  node->thread_id = thread_id;
  const uintptr_t limit = limits_->real();
  for (;;) {
    node->thread.Make(isolate_, *words_, thread_id, [&] {
      isolate_->SetStackLimit(limit);
      if (limits_->InterruptPending()) settle();
    });
    node->state = layout_.in_use->next;
    if (!limits_->PendingInCopy(node->state->buffer + layout_.guard_in_buffer)) break;
    // Another thread set an interrupt at the last moment: it must not sleep in a copy that nobody
    // looks at.
    FreeThread(node, settle);
  }
  char* const top = node->state->buffer + layout_.implementer_size;
  std::memcpy(top + layout_.thread_id_in_top, &own_id_, sizeof(own_id_));
  return node;
}

void ThreadStates::Free(StateNode* node, const std::function<void()>& settle) {
  char* const top = node->state->buffer + layout_.implementer_size;
  std::memcpy(top + layout_.thread_id_in_top, &node->thread_id, sizeof(node->thread_id));
  FreeThread(node, settle);
  delete node;
}

void ThreadStates::FreeThread(StateNode* node, const std::function<void()>& settle) {
  const uintptr_t limit = limits_->real();
  node->thread.Free(isolate_, *words_, node->thread_id, [&] {
    isolate_->SetStackLimit(limit);
    if (limits_->InterruptPending()) settle();
  });
}

void ThreadStates::Exchange(StateNode* node, uintptr_t limit) {
  const Layout& layout = layout_;
  char* const buffer = node->state->buffer;
  Hold(0);
  // First of all, for a locked operation waits for every store before it.
  limits_->Move(limit);
  std::swap(*limits_->interrupt_scopes(), node->interrupt_scopes);
  Copy(layout.scopes, layout.implementer + layout.scopes_in_implementer, layout.scopes_size());
  if (layout.implementer_size == kUsualImplementer) {
    SwapFixed<kUsualImplementer>(layout.implementer, buffer);
  } else {
    Swap(layout.implementer, buffer, layout.implementer_size);
  }
  Copy(layout.implementer + layout.scopes_in_implementer, layout.scopes, layout.scopes_size());
  SwapFixed<Layout::kTopSize>(layout.top, buffer + layout.implementer_size);
  SwapChunk<Word>(layout.relocatable, buffer + layout.implementer_size + Layout::kTopSize);
}

void ThreadStates::Hold(int id) {
  // A signal handler on this thread reads it; other threads do not.
  std::atomic_ref<int>(*layout_.owner).store(id, std::memory_order_relaxed);
  std::atomic_signal_fence(std::memory_order_seq_cst);
}

}  // namespace greenlets
