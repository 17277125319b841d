#include "thread_identity.h"

#include <dlfcn.h>
#include <link.h>
#include <pthread.h>

#include <algorithm>
#include <cstring>
#include <mutex>
#include <vector>

#include "../arch/arch.h"

namespace greenlets {
namespace {

using GetStackStart = void* (*)();

// v8::base::Stack::GetStackStart(), exported by Node 20, 22, 24 and 26.
GetStackStart FindGetStackStart() {
  return reinterpret_cast<GetStackStart>(dlsym(RTLD_DEFAULT, "_ZN2v84base5Stack13GetStackStartEv"));
}

// The calling thread's blocks of thread-local storage, and a copy of their bytes.
class TlsSnapshot {
 public:
  TlsSnapshot() {
    dl_iterate_phdr(
        [](dl_phdr_info* info, size_t, void* self) {
          for (int i = 0; i < info->dlpi_phnum; ++i) {
            const auto& header = info->dlpi_phdr[i];
            if (header.p_type == PT_TLS && info->dlpi_tls_data != nullptr) {
              static_cast<TlsSnapshot*>(self)->blocks_.push_back(
                  {static_cast<char*>(info->dlpi_tls_data), std::vector<char>(header.p_memsz)});
            }
          }
          return 0;
        },
        this);
    Take();
  }

  // Copies the blocks again, without allocating: an allocation would write to libc's own
  // thread-local storage.
  void Take() {
    for (auto& block : blocks_) std::memcpy(block.copy.data(), block.live, block.copy.size());
  }

  // The offsets from the thread pointer of every aligned T that was `before` in the copy and
  // satisfies `now` today.
  template <typename T, typename Now>
  std::vector<ptrdiff_t> Changed(T before, Now now) const {
    std::vector<ptrdiff_t> offsets;
    for (const auto& block : blocks_) {
      const auto start = reinterpret_cast<uintptr_t>(block.live);
      const size_t first = (alignof(T) - start % alignof(T)) % alignof(T);
      for (size_t at = first; at + sizeof(T) <= block.copy.size(); at += alignof(T)) {
        T old_value;
        T new_value;
        std::memcpy(&old_value, block.copy.data() + at, sizeof(T));
        std::memcpy(&new_value, block.live + at, sizeof(T));
        if (old_value == before && now(new_value)) {
          offsets.push_back(block.live + at - arch::ThreadPointer());
        }
      }
    }
    return offsets;
  }

 private:
  struct Block {
    char* live;
    std::vector<char> copy;
  };
  std::vector<Block> blocks_;
};

// One calibration: runs on a thread that V8 has never seen.
struct Calibration {
  v8::Isolate* isolate;
  GetStackStart get_stack_start;
  std::vector<ptrdiff_t> thread_id_offsets;
  std::vector<int> thread_ids;
  std::vector<ptrdiff_t> stack_start_offsets;

  bool Run() {
    pthread_t thread;
    const int failed = pthread_create(
        &thread, nullptr,
        [](void* self) -> void* {
          static_cast<Calibration*>(self)->Calibrate();
          return nullptr;
        },
        this);
    // Not covered: no more threads may be started.
    if (failed != 0) return false;
    pthread_join(thread, nullptr);
    return true;
  }

 private:
  void Calibrate() {
    TlsSnapshot snapshot;
    v8::Locker::IsLocked(
        isolate);  // asks for the thread's id, which V8 makes and keeps at this moment
    thread_id_offsets = snapshot.Changed<int>(0, [](int id) { return id > 0; });
    for (const ptrdiff_t offset : thread_id_offsets) {
      thread_ids.push_back(*reinterpret_cast<int*>(arch::ThreadPointer() + offset));
    }
    snapshot.Take();
    void* start = get_stack_start();
    stack_start_offsets =
        snapshot.Changed<void*>(nullptr, [start](void* word) { return word == start; });
  }
};

bool Calibrate(v8::Isolate* isolate, ptrdiff_t* thread_id_offset, ptrdiff_t* stack_start_offset,
               std::string* reason) {
  const GetStackStart get_stack_start = FindGetStackStart();
  if (get_stack_start == nullptr) {
    *reason = "this Node does not export v8::base::Stack::GetStackStart()";
    return false;
  }
  Calibration first{isolate, get_stack_start, {}, {}, {}};
  if (!first.Run()) {
    *reason = "no thread could be started for the calibration";
    return false;
  }
  // A word that turned from 0 to n on one thread and from 0 to more than n on a later one, always
  // at the same offset, is V8's counter of threads. Another word may do so by chance once, hardly
  // three times.
  std::vector<ptrdiff_t> ids = first.thread_id_offsets;
  std::vector<ptrdiff_t> starts = first.stack_start_offsets;
  Calibration previous = first;
  for (int round = 0; round < 3; ++round) {
    Calibration next{isolate, get_stack_start, {}, {}, {}};
    if (!next.Run()) {
      *reason = "no thread could be started for the calibration";
      return false;
    }
    std::erase_if(ids, [&](ptrdiff_t offset) {
      const auto before =
          std::find(previous.thread_id_offsets.begin(), previous.thread_id_offsets.end(), offset);
      const auto after =
          std::find(next.thread_id_offsets.begin(), next.thread_id_offsets.end(), offset);
      return before == previous.thread_id_offsets.end() || after == next.thread_id_offsets.end() ||
             next.thread_ids[after - next.thread_id_offsets.begin()] <=
                 previous.thread_ids[before - previous.thread_id_offsets.begin()];
    });
    std::erase_if(starts, [&](ptrdiff_t offset) {
      return std::find(next.stack_start_offsets.begin(), next.stack_start_offsets.end(), offset) ==
             next.stack_start_offsets.end();
    });
    // Not covered: what follows; another word that looks like V8's by chance.
    if (ids.size() == 1 && starts.size() == 1) break;
    // Not covered: as above.
    previous = next;
  }
  if (ids.size() != 1) {
    *reason = "V8's thread id was not found in thread-local storage (" +
              std::to_string(ids.size()) + " candidates)";
    return false;
  }
  if (starts.size() != 1) {
    *reason = "V8's stack start was not found in thread-local storage (" +
              std::to_string(starts.size()) + " candidates)";
    return false;
  }
  *thread_id_offset = ids[0];
  *stack_start_offset = starts[0];
  return true;
}

}  // namespace

bool IdentityWords::Find(v8::Isolate* isolate, IdentityWords* words, std::string* reason) {
  static std::mutex mutex;
  static bool found = false;
  static IdentityWords known;
  const std::lock_guard<std::mutex> lock(mutex);
  if (!found) {
    if (!Calibrate(isolate, &known.thread_id_offset_, &known.stack_start_offset_, reason)) {
      // Not covered: a V8 that nobody has seen.
      return false;
    }
    found = true;
  }
  *words = known;
  return true;
}

bool IdentityWords::Prove(v8::Isolate* isolate, std::string* reason) const {
  const GetStackStart get_stack_start = FindGetStackStart();
  get_stack_start();  // fills the cache where this thread has not asked yet
  const ThreadIdentity own = Read();
  const bool locked = v8::Locker::IsLocked(isolate);
  Write({own.thread_id + (1 << 29), own.stack_start});
  const bool locked_as_another = v8::Locker::IsLocked(isolate);
  char mark;
  Write({own.thread_id, &mark});
  const bool start_taken = get_stack_start() == &mark;
  Write(own);
  if (!locked || locked_as_another || !v8::Locker::IsLocked(isolate)) {
    *reason = "V8 does not read its thread id from where the calibration found it";
    return false;
  }
  if (!start_taken || get_stack_start() != own.stack_start) {
    *reason = "V8 does not read its stack start from where the calibration found it";
    return false;
  }
  return true;
}

}  // namespace greenlets
