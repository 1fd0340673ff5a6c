"""Which of a framework's functions are reached while a function of the learner runs.

The source says what is written; this looks at what is called. It watches Python's own
profiling events, in the thread of the call and in those it starts, until one is seen.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import sys
import sysconfig
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import CodeType, FrameType, ModuleType
from typing import Any

#: Where packages are installed, and the code that they generate: code elsewhere is the learner's, or the
#: grader's helpers.
PACKAGES = (
    *{sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), sysconfig.get_path("stdlib")},
    "<string>",
    "<frozen",
    "<attrs",
    "<__array_function__",
    "<eval_with_key>",
)

#: A function that was compiled before it is called does not pass its entry point again. Then the
#: learner's code runs, or is looked up, below these files of the framework's.
COMPILED = {
    "jax.jit": ("/jax/_src/pjit.py",),
    "tensorflow.function": ("/tensorflow/python/eager/polymorphic_function/",),
    "torch.compile": ("/torch/_dynamo/eval_frame.py",),
}

#: What a call of a compiled function is in those files; JAX's is not written in Python.
CALLS = ("Function.__call__", "_TorchDynamoContext.__call__.<locals>", "OptimizedModule.")


class Watch:
    """Watches in a ``with`` block for one of the names; ``reached`` says whether one was called.

    A name is dotted, ``jax.jit`` or ``torch.Tensor.backward``; a module stands for all its
    functions; one without a dot is a function of the ``namespace``; ``.lower`` is any method
    of that name in a package.
    """

    def __init__(self, names: Sequence[str], *namespaces: dict[str, Any]) -> None:
        """``namespaces``: the helpers' and the learner's, which bind the functions without a dot."""
        self.reached = False
        self._namespaces = namespaces
        self._wrapped: dict[str, Any] = {}
        self._codes: set[CodeType] = set()
        self._local: dict[str, list[str]] = {}  # qualified names of entry points, by file: what they return
        self._own: set[tuple[str, str]] = set()
        self._methods: set[str] = set()
        self._folders: tuple[str, ...] = ()
        self._below: list[str] = []
        for name in names:
            self._below += COMPILED.get(name, ())
            if name.startswith("."):
                self._methods.add(name[1:])
            elif "." not in name:
                self._take_own(name, namespaces[0].get(name))
            else:
                self._take(resolved(name))
        self._before: Any = None

    def __enter__(self) -> Watch:
        forget_compiled()
        for name, value in self._wrapped.items():
            self._bind(name, self._noting(value))
        self._before = sys.getprofile()
        threading.setprofile(self._event)
        sys.setprofile(self._event)
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(self._before)
        threading.setprofile(None)
        for name, value in self._wrapped.items():
            self._bind(name, value)

    def _bind(self, name: str, value: Any) -> None:
        for namespace in self._namespaces:
            namespace[name] = value

    def _noting(self, function: Any) -> Any:
        """The function, noted when it is called where no profiler looks.

        That is in a thread of TensorFlow's own, and where ``torch.compile`` reads it instead of calling it.
        """

        @functools.wraps(function)
        def noting(*arguments: Any, **keywords: Any) -> Any:
            self.reached = True
            return function(*arguments, **keywords)

        return noting

    def _take_own(self, name: str, value: Any) -> None:
        if callable(value) and not {"tensorflow", "torch"}.isdisjoint(sys.modules):
            self._wrapped[name] = value
        for code in _codes(value):
            self._own |= {(code.co_filename, name), (code.co_filename, f"tf__{name}")}
        self._own |= {("", f"tf__{name}")}  # AutoGraph's version stands in a file of its own

    def _take(self, value: Any) -> None:
        if isinstance(value, ModuleType):
            file = getattr(value, "__file__", None) or "?"
            self._folders += (str(Path(file).parent) + "/" if file.endswith("__init__.py") else file,)
            return
        for code in _codes(value):
            self._codes.add(code)
            self._local.setdefault(code.co_filename, []).append(f"{code.co_qualname}.<locals>.")

    def _event(self, frame: FrameType, event: str, _argument: object) -> None:
        if event == "call" and self._is_reached(frame):
            self.reached = True
            sys.setprofile(None)
            threading.setprofile(None)

    def _is_reached(self, frame: FrameType) -> bool:
        code = frame.f_code
        file, name = code.co_filename, code.co_name
        packaged = file.startswith(PACKAGES)
        if packaged:
            if file in self._local and code.co_qualname.startswith(tuple(self._local[file])):
                return True
            compiled = any(part in file for part in self._below) and code.co_qualname.startswith(CALLS)
            called = code in self._codes or name in self._methods or file.startswith(self._folders)
            return (compiled or called) and _from_outside(frame)
        if (file, name) in self._own or ("", name) in self._own:
            return True
        return bool(self._below) and self._runs_below(frame)

    def _runs_below(self, frame: FrameType) -> bool:
        """Whether the framework's compiler called this code: it stands between it and the caller's code."""
        above = frame.f_back
        while above is not None and above.f_code.co_filename.startswith(PACKAGES):
            if any(part in above.f_code.co_filename for part in self._below):
                return True
            above = above.f_back
        return False


def _from_outside(frame: FrameType) -> bool:
    """Whether code outside the packages called this, itself or by a wrapper that tidies tracebacks."""
    above = frame.f_back
    while above is not None and "traceback_util" in above.f_code.co_filename:
        above = above.f_back
    return above is not None and not above.f_code.co_filename.startswith(PACKAGES)


def _codes(value: Any) -> Iterable[CodeType]:
    """The code of a function, or of a class's construction and use."""
    if inspect.isclass(value):
        for method in ("__init__", "__new__", "__call__", "__enter__", "apply"):
            yield from _codes(inspect.getattr_static(value, method, None))
        return
    # what a decorator hides, not the decorator, whose code stands in front of many functions
    value = inspect.unwrap(getattr(value, "__func__", value))
    if isinstance(code := getattr(value, "__code__", None), CodeType):
        yield code


def resolved(dotted: str) -> Any:
    """What the dotted name stands for; None where that framework is not here or has no such name."""
    first, *rest = dotted.split(".")
    if first not in sys.modules:
        return None
    value: Any = sys.modules[first]
    path = first
    for name in rest:
        path = f"{path}.{name}"
        if not hasattr(value, name) and isinstance(value, ModuleType):
            try:
                importlib.import_module(path)
            except ImportError:
                return None
        value = getattr(value, name, None)
    return value


def forget_compiled() -> None:
    """Let the frameworks forget what they have compiled, so that it is compiled again while watched."""
    if jax := sys.modules.get("jax"):
        jax.clear_caches()
