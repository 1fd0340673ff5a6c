"""What in a submission's text hints at a forged measurement: for a teacher's eye, never a punishment."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence

from triptych.grading.checks.sources import LONGEST_SOURCE, dotted_name, parsed
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
    "pure_callback": "Python from inside a compiled program",
    "io_callback": "Python from inside a compiled program",
    "settrace_all_threads": "Python's trace functions",
    "setprofile_all_threads": "Python's profile functions",
    "monitoring": "Python's trace functions",
    "getargvalues": "other functions' frames",
    "getouterframes": "other functions' frames",
    "walk_stack": "other functions' frames",
    "gi_frame": "other functions' frames",
    "cr_frame": "other functions' frames",
    "ag_frame": "other functions' frames",
    "dup2": "the process's descriptors",
    "runpy": "code that is not in a cell",
    "run_path": "code that is not in a cell",
}

#: Functions that hide what is called, where a cell has not imported another of that name.
HIDING = frozenset(("exec", "eval", "compile", "__import__"))

#: Modules whose parts a learner has no reason to replace, by the names that they usually have.
FRAMEWORKS = frozenset(
    ("jax", "jnp", "lax", "jaxlib", "torch", "tf", "tensorflow", "keras", "np", "numpy", "sys")
)

#: Where a cell may be more than its Python says: magics run texts and files.
_MAGIC = re.compile(r"^[ \t]*[%!]|=[ \t]*[%!]", re.MULTILINE)
_WORD = re.compile(r"[A-Za-z_]\w*")


def suspicions(cells: Iterable[Code]) -> tuple[str, ...]:
    """Sentences without their subject, each once, such as ``code cell 3 uses get_ipython()``."""
    found: dict[str, None] = {}
    imported: dict[str, str] = {}
    for cell in cells:
        for what in _in_cell(cell.source, imported):
            found.setdefault(f"{cell.id} {what}")
            if len(found) >= MOST:
                return tuple(found)
    return tuple(found)


def _in_cell(source: str, imported: dict[str, str]) -> Iterator[str]:
    """What hints at it in one cell; ``imported``: the modules and their parts by their names until here."""
    tree = parsed(source)
    if tree is not None:
        nodes = list(ast.walk(tree))
        for node in nodes:
            if isinstance(node, ast.Import):
                imported |= {a.asname: a.name for a in node.names if a.asname}
                imported |= {(f := a.name.partition(".")[0]): f for a in node.names if not a.asname}
            elif isinstance(node, ast.ImportFrom):
                imported |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
        for node in nodes:
            yield from _of(node, "get_ipython" in source, imported)
    if len(source) > LONGEST_SOURCE:
        yield "is too long to be searched for such hints"
    if tree is None or _MAGIC.search(source):
        words = {match[0] for match in _WORD.finditer(source)}
        yield from (f"says `{word}` ({NAMES[word]})" for word in NAMES if word in words)


def _of(node: ast.AST, says_get_ipython: bool, imported: Mapping[str, str]) -> Iterator[str]:
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        name = node.value  # for `getattr`
    if name in NAMES:
        yield f"uses `{name}` ({NAMES[name]})"
    elif name == "get_ipython" and says_get_ipython:  # not a magic, which becomes such a call
        yield "uses `get_ipython`"
    elif name in HIDING and isinstance(node, ast.Name) and name not in imported:
        yield f"calls `{name}`, which hides what is called"
    elif isinstance(node, ast.Attribute) and name in ("stack", "trace"):
        if (path := _resolved(node, imported)) in ("inspect.stack", "inspect.trace"):
            yield f"uses `{path}` (other functions' frames)"
    elif isinstance(node, ast.Import):
        yield from (
            f"imports `{a.name}`" for a in node.names if a.name in ("ctypes", "gc", "builtins", "runpy")
        )
    elif isinstance(node, ast.ImportFrom):
        yield from (f"imports `{a.name}`" for a in node.names if a.name in NAMES)
        yield from (
            f"imports `{a.name}`"
            for a in node.names
            if node.module == "inspect" and a.name in ("stack", "trace")
        )
    elif isinstance(node, ast.Assign | ast.AugAssign | ast.Delete):
        yield from _replaced(node, imported)
    elif isinstance(node, ast.Call):
        yield from _called(node, imported)


def _resolved(node: ast.AST, imported: Mapping[str, str]) -> str:
    first, dot, rest = dotted_name(node).partition(".")
    return imported.get(first, first) + dot + rest


def _is_given(node: ast.AST, imported: Mapping[str, str]) -> bool:
    """Whether this is a part of a framework's or of Python's own modules, by whatever name."""
    first = dotted_name(node).partition(".")[0]
    root = imported.get(first, "").partition(".")[0]
    return first in FRAMEWORKS or root in FRAMEWORKS or root in sys.stdlib_module_names


def _replaced(node: ast.Assign | ast.AugAssign | ast.Delete, imported: Mapping[str, str]) -> Iterator[str]:
    targets: Sequence[ast.expr] = [node.target] if isinstance(node, ast.AugAssign) else node.targets
    for target in targets:
        dotted = dotted_name(target)
        settings = "config" in dotted or "backends" in dotted
        if isinstance(target, ast.Attribute) and _is_given(target, imported) and not settings:
            yield f"replaces `{dotted}`"
        elif not isinstance(target, ast.Subscript) or isinstance(node, ast.Delete):
            continue
        elif isinstance(target.value, ast.Call) and dotted_name(target.value.func) in ("globals", "vars"):
            yield "binds a name through `globals()`"
        elif _resolved(target.value, imported) == "sys.modules":
            yield "replaces a module in `sys.modules`"


def _called(node: ast.Call, imported: Mapping[str, str]) -> Iterator[str]:
    called = dotted_name(node.func)
    if called in ("setattr", "delattr") and node.args:
        if _is_given(node.args[0], imported):
            yield f"replaces a part of `{dotted_name(node.args[0])}`"
    elif called == "getattr" and isinstance(
        node.args[1:2] and node.args[1], ast.BinOp | ast.JoinedStr | ast.Call
    ):
        yield "calls `getattr` with a name that is put together"
    elif called.endswith((".patch", ".patch.object")) or called == "patch":
        yield f"calls `{called}`"
    elif isinstance(node.func, ast.Attribute) and node.func.attr == "update":
        inner = node.func.value
        if isinstance(inner, ast.Call) and dotted_name(inner.func) in ("globals", "vars"):
            yield "binds names through `globals()`"
