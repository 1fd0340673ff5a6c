"""Hostile submissions gain nothing, and nobody else notices them."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hostile.attempt import SECRET
from hostile.bank import BANK, QUICK

from support.sandboxes import SMALL, cells, supervisors, wait_until
from triptych.grading.sandbox import Limits, Sandbox, SubmissionError


class Neighbour(threading.Thread):
    """A learner who is graded at the same time, and must not notice anything."""

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__()
        self.sandbox, self.over, self.opened = sandbox, threading.Event(), threading.Event()
        self.problem, self.calls = "", 0

    def run(self) -> None:
        source = f"mine = '{SECRET}'\nopen('/tmp/next-door', 'w').write(mine)\ndef f(x): return x * x"
        try:
            with self.sandbox.open(cells(source)) as session:
                self.opened.set()
                while not self.over.is_set():
                    x = np.random.default_rng(self.calls).normal(size=8)
                    np.testing.assert_array_equal(session.call("f", x), x * x)
                    self.calls += 1
                    time.sleep(0.01)
            self.problem = session.outcome.reason
        except Exception as error:
            self.problem = repr(error)
        finally:
            self.opened.set()


@pytest.fixture
def neighbour(plain) -> Iterator[Neighbour]:
    thread = Neighbour(plain)
    thread.start()
    thread.opened.wait()
    yield thread
    thread.over.set()
    thread.join()


@pytest.mark.parametrize(
    "hostile",
    [pytest.param(each, marks=() if each in QUICK else pytest.mark.slow) for each in BANK],
    ids=lambda hostile: hostile.name,
)
def test_a_hostile_submission_gains_nothing_and_disturbs_nobody(
    hostile, plain, bubblewrap, neighbour, surroundings
):
    source = hostile.source.format(**surroundings) if hostile.template else hostile.source
    limits = SMALL if hostile.ends else Limits(cells=20, call=10, total=40, memory=512 << 20, output=2_000)
    if hostile.ends and "1 s" not in hostile.ends:  # what ends it is not the clock, on a busy machine too
        limits = replace(SMALL, cells=20, call=20, total=60)
    x = np.random.default_rng().normal(size=5)
    got = ""
    with plain.open(cells("import numpy", source), limits) as session:
        try:
            value = session.call("double", x)
        except SubmissionError as error:
            got = type(error).__name__
            assert str(error).isprintable() or "\n" in str(error)
        else:
            with pytest.raises(AssertionError):
                np.testing.assert_array_equal(value, 2 * x)
        if "def loot" in source:
            assert session.errors == ()
            assert session.call("loot") == []
        spent = time.monotonic()
    outcome = session.outcome
    assert re.fullmatch(hostile.raises, got)
    assert re.search(hostile.ends, outcome.reason) if hostile.ends else outcome.reason == ""
    # what ran too long was ended, and closing does not wait for it: generously, as the machine may be busy
    assert outcome.wall <= limits.total + 60
    assert time.monotonic() - spent < 60
    assert len(outcome.output) <= limits.output + 100
    assert all(character.isprintable() or character in "\n\t" for character in outcome.output)
    neighbour.over.set()
    neighbour.join()
    assert neighbour.problem == ""
    assert neighbour.calls > 0
    # the supervisors end just after their last word
    assert wait_until(lambda: not supervisors(bubblewrap)), supervisors(bubblewrap)
