# What greenlet.ts does, with gevent.
import gevent
from gevent.event import AsyncResult, Event
from gevent.lock import Semaphore
from gevent.pool import Pool
from gevent.queue import Channel, Queue


def transfer(maxsize):
    queue = Queue(maxsize)

    def run(operations):
        def put():
            for _ in range(operations):
                queue.put(1)

        gevent.spawn(put)
        answered = 0
        for _ in range(operations):
            answered += queue.get()
        return answered

    return queue.maxsize, run


def wakeAll(tasks):
    event = Event()
    everybody = Event()
    waiting = answered = 0

    def wait_again_and_again():
        nonlocal waiting, answered
        while True:
            waiting += 1
            if waiting == tasks:
                everybody.set()
            event.wait()
            answered += 1

    for _ in range(tasks):
        gevent.spawn(wait_again_and_again)
    everybody.wait()

    def run(operations):
        nonlocal event, everybody, waiting, answered
        answered = 0
        for _ in range(0, operations, tasks):
            occurred = event
            event = Event()
            everybody = Event()
            waiting = 0
            occurred.set()
            everybody.wait()
        return answered

    return waiting, run, tasks


def acquireAndRelease(value):
    semaphore = Semaphore(value)

    def run(operations):
        answered = 0
        for _ in range(operations):
            semaphore.acquire()
            answered += 1
            semaphore.release()
        return answered

    return semaphore.counter, run


def contend(tasks):
    semaphore = Semaphore(1)

    def run(operations):
        answered = 0

        def hold():
            nonlocal answered
            for _ in range(operations // tasks):
                semaphore.acquire()
                gevent.sleep(0)
                answered += 1
                semaphore.release()

        gevent.joinall([gevent.spawn(hold) for _ in range(tasks)])
        return answered

    return tasks, run, tasks * 10


def rendezvous(parameter):
    channel = Channel()

    def run(operations):
        def put():
            for _ in range(operations):
                channel.put(1)

        gevent.spawn(put)
        answered = 0
        for _ in range(operations):
            answered += channel.get()
        return answered

    return parameter, run


def askAndAnswer(parameter):
    def run(operations):
        question = AsyncResult()
        answer = AsyncResult()

        def far():
            nonlocal question
            for _ in range(operations):
                value = question.get()
                question = AsyncResult()
                answer.set(value)

        gevent.spawn(far)
        answered = 0
        for _ in range(operations):
            question.set(1)
            answered += answer.get()
            answer = AsyncResult()
        return answered

    return parameter, run


def mapTrivial(jobs):
    pool = Pool(10)
    items = [1] * jobs

    def run(operations):
        return sum(sum(pool.map(lambda value: value, items)) for _ in range(0, operations, jobs))

    return len(items), run, jobs


def mapWaiting(jobs):
    pool = Pool(1000)
    items = [1] * jobs

    def job(value):
        gevent.sleep(0.001)
        return value

    def run(operations):
        return sum(sum(pool.map(job, items)) for _ in range(0, operations, jobs))

    return len(items), run, jobs
