"""The ledger of claims: our own files, and what each kind of bad input is told."""

from __future__ import annotations

import time

import pytest
import yaml
from click.testing import CliRunner

from support import ROOT, section
from support.claims import SOURCE, entry
from triptych.claims import ledger as claims
from triptych.claims.evidence import Checkpoints
from triptych.claims.ledger import Source
from triptych.cli import main
from triptych.course import Course
from triptych.errors import TriptychError
from triptych.frameworks import FRAMEWORKS

OURS = Course(ROOT)
FILES = claims.files(OURS)
FILE = "book/claims/old-news.yml"


@pytest.fixture(scope="module")
def ledger():
    return claims.load(OURS)


@pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in FILES])
def test_our_own_files_have_no_complaint(ledger, path):
    name = OURS.name(path)
    assert [line for line in ledger.complaints if line.startswith(f"{name}:")] == []
    assert any(claim.article.name == path.stem for claim in ledger.claims)


def test_there_are_four_articles_and_every_complaint_is_about_one(ledger):
    assert len(FILES) == 4
    assert ledger.complaints == ()


@pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in FILES])
def test_lines_are_short_enough_to_be_read_in_a_review(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    long = [number for number, line in enumerate(lines, 1) if len(line) > 110 and "://" not in line]
    assert long == []


# --- a small ledger ------------------------------------------------------------


@pytest.fixture
def told(course, save):
    """``told(entry(), ...)`` is the ledger of one file with these entries."""
    for framework in FRAMEWORKS:
        only = f"'only': {{'by': '{framework}', 'list': [3, 4], 'a/b, c': 12}}"
        save(framework, section("Cold start", f"{{'warm': 2, 'rate': 1.5, {only}}}"), section("Other"))

    def told(*entries, name="old-news", **changes):
        path = course.root / f"book/claims/{name}.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        article = {"title": "Old news", "original": "旧闻", "date": "2019-05-01"}
        whole = {"article": article, "sections": {"1.1": "Counting"}, "claims": list(entries), **changes}
        text = yaml.safe_dump(whole, sort_keys=False, allow_unicode=True)
        path.write_text(text, encoding="utf-8")
        return claims.load(course)

    return told


def test_an_entry_is_read_with_its_evidence(told):
    see = {"see": "tiny#Cold start/warm"}
    read = told(entry(evidence=[see, {"source": SOURCE}], expect="tiny/jax#Cold start/a/b, c == 12"))
    assert read.complaints == ()
    (claim,) = read.claims
    assert (claim.article.short, claim.article.date, claim.provisional) == ("Old news", "2019-05-01", False)
    reference, source = claim.evidence
    assert reference.values == {"pytorch": 2, "tensorflow": 2, "jax": 2}
    assert source == Source("Moved", "PyTorch", "2022-09-12")
    assert claim.expect[0].filled == "12 == 12" and claim.expect[0].true


def test_numbers_and_dates_are_text_whether_quoted_or_not(told, course):
    told(entry())
    path = course.root / FILE
    path.write_text(path.read_text().replace("'1.1'", "1.1").replace("'2019-05-01'", "2019-05-01"))
    assert "1.1" in path.read_text()
    assert claims.load(course).complaints == ()


def test_words_that_begin_like_true_or_null_are_text(told):
    read = told(entry("new-first", claim="true story", because="null and void"))
    assert read.complaints == ()
    assert (read.claims[0].id, read.claims[0].text) == ("new-first", "true story")


def test_an_article_is_called_after_its_file(told):
    assert told(entry(), name="pytorch-and-tensorflow").articles[0].short == "PyTorch and TensorFlow"


def test_counts_are_computed_and_provisional_ones_apart(told):
    open_ = entry("old-third", chapter="models", provisional=True, evidence=None)
    told(entry(), entry("old-second", verdict="wrong", chapter="choosing"), open_, name="first")
    read = told(entry("new-first"), name="second")
    assert read.complaints == ()
    assert read.counts("verdict") == {("holds",): 3, ("wrong",): 1}
    tally = claims.tally(read, "chapter", claims.CHAPTERS)
    assert tally["holds"] == [2, 0, 1, 0, 0, 0, 0, 3]
    assert tally["all"] == [2, 0, 1, 0, 0, 0, 1, 4]
    assert tally["provisional"] == [0, 0, 1, 0, 0, 0, 0, 1]


# --- bad input: one line each ---------------------------------------------------

REFUSED = {
    "unknown key": (
        entry(verdikt="holds"),
        "'verdikt' is no key; the keys are: id, section, claim, systems, chapter, kind, verdict",
    ),
    "missing key": (entry(because=None), "no 'because'; there must be: id, section, claim"),
    "no evidence": (entry(evidence=None), "no 'evidence'; cite a checkpoint (see: ...) or a dated source"),
    "empty evidence": (entry(evidence=[]), "evidence: nothing there; fill it in"),
    "half a depends": (entry(verdict="depends"), "evidence: 1 only; 'depends' needs evidence for both cases"),
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
        "verdict: 'true' is unknown; there are: holds, outdated, wrong, depends, opinion, not tested here",
    ),
    "unknown kind": (entry(kind="fact"), "kind: 'fact' is unknown; there are: behaviour, figure"),
    "unknown chapter": (entry(chapter="grafs"), "chapter: 'grafs' is unknown; there are: graphs, autodiff"),
    "unknown system": (entry(systems=["caffe"]), "systems 1: 'caffe' is unknown; there are: tensorflow"),
    "systems out of order": (
        entry(systems=["jax", "pytorch"]),
        "the systems are out of order; write [pytorch, jax]",
    ),
    "long because": (entry(because="x" * 301), "because: 301 characters; say it in 300 at most"),
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
        "tiny: Cold start: no reference; write chapter/notebook#Heading/key",
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
        "no condition; write REFERENCE == VALUE, or put the references in braces",
    ),
    "a value alone": (
        entry(expect="{tiny/jax#Cold start/warm} + 1"),
        "{tiny/jax#Cold start/warm} + 1: is 3 and no condition; compare it with something",
    ),
    "not an expression": (
        entry(expect="{tiny/jax#Cold start/warm} === 2"),
        "{tiny/jax#Cold start/warm} === 2: cannot be parsed (invalid syntax); use comparisons",
    ),
    "dangling in an expression": (
        entry(expect="{tiny/jax#Cold start/worm} == 2"),
        "no key 'worm' in notebooks/tiny/jax.ipynb",
    ),
}


@pytest.mark.parametrize(("wrong", "line"), [pytest.param(*case, id=name) for name, case in REFUSED.items()])
def test_what_is_wrong_with_an_entry_is_one_line_with_file_entry_and_mend(told, wrong, line):
    complaints = told(entry("old-good"), wrong).complaints
    assert len(complaints) == 1, complaints
    assert complaints[0].startswith(f"{FILE}: old-first: ")
    assert line in complaints[0] and "\n" not in complaints[0]


def test_every_complaint_of_every_file_is_told_and_good_entries_are_kept(told):
    told(entry("a-one", because=None), entry("a-two", verdict="false"), name="a")
    read = told(entry(), entry("old-second", wrong=1, also=2), entry("old-third", section="2"))
    assert [line.split(": ")[1] for line in read.complaints] == [
        *("a-one", "a-two", "old-second", "old-second", "old-third")
    ]
    assert [claim.id for claim in read.claims] == ["old-first", "old-third"]


def test_an_entry_without_a_usable_id_is_named_by_its_line(told):
    complaints = told(entry("old-good"), entry("Old One"), entry(None)).complaints
    assert complaints[0].startswith(f"{FILE}: line ") and "an id is in kebab-case" in complaints[0]
    assert complaints[1].startswith(f"{FILE}: line ") and "no 'id'" in complaints[1]


def test_a_second_entry_with_an_id_names_the_file_of_the_first(told):
    told(entry(), name="before")
    assert told(entry()).complaints == (
        f"{FILE}: old-first: a second claim with this id; the first is in book/claims/before.yml",
    )


def test_a_claim_is_provisional_only_until_its_chapter_has_a_page_of_claims(told, course):
    open_ = entry(provisional=True, evidence=None)
    assert told(open_).complaints == ()
    (course.root / "book/graphs").mkdir()
    (course.root / "book/graphs/articles.md").write_text("# The articles said\n")
    assert told(open_).complaints == (
        f"{FILE}: old-first: provisional, but the chapter has its page book/graphs/articles.md; "
        "decide it and remove `provisional`",
    )


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("claims: [", "line 1: not YAML ("),
        ("claims:\n  - a: b: c\n", "line 2: not YAML ("),
        ("article: 1\narticle: 2\n", "line 2: a second 'article'; the first is in line 1; remove one"),
        ("- 1\n", "the file: no entries; it has article:, sections: and claims:"),
        ("", "the file: no entries"),
        ("claims: !!python/object:os.system {}", "line 1: "),
    ],
)
def test_a_file_that_is_no_ledger_is_told_by_line(told, course, text, line):
    told(entry())
    (course.root / FILE).write_text(text)
    complaints = claims.load(course).complaints
    assert complaints[0].startswith(f"{FILE}: {line}"), complaints
    assert all("\n" not in complaint for complaint in complaints)


def test_a_checkpoint_that_varies_from_run_to_run_is_no_evidence(told, save):
    timing = section("Cold start", "{'warm': 2}")
    timing[1].metadata["tags"].append("nbval-ignore-output")
    told(entry())
    save("jax", timing, section("Other"))
    (line,) = told(entry()).complaints
    assert "the checkpoint is tagged 'nbval-ignore-output', so its values are no evidence" in line


def test_a_notebook_that_cannot_be_read_is_told_once_however_often_it_is_cited(told, save):
    told(entry())
    save("jax", section("Cold start", "no dict"), section("Other"))
    assert told(entry(), entry("old-second")).complaints == (
        "notebooks/tiny/jax.ipynb: section 'Cold start': the checkpoint's value cannot be read (no dict); "
        "end the cell in a dict of rounded numbers, strings, booleans and lists (the ledger cites it)",
    )


def test_siblings_may_differ_by_the_tolerance_that_their_checkpoint_states(told, save):
    told(entry())
    loose = section("Cold start", "{'warm': 2.001}")
    save("jax", loose, section("Other"))
    see = entry(evidence=[{"see": "tiny#Cold start/warm"}])
    assert "the notebooks differ" in told(see).complaints[0]
    loose[1].metadata["triptych"] = {"tolerance": {"warm": 1e-2}, "reason": "a measurement"}
    save("jax", loose, section("Other"))
    assert told(see).complaints == ()


# --- verdicts and values ----------------------------------------------------------

TRUE, FALSE = "tiny/jax#Cold start/warm == 2", "tiny/jax#Cold start/warm == 3"


@pytest.mark.parametrize(
    ("verdict", "expect", "agrees"),
    [
        ("holds", TRUE, True),
        ("holds", FALSE, False),
        ("holds", [TRUE, FALSE], False),
        ("wrong", FALSE, True),
        ("wrong", TRUE, False),
        ("wrong", [TRUE, FALSE], True),
        ("outdated", FALSE, True),
        ("outdated", TRUE, False),
        ("depends", [TRUE, FALSE], True),
        ("depends", [TRUE, TRUE], False),
        ("depends", [FALSE, FALSE], False),
    ],
)
def test_a_verdict_must_agree_with_the_values(told, verdict, expect, agrees):
    both = [{"see": "tiny/jax#Cold start/warm"}, {"see": "tiny/jax#Cold start/rate"}]
    complaints = told(entry(verdict=verdict, expect=expect, evidence=both)).complaints
    assert (complaints == ()) is agrees
    assert all(f"the verdict is {verdict!r}, but " in line for line in complaints)


def test_a_value_that_changes_names_the_claim_whose_verdict_it_flips(told, save, course):
    assert told(entry(expect=TRUE), entry("old-other", expect="tiny/jax#Other/y == 1.0")).complaints == ()
    save("jax", section("Cold start", "{'warm': 5}"), section("Other"))
    assert claims.load(course).complaints == (
        f"{FILE}: old-first: the verdict is 'holds', but tiny/jax#Cold start/warm: 5 == 2 is false now; "
        "run the notebooks again or change the verdict",
    )


# --- the command ------------------------------------------------------------------


def test_the_command_tells_every_complaint_and_counts(told, course, monkeypatch):
    monkeypatch.chdir(course.root)
    told(entry(), name="good")
    assert (result := CliRunner().invoke(main, ["claims"])).exit_code == 0, result.output
    assert "1 claims, 0 complaints" in result.output
    told(entry("old-second", verdict="true"))
    result = CliRunner().invoke(main, ["claims"])
    assert result.exit_code == 1
    assert result.stderr.startswith(f"{FILE}: old-second: verdict: 'true' is unknown")
    assert result.stdout.split()[:8] == [*claims.CHAPTERS, "all"]
    assert CliRunner().invoke(main, ["claims", "book/claims/good.yml"]).exit_code == 0


# --- conditions -----------------------------------------------------------------


@pytest.fixture
def checkpoints(course, save):
    cold = section("Cold start", "{'warm': 2, 'is < 3': True, 'only': {'list': [3, 4], 'name': 'a < b'}}")
    save("jax", cold)
    return Checkpoints(course)


REF = "tiny/jax#Cold start/"


@pytest.mark.parametrize(
    ("text", "filled", "true"),
    [
        (f"{REF}warm == 2", "2 == 2", True),
        (f"{REF}warm>=3", "2>=3", False),
        (f"{REF}list == [3, 4]", "[3, 4] == [3, 4]", True),
        (f"{REF}name == 'a < b'", "'a < b' == 'a < b'", True),
        (f"{REF}is < 3 != False", "True != False", True),
        (f"{{{REF}list}}[1] > 2 * {{{REF}warm}} - 1", "[3, 4][1] > 2 * 2 - 1", True),
        (f"abs(-{{{REF}warm}}) == len({{{REF}list}}) and not max({{{REF}list}}) < 4", None, True),
        (f"round({{{REF}warm}} / 3, 1) == 0.7 or 1 < {{{REF}warm}} < 2", None, True),
        (f"3 in {{{REF}list}}", "3 in [3, 4]", True),
    ],
)
def test_a_condition_is_evaluated_and_shown_with_its_values(checkpoints, text, filled, true):
    condition = checkpoints.judge(text)
    assert condition.true is true
    assert filled is None or condition.filled == filled


def test_a_name_that_a_condition_may_not_use_is_told(checkpoints):
    with pytest.raises(TriptychError, match="'len' is not defined"):
        checkpoints.judge(f"len == {{{REF}warm}}")


@pytest.mark.parametrize(
    "expression",
    [
        "{V}.__class__ == 1",
        "'a'.join(['b']) == 'ab'",
        "{V} ** 9 == 512",
        "9 ** 9 ** 9 ** 9 > {V}",
        "'a' * 999999999 > '{V}'",
        "[0] * 999999999 == {V}",
        "'%999999999d' % {V} == ''",
        "f'{V}' == '2'",
        "(lambda: {V})() == 2",
        "[x for x in [{V}]] == [2]",
        "open('/etc/passwd') == {V}",
        "__import__('os').system('true') == {V}",
        "eval('1') == {V}",
        "(x := {V}) == 2",
        "1 << 999999999 > {V}",
        "{V} if 1 == 1 else 2",
        "1 == 1 and " * 60 + "{V} == 2",
        "len == {V}",
        "{V} == unknown",
        "{V} / 0 == 1",
        "{V}[0] == 1",
        "(" * 150 + "{V}" + ")" * 150 + " == 2 == 2 ==",
        "-" * 490 + "{V} == 2",
        "{V} == 2\n{V} == 3",
    ],
)
def test_a_condition_can_reach_nothing_and_take_no_time(checkpoints, expression):
    start = time.perf_counter()
    with pytest.raises(TriptychError) as error:
        checkpoints.judge(expression.replace("{V}", f"{{{REF}warm}}"))
    assert time.perf_counter() - start < 1
    assert "\n" not in f"{error.value.problem}; {error.value.mend}"
