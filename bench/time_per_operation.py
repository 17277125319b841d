# A measuring program: what time_per_operation.ts does, for contenders in Python.
import importlib.util
import json
import math
import statistics
import sys
import time

file, name, parameter, batch_milliseconds, batches = sys.argv[1:]
spec = importlib.util.spec_from_file_location('contender', file)
contender = importlib.util.module_from_spec(spec)
spec.loader.exec_module(contender)
reached, run, *rest = getattr(contender, name)(int(parameter))
together = rest[0] if rest else 1
if reached != int(parameter):
    raise RuntimeError(f'asked for {parameter}, but found at {reached}')


def nanoseconds_for(operations):
    started = time.perf_counter_ns()
    answered = run(operations)
    took = time.perf_counter_ns() - started
    if answered != operations:
        raise RuntimeError(f'{operations} operations, but {answered} answers')
    return took


batch = float(batch_milliseconds) * 1e6
operations = together
per_operation = 0.0
spent = 0
while spent < 15 * batch:
    took = nanoseconds_for(operations)
    spent += took
    per_operation = took / operations
    if took < batch:
        operations *= 2

operations = math.ceil(batch / per_operation / together) * together
times = [nanoseconds_for(operations) / operations for _ in range(int(batches))]
print(json.dumps({'value': statistics.median(times)}))
