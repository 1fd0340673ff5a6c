"""The directive ``mutants``, and the record that it shows."""

from __future__ import annotations

import json

import pytest

from support.small_site import Site, site  # noqa: F401  (a fixture)
from triptych.course import Course
from triptych.dev import mutation_record as record
from triptych.errors import TriptychError

COUNTS = {"killed": 1200, "equivalent": 3, "survived": 1}


def rows(site: Site) -> list[list[str]]:
    table = site.html().select_one("table")
    return [[cell.get_text(" ", strip=True) for cell in line.select("td, th")] for line in table.select("tr")]


def test_the_table_has_a_row_for_each_chapter_and_their_sum(site: Site) -> None:
    site.page("# Tiny\n\n```{mutants}\n```\n")
    assert site.build() == ""
    assert "Nothing is recorded yet: make mutation counts." in site.html().get_text()
    course = Course(site.root)
    (site.root / "results").mkdir(exist_ok=True)
    record.write(course, [("tiny", "jax", "0" * 16, {"one": COUNTS, "two": COUNTS})])
    record.write(course, [("other", f, "0" * 16, {"one": COUNTS}) for f in ("jax", "pytorch")])
    assert site.build() == ""
    assert rows(site) == [
        ["Chapter", "Frameworks", "Mutants", "Killed", "Equivalent", "Survived"],
        ["other", "PyTorch, JAX", "2,408", "2,400", "6", "2"],
        ["tiny", "JAX", "2,408", "2,400", "6", "2"],
        ["all", "", "4,816", "4,800", "12", "4"],
    ]


def test_a_notebook_that_is_tried_again_takes_its_own_place(site: Site) -> None:
    course = Course(site.root)
    (site.root / "results").mkdir(exist_ok=True)
    record.write(course, [("tiny", f, "0" * 16, {"one": COUNTS}) for f in ("jax", "pytorch")])
    record.write(course, [("tiny", "jax", "1" * 16, {"one": COUNTS | {"survived": 0}})])
    entries = record.read(course)["chapters"]["tiny"]
    assert {name: entry["answers"][0] for name, entry in entries.items()} == {"jax": "1", "pytorch": "0"}
    assert record.totals(record.read(course))["tiny"]["jax"]["survived"] == 0


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"survived": -1}, "-1 is less than the minimum"),
        ({"lucky": 1}, "'lucky' was unexpected"),
    ],
)
def test_a_record_that_is_not_as_it_must_be_is_named(site: Site, change: dict, says: str) -> None:
    course = Course(site.root)
    (site.root / "results").mkdir(exist_ok=True)
    record.write(course, [("tiny", "jax", "0" * 16, {"one": COUNTS})])
    stored = json.loads((site.root / record.FILE).read_text())
    stored["chapters"]["tiny"]["jax"]["exercises"]["one"].update(change)
    (site.root / record.FILE).write_text(json.dumps(stored))
    with pytest.raises(TriptychError, match=f"results/mutation.json: .*{says}"):
        record.read(course)
