#include "shutdown_list.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "foreign_memory.h"
#include "thread_identity.h"

namespace greenlets {
namespace {

constexpr size_t kSearched = 0x18000;  // an isolate is not much longer

// What the isolate holds before, in and after a JSON.stringify() that calls a toJSON.
class Search {
 public:
  Search(v8::Isolate* isolate, const void* stack_start)
      : isolate_(isolate), base_(reinterpret_cast<char*>(isolate)), stack_start_(stack_start) {}

  bool Stringify(v8::Local<v8::Context> context) {
    const auto object = v8::Object::New(isolate_);
    const auto look = v8::Function::New(
        context,
        [](const v8::FunctionCallbackInfo<v8::Value>& arguments) {
          const auto self =
              static_cast<uintptr_t>(arguments.Data().As<v8::BigInt>()->Uint64Value());
          reinterpret_cast<Search*>(self)->Look();
        },
        v8::BigInt::NewFromUnsigned(isolate_, reinterpret_cast<uintptr_t>(this)));
    v8::Local<v8::Function> to_json;
    const v8::TryCatch try_catch(isolate_);
    return look.ToLocal(&to_json) &&
           object
               ->CreateDataProperty(context, v8::String::NewFromUtf8Literal(isolate_, "toJSON"),
                                    to_json)
               .FromMaybe(false) &&
           !v8::JSON::Stringify(context, object).IsEmpty() && looked_;
  }

  // Lists that are empty now and held one object in toJSON, which stood on the C stack.
  std::vector<ShutdownEntries*> Found() {
    std::vector<ShutdownEntries*> found;
    for (const size_t offset : with_one_) {
      ShutdownEntries entries;
      if (memory_.Read(base_ + offset, &entries) && entries.begin == entries.end) {
        // Not covered: V8 12.4 alone has the list (Node 22).
        found.push_back(reinterpret_cast<ShutdownEntries*>(base_ + offset));
      }
    }
    return found;
  }

 private:
  void Look() {
    looked_ = true;
    const auto here = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
    constexpr size_t kPage = 4096;
    std::vector<char> copy(kSearched);
    size_t read = 0;
    while (read < kSearched && memory_.Read(base_ + read, copy.data() + read, kPage)) read += kPage;
    for (size_t offset = 0; offset + sizeof(ShutdownEntries) <= read; offset += 8) {
      ShutdownEntries entries;
      std::memcpy(&entries, copy.data() + offset, sizeof(entries));
      void* object;
      if (!ForeignMemory::MayPoint(reinterpret_cast<uintptr_t>(entries.begin)) ||
          entries.end != entries.begin + 1 || entries.capacity < entries.end ||
          entries.capacity > entries.begin + 64 || !memory_.Read(entries.begin, &object)) {
        continue;
      }
      const auto address = reinterpret_cast<uintptr_t>(object);
      if (address > here && address < reinterpret_cast<uintptr_t>(stack_start_))
        with_one_.push_back(offset);
    }
  }

  v8::Isolate* const isolate_;
  char* const base_;
  const void* const stack_start_;
  ForeignMemory memory_;
  std::vector<size_t> with_one_;
  bool looked_ = false;
};

}  // namespace

bool ShutdownList::Find(v8::Isolate* isolate, v8::Local<v8::Context> context,
                        const void* stack_start, std::string* reason) {
  const v8::HandleScope handles(isolate);
  Search search(isolate, stack_start);
  if (!search.Stringify(context)) {
    *reason = "JSON.stringify() does not call toJSON";
    return false;
  }
  const auto found = search.Found();
  if (found.size() > 1) {
    *reason = "V8's list of objects to destroy at shutdown was not found (" +
              std::to_string(found.size()) + " candidates)";
    return false;
  }
  // Not covered: V8 12.4 alone has the list (Node 22).
  if (found.size() == 1) list_ = found[0];
  return true;
}

// V8 allocates it with the operator new of the C++ library that is in the process.
void ShutdownList::Free(ShutdownEntries* entries) {
  ::operator delete(entries->begin);
  *entries = {};
}

}  // namespace greenlets
