"""Mutants: a reference answer with one operator, constant, argument or line changed.

mutmut's operators make them, and three of ours that it does not have: a line dropped, a
decorator dropped, and a branch turned round. mutmut itself leaves decorated functions as they
are, since it keeps all mutants in one file; here each is a text of its own.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import libcst as cst
from mutmut.mutation.mutators import mutation_operators, operator_assignment


@dataclass(frozen=True)
class Mutant:
    """``answer`` is the exercise's whole answer, in which the lines ``old`` have become ``new``.

    Both without what indents them; several lines are joined by a line feed.
    """

    exercise: str
    framework: str
    old: str
    new: str
    answer: str

    def __str__(self) -> str:
        return f"({self.old!r}, {self.new!r})"


def mutants(exercise: str, framework: str, answer: str) -> list[Mutant]:
    """All mutants of an answer, each text once, in the order of what is changed."""
    module = cst.parse_module(answer)
    collector = _Collector()
    module.visit(collector)
    made: dict[str, Mutant] = {}
    for original, changed in collector.changes:
        tree = module.deep_replace(original, changed)
        text = tree.code if isinstance(tree, cst.Module) else ""
        if text not in made and text != answer and _compiles(text):
            made[text] = Mutant(exercise, framework, *_difference(answer, text), text)
    return list(made.values())


def _compiles(text: str) -> bool:
    try:
        compile(text, "mutant", "exec")
    except (SyntaxError, ValueError):
        return False
    return True


def _difference(before: str, after: str) -> tuple[str, str]:
    """The lines that differ, from the first to the last of them."""
    a, b = before.splitlines(), after.splitlines()
    blocks = [code for code in difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes()]
    differing = [code for code in blocks if code[0] != "equal"]
    old = a[differing[0][1] : differing[-1][2]]
    new = b[differing[0][3] : differing[-1][4]]
    return "\n".join(map(str.strip, old)), "\n".join(map(str.strip, new))


class _Collector(cst.CSTVisitor):
    """Collects pairs of a node and what may stand in its place."""

    def __init__(self) -> None:
        super().__init__()
        self.changes: list[tuple[cst.CSTNode, cst.CSTNode]] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.Annotation):
            return False
        for kind, operator in (*mutation_operators, *_OURS):
            if operator is not operator_assignment and isinstance(node, kind):
                self.changes += ((node, each) for each in operator(node) if _tells(node, each))
        return True


def _tells(node: cst.CSTNode, changed: cst.CSTNode) -> bool:
    """Whether it is worth a trial.

    None in an argument's or a value's place is an error and no mistake, and says no more than the
    argument or the line left out; a text in other letters no more than another text.
    """
    if isinstance(node, cst.Call) and isinstance(changed, cst.Call):
        return len(changed.args) < len(node.args) or changed.func is not node.func
    if isinstance(node, cst.SimpleString) and isinstance(changed, cst.SimpleString):
        return "XX" in changed.value
    return True


def _without_line(node: cst.SimpleStatementLine) -> Iterator[cst.SimpleStatementLine]:
    (first, *_) = node.body
    text = isinstance(first, cst.Expr) and isinstance(first.value, cst.SimpleString | cst.ConcatenatedString)
    if not text and not isinstance(first, cst.Pass):
        yield node.with_changes(body=[cst.Pass()])


def _without_decorator(node: cst.FunctionDef | cst.ClassDef) -> Iterator[cst.CSTNode]:
    for dropped in node.decorators:
        yield node.with_changes(decorators=[kept for kept in node.decorators if kept is not dropped])


def _other_branch(node: cst.If | cst.While) -> Iterator[cst.CSTNode]:
    test = node.test.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    yield node.with_changes(test=cst.UnaryOperation(cst.Not(), test))


_OURS: tuple[tuple[Any, Any], ...] = (
    (cst.SimpleStatementLine, _without_line),
    (cst.FunctionDef | cst.ClassDef, _without_decorator),
    (cst.If | cst.While, _other_branch),
)
