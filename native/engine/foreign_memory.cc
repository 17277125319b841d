#include "foreign_memory.h"

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

namespace greenlets {

ForeignMemory::~ForeignMemory() {
  // Not covered: a kernel without process_vm_readv(), such as qemu-user (npm run test:arm64).
  if (memory_file_ >= 0) close(memory_file_);
}

bool ForeignMemory::Read(const void* from, void* to, size_t size) {
  if (memory_file_ < 0) {
    const iovec local{to, size};
    const iovec remote{const_cast<void*>(from), size};
    const ssize_t count = process_vm_readv(getpid(), &local, 1, &remote, 1, 0);
    if (count == static_cast<ssize_t>(size)) return true;
    // A kernel or a sandbox without the call (qemu-user, some seccomp filters) has the file.
    int probe = 0;
    const iovec local_probe{&probe, sizeof(probe)};
    const iovec remote_probe{&probe, sizeof(probe)};
    if (process_vm_readv(getpid(), &local_probe, 1, &remote_probe, 1, 0) == sizeof(probe))
      return false;
    // Not covered: such a kernel (npm run test:arm64 runs on one).
    memory_file_ = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
    if (memory_file_ < 0) return false;
  }
  return pread64(memory_file_, to, size, static_cast<off64_t>(reinterpret_cast<uintptr_t>(from))) ==
         static_cast<ssize_t>(size);
}

}  // namespace greenlets
