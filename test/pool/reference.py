"""Runs the programs of standard input with gevent; prints the log of each. See test/fixtures/pool/order/program.ts."""
import json
import sys

import gevent
from gevent.pool import Group, Pool

# The errors of greenlets are part of the programs.
gevent.get_hub().exception_stream = None


def run_program(program):
    log = []
    tasks = {}
    groups = {}

    def job(item):
        name, turns = item[0], item[1]
        log.append('%s begins' % name)
        for _ in range(turns):
            gevent.sleep(0)
        log.append('%s ends' % name)
        if len(item) > 2 and item[2]:
            raise ValueError('error of %s' % name)
        return name

    def execute_all(steps):
        for step in steps:
            execute(*step)

    def execute(kind, *args):
        if kind == 'log':
            log.append(args[0])
        elif kind == 'turns':
            for _ in range(args[0]):
                gevent.sleep(0)
        elif kind == 'sleep':
            gevent.sleep(args[0] / 1000)
        elif kind == 'group':
            groups[args[0]] = Group()
        elif kind == 'pool':
            groups[args[0]] = Pool(args[1])
        elif kind == 'spawn':
            tasks[args[0]] = gevent.spawn(execute_all, args[1])
        elif kind == 'spawnIn':
            tasks[args[1]] = groups[args[0]].spawn(execute_all, args[2])
        elif kind == 'join':
            tasks[args[0]].join()
        elif kind == 'kill':
            tasks[args[0]].kill()
        elif kind == 'killLater':
            tasks[args[0]].kill(block=False)
        elif kind == 'state':
            group = groups[args[0]]
            bounded = getattr(group, 'size', None) is not None
            free = group.free_count() if bounded else 'any'
            log.append('%s: %s members, %s free, %s' % (args[0], len(group), free, 'full' if group.full() else 'not full'))
        elif kind == 'apply':
            log.append('applied %s' % groups[args[0]].apply(job, (args[1],)))
        elif kind == 'applyAsync':
            tasks[args[1]] = groups[args[0]].apply_async(job, (args[2],))
        elif kind == 'map':
            log.append('mapped %s' % ','.join(groups[args[0]].map(job, args[1])))
        elif kind == 'mapAsync':
            tasks[args[1]] = groups[args[0]].map_async(job, args[2])
        elif kind == 'get':
            value = tasks[args[0]].get()
            if isinstance(value, gevent.GreenletExit):
                value = 'an exit'
            log.append('got %s' % (','.join(value) if isinstance(value, list) else value))
        elif kind in ('imap', 'imapUnordered'):
            method = groups[args[0]].imap if kind == 'imap' else groups[args[0]].imap_unordered
            for result in method(job, args[1], maxsize=args[2]):
                log.append('result %s' % result)
            log.append('no more results')
        elif kind == 'joinAll':
            groups[args[0]].join()
        elif kind == 'joinRaise':
            groups[args[0]].join(raise_error=True)
        elif kind == 'killAll':
            groups[args[0]].kill()
        elif kind == 'killAllLater':
            groups[args[0]].kill(block=False)
        elif kind == 'killOne':
            groups[args[0]].killone(tasks[args[1]])
        elif kind == 'discard':
            groups[args[0]].discard(tasks[args[1]])
        elif kind == 'add':
            groups[args[0]].add(tasks[args[1]])
        elif kind == 'waitAvailable':
            groups[args[0]].wait_available()
            log.append('available')
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
        elif kind == 'throw':
            raise ValueError(args[0])
        else:
            raise NotImplementedError(kind)

    def main():
        try:
            execute_all(program)
        except Exception as error:
            log.append('main ends: %s' % error)
        # Time for the others; who is left then is no part of the program any more.
        for _ in range(60):
            gevent.sleep(0)
        result.extend(log)
        gevent.killall(list(tasks.values()))
        for group in groups.values():
            group.kill()

    result = []
    gevent.spawn(main).join()
    return result


print(json.dumps([run_program(program) for program in json.load(sys.stdin)]))
