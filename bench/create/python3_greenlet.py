# Create, run and finish: a greenlet of Python that does nothing but return.
import greenlet


def createRunFinish(parameter):
    def run(operations):
        answered = 0
        for _ in range(operations):
            answered += greenlet.greenlet(lambda: 1).switch()
        return answered

    return parameter, run
