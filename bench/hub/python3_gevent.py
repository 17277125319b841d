# What greenlet.ts does, with gevent.
import gevent
import gevent.event


def giveWay(tasks):
    gate = gevent.event.Event()
    everybody = gevent.event.Event()
    at_gate = left = answered = 0

    def take_turns():
        nonlocal at_gate, left, answered
        while True:
            at_gate += 1
            if at_gate == tasks:
                everybody.set()
            gate.wait()
            while left > 0:
                left -= 1
                gevent.sleep(0)
                answered += 1

    for _ in range(tasks):
        gevent.spawn(take_turns)
    everybody.wait()

    def run(operations):
        nonlocal gate, at_gate, left, answered
        opened = gate
        gate = gevent.event.Event()
        everybody.clear()
        at_gate = answered = 0
        left = operations
        opened.set()
        everybody.wait()
        return answered

    return at_gate, run, tasks * 50


def spawnAndJoin(at_once):
    answered = 0

    def nothing():
        nonlocal answered
        answered += 1

    def run(operations):
        nonlocal answered
        answered = 0
        for _ in range(0, operations, at_once):
            if at_once == 1:
                gevent.spawn(nothing).join()
            else:
                gevent.joinall([gevent.spawn(nothing) for _ in range(at_once)])
        return answered

    return at_once, run, at_once


def spawnAndJoinUntraced(at_once):
    """Without a stack trace of where each greenlet was spawned."""
    gevent.config.track_greenlet_tree = False
    return spawnAndJoin(at_once)
