"""The ledger of claims: our own files, counts, verdicts against stored values, the command."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from support import ROOT, section
from support.claims import FILE, SOURCE, entry
from triptych.claims import ledger as claims
from triptych.claims.ledger import Source
from triptych.cli import main
from triptych.course import Course

OURS = Course(ROOT)
FILES = claims.files(OURS)


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


def test_an_entry_is_read_with_its_evidence(write):
    see = {"see": "tiny#Cold start/warm"}
    read = write(entry(evidence=[see, {"source": SOURCE}], expect="tiny/jax#Cold start/a/b, c == 12"))
    assert read.complaints == ()
    (claim,) = read.claims
    assert (claim.article.short, claim.article.date, claim.provisional) == ("Old news", "2019-05-01", False)
    reference, source = claim.evidence
    assert reference.values == {"pytorch": 2, "tensorflow": 2, "jax": 2}
    assert source == Source("Moved", "PyTorch", "2022-09-12", "https://example.org/moved")
    assert claim.expect[0].filled == "12 == 12" and claim.expect[0].true


def test_numbers_and_dates_are_text_whether_quoted_or_not(write, course):
    write(entry())
    path = course.root / FILE
    path.write_text(path.read_text().replace("'1.1'", "1.1").replace("'2019-05-01'", "2019-05-01"))
    assert "1.1" in path.read_text()
    assert claims.load(course).complaints == ()


def test_words_that_begin_like_true_or_null_are_text(write):
    read = write(entry("new-first", claim="true story", because="null and void"))
    assert read.complaints == ()
    assert (read.claims[0].id, read.claims[0].text) == ("new-first", "true story")


def test_an_article_is_called_after_its_file(write):
    assert write(entry(), name="pytorch-and-tensorflow").articles[0].short == "PyTorch and TensorFlow"


def test_counts_are_computed_and_provisional_ones_apart(write):
    open_ = entry("old-third", chapter="models", provisional=True, evidence=None)
    write(entry(), entry("old-second", verdict="wrong", chapter="choosing"), open_, name="first")
    read = write(entry("new-first"), name="second")
    assert read.complaints == ()
    assert read.counts("verdict") == {("holds",): 3, ("wrong",): 1}
    tally = claims.tally(read, "chapter", claims.CHAPTERS)
    assert tally["holds"] == [2, 0, 1, 0, 0, 0, 0, 3]
    assert tally["all"] == [2, 0, 1, 0, 0, 0, 1, 4]
    assert tally["provisional"] == [0, 0, 1, 0, 0, 0, 0, 1]


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
def test_a_verdict_must_agree_with_the_values(write, verdict, expect, agrees):
    both = [{"see": "tiny/jax#Cold start/warm"}, {"see": "tiny/jax#Cold start/rate"}]
    complaints = write(entry(verdict=verdict, expect=expect, evidence=both)).complaints
    assert (complaints == ()) is agrees
    assert all(f"the verdict is {verdict!r}, but " in line for line in complaints)


def test_a_value_that_changes_names_the_claim_whose_verdict_it_flips(write, save, course):
    other = section("Other", source="{'y': float(tell())}")
    save("jax", section("Cold start", "{'warm': 2}"), other)
    assert write(entry(expect=TRUE), entry("old-other", expect="tiny/jax#Other/y == 1.0")).complaints == ()
    save("jax", section("Cold start", "{'warm': 5}"), other)
    assert claims.load(course).complaints == (
        f"{FILE}: old-first: the verdict is 'holds', but tiny/jax#Cold start/warm: 5 == 2 is false now; "
        "run the notebooks again or change the verdict",
    )


# --- the command ------------------------------------------------------------------


def test_the_command_names_every_complaint_and_counts(write, course, monkeypatch):
    monkeypatch.chdir(course.root)
    write(entry(), name="good")
    assert (result := CliRunner().invoke(main, ["claims"])).exit_code == 0, result.output
    assert "1 claims, 0 complaints" in result.output
    write(entry("old-second", verdict="true"))
    result = CliRunner().invoke(main, ["claims"])
    assert result.exit_code == 1
    assert result.stderr.startswith(f"{FILE}: old-second: verdict: unknown value 'true'")
    assert result.stdout.split()[:8] == [*claims.CHAPTERS, "all"]
    assert CliRunner().invoke(main, ["claims", "book/claims/good.yml"]).exit_code == 0
