// The addon's own copies of what the headers of a new C++ library or glibc refer to and an old one
// does not have. libstdc++ itself stays the process's own: memory that V8 allocates is freed here,
// so that operator new and delete must be the same. Includes no header, so that these are not
// declared to come from elsewhere.

#define GREENLETS_HIDDEN __attribute__((visibility("hidden")))

// GLIBC_2.32: lets reference counts do without atomic instructions as long as there is one thread.
// Node has several.
extern "C" {
GREENLETS_HIDDEN extern const char __libc_single_threaded;
const char __libc_single_threaded = 0;
}

namespace std {

// GLIBCXX_3.4.29: throws, which without exceptions is the end of the process. An array of that size
// is asked for by a bug only.
[[noreturn]] GREENLETS_HIDDEN void __throw_bad_array_new_length();
[[noreturn]] void __throw_bad_array_new_length() { __builtin_abort(); }

}  // namespace std
