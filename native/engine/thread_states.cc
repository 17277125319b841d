#include "thread_states.h"

#include <malloc.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
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
  // Not covered: which parts there are is known for each size when it is compiled.
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
    // Not covered: a V8 with parts of another size, which nobody has seen.
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
  return layout_.Derive(isolate, *words, *limits, scratch_id, settle, reason) &&
         TakeModel(scratch_id, settle, reason);
}

// The state of a thread that has not begun must be the same for each: then a copy is as good as
// what V8 makes. Nor does it own anything then, for what two threads own at one time has two
// addresses.
bool ThreadStates::TakeModel(int id, const std::function<void()>& settle, std::string* reason) {
  Made first;
  Made second;
  MakeByV8(&first, id, settle);
  MakeByV8(&second, id + 1, settle);
  const char* const buffer = first.state->buffer;
  model_.assign(buffer, buffer + malloc_usable_size(first.state->buffer));
  const size_t id_at = layout_.implementer_size + layout_.thread_id_in_top;
  std::memcpy(model_.data() + id_at, &own_id_, sizeof(own_id_));
  const char* const wrong = std::getenv("GREENLETS_TEST_WRONG");
  if (wrong != nullptr && std::strcmp(wrong, "model") == 0) model_[sizeof(void*)] = 1;
  std::vector<char> other(second.state->buffer, second.state->buffer + layout_.guard_in_buffer);
  std::memcpy(other.data() + id_at, &own_id_, sizeof(own_id_));
  const bool alike = std::equal(other.begin(), other.end(), model_.begin());
  FreeByV8(&second, settle);
  FreeByV8(&first, settle);
  if (alike) return true;
  *reason = "a new thread's archived state is not always the same";
  return false;
}

StateNode* ThreadStates::Make() {
  auto* const node = new StateNode;
  node->buffer = node->state.buffer = static_cast<char*>(std::malloc(model_.size()));
  std::memcpy(node->buffer, model_.data(), model_.size());
  node->state.id = -1;  // V8's word for no thread
  node->state.manager = layout_.in_use->manager;
  Link(&node->state, layout_.in_use);
  return node;
}

void ThreadStates::Free(StateNode* node, int thread_id, const std::function<void()>& settle) {
  Made made;
  MakeByV8(&made, thread_id, settle);
  // A new thread's state owns nothing that could be lost.
  std::memcpy(made.state->buffer, node->buffer, layout_.guard_in_buffer);
  char* const top = made.state->buffer + layout_.implementer_size;
  std::memcpy(top + layout_.thread_id_in_top, &made.id, sizeof(made.id));
  Drop(node);
  FreeByV8(&made, settle);
}

void ThreadStates::Drop(StateNode* node) {
  Unlink(&node->state);
  std::free(node->buffer);
  delete node;
}

void ThreadStates::MakeByV8(Made* made, int id, const std::function<void()>& settle) {
  made->id = id;
  const uintptr_t limit = limits_->real();
  for (;;) {
    made->thread.Make(isolate_, *words_, id, [&] {
      isolate_->SetStackLimit(limit);
      // Not covered: an interrupt by another thread at this very moment.
      if (limits_->InterruptPending()) settle();
    });
    made->state = layout_.in_use->next;
    if (!limits_->PendingInCopy(made->state->buffer + layout_.guard_in_buffer)) return;
    // Another thread set an interrupt at the last moment: it must not sleep in a copy that nobody
    // looks at. Not covered: that very moment.
    FreeByV8(made, settle);
  }
}

void ThreadStates::FreeByV8(Made* made, const std::function<void()>& settle) {
  const uintptr_t limit = limits_->real();
  made->thread.Free(isolate_, *words_, made->id, [&] {
    isolate_->SetStackLimit(limit);
    if (limits_->InterruptPending()) settle();
  });
}

// As V8 does it: a ring with an anchor.
void ThreadStates::Link(ThreadState* state, ThreadState* anchor) {
  state->next = anchor->next;
  state->previous = anchor;
  state->next->previous = state;
  anchor->next = state;
}

void ThreadStates::Unlink(ThreadState* state) {
  state->next->previous = state->previous;
  state->previous->next = state->next;
  state->next = state->previous = state;
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
