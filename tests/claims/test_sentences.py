"""Stored values in a sentence: how they are rounded, combined and refused."""

from __future__ import annotations

from typing import Any

import pytest

from support import section
from triptych.claims.evidence import StoredValues
from triptych.claims.references import Reference
from triptych.claims.sentences import SPACE, said
from triptych.errors import TriptychError
from triptych.frameworks import FRAMEWORKS

#: Of all siblings, of each one, and of a stored run.
SHARED: dict[str, Any] = {
    "rows": 1797, "size": 14313.5, "right": True, "list": [3, 41.26], "by": "jax", "odd": float("nan"),
    "huge": 10**400, "none": "",
}  # fmt: skip
EACH = {"fast": (0.2, 0.3, 0.4), "slow": (2.0, 3.0, 4.0), "kinds": (2, 3, 4), "names": ("a", "b", "b")}


def find(name: str) -> Reference:
    if name in SHARED:
        return Reference(name, "tiny", "Cold start", name, dict.fromkeys(FRAMEWORKS, SHARED[name]))
    if name in EACH:
        values = dict(zip(FRAMEWORKS, EACH[name], strict=True))
        return Reference(name, "tiny", "Cold start", name, values, several=True)
    if name == "ms":
        return Reference(name, "tiny", "By the clock", name, {"jax": 1.23456}, varies=True)
    if name == "two":
        return Reference(name, "tiny", "Cold start", name, {"jax": 1, "pytorch": 2}, several=True)
    raise TriptychError(name, "not there", "take another")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("rows", "1,797"),
        ("size", "14,313.5"),
        ("size | 2 digits", "14,000"),
        ("size | round 100, kB", "14,300 kB"),
        ("{size} * 1e3 | bytes", "14 MB"),
        ("{size} / 1e7 | time 3", "1.43 ms"),
        ("{list}[1]", "41.26"),
        ("{list}[1] | 1 decimal", "41.3"),
        ("{list}[0] / {rows} | 1 digit", "0.002"),
        ("{list}[0] / {list}[1] | percent", "7 %"),
        ("{list}[0] - 3 | 2 digits", "0"),
        ("9.96 * {rows} / {rows} | 2 digits", "10"),
        ("{list}[0] | words", "three"),
        ("{list}[1] | words", "41"),
        ("by", "jax"),
        ("names", "a and b"),
        ("kinds", "2 to 4"),
        ("two | words, runs", "one to two runs"),
        ("kinds | least words", "two"),
        ("fast | most 1 decimal, ms", "0.4 ms"),
        ("{slow} / {fast} | times", "ten times"),
        ("{kinds} / 2 + 1 | most times", "three times"),
        ("{kinds} | least times", "twice"),
        ("{kinds} * 1.2 | times", "2.4 to 4.8 times"),
        ("{kinds} * 50 | times", "100 to 200 times"),
        ("{slow} / 1e3 | time", "2.0 to 4.0 ms"),
        ("ms | 2 digits, ms", "1.2 ms"),
    ],
)
def test_a_sentence_says_the_stored_value(text, sentence):
    assert said(text, find).text.replace(SPACE, " ") == sentence


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("row", "not there"),
        ("{rows} / {row} | times", "not there"),
        ("right", "its value is True, not a number"),
        ("list", "not a number"),
        ("odd | 2 digits", "not a number"),
        ("huge", "too large to be written"),
        ("huge | 2 digits", "too large to be written"),
        ("none", "its value is '', not a number"),
        ("by | 2 digits", "its value is 'jax', not a number"),
        ("rows | ² digits", "no such form"),
        ("rows | two digits", "no such form; there are: N digits"),
        ("rows | digits", "a number too many or too few"),
        ("rows | times 3", "a number too many or too few"),
        ("rows | round 0", "a number too many or too few"),
        ("{rows} / 1e6 | times", "no factor above 1"),
        ("{rows} / 1e6", "a computed fraction that is not rounded"),
        ("{rows} / 0 | 2 digits", "cannot be evaluated"),
        ("{rows}.real | 2 digits", "cannot be evaluated"),
        ("{rows} + | 2 digits", "cannot be parsed"),
        ("ms", "varies from run to run and is not rounded"),
        ("{slow} / {two} | times", "different notebooks"),
        ("", "not there"),
        ("x" * 501, "too long"),
    ],
)
def test_what_cannot_be_said_is_one_line_with_a_remedy(text, fault):
    with pytest.raises(TriptychError) as error:
        said(text, find)
    assert fault in str(error.value)
    assert error.value.remedy and "\n" not in str(error.value)


def test_siblings_are_named_one_by_one_where_they_differ_or_vary(course, save):
    for number, framework in enumerate(FRAMEWORKS, 2):
        heading, checkpoint = section("Cold start", f"{{'all': 1, 'only': {{'own': {number}}}}}")
        _, timing = section("", f"{{'ms': {number}.5}}")
        _, table = section("", "{not a dict")
        for cell in (timing, table):
            cell.metadata["tags"] = ["nbval-ignore-output"]
        save(framework, [heading, timing, table, checkpoint])
    stored = StoredValues(course)
    assert stored.each("tiny#Cold start/all").values == dict.fromkeys(FRAMEWORKS, 1)
    assert list(stored.each("tiny/*#Cold start/own").values.values()) == [2, 3, 4]
    two = stored.each("tiny/jax,pytorch#Cold start/ms")
    assert dict(two.values) == {"jax": 4.5, "pytorch": 2.5} and two.several and two.varies
    for text, fault in {"own": "differ", "ms": "vary"}.items():
        with pytest.raises(TriptychError, match=fault):
            stored.each(f"tiny#Cold start/{text}")
    with pytest.raises(TriptychError, match="no notebook 'jx'"):
        stored.each("tiny/jx,pytorch#Cold start/own")
