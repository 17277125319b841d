# The addon: one binary for each Node ABI. `npm run build:native` builds it in build/<target>, by a binding.gyp there that
# includes this one; hence project_root, the way from the folder that gyp runs in to this one.
{
  'variables': {
    'project_root%': '.',
    'sanitize%': '',
  },
  'targets': [
    {
      'target_name': 'greenlets',
      'sources': [
        '<!@(node <(project_root)/scripts/native_sources.mjs)',
      ],
      'defines': [
        'NAPI_VERSION=9',
        'NAPI_DISABLE_CPP_EXCEPTIONS',
        'NODE_ADDON_API_DISABLE_DEPRECATED',
      ],
      'include_dirs': [
        '<(project_root)',
        '<!(node -p "path.resolve(require(\'node-addon-api\').include_dir)")',
      ],
      # Node's own flags differ with its version: these are the same for all.
      'cflags!': ['-O3'],
      'cflags_cc!': ['-std=gnu++17', '-fexceptions', '-frtti'],
      'cflags': [
        '-Wall',
        '-Wextra',
        '-fvisibility=hidden',
        '-fno-plt',
      ],
      'cflags_cc': [
        '-std=gnu++20',
        '-fno-exceptions',
        '-fno-rtti',
        '-fvisibility-inlines-hidden',
      ],
      'ldflags': [
        # Parked stacks return into this code: a worker that ends must not unmap it.
        '-Wl,-z,nodelete',
        '-Wl,-z,relro,-z,now',
        '-Wl,-z,noexecstack',
      ],
      'conditions': [
        ['sanitize == ""', {
          'cflags': ['-O2', '-g1'],
          'cflags_cc': ['-include', '<(project_root)/native/glibc_floor.h'],
        }, {
          # A sanitizer has functions of its own in the place of the C library's, and none of these builds leaves this machine.
          'sources!': ['<(project_root)/native/glibc_floor.cc'],
        }],
        # For scripts/coverage.mjs. Workers count too.
        ['sanitize == "coverage"', {
          'cflags': ['-O0', '-g', '--coverage', '-fprofile-update=atomic'],
          'ldflags': ['--coverage'],
        }],
        ['sanitize != "" and sanitize != "coverage"', {
          'cflags': ['-O1', '-g', '-fsanitize=<(sanitize)', '-fno-omit-frame-pointer'],
          'ldflags': ['-fsanitize=<(sanitize)'],
        }],
      ],
    },
  ],
}
