// Runs the native unit tests. Arguments: [--emulated] [part of the names of the tests to run]
#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <initializer_list>

#include "test.h"

namespace greenlets::test {

namespace {

constexpr unsigned kTimeoutSeconds = 120;

// How the process of a test ends when all is not well.
constexpr int kFailed = 1;
constexpr int kUnobservable = 2;

Test* first_test = nullptr;
Test** last_link = &first_test;
bool emulated = false;

// Of the running child process.
int failed_checks = 0;
bool unobservable = false;

// Runs body() in a child process and returns how that ended, as wait() tells it.
template <typename Body>
int StatusOfChild(Body body) {
  fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    failed_checks = 0;
    alarm(kTimeoutSeconds);
    body();
    exit(failed_checks > 0 ? kFailed : unobservable ? kUnobservable : 0);
  }
  int status = 0;
  if (child == -1 || waitpid(child, &status, 0) != child) {
    printf("  no child process: %s\n", strerror(errno));
    exit(kFailed);
  }
  return status;
}

int RunTests(const char* part) {
  int passed = 0;
  int failed = 0;
  int not_observed = 0;
  for (Test* test = first_test; test != nullptr; test = test->next) {
    if (strstr(test->fact, part) == nullptr) continue;
    const int status = StatusOfChild(test->body);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
      passed++;
    } else if (WIFEXITED(status) && WEXITSTATUS(status) == kUnobservable) {
      not_observed++;
      printf("---- %s\n", test->fact);
    } else {
      failed++;
      if (WIFSIGNALED(status)) printf("  killed: %s\n", strsignal(WTERMSIG(status)));
      printf("FAIL %s\n", test->fact);
    }
  }
  printf("%d passed, %d failed", passed, failed);
  if (not_observed > 0) printf(", %d not observable here", not_observed);
  printf("\n");
  return failed == 0 && passed > 0 ? 0 : 1;
}

}  // namespace

Test::Test(const char* fact, void (*body)()) : fact(fact), body(body), next(nullptr) {
  *last_link = this;
  last_link = &next;
}

void Check(bool holds, const char* condition, const char* file, int line) {
  if (holds) return;
  failed_checks++;
  printf("  %s:%d: false: %s\n", file, line, condition);
}

void Unobservable(const char* reason) {
  unobservable = true;
  printf("  cannot be observed: %s\n", reason);
}

bool Emulated() { return emulated; }

int SignalThatKills(void (*body)(void* argument), void* argument) {
  const int status = StatusOfChild([=] {
    for (const int number : {SIGSEGV, SIGBUS, SIGILL, SIGTRAP}) signal(number, SIG_DFL);
    close(STDERR_FILENO);  // qemu-user reports there what is no news here
    body(argument);
  });
  return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

}  // namespace greenlets::test

int main(int argc, char** argv) {
  setvbuf(stdout, nullptr, _IOLBF, 0);  // a test that crashes shall have said what it saw
  const rlimit no_core_files = {0, 0};
  setrlimit(RLIMIT_CORE, &no_core_files);
  const char* part = "";
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "--emulated") == 0) {
      greenlets::test::emulated = true;
    } else {
      part = argv[i];
    }
  }
  return greenlets::test::RunTests(part);
}
