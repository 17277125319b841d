#include "layout.h"

#include <v8-internal.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <optional>
#include <vector>

#include "archived_thread.h"
#include "foreign_memory.h"

namespace greenlets {
namespace {

using Bytes = std::vector<char>;

// An isolate is some ten kilobytes more than this; what is looked for was seen below 0x10500.
constexpr size_t kIsolateSearched = 0x18000;
// A buffer was seen to have 548 to 580 bytes; the parts of interest come first.
constexpr size_t kBufferRead = 512;
constexpr size_t kObjectRead = 0x100;
constexpr size_t kHolderRead = 0xc00;

template <typename T>
T At(const Bytes& bytes, size_t offset) {
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof(T));
  return value;
}

bool Equal(const Bytes& one, size_t at_one, const Bytes& other, size_t at_other, size_t size) {
  return at_one + size <= one.size() && at_other + size <= other.size() &&
         std::memcmp(one.data() + at_one, other.data() + at_other, size) == 0;
}

// An object that some words of the isolate point to.
struct Candidate {
  char* object;
  Bytes before;  // its start while the running thread is V8's current one
  Bytes during;  // and while the scratch thread is
};

// A stretch of memory that was copied.
struct Piece {
  uintptr_t from;
  Bytes bytes;
};

class Derivation {
 public:
  Derivation(v8::Isolate* isolate, const IdentityWords& words, const StackLimits& limits,
             int scratch_id, const std::function<void()>& settle, Layout* layout,
             std::string* reason)
      : isolate_(isolate),
        base_(reinterpret_cast<char*>(isolate)),
        words_(words),
        limits_(limits),
        own_id_(words.Read().thread_id),
        scratch_id_(scratch_id),
        settle_(settle),
        layout_(layout),
        reason_(reason) {}

  bool Run() {
    if (!ReadIsolate(&before_)) return Refuse("the isolate cannot be read");
    ReadPointedTo();
    // Not covered: a V8 that nobody has seen.
    if (!FindStackStart()) return false;
    CollectCandidates();
    scratch_.Make(isolate_, words_, scratch_id_, [this] { Observe(); });
    const bool derived = FindManager() && FindScratchState() && FindParts();
    FreeScratch();
    if (!derived) return false;
    SpoilForTest();
    return Prove();
  }

 private:
  bool Refuse(const std::string& reason) {
    *reason_ = reason;
    return false;
  }

  // An interrupt that another thread set while the scratch thread was current is in its state: it
  // is handled there.
  void FreeScratch() {
    scratch_.Free(isolate_, words_, scratch_id_, [this] {
      // Not covered: an interrupt by another thread at this very moment.
      if (limits_.InterruptPending()) settle_();
    });
  }

  bool ReadIsolate(Bytes* bytes) {
    constexpr size_t kPage = 4096;
    bytes->assign(kIsolateSearched, 0);
    size_t read = 0;
    while (read < kIsolateSearched && memory_.Read(base_ + read, bytes->data() + read, kPage))
      read += kPage;
    bytes->resize(read);
    return read >= 2 * kPage;
  }

  bool ReadObject(const void* object, Bytes* bytes, size_t size) {
    bytes->resize(size);
    return memory_.Read(object, bytes->data(), size);
  }

  // Has V8 take over another stack start from the thread's word. It allocates nothing and so does
  // not collect.
  void EnterWith(void* stack_start) {
    words_.Write({own_id_, stack_start});
    isolate_->Enter();
    isolate_->Exit();
  }

  // In the isolate itself (V8 11.3), or in an object that it points to (from 12.4 on the main
  // thread's LocalHeap, at 0x6c0 in 13.6).
  bool FindStackStart() {
    void* const own = words_.Read().stack_start;
    std::vector<void**> holders;
    CollectHolders(own, &holders);
    std::sort(holders.begin(), holders.end());
    holders.erase(std::unique(holders.begin(), holders.end()), holders.end());
    char mark;
    std::vector<void**> changed;
    EnterWith(&mark);
    for (void** holder : holders) {
      void* now = nullptr;
      if (holder != words_.StackStart() && memory_.Read(holder, &now) && now == &mark)
        changed.push_back(holder);
    }
    EnterWith(own);
    if (changed.size() != 1) {
      return Refuse("the isolate's stack start was not found (" + std::to_string(changed.size()) +
                    " candidates)");
    }
    layout_->stack_start = changed.front();
    return true;
  }

  // The words that hold `value`, in the isolate and in the objects that it points to.
  void CollectHolders(void* value, std::vector<void**>* holders) {
    const auto search = [&](char* from, const Bytes& bytes) {
      for (size_t at = 0; at + 8 <= bytes.size(); at += 8) {
        if (At<void*>(bytes, at) == value) holders->push_back(reinterpret_cast<void**>(from + at));
      }
    };
    search(base_, before_);
    for (const Piece& piece : pieces_) search(reinterpret_cast<char*>(piece.from), piece.bytes);
  }

  // Copies what the isolate points to. What follows one pointer mostly holds the next, so it is
  // read in large pieces: object by object it would take three times as long as all the rest.
  void ReadPointedTo() {
    for (size_t at = 0; at + 8 <= before_.size(); at += 8) {
      const auto word = At<uintptr_t>(before_, at);
      if (ForeignMemory::MayPoint(word)) pointers_.push_back(word);
    }
    std::sort(pointers_.begin(), pointers_.end());
    for (size_t i = 0; i < pointers_.size();) {
      const uintptr_t from = pointers_[i];
      uintptr_t end = from;
      for (; i < pointers_.size() && pointers_[i] <= end + kHolderRead; ++i)
        end = pointers_[i] + kHolderRead;
      ReadRange(from, end);
    }
  }

  // All of it, or those pages of it that can be read.
  void ReadRange(uintptr_t from, uintptr_t end) {
    Bytes bytes;
    if (ReadObject(reinterpret_cast<char*>(from), &bytes, end - from)) {
      pieces_.push_back({from, std::move(bytes)});
      return;
    }
    constexpr uintptr_t kPage = 4096;
    while (from < end) {
      const uintptr_t to = std::min(end, (from / kPage + 1) * kPage);
      if (ReadObject(reinterpret_cast<char*>(from), &bytes, to - from))
        pieces_.push_back({from, std::move(bytes)});
      from = to;
    }
  }

  // Where `size` bytes at an address were copied to; null where they were not, or not in one piece.
  const char* CopyOf(uintptr_t address, size_t size) const {
    const auto after =
        std::upper_bound(pieces_.begin(), pieces_.end(), address,
                         [](uintptr_t value, const Piece& piece) { return value < piece.from; });
    if (after == pieces_.begin()) return nullptr;
    const Piece& piece = *(after - 1);
    const size_t at = address - piece.from;
    return at + size <= piece.bytes.size() ? piece.bytes.data() + at : nullptr;
  }

  // The objects among which the ThreadManager and the HandleScopeImplementer are: those that hold
  // the isolate's address.
  void CollectCandidates() {
    for (size_t i = 0; i < pointers_.size(); ++i) {
      if (i > 0 && pointers_[i] == pointers_[i - 1]) continue;
      const char* const bytes = CopyOf(pointers_[i], kObjectRead);
      if (bytes == nullptr) continue;
      const char* const end = bytes + 0x60;
      const auto holds_isolate = [&](const char* field) {
        return std::memcmp(field, &base_, sizeof(base_)) == 0;
      };
      for (const char* field = bytes; field < end; field += 8) {
        if (!holds_isolate(field)) continue;
        candidates_.push_back(
            {reinterpret_cast<char*>(pointers_[i]), Bytes(bytes, bytes + kObjectRead), {}});
        break;
      }
    }
  }

  // While the scratch thread is V8's current one. Nothing here may change what V8 archives next.
  void Observe() {
    v8::Integer::New(isolate_, 1);  // so that the scope's data is not all zero
    ReadIsolate(&during_);
    for (Candidate& candidate : candidates_)
      ReadObject(candidate.object, &candidate.during, kObjectRead);
    // The running thread has just been archived: its state is the first in the list, once that is
    // known.
    for (const Candidate& candidate : candidates_) {
      if (const auto fields = ManagerFields(candidate)) {
        const ThreadState own = ReadState(fields->in_use->next);
        if (own.id == own_id_) ReadObject(own.buffer, &own_buffer_, kBufferRead);
      }
    }
  }

  struct Manager {
    char* object;
    size_t owner;
    ThreadState* in_use;
  };

  ThreadState ReadState(const ThreadState* state) {
    ThreadState copy{};
    // Not covered: a pointer that only looks like one.
    if (!memory_.Read(state, &copy)) copy = ThreadState{};
    return copy;
  }

  // ThreadManager: holds the id of the lock's owner, and before the pointer to the isolate the
  // three pointers lazily_archived_thread_state_, free_anchor_ and in_use_anchor_.
  std::optional<Manager> ManagerFields(const Candidate& candidate) {
    // Not covered: an object that another thread freed meanwhile.
    if (candidate.during.empty()) return std::nullopt;
    for (size_t field = 24; field < 0x60; field += 8) {
      if (At<char*>(candidate.before, field) != base_) continue;
      for (size_t owner = 0; owner < field; owner += 4) {
        if (At<int>(candidate.before, owner) != own_id_ ||
            At<int>(candidate.during, owner) != scratch_id_)
          continue;
        auto* const free = At<ThreadState*>(candidate.before, field - 16);
        auto* const in_use = At<ThreadState*>(candidate.before, field - 8);
        if (ReadState(free).manager == candidate.object &&
            ReadState(in_use).manager == candidate.object) {
          return Manager{candidate.object, owner, in_use};
        }
      }
    }
    return std::nullopt;
  }

  bool FindManager() {
    size_t found = 0;
    for (const Candidate& candidate : candidates_) {
      if (const auto manager = ManagerFields(candidate)) {
        ++found;
        manager_ = manager->object;
        layout_->owner = reinterpret_cast<int*>(manager->object + manager->owner);
        layout_->in_use = manager->in_use;
      }
    }
    return found == 1 || Refuse("V8's list of archived threads was not found (" +
                                std::to_string(found) + " candidates)");
  }

  bool FindScratchState() {
    scratch_state_ = ReadState(layout_->in_use).next;
    const ThreadState state = ReadState(scratch_state_);
    if (state.id != scratch_id_ || state.manager != manager_ || state.previous != layout_->in_use ||
        ReadState(state.next).previous != scratch_state_ ||
        !ReadObject(state.buffer, &scratch_buffer_, kBufferRead)) {
      return Refuse("V8 did not archive a thread as expected");
    }
    return true;
  }

  bool FindParts() {
    if (own_buffer_.empty()) return Refuse("the running thread's archived state was not found");
    return FindTop() && FindImplementer() && FindScopes() && FindRelocatable() && FindGuard();
  }

  // ThreadLocalTop is where the public header says, which the match with V8's copy of it confirms.
  bool FindTop() {
    constexpr size_t kTop = v8::internal::Internals::kIsolateThreadLocalTopOffset;
    layout_->top_size = Layout::kTopSize;
    size_t found = 0;
    for (size_t at = 0x40; at + layout_->top_size + 16 <= kBufferRead; at += 8) {
      if (Equal(scratch_buffer_, at, during_, kTop, layout_->top_size) &&
          Equal(own_buffer_, at, before_, kTop, layout_->top_size)) {
        ++found;
        layout_->implementer_size = at;
      }
    }
    if (found != 1) return Refuse("ThreadLocalTop was not found in an archived thread");
    layout_->top = base_ + kTop;
    size_t ids = 0;
    for (size_t at = 0; at < layout_->top_size; at += 4) {
      if (At<int>(during_, kTop + at) == scratch_id_ && At<int>(before_, kTop + at) == own_id_) {
        ++ids;
        layout_->thread_id_in_top = at;
      }
    }
    return ids == 1 || Refuse("the thread's id was not found in ThreadLocalTop");
  }

  bool FindImplementer() {
    // All but the tail, which V8 fills in only when it archives.
    const size_t compared = layout_->implementer_size - 0x20;
    size_t found = 0;
    for (const Candidate& candidate : candidates_) {
      if (At<char*>(candidate.before, 0) != base_) continue;
      if (Equal(candidate.during, 0, scratch_buffer_, 0, compared) &&
          Equal(candidate.before, 0, own_buffer_, 0, compared)) {
        ++found;
        layout_->implementer = candidate.object;
      }
    }
    return found == 1 || Refuse("HandleScopeImplementer was not found in the isolate (" +
                                std::to_string(found) + " candidates)");
  }

  // HandleScopeData: next, limit and level of the innermost scope. The scratch thread has one scope
  // with one handle.
  bool FindScopes() {
    constexpr size_t kKnownPart = 2 * 8 + 4;
    size_t found = 0;
    for (size_t at = 0x20; at + kKnownPart <= layout_->implementer_size; at += 8) {
      const auto next = At<uintptr_t>(scratch_buffer_, at);
      const auto limit = At<uintptr_t>(scratch_buffer_, at + 8);
      if (next == 0 || limit < next || limit - next > 0x10000 ||
          At<int>(scratch_buffer_, at + 16) != 1)
        continue;
      const size_t size = layout_->implementer_size - at;
      for (size_t live = 0; live + size <= during_.size(); live += 8) {
        if (Equal(scratch_buffer_, at, during_, live, size) &&
            Equal(own_buffer_, at, before_, live, size)) {
          ++found;
          layout_->scopes_in_implementer = at;
          layout_->scopes = base_ + live;
        }
      }
    }
    return found == 1 || Refuse("HandleScopeData was not found in the isolate (" +
                                std::to_string(found) + " candidates)");
  }

  // The running thread has a Relocatable: the arguments of the native function that this runs in.
  bool FindRelocatable() {
    const size_t at = layout_->implementer_size + layout_->top_size;
    const auto head = At<uintptr_t>(own_buffer_, at);
    if (head == 0) return Refuse("the running thread has no Relocatable to find their list by");
    size_t found = 0;
    for (size_t live = 0; live + 8 <= before_.size() && live + 8 <= during_.size(); live += 8) {
      if (At<uintptr_t>(before_, live) == head && At<uintptr_t>(during_, live) == 0) {
        ++found;
        layout_->relocatable = base_ + live;
      }
    }
    return found == 1 || Refuse("the list of Relocatables was not found in the isolate (" +
                                std::to_string(found) + " candidates)");
  }

  bool FindGuard() {
    layout_->guard_in_buffer = layout_->implementer_size + layout_->top_size + 8;
    const size_t live = static_cast<size_t>(limits_.real_address() - base_);
    const size_t size = GuardCompared();
    return (Equal(own_buffer_, layout_->guard_in_buffer, before_, live, size) &&
            Equal(scratch_buffer_, layout_->guard_in_buffer, during_, live, size)) ||
           Refuse("StackGuard does not follow in an archived thread");
  }

  // From the real limit to the one for JS.
  size_t GuardCompared() const {
    return static_cast<size_t>(limits_.js_address() - limits_.real_address()) + 8;
  }

  // What V8 would archive of the running thread, if the layout is right.
  bool Image(Bytes* image) {
    const Layout& layout = *layout_;
    const size_t top_at = layout.implementer_size;
    image->assign(layout.guard_in_buffer + GuardCompared(), 0);
    return layout.scopes_in_implementer < layout.implementer_size &&
           memory_.Read(layout.implementer, image->data(), layout.implementer_size) &&
           memory_.Read(layout.scopes, image->data() + layout.scopes_in_implementer,
                        layout.scopes_size()) &&
           memory_.Read(layout.top, image->data() + top_at, layout.top_size) &&
           memory_.Read(layout.relocatable, image->data() + top_at + layout.top_size, 8) &&
           memory_.Read(limits_.real_address(), image->data() + layout.guard_in_buffer,
                        GuardCompared());
  }

  // The oracle: V8 archives the running thread once more; the layout must have foretold every byte,
  // and where it is found.
  bool Prove() {
    if (!ProveStackStart()) return Refuse("the stack start is not where it was derived to be");
    Bytes image;
    if (!Image(&image)) return Refuse("the layout that was derived leads nowhere");
    Bytes archived;
    int owner = 0;
    int id_in_top = 0;
    scratch_.Make(isolate_, words_, scratch_id_, [&] {
      ThreadState own = ReadState(ReadState(layout_->in_use).next);
      if (own.id == own_id_) ReadObject(own.buffer, &archived, image.size());
      memory_.Read(layout_->owner, &owner);
      memory_.Read(layout_->top + layout_->thread_id_in_top, &id_in_top);
    });
    FreeScratch();
    if (ReadState(layout_->in_use).manager != manager_)
      return Refuse("the list of archived threads is not where it was derived to be");
    if (owner != scratch_id_) return Refuse("the lock's owner is not where it was derived to be");
    if (id_in_top != scratch_id_)
      return Refuse("the thread's id is not where it was derived to be");
    if (archived.size() != image.size())
      return Refuse("the running thread was not found among the archived ones");
    if (const auto wrong = FirstDifference(image, archived)) {
      return Refuse("V8 archives something else than the layout that was derived foretells (byte " +
                    std::to_string(*wrong) + ")");
    }
    return true;
  }

  bool ProveStackStart() {
    void* const own = words_.Read().stack_start;
    char mark;
    void* taken = nullptr;
    void* restored = nullptr;
    EnterWith(&mark);
    const bool read = memory_.Read(layout_->stack_start, &taken);
    EnterWith(own);
    return read && memory_.Read(layout_->stack_start, &restored) && taken == &mark &&
           restored == own;
  }

  static std::optional<size_t> FirstDifference(const Bytes& one, const Bytes& other) {
    for (size_t at = 0; at < one.size(); ++at) {
      if (one[at] != other[at]) return at;
    }
    return std::nullopt;
  }

  // GREENLETS_TEST_WRONG names one value to be wrong by one word: the proof has to find out.
  void SpoilForTest() {
    const char* const name = std::getenv("GREENLETS_TEST_WRONG");
    if (name == nullptr) return;
    const std::string wrong = name;
    if (wrong == "implementer") layout_->implementer += 8;
    if (wrong == "implementer_size") layout_->implementer_size += 8;
    if (wrong == "scopes_in_implementer") layout_->scopes_in_implementer += 8;
    if (wrong == "scopes") layout_->scopes += 8;
    if (wrong == "top") layout_->top += 8;
    if (wrong == "top_size") layout_->top_size -= 8;
    if (wrong == "thread_id_in_top") layout_->thread_id_in_top += 4;
    if (wrong == "relocatable") layout_->relocatable += 8;
    if (wrong == "guard_in_buffer") layout_->guard_in_buffer += 8;
    if (wrong == "owner") layout_->owner += 1;
    if (wrong == "stack_start") layout_->stack_start += 1;
    if (wrong == "in_use") {
      layout_->in_use =
          reinterpret_cast<ThreadState*>(reinterpret_cast<char*>(layout_->in_use) + 8);
    }
  }

  v8::Isolate* const isolate_;
  char* const base_;
  const IdentityWords& words_;
  const StackLimits& limits_;
  const int own_id_;
  const int scratch_id_;
  const std::function<void()>& settle_;
  Layout* const layout_;
  std::string* const reason_;
  ForeignMemory memory_;
  ArchivedThread scratch_;
  std::vector<uintptr_t> pointers_;  // of the isolate, sorted
  std::vector<Piece> pieces_;        // what they point to, sorted
  std::vector<Candidate> candidates_;
  Bytes before_;
  Bytes during_;
  Bytes own_buffer_;
  Bytes scratch_buffer_;
  char* manager_ = nullptr;
  ThreadState* scratch_state_ = nullptr;
};

}  // namespace

bool Layout::Derive(v8::Isolate* isolate, const IdentityWords& words, const StackLimits& limits,
                    int scratch_id, const std::function<void()>& settle, std::string* reason) {
  struct Task {
    std::function<bool()> derive;
    bool done = false;
  } task;
  task.derive = [&] {
    // An interrupt that another thread sets meanwhile (a finished compilation, a request for a
    // collection) looks like a layout that differs: try again.
    for (int attempt = 0; attempt < 8; ++attempt) {
      settle();
      if (Derivation(isolate, words, limits, scratch_id, settle, this, reason).Run()) return true;
    }
    return false;
  };
  *reason = "V8 would not call a native constructor";
  // In a constructor of V8's API: while it runs, its arguments are in the list of Relocatables.
  const v8::HandleScope handles(isolate);
  const auto context = isolate->GetCurrentContext();
  const auto constructor = v8::FunctionTemplate::New(
      isolate,
      [](const v8::FunctionCallbackInfo<v8::Value>& arguments) {
        auto* const task = reinterpret_cast<Task*>(
            static_cast<uintptr_t>(arguments.Data().As<v8::BigInt>()->Uint64Value()));
        task->done = task->derive();
      },
      v8::BigInt::NewFromUnsigned(isolate, reinterpret_cast<uintptr_t>(&task)));
  v8::Local<v8::Function> function;
  return constructor->GetFunction(context).ToLocal(&function) &&
         !function->NewInstance(context).IsEmpty() && task.done;
}

}  // namespace greenlets
