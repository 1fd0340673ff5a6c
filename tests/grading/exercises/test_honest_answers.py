"""Right answers, written as people write them, have full marks: magics, helpers, modules, other types."""

from __future__ import annotations

import functools
import re
import textwrap
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from support.exercises import blank, new_cell, solution
from support.shared_session import Rerun, rerun
from triptych.frameworks import FRAMEWORKS
from triptych.grading.sandbox import Code, Sandbox
from triptych.notebooks.answers import by_exercise
from triptych.notebooks.cells import marks, source

Cells = Callable[[list[str]], list[str]]


def answers_of(chapter: str, framework: str, exercise: str) -> list[str]:
    """The reference answers, a text for each cell."""
    return [text.rstrip() for text in by_exercise(solution(chapter, framework))[exercise]]


def under(opening: str, closing: str = "") -> Cells:
    return lambda answers: [f"{opening}\n{textwrap.indent(a, '    ')}\n{closing}" for a in answers]


def above(line: str) -> Cells:
    return lambda answers: [f"{line}\n{a}" for a in answers]


def below(line: str) -> Cells:
    return lambda answers: [f"{a}\n{line}" for a in answers]


def instead(old: str, new: str) -> Cells:
    def edited(answers: list[str]) -> list[str]:
        assert old in "".join(answers)
        return [a.replace(old, new) for a in answers]

    return edited


def then(*more: str) -> Cells:
    return lambda answers: [*answers, *more]


def first(*more: str) -> Cells:
    return lambda answers: [*more, *answers]


def prompted(answers: list[str]) -> list[str]:
    """As copied from a terminal."""
    return [">>> " + a.replace("\n", "\n... ") for a in answers]


def numbered(answers: list[str]) -> list[str]:
    """As copied from IPython."""
    return ["In [7]: " + a.replace("\n", "\n   ...: ") for a in answers]


def written(module: str, use: str) -> Cells:
    """The answers in a module that a cell writes; each kind has one of its own."""

    def cells(answers: list[str]) -> list[str]:
        return [f"%%writefile {module}.py\nfrom __main__ import *\n" + "\n\n".join(answers), use]

    return cells


def renamed(answers: list[str], name: str = "three_counters") -> str:
    return "\n\n".join(answers).replace(f"def {name}(", "def my_way(")


def counting(value: str) -> Cells:
    """The answer's numbers, handed over as ``value``."""
    return lambda answers: [renamed(answers), f"def three_counters(arrays):\n    return {value}"]


PLACES: dict[str, Cells] = {
    "the result of a magic, assigned": above("t = %timeit -n1 -r1 -o sum(range(9))"),
    "a line magic": above("%matplotlib inline"),
    "a question": above("np.pad?"),
    "a question below": below("three_counters??"),
    "a question in front": above("?np.pad"),
    "a shell's answer, assigned": above("version = !echo 1"),
    "a shell line": above("!ls"),
    "a shell line in a block": above("if True:\n    !ls\n    lines = !ls\n    %pwd"),
    "a magic over several lines": above("t = %timeit -n1 \\\n    -r1 -o sum(range(9))"),
    "the cell is timed": above("%%time"),
    "the cell is captured": above("%%capture out"),
    "two cell magics": above("%%time\n%%capture out"),
    "in try": under("try:", "except Exception as error:\n    print(error)"),
    "in try, the fallback unused": under("try:", "except ImportError:\n    three_counters = None"),
    "in if": under("if np:"),
    "in if, with a magic": under("if np:\n    %pwd"),
    "in with": under("import contextlib\nwith contextlib.suppress(TypeError):"),
    "in a loop": under("for attempt in range(2):"),
    "from a terminal": prompted,
    "from IPython": numbered,
    "indented": lambda answers: [textwrap.indent(a, "    ") for a in answers],
    "decorated": lambda answers: [
        "import functools\n\ndef noted(function):\n    @functools.wraps(function)\n"
        "    def inner(*given):\n        return function(*given)\n    return inner\n",
        "@noted\n" + answers[0],
    ],
    "partial": lambda a: [f"{renamed(a)}\n\nimport functools\nthree_counters = functools.partial(my_way)"],
    "a lambda": lambda a: [renamed(a), "three_counters = lambda arrays: my_way(arrays)"],
    "a class that is called": lambda a: [
        f"{renamed(a)}\n\nclass Way:\n    def __call__(self, arrays):\n        return my_way(arrays)\n\n"
        "three_counters = Way()"
    ],
    "a method": lambda a: [
        f"{renamed(a)}\n\nclass Way:\n    def go(self, arrays):\n        return my_way(arrays)\n\n"
        "three_counters = Way().go"
    ],
    "a helper in a later cell": lambda a: [
        "def three_counters(arrays):\n    return my_way(arrays)",
        renamed(a),
    ],
    "two names at once": lambda a: [renamed(a), "three_counters, other = my_way, None"],
    "under another name, and again under its own": below(
        "_way = three_counters\ndef three_counters(arrays):\n    return dict(_way(arrays))"
    ),
    "by its name in globals": lambda a: [renamed(a), "globals()['three_counters'] = my_way"],
    "after a built-in function was covered": first("list, max = [1, 2, 3], 7"),
    "with autoreload": first("%load_ext autoreload\n%autoreload 2"),
    "after what only Colab has": first("from google.colab import drive\ndrive.mount('/content/drive')"),
    "after an installation": first("%pip install -q a-package-that-is-not-there", "import a_package"),
    "after all of math": first("from math import *\nfrom random import *"),
    "in a module, from another folder": lambda a: [
        "!mkdir -p elsewhere\n%cd elsewhere",
        *written("there", "from there import three_counters")(a),
        "%cd ..",
    ],
    "typed": above("from __future__ import annotations"),
    "after a cell that raises": first("raise ValueError('an experiment')"),
    "after a cell that is no Python": first("this is a note: I solved it!"),
    "defined twice, the first wrong": first("def three_counters(arrays):\n    return {}"),
    "defined twice, the second in try": lambda a: [
        "def three_counters(arrays):\n    return {}",
        *under("try:", "finally:\n    pass")(a),
    ],
    "with CRLF": lambda answers: [a.replace("\n", "\r\n") for a in answers],
    "in a module": written("mine", "from mine import three_counters"),
    "in a module, all of it": written("all_mine", "from all_mine import *"),
    "in a module, by its name": written("my_own", "import my_own\nthree_counters = my_own.three_counters"),
    "in a file that is run": written("run_me", "%run -i run_me.py"),
    "in one of two modules": lambda a: [
        *written("first", "from first import three_counters")(a),
        "%%writefile other.py\nx = 1",
        "import other\nother.x",
    ],
    "numbers of NumPy": counting("{key: np.int32(n) for key, n in my_way(arrays).items()}"),
    "arrays of no dimension": counting("{key: np.array(n) for key, n in my_way(arrays).items()}"),
    "floats": counting("{key: float(n) for key, n in my_way(arrays).items()}"),
    "keys of NumPy": counting("{np.str_(key): n for key, n in my_way(arrays).items()}"),
    "another mapping": counting("__import__('types').MappingProxyType(my_way(arrays))"),
}

_TORCH = "torch.compile(counter, backend=recorder(programs), fullgraph=True)"
_RECORDED = "compile(backend=recorder(programs), fullgraph=True)"


def then_called(decorator: str, compiler: str) -> Cells:
    """The function compiled by a call instead of a decorator."""

    def cells(answers: list[str]) -> list[str]:
        plain = instead(f"    {decorator}\n", "")(answers)
        return instead("    for array", f"    count = {compiler}(count)\n    for array")(plain)

    return cells


def chained(*edits: Cells) -> Cells:
    return lambda answers: functools.reduce(lambda made, edit: edit(made), edits, answers)


def after(cell: str, old: str, new: str) -> Cells:
    return lambda answers: [cell, *instead(old, new)(answers)]


#: The official ways to compile.
COMPILED: dict[str, dict[str, Cells]] = {
    "pytorch": {
        "in place": instead(f"count = {_TORCH}", f"counter.{_RECORDED}\n    count = counter"),
        "imported": after("from torch import compile as quick", "torch.compile(", "quick("),
        "partly": after(
            "from functools import partial\nquick = partial(torch.compile, fullgraph=True)",
            _TORCH,
            "quick(counter, backend=recorder(programs))",
        ),
        "its forward is decorated": chained(
            instead("        def forward", f"        @torch.{_RECORDED}\n        def forward"),
            instead("    class Counter", "    programs = []\n    class Counter"),
            instead("Counter(), [], 0", "Counter(), programs, 0"),
            instead(f"count = {_TORCH}", "count = counter"),
        ),
    },
    "tensorflow": {
        "called": then_called("@tf.function", "tf.function"),
        "with options": instead("@tf.function", "@tf.function(reduce_retracing=False, autograph=True)"),
        "imported": after("from tensorflow import function", "@tf.function", "@function"),
    },
    "jax": {
        "called": then_called("@jax.jit", "jax.jit"),
        "imported": after("from jax import jit", "@jax.jit", "@jit"),
        "by another name": after("quick = jax.jit", "@jax.jit", "@quick"),
        "partly": after("import functools", "@jax.jit", "@functools.partial(jax.jit, donate_argnums=())"),
    },
}

#: What makes a scalar of each framework's own.
SCALARS = {"pytorch": "torch.tensor", "tensorflow": "tf.constant", "jax": "jnp.asarray"}

#: The size is found by a name that is defined elsewhere.
SIZE = "next(bucket for bucket in (4, 8, 16, 32) if bucket >= x.size)"
TRACES: dict[str, Cells] = {
    "all in one cell": lambda answers: ["\n\n".join(answers)],
    "a constant in a cell of its own": lambda a: [
        "SIZES = (4, 8, 16, 32)",
        *instead("in (4, 8, 16, 32)", "in SIZES")(a),
    ],
    "a tuple for a list": instead(
        "return [np.pad(x, (0, size - x.size)), x.size]", "return np.pad(x, (0, size - x.size)), x.size"
    ),
    "a length of NumPy": instead("x.size]", "np.int64(x.size)]"),
    "a length of no dimension": instead("x.size]", "np.array(x.size)]"),
    "a list for an array": instead("[np.pad(x, (0, size - x.size)),", "[[*x, *np.zeros(size - x.size)],"),
    "in a module": written("padding", "from padding import bucketed, spread"),
    "a length of the framework": lambda a: a,  # see below
}  # fmt: skip

#: What a visible check's cell may hold besides, and what the answer takes from there.
IN_A_CHECK: dict[str, tuple[str, Cells]] = {
    "an import": (
        "import itertools as it\n{check}",
        instead(SIZE, "next(it.dropwhile(lambda bucket: bucket < x.size, (4, 8, 16, 32)))"),
    ),
    "an import below, the check failing": (
        "assert 1 == 2\n{check}\nimport itertools as it",
        instead(SIZE, "next(it.dropwhile(lambda bucket: bucket < x.size, (4, 8, 16, 32)))"),
    ),
    "a constant": ("SIZES = (4, 8, 16, 32)\n{check}", instead("in (4, 8, 16, 32)", "in SIZES")),
    "a constant, and a magic": (
        "SIZES = (4, 8, 16, 32)\n%time bucketed(np.ones(3))\n{check}",
        instead("in (4, 8, 16, 32)", "in SIZES"),
    ),
    "a constant, annotated": ("SIZES: tuple = (4, 8, 16, 32)", instead("in (4, 8, 16, 32)", "in SIZES")),
    "a constant in if": ("if True:\n    SIZES = (4, 8, 16, 32)", instead("in (4, 8, 16, 32)", "in SIZES")),
    "a lambda": ("fits = lambda b, x: b >= x.size\n{check}", instead("bucket >= x.size", "fits(bucket, x)")),
    "a function": (
        "assert 1 == 2\ndef fits(b, x):\n    return b >= x.size",
        instead("bucket >= x.size", "fits(bucket, x)"),
    ),
    "a trial without end": (
        "SIZES = (4, 8, 16, 32)\nendless = bucketed(np.ones(99)) if SIZES else 0\nwhile True:\n    y = 1\n",
        instead("in (4, 8, 16, 32)", "in SIZES"),
    ),
}

#: Chapter, exercise, and the answers with values of another type.
ELSEWHERE: dict[str, tuple[str, str, Cells]] = {
    "a text of NumPy": (
        "autodiff",
        "products",
        instead('"mode": mode', '"mode": np.array([mode, mode])[0]'),
    ),
    "a number of NumPy": (
        "autodiff",
        "products",
        instead('"passes": min(inputs, outputs)', '"passes": np.int64(min(inputs, outputs))'),
    ),
    "a truth of NumPy": (
        "autodiff",
        "custom",
        lambda a: [*a, "_accepts = accepts\naccepts = lambda *given: np.bool_(_accepts(*given))"],
    ),
    "a truth of no dimension": (
        "autodiff",
        "custom",
        lambda a: [*a, "_accepts = accepts\naccepts = lambda *given: np.array(_accepts(*given))"],
    ),
    "a tuple of gradients": (
        "autodiff",
        "kept",
        lambda a: [*a, "_clipped = clipped\nclipped = lambda *given: tuple(_clipped(*given))"],
    ),
    "rows in a list": (
        "graphs",
        "state",
        lambda a: [a[0], renamed(a[1:], "draws"), "draws = lambda seed, n: list(my_way(seed, n))"],
    ),
    "a number of calls of NumPy": (
        "graphs",
        "break-even",
        lambda a: [*a, "_even = break_even\nbreak_even = lambda *given: np.float64(_even(*given))"],
    ),
    "times in an array": (
        "graphs",
        "break-even",
        lambda a: [
            a[0],
            renamed(a[1:], "time_calls"),
            "def time_calls(size, repeats):\n"
            "    return {key: np.array(each) for key, each in my_way(size, repeats).items()}",
        ],
    ),
}


def submitted(chapter: str, framework: str, texts: list[str]) -> dict:
    """The released exercise, and the answers below it."""
    node = blank(chapter, framework)
    node["cells"] += [new_cell(text) for text in texts]
    return node


Sessions = Callable[[str], Rerun]


@pytest.fixture(scope="module", params=FRAMEWORKS)
def framework(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def session_of(framework: str, warm_sandbox: Sandbox) -> Iterator[Sessions]:
    """``session_of(chapter)``: the one session of a framework in which a chapter's answers are tried."""
    with ExitStack() as stack:
        yield functools.cache(lambda chapter: stack.enter_context(rerun(warm_sandbox, chapter, framework)))


@pytest.mark.slow
@pytest.mark.parametrize("kind", PLACES)
def test_an_answer_counts_however_it_is_written(session_of: Sessions, framework: str, kind: str) -> None:
    texts = PLACES[kind](answers_of("graphs", framework, "places"))
    assert session_of("graphs").lost(submitted("graphs", framework, texts), "places") == []


@pytest.mark.slow
def test_compiling_counts_by_every_official_way(session_of: Sessions, framework: str) -> None:
    lost = {}
    for kind, edit in COMPILED[framework].items():
        texts = edit(answers_of("graphs", framework, "places"))
        lost[kind] = session_of("graphs").lost(submitted("graphs", framework, texts), "places")
    assert not any(lost.values()), lost


@pytest.mark.slow
@pytest.mark.parametrize("kind", TRACES)
def test_answers_may_be_spread_and_of_other_types(session_of: Sessions, framework: str, kind: str) -> None:
    texts = TRACES[kind](answers_of("graphs", framework, "traces"))
    if kind == "a length of the framework":
        texts = instead("x.size]", f"{SCALARS[framework]}(x.size)]")(texts)
    assert session_of("graphs").lost(submitted("graphs", framework, texts), "traces") == []


@pytest.mark.slow
@pytest.mark.parametrize("kind", IN_A_CHECK)
def test_what_a_checks_cell_defines_is_kept(session_of: Sessions, framework: str, kind: str) -> None:
    more, edit = IN_A_CHECK[kind]
    own = f"_{list(IN_A_CHECK).index(kind)}"  # names of its own: those of the kinds before are still there
    texts = edit(answers_of("graphs", framework, "traces"))
    more, *texts = (re.sub(r"\b(SIZES|fits|it)\b", rf"\1{own}", text) for text in (more, *texts))
    node = submitted("graphs", framework, texts)
    (check,) = (cell for cell in node["cells"] if marks(cell).get("grade_id") == "traces")
    check["source"] = more.format(check=source(check))
    assert session_of("graphs").lost(node, "traces") == []


@pytest.mark.slow
@pytest.mark.parametrize("kind", ELSEWHERE)
def test_an_answer_may_be_of_another_type(session_of: Sessions, framework: str, kind: str) -> None:
    chapter, exercise, edit = ELSEWHERE[kind]
    texts = edit(answers_of(chapter, framework, exercise))
    assert session_of(chapter).lost(submitted(chapter, framework, texts), exercise) == []


@pytest.mark.slow
def test_pip_says_at_once_that_there_is_no_network(warm_sandbox: Sandbox) -> None:
    cells = [Code("1", "%pip install a-package-that-is-not-there\n%pip install another-that-is-not-there")]
    with warm_sandbox.open(cells) as session:
        pass
    assert len(re.findall("No matching distribution", session.outcome.output)) == 2
    assert "Retrying" not in session.outcome.output
