"""What runs in a marking process: it reads requests, and answers each with small plain data."""

from __future__ import annotations

import base64
import itertools
import socket
import sys
import traceback
from typing import Any, NoReturn

from triptych.errors import TriptychError
from triptych.files import digest
from triptych.grading.marking import bounds, plain
from triptych.grading.marking.notebook import Marker
from triptych.grading.marking.port import Port
from triptych.grading.marking.requests import LISTING, READING, Digest, Grade, Look, Read, Request, Setting
from triptych.grading.sandbox.inside import confinement
from triptych.grading.submissions import BOUNDS, look
from triptych.notebooks.untrusted import Unreadable

#: Submissions, or ignored files, that are told in one message.
_LISTED = 500


def serve(control: int) -> NoReturn:
    """Answer requests on the socket ``control`` until the grader is gone."""
    if sys.platform == "linux":
        confinement.die_with_parent(control)
    bounds.bound_memory()
    worker = Worker(Port(socket.socket(fileno=control)))
    try:
        while True:
            worker.serve_one()
    except EOFError:
        sys.exit(0)


class Worker:
    """Answers the requests of one grader."""

    def __init__(self, port: Port) -> None:
        self._port = port
        self._marker: Marker | None = None

    def serve_one(self) -> None:
        """Answer one request. Raises EOFError where the grader is gone."""
        request = self._port.request()
        if isinstance(request, Setting):
            self._marker = Marker(request, self._port)
            return
        try:
            answer = self._answer(request)
        except EOFError:
            raise
        except Unreadable as error:
            answer = {"refused": str(error)[:1_000]}
        except MemoryError:
            answer = {"beyond": "memory"}
        except TriptychError as error:
            answer = {"problem": [error.place, error.problem, error.remedy], "trace": _trace()}
        except Exception as error:
            text = " ".join(str(error)[:1_000].split())
            answer = {"fault": f"{type(error).__name__}: {text[:300]}", "trace": _trace()}
        self._port.done(answer)

    def _answer(self, request: Request) -> dict[str, Any]:
        match request:
            case Look(arguments, named):
                bounds.allow(LISTING)
                handin = look(*arguments, **named)
                for part in ("submissions", "ignored"):
                    listed = iter(getattr(handin, part))
                    while some := list(itertools.islice(listed, _LISTED)):
                        self._port.tell(**{part: [plain.packed(each) for each in some]})
                return {"platform": handin.platform}
            case Digest(item):
                bounds.allow(READING)
                return {"digest": digest(item.read(BOUNDS))}
            case Read(item):
                bounds.allow(READING)
                return {"bytes": base64.b64encode(item.read(BOUNDS)).decode("ascii")}
            case Grade(job):
                assert self._marker is not None, "a setting comes first"
                return self._marker.mark(job)
        raise ValueError(f"no request that is known: {type(request).__name__}")


def _trace() -> str:
    return traceback.format_exc()[-20_000:]
