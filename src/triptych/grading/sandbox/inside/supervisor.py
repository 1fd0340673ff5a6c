"""The supervisor of one submission: watches it, ends it, and tells the grader how it ended."""

from __future__ import annotations

import os
import select
import signal
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

from . import PROCESSES, confinement, learner, messages
from .confinement import Place
from .deaths import Deaths
from .messages import read_all
from .processes import Meter, living, submission

#: Seconds between two looks at a submission's memory, and at its processes once there are several.
WATCH, WATCH_SEVERAL = 0.02, 0.004

#: Seconds that the grader has to send the job.
PATIENCE = 60


def serve_one(place: Place) -> NoReturn:
    """Serve one submission: calls on standard input and output, the last word on standard error.

    That word is found among what other programs write there by its first byte, a zero.
    """
    report = os.dup(2)
    with Path(os.devnull).open("w") as nothing:
        os.dup2(nothing.fileno(), 2)
    supervise(0, 1, 0, report, learner.new_shell(), place, lambda: None)


def supervise(
    reading: int,
    writing: int,
    lifeline: int,
    report: int,
    shell: Any,
    place: Place,
    enter: Callable[[], None],
) -> NoReturn:
    """Fork the learner's process, watch it, end it, and tell the grader how it ended.

    ``enter`` takes this process to where the learner's is forked; the grader is told what it
    raises. ``reading`` and ``writing`` carry the calls: first a greeting, by which the grader
    knows that there is a supervisor, then the job; from then on they are the learner's
    process's own. When the grader's side of ``lifeline`` closes, all is ended; on
    ``report`` the last word is written. Does not return.
    """
    end: dict[str, Any] = {"why": "not confined", "detail": "", "output": ""}
    try:
        try:
            enter()
        except OSError as error:
            messages.send(writing, {"failed": str(error)})
            os._exit(1)
        messages.send(writing, {"up": True, "process": own_number()})
        job = messages.receive(reading, 64 << 20, time.monotonic() + PATIENCE, items=None)
        started = time.monotonic()
        meter, deaths = Meter(place, job["memory"]), Deaths(place)
        if place is not Place.NAMESPACES:
            confinement.adopt_orphans()
        if place is Place.CONTAINER:  # where the submission has the same user and sees this process
            confinement.show_memory(False)
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        told, tell = os.pipe()
        output, outlet = os.pipe()
        pid = os.fork()
        if pid == 0:
            for fd in {told, output, lifeline, report} - {reading, writing}:
                os.close(fd)
            if place is Place.CONTAINER:
                signal.signal(signal.SIGINT, signal.default_int_handler)
            learner.serve(reading, writing, outlet, tell, shell, job, place)
        for fd in {tell, outlet, reading, writing} - {lifeline, report}:
            os.close(fd)
        end["detail"] = read_all(told)  # until it is confined, or could not be
        if not end["detail"]:
            end["why"] = "not watched"
            process = Process(pid, place)
            try:
                end |= watch(process, output, lifeline, job, started, meter)
            finally:
                end |= process.end()
            if end["why"] == "exit":
                allowed = confinement.processor_time(job["total"])
                end["why"] = deaths.cause(process.status, process.cpu, allowed)
    except BaseException:
        end["detail"] = traceback.format_exc()[-1000:]
    try:
        messages.send(report, end)
    finally:
        os._exit(0)


def own_number() -> int:
    """This process's number to whoever mounted its /proc; 0 where there is none."""
    with suppress(OSError, ValueError):
        return int(Path("/proc/self").readlink().name)
    return 0


def watch(
    process: Process, output: int, lifeline: int, job: dict, started: float, meter: Meter
) -> dict[str, Any]:
    """Look on until the learner's process has ended or must be ended; why, and what was seen."""
    kept = Kept(job["output"])
    poll = select.poll()
    poll.register(output, select.POLLIN)
    poll.register(lifeline, getattr(select, "POLLRDHUP", 0))  # closed at the other end; no data
    why, peak, most = "", 0, 1
    pause, look, measure, grown = WATCH, started, started, started  # when to look, and to measure, next
    while not why:
        for fd, event in poll.poll(pause * 1000):
            if fd == lifeline:
                why = "closed"
            elif not kept.read(output) and event & select.POLLHUP:
                poll.unregister(output)
        now = time.monotonic()
        if why or now < look:
            continue
        processes = submission(process.place)
        count = len(processes) if len(processes) <= PROCESSES else living(processes)
        if count > most:
            most, grown = count, now
        if process.ended():
            why = "exit"
        elif most > PROCESSES:
            why = "processes"
        elif now - started > job["total"]:
            why = "total"
        elif now >= measure:
            measure = now + WATCH
            used = meter.used(processes, settled=now - grown > WATCH)
            peak = max(peak, used)
            why = "memory" if used > job["memory"] else ""
        pause = WATCH_SEVERAL if len(processes) > 1 else WATCH
        look = now + pause
    os.set_blocking(output, False)
    for _ in range(64):  # more than a pipe holds
        if not kept.read(output):
            break
    return {"why": why, "peak": peak, "output": kept.text()}


class Process:
    """The first process of a submission; the others are its descendants."""

    def __init__(self, pid: int, place: Place) -> None:
        """``pid``: a child of this process's."""
        self.pid, self.place = pid, place
        self.status: int | None = None
        self.cpu = 0.0

    def ended(self, options: int = os.WNOHANG) -> bool:
        """Whether it has; if so, its status and its seconds of CPU are known."""
        if self.status is None:
            pid, status, usage = os.wait4(self.pid, options)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
                self.cpu = usage.ru_utime + usage.ru_stime
        return self.status is not None

    def end(self) -> dict[str, Any]:
        """End the submission; how its first process ended."""
        if not self.ended():
            os.kill(self.pid, signal.SIGKILL)  # process 1 of its namespace: nothing outlives it
            self.ended(0)
        if self.place is not Place.NAMESPACES:
            end_descendants()
        return {"status": self.status, "cpu": self.cpu}


class Kept:
    """The beginning and the end of what a submission prints, ``limit`` characters in all."""

    def __init__(self, limit: int) -> None:
        """Nothing is read yet."""
        self.half = max(limit // 2, 1)
        self.first, self.last, self.left_out = b"", b"", 0

    def read(self, fd: int) -> bool:
        """Take what is there; False at the end, and where nothing is there of a non-blocking ``fd``."""
        try:
            part = os.read(fd, 1 << 16)
        except BlockingIOError:
            return False
        room = self.half - len(self.first)
        self.first += part[:room]
        self.last += part[room:] if room > 0 else part
        beyond = max(len(self.last) - self.half, 0)
        self.last = self.last[beyond:]
        self.left_out += beyond
        return bool(part)

    def text(self) -> str:
        """What was kept, with a line that says how much was not."""
        gap = f"\n[... {self.left_out} bytes of output left out ...]\n".encode() if self.left_out else b""
        return (self.first + gap + self.last).decode("utf-8", "replace")


def end_descendants() -> None:
    """Kill what a submission left running where no namespace does it."""
    for _ in range(100):
        left = submission(Place.HERE)
        if not left:
            return
        for name in left:
            with suppress(ProcessLookupError):
                os.kill(int(name), signal.SIGKILL)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        time.sleep(0.01)
