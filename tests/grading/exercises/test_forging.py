"""Answers in NumPy earn what values can earn, and nothing of what only a framework's program has."""

from __future__ import annotations

import re

import pytest
from forging import CONTROL, FORGERIES, Forgery

from support.exercises import CHAPTERS, HIDDEN, PATIENT, blank, new_cell, released, solution
from triptych.frameworks import FRAMEWORKS
from triptych.grading import checks
from triptych.grading.checks.suspicions import suspicions
from triptych.grading.sandbox import Sandbox
from triptych.grading.submissions import cells_to_run

#: What needs a framework: to compile, to capture, to count traces, to differentiate; or more than a name.
NEED_A_FRAMEWORK = frozenset(
    {
        "places/traces-once-a-shape",
        "places/program-counts-data",
        "operations/looks-at-a-program",
        "traces/one-program-a-bucket",
        "branch/the-branch-compiles",
        "loop/the-loop-compiles",
        "state/remembers-nothing",
        "state/draws-are-compiled",
        "break-even/times-the-first-call",
        "translation/the-translation-compiles",
        "recorded/the-framework-finds-them",
        "custom/slope-in-m",
        "custom/slope-in-e",
        "custom/above-counts-once-in-each",
        "custom/accepts-a-right-gradient",
        "custom/refuses-a-wrong-gradient",
    }
)


def graded(sandbox: Sandbox, forgery: Forgery) -> tuple[set[str], str]:
    """The checks that it passes, and what a teacher is told."""
    node = blank(forgery.chapter, "jax")
    node["cells"] += [new_cell(text) for text in forgery.sources()]
    program = cells_to_run(node, released(forgery.chapter, "jax"))
    with sandbox.open(program.cells, PATIENT, program.helpers) as session:
        found = checks.run(HIDDEN[forgery.chapter], session, program.helpers, program.cells, seed=7)
    passed = {result.check for result in found.results if result.earned >= result.points}
    return passed, "; ".join([*found.flags, *session.outcome.flags])


@pytest.mark.slow
def test_answers_in_numpy_earn_all_that_values_can_earn(warm_sandbox: Sandbox) -> None:
    passed, flags = graded(warm_sandbox, CONTROL)
    assert {hidden.id for hidden in HIDDEN["graphs"]} - passed < NEED_A_FRAMEWORK
    assert flags == ""


@pytest.mark.slow
@pytest.mark.parametrize("forgery", FORGERIES, ids=lambda forgery: forgery.name)
def test_what_measures_is_out_of_reach(warm_sandbox: Sandbox, forgery: Forgery) -> None:
    passed, flags = graded(warm_sandbox, forgery)
    assert not passed & NEED_A_FRAMEWORK
    assert re.search(forgery.flag, flags), flags


@pytest.mark.parametrize("chapter", CHAPTERS)
@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_nothing_in_a_reference_solution_is_flagged(chapter: str, framework: str) -> None:
    program = cells_to_run(solution(chapter, framework), released(chapter, framework))
    assert suspicions(program.cells) == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("getattr(f, '__globals__')", "__globals__"),
        ("getattr(f, '__glo' + 'bals__')", "put together"),
        ("getattr(f, ''.join(parts))", "put together"),
        ("import sys\nvars(sys)['_getframe']()", "_getframe"),
        ("import inspect\ninspect.stack()[1]", "frames"),
        ("from inspect import stack as look\nlook()", "imports `stack`"),
        ("import inspect as i\ni.getargvalues(i.trace()[0].frame)", "frames"),
        ("import traceback\nfor frame, _ in traceback.walk_stack(None):\n    pass", "frames"),
        ("(x for x in y).gi_frame", "frames"),
        ("import sys\nsys.monitoring.use_tool_id(3, 'x')", "trace functions"),
        ("import threading\nthreading.settrace_all_threads(f)", "trace functions"),
        ("run = exec\nrun(text)", "calls `exec`"),
        ("import runpy\nrunpy.run_path('a.txt')", "imports `runpy`"),
        ("from jax._src import api as inner\ninner.make_jit = f", "replaces `inner.make_jit`"),
        ("import json as j\nj.dumps = f", "replaces `j.dumps`"),
        ("import time\ntime.perf_counter = f", "replaces `time.perf_counter`"),
        ("from torch import nn\nsetattr(nn.Module, 'compile', f)", "replaces a part of `nn.Module`"),
        ("import sys\nsys.modules['jax'] = fake", "sys.modules"),
        ("import os\nos.dup2(a, b)", "descriptors"),
        ("import jax\njax.pure_callback(f, shape, x)", "from inside a compiled program"),
        ("%%timeit -n1 -r1\nimport sys\nsys._getframe()", "_getframe"),
        ("%time f(__import__('sys')._getframe())", "_getframe"),
        ("%%writefile a.txt\nimport ctypes", "ctypes"),
        ("sys._getframe()\n#" + "x" * 200_000, "too long.*_getframe"),
    ],
)
def test_what_hints_at_a_forgery_is_told(text: str, told: str) -> None:
    node = {"cells": [new_cell(text)]}
    flags = "; ".join(suspicions(cells_to_run(node, released("graphs", "jax")).cells))
    assert re.search(told, flags), flags


@pytest.mark.parametrize(
    "text",
    [
        "from torch import compile\nfast = compile(f)",
        "%matplotlib inline\nmodel.eval()",
        "import inspect\ninspect.getsource(f)\nnp.stack(rows)\njnp.trace(m)",
        "import os\nos.environ['A'] = '1'\nimport sys\ndel sys.modules['mine']",
        "import torch\ntorch.backends.cudnn.benchmark = False",
        "getattr(jnp, 'sqrt')(2.0)\ngetattr(jnp, name)(2.0)",
        "import mine\nmine.constant = 3",
    ],
)
def test_what_people_write_is_not_flagged(text: str) -> None:
    node = {"cells": [new_cell(text)]}
    assert suspicions(cells_to_run(node, released("graphs", "jax")).cells) == ()


def test_an_honest_use_of_ipython_is_not_flagged() -> None:
    for text in ("%timeit f()", "!ls", "x = !ls", "%matplotlib inline\nf?", "import numpy as np\nnp.sum(1)"):
        node = {"cells": [new_cell(text)]}
        assert suspicions(cells_to_run(node, released("graphs", "jax")).cells) == (), text
