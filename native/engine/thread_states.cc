#include "thread_states.h"

#include <cstdint>
#include <cstring>
#include <utility>

namespace greenlets {
namespace {

// Every part is a whole number of words, and a size that the compiler knows becomes straight-line
// code; a memcpy of another size would cost more than the copying.
template <size_t words>
struct [[gnu::packed, gnu::aligned(8), gnu::may_alias]] Chunk {
  uint64_t value __attribute__((vector_size(8 * words)));
};
using Word = Chunk<1>;
using Pair = Chunk<2>;
using Quad = Chunk<4>;

template <typename Part>
inline __attribute__((always_inline)) void SwapChunk(char* one, char* other) {
  const auto left = reinterpret_cast<Part*>(one)->value;
  const auto right = reinterpret_cast<Part*>(other)->value;
  reinterpret_cast<Part*>(one)->value = right;
  reinterpret_cast<Part*>(other)->value = left;
}

template <size_t size>
inline __attribute__((always_inline)) void SwapFixed(char* one, char* other) {
  constexpr size_t quads = size / sizeof(Quad) * sizeof(Quad);
#pragma GCC unroll 32
  for (size_t at = 0; at < quads; at += sizeof(Quad)) SwapChunk<Quad>(one + at, other + at);
  if (size % sizeof(Quad) >= sizeof(Pair)) SwapChunk<Pair>(one + quads, other + quads);
  if (size % sizeof(Pair) != 0)
    SwapChunk<Word>(one + size - sizeof(Word), other + size - sizeof(Word));
}

// `usual` is the size as it was seen; another one only costs the loop.
template <size_t usual>
inline __attribute__((always_inline)) void Swap(char* one, char* other, size_t size) {
  if (size == usual) {
    SwapFixed<usual>(one, other);
  } else {
    for (size_t at = 0; at < size; at += sizeof(Word)) SwapChunk<Word>(one + at, other + at);
  }
}

// HandleScopeImplementer without its tail, and the tail: HandleScopeData.
#if V8_MAJOR_VERSION >= 13
constexpr size_t kUsualImplementer = 0x68;
constexpr size_t kUsualScopes = 0x18;
#elif V8_MAJOR_VERSION == 12
constexpr size_t kUsualImplementer = 0x60;
constexpr size_t kUsualScopes = 0x18;
#else
constexpr size_t kUsualImplementer = 0x78;
constexpr size_t kUsualScopes = 0x20;
#endif

}  // namespace

bool ThreadStates::Open(v8::Isolate* isolate, const IdentityWords* words, const StackLimits* limits,
                        int scratch_id, const std::function<void()>& settle, std::string* reason) {
  isolate_ = isolate;
  words_ = words;
  limits_ = limits;
  stack_start_word_ = words->StackStart();
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
    node->buffer = node->state->buffer;
    if (!limits_->PendingInCopy(node->buffer + layout_.guard_in_buffer)) break;
    // Another thread set an interrupt at the last moment: it must not sleep in a copy that nobody
    // looks at.
    FreeThread(node, settle);
  }
  char* const top = node->buffer + layout_.implementer_size;
  std::memcpy(top + layout_.thread_id_in_top, &own_id_, sizeof(own_id_));
  return node;
}

void ThreadStates::Free(StateNode* node, const std::function<void()>& settle) {
  char* const top = node->buffer + layout_.implementer_size;
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

#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__)
__attribute__((target_clones("avx", "default")))
#endif
void ThreadStates::Exchange(StateNode* node, uintptr_t limit, void* stack_start) {
  const Layout& layout = layout_;
  char* const buffer = node->buffer;
  Hold(0);
  // First of all, for a locked operation waits for every store before it.
  limits_->Move(limit);
  std::swap(*limits_->interrupt_scopes(), node->interrupt_scopes);
  // V8 itself copies the isolate's HandleScopeData into the tail of HandleScopeImplementer before
  // it archives that, and back after it restored it. Nobody reads the tail but these two, so it is
  // passed over.
  Swap<kUsualImplementer>(layout.implementer, buffer, layout.scopes_in_implementer);
  Swap<kUsualScopes>(layout.scopes, buffer + layout.scopes_in_implementer, layout.scopes_size());
  char* const rest = buffer + layout.implementer_size;
  SwapFixed<Layout::kTopSize>(layout.top, rest);
  SwapChunk<Word>(layout.relocatable, rest + Layout::kTopSize);
  *stack_start_word_ = stack_start;
  *layout.stack_start = stack_start;
}

}  // namespace greenlets
