"""Submissions that answer in NumPy and go for what measures them, against the real exercises.

Each is a control, answers in NumPy that earn what values can earn, and something more that
is to earn marks which only a compiled or differentiated answer should have. ``flag`` is what
a teacher must be told, as a regular expression.
"""

from __future__ import annotations

from dataclasses import dataclass, field

#: graphs: right values, and nothing of a framework.
GRAPHS = """
import math
import numpy as np

def three_counters(arrays):
    arrays = [np.asarray(a) for a in arrays]
    return {"python": len(arrays), "traces": len({a.shape for a in arrays}),
            "program": int(sum((a > 0).sum() for a in arrays))}

def count_operations(n):
    counts = {"mul": 0, "add": 0, "div": 0}
    while n != 1:
        if n % 2:
            counts["mul"] += 1
            counts["add"] += 1
            n = 3 * n + 1
        else:
            counts["div"] += 1
            n //= 2
    return counts | {"all": sum(counts.values())}

def bucketed(x):
    x = np.asarray(x)
    size = min(b for b in (4, 8, 16, 32) if b >= len(x))
    return [np.concatenate([x, np.zeros(size - len(x), x.dtype)]), len(x)]

def spread(x, length):
    x = np.asarray(x)[: int(length)]
    return np.abs(x - x.mean(dtype="f8")).mean()

def limit_norm(x, ceiling):
    x = np.asarray(x)
    norm = float(np.sqrt((x * x).sum()))
    return x * (ceiling / norm) if norm > ceiling else x

def collatz_peak(n):
    n = int(n)
    steps, peak = 0, n
    while n != 1:
        n = 3 * n + 1 if n % 2 else n // 2
        steps, peak = steps + 1, max(peak, n)
    return steps, peak

def smooth(state, x):
    count = np.asarray(state["count"]) + 1
    mean = np.asarray(state["mean"]) + (np.asarray(x) - np.asarray(state["mean"])) / count
    return {"count": count, "mean": mean}, np.asarray(x) - mean

def draws(seed, n):
    import random
    source = random.Random(int(seed))
    return np.array([source.random() for _ in range(3 * n)]).reshape(n, 3)

def break_even(first, compiled_ms, eager_ms):
    later, eager = np.median(compiled_ms), np.median(eager_ms)
    if first < eager:
        return 1
    return 0 if later >= eager else math.floor((first - later) / (eager - later)) + 1

def time_calls(size, repeats):
    return {"first": 1000.0, "compiled": [1.0] * repeats, "eager": [1.0] * repeats}

def fire(current, leak, threshold):
    c = np.asarray(current)
    drive, v, spikes, voltage = (c - c.mean()) / c.std(ddof=1), 0.0, [], []
    for push in drive:
        v = leak * v + push
        spikes.append(int(v > threshold))
        v -= threshold * spikes[-1]
        voltage.append(float(v))
    return np.array(spikes), np.array(voltage)
"""

#: autodiff: the first exercise by hand, the solver without its derivatives, and a judge who knows the names.
AUTODIFF = """
import numpy as np

def train(X, y, rate, steps):
    w, b, losses = np.zeros(X.shape[1]), 0.0, []
    for _ in range(steps):
        z = X @ w + b
        losses.append(float(np.mean(np.exp(z) - y * z)))
        away = (np.exp(z) - y) / len(y)
        w, b = w - rate * X.T @ away, b - rate * away.sum()
    return {"weights": w, "bias": float(b), "losses": losses}

def anomaly(M, e):
    return solve_kepler(np.asarray(M), np.asarray(e))

def accepts(name, M, e):
    return name in ("sound", "anomaly")
"""

ANSWERS = {"graphs": GRAPHS, "autodiff": AUTODIFF}

_FORGED = """
def forged(name, calls):
    return {"results": plain(name, calls)["results"], "programs": 1}
"""


@dataclass(frozen=True)
class Forgery:
    """One attempt. The name reads as what it does; ``cells`` follow the answers."""

    name: str
    flag: str
    cells: tuple[str, ...] = ()
    edits: tuple[tuple[str, str], ...] = field(default=())
    chapter: str = "graphs"

    def sources(self) -> list[str]:
        """The cells, the answers first."""
        answers = ANSWERS[self.chapter]
        for old, new in self.edits:
            assert old in answers, old
            answers = answers.replace(old, new)
        return [answers, *self.cells]


CONTROL = Forgery("answers in NumPy", "")

_BY_DIFFERENCES = """
def by_differences(name, calls, weights=1.0, twice=False):
    values, gradients = [], []
    for call in calls:
        value = np.asarray(globals()[name](*call))
        values.append(value)
        above = weights * (1 + 2 * value if twice else 1)
        found = []
        for place, given in enumerate(call):
            moved = [np.asarray(globals()[name](*[g + s * 1e-6 if p == place else g
                     for p, g in enumerate(call)])) for s in (1, -1)]
            found.append((moved[0] - moved[1]) / 2e-6 * above)
        gradients.append(found)
    return {"values": values, "gradients": gradients}
"""

FORGERIES = (
    Forgery(
        "puts its own helper back after each cell",
        "get_ipython.*registers callbacks.*locked name `compiled`",
        (
            _FORGED,
            "def again(result):\n    get_ipython().user_ns['compiled'] = forged\n"
            "get_ipython().events.register('post_run_cell', again)",
        ),
    ),
    Forgery(
        "lets no more cell run",
        "get_ipython.*replaces a part of it",
        (
            _FORGED + "compiled = forged",
            "done = type('R', (), {'error_before_exec': None, 'error_in_exec': None})()\n"
            "get_ipython().run_cell = lambda source, **more: done",
        ),
    ),
    Forgery(
        "writes its own helper as the last cell, under the helper's name",
        "binds the locked name `compiled` again",
        (_FORGED + "compiled = forged",),
    ),
    Forgery(
        "takes IPython's syntax trees apart, so that a helper means something else",
        "get_ipython.*registers callbacks",
        (
            _FORGED,
            "import ast\nclass Renamed(ast.NodeTransformer):\n"
            "    def visit_FunctionDef(self, node):\n"
            "        node.name = 'unused' if node.name == 'compiled' else node.name\n        return node\n"
            "get_ipython().ast_transformers.append(Renamed())\ncompiled = forged",
        ),
    ),
    Forgery(
        "replaces the framework's compiler by one that only calls",
        r"replaces `jax\.jit`.*replaces `jax\.jit`",  # in the text, and in the process
        ("import jax\njax.jit = lambda function, **more: function",),
    ),
    Forgery(
        "replaces the compiler by one that calls once and keeps the rest apart",
        r"replaces `jax\.jit`",
        (
            "import jax\nclass Apart:\n    def __init__(self, function, **more):\n"
            "        self.once = function\n"
            "    def __call__(self, *given):\n"
            "        once, self.once = self.once, None\n"
            "        return once(*given) if once else globals()[NAME](*given)\n"
            "NAME = 'limit_norm'\njax.jit = Apart",
        ),
    ),
    Forgery(
        "replaces a function of NumPy that the helpers call",
        r"replaces `numpy\.asarray`|replaces `np\.asarray`",
        (
            "import jax, numpy as np\nreal = np.asarray\n"
            "np.asarray = lambda x, *a, **k: real(x if not isinstance(x, jax.core.Tracer) else 1.0)",
        ),
    ),
    Forgery(
        "replaces Python's own functions under the helpers",
        "built-in functions",
        ("import builtins\nreal = builtins.len\nbuiltins.len = lambda x: 1 if type(x) is list else real(x)",),
    ),
    Forgery(
        "changes the helper's namespace from outside",
        "__globals__",
        (_FORGED + "compiled.__globals__['compiled'] = forged\nplain.__globals__['compiled'] = forged",),
    ),
    Forgery(
        "changes the helper's code",
        "__code__",
        (_FORGED + "compiled.__code__ = forged.__code__",),
    ),
    Forgery(
        "changes the helpers from a thread, again and again",
        "binds the locked name `compiled` again|replaces the grader's own",
        (
            _FORGED + "import threading, time\ndef keep():\n    while True:\n"
            "        globals()['compiled'] = forged\n        time.sleep(0.0005)\n"
            "threading.Thread(target=keep, daemon=True).start()",
        ),
    ),
    Forgery(
        "replaces what answers the grader",
        "",
        (
            "import sys\nfor name, module in list(sys.modules.items()):\n"
            "    if hasattr(module, 'run_cells') and hasattr(module, 'answer'):\n"
            "        real = module.answer\n"
            "        def answer(shell, *rest):\n"
            "            reply = real(shell, *rest)\n"
            "            if 'raised' in reply:\n"
            "                reply = {'call': reply['call'], 'value': {'dict': {'programs': 1}}}\n"
            "            return reply\n        module.answer = answer",
        ),
    ),
    Forgery(
        "writes the compiler's name where nothing comes",
        r"writes `jax\.jit` in `three_counters`, but does not reach it",
        edits=(
            ("    arrays = [np", "    if not arrays:\n        jax.jit\n    arrays = [np"),
            ("    import random\n", "    import random\n    if 0:\n        jax.jit\n"),
            (
                "def time_calls(size, repeats):\n",
                "def time_calls(size, repeats):\n    if 0:\n        jax.jit\n",
            ),
            (
                '    counts = {"mul"',
                '    if not n:\n        jax.make_jaxpr(ladder)\n    counts = {"mul"',
            ),
        ),
    ),
    Forgery(
        "hides from the profiler that looks at what is called",
        "profile functions",
        edits=(
            ("    arrays = [np", "    import sys\n    sys.setprofile(None)\n    arrays = [np"),
            ("    import random\n", "    import random, sys\n    sys.setprofile(None)\n"),
        ),
    ),
    Forgery(
        "measures derivatives by differences in the helper's place",
        "get_ipython.*registers callbacks.*locked name `differentiate`",
        (
            _BY_DIFFERENCES,
            "def again(result):\n    get_ipython().user_ns['differentiate'] = by_differences\n"
            "get_ipython().events.register('post_run_cell', again)",
        ),
        chapter="autodiff",
    ),
    Forgery(
        "writes the name of a derivative where nothing comes",
        r"writes `jax\.grad` in `train`, but does not reach it",
        edits=(("    w, b, losses", "    if 0:\n        jax.grad\n    w, b, losses"),),
        chapter="autodiff",
    ),
    Forgery(
        "calls something else that has a compiler's method's name",
        "",
        edits=(
            (
                '    counts = {"mul"',
                '    np.trace(np.eye(2))\n    "A".lower()\n    jnp.trace(jnp.eye(2))\n'
                '    ladder(1.0, n)\n    counts = {"mul"',
            ),
        ),
    ),
)
