#include "engine.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>

#include "../arch/arch.h"

namespace greenlets {
namespace {

// User-space shadow stacks keep the return addresses of one stack; a switch to another would be
// taken for an attack.
bool ShadowStackIsOn() {
#if defined(GREENLETS_ARCH_X86_64_SYSV)
  constexpr int kArchShadowStackStatus = 0x5005;  // Linux 6.6; older kernels answer EINVAL
  unsigned long features = 0;
  return syscall(SYS_arch_prctl, kArchShadowStackStatus, &features) == 0 && (features & 1) != 0;
#else
  return false;
#endif
}

}  // namespace

bool Engine::Open(v8::Isolate* isolate, v8::Local<v8::Context> context, std::string* reason) {
  isolate_ = isolate;
  if (ShadowStackIsOn()) {
    *reason = "the process runs with a hardware shadow stack, which allows no switch of stacks";
    return false;
  }
  // V8 aborts the process when it collects wasm code while a thread is archived ("archived threads
  // in combination with wasm not supported"). Seen with --stress-wasm-code-gc on V8 11.3 to 14.6;
  // without the collection all pass.
  v8::V8::SetFlagsFromString("--no-wasm-code-gc");

  v8::Local<v8::Script> script;
  v8::Local<v8::Value> empty;
  if (!v8::Script::Compile(context, v8::String::NewFromUtf8Literal(isolate, "(() => {})"))
           .ToLocal(&script) ||
      !script->Run(context).ToLocal(&empty) || !empty->IsFunction()) {
    *reason = "V8 would not compile a function";
    return false;
  }
  if (!IdentityWords::Find(isolate, &words_, reason) || !words_.Prove(isolate, reason) ||
      !StackLimits::Find(isolate, context, empty.As<v8::Function>(), &limits_, reason) ||
      !shutdown_list_.Find(isolate, context, words_.Read().stack_start, reason)) {
    // Not covered: a V8 that nobody has seen.
    return false;
  }
  own_identity_ = words_.Read();
  own_stack_limit_ = limits_.real();
  js_stack_size_ = reinterpret_cast<uintptr_t>(own_identity_.stack_start) - own_stack_limit_;
  // A thread has from some hundred kilobytes to some hundred megabytes. Anything else was misread.
  if (js_stack_size_ < 64 * 1024 || js_stack_size_ > (size_t{4} << 30)) {
    *reason = "this thread seems to have " + std::to_string(js_stack_size_) + " bytes of stack";
    return false;
  }
  context_.Reset(isolate, context);
  empty_.Reset(isolate, empty.As<v8::Function>());
  return ChooseWay(reason);
}

void Engine::Close() {
  context_.Reset();
  empty_.Reset();
}

// GREENLETS_ENGINE=sure keeps to the public API; =direct refuses to load where the direct way
// cannot be proven.
bool Engine::ChooseWay(std::string* reason) {
  const char* const asked = std::getenv("GREENLETS_ENGINE");
  const std::string way = asked == nullptr ? "" : asked;
  if (way == "sure") {
    why_sure_ = "GREENLETS_ENGINE=sure";
    return true;
  }
  if (!way.empty() && way != "direct") {
    *reason = "GREENLETS_ENGINE must be sure, direct or not set; it is " + way;
    return false;
  }
  direct_ = states_.Open(
      isolate_, &words_, &limits_, next_thread_id_, [this] { SettleInterrupts(); }, &why_sure_);
  next_thread_id_ += 2;
  if (direct_) why_sure_.clear();
  if (way == "direct" && !direct_) {
    *reason = "GREENLETS_ENGINE=direct, but the direct way could not be proven: " + why_sure_;
    return false;
  }
  return true;
}

// The direct way never changes the thread's id.
ThreadIdentity Engine::NewIdentity(void* stack_start) {
  return {direct_ ? own_identity_.thread_id : next_thread_id_++, stack_start};
}

void Engine::FreeState(StateNode* node) {
  // V8 13.6 makes handles while it restores the running stack's debugger state.
  const v8::HandleScope handles(isolate_);
  SettleInterrupts();
  attention_ = missable_ = true;
  states_.Free(node, next_thread_id_++, [this] { SettleInterrupts(); });
}

void Engine::ReclaimState(StateNode* node) {
  const v8::HandleScope handles(isolate_);
  states_.Free(node, next_thread_id_++, [] {});
}

void Engine::SettleInterrupts() {
  if (!limits_.InterruptPending()) return;
  const v8::HandleScope handles(isolate_);
  const v8::TryCatch try_catch(isolate_);
  if (CallEmpty()) return;
  // Mostly not covered: a termination, or a full stack, at this very moment of the sure way.
  if (!try_catch.HasTerminated()) {
    // JS's part of this stack is full, too full for the call. Below it is the room for native code,
    // in which the interrupts can be handled.
    const uintptr_t limit = limits_.real();
    isolate_->SetStackLimit(limit - kNativeRoom / 4);
    const bool settled = CallEmpty();
    isolate_->SetStackLimit(limit);
    // Not covered: as above.
    if (settled || !try_catch.HasTerminated()) return;
  }
  isolate_->CancelTerminateExecution();
  LeaveTermination();
}

// The stack check at the function's entry runs pending interrupts.
bool Engine::CallEmpty() {
  return !empty_.Get(isolate_)
              ->Call(context_.Get(isolate_), v8::Undefined(isolate_), 0, nullptr)
              .IsEmpty();
}

void Engine::Terminate() {
  isolate_->TerminateExecution();
  // JS notices at its next stack check; what runs until then would go on with no value. The stack
  // check of this call turns the request into a pending exception, which V8 finds when the native
  // caller returns.
  const v8::HandleScope handles(isolate_);
  CallEmpty();
}

}  // namespace greenlets
