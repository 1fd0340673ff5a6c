"""What an author typed into a checkpoint, and what a cell computed."""

from __future__ import annotations

import nbformat
import pytest

from support import section
from triptych.claims.typed import typed_keys
from triptych.notebooks import model


@pytest.fixture
def typed(course, save):
    """``typed("code", "dict")`` says which keys of the checkpoint ``dict`` are typed, after the cells."""

    def typed(checkpoint, *cells, shown="{'key': 1}"):
        heading, code = section("Cold start", shown, checkpoint)
        before = [nbformat.v4.new_code_cell(cell, execution_count=1) for cell in cells]
        path = save("jax", [heading, *before, code])
        return typed_keys(model.read(path, course), "Cold start")

    return typed


@pytest.mark.parametrize(
    "value",
    [
        "'DTensor'",
        "20 * 2 * 4",
        "['a', 'b']",
        "f'{1} of {2}'",
        "', '.join(['a', 'b'])",
        "'gpu' if 1 > 2 else 'cpu'",
        "round(-1.5)",
        "name",
        "twice",
        "sizes[0]",
        "len(sizes)",
        "jax.pmap.__name__",
        "f'jax.{shard_map.__name__}'",
        "strategy_class.__name__",
    ],
)
def test_a_literal_is_typed_through_names_arithmetic_and_dunder_name(typed, value):
    cells = ("from jax import shard_map\nname = 'a'\nname = 'b'", "twice = name * 2\nsizes = [1, 2]")
    more = "class strategy_class: pass"
    assert typed(f"x = 1\n{{'key': {value}}}", *cells, more) == {"key"}


@pytest.mark.parametrize(
    "value",
    [
        "tell()",
        "type(error).__name__",
        "strategy.__name__",
        "'refused' if refused else 'works'",
        "outcome",
        "twice",
        "rebound",
        "log",
        "len(log)",
        "seen",
        "total",
        "first",
        "rest",
        "opened",
        "[tell(), 1]",
        "itself",
        "unheard_of",
        "magic",
    ],
)
def test_what_a_call_or_a_branch_decides_is_computed(typed, value):
    cells = (
        "strategy = tell()\nrefused = tell()\nseen = 0",
        "try:\n    tell()\n    outcome = 'works'\nexcept OSError:\n    outcome = 'refused'",
        "twice = 1\ntwice = tell()\nrebound = tell()\nrebound = 1",
        "log = []\nitself = itself",
        "def count():\n    global seen\n    seen += 1",
        "total = 0\nfor i in range(3):\n    total += i",
        "first, rest = tell()\nwith open('f') as opened: pass",
        "%time magic = 3",
        "%%bash\nunheard_of = 1",
    )
    assert typed(f"{{'key': {value}}}", *cells) == frozenset()


def test_keys_of_only_of_a_named_dict_and_of_dicts_put_together(typed):
    checkpoint = "{'a': 1, 'only': {'b': 2, 'c': tell()} | {'d': 4} | facts, **more, 'e': tell()}"
    keys = typed(checkpoint, "facts = {'f': 5}\nmore = {'g': 6, 'h': tell()}", shown="{'a': 1}")
    assert keys == {"a", "b", "d", "f", "g"}


def test_a_list_of_texts_that_all_stand_in_the_code_is_typed(typed):
    shown = "{'variants': ['eager', 'jit'], 'operators': ['Add', 'eager'], 'row': ['jit', True]}"
    checkpoint = "{'variants': sorted(times), 'operators': tell(), 'row': tell()}"
    assert typed(checkpoint, "times = {'jit': tell(), 'eager': tell()}", shown=shown) == {"variants"}


def test_a_cell_that_ends_in_no_dict_has_no_typed_key(typed):
    assert typed("facts = {'key': 1}\ntell(facts)") == frozenset()
