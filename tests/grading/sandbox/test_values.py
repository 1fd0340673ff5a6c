"""What crosses the border between the grader and a submission."""

from __future__ import annotations

import json
import os
import re
import threading
from collections import deque
from types import MappingProxyType

import numpy as np
import pytest

from triptych.grading.sandbox.inside import messages, values


@pytest.mark.parametrize(
    "value",
    [
        *(None, True, 0, -(2**63), 2**64 - 1, 1.5, "é\n", "", [], (), {}, [1, (2.0, {"a": [None]})]),
        np.arange(6, dtype="<i4").reshape(2, 3),
        *(np.zeros((0, 3)), np.float32(0.1), np.bool_(True), np.complex64(1j), np.array(3.0)),
        np.array([np.nan, np.inf], "f2"),
    ],
    ids=repr,
)
def test_plain_data_crosses_the_border_unchanged(value):
    back = values.decode(json.loads(json.dumps(values.encode(value))))
    assert type(back) is type(value)
    if isinstance(value, np.ndarray | np.generic):
        assert back.dtype == value.dtype
        np.testing.assert_array_equal(back, value)
    else:
        assert back == value


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_what_json_lacks_crosses_too(number):
    text = json.dumps(values.encode(number), allow_nan=False)
    assert repr(values.decode(json.loads(text))) == repr(number)


class Equal(float):
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = float.__hash__


def test_a_subclass_arrives_as_the_plain_type():
    assert type(values.decode(values.encode(Equal(1.0)))) is float
    assert type(values.decode(values.encode(np.ma.array([1.0])))) is np.ndarray


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (np.str_("text"), "text"),
        ({np.str_("key"): np.str_("text")}, {"key": "text"}),
        (np.array("text"), "text"),
        (np.array([["a"], ["bc"]]), [["a"], ["bc"]]),
        (np.array([[1], [2, 3]], dtype=object), [[1], [2, 3]]),
        (range(3), [0, 1, 2]),
        (deque([1, 2]), [1, 2]),
        ({"a": 1}.values(), [1]),
        ({"a": 1}.keys(), ["a"]),
        (MappingProxyType({"a": 1}), {"a": 1}),
        (np.longdouble(0.5), np.float64(0.5)),
    ],
)
def test_what_an_honest_answer_may_also_be_arrives_as_plain_data(value, plain):
    back = values.decode(json.loads(json.dumps(values.encode(value))))
    assert type(back) is type(plain) and back == plain


def test_an_array_that_holds_itself_is_refused():
    itself = np.empty(2, dtype=object)
    itself[:] = [itself, itself]
    with pytest.raises(values.NotPlain, match="nested more than"):
        values.encode(itself)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (object(), "of type object"),
        (b"bytes", "of type bytes"),
        ({1: 2}, "keys are not all strings"),
        (np.array([object()]), "of type object"),
        (np.array([b"bytes"]), "dtype |S5"),
        (np.zeros(2, "f8,i4"), "cannot be handed over"),
        (2**64, "64 bits"),
        (np.zeros(1 << 20), "larger than 1 MiB"),
        (["x" * 100] * 20_000, "larger than 1 MiB"),
        ([[]] * 200_000, "larger than 1 MiB"),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_anything_else_is_refused_and_named(value, why):
    with pytest.raises(values.NotPlain, match=re.escape(why)):
        values.encode(value, limit=1 << 20)


@pytest.mark.parametrize(
    "message",
    [
        {"array": "AAAA", "dtype": "|O", "shape": [1]},
        {"array": "AAAAAAAAAAA=", "dtype": "<M8[s]", "shape": [1]},
        {"array": "AAAA", "dtype": "<f4", "shape": [2]},
        {"array": "AAAA", "dtype": "<f4", "shape": [-1]},
        {"array": "AAAA", "dtype": "<f4", "shape": [True]},
        {"array": "", "dtype": "<f8", "shape": [2**60, 2**60, 0]},
        {"array": "AA", "dtype": "|u1", "shape": "1"},
        {"array": "????", "dtype": "|u1", "shape": [3]},
        {"array": "AAAA", "dtype": "V1000000000", "shape": [1]},
        {"scalar": "", "dtype": "<f8"},
        {"pickle": "gASVBQ=="},
        {"tuple": [], "more": 1},
        {"float": "1.0"},
        {"dict": [1]},
        10**30,
    ],
    ids=repr,
)
def test_a_forged_value_is_refused(message):
    with pytest.raises(values.NotPlain):
        values.decode(message)


def test_a_forged_message_is_refused_before_it_is_read():
    for content, limit in (
        (b"\xff" * 4, 1 << 20),
        (b"\0\0\0\3{a}", 1 << 20),
        (b"\0\0\0\3NaN", 1 << 20),
        (b"\0\1\0\0" + b"[" * 65_536, 1 << 20),
        (b"\0\0\0\4\xff\xff\xff\xff", 1 << 20),
    ):
        reading, writing = os.pipe()
        os.set_blocking(writing, False)
        os.write(writing, content[:65_536])
        os.write(writing, content[65_536:]) if len(content) < 65_536 else None
        threading.Timer(0.1, os.close, [writing]).start()
        with pytest.raises((values.NotPlain, EOFError)):
            messages.receive(reading, limit)
        os.close(reading)


def through(message: object, **more: object) -> object:
    """What is received of a message that was sent."""
    reading, writing = os.pipe()
    sending = threading.Thread(target=messages.send, args=(writing, message))
    sending.start()
    try:
        return messages.receive(reading, **more)
    finally:
        os.close(reading)
        sending.join()
        os.close(writing)


@pytest.mark.parametrize("text", ["1,2,3\n" * 600_000, '{"[' * 400_000, "\\" * 999 + '",[' * 400_000])
def test_a_long_text_may_hold_any_characters(text: str) -> None:
    """A table as CSV, JSON as text: what stands within quotes is built as one text."""
    assert through({"value": text}, limit=8 << 20) == {"value": text}


def test_a_job_may_hold_more_lists_than_an_answer() -> None:
    many = [[1, 2, 3, 4]] * 210_000
    assert through(many, items=None) == many
    with pytest.raises((values.NotPlain, EOFError), match="numbers outside arrays"):
        through(many)


def test_what_the_other_side_would_refuse_is_not_sent() -> None:
    for value in ([0] * 600_000, {str(i): 1 for i in range(300_000)}):
        with pytest.raises(values.NotPlain, match="more than 500000 numbers outside arrays; return an array"):
            values.encode(value)
    fits = [0] * 499_999
    assert values.decode(values.encode(fits)) == fits
