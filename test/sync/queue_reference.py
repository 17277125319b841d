"""Runs the programs of standard input with gevent's queues; prints the log of each. See test/fixtures/sync/queue_order/program.ts."""
import json
import sys

import gevent
from gevent.queue import Channel, Empty, Full, JoinableQueue, LifoQueue, PriorityQueue

gevent.get_hub().exception_stream = None

CLASSES = {'queue': JoinableQueue, 'lifo': LifoQueue, 'priority': PriorityQueue}


def run_program(program):
    log = []
    tasks = {}
    queues = {}

    def logged(what, call, *args, **kwargs):
        try:
            result = call(*args, **kwargs)
            log.append(what if result is None or result is True else '%s %s' % (what, result))
        except Empty:
            log.append('%s empty' % what)
        except Full:
            log.append('%s full' % what)
        except ValueError:
            log.append('%s too often' % what)

    def execute_all(own, steps):
        for step in steps:
            execute(own, *step)

    def execute(own, kind, *args):
        queue = queues.get(args[0]) if isinstance(args[0], str) else None
        if kind == 'log':
            log.append('%s: %s' % (own, args[0]))
        elif kind == 'sleep':
            gevent.sleep(args[0] / 1000)
        elif kind == 'spawn':
            tasks[args[0]] = gevent.spawn(execute_all, args[0], args[1])
        elif kind == 'join':
            tasks[args[0]].join()
        elif kind == 'kill':
            if args[0] in tasks:
                tasks[args[0]].kill(block=False)
        elif kind == 'new':
            name, cls, maxsize, items = args
            queues[name] = Channel() if cls == 'channel' else CLASSES[cls](maxsize or None, items)
        elif kind == 'put':
            log.append('%s puts %s' % (own, args[1]))
            logged('put %s %s' % (own, args[1]), queue.put, args[1])
        elif kind == 'putFor':
            logged('put %s %s' % (own, args[1]), queue.put, args[1], timeout=args[2] / 1000)
        elif kind == 'putNow':
            logged('put %s %s' % (own, args[1]), queue.put, args[1], block=False)
        elif kind == 'get':
            log.append('%s gets' % own)
            logged('get %s' % own, queue.get)
        elif kind == 'getFor':
            logged('get %s' % own, queue.get, timeout=args[1] / 1000)
        elif kind == 'getNow':
            logged('get %s' % own, queue.get, block=False)
        elif kind == 'peek':
            logged('peek %s' % own, queue.peek)
        elif kind == 'peekNow':
            logged('peek %s' % own, queue.peek, block=False)
        elif kind == 'size':
            log.append('size %s %s %s' % (queue.qsize(), 'empty' if queue.empty() else '', 'full' if queue.full() else ''))
        elif kind == 'balance':
            log.append('balance %s' % queue.balance)
        elif kind == 'work':
            for item in queue:
                if item == -1:
                    break
                log.append('%s works %s' % (own, item))
        elif kind == 'taskDone':
            logged('done', queue.task_done)
        elif kind == 'joinQueue':
            logged('join %s' % own, queue.join)
        elif kind == 'finally':
            try:
                execute_all(own, args[0])
            finally:
                execute_all(own, args[1])
        elif kind == 'repeat':
            for _ in range(args[0]):
                execute_all(own, args[1])
        else:
            raise NotImplementedError(kind)

    def main():
        task = gevent.spawn(execute_all, 'main', program)
        # Time for all of it; who is left then is no part of the program any more.
        for _ in range(40):
            gevent.sleep(0)
        if 'For' in json.dumps(program):
            gevent.sleep(0.15)
        result.extend(log)
        gevent.killall(list(tasks.values()) + [task])

    result = []
    gevent.spawn(main).join()
    return result


print(json.dumps([run_program(program) for program in json.load(sys.stdin)]))
