// The addon: the only file that sees Node-API or JS values. It gives lib/core the verbs of
// lib/core/binding.ts; what a greenlet is (parents, death, errors) is decided there, not here.
//
// The verbs that switch are plain V8 functions: Node-API keeps scopes for each callback and checks
// that they balance, which costs tens of nanoseconds and fits no call that may return on another
// stack's time.
#include <napi.h>
#include <node_version.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <v8.h>

#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "coroutine.h"
#include "engine/continuation_data.h"
#include "engine/engine.h"

namespace greenlets {
namespace {

napi_value FromV8(v8::Local<v8::Value> local) {
  napi_value value;
  static_assert(sizeof(value) == sizeof(local), "Node-API's values are V8's handles");
  std::memcpy(&value, static_cast<void*>(&local), sizeof(value));
  return value;
}

// glibc has gettid() from 2.30 on only.
bool OnWorkerThread() { return getpid() != syscall(SYS_gettid); }

// What one thread's Node (main or a Worker) has of this library.
class Environment {
 public:
  // Stands for the running coroutine's id when the thread has ended, as lib/core knows it.
  static constexpr int32_t kEnded = -1;

  Environment(napi_env env, v8::Isolate* isolate) : env_(env), isolate_(isolate) {}

  bool Open(v8::Local<v8::Context> context, std::string* reason) {
    if (!engine_.Open(isolate_, context, reason)) return false;
    coroutines_.emplace(&engine_, &Environment::RunBodyOf, this);
    continuation_guard_.Open(isolate_);
    context_.Reset(isolate_, context);
    const auto buffer = v8::ArrayBuffer::New(isolate_, 2 * sizeof(int32_t));
    shared_memory_ = buffer->GetBackingStore();
    current_id_ = static_cast<int32_t*>(shared_memory_->Data());
    target_id_ = current_id_ + 1;
    shared_.Reset(isolate_, v8::Int32Array::New(buffer, 0, 2));
    return true;
  }

  // The isolate is about to go; parked stacks stay mapped until it is gone.
  void Close() {
    if (closed_) return;
    closed_ = true;
    *current_id_ = kEnded;
    if (on_own_stack()) coroutines_->Abandon(OnWorkerThread());
    continuation_guard_.Close(isolate_);
    engine_.Close();
    context_.Reset();
    start_.Reset();
    abandon_.Reset();
    shared_.Reset();
  }

  bool closed() const { return closed_; }
  bool on_own_stack() const { return coroutines_->current() == coroutines_->own(); }

  napi_value Exports();

 private:
  using Arguments = v8::FunctionCallbackInfo<v8::Value>;

  template <void (Environment::*verb)(const Arguments&)>
  void Export(v8::Local<v8::Object> exports, const char* name);
  void ExportBase(v8::Local<v8::Object> exports);

  void SetHooks(const Arguments& arguments);
  void Create(const Arguments& arguments);
  void Switch(const Arguments& arguments);
  void Stack(const Arguments& arguments);
  void RunInContext(const Arguments& arguments);
#if V8_MAJOR_VERSION >= 12
  void Continuation(const Arguments& arguments);
  void SetContinuation(const Arguments& arguments);
#endif
  void Stats(const Arguments& arguments);
  void Trim(const Arguments& arguments);
  void CloseForTest(const Arguments& arguments);

  static Coroutine* RunBodyOf(void* self) { return static_cast<Environment*>(self)->RunBody(); }
  Coroutine* RunBody();
  Coroutine* Successor(v8::Local<v8::Value> id) const;
  static bool MayBeSwitchedTo(const Coroutine* coroutine);
  Coroutine* IdArgument(const Arguments& arguments);
  Coroutine* Switchable(int32_t id);
  void Settle();
  bool Arrived();
  bool NodeIsStopping() const;
  void Throw(const char* code, const char* message);

  const napi_env env_;
  v8::Isolate* const isolate_;
  Engine engine_;
  ContinuationGuard continuation_guard_;
  std::optional<Coroutines> coroutines_;
  v8::Global<v8::Context> context_;
  v8::Global<v8::Function> start_;
  v8::Global<v8::Function> abandon_;
  v8::Global<v8::Int32Array> shared_;
  std::shared_ptr<v8::BackingStore> shared_memory_;
  // Two words that lib/core reads and writes without a call into the addon: the running coroutine's
  // id, and the id that switch() shall go to.
  int32_t* current_id_ = nullptr;
  int32_t* target_id_ = nullptr;
  bool closed_ = false;
};

// A pointer as a JS value. An object with an internal field, because reading that is inlined here;
// reading a v8::External is a call. V8 14 tags the pointer; the tag only has to be the same on both
// sides.
v8::Local<v8::Object> ToHolder(v8::Isolate* isolate, void* pointer) {
  const auto holder = v8::ObjectTemplate::New(isolate);
  holder->SetInternalFieldCount(1);
  const auto object = holder->NewInstance(isolate->GetCurrentContext()).ToLocalChecked();
#if V8_MAJOR_VERSION >= 14
  object->SetAlignedPointerInInternalField(0, pointer, v8::kEmbedderDataTypeTagDefault);
#else
  object->SetAlignedPointerInInternalField(0, pointer);
#endif
  return object;
}

inline void* FromHolder(v8::Local<v8::Value> value) {
#if V8_MAJOR_VERSION >= 14
  return value.As<v8::Object>()->GetAlignedPointerFromInternalField(
      0, v8::kEmbedderDataTypeTagDefault);
#else
  return value.As<v8::Object>()->GetAlignedPointerFromInternalField(0);
#endif
}

v8::Local<v8::String> Text(v8::Isolate* isolate, const char* text) {
  return v8::String::NewFromUtf8(isolate, text).ToLocalChecked();
}

std::string ToUtf8(v8::Isolate* isolate, v8::Local<v8::String> string) {
  if (string.IsEmpty()) return {};
  const v8::String::Utf8Value utf8(isolate, string);
  return *utf8 == nullptr ? std::string() : std::string(*utf8, utf8.length());
}

// The running stack, one line a frame, in the form of Error.stack.
std::string DescribeStack(v8::Isolate* isolate) {
  const v8::HandleScope handles(isolate);
  constexpr int kMostFrames = 200;
  const auto trace = v8::StackTrace::CurrentStackTrace(isolate, kMostFrames);
  std::string text;
  for (int i = 0; i < trace->GetFrameCount(); ++i) {
    const auto frame = trace->GetFrame(isolate, i);
    std::string function = ToUtf8(isolate, frame->GetFunctionName());
    // Not covered: a parked stack with a constructor in it, and code that eval() made.
    if (frame->IsConstructor()) function = "new " + (function.empty() ? "<anonymous>" : function);
    std::string place = ToUtf8(isolate, frame->GetScriptNameOrSourceURL());
    // Not covered: as above.
    if (place.empty()) place = frame->IsEval() ? "eval" : "<anonymous>";
    if (frame->GetLineNumber() > 0) {
      place +=
          ":" + std::to_string(frame->GetLineNumber()) + ":" + std::to_string(frame->GetColumn());
    }
    if (i > 0) text += '\n';
    text += function.empty() ? "    at " + place : "    at " + function + " (" + place + ")";
  }
  return text;
}

template <void (Environment::*verb)(const Environment::Arguments&)>
void Environment::Export(v8::Local<v8::Object> exports, const char* name) {
  const auto context = isolate_->GetCurrentContext();
  const auto function = v8::Function::New(
                            context,
                            [](const Arguments& arguments) {
                              auto* const environment =
                                  static_cast<Environment*>(FromHolder(arguments.Data()));
                              // Not covered: only for who asks past lib/core, which knows by
                              // ids[0].
                              if (environment->closed_) return;
                              (environment->*verb)(arguments);
                            },
                            ToHolder(isolate_, this), 0, v8::ConstructorBehavior::kThrow)
                            .ToLocalChecked();
  exports->Set(context, Text(isolate_, name), function).Check();
}

napi_value Environment::Exports() {
  v8::EscapableHandleScope handles(isolate_);
  const auto context = isolate_->GetCurrentContext();
  const auto exports = v8::Object::New(isolate_);
  Export<&Environment::SetHooks>(exports, "setHooks");
  Export<&Environment::Create>(exports, "create");
  Export<&Environment::Switch>(exports, "switch");
  Export<&Environment::Stack>(exports, "stack");
  Export<&Environment::RunInContext>(exports, "runInContext");
#if V8_MAJOR_VERSION >= 12
  Export<&Environment::Continuation>(exports, "continuation");
  Export<&Environment::SetContinuation>(exports, "setContinuation");
#endif
  Export<&Environment::Stats>(exports, "stats");
  Export<&Environment::Trim>(exports, "trim");
  Export<&Environment::CloseForTest>(exports, "closeForTest");
  exports->Set(context, Text(isolate_, "ids"), shared_.Get(isolate_)).Check();
  ExportBase(exports);
  return FromV8(handles.Escape(exports.As<v8::Value>()));
}

// The base of class Greenlet: objects with a native part, which structuredClone() and postMessage()
// refuse, as they must: a stack belongs to its thread. (Node 20 has no other way to say so.)
void Environment::ExportBase(v8::Local<v8::Object> exports) {
  const auto context = isolate_->GetCurrentContext();
  const auto base = v8::FunctionTemplate::New(isolate_);
  base->InstanceTemplate()->SetInternalFieldCount(1);
  base->SetClassName(Text(isolate_, "NativeGreenlet"));
  exports->Set(context, Text(isolate_, "Base"), base->GetFunction(context).ToLocalChecked())
      .Check();
}

// setHooks(start, abandon): start() runs the current greenlet's body and returns the id of the
// coroutine that goes on. abandon(terminated, error) does so where start() could not return: its JS
// was terminated, or it threw.
void Environment::SetHooks(const Arguments& arguments) {
  if (arguments.Length() != 2 || !arguments[0]->IsFunction() || !arguments[1]->IsFunction()) {
    // Not covered: lib/core passes two.
    Throw("ERR_GREENLET_SELF_CHECK", "setHooks(start, abandon) takes two functions");
    return;
  }
  start_.Reset(isolate_, arguments[0].As<v8::Function>());
  abandon_.Reset(isolate_, arguments[1].As<v8::Function>());
}

// create(stackSize): the id of a new coroutine, -1 where the system has no memory for its stack.
// Bytes; 0 is the default.
void Environment::Create(const Arguments& arguments) {
  const double size = arguments.Length() > 0 && arguments[0]->IsNumber()
                          ? arguments[0].As<v8::Number>()->Value()
                          : 0;
  Coroutine* const coroutine = coroutines_->Create(static_cast<size_t>(size));
  // Not covered: a termination that comes at this very moment.
  if (!Arrived()) return;
  arguments.GetReturnValue().Set(coroutine == nullptr ? -1 : coroutine->id);
}

// switch(): to the coroutine whose id lib/core has written; returns when somebody switches back.
void Environment::Switch(const Arguments&) {
  Coroutine* const target = Switchable(*target_id_);
  // Not covered: lib/core names none that cannot run.
  if (target == nullptr) return;
  Settle();
  *current_id_ = target->id;
  coroutines_->SwitchTo(target);
  Arrived();
}

// Before a stack is left the sure way: what interrupts are pending are handled on it. (The direct
// way leaves them to the isolate.)
inline void Environment::Settle() {
  if (!engine_.direct()) engine_.SettleInterrupts();
}

// After a stack is reached. False: JS on it is being terminated.
inline bool Environment::Arrived() {
  if (!engine_.NeedsAttention()) return true;
  if (!engine_.TakeTermination() && !(engine_.TakeMissable() && NodeIsStopping())) return true;
  engine_.Terminate();
  return false;
}

// worker.terminate() marks the environment first and terminates JS then. If that interrupt came at
// the very moment a stack was left, it was archived with it; the mark was not. The call does
// nothing but ask: without a value it fails with napi_invalid_arg where JS may run, and with
// another status where it may not.
bool Environment::NodeIsStopping() const {
  napi_value result;
  const napi_status status = napi_coerce_to_bool(env_, nullptr, &result);
  return status != napi_invalid_arg;
}

// The body of every coroutine: one greenlet's life, from its first switch to its death.
Coroutine* Environment::RunBody() {
  const v8::HandleScope handles(isolate_);
  const auto context = context_.Get(isolate_);
  const v8::Context::Scope context_scope(context);
  Coroutine* next = nullptr;
  {
    // A fresh V8 thread has no handler: without this one, what a body throws would be lost or
    // reported by V8.
    v8::TryCatch try_catch(isolate_);
    v8::Local<v8::Value> id;
    if (Arrived() &&
        start_.Get(isolate_)->Call(context, v8::Undefined(isolate_), 0, nullptr).ToLocal(&id)) {
      next = Successor(id);
    } else {
      const bool terminated = try_catch.HasTerminated() || isolate_->IsExecutionTerminating();
      v8::Local<v8::Value> error = v8::Undefined(isolate_);
      if (terminated) {
        isolate_->CancelTerminateExecution();
        // Not covered: start() itself catches what a body throws; no stack was left for that.
      } else if (try_catch.HasCaught()) {
        error = try_catch.Exception();
      }
      try_catch.Reset();
      if (terminated) engine_.LeaveTermination();
      v8::Local<v8::Value> arguments[] = {v8::Boolean::New(isolate_, terminated), error};
      if (abandon_.Get(isolate_)
              ->Call(context, v8::Undefined(isolate_), 2, arguments)
              .ToLocal(&id)) {
        next = Successor(id);
      } else {
        // Terminated again, by another thread: nobody but the thread's own stack can make sense of
        // it.
        // Not covered: a second termination, at this very moment.
        isolate_->CancelTerminateExecution();
        engine_.LeaveTermination();
        next = coroutines_->own();
      }
    }
  }
  Settle();
  *current_id_ = next->id;
  return next;
}

Coroutine* Environment::Successor(v8::Local<v8::Value> id) const {
  Coroutine* const next = id->IsInt32() ? coroutines_->Find(id.As<v8::Int32>()->Value()) : nullptr;
  return next != nullptr && MayBeSwitchedTo(next) ? next : coroutines_->own();
}

inline bool Environment::MayBeSwitchedTo(const Coroutine* coroutine) {
  return coroutine->state == Coroutine::State::kReady ||
         coroutine->state == Coroutine::State::kParked;
}

// The coroutine of that id, for IdArgument() the first argument; null, with an error thrown, where
// lib/core named one that cannot run.
Coroutine* Environment::IdArgument(const Arguments& arguments) {
  return Switchable(arguments.Length() > 0 && arguments[0]->IsInt32()
                        ? arguments[0].As<v8::Int32>()->Value()
                        : -1);
}

inline Coroutine* Environment::Switchable(int32_t id) {
  Coroutine* const coroutine = coroutines_->Find(id);
  // Not covered: what follows, for lib/core names none that cannot run.
  if (coroutine != nullptr && MayBeSwitchedTo(coroutine)) return coroutine;
  // Not covered: as above.
  Throw("ERR_GREENLET_SELF_CHECK",
        "The addon was asked for a coroutine that is neither ready nor parked. This is a bug in "
        "greenlets: please report it.");
  return nullptr;
}

// stack(id): the JS stack that a parked coroutine is parked in, as V8 would print it, innermost
// first. Runs none of its code, nor Error.prepareStackTrace.
void Environment::Stack(const Arguments& arguments) {
  Coroutine* const coroutine = IdArgument(arguments);
  // Not covered: lib/core names one that is parked.
  if (coroutine == nullptr) return;
  struct Report {
    v8::Isolate* isolate;
    std::string text;
  } report{isolate_, {}};
  Settle();
  coroutines_->RunOn(
      coroutine,
      [](void* data) {
        auto* const report = static_cast<Report*>(data);
        report->text = DescribeStack(report->isolate);
      },
      &report);
  // Not covered: a termination that comes at this very moment.
  if (!Arrived()) return;
  v8::Local<v8::String> text;
  if (v8::String::NewFromUtf8(isolate_, report.text.data(), v8::NewStringType::kNormal,
                              static_cast<int>(report.text.size()))
          .ToLocal(&text)) {
    arguments.GetReturnValue().Set(text);
  }
}

// runInContext(id, function): calls the function, with the continuation data that a parked
// coroutine holds.
void Environment::RunInContext(const Arguments& arguments) {
  Coroutine* const coroutine = IdArgument(arguments);
  // Not covered: lib/core names one that is parked.
  if (coroutine == nullptr) return;
  const ContinuationData own(isolate_);
  if (coroutine->continuation != nullptr) coroutine->continuation->Restore(isolate_);
  v8::Local<v8::Value> result;
  const bool returned =
      arguments[1]
          .As<v8::Function>()
          ->Call(isolate_->GetCurrentContext(), v8::Undefined(isolate_), 0, nullptr)
          .ToLocal(&result);
  own.Restore(isolate_);
  if (returned) arguments.GetReturnValue().Set(result);
}

#if V8_MAJOR_VERSION >= 12

// continuation(): the running stack's continuation data; undefined where it holds nothing that JS
// may see.
void Environment::Continuation(const Arguments& arguments) {
  const v8::Local<ContinuationValue> value = GetContinuationValue(isolate_);
  if (!value.IsEmpty() && value->IsValue()) {
    arguments.GetReturnValue().Set(value.As<v8::Value>());
  }
}

// setContinuation(value): replaces it.
void Environment::SetContinuation(const Arguments& arguments) {
  SetContinuationValue(isolate_, arguments[0]);
}

#endif

void Environment::Stats(const Arguments& arguments) {
  const auto context = isolate_->GetCurrentContext();
  const auto stats = v8::Object::New(isolate_);
  const auto set = [&](const char* name, size_t value) {
    stats->Set(context, Text(isolate_, name), v8::Number::New(isolate_, static_cast<double>(value)))
        .Check();
  };
  const Coroutines::Counters counters = coroutines_->counters();
  stats
      ->Set(context, Text(isolate_, "engine"), Text(isolate_, engine_.direct() ? "direct" : "sure"))
      .Check();
  const v8::Local<v8::Value> why_sure =
      engine_.direct() ? v8::Null(isolate_).As<v8::Value>()
                       : Text(isolate_, engine_.why_sure().c_str()).As<v8::Value>();
  stats->Set(context, Text(isolate_, "engineReason"), why_sure).Check();
  set("parked", counters.parked);
  set("pooled", counters.pooled);
  set("created", counters.made);
  set("stacksInUse", counters.stacks.in_use);
  set("stacksFree", counters.stacks.free);
  set("slabs", counters.stacks.slabs);
  set("reservedBytes", counters.stacks.reserved_bytes);
  set("stackSize", engine_.js_stack_size());
  arguments.GetReturnValue().Set(stats);
}

// trim(): gives back the memory of finished greenlets.
void Environment::Trim(const Arguments&) {
  Settle();
  coroutines_->Trim();
  Arrived();
}

// closeForTest(): from here on as after the thread's end, when no JS could ask any more.
void Environment::CloseForTest(const Arguments&) { Close(); }

// Not covered: it says what lib/core never does.
void Environment::Throw(const char* code, const char* message) {
  const auto error = v8::Exception::Error(Text(isolate_, message)).As<v8::Object>();
  error->Set(isolate_->GetCurrentContext(), Text(isolate_, "code"), Text(isolate_, code)).Check();
  isolate_->ThrowException(error);
}

// Frees a Worker's stacks when its thread ends, which is after its isolate is gone. The main
// thread's stay until the process ends, for exit() runs this on whatever stack called it. (The
// library is linked with -z nodelete, so this code is still there.)
struct ThreadEnd {
  std::vector<Environment*> environments;  // one after another; the last may be open
  ~ThreadEnd() {
    if (!OnWorkerThread()) return;
    for (Environment* environment : environments) {
      // Not covered: a thread that ended on a greenlet's stack.
      if (environment->closed() && environment->on_own_stack()) delete environment;
    }
  }
};
thread_local ThreadEnd thread_end;

// `exports` is returned as it came: since Node 22 the exception is lost when module.exports is set
// after it. Leaves an exception that is pending; throws nothing where the thread is being
// terminated.
Napi::Object Refuse(Napi::Env env, Napi::Object exports, const std::string& reason,
                    const char* code = "ERR_GREENLET_SELF_CHECK") {
  napi_throw_error(env, code, reason.c_str());
  return exports;
}

// Node itself asks no addon of Node-API, which is the same in all versions; V8's own interface is
// not. Through Node-API only, then; and through its C functions, which say by a status that the
// thread is being terminated. node-addon-api's end the process there: a Get() that fails gives a
// value of no environment, and the next Get() needs one to throw.
// Empty where Node does not say: with an exception pending, or in a thread that is being
// terminated.
std::string AbiOf(napi_env env) {
  napi_value value;
  char text[16];
  size_t length;
  if (napi_get_global(env, &value) != napi_ok ||
      napi_get_named_property(env, value, "process", &value) != napi_ok ||
      napi_get_named_property(env, value, "versions", &value) != napi_ok ||
      napi_get_named_property(env, value, "modules", &value) != napi_ok ||
      napi_get_value_string_utf8(env, value, text, sizeof(text), &length) != napi_ok) {
    // Not covered: test/stress does it, which a run for coverage leaves out.
    return {};
  }
  return {text, length};
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  const std::string abi = std::to_string(NODE_MODULE_VERSION);
  if (AbiOf(env) != abi) {
    // Not covered: Node itself loads no addon for another ABI; for one that only looks so there is
    // no test.
    return Refuse(env, exports, "it is the addon for another Node.js (ABI " + abi + ")",
                  "ERR_GREENLET_BINARY_BROKEN");
  }
  v8::Isolate* const isolate = v8::Isolate::GetCurrent();
  auto& environments = thread_end.environments;
  if (!environments.empty() && !environments.back()->closed()) {
    // Not covered: the library loads it once in a thread, however many copies there are.
    return Refuse(env, exports,
                  "the addon is already loaded in this thread: two of them would each believe that "
                  "they know which stack "
                  "runs");
  }
  auto environment = std::make_unique<Environment>(env, isolate);
  std::string reason;
  if (!environment->Open(isolate->GetCurrentContext(), &reason))
    return Refuse(env, exports, reason);
  napi_add_env_cleanup_hook(
      env, [](void* opened) { static_cast<Environment*>(opened)->Close(); }, environment.get());
  const napi_value verbs = environment->Exports();
  environments.push_back(environment.release());
  return Napi::Object(env, verbs);
}

}  // namespace
}  // namespace greenlets

using greenlets::Init;
NODE_API_MODULE(greenlets, Init)
