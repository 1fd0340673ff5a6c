"""Measured numbers that were typed into pages: what is found, what may stand, and that the book has none."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from support import ROOT
from triptych.claims.prose import of_page, typed_numbers
from triptych.cli import main
from triptych.course import Course


def found(tmp_path, text: str) -> list[str]:
    page = tmp_path / "page.md"
    page.write_text(text, encoding="utf-8")
    return [number.words for number in of_page(page, "page.md")]


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("It is eleven times faster.", ["eleven times"]),
        ("About ten times\nor more, in all three.", ["ten times"]),
        ("Several hundred times as long.", ["Several hundred times"]),
        ("It takes 3.5 ms, then 12 s.", ["3.5 ms", "12 s"]),
        ("The file has 1,204 kB and 14\N{NO-BREAK SPACE}MB.", ["1,204 kB", "14 MB"]),
        ("It saves 83 %, or 83%.", ["83 %", "83%"]),
        ("It is about twice as fast.", ["about twice as"]),
        ("It sends less than half.", ["less than half"]),
        ("A second thread halves the time.", ["halves"]),
        ("It shrinks to a quarter.", ["quarter"]),
        ("It takes a hundredth of the time.", ["hundredth of"]),
        ("It paid after tens of calls.", ["tens of calls"]),
        ("It trains 3.5 images a second.", ["3.5 images a second"]),
        ("It answers 500 requests.", ["500 requests"]),
        ("| a | twice as fast |\n| b | {claim}`x` |", ["twice as"]),
        (":::{dropdown} Answer\nTen times.\n:::", ["Ten times"]),
        ("It runs ten times faster, called thirteen times as often.", ["ten times", "thirteen times"]),
        (
            "It is 3.5x or 4\N{MULTIPLICATION SIGN} faster, by a factor of **ten**.",
            ["3.5x", "4\N{MULTIPLICATION SIGN}", "factor of **ten"],
        ),
        ("It takes 3.5ms, **3.5** ms or 3.5&nbsp;ms.", ["3.5ms", "3.5** ms", "3.5&nbsp;ms"]),
        ("Two and a half times; orders of magnitude.", ["Two and a half times", "orders of magnitude"]),
        ("It has 1,204 bytes and several gigabytes.", ["1,204 bytes", "several gigabytes"]),
        ("```{note}\nIt takes 10 ms.\n```\n\n```\n20 ms\n```", ["10 ms"]),
        ("````{tip}\n```python\n10 ms\n```\nIt takes 20 ms.\n````", ["20 ms"]),
    ],
)
def test_a_number_with_a_unit_and_a_factor_are_found(tmp_path, sentence, words):
    assert found(tmp_path, sentence) == words


@pytest.mark.parametrize(
    "sentence",
    [
        "It is called three times, and asked twice.",
        "Half-written files, half a file, the same program timed twice.",
        "Is it ten times faster?",
        "It is {value}`graphs#Dynamic shapes/padding | times` faster, {value}`a#b/c | 2 digits` ms.",
        "The limit is {given}`200 MB | a setting`.",
        "They say 92 % {claim}`guide-onnx-accuracy`.",
        "It prints `10 ms` and $5 %$, see [10 ms](page.md).",
        "```{drawing} a.py\n:alt: 10 times\n```",
        "~~~python\nx = 10 ms\n~~~",
        "---\ntitle: 10 times\n---\n\nText.",
        "% ten times\n\nText <!-- 10 ms -->.",
        "A second one, in TensorFlow 2 and on 24 cores.",
        "A matrix of 32 \N{MULTIPLICATION SIGN} 32 has four bytes for each.",
    ],
)
def test_what_is_counted_asked_cited_given_or_no_prose_may_stand(tmp_path, sentence):
    assert found(tmp_path, sentence) == []


def test_a_finding_names_the_page_the_line_and_the_remedy(course, monkeypatch):
    page = course.root / "book/tiny/page.md"
    page.parent.mkdir(parents=True)
    page.write_text("# Tiny\n\n```\n10 ms\n```\n\nSlow, and\ntwice as large.\n")
    monkeypatch.chdir(course.root)
    run = CliRunner().invoke(main, ["numbers", "book/tiny"])
    assert run.exit_code == 1
    assert run.stderr.startswith(
        "book/tiny/page.md:8: 'twice as' is typed; take it from a stored value with {value}`"
    )
    assert run.stdout == "1 typed numbers\n"
    assert CliRunner().invoke(main, ["numbers", "book/other"]).stdout == "0 typed numbers\n"


def test_no_page_of_the_book_has_a_measured_number_typed_by_hand():
    typed = [str(number) for number in typed_numbers(Course(ROOT))]
    assert not typed, "\n".join(typed)
