"""Bad input in the ledger's files: one line each that names file, entry or line, and the fix."""

from __future__ import annotations

import pytest

from support import section
from support.claims import FIGURE, FILE, SOURCE, entry
from triptych.claims import ledger as claims

REFUSED = {
    "unknown key": (
        entry(verdikt="holds"),
        "unknown key 'verdikt'; the keys are: id, section, claim, systems, chapter, kind, verdict",
    ),
    "missing key": (entry(because=None), "no 'because'; required are: id, section, claim"),
    "no evidence": (entry(evidence=None), "no 'evidence'; cite a checkpoint (see: ...) or a dated source"),
    "empty evidence": (entry(evidence=[]), "evidence: empty; fill it in"),
    "half a depends": (
        entry(verdict="depends", evidence=[{"source": SOURCE}]),
        "evidence: only 1; 'depends' needs evidence for both cases",
    ),
    "two in one": (
        entry(evidence=[{"see": "tiny#Cold start/warm", "source": SOURCE}]),
        "evidence 1: {'see': 'tiny#Cold start/warm', 'source': ",
    ),
    "source without date": (
        entry(evidence=[{"source": {"title": "Moved", "publisher": "PyTorch"}}]),
        "evidence 1: source: no 'date'; a source has title, publisher and date",
    ),
    "vague date": (
        entry(evidence=[{"source": {**SOURCE, "date": "last year"}}]),
        "evidence 1: source: date: 'last year' is not allowed; write a date as 2025-08-07",
    ),
    "unknown verdict": (
        entry(verdict="true"),
        "verdict: unknown value 'true'; the values are: holds, outdated, wrong, depends, opinion",
    ),
    "unknown kind": (entry(kind="fact"), "kind: unknown value 'fact'; the values are: behaviour, figure"),
    "unknown chapter": (
        entry(chapter="grafs"),
        "chapter: unknown value 'grafs'; the values are: graphs",
    ),
    "unknown system": (
        entry(systems=["caffe"]),
        "systems 1: unknown value 'caffe'; the values are: tens",
    ),
    "systems out of order": (
        entry(systems=["jax", "pytorch"]),
        "the systems are out of order; write [pytorch, jax]",
    ),
    "long because": (entry(because="x" * 301), "because: 301 characters are too many; use 300 at most"),
    "text for a list": (entry(systems="jax"), "systems: 'jax' is not a list"),
    "not provisional": (
        entry(provisional=False),
        "provisional: False is not allowed; write provisional: true",
    ),
    "unknown section": (entry(section="9.9"), "no section '9.9'; `sections` has: 1.1"),
    "figure without expect": (
        entry(kind="figure"),
        "no 'expect'; say the claim's figure as a condition on the checkpoint's value",
    ),
    "expect on an opinion": (
        entry(verdict="opinion", expect="tiny/jax#Cold start/warm == 2"),
        "a verdict 'opinion' has no `expect`; remove it, or decide the claim by it",
    ),
    "no reference": (
        entry(evidence=[{"see": "tiny: Cold start"}]),
        "tiny: Cold start: not a reference; write chapter/notebook#Heading/key",
    ),
    "unknown chapter cited": (
        entry(evidence=[{"see": "tinny#Cold start/warm"}]),
        "tinny#Cold start/warm: no notebooks in chapter 'tinny'; the nearest are: 'tiny'",
    ),
    "unknown notebook": (
        entry(evidence=[{"see": "tiny/jacks#Cold start/warm"}]),
        "tiny/jacks#Cold start/warm: no notebook 'jacks' in 'tiny'; the nearest are: 'jax'",
    ),
    "unknown heading": (
        entry(evidence=[{"see": "tiny/jax#Cold stars/warm"}]),
        "no heading 'Cold stars' in notebooks/tiny/jax.ipynb; the nearest are: 'Cold start'",
    ),
    "unknown key cited": (
        entry(evidence=[{"see": "tiny/jax#Cold start/worm"}]),
        "no key 'worm' in notebooks/tiny/jax.ipynb: section 'Cold start'; the nearest are: 'warm'",
    ),
    "siblings differ": (
        entry(evidence=[{"see": "tiny#Cold start/by"}]),
        "tiny#Cold start/by: the notebooks differ ('pytorch' in pytorch, ",
    ),
    "no condition": (
        entry(expect="tiny/jax#Cold start/warm"),
        "not a condition; write REFERENCE == VALUE, or put the references in braces",
    ),
    "a value alone": (
        entry(expect="{tiny/jax#Cold start/warm} * 1.5"),
        "{tiny/jax#Cold start/warm} * 1.5: its value is 3.0, not true or false; compare it with something",
    ),
    "not an expression": (
        entry(expect="{tiny/jax#Cold start/warm} === 2"),
        "{tiny/jax#Cold start/warm} === 2: cannot be parsed (invalid syntax); use comparisons",
    ),
    "figure of another kind": (
        entry(figure=FIGURE, claim="It trains 1,250 images a second."),
        "kind: 'behaviour' is not allowed; an entry with a figure: has kind: figure",
    ),
    "figure with commas": (
        entry(kind="figure", verdict="not tested here", figure={**FIGURE, "value": "1,250"}),
        "figure: value: '1,250' is not allowed; write a number without commas or its unit",
    ),
    "figure of another framework": (
        entry(kind="figure", verdict="not tested here", figure={**FIGURE, "framework": "mxnet"}),
        "figure: framework: unknown value 'mxnet'; the values are: pytorch, tensorflow, jax",
    ),
    "figure that the claim does not name": (
        entry(kind="figure", verdict="not tested here", figure=FIGURE),
        "figure: 1,250 is not in the claim's text; write the same number in both",
    ),
    "dangling in an expression": (
        entry(expect="{tiny/jax#Cold start/worm} == 2"),
        "no key 'worm' in notebooks/tiny/jax.ipynb",
    ),
}


@pytest.mark.parametrize(("wrong", "line"), [pytest.param(*case, id=name) for name, case in REFUSED.items()])
def test_what_is_wrong_with_an_entry_is_one_line_with_file_entry_and_fix(write, wrong, line):
    complaints = write(entry("old-good"), wrong).complaints
    assert len(complaints) == 1, complaints
    assert complaints[0].startswith(f"{FILE}: old-first: ")
    assert line in complaints[0] and "\n" not in complaints[0]


def test_every_complaint_of_every_file_is_named_and_good_entries_are_kept(write):
    write(entry("a-one", because=None), entry("a-two", verdict="false"), name="a")
    read = write(entry(), entry("old-second", wrong=1, also=2), entry("old-third", section="2"))
    assert [line.split(": ")[1] for line in read.complaints] == [
        *("a-one", "a-two", "old-second", "old-second", "old-third")
    ]
    assert [claim.id for claim in read.claims] == ["old-first", "old-third"]


def test_an_entry_without_a_usable_id_is_named_by_its_line(write):
    complaints = write(entry("old-good"), entry("Old One"), entry(None)).complaints
    assert complaints[0].startswith(f"{FILE}: line ") and "an id is in kebab-case" in complaints[0]
    assert complaints[1].startswith(f"{FILE}: line ") and "no 'id'" in complaints[1]


def test_a_second_entry_with_an_id_names_the_file_of_the_first(write):
    write(entry(), name="before")
    assert write(entry()).complaints == (
        f"{FILE}: old-first: a second claim with this id; the first is in book/claims/before.yml",
    )


def test_a_claim_is_provisional_only_until_its_chapter_has_a_page_of_claims(write, course):
    open_ = entry(provisional=True, evidence=None)
    assert write(open_).complaints == ()
    (course.root / "book/graphs").mkdir()
    (course.root / "book/graphs/articles.md").write_text("# The articles said\n")
    assert write(open_).complaints == (
        f"{FILE}: old-first: provisional, but the chapter has its page book/graphs/articles.md; "
        "decide it and remove `provisional`",
    )


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("claims: [", "line 1: not YAML ("),
        ("claims:\n  - a: b: c\n", "line 2: not YAML ("),
        ("article: 1\narticle: 2\n", 'line 2: found duplicate key "article"'),
        ("- 1\n", "the file: no entries; it needs article:, sections: and claims:"),
        ("", "the file: no entries"),
        ("? [1]\n: 2\n", "line 1: unknown key"),
        ("sections: {: nothing}\n", "line 1: sections: None is not text"),
        ("claims: !!int many\n", "the file: not YAML (invalid literal for int()"),
        ("claims: !!python/object:os.system {}", "line 1: "),
    ],
)
def test_a_file_that_is_no_ledger_is_reported_by_line(write, course, text, line):
    write(entry())
    (course.root / FILE).write_text(text)
    complaints = claims.load(course).complaints
    assert any(complaint.startswith(f"{FILE}: {line}") for complaint in complaints), complaints
    assert all("\n" not in complaint for complaint in complaints)


def test_a_checkpoint_that_varies_from_run_to_run_is_no_evidence(write, save):
    timing = section("Cold start", "{'warm': 2}")
    timing[1].metadata["tags"].append("nbval-ignore-output")
    write(entry())
    save("jax", timing, section("Other"))
    (line,) = write(entry()).complaints
    assert "the cell is tagged 'nbval-ignore-output': its values vary, so they prove nothing" in line


def test_a_notebook_that_cannot_be_read_is_named_once_however_often_it_is_cited(write, save):
    write(entry())
    save("jax", section("Cold start", "no dict"), section("Other"))
    assert write(entry(), entry("old-second")).complaints == (
        "notebooks/tiny/jax.ipynb: section 'Cold start': the checkpoint's value cannot be read (no dict); "
        "end the cell in a dict of rounded numbers, strings, booleans and lists (the ledger cites it)",
    )


def test_siblings_may_differ_by_the_tolerance_that_their_checkpoint_states(write, save):
    write(entry())
    loose = section("Cold start", "{'warm': 2.001}")
    save("jax", loose, section("Other"))
    see = entry(evidence=[{"see": "tiny#Cold start/warm"}, {"source": SOURCE}])
    assert "the notebooks differ" in write(see).complaints[0]
    loose[1].metadata["triptych"] = {"tolerance": {"warm": 1e-2}, "reason": "a measurement"}
    save("jax", loose, section("Other"))
    assert write(see).complaints == ()
