"""Runs the programs of the differential test with Python's own greenlet: what it prints is what is right.

Usage: reference.py <file of programs> <file of traces>, one line of JSON a program in both. The twin of this file is
test/fixtures/differential/subject.ts; the two must record the same words at the same places.

What Python's greenlet (2.0.2 and 3.5.3 were compared, their traces are equal) does beyond the text of its manual:

- throw(GreenletExit) on a dead greenlet is a switch to its first living ancestor that carries the instance; with the
  current greenlet as that ancestor it comes back at once. Both leave a 'switch' event.
- throw on an unstarted greenlet: event 'throw' into it, then 'throw' (an error) or 'switch' (GreenletExit) out of it.
  Every unstarted ancestor that an error passes through has its run looked up too, gets a 'throw' event, and dies.
- An unstarted ancestor without run stays unstarted: the missing run (AttributeError) replaces whatever was being
  delivered, a value or an error, and is raised in the next ancestor. There is no event for the start that failed.
- run is looked up in the greenlet that transfers. For a death that is the dying one, already dead (here it is still
  active then, so that a getter that switches can be come back from; the programs do not look).
- A getter may start its own greenlet: afterwards the transfer that looked run up goes on as one to a greenlet that
  is parked or dead by then. A GreenletExit that was thrown at it is then raised in the ancestor, not returned.
- A GreenletExit that arrives in an unstarted ancestor calls its run with no argument: the instance is taken for the
  argument tuple (and its NULL __dict__ for the tuple's length). This library passes the instance, so run_body does.

What is kept out of the programs because Python's greenlet 2 and 3 break there (arguments wait on the target between
the look-up and the start, so interleaved look-ups lose them): a getter acts only when its greenlet is the direct target of
an operation, and not while it is acting already.
"""

import json
import sys

from greenlet import GreenletExit, getcurrent, greenlet, gettrace, settrace

NOTHING = ()
STOPPED = (NOTHING,)


class QuietExit(GreenletExit):
    pass


class OopsError(Exception):
    pass


class BoomError(OopsError):
    pass


ERRORS = {cls.__name__: cls for cls in (GreenletExit, QuietExit, OopsError, BoomError)}


def show_error(error):
    if isinstance(error, (GreenletExit, OopsError)):
        return type(error).__name__ + "".join(f":{argument}" for argument in error.args)
    message = str(error)
    if isinstance(error, AttributeError):
        if message == "run":
            return "NoRun"
        if message.startswith("run cannot be set") or message.startswith("Main greenlets do not"):
            return "Started"
        if message.startswith("cannot set the parent of a main"):
            return "MainParent"
    if isinstance(error, ValueError) and message == "cyclic parent chain":
        return "Cycle"
    if type(error) is TypeError:
        return "TypeError"
    return f"UNEXPECTED {error!r}"


def show(value):
    if value is NOTHING or value == ():
        return "nothing"
    if value is None:
        return "null"
    if isinstance(value, str):
        return json.dumps(value)
    if isinstance(value, tuple):
        return f"[{show_all(value)}]"
    if isinstance(value, greenlet):
        return f"<{value.index}>"
    if isinstance(value, BaseException):
        return f"{{{show_error(value)}}}"
    return str(value)


def show_all(values):
    return ",".join(map(show, values))


def is_started(target):
    return bool(target) or target.dead


class Frame:
    """What one running script remembers."""

    def __init__(self, last):
        self.last = last
        self.caught = None


class World:
    """One program: its greenlets, in the order of their creation, and its trace."""

    def __init__(self, program):
        self.definitions = program["definitions"]
        self.budget = program["budget"]
        self.trace = []
        self.main = getcurrent()
        self.main.index = 0
        # Kept until the end: a greenlet that nobody references would be killed at that very moment.
        self.greenlets = [self.main]
        self.runs = ["main"]
        self.errors_made = 0
        self.callbacks_made = 0
        self.direct_target = None
        # The greenlet whose switch or throw is on its way.
        self.transferring = None
        self.looked_up = set()
        # The GreenletExit that travels as a value, for the starts that lose it.
        self.exit_in_flight = None

    def record(self, text):
        self.trace.append(f"{getcurrent().index} {text}")

    # Running a program

    def run(self):
        frame = Frame(NOTHING)
        for operation in self.definitions[0]["script"]:
            try:
                if self.run_script([operation], frame) is not None:
                    break
            except BaseException as error:
                self.record(f"survives {show_error(error)}")
        self.record_states("end")
        self.budget = min(self.budget, 60)
        self.kill_parked()
        settrace(None)
        self.record_states("killed")
        return self.trace

    def record_states(self, title):
        self.record(f"states at {title}")
        for index in range(len(self.greenlets)):
            self.record(self.state_of(index))

    def kill_parked(self):
        while True:
            parked = [target for target in self.greenlets[1:] if target]
            if not parked:
                return
            for target in parked:
                if target:
                    self.budget -= 1
                    self.record(f"kills {self.where(target)}")
                    try:
                        self.exit_in_flight = GreenletExit("kill")
                        self.record(f"got {show(target.throw(self.exit_in_flight))}")
                    except BaseException as error:
                        self.record(f"survives {show_error(error)}")

    def run_body(self, index, label, args):
        if not args and self.exit_in_flight is not None:
            args = (self.exit_in_flight,)
        self.exit_in_flight = None
        self.record(f"starts {label} ({show_all(args)})")
        last = args[0] if len(args) == 1 else args
        try:
            ended = self.run_script(self.definitions[index]["script"], Frame(last))
        except BaseException as error:
            self.transferring = None
            self.exit_in_flight = error if isinstance(error, GreenletExit) else None
            self.record(f"dies {show_error(error)} to {self.heir()}")
            raise
        self.transferring = None
        self.exit_in_flight = None
        value = ended[0] if ended else NOTHING
        self.record(f"returns {show(value)} to {self.heir()}")
        return value

    def heir(self):
        parent = getcurrent().parent
        while parent.dead:
            parent = parent.parent
        return self.where(parent)

    def run_script(self, script, frame):
        """None when the script ran to its end, else a tuple of the value it returned."""
        for operation in script:
            if self.budget <= 0:
                return STOPPED
            self.budget -= 1
            ended = self.run_operation(operation, frame)
            if ended is not None:
                return ended
        return None

    def run_operation(self, operation, frame):
        op = operation["op"]
        if op == "return":
            return (self.value(operation["value"], frame),)
        if op == "raise":
            raise self.make_error(operation["error"])
        if op == "repeat":
            for _ in range(operation["times"]):
                ended = self.run_script(operation["body"], frame)
                if ended is not None:
                    return ended
            return None
        if op == "try":
            return self.run_try(operation, frame)
        try:
            self.run_step(op, operation, frame)
        except BaseException as error:
            frame.caught = error
            self.record(f"raised {show_error(error)}")
            if not operation["guarded"]:
                raise
        return None

    def run_try(self, operation, frame):
        catches = operation["catches"]
        try:
            return self.run_script(operation["body"], frame)
        except BaseException as error:
            is_exit = isinstance(error, GreenletExit)
            if catches == "nothing" or catches == ("errors" if is_exit else "exits"):
                raise
            frame.caught = error
            self.record(f"catches {show_error(error)}")
            ended = self.run_script(operation["handler"], frame)
            if ended is None and operation["rethrows"]:
                raise
            return ended
        finally:
            if operation["finalizer"] is not None:
                self.record("finally")
                self.run_script(operation["finalizer"], frame)

    # The operations

    def run_step(self, op, step, frame):
        if op == "create":
            self.create(step["parent"])
        elif op == "setTrace":
            self.set_trace(step)
        else:
            target = self.find(step["target"])
            if op == "switch":
                self.switch(target, tuple(self.value(item, frame) for item in step["args"]), frame)
            elif op == "throw":
                self.throw(target, step["thrown"], frame)
            elif op == "setParent":
                self.set_parent(target, step["parent"])
            elif op == "setRun":
                self.set_run(target, step["run"])
            elif op == "getRun":
                self.get_run(target)
            else:
                self.record(f"sees {self.state_of(target.index)}")

    def create(self, parent):
        index = len(self.greenlets)
        if index == len(self.definitions):
            return
        kind = self.definitions[index]["kind"]
        keywords = {}
        if parent == "number":
            keywords["parent"] = 5
        elif parent == "null":
            keywords["parent"] = None
        elif parent != "omitted":
            keywords["parent"] = self.find(parent)
        wanted = "".join(f" of {show(value)}" for value in keywords.values())
        self.record(f"creates {kind} {index}{wanted}")
        world = self

        class MethodGreenlet(greenlet):
            def run(self, *args):
                return world.run_body(index, "method", args)

        class GetterGreenlet(greenlet):
            @property
            def run(self):
                return world.look_up_run(self)

        if kind == "number":
            keywords["run"] = 5
        elif kind != "runless":
            keywords["run"] = self.make_run(index, "run")
        cls = {"method": MethodGreenlet, "getter": GetterGreenlet}.get(kind, greenlet)
        made = cls(**keywords)
        made.index = index
        self.greenlets.append(made)
        self.runs.append(kind)
        self.record(f"created {self.state_of(index)}")

    def make_run(self, index, label):
        # A plain function: the start that passes nothing (see above) would crash in most other callables.
        def run(*args):
            return self.run_body(index, label, args)

        return run

    def look_up_run(self, target):
        index = target.index
        definition = self.definitions[index]
        is_direct = self.direct_target == index
        self.direct_target = None
        # Not for a death: a dying greenlet looks run up again for each dead ancestor on its way, which is not specified.
        transferring = self.transferring
        if getcurrent() is transferring:
            self.record(f"looks up run of {self.where(target)}")
        if is_direct and index not in self.looked_up:
            exit_in_flight = self.exit_in_flight
            self.looked_up.add(index)
            try:
                self.run_script(definition["lookup"], Frame(NOTHING))
            finally:
                self.record(f"looked up run of {self.where(target)}")
                self.looked_up.discard(index)
                self.direct_target = None
                self.transferring = transferring
                self.exit_in_flight = exit_in_flight
        if definition["lookupEnd"] == "missing":
            raise AttributeError("run")
        if definition["lookupEnd"] == "raise":
            raise OopsError(f"lookup{index}")
        return self.make_run(index, "getter")

    def switch(self, target, args, frame):
        self.record(f"switches to {self.where(target)} ({show_all(args)})")
        self.exit_in_flight = None
        self.direct_target = target.index
        self.transferring = getcurrent()
        frame.last = target.switch(*args)
        self.record(f"got {show(frame.last)}")

    def throw(self, target, thrown, frame):
        how = thrown["how"]
        error = GreenletExit()
        args = ()
        if how in ("class", "classWithArgument"):
            cls = ERRORS[thrown["error"]]
            args = (cls,) if how == "class" else (cls, self.next_serial())
            error = cls(*args[1:])
        elif how == "instance" or (how == "caught" and frame.caught is None):
            error = self.make_error(thrown.get("error", "OopsError"))
            args = (error,)
        elif how == "caught":
            error = frame.caught
            args = (error,)
        self.record(f"throws {how} {show_error(error)} to {self.where(target)}")
        self.exit_in_flight = error if isinstance(error, GreenletExit) else None
        self.direct_target = target.index
        self.transferring = getcurrent()
        frame.last = target.throw(*args)
        self.record(f"got {show(frame.last)}")

    def set_parent(self, target, wanted):
        parent = {"null": None, "number": 5}[wanted] if isinstance(wanted, str) else self.find(wanted)
        self.record(f"sets parent of {self.where(target)} to {show(parent)}")
        target.parent = parent
        self.record(f"set {self.state_of(target.index)}")

    def set_run(self, target, wanted):
        index = target.index
        kind = self.definitions[index]["kind"]
        # An accessor without a setter, and deleting a method, have no equal in the other language.
        if kind == "getter" or (kind == "method" and wanted == "cleared"):
            return
        self.record(f"sets run of {self.where(target)} to {wanted}")
        if wanted == "cleared":
            del target.run
        else:
            target.run = 5 if wanted == "number" else self.make_run(index, "set")
        self.runs[index] = {"body": "set", "number": "number", "cleared": "runless"}[wanted]
        self.record("set")

    def get_run(self, target):
        if self.definitions[target.index]["kind"] == "getter":
            return
        try:
            run = target.run
        except AttributeError:
            run = None
        kind = "none" if run is None else "function" if callable(run) else show(run)
        self.record(f"gets run of {self.where(target)}: {kind}")

    def set_trace(self, step):
        kind = step["callback"]
        callback = None if kind == "none" else self.make_callback(kind, step)
        before = gettrace()
        previous = settrace(callback)
        self.record(f"sets trace {kind}, before {self.label(before)}, previous {self.label(previous)}")

    def label(self, callback):
        return "none" if callback is None else callback.label

    def make_callback(self, kind, step):
        events = 0

        def callback(event, transfer):
            nonlocal events
            events += 1
            origin, target = transfer
            self.record(f"event {event} {origin.index}>{target.index} of {callback.label}")
            if events == step["nth"] and kind == "leaves":
                settrace(None)
            if events == step["nth"] and kind == "raises":
                error = self.make_error(step["error"])
                self.exit_in_flight = error if isinstance(error, GreenletExit) else None
                self.record(f"callback raises {show_error(error)}")
                raise error

        self.callbacks_made += 1
        callback.label = f"#{self.callbacks_made}"
        return callback

    # Naming things

    def find(self, wanted):
        """The greenlet that a program's target means at this moment."""
        by = wanted["by"]
        current = getcurrent()
        if by == "self":
            return current
        if by == "main":
            return self.main
        if by == "parent":
            return self.main if current is self.main else current.parent
        fitting = self.greenlets
        if by == "unstarted":
            fitting = [target for target in fitting if not is_started(target)]
        elif by == "parked":
            fitting = [target for target in fitting if target and target is not current]
        elif by == "dead":
            fitting = [target for target in fitting if target.dead]
        fitting = fitting or self.greenlets
        return fitting[wanted["pick"] % len(fitting)]

    def value(self, value, frame):
        if isinstance(value, list):
            return tuple(self.value(item, frame) for item in value)
        if isinstance(value, dict):
            if "greenlet" in value:
                return self.find(value["greenlet"])
            return frame.last if value["special"] == "last" else NOTHING
        return value

    def next_serial(self):
        self.errors_made += 1
        return f"e{self.errors_made}"

    def make_error(self, name):
        return ERRORS[name](self.next_serial())

    def state_of(self, index):
        """Number, started, active, dead, parent."""
        target = self.greenlets[index]
        flags = "".join(
            letter if flag else "-"
            for letter, flag in (("S", is_started(target)), ("A", bool(target)), ("D", target.dead))
        )
        parent = target.parent
        return f"{index} {flags} of {'none' if parent is None else parent.index}"

    def where(self, target):
        """Number and state; for a dead one also where its chain of parents leads."""
        if target is getcurrent():
            return f"{target.index}:current"
        if target.dead:
            heir = target
            while heir.dead:
                heir = heir.parent
            return f"{target.index}:dead({self.where(heir)})"
        if target:
            return f"{target.index}:parked"
        return f"{target.index}:unstarted.{self.runs[target.index]}"


def main(programs_path, traces_path):
    with open(programs_path, encoding="utf-8") as programs, open(traces_path, "w", encoding="utf-8") as traces:
        for line in programs:
            trace = World(json.loads(line)).run()
            traces.write(json.dumps(trace, separators=(",", ":"), ensure_ascii=False) + "\n")
            traces.flush()


main(*sys.argv[1:])
