# A measuring program: what measure.ts does, for contenders in Python.
import gc
import importlib.util
import json
import os
import re
import sys

IN_ADVANCE = 100
SPARED = 1.5 * 2**30

file, wanted = sys.argv[1:]
count = int(wanted)
spec = importlib.util.spec_from_file_location('contender', file)
contender = importlib.util.module_from_spec(spec)
spec.loader.exec_module(contender)


def read(path):
    with open(path, encoding='utf8') as opened:
        return opened.read()


def kilobytes(name, text):
    return int(re.search(rf'^{name}:\s*(\d+) kB', text, re.MULTILINE)[1]) * 1024


def read_memory():
    gc.collect()
    resident = malloc = 0
    in_heap = False
    for line in read('/proc/self/smaps').split('\n'):
        if re.match(r'[\da-f]+-', line):
            in_heap = line.endswith('[heap]')
        elif line.startswith('Rss:'):
            size = kilobytes('Rss', line)
            resident += size
            if in_heap:
                malloc += size
    return {'resident': resident, 'malloc': malloc, 'pageTables': kilobytes('VmPTE', read('/proc/self/status'))}


def show(answer):
    print(json.dumps(answer), flush=True)


def end(answer):
    show(answer)
    os._exit(0)


parked = [contender.park() for _ in range(IN_ADVANCE)]
before = read_memory()
for i in range(1, count + 1):
    try:
        parked.append(contender.park())
    except MemoryError as error:
        end({'died': repr(error), 'reached': i - 1})
    if i % 100 == 0:
        show({'reached': i})
    if i % 10_000 == 0 and kilobytes('MemAvailable', read('/proc/meminfo')) < SPARED:
        end({'died': 'the machine has no more memory', 'reached': i})
after = read_memory()

each = {key: (after[key] - before[key]) / count for key in after}
for one in (parked[0], parked[len(parked) // 2], parked[-1]):
    if not contender.finish(one):
        raise RuntimeError('one that should be parked is not')
end({
    'value': each['resident'],
    'parts': {
        'malloc': each['malloc'],
        'rest': each['resident'] - each['malloc'],
        'pageTables': each['pageTables'],
    },
})
