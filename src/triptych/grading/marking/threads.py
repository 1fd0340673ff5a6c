"""Work for several threads, which mostly wait for other processes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TypeVar

Thing = TypeVar("Thing")
Result = TypeVar("Result")


def each(
    things: Iterable[Thing], do: Callable[[Thing], Result], threads: int
) -> Iterator[tuple[Thing, Result]]:
    """``do`` of each thing, in that many threads, as it is done; what is raised there is raised here.

    Things are taken as there is room for them. An interruption waits for no thread: what they
    wait for is to be ended by whoever started it.
    """
    pool = ThreadPoolExecutor(threads, "grade")
    running: dict[Future[Result], Thing] = {}

    def done() -> Iterator[tuple[Thing, Result]]:
        finished, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in finished:
            yield running.pop(future), future.result()

    try:
        for thing in things:
            running[pool.submit(do, thing)] = thing
            while len(running) >= 2 * threads:
                yield from done()
        while running:
            yield from done()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
