// Reads memory that may not be there. What V8 keeps privately is looked for by following words that
// look like pointers; following a wrong one must not be a crash.
#ifndef GREENLETS_NATIVE_ENGINE_FOREIGN_MEMORY_H_
#define GREENLETS_NATIVE_ENGINE_FOREIGN_MEMORY_H_

#include <cstddef>
#include <cstdint>

namespace greenlets {

class ForeignMemory {
 public:
  ForeignMemory() = default;
  ~ForeignMemory();
  ForeignMemory(const ForeignMemory&) = delete;
  ForeignMemory& operator=(const ForeignMemory&) = delete;

  // Copies `size` bytes; false, with `to` unspecified, where some of them cannot be read.
  bool Read(const void* from, void* to, size_t size);

  template <typename T>
  bool Read(const void* from, T* to) {
    return Read(from, to, sizeof(T));
  }

  // Whether a word may be a pointer to an aligned object, by its value alone: spares most of the
  // reads.
  static bool MayPoint(uintptr_t word) {
    return word >= 0x10000 && word < (uintptr_t{1} << 56) && word % 8 == 0;
  }

 private:
  int memory_file_ = -1;
};

}  // namespace greenlets

#endif  // GREENLETS_NATIVE_ENGINE_FOREIGN_MEMORY_H_
