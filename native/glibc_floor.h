// Included before every source file: binds the addon to the oldest version of what glibc has
// several versions of, so that it loads wherever Node's own builds do (glibc 2.28), and not only
// where it was built. What needs no version at all is in glibc_floor.cc. `node
// scripts/check_binaries.mjs` compares what the addon needs with what Node needs.
#ifndef GREENLETS_NATIVE_GLIBC_FLOOR_H_
#define GREENLETS_NATIVE_GLIBC_FLOOR_H_

#if defined(__x86_64__)
#define GREENLETS_OLDEST_GLIBC "GLIBC_2.2.5"
#elif defined(__aarch64__)
#define GREENLETS_OLDEST_GLIBC "GLIBC_2.17"
#endif

// glibc 2.34 moved these from libdl and libpthread into libc, under a new version. Node loads all
// three.
__asm__(".symver dlsym, dlsym@" GREENLETS_OLDEST_GLIBC);
__asm__(".symver pthread_create, pthread_create@" GREENLETS_OLDEST_GLIBC);
__asm__(".symver pthread_join, pthread_join@" GREENLETS_OLDEST_GLIBC);

#endif  // GREENLETS_NATIVE_GLIBC_FLOOR_H_
