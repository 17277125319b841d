# One parked greenlet of Python.
import greenlet

main = greenlet.getcurrent()


def park():
    one = greenlet.greenlet(main.switch)
    one.switch()
    return one


def finish(parked):
    return parked.switch(True) is True and parked.dead
