"""Runs the scheduling programs of standard input with gevent; prints the log of each. See test/fixtures/hub/order/program.ts."""
import json
import sys

import gevent

# The errors of greenlets are part of the programs.
gevent.get_hub().exception_stream = None


class Return(Exception):
    pass


def run_program(program):
    log = []
    tasks = {}
    names = {}

    def keep(name, task):
        tasks[name] = task
        names[task] = name

    def get(name):
        if name not in tasks:
            raise ValueError('no %s' % name)
        return tasks[name]

    def get_all(list_of_names):
        return [get(name) for name in list_of_names]

    def body(steps):
        try:
            execute_all(steps)
        except Return as result:
            return result.args[0]
        return 'nothing'

    def execute_all(steps):
        for step in steps:
            execute(*step)

    def execute(kind, *args):
        if kind == 'log':
            log.append(args[0])
        elif kind == 'sleep':
            gevent.sleep(args[0] / 1000)
        elif kind == 'spawn':
            keep(args[0], gevent.spawn(body, args[1]))
        elif kind == 'spawnLater':
            keep(args[0], gevent.spawn_later(args[1] / 1000, body, args[2]))
        elif kind == 'join':
            get(args[0]).join()
        elif kind == 'joinFor':
            get(args[0]).join(args[1] / 1000)
            log.append('%s %s' % (args[0], 'ended' if get(args[0]).ready() else 'has not ended'))
        elif kind == 'get':
            value = get(args[0]).get()
            log.append('got %s' % ('an exit' if isinstance(value, gevent.GreenletExit) else value))
        elif kind == 'kill':
            get(args[0]).kill()
        elif kind == 'killLater':
            get(args[0]).kill(block=False)
        elif kind == 'joinAll':
            for task in gevent.joinall(get_all(args[0])):
                log.append('joined %s' % names[task])
        elif kind == 'killAll':
            gevent.killall(get_all(args[0]))
        elif kind == 'killAllLater':
            gevent.killall(get_all(args[0]), block=False)
        elif kind == 'iterateReady':
            for task in gevent.iwait(get_all(args[0])):
                log.append('ready %s' % names[task])
        elif kind == 'waitAny':
            for task in gevent.wait(get_all(args[0]), count=args[1]):
                log.append('ready %s' % names[task])
        elif kind == 'link':
            get(args[0]).link(lambda _: execute_all(args[1]))
        elif kind == 'linkValue':
            get(args[0]).link_value(lambda _: execute_all(args[1]))
        elif kind == 'linkError':
            get(args[0]).link_exception(lambda _: execute_all(args[1]))
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
        elif kind == 'throw':
            raise ValueError(args[0])
        elif kind == 'return':
            raise Return(args[0])
        elif kind == 'try':
            try:
                execute_all(args[0])
            except ValueError as error:
                log.append('caught %s' % error)
        elif kind == 'survive':
            try:
                execute_all(args[0])
            except gevent.GreenletExit:
                log.append('survived')
        elif kind == 'finally':
            try:
                execute_all(args[0])
            finally:
                execute_all(args[1])
        elif kind == 'repeat':
            for _ in range(args[0]):
                execute_all(args[1])
        elif kind == 'state':
            task = get(args[0])
            log.append('%s %s' % (args[0], ('ended well' if task.successful() else 'failed') if task.ready() else 'goes on'))
        else:
            raise NotImplementedError(kind)

    def main():
        try:
            body(program)
        except Exception as error:
            log.append('main ends: %s' % error)
        # Time for the others; who is left then is no part of the program any more.
        for _ in range(40):
            gevent.sleep(0)
        result.extend(log)
        gevent.killall(list(tasks.values()))

    result = []
    gevent.spawn(main).join()
    return result


print(json.dumps([run_program(program) for program in json.load(sys.stdin)]))
