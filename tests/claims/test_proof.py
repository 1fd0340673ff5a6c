"""Conditions that cannot fail, and verdicts that break a rule, are refused; each by an example."""

from __future__ import annotations

import pytest

from support import section
from support.claims import FILE, SOURCE, entry
from support.records import everything, record, store
from triptych.claims.conditions import judge
from triptych.claims.evidence import StoredValues
from triptych.claims.proof import faults

SHARED = "'warm': 2, 'cold': 5, 'yes': True, 'programs': [5, 3, 1], 'rate': 0.5, 'name': 'cond'"
COMPUTED = "{'warm': f(), 'cold': f(), 'yes': f(), 'programs': f(), 'rate': f(), 'name': f(), 'typed': 2}"


@pytest.fixture
def stored(course, save):
    for framework, log in (("pytorch", 3), ("tensorflow", 2), ("jax", 1)):
        save(
            framework,
            section(
                "Cold start",
                f"{{{SHARED}, 'typed': 2, 'only': {{'log': {log}, 'label': 'DTensor'}}}}",
                COMPUTED[:-1] + ", 'only': {'log': f(), 'label': 'DTensor'}}",
            ),
        )
    return StoredValues(course)


W = "tiny#Cold start/"
P, J = "tiny/pytorch#Cold start/", "tiny/jax#Cold start/"


@pytest.mark.parametrize(
    "text",
    [
        f"{W}warm == 2",
        f"{W}warm == 3",
        f"{W}name != 'while'",
        f"{W}yes == True",
        f"not {{{W}yes}}",
        f"{{{W}yes}} and {{{W}warm}} == 2",
        f"{{{W}programs}}[0] == 5",
        f"{W}programs == [5, 3, 1]",
        f"len({{{W}programs}}) == 3",
        f"round(100 * {{{W}warm}} / {{{W}cold}}) == 92",
        f"{{{W}warm}} < {{{W}cold}}",
        f"{{{P}log}} != {{{J}log}}",
        f"2 * {{{J}log}} < {{{P}log}}",
        f"{{{W}rate}} < 1e-4",
    ],
)
def test_a_condition_that_another_value_turns_proves_something(stored, text):
    assert list(faults(judge(text, stored))) == []


@pytest.mark.parametrize(
    ("text", "unproved"),
    [
        (f"{{{P}warm}} == {{{J}warm}}", "warm"),
        (f"{{{W}warm}} == {{{J}warm}}", "warm"),
        (f"{{{P}programs}} == {{{J}programs}}", "programs"),
        (f"{{{W}warm}} == 2 or 1 == 1", "warm"),
        (f"{{{W}yes}} == {{{W}yes}}", "yes"),
        (f"{{{W}warm}} == 3 and {{{W}cold}} == 6", "warm"),
        (f"{{{W}warm}} == 2 and ({{{W}cold}} > 0 or 1 == 1)", "cold"),
    ],
)
def test_a_value_whose_change_turns_nothing_is_named(stored, text, unproved):
    (problem, remedy), *_ = faults(judge(text, stored))
    assert f"/{unproved} turns it" in problem and "no other value of" in problem
    assert "what it must be" in remedy


@pytest.mark.parametrize("text", [f"{W}typed == 2", f"{J}label == 'DTensor'", f"{{{W}warm}} <= {{{W}typed}}"])
def test_a_value_that_the_author_typed_proves_nothing(stored, text):
    ((problem, remedy),) = faults(judge(text, stored))
    assert "was typed in tiny/" in problem and "computed by no cell" in problem
    assert "dated primary source" in remedy


def test_a_value_that_one_sibling_computes_is_computed(stored, save):
    save("jax", section("Cold start", "{'typed': 2}", "{'typed': f()}"))
    assert list(faults(judge(f"{W}typed == 2", StoredValues(stored.course)))) == []


def test_a_typed_label_is_no_evidence_either(write, save):
    save(
        "jax",
        section("Cold start", "{'warm': 2, 'only': {'by': 'me'}}", "{'warm': f(), 'only': {'by': 'me'}}"),
    )
    see = [{"see": "tiny/jax#Cold start/by"}, {"source": SOURCE}]
    (complaint,) = write(entry(evidence=see)).complaints
    assert complaint.startswith(f"{FILE}: old-first: tiny/jax#Cold start/by: 'me' was typed in tiny/jax")


# --- records of machines ---------------------------------------------------------

LAB = "results/lab#resnet50 training"


@pytest.fixture
def measured(course):
    store(course.root, record("lab", everything()))
    return StoredValues(course)


def test_a_machine_s_value_decides_with_a_margin_of_a_tenth(measured):
    clear = judge(f"{{{LAB}/jax/eager/median}} < 1.2 * {{{LAB}/jax/eager/first}}", measured)
    value = measured.find(f"{LAB}/jax/eager/median").value
    assert clear.references[0].recorded and value == 9.0
    assert list(faults(judge(f"{LAB}/jax/eager/median < {value * 1.2}", measured))) == []
    ((problem, _),) = faults(judge(f"{LAB}/jax/eager/median < {value * 1.05}", measured))
    assert problem.endswith("decides it by less than 10%")


def test_a_reference_to_several_of_a_record_is_for_sentences_only(measured, write):
    see = [{"see": f"{LAB}/*/eager/median"}, {"source": SOURCE}]
    (complaint,) = write(entry(evidence=see)).complaints
    assert "several values; name one framework and one variant" in complaint


# --- rules ---------------------------------------------------------------------

SECONDARY = {**SOURCE, "url": "https://www.aiwiki.ai/wiki/x"}


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"evidence": [{"see": "tiny/jax#Cold start/warm"}]}, "nothing decides 'holds'"),
        ({"evidence": [{"source": SECONDARY}]}, "aiwiki.ai reports what others made or found"),
        ({"evidence": [{"source": {**SECONDARY, "secondary": True}}]}, "nothing decides 'holds'"),
        (
            {"evidence": [{"source": {k: v for k, v in SOURCE.items() if k != "url"}}]},
            "'Moved' has no address",
        ),
        ({"kind": "existence", "verdict": "not tested here"}, "existence, but 'not tested here'"),
        ({"kind": "forecast", "verdict": "outdated"}, "a forecast is never 'outdated'"),
        ({"claim": "TorchServe is light."}, "TorchServe is retired, and nothing about it holds"),
        ({"because": "As above."}, "'As above' leads nowhere"),
        ({"because": "It holds; see the claim before."}, "'the claim before' leads nowhere"),
        ({"claim": "It is named below."}, "'named below' leads nowhere"),
        ({"because": "Alike in all modes (chapter 2)."}, "'chapter 2' leads nowhere"),
    ],
)
def test_an_entry_that_breaks_a_rule_is_one_line(write, changes, problem):
    (complaint,) = write(entry(**changes)).complaints
    assert complaint.startswith(f"{FILE}: old-first: {problem}")
    assert "; " in complaint


@pytest.mark.parametrize(
    "changes",
    [
        {"evidence": [{"see": "tiny/jax#Cold start/warm"}], "expect": "tiny/jax#Cold start/warm == 2"},
        {"evidence": [{"source": SOURCE}, {"source": {**SECONDARY, "secondary": True}}]},
        {"verdict": "opinion", "evidence": None},
        {"chapter": "models", "provisional": True, "evidence": None},
        {"kind": "comparison", "verdict": "not tested here"},
        {"kind": "forecast"},
        {"claim": "TorchServe is light.", "verdict": "outdated"},
        {"claim": "TorchServe came in 2020.", "kind": "history"},
        {"claim": "TensorFlow Text has functions like torchtext's."},
        {"because": "The line below the first is faster."},
    ],
)
def test_an_entry_that_keeps_the_rules_has_no_complaint(write, changes):
    assert write(entry(**changes)).complaints == ()


def test_an_article_that_is_its_own_only_source_needs_no_address(write):
    source = {"title": "Part 7", "publisher": "The article itself (author: nobody)", "date": "2019-05-01"}
    changes = {"kind": "history", "verdict": "not tested here", "evidence": [{"source": source}]}
    assert write(entry(**changes)).complaints == ()
