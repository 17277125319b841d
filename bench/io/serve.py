# What serve.ts does, for contenders in Python.
import importlib.util
import json
import os
import sys
import threading

import gevent


def end_with_input():
    sys.stdin.buffer.read()
    os._exit(0)


threading.Thread(target=end_with_input, daemon=True).start()
file, name = sys.argv[1:]
spec = importlib.util.spec_from_file_location('contender', file)
contender = importlib.util.module_from_spec(spec)
spec.loader.exec_module(contender)
print(json.dumps({'port': getattr(contender, name)()}), flush=True)
gevent.wait()
