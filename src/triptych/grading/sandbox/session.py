"""One submission whose cells run in a sandbox: its functions are called, its end is judged."""

from __future__ import annotations

import contextlib
import itertools
import signal
import time
from collections.abc import Sequence
from typing import Any, Self

from triptych.grading.sandbox.backend import Channel
from triptych.grading.sandbox.errors import (
    TRUSTED,
    BadValue,
    Died,
    Missing,
    OutOfMemory,
    Raised,
    SandboxFailed,
    SandboxUnavailable,
    SubmissionError,
    TimedOut,
)
from triptych.grading.sandbox.inside import BROKEN, PROCESSES, values
from triptych.grading.sandbox.model import CellError, Code, Limits, Outcome
from triptych.grading.sandbox.text import human, printable

#: Seconds after a limit that an interrupted submission has to say so on a busy machine, before it is ended.
GRACE = 2.0

#: Sentences that are kept of what a submission tampers with.
FLAGS = 20


class Session:
    """A submission whose cells have run. For one thread; leaving its with block ends it.

    ``errors`` lists the cells that raised. ``outcome`` is known after the with block.
    """

    outcome: Outcome

    def __init__(
        self, channel: Channel, limits: Limits, cells: Sequence[Code], helpers: Sequence[Code] = ()
    ) -> None:
        """Runs ``cells`` over ``channel``, which is the session's from then on; see ``Sandbox.open``."""
        self.errors: tuple[CellError, ...] = ()
        self._notes: tuple[str, ...] = ()
        self._flags: dict[str, None] = {}  # each once, in order
        self._limits = limits
        self._reason = ""  # the first thing that went wrong
        self._death = ""  # why there is no process any more
        self._end: dict[str, Any] | None = None
        self._numbers = itertools.count(1)
        self._started = time.monotonic()
        self._deadline = self._started + limits.total
        self._channel = channel
        try:
            self._run(cells, helpers)
        except BaseException:
            self._channel.close()
            raise

    def __enter__(self) -> Self:
        """The session itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End every process of the submission. Raises SandboxFailed as ``call`` does."""
        try:
            self._finish()
        finally:
            self._channel.close()

    def call(self, name: str, /, *args: Any, **kwargs: Any) -> Any:
        """What the submission's function ``name`` returns for these arguments.

        Arguments and value are plain data (see ``values``); a framework's tensor comes
        back as an array. Raises Missing, Raised, TimedOut, OutOfMemory or BadValue,
        and Died when the process ended, now or earlier; SandboxFailed where the sandbox did.
        """
        return self._call({}, name, args, kwargs)

    def reaches(self, names: Sequence[str], name: str, /, *args: Any, **kwargs: Any) -> bool:
        """Whether the call ``name(*args, **kwargs)`` reaches one of the functions ``names``.

        For names see ``inside.reach.Watch``. Raises as ``call`` does.
        """
        return self._call({"watch": list(names)}, name, args, kwargs) is True

    def bind(self, name: str, helper: str, /, *args: Any) -> None:
        """Let ``name`` be what the helper returns for these arguments, for the learner's functions too."""
        self._call({"bind": name}, helper, args, {})

    def _call(self, more: dict[str, Any], name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        limits, number = self._limits, next(self._numbers)
        if self._death:
            raise Died(self._death)
        message = {
            "call": number,
            "name": name,
            "args": values.encode(args, limits.value),
            "kwargs": values.encode(kwargs, limits.value),
            **more,
        }
        too_long = f"ran longer than {limits.call:g} s in a call of {name}"
        too_large = f"needed more than {human(limits.memory)} of memory in a call of {name}"
        reply = self._ask(message, limits.call, too_long)
        self._flag(reply.pop("flags", []))
        match reply:
            case {"call": _, "value": value, **rest} if not rest:
                try:
                    return values.decode(value, limits.value)
                except values.NotPlain as error:
                    raise BadValue(f"{name} returned a value {printable(error)}") from None
            case {"missing": True}:
                raise Missing(f"the notebook defines no function named {name}")
            case {"bad": str(problem)}:
                raise BadValue(f"{name} returned a value {printable(problem)}")
            case {"late": True}:
                self._reason = self._reason or too_long
                raise TimedOut(too_long)
            case {"raised": ["MemoryError", str(), str()]}:
                self._reason = self._reason or too_large
                raise OutOfMemory(too_large)
            case {"raised": [str(kind), str(problem), str(line)]}:
                raise Raised(name, printable(kind), printable(problem), printable(line, 200))
        self._fail(_NONSENSE)
        raise Died(self._death)

    def _run(self, cells: Sequence[Code], helpers: Sequence[Code]) -> None:
        limits = self._limits
        job = {
            "helpers": [{"id": cell.id, "source": cell.source} for cell in helpers],
            "cells": [{"id": cell.id, "source": cell.source} for cell in cells],
            "cells_seconds": limits.cells,
            "call_seconds": limits.call,
            "total": limits.total,
            "memory": limits.memory,
            "output": limits.output,
            "value": limits.value,
        }
        too_long = f"ran longer than {limits.cells:g} s while its cells ran"
        try:
            reply = self._ask(job, limits.cells, too_long, number=None)
        except SubmissionError:
            return  # the reason is kept, and every call will tell it
        match reply:
            case {"ready": list(found), "late": bool(late), "notes": list(notes), "flags": list(flags)} if (
                len(found) <= len(cells) + len(helpers) + 2
            ):
                self.errors = tuple(CellError(*map(printable, entry)) for entry in found if _is_error(entry))
                self._notes = tuple(_sentences(notes))
                self._flag(flags)
                self._reason = too_long if late else ""
            case _:
                self._fail(_NONSENSE)

    def _ask(self, message: dict, seconds: float, too_long: str, number: int | None = 0) -> Any:
        """The reply to ``message``; where there is none, the session is over and the cause is raised."""
        deadline = min(time.monotonic() + seconds + GRACE, self._deadline)
        try:
            self._channel.send(message, deadline)
            reply = self._channel.receive(self._limits.value, deadline)
        except TimeoutError:
            total = deadline == self._deadline
            self._fail(f"ran longer than {self._limits.total:g} s in all" if total else too_long)
            raise TimedOut(self._death) from None
        except values.NotPlain as error:
            self._fail(f"sent back something {error}")
            raise BadValue(self._death) from None
        except EOFError:
            self._fail("")
            kind = OutOfMemory if self._end and self._end.get("why") == "memory" else Died
            raise kind(self._death) from None
        if not isinstance(reply, dict) or (number is not None and reply.get("call") != message["call"]):
            self._fail(_NONSENSE)
            raise Died(self._death)
        return reply

    def _fail(self, reason: str) -> None:
        """End the session; without a ``reason`` the supervisor knows it."""
        self._end = self._channel.end(0 if reason else 1)
        self._death = reason or _verdict(self._end, self._limits)
        self._reason = self._reason or self._death

    def _finish(self) -> None:
        """Make the outcome."""
        if self._end is None:
            self._end = self._channel.end(0)
            if self._end.get("why") != "closed":
                self._reason = self._reason or _verdict(self._end, self._limits)
        self._death = self._death or "the session is over"
        end = self._end
        self.outcome = Outcome(
            reason=self._reason,
            wall=time.monotonic() - self._started,
            cpu=_number(end.get("cpu")),
            peak_memory=int(_number(end.get("peak"))),
            output=printable(end.get("output", ""), self._limits.output + 100),
            errors=self.errors,
            notes=self._notes,
            flags=tuple(self._flags)[:FLAGS],
        )

    def _flag(self, told: object) -> None:
        """Keep what the learner's process tells of tampering; it may say anything."""
        if isinstance(told, list) and len(self._flags) < FLAGS:
            self._flags |= dict.fromkeys(_sentences(told))


_NONSENSE = "sent the grader something that it had not asked for"


def _verdict(end: dict[str, Any], limits: Limits) -> str:
    """The reason that a supervisor's last word gives."""
    status = end.get("status")
    match end.get("why"):
        case "memory":
            return f"used more than {human(limits.memory)} of memory"
        case "processes":
            return f"started more processes than an exercise needs (more than {PROCESSES} at once)"
        case "total":
            return f"ran longer than {limits.total:g} s in all"
        case "processor":
            return f"used all the processor time of {limits.total:g} s"
        case "killed":
            raise SandboxFailed(
                "sandbox",
                "a submission was killed from outside, as by a machine that had no memory left",
                "run it again with fewer --jobs",
            )
        case "exit" if isinstance(status, int) and status < 0:
            with contextlib.suppress(ValueError):
                return f"crashed: its process was ended by {signal.Signals(-status).name}"
            return f"crashed: its process was ended by signal {-status}"
        case "exit" if status == BROKEN:
            return "broke the functions of Python or NumPy that its answers are sent with"
        case "exit":
            return f"ended its own process (exit status {status}) before it was asked everything"
        case "not watched":
            problem = f"could not watch a submission any longer ({printable(end.get('detail'))})"
            raise SandboxFailed("sandbox", problem, "run it again")
        case "not confined":
            raise SandboxUnavailable(
                "sandbox", f"could not be made ({printable(end.get('detail'))})", TRUSTED
            )
    raise SandboxFailed(
        "sandbox", "lost a submission: its supervisor is gone", "run it again, perhaps with fewer --jobs"
    )


def _sentences(told: list[Any]) -> list[str]:
    return [printable(text, 300) for text in told[:FLAGS] if isinstance(text, str)]


def _is_error(entry: object) -> bool:
    return isinstance(entry, list) and len(entry) == 3 and all(isinstance(part, str) for part in entry)


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0
