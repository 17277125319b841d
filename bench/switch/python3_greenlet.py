# Round trip: what greenlet.ts does, with Python's greenlet.
import functools
import sys

import greenlet

main = greenlet.getcurrent()
sys.setrecursionlimit(10_000)


def below_calls(count, bottom, calls=0):
    if calls == count:
        bottom(calls)
    else:
        below_calls(count, bottom, calls + 1)


def below_native_calls(count, bottom, calls=0):
    """Below callbacks of functions written in C: each has frames on the C stack, as a call of a Python function has not."""

    def callback(*_):
        below_native_calls(count, bottom, calls + 1)
        return 0

    if calls == count:
        bottom(calls)
    elif calls % 3 == 0:
        list(map(callback, [0]))
    elif calls % 3 == 1:
        sorted([0], key=callback)
    else:
        functools.reduce(callback, [0, 1])


def answer(calls):
    i = main.switch(calls)
    while True:
        main.switch(i)
        i += 1


def prepare(descend, depth):
    far = greenlet.greenlet(lambda: descend(depth, answer))
    parameter = far.switch()
    last = far.switch(0)

    def run(operations):
        nonlocal last
        first = last
        for _ in range(operations):
            last = far.switch()
        return last - first

    return parameter, run


def roundTrip(depth):
    return prepare(below_calls, depth)


def roundTripBelowNative(depth):
    return prepare(below_native_calls, depth)
