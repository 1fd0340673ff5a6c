"""What in a submission's text hints at a forged measurement: for a teacher's eye, never a punishment."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence

from triptych.grading.checks.sources import dotted_name, parsed
from triptych.grading.sandbox import Code

#: Flags of one submission.
MOST = 20

#: Names by which a process's own workings can be reached, and what they are.
NAMES = {
    "settrace": "Python's trace functions",
    "setprofile": "Python's profile functions",
    "getprofile": "Python's profile functions",
    "ctypes": "the process's memory",
    "_getframe": "other functions' frames",
    "currentframe": "other functions' frames",
    "f_back": "other functions' frames",
    "f_globals": "other functions' frames",
    "f_locals": "other functions' frames",
    "tb_frame": "other functions' frames",
    "_current_frames": "other functions' frames",
    "__globals__": "another function's namespace",
    "__closure__": "another function's insides",
    "__code__": "another function's insides",
    "__subclasses__": "all classes of the process",
    "get_objects": "all objects of the process",
    "get_referrers": "all objects of the process",
    "getsignal": "the process's signal handlers",
    "builtins": "Python's built-in functions",
    "__builtins__": "Python's built-in functions",
    "__builtin__": "Python's built-in functions",
    "addaudithook": "Python's audit hooks",
    "meta_path": "Python's imports",
    "ast_transformers": "IPython's workings",
    "input_transformers_post": "IPython's workings",
    "user_ns": "IPython's workings",
    "getclosurevars": "another function's insides",
    "allow_in_graph": "Python from inside a compiled program",
    "ensure_compile_time_eval": "Python while a program is traced",
}

#: Modules whose parts a learner has no reason to replace.
FRAMEWORKS = frozenset(
    ("jax", "jnp", "lax", "jaxlib", "torch", "tf", "tensorflow", "keras", "np", "numpy", "sys")
)


def suspicions(cells: Iterable[Code]) -> tuple[str, ...]:
    """Sentences without their subject, each once, such as ``code cell 3 uses get_ipython()``."""
    found: dict[str, None] = {}
    for cell in cells:
        if (tree := parsed(cell.source)) is None:
            continue
        for what in _of(tree, "get_ipython" in cell.source):
            found.setdefault(f"{cell.id} {what}")
            if len(found) >= MOST:
                return tuple(found)
    return tuple(found)


def _of(tree: ast.AST, says_get_ipython: bool) -> Iterator[str]:
    for node in ast.walk(tree):
        name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
        if name in NAMES:
            yield f"uses `{name}` ({NAMES[name]})"
        elif name == "get_ipython" and says_get_ipython:  # not a magic, which becomes such a call
            yield "uses `get_ipython`"
        elif isinstance(node, ast.Import):
            yield from (f"imports `{a.name}`" for a in node.names if a.name in ("ctypes", "gc", "builtins"))
        elif isinstance(node, ast.ImportFrom):
            yield from (f"imports `{a.name}`" for a in node.names if a.name in NAMES)
        elif isinstance(node, ast.Assign | ast.AugAssign | ast.Delete):
            yield from _replaced(node)
        elif isinstance(node, ast.Call):
            yield from _called(node)


def _replaced(node: ast.Assign | ast.AugAssign | ast.Delete) -> Iterator[str]:
    targets: Sequence[ast.expr] = [node.target] if isinstance(node, ast.AugAssign) else node.targets
    for target in targets:
        dotted = dotted_name(target)
        settings = "config" in dotted or "backends" in dotted
        if isinstance(target, ast.Attribute) and dotted.partition(".")[0] in FRAMEWORKS and not settings:
            yield f"replaces `{dotted}`"
        elif (
            isinstance(target, ast.Subscript)
            and isinstance(target.value, ast.Call)
            and dotted_name(target.value.func) in ("globals", "vars")
        ):
            yield "binds a name through `globals()`"


def _called(node: ast.Call) -> Iterator[str]:
    called = dotted_name(node.func)
    if called in ("setattr", "delattr") and node.args:
        dotted = dotted_name(node.args[0])
        if dotted.partition(".")[0] in FRAMEWORKS:
            yield f"replaces a part of `{dotted}`"
    elif called in ("exec", "eval", "compile", "__import__"):
        yield f"calls `{called}`, which hides what is called"
    elif called.endswith((".patch", ".patch.object")) or called == "patch":
        yield f"calls `{called}`"
    elif isinstance(node.func, ast.Attribute) and node.func.attr == "update":
        inner = node.func.value
        if isinstance(inner, ast.Call) and dotted_name(inner.func) in ("globals", "vars"):
            yield "binds names through `globals()`"
