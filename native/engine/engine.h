// What a switch must tell V8, for one isolate on its own thread. Two ways lead there: the direct
// one (thread_states.h), where all that it leans on could be derived and proven at load, and else
// the sure one, by V8's public API alone: the leaving stack's state is archived and the arriving
// one's restored as for threads that take turns in an isolate. Not here: stacks and registers
// (coroutine.h), JS values (addon.cc).
#ifndef GREENLETS_NATIVE_ENGINE_ENGINE_H_
#define GREENLETS_NATIVE_ENGINE_ENGINE_H_

#include <v8.h>

#include <cstddef>
#include <string>
#include <utility>

#include "shutdown_list.h"
#include "stack_limits.h"
#include "thread_identity.h"
#include "thread_states.h"

namespace greenlets {

class Engine {
 public:
  // Finds and proves everything that a switch leans on. False: `reason` says what could not be
  // verified.
  bool Open(v8::Isolate* isolate, v8::Local<v8::Context> context, std::string* reason);

  // Lets go of the isolate's handles. No switch may follow.
  void Close();

  v8::Isolate* isolate() const { return isolate_; }
  bool direct() const { return direct_; }
  // Why the direct way is not taken; empty where it is.
  const std::string& why_sure() const { return why_sure_; }

  // Identities. The thread's own one, and new ones for other stacks; V8 numbers its threads from 1,
  // we from far above.
  const ThreadIdentity& own_identity() const { return own_identity_; }
  ThreadIdentity NewIdentity(void* stack_start);

  // The bytes of stack that JS has on the thread's own stack. V8 13.6 and later keep one size for
  // the isolate and check the running stack pointer against it, so every stack gets this much
  // unless it is asked for another size.
  size_t js_stack_size() const { return js_stack_size_; }
  uintptr_t own_stack_limit() const { return own_stack_limit_; }

  // Below the limit for JS, native code that JS called still needs stack: V8 counts on 40 KiB (what
  // it has on Windows); OpenSSL, ICU, SQLite and regexps were never seen to need more than a
  // fraction of this.
  static constexpr size_t kNativeRoom = 256 * 1024;

  // Runs what interrupts are pending, so that none is archived with a leaving stack and sleeps
  // there. A termination of JS is taken back and is from then on due: to be raised again where
  // execution goes on.
  void SettleInterrupts();

  // Whether an arrival has to look at the two things below. By far most have not.
  bool NeedsAttention() const { return attention_; }

  // Whether a termination is due, and no more so.
  bool TakeTermination() { return std::exchange(termination_due_, false); }
  void LeaveTermination() { attention_ = termination_due_ = true; }

  // Whether since the last call a moment was in which an interrupt set by another thread could go
  // to a stack that does not run, after all care: some nanoseconds, in every switch the sure way
  // and for every state freed the direct way.
  bool TakeMissable() {
    attention_ = !direct_;
    return !direct_ || std::exchange(missable_, false);
  }

  // Raises a termination: JS on the running stack unwinds when the native caller, which must call
  // no more JS, returns.
  void Terminate();

  // The direct way. A node with a new stack's state; freeing one whose stack is done for;
  // forgetting one at the end.
  StateNode* MakeState() { return states_.Make(); }
  void FreeState(StateNode* node);
  void ReclaimState(StateNode* node);
  static void DropState(StateNode* node) { ThreadStates::Drop(node); }
  void Exchange(StateNode* node, uintptr_t limit, void* stack_start) {
    states_.Exchange(node, limit, stack_start);
  }

  const ShutdownList& shutdown_list() const { return shutdown_list_; }

  // The sure way. From here until the next Arrive(), the thread is nobody's: no V8 call, no handle.
  void Assume(const ThreadIdentity& identity) const { words_.Write(identity); }

  // On the arriving stack, the sure way before it takes the lock: Isolate::Enter() is what makes V8
  // read the stack start again.
  void Arrive() {
    if (direct_) {
      states_.Arrived();
    } else {
      isolate_->Enter();
      isolate_->Exit();
    }
  }

  void SetStackLimit(uintptr_t limit) const { isolate_->SetStackLimit(limit); }

 private:
  bool ChooseWay(std::string* reason);
  bool CallEmpty();

  v8::Isolate* isolate_ = nullptr;
  bool direct_ = false;
  bool termination_due_ = false;
  bool missable_ = false;
  bool attention_ = true;
  std::string why_sure_;
  ThreadStates states_;
  ShutdownList shutdown_list_;
  IdentityWords words_;
  StackLimits limits_;
  ThreadIdentity own_identity_;
  size_t js_stack_size_ = 0;
  uintptr_t own_stack_limit_ = 0;
  int next_thread_id_ = 1 << 20;
  v8::Global<v8::Context> context_;
  v8::Global<v8::Function> empty_;
};

// The state that V8 keeps for a stack, archived for as long as this object lives. It stands on the
// leaving stack.
class ArchivedState {
 public:
  explicit ArchivedState(const Engine& engine) : unlocker_(engine.isolate()) {}

 private:
  v8::Unlocker unlocker_;
};

// The state that V8 keeps for a stack, new in a stack's first frame and freed with it.
class NewState {
 public:
  explicit NewState(const Engine& engine) : locker_(engine.isolate()) {}

  // Frees V8's record of the identity too, without which every stack ever made would leak one.
  // Called under that identity, when the state is gone.
  static void Forget(const Engine& engine) { engine.isolate()->DiscardThreadSpecificMetadata(); }

 private:
  v8::Locker locker_;
};

}  // namespace greenlets

#endif  // GREENLETS_NATIVE_ENGINE_ENGINE_H_
