#include "coroutine.h"

#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#if defined(__SANITIZE_ADDRESS__)
#include <pthread.h>
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

namespace greenlets {
namespace {

// Pooled coroutines make the next ones cheap, but V8 visits their stacks at every collection and
// each holds some kilobytes: keep a few, and as many as bring those at work to what was the most of
// late. That is forgotten with those that end, so a crowd leaves at most kForgottenWith / e behind,
// 1,507: one of that size does.
constexpr size_t kPooledAlways = 64;
constexpr int kRecentBits = 12;  // of the fraction
constexpr size_t kForgottenWith = size_t{1} << kRecentBits;

size_t RoundUpToPage(size_t bytes) {
  const size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  return (bytes + page - 1) / page * page;
}

}  // namespace

Coroutines::Coroutines(Engine* engine, Body body, void* data)
    : engine_(engine), body_(body), data_(data) {
  auto own = std::make_unique<Coroutine>();
  own->state = Coroutine::State::kRunning;
  own->identity = engine->own_identity();
  own->stack_limit = engine->own_stack_limit();
#if defined(__SANITIZE_ADDRESS__)
  pthread_attr_t attributes;
  void* bottom = nullptr;
  pthread_getattr_np(pthread_self(), &attributes);
  pthread_attr_getstack(&attributes, &bottom, &own->sanitizer_size);
  pthread_attr_destroy(&attributes);
  own->sanitizer_bottom = bottom;
#endif
  own_ = current_ = own.get();
  coroutines_.push_back(std::move(own));
}

StackPool* Coroutines::PoolFor(size_t js_stack_size) {
  auto& pool = stack_pools_[js_stack_size];
  if (pool == nullptr) {
    pool = std::make_unique<StackPool>(RoundUpToPage(js_stack_size + Engine::kNativeRoom));
  }
  return pool.get();
}

Coroutine* Coroutines::Create(size_t js_stack_size) {
  if (js_stack_size == 0) js_stack_size = engine_->js_stack_size();
  const bool usual = js_stack_size == engine_->js_stack_size();
  if (usual && !pooled_.empty()) {
    Coroutine* const pooled = pooled_.back();
    pooled_.pop_back();
    pooled->state = Coroutine::State::kReady;
    return pooled;
  }
  StackPool* const pool = PoolFor(js_stack_size);
  Stack stack;
  if (!pool->Acquire(&stack)) return nullptr;

  auto coroutine = std::make_unique<Coroutine>();
  coroutine->stack = stack;
  coroutine->pool = pool;
  coroutine->identity = engine_->NewIdentity(stack.top);
  coroutine->stack_limit = reinterpret_cast<uintptr_t>(stack.top) - js_stack_size;
  coroutine->suspended = arch::PrepareStack(stack.top, &Coroutines::Start);
  if (engine_->direct()) coroutine->state_node = engine_->MakeState();
#if defined(__SANITIZE_ADDRESS__)
  coroutine->sanitizer_bottom = stack.base;
  coroutine->sanitizer_size = stack.size();
#endif
  Coroutine* const made = coroutine.get();
  if (free_ids_.empty()) {
    coroutine->id = static_cast<int>(coroutines_.size());
    coroutines_.push_back(std::move(coroutine));
  } else {
    coroutine->id = free_ids_.back();
    free_ids_.pop_back();
    coroutines_[static_cast<size_t>(made->id)] = std::move(coroutine);
  }
  ++made_;
  sizes_differ_ = sizes_differ_ || !usual;
  return made;
}

// Every arrival, on whatever stack, ends here: V8 has the stack's state again.
inline void Coroutines::Landed() {
  if (ended_ != nullptr) TidyUp();
}

void Coroutines::TidyUp() {
  Retire(std::exchange(ended_, nullptr));
  // What may be pooled shrinks: for each that was not kept, one more goes.
  if (trimmer_ == nullptr && pooled_.size() > MostPooled()) TrimOne();
}

// The raw switch. On its return another coroutine may have come and gone: nothing read before it
// holds, except what is this coroutine's own.
inline void* Coroutines::Jump(Coroutine* from, Coroutine* to, [[maybe_unused]] bool from_ends) {
  current_ = to;
  to->state = Coroutine::State::kRunning;
  engine_->shutdown_list().Exchange(&from->shutdown_entries, &to->shutdown_entries);
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_start_switch_fiber(from_ends ? nullptr : &from->fake_stack, to->sanitizer_bottom,
                                 to->sanitizer_size);
#endif
  void* const argument = arch::greenlets_arch_switch(&from->suspended, to->suspended, this);
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(from->fake_stack, nullptr, nullptr);
#endif
  return argument;
}

// Carries the thread from one coroutine to another and, when somebody comes back, to the end of the
// call.
inline void Coroutines::Transfer(Coroutine* from, Coroutine* to) {
  if (engine_->direct()) {
    engine_->Exchange(to->state_node, to->stack_limit, to->identity.stack_start);
    from->state_node = std::exchange(to->state_node, nullptr);
    Jump(from, to, false);
    engine_->Arrive();
  } else {
    TransferSurely(from, to);
  }
  if (sizes_differ_) engine_->SetStackLimit(from->stack_limit);
  Landed();
}

// Not inlined, nor is what else is rare: a switch would save and restore registers for them.
void Coroutines::TransferSurely(Coroutine* from, Coroutine* to) {
  // V8 13.6 makes handles while it restores a stack's debugger state, so the restored state must
  // have a scope for them.
  const v8::HandleScope handles(engine_->isolate());
  const ArchivedState state(*engine_);
  engine_->Assume(to->identity);
  Jump(from, to, false);
  engine_->Arrive();
}

void Coroutines::SwitchTo(Coroutine* target) {
  v8::Isolate* const isolate = engine_->isolate();
  const ContinuationData continuation(isolate);
  Coroutine* const me = current_;
  me->state = Coroutine::State::kParked;
  me->continuation = &continuation;
  Transfer(me, target);
  if (errand_ != nullptr) RunErrands(me);
  me->continuation = nullptr;
  continuation.Restore(isolate);
}

// On a coroutine that was parked and will be.
void Coroutines::RunErrands(Coroutine* me) {
  while (errand_ != nullptr) {
    std::exchange(errand_, nullptr)(errand_data_);
    me->state = Coroutine::State::kParked;
    Transfer(me, std::exchange(errand_sender_, nullptr));
  }
}

void Coroutines::RunOn(Coroutine* parked, Errand errand, void* data) {
  errand_ = errand;
  errand_data_ = data;
  errand_sender_ = current_;
  // The sender's continuation data stays in the isolate: the errand neither uses nor changes it.
  current_->state = Coroutine::State::kParked;
  Transfer(current_, parked);
}

void Coroutines::Start(void* self) {
  auto* const coroutines = static_cast<Coroutines*>(self);
  Coroutine* const me = coroutines->current_;
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(nullptr, nullptr, nullptr);
#endif
  coroutines->engine_->Arrive();
  coroutines->RunBodies(me);
}

// The frame at the bottom of every coroutine's stack.
void Coroutines::RunBodies(Coroutine* me) {
  if (engine_->direct()) {
    if (sizes_differ_) engine_->SetStackLimit(me->stack_limit);
    Landed();
    for (;;) Transfer(me, RunBody(me));
  }
  Coroutine* next = nullptr;
  {
    const NewState state(*engine_);
    engine_->SetStackLimit(me->stack_limit);
    Landed();
    for (;;) {
      next = RunBody(me);
      if (me == ended_) break;
      Transfer(me, next);
      if (trimmer_ != nullptr) {
        next = std::exchange(trimmer_, nullptr);
        ended_ = me;
        break;
      }
    }
  }
  NewState::Forget(*engine_);
  engine_->Assume(next->identity);
  Jump(me, next, true);  // never returns: whoever arrives frees this stack
}

// Returns who goes on. This coroutine is in the pool then, or it is ended_: never to be switched to
// again.
Coroutine* Coroutines::RunBody(Coroutine* me) {
  ++running_or_parked_;
  most_of_late_ = std::max(most_of_late_, running_or_parked_ << kRecentBits);
  Coroutine* const next = body_(data_);
  --running_or_parked_;
  most_of_late_ -= most_of_late_ / kForgottenWith;
  me->state = Coroutine::State::kPooled;
  if (KeepsPooled(me)) {
    pooled_.push_back(me);
  } else {
    ended_ = me;
  }
  return next;
}

bool Coroutines::KeepsPooled(const Coroutine* coroutine) const {
  return coroutine->stack_limit ==
             reinterpret_cast<uintptr_t>(coroutine->stack.top) - engine_->js_stack_size() &&
         pooled_.size() < MostPooled();
}

size_t Coroutines::MostPooled() const {
  const size_t most = most_of_late_ >> kRecentBits;
  return std::max(kPooledAlways, most - std::min(most, running_or_parked_));
}

void Coroutines::Retire(Coroutine* coroutine) {
  if (engine_->direct()) engine_->FreeState(coroutine->state_node);
  ShutdownList::Free(&coroutine->shutdown_entries);
  coroutine->pool->Release(coroutine->stack);
  free_ids_.push_back(coroutine->id);
  coroutines_[static_cast<size_t>(coroutine->id)].reset();
}

void Coroutines::Trim() {
  most_of_late_ = 0;
  while (!pooled_.empty()) TrimOne();
  // What V8 kept for them (8 KiB of handles each) is free now, but the C library holds on to it.
  malloc_trim(0);
}

void Coroutines::Abandon(bool reclaim) {
  for (const auto& coroutine : coroutines_) {
    if (coroutine == nullptr || coroutine->state_node == nullptr) continue;
    StateNode* const node = std::exchange(coroutine->state_node, nullptr);
    if (reclaim) {
      engine_->ReclaimState(node);
    } else {
      Engine::DropState(node);
    }
  }
}

void Coroutines::TrimOne() {
  Coroutine* const pooled = pooled_.back();
  pooled_.pop_back();
  if (engine_->direct()) {
    Retire(pooled);
    return;
  }
  // Only on its own stack can it give back what V8 keeps for it.
  Coroutine* const me = current_;
  me->state = Coroutine::State::kParked;
  trimmer_ = me;
  Transfer(me, pooled);
}

Coroutines::Counters Coroutines::counters() const {
  Counters counters;
  counters.parked = running_or_parked_ - (current_ == own_ ? 0 : 1);
  counters.pooled = pooled_.size();
  counters.made = made_;
  for (const auto& [size, pool] : stack_pools_) {
    const StackCounters stacks = pool->counters();
    counters.stacks.in_use += stacks.in_use;
    counters.stacks.free += stacks.free;
    counters.stacks.slabs += stacks.slabs;
    counters.stacks.reserved_bytes += stacks.reserved_bytes;
  }
  return counters;
}

}  // namespace greenlets
