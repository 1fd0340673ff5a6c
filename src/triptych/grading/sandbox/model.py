"""What a grader says to a sandbox and is told by it, as plain data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """What one submission may use: seconds of wall time, bytes, and characters of output kept."""

    cells: float = 60.0
    call: float = 10.0
    total: float = 120.0
    memory: int = 3 << 30
    output: int = 20_000
    value: int = 8 << 20


@dataclass(frozen=True)
class Code:
    """One cell to run."""

    id: str
    source: str


@dataclass(frozen=True)
class CellError:
    """A cell that raised; the run goes on, as later cells may be fine."""

    cell: str
    type: str
    message: str


@dataclass(frozen=True)
class Outcome:
    """How a session ended and what it used: seconds, bytes, and what it printed.

    ``reason`` is empty when all went well, else a sentence without its subject:
    "ran longer than 60 s while its cells ran". ``peak_memory`` is what the
    submission had beyond the imported frameworks; it is 0 where it cannot be seen.
    ``notes`` say which process-wide switches were set right before the calls, ``flags``
    what the submission was found to tamper with: sentences without their subject.
    """

    reason: str
    wall: float
    cpu: float
    peak_memory: int
    output: str
    errors: tuple[CellError, ...]
    notes: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
