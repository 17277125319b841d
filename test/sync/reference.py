"""Runs the programs of standard input with gevent; prints the log of each. See test/fixtures/sync/order/program.ts.

A program is marked as `differs` when somebody uses a primitive while gevent is telling those who wait for it: between the call that makes
it ready and the end of the callback that tells them. There, the two differ on purpose (docs/primitives.md)."""
import json
import re
import sys

import gevent
from gevent.event import AsyncResult, Event
from gevent.lock import BoundedSemaphore, RLock, Semaphore

# The errors of greenlets are part of the programs.
gevent.get_hub().exception_stream = None


class Watched:
    """Knows whether those who wait for it are being told, or are about to be."""
    is_telling = False

    def _notify_links(self, arrived_while_waiting):
        self.is_telling = True
        super()._notify_links(arrived_while_waiting)
        self.is_telling = False

    def look(self):
        if self.ready() and self.linkcount() > 0:
            self.is_telling = True


class WatchedEvent(Watched, Event):
    pass


class WatchedResult(Watched, AsyncResult):
    pass


class WatchedSemaphore(Watched, Semaphore):
    pass


class WatchedBoundedSemaphore(Watched, BoundedSemaphore):
    pass


def make_lock():
    lock = RLock()
    lock._block = WatchedSemaphore(1)
    return lock


def make(name):
    kind, value = re.match(r'([a-z]+)(\d*)', name).groups()
    return {
        'event': WatchedEvent,
        'result': WatchedResult,
        'semaphore': lambda: WatchedSemaphore(int(value)),
        'bounded': lambda: WatchedBoundedSemaphore(int(value)),
        'lock': make_lock,
    }[kind]()


def run_program(program):
    log = []
    tasks = {}
    primitives = {}
    differs = []

    def primitive(name):
        if name not in primitives:
            primitives[name] = make(name)
        return primitives[name]

    def linkable(name):
        """What of it can be linked, waited for and asked."""
        return primitive(name)._block if isinstance(primitive(name), RLock) else primitive(name)

    def task(name):
        if name not in tasks:
            raise ValueError('no %s' % name)
        return tasks[name]

    def use(name):
        if linkable(name).is_telling:
            differs.append(name)

    def execute_all(steps):
        for step in steps:
            execute(*step)

    def execute(kind, *args):
        if kind == 'log':
            log.append(args[0])
        elif kind == 'turn':
            gevent.sleep(0)
        elif kind == 'sleep':
            gevent.sleep(args[0] / 1000)
        elif kind == 'spawn':
            tasks[args[0]] = gevent.spawn(execute_all, args[1])
        elif kind == 'join':
            task(args[0]).join()
        elif kind == 'kill':
            task(args[0]).kill(block=False)
        elif kind == 'try':
            try:
                execute_all(args[0])
            except ValueError as error:
                log.append('caught %s' % error)
        elif kind == 'finally':
            try:
                execute_all(args[0])
            finally:
                execute_all(args[1])
        elif kind == 'timeout':
            timeout = gevent.Timeout.start_new(args[0] / 1000)
            try:
                execute_all(args[1])
            except gevent.Timeout as error:
                if error is not timeout:
                    raise
                log.append('timed out')
            finally:
                timeout.close()
        elif kind == 'waitAny':
            names = {linkable(name): name for name in args[0]}
            for ready in gevent.wait(list(names), count=args[1]):
                log.append('ready %s' % names[ready])
        else:
            if kind not in ('set', 'clear', 'get') and not (kind == 'state' and args[0].startswith(('event', 'result'))):
                use(args[0])
            execute_on(kind, *args)
            linkable(args[0]).look()

    def execute_on(kind, name, *args):
        if kind == 'rawlink':
            linkable(name).rawlink(lambda _: log.append(args[0]))
        elif kind == 'state':
            log.append('%s %s' % (name, 'ready' if linkable(name).ready() else 'not ready'))
        elif kind == 'set':
            primitive(name).set()
        elif kind == 'clear':
            primitive(name).clear()
        elif kind == 'wait':
            linkable(name).wait()
        elif kind == 'waitFor':
            came = linkable(name).wait(args[0] / 1000)
            if isinstance(primitive(name), AsyncResult):
                came = primitive(name).ready()
            log.append('%s %s' % (name, 'came' if came else 'did not come'))
        elif kind == 'setResult':
            if not primitive(name).ready():
                primitive(name).set(args[0])
        elif kind == 'setError':
            if not primitive(name).ready():
                primitive(name).set_exception(ValueError(args[0]))
        elif kind == 'get':
            log.append('got %s' % primitive(name).get())
        elif kind == 'acquire':
            primitive(name).acquire()
        elif kind == 'acquireNow':
            log.append('%s %s' % (name, 'acquired' if primitive(name).acquire(blocking=False) else 'locked'))
        elif kind == 'acquireFor':
            log.append('%s %s' % (name, 'acquired' if primitive(name).acquire(timeout=args[0] / 1000) else 'locked'))
        elif kind == 'release':
            try:
                primitive(name).release()
            except (ValueError, RuntimeError):
                log.append('%s refused' % name)
        else:
            raise NotImplementedError(kind)

    tasks['main'] = gevent.spawn(execute_all, program)
    if re.search(r'\["(sleep|timeout|waitFor|acquireFor)"', json.dumps(program)):
        for _ in range(1000):
            if all(task.ready() for task in tasks.values()):
                break
            gevent.sleep(0.005)
    for _ in range(60):
        gevent.sleep(0)
    result = {'log': list(log), 'differs': len(differs) > 0}
    gevent.killall(list(tasks.values()))
    return result


print(json.dumps([run_program(program) for program in json.load(sys.stdin)]))
