"""Prints the public names of gevent's modules, as JSON: those that each says are public, of the twins only what is gevent's own."""
import importlib
import json

MODULES = '''gevent gevent.event gevent.lock gevent.queue gevent.pool gevent.local gevent.threadpool gevent.timeout gevent.hub gevent.greenlet
    gevent.exceptions gevent.subprocess gevent.os gevent.signal gevent.fileobject gevent.server gevent.baseserver gevent.pywsgi gevent.backdoor
    gevent.monkey gevent.util gevent.events gevent.select gevent.selectors gevent.time gevent.thread gevent.threading gevent.contextvars
    gevent.core gevent.ares gevent.socket gevent.ssl'''.split()

names = set()
for name in MODULES:
    module = importlib.import_module(name)
    own = getattr(module, '__implements__', [])
    public = getattr(module, '__all__', None) or own
    # The rest is Python's own, handed on.
    names.update(own if len(public) > 70 else public)
print(json.dumps(sorted(name for name in names if not name.startswith('_'))))
