"""The table of all checkpoints, on a small real course built by Sphinx itself."""

from __future__ import annotations

import pytest

from support import section
from support.small_site import Site, later, sections, site  # noqa: F401  (a fixture)


def rows(site: Site) -> list[list[str]]:
    return [
        [" ".join(cell.get_text().split()) for cell in row.find_all(["th", "td"])]
        for row in site.html().select("table.checkpoints tr")
    ]


def test_checkpoints_are_a_row_for_each_heading_and_key_and_a_column_for_each_framework(site):
    site.page("# Tiny\n\n```{checkpoints}\n```\n")
    assert site.build() == ""
    assert rows(site) == [
        ["Section", "Value", "PyTorch", "TensorFlow", "JAX"],
        ["Cold start", "cold", "1.5", "1.5", "1.5"],
        ["list", "[1, 2]", "[1, 2]", "[1, 2]"],
        ["Getting warmer", "warm", "2", "2", "2"],
    ]
    heading = site.html().select_one("table.checkpoints tbody td")
    assert heading["rowspan"] == "2"


def test_checkpoints_of_one_section_alone_and_an_unknown_one_is_named(site):
    site.page("# Tiny\n\n```{checkpoints}\n:section: Getting warmer\n```\n")
    assert site.build() == ""
    assert rows(site) == [["Value", "PyTorch", "TensorFlow", "JAX"], ["warm", "2", "2", "2"]]
    site.page("# Tiny\n\n```{checkpoints}\n:section: Boiling\n```\n")
    assert "no section 'Boiling'; its sections are: 'Cold start', 'Getting warmer'" in site.build()


def test_only_shows_what_differs_and_leaves_a_cell_empty_where_a_key_is_missing(site, save):
    _, warm = sections("jax", "{'warm': 2, 'only': {'by': 'jax', 'more': True}}")
    save("jax", section("Cold start", "{'cold': 1.5, 'only': {'late': 5}}"), warm)
    save("pytorch", *sections("pytorch", "{'warm': 2, 'only': {'first': 0}}"))
    site.page("# Tiny\n\n```{checkpoints}\n:only:\n```\n")
    assert site.build() == ""
    assert rows(site)[1:] == [
        ["Cold start", "late", "", "", "5"],
        ["Getting warmer", "first", "0", "", ""],
        ["by", "", "'tensorflow'", "'jax'"],
        ["more", "", "", "True"],
    ]


def test_a_value_is_literal_code(site):
    site.page("# Tiny\n\n```{checkpoints}\n```\n")
    site.build()
    assert [code.get_text() for code in site.html().select("table.checkpoints code")][:3] == ["1.5"] * 3


def test_the_table_changes_with_its_notebooks(site, save):
    site.page("# Tiny\n\n```{checkpoints}\n```\n")
    site.build()
    later(save("jax", *sections("jax", "{'warm': 7}")))
    site.build()
    assert rows(site)[-1][-1] == "7"


NOTED = """\
# Tiny

```{checkpoints}
:section: Getting warmer
:only:
:notes: What it does
By hand
by: who, in `code`: and *how*
Rest
more: nothing
```
"""


@pytest.fixture
def noted(site, save):
    for name in ("pytorch", "tensorflow"):
        save(name, *sections(name))
    save("jax", *sections("jax", "{'warm': 2, 'only': {'by': 'jax', 'more': True}}"))
    site.page(NOTED)
    return site


def test_the_lines_are_the_rows_in_their_order_under_their_titles_with_a_note_each(noted):
    assert noted.build() == ""
    assert rows(noted) == [
        ["Value", "PyTorch", "TensorFlow", "JAX", "What it does"],
        ["By hand"],
        ["by", "'pytorch'", "'tensorflow'", "'jax'", "who, in code: and how"],
        ["Rest"],
        ["more", "", "", "True", "nothing"],
    ]
    table = noted.html().select_one("table.checkpoints")
    assert [cell["colspan"] for cell in table.select("tr.checkpoints-group td")] == ["5", "5"]
    assert [code.get_text() for code in table.select("td:last-child code")] == ["code"]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("more: nothing\n", "", "no line says what these mean: 'more'; add them"),
        ("more: nothing", "less: nothing", "less: no such value left; left are: 'more'"),
        ("more: nothing", "by: twice", "by: no such value left; left are: 'more'"),
        (":notes: What it does\n", "", "has lines and no notes; name their column with :notes:"),
        (":section: Getting warmer\n", "", "notes without a section; name it with :section:"),
    ],
)
def test_a_value_without_a_line_and_a_line_without_a_value_are_warnings(noted, old, new, told):
    noted.page(NOTED.replace(old, new))
    warnings = noted.build()
    assert warnings.startswith("book/tiny.md:3: WARNING")
    assert told in warnings
